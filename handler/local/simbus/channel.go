package simbus

import (
	"maps"
	"slices"
)

// window is how many transfers the peer may send ahead. It is topped up long
// before it is used up.
const window = 5000

// channel is what AMQP calls a session: links that share a flow window. That
// word is left to Service Bus's sessions here.
type channel struct {
	connection *connection
	number     uint16

	nextIn, inWindow   uint32
	nextOut, outWindow uint32
	held               []func() // transfers that wait for outWindow

	deliveries uint32 // id of the next delivery to the peer
	unsettled  map[uint32]delivery
	links      map[uint32]*link
}

// delivery is a message that was handed out, under the lock of that time.
type delivery struct {
	link *link
	lock uuid
}

// newChannel answers a begin frame.
func newChannel(c *connection, number uint16, f list) *channel {
	ch := &channel{
		connection: c, number: number,
		nextIn: at[uint32](f, 1), inWindow: window, outWindow: at[uint32](f, 2),
		unsettled: map[uint32]delivery{}, links: map[uint32]*link{},
	}
	const handles = uint32(1 << 16)
	ch.send(composite(codeBegin, number, ch.nextOut, uint32(window), uint32(window), handles), nil)
	return ch
}

func (ch *channel) send(performative any, payload []byte) {
	ch.connection.send(ch.number, performative, payload)
}

// end takes every receiver out of its queue, in the way given.
func (ch *channel) end(out func(*queue, *link)) {
	for _, k := range ch.links {
		if k.receives() {
			out(k.queue, k)
		}
	}
	clear(ch.links)
	clear(ch.unsettled)
}

func (ch *channel) handle(f frame) error {
	switch f.code {
	case codeAttach:
		return ch.attach(readAttachment(f.body))
	case codeFlow:
		ch.flow(readFlow(f.body))
	case codeTransfer:
		ch.transfer(readTransfer(f.body), f.payload)
	case codeDisposition:
		ch.disposition(readDisposition(f.body))
	case codeDetach:
		ch.detach(at[uint32](f.body, 0))
	default:
		return unexpected(f)
	}
	return nil
}

// congested tells that the peer takes no more for now.
func (ch *channel) congested() bool { return ch.outWindow == 0 || len(ch.held) > 0 }

// sendTransfer sends a transfer when the window allows it.
func (ch *channel) sendTransfer(performative any, payload []byte) {
	ch.held = append(ch.held, func() { ch.send(performative, payload) })
	ch.flush()
}

func (ch *channel) flush() {
	for len(ch.held) > 0 && ch.outWindow > 0 {
		send := ch.held[0]
		ch.held[0] = nil
		ch.held = ch.held[1:]
		ch.nextOut++
		ch.outWindow--
		send()
	}
}

// flow takes the peer's window and a link's credit (part 2, section 2.5.6).
func (ch *channel) flow(f flow) {
	ch.outWindow = uint32(max(0, int32(f.nextIncoming+f.window-ch.nextOut)))
	ch.flush()
	if k := ch.links[f.handle]; f.link && k != nil && !k.peerSends {
		k.flow(f)
	}
	for _, k := range ch.links {
		if k.receives() && k.lane != nil {
			k.queue.pump(k.lane)
		}
	}
	if k := ch.links[f.handle]; f.link && k != nil && !k.peerSends && f.drain {
		k.drain()
	}
	if f.echo && !f.link {
		ch.sendFlow()
	}
}

// sendFlow tells the channel's state, and that of a link if its fields follow.
func (ch *channel) sendFlow(link ...any) {
	state := []any{ch.nextIn, ch.inWindow, ch.nextOut, uint32(window)}
	ch.send(composite(codeFlow, append(state, link...)...), nil)
}

// received counts a transfer of the peer.
func (ch *channel) received() {
	ch.nextIn++
	ch.inWindow--
	if ch.inWindow < window/2 {
		ch.inWindow = window
		ch.sendFlow()
	}
}

// disposition settles what receivers decided on.
func (ch *channel) disposition(f disposition) {
	o, final := readOutcome(f.state)
	if !f.receiver || !final {
		return // about messages the peer sent: they are settled already
	}
	for _, id := range ch.deliveriesIn(f.first, f.last) {
		d := ch.unsettled[id]
		delete(ch.unsettled, id)
		state := composite(stateAccepted)
		if no := d.link.queue.settle(d.lock, o); no != nil {
			state = composite(stateRejected, no.amqp())
		}
		if !f.settled {
			ch.send(composite(codeDisposition, false, id, id, true, state), nil)
		}
	}
}

// deliveriesIn are the unsettled deliveries of a range, in order. The range is
// the peer's word and may be huge; what is unsettled is not.
func (ch *channel) deliveriesIn(first, last uint32) []uint32 {
	if first == last {
		if _, ok := ch.unsettled[first]; !ok {
			return nil
		}
		return []uint32{first}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(ch.unsettled)), func(id uint32) bool {
		return id < first || id > last
	})
}
