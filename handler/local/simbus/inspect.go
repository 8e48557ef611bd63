package simbus

import (
	"cmp"
	"slices"
	"time"
)

// Counts are the numbers of messages of a queue and its dead-letter queue.
type Counts struct {
	Active       int // ready, locked by nobody
	Locked       int // handed out and not settled
	Scheduled    int
	DeadLettered int // locked or not
	Completed    int // since the start, dead letters included
}

// Message is a copy of a message for tests to look at.
type Message struct {
	MessageID, SessionID string
	Body                 []byte
	// DeliveryCount are the deliveries that failed. The SDK shows a receiver
	// one more, the delivery at hand.
	DeliveryCount  int
	SequenceNumber int64
	// Properties are the application properties. Times are time.Time, the rest
	// has the type it was sent with.
	Properties map[string]any
	// ScheduledEnqueueTime is zero for a message that was never scheduled.
	ScheduledEnqueueTime                    time.Time
	DeadLettered                            bool
	DeadLetterReason, DeadLetterDescription string
}

// Counts counts the messages of a queue; of a queue that is not there, none.
func (b *Bus) Counts(queue string) Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance()
	q := b.queue(queue)
	if q == nil || q.dead == nil {
		return Counts{}
	}
	c := Counts{DeadLettered: len(q.dead.messages), Completed: q.completed + q.dead.completed}
	for _, m := range q.messages {
		switch m.state {
		case active:
			c.Active++
		case locked:
			c.Locked++
		case scheduled:
			c.Scheduled++
		}
	}
	return c
}

// Messages are copies of a queue's messages by sequence number, those in its
// dead-letter queue among them; of a queue that is not there, none.
func (b *Bus) Messages(queue string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance()
	q := b.queue(queue)
	if q == nil || q.dead == nil {
		return nil
	}
	var all []Message
	for _, m := range q.messages {
		all = append(all, m.show(false))
	}
	for _, m := range q.dead.messages {
		all = append(all, m.show(true))
	}
	slices.SortFunc(all, func(a, b Message) int { return cmp.Compare(a.SequenceNumber, b.SequenceNumber) })
	return all
}
