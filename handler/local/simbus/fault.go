package simbus

import "time"

// EventKind says what is about to happen to a message.
type EventKind int

// The kinds of events.
const (
	Sending       EventKind = iota + 1 // a message is stored: by a send, in a batch, or scheduled
	Completing                         // a receiver completes
	Abandoning                         // a receiver abandons
	DeadLettering                      // a receiver dead-letters; by delivery count there is no event
)

// Event is what a function given to [Bus.Intercept] is asked about.
type Event struct {
	Kind    EventKind
	Queue   string  // name as in Options, also for its dead-letter queue
	Message Message // as it is before the event; one that is sent has no sequence number yet
}

// Action is what the function wants done. The zero value lets things go on.
type Action struct {
	// To an event of kind Sending:

	// Lose accepts the message and never stores it. Duplicate detection does
	// not remember it, so that it can be sent again.
	Lose bool
	// Duplicate stores a copy without a MessageID behind the message.
	Duplicate bool
	// Delay keeps the message scheduled for that long, or to its own time if
	// that is later.
	Delay time.Duration

	// To the other events:

	// RefuseLock answers that the lock is lost and ends it, as if it had just
	// expired: the delivery count grows, and in a queue with sessions the whole
	// session is lost.
	RefuseLock bool
}

// Intercept asks a function before messages are sent and settled; nil ends it.
// Calls come one at a time, with the bus locked: of the bus's methods the
// function may call [Bus.DropConnections] only.
func (b *Bus) Intercept(decide func(Event) Action) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.decide = decide
}

// ask asks the function given to Intercept, if there is one to ask.
func (b *Bus) ask(kind EventKind, q *queue, m *message) Action {
	if b.decide == nil || kind == 0 {
		return Action{}
	}
	return b.decide(Event{Kind: kind, Queue: q.rules.Name, Message: m.show(q.dead == nil)})
}
