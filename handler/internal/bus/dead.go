package bus

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
)

// Dead is a message that nobody works on any more.
type Dead struct {
	ID          int64     // its sequence number in the dead-letter queue
	Hint        hint.Hint // zero if the message is none
	Excerpt     string    // of a message that is no hint: its beginning, printable
	Reason      string    // a word, ours or Service Bus's
	Description string    // a sentence; may be empty
	At          time.Time // when this message was sent
	Attempts    int       // how often the hint was tried
}

// Readable reports whether the message is a hint, and so can be sent again.
func (d Dead) Readable() bool { return d.Hint != hint.Hint{} }

const (
	peekedAtOnce   = 100 // what one question asks for; Service Bus may give fewer
	receivedAtOnce = 100
	settledAtOnce  = 16
	maxExcerpt     = 200

	// maxSearched is how many dead letters are looked through for one. As many
	// are locked for that, a minute at most.
	maxSearched = 5000
)

// DeadLetters returns the oldest dead letters, at most limit. They stay where
// they are, and those that somebody works on at the moment are among them.
func (b *Bus) DeadLetters(ctx context.Context, limit int) ([]Dead, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return b.peek(ctx, 0, limit)
}

// Retry sends a dead letter's hint once more, as if it were new, and removes the
// dead letter. Killed in between, both are there. fault.NotFound: there is no
// such dead letter. fault.Invalid: it is no hint, or thousands are before it.
// fault.Conflict: somebody else is at it.
func (b *Bus) Retry(ctx context.Context, id int64) error {
	return b.take(ctx, "bus: retry a dead letter", id, func(ctx context.Context, d Dead) error {
		if !d.Readable() {
			return fault.Newf(fault.Invalid, "bus: retry a dead letter", "message %d is no hint and can only be dropped", id)
		}
		d.Hint.Attempt, d.Hint.Seen = 0, "" // without a version it has a fresh id, which no duplicate detection knows
		return b.Send(ctx, []hint.Hint{d.Hint})
	})
}

// Drop removes a dead letter. The errors are those of Retry.
func (b *Bus) Drop(ctx context.Context, id int64) error {
	return b.take(ctx, "bus: drop a dead letter", id, func(context.Context, Dead) error { return nil })
}

// graves returns a receiver of the dead-letter queue, which has no sessions.
func (b *Bus) graves() (*azservicebus.Receiver, error) {
	return b.client.NewReceiverForQueue(b.queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
}

// peek returns dead letters from a sequence number on.
func (b *Bus) peek(ctx context.Context, from int64, limit int) (dead []Dead, err error) {
	const op = "bus: look at dead letters"
	receiver, err := b.graves()
	if err != nil {
		return nil, classify(ctx, op, err)
	}
	defer func() { _ = closing(ctx, receiver.Close) }() // nothing is locked
	for len(dead) < limit {
		some, err := receiver.PeekMessages(ctx, min(limit-len(dead), peekedAtOnce), &azservicebus.PeekMessagesOptions{FromSequenceNumber: &from})
		if err != nil {
			return nil, classify(ctx, op, err)
		}
		if len(some) == 0 {
			break
		}
		for _, m := range some {
			dead = append(dead, deadOf(m))
		}
		from = dead[len(dead)-1].ID + 1
	}
	return dead, nil
}

// take locks a dead letter, does something with it, and removes it. What is in
// its way is locked meanwhile and let go afterwards: a queue gives its messages
// in their order only.
func (b *Bus) take(ctx context.Context, op string, id int64, use func(context.Context, Dead) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	before, err := b.before(ctx, op, id)
	if err != nil {
		return err
	}
	receiver, err := b.graves()
	if err != nil {
		return classify(ctx, op, err)
	}
	defer func() { _ = closing(ctx, receiver.Close) }() // what is locked still is let go by itself
	wanted, others, err := search(ctx, receiver, id, before+1)
	defer letGo(ctx, receiver, others)
	if err != nil {
		return classify(ctx, op, err)
	}
	if err := use(ctx, deadOf(wanted)); err != nil {
		letGo(ctx, receiver, []*azservicebus.ReceivedMessage{wanted})
		return err
	}
	settle, done := settling(ctx)
	defer done()
	return classify(settle, op, receiver.CompleteMessage(settle, wanted, nil))
}

// before counts the dead letters before one.
func (b *Bus) before(ctx context.Context, op string, id int64) (int, error) {
	dead, err := b.peek(ctx, 0, maxSearched)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(dead, func(d Dead) bool { return d.ID == id })
	switch {
	case i >= 0:
		return i, nil
	case len(dead) == maxSearched && dead[maxSearched-1].ID < id:
		return 0, fault.Newf(fault.Invalid, op, "%d dead letters or more are before %d; retry or drop those first", maxSearched, id)
	}
	return 0, fault.Newf(fault.NotFound, op, "there is no dead letter %d", id)
}

// patience is how long the dead-letter queue is given to hand out what is in it.
const patience = 2 * time.Second

// search receives so many dead letters, and finds the wanted one among them. It
// asks for no more: the server would hand a message that was let go right back to
// a receiver that still has room, and it would be locked again.
func search(ctx context.Context, receiver *azservicebus.Receiver, id int64, count int) (
	wanted *azservicebus.ReceivedMessage, others []*azservicebus.ReceivedMessage, err error,
) {
	for wanted == nil && len(others) < count {
		some, err := receiveSome(ctx, receiver, min(count-len(others), receivedAtOnce))
		if err != nil {
			return nil, others, err
		}
		for _, m := range some {
			if m.SequenceNumber != nil && *m.SequenceNumber == id {
				wanted = m
			} else {
				others = append(others, m)
			}
		}
		if len(some) == 0 {
			break
		}
	}
	if wanted == nil {
		return nil, others, fault.Newf(fault.Conflict, "bus: find a dead letter", "somebody else is at dead letter %d; try again in a minute", id)
	}
	return wanted, others, nil
}

// receiveSome receives some messages, or none after a while.
func receiveSome(ctx context.Context, receiver *azservicebus.Receiver, count int) ([]*azservicebus.ReceivedMessage, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	some, err := receiver.ReceiveMessages(waiting, count, nil)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return nil, nil // its time was over: the queue gives no more
	}
	return some, err
}

// letGo gives messages back. Those that it cannot are given back by time.
func letGo(ctx context.Context, receiver *azservicebus.Receiver, messages []*azservicebus.ReceivedMessage) {
	ctx, cancel := settling(ctx)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(settledAtOnce)
	for _, m := range messages {
		group.Go(func() error { return receiver.AbandonMessage(ctx, m, nil) })
	}
	_ = group.Wait() // see above
}

// tooOften is Service Bus's own reason, for a message that was delivered as often
// as the queue allows.
const tooOften = "MaxDeliveryCountExceeded"

// deadOf reads a message. How often it was delivered says something only of one
// that Service Bus gave up: others were delivered to be dead-lettered, and again
// whenever somebody looked for what is behind them.
func deadOf(m *azservicebus.ReceivedMessage) Dead {
	d := Dead{Attempts: 1}
	if m.SequenceNumber != nil {
		d.ID = *m.SequenceNumber
	}
	if m.EnqueuedTime != nil {
		d.At = m.EnqueuedTime.UTC()
	}
	if m.DeadLetterReason != nil {
		d.Reason = *m.DeadLetterReason
	}
	if m.DeadLetterErrorDescription != nil {
		d.Description = *m.DeadLetterErrorDescription
	}
	if d.Reason == tooOften {
		d.Attempts = int(m.DeliveryCount)
	}
	h, err := hint.Parse(m.Body)
	if err != nil {
		d.Excerpt = printable(m.Body)
		return d
	}
	d.Hint, d.Attempts = h, max(d.Attempts, h.Attempt+1)
	return d
}

// printable is the beginning of a body, as a line that can be shown.
func printable(body []byte) string {
	return *text(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, string(body[:min(len(body), maxExcerpt)])), maxExcerpt)
}
