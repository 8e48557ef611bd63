package simbus

import (
	"crypto/rand"
	"fmt"
	"time"
)

// queue is a queue or, without a dead-letter queue of its own, the dead-letter
// queue of one. Every method is called with the bus locked.
type queue struct {
	bus   *Bus
	rules Queue
	dead  *queue

	last      int64 // sequence number
	messages  map[int64]*message
	locked    map[uuid]*message
	lanes     map[string]*lane
	waiting   []*waiter
	seen      history
	completed int
	due       time.Time // when to look at the clock next; zero: never
}

func newQueue(b *Bus, rules Queue) *queue {
	if rules.LockDuration == 0 {
		rules.LockDuration = time.Minute
	}
	if rules.MaxDeliveryCount == 0 {
		rules.MaxDeliveryCount = 10
	}
	return &queue{
		bus: b, rules: rules, seen: history{window: rules.DuplicateWindow},
		messages: map[int64]*message{}, locked: map[uuid]*message{}, lanes: map[string]*lane{},
	}
}

// lane is that of a message or, in a queue without sessions, the only one.
func (q *queue) lane(session string) *lane {
	if !q.rules.Sessions {
		session = ""
	}
	l := q.lanes[session]
	if l == nil {
		l = &lane{id: session}
		q.lanes[session] = l
	}
	return l
}

// wake makes sure that the clock is looked at by a time.
func (q *queue) wake(t time.Time) {
	if !t.IsZero() && (q.due.IsZero() || t.Before(q.due)) {
		q.due = t
	}
}

// admit refuses what a queue does not take.
func (q *queue) admit(m *message) *refusal {
	if q.dead == nil {
		return notAllowed("Messages cannot be sent to a dead-letter queue.")
	}
	if q.rules.Sessions && m.session == "" {
		return notAllowed("The SessionId was not set on a message, and it cannot be sent to the entity. " +
			"Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.")
	}
	return nil
}

// send takes messages in: all, or none if one is refused. It returns sequence
// numbers also for those that are dropped: the sender cannot tell.
func (q *queue) send(batch ...*message) (sequences array, no *refusal) {
	for _, m := range batch {
		if no := q.admit(m); no != nil {
			return nil, no
		}
	}
	for _, m := range batch {
		sequences = append(sequences, q.enter(m))
	}
	return sequences, nil
}

// enter stores an admitted message, unless it is a duplicate and as fault
// injection allows.
func (q *queue) enter(m *message) int64 {
	now := q.bus.now()
	if q.seen.has(m.id, now) {
		q.last++
		return q.last
	}
	action := q.bus.ask(Sending, q, m)
	if action.Lose {
		q.last++
		return q.last
	}
	q.seen.add(m.id, now)
	if until := now.Add(action.Delay); action.Delay > 0 && until.After(m.visible) {
		m.visible = until
	}
	var twin *message
	if action.Duplicate {
		twin = m.anonymous()
	}
	q.store(m, now)
	if twin != nil {
		q.store(twin, now)
	}
	return m.sequence
}

// store gives a message its place.
func (q *queue) store(m *message, now time.Time) {
	if q.rules.TTL > 0 && (m.ttl == 0 || m.ttl > q.rules.TTL) {
		m.ttl = q.rules.TTL
	}
	q.last++
	m.sequence, m.enqueued = q.last, now
	q.messages[m.sequence] = m
	if m.visible.After(now) {
		m.state = scheduled
		q.wake(m.visible)
		return
	}
	q.activate(m, now)
}

// activate makes a new or scheduled message ready.
func (q *queue) activate(m *message, now time.Time) {
	if m.ttl > 0 {
		m.expires = now.Add(m.ttl)
		q.wake(m.expires)
	}
	l := q.ready(m)
	q.assign()
	q.pump(l)
}

// ready puts a message into its lane without handing any out.
func (q *queue) ready(m *message) *lane {
	m.state = active
	l := q.lane(m.session)
	l.add(m)
	return l
}

// drop forgets a message that is in no lane.
func (q *queue) drop(m *message) { delete(q.messages, m.sequence) }

// pump hands out what is ready to whoever has credit, in turns.
func (q *queue) pump(l *lane) {
	for len(l.ready) > 0 {
		k := l.next()
		if k == nil {
			return
		}
		m := l.take()
		q.lock(m, l)
		k.deliver(m)
	}
}

// lock locks a message: in a session until the session's lock ends.
func (q *queue) lock(m *message, l *lane) {
	_, _ = rand.Read(m.lock[:]) // never fails, says its documentation
	m.state, m.until = locked, q.bus.now().Add(q.rules.LockDuration)
	if q.rules.Sessions {
		m.until = l.until
	}
	q.locked[m.lock] = m
	q.wake(m.until)
}

// unlock takes a message's lock away and leaves it in no lane.
func (q *queue) unlock(m *message) {
	delete(q.locked, m.lock)
	m.lock, m.until = uuid{}, time.Time{}
}

// fail counts an unlocked message's delivery as failed: it becomes ready again
// or, once too often, a dead letter. Dead letters may fail for ever.
func (q *queue) fail(m *message) {
	m.failures++
	if q.dead != nil && int(m.failures) >= q.rules.MaxDeliveryCount {
		q.bury(m, "MaxDeliveryCountExceeded",
			fmt.Sprintf("Message could not be consumed after %d delivery attempts.", m.failures))
		return
	}
	q.ready(m)
}

// bury makes an unlocked message a dead letter. It keeps its sequence number
// and delivery count; nothing there expires.
func (q *queue) bury(m *message, reason, description string) {
	if reason != "" {
		m.set(deadLetterReason, reason)
	}
	if description != "" {
		m.set(deadLetterDescription, description)
	}
	q.drop(m)
	m.source, m.ttl, m.expires = q.rules.Name, 0, time.Time{}
	q.dead.messages[m.sequence] = m
	q.dead.pump(q.dead.ready(m))
}
