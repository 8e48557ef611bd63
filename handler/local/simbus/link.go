package simbus

import (
	"strings"
	"time"
)

// creditForSenders is what a sender gets ahead; it is topped up at half.
const creditForSenders = 1000

// link is one direction of talk between a peer and an endpoint: a queue, or a
// service that answers requests.
type link struct {
	channel   *channel
	name      string
	handle    uint32
	peerSends bool
	address   string
	replyTo   string // of a link for answers: the address they are sent to
	modes     [2]any // how sender and receiver settle, as the peer wants it

	queue   *queue  // nil for $cbs
	service service // nil for links that carry messages
	lane    *lane   // of a receiver, once it has one

	credit, deliveryCount uint32
	waiting               [][]byte // answers that wait for credit

	// A delivery that comes in several frames.
	partial   []byte
	receiving bool
	first     transfer
}

// receives tells that messages of a queue are handed out on the link.
func (k *link) receives() bool { return !k.peerSends && k.service == nil }

// managementSuffix makes a queue's address that of its management.
const managementSuffix = "/$management"

// endpoint finds what an address means.
func (b *Bus) endpoint(address string) (*queue, service, *refusal) {
	if address == "$cbs" {
		return nil, b.claim, nil
	}
	lower := strings.ToLower(address)
	entity, managed := strings.CutSuffix(lower, managementSuffix)
	q := b.queues[entity]
	switch {
	case q == nil:
		return nil, nil, notFound(address)
	case managed:
		return q, q.manage, nil
	}
	return q, nil, nil
}

// attach opens a link. Refused ones are opened without an end and closed with
// the reason, as the standard has it (part 2, section 2.6.3).
func (ch *channel) attach(a attachment) error {
	if ch.links[a.handle] != nil {
		return errSequence
	}
	k := &link{
		channel: ch, name: a.name, handle: a.handle, peerSends: a.peerSends,
		address: a.address(), replyTo: at[string](fields(a.target), 0), modes: a.modes,
	}
	ch.links[a.handle] = k
	var no *refusal
	if k.queue, k.service, no = ch.connection.bus.endpoint(k.address); no != nil {
		k.refuse(no)
		return nil
	}
	switch {
	case k.peerSends:
		k.accept(a.source, a.target, nil)
		k.grant()
	case k.service != nil:
		k.accept(a.source, a.target, nil)
	default:
		k.receive(a)
	}
	return nil
}

// receive makes the link a receiver of its queue.
func (k *link) receive(a attachment) {
	q := k.queue
	id, named, asked := a.session()
	switch {
	case a.settled():
		k.refuse(notAllowed("This stand-in has no receive-and-delete."))
	case asked && !q.rules.Sessions:
		k.refuse(notAllowed("A sessionful message receiver cannot be created on an entity that does not require sessions."))
	case !asked && q.rules.Sessions:
		k.refuse(notAllowed("It is not possible for an entity that requires sessions to create a non-sessionful message receiver."))
	case !asked:
		k.lane = q.lane("")
		k.lane.receivers = append(k.lane.receivers, k)
		k.accept(a.source, a.target, nil)
	case !named:
		q.wait(k, a)
	case q.lane(id).held:
		k.refuse(sessionTaken(id))
	default:
		q.hold(q.lane(id), k, a)
	}
}

// acceptSession answers a receiver that got a session.
func (k *link) acceptSession(a attachment, l *lane) {
	const epoch = 621355968000000000 // 1970 in .NET's ticks of 100 ns since year 1
	k.accept(a.sourceWith(l.id), a.target, mapping{
		symbol("com.microsoft:locked-until-utc"), l.until.UnixMilli()*(int64(time.Millisecond)/100) + epoch,
	})
}

// accept answers an attach; without source and target it is a refusal's start.
func (k *link) accept(source, target, properties any) {
	var initial any
	if !k.peerSends {
		initial = uint32(0)
	}
	k.channel.send(composite(codeAttach, k.name, k.handle, k.peerSends, k.modes[0], k.modes[1], source, target,
		nil, nil, initial, uint64(maxMessage), nil, nil, properties), nil)
}

// refuse answers an attach with a reason why not.
func (k *link) refuse(no *refusal) {
	k.accept(nil, nil, nil)
	k.close(no)
}

// close ends the link from this side.
func (k *link) close(why *refusal) {
	k.channel.send(composite(codeDetach, k.handle, true, why.amqp()), nil)
	k.forget()
}

// detach ends a link as the peer wants it. One that this side ended is gone
// already, and the peer's answer needs none.
func (ch *channel) detach(handle uint32) {
	k := ch.links[handle]
	if k == nil {
		return
	}
	k.forget()
	if k.receives() {
		k.queue.leave(k)
	}
	ch.send(composite(codeDetach, handle, true), nil)
}

// forget takes the link and its deliveries out of the channel: they cannot be
// settled on it any more.
func (k *link) forget() {
	delete(k.channel.links, k.handle)
	for id, d := range k.channel.unsettled {
		if d.link == k {
			delete(k.channel.unsettled, id)
		}
	}
}

// grant gives a sender its credit.
func (k *link) grant() {
	k.credit = creditForSenders
	k.channel.sendFlow(k.handle, k.deliveryCount, k.credit)
}

// flow takes a receiver's credit.
func (k *link) flow(f flow) {
	k.credit = uint32(max(0, int32(f.deliveryCount+f.credit-k.deliveryCount)))
	for len(k.waiting) > 0 && k.credit > 0 {
		answer := k.waiting[0]
		k.waiting = k.waiting[1:]
		k.send(answer, uuid{}, true)
	}
}

// drain uses up the credit that nothing was there for.
func (k *link) drain() {
	k.deliveryCount += k.credit
	k.credit = 0
	const available, draining = uint32(0), true
	k.channel.sendFlow(k.handle, k.deliveryCount, k.credit, available, draining)
}

// deliver hands out a locked message.
func (k *link) deliver(m *message) {
	k.channel.unsettled[k.channel.deliveries] = delivery{k, m.lock}
	k.send(m.encode(), m.lock.tag(), false)
}

// answer sends a service's answer, when there is credit for it.
func (k *link) answer(encoded []byte) {
	if k.credit == 0 {
		k.waiting = append(k.waiting, encoded)
		return
	}
	k.send(encoded, uuid{}, true)
}

// send sends a message in as many frames as it takes.
func (k *link) send(encoded []byte, tag uuid, settled bool) {
	id := k.channel.deliveries
	k.channel.deliveries++
	k.credit--
	k.deliveryCount++
	const envelope = 128 // of a frame and its transfer, at most
	for room, more := k.channel.connection.maxFrame-envelope, true; more; {
		n := min(room, len(encoded))
		more = n < len(encoded)
		k.channel.sendTransfer(composite(codeTransfer, k.handle, id, tag[:], uint32(0), settled, more), encoded[:n])
		encoded = encoded[n:]
	}
}

// tag is the lock as a delivery tag: the bytes of a .NET Guid.
func (u uuid) tag() uuid {
	u[0], u[1], u[2], u[3] = u[3], u[2], u[1], u[0]
	u[4], u[5], u[6], u[7] = u[5], u[4], u[7], u[6]
	return u
}
