// Package inbox carries out what the messages of the queue task-hints ask for:
// it looks where a hint says, and decides what becomes of a hint that cannot be
// dealt with now, or ever.
//
// The host delivers a message again at once when its function fails, ten times
// within seconds. So a hint that has to wait is sent anew with a time from which
// it may be received, and one that nobody can deal with is put among the dead
// letters with a sentence; the function succeeds either way, and the message is
// done with. Only if the queue cannot be reached does it fail.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// How a hint that could not be dealt with is tried again: after half a minute,
// then after twice as long each time, for about four hours.
const (
	attempts     = 10
	firstDelay   = 30 * time.Second
	longestDelay = time.Hour
)

// aftermath is how long sending what follows from a look may take.
const aftermath = 30 * time.Second

// How far apart the times are at which looks that nobody hinted at are made, as
// a part of how soon they are wanted. Looks that want another at about the same
// time share one: the queue drops a message whose id it had.
const (
	slotsOfWait = 4
	shortestGap = 15 * time.Second
	longestGap  = 2 * time.Minute // well within the queue's duplicate detection
)

// Stores looks at the tasks of a store. *tasksync.Settler is one.
type Stores interface {
	SettleTask(ctx context.Context, store org.StoreNumber, key string) (tasksync.Settled, error)
	SettleStore(ctx context.Context, store org.StoreNumber) (tasksync.Settled, error)
}

// Lists looks at the communications board. *tasklist.Engine is one.
type Lists interface {
	Settle(ctx context.Context) (tasksync.Settled, error)
}

// Grave takes what is no hint. *bus.Bus is one.
type Grave interface {
	DeadLetterBody(ctx context.Context, body []byte, reason, description string) error
}

// Parts are what an Inbox works with. All but Log and Now are needed.
type Parts struct {
	Stores Stores
	Lists  Lists
	Queue  tasksync.Queue
	Grave  Grave
	Log    *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// Inbox takes messages. It is safe for concurrent use.
type Inbox struct{ Parts }

// New returns an inbox.
func New(p Parts) *Inbox {
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Inbox{p}
}

// Receive deals with one message. An error says that it has to be delivered
// again, because neither what it asks for nor what else could become of it was
// possible.
func (i *Inbox) Receive(ctx context.Context, body []byte) error {
	h, err := hint.Parse(body)
	if err == nil && !h.Kind.OfTasks() {
		err = fmt.Errorf("a hint of kind %s is none about tasks", h.Kind)
	}
	if err != nil {
		i.Log.WarnContext(ctx, "a message is no hint", "err", err)
		return i.Grave.DeadLetterBody(ctx, body, "NoHint", err.Error())
	}
	settled, err := i.settle(ctx, h)
	if fault.Is(err, fault.Canceled) {
		return err // we are being shut down; somebody else gets it
	}
	// A look that ran out of time leaves none for what comes after it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aftermath)
	defer cancel()
	if err != nil {
		return i.failed(ctx, h, err)
	}
	return i.again(ctx, h, settled.Again)
}

// settle looks where a hint says.
func (i *Inbox) settle(ctx context.Context, h hint.Hint) (tasksync.Settled, error) {
	switch h.Kind {
	case hint.Task:
		return i.Stores.SettleTask(ctx, h.Store, h.Key)
	case hint.List:
		return i.Lists.Settle(ctx)
	default:
		return i.Stores.SettleStore(ctx, h.Store)
	}
}

// again sends the hint for a look that is wanted although nobody may hint at it.
// Lost, it would be made by the sweep, an hour later at most.
func (i *Inbox) again(ctx context.Context, h hint.Hint, in time.Duration) error {
	if in <= 0 {
		return nil
	}
	next := hint.Hint{Kind: hint.Store, Store: h.Store}
	if h.Kind == hint.List {
		next = hint.Hint{Kind: hint.List}
	}
	gap := min(max(in/slotsOfWait, shortestGap), longestGap)
	at := i.Now().Add(in + gap).Truncate(gap)
	next.Seen = "due " + strconv.FormatInt(at.Unix(), 10)
	if err := i.Queue.SendAt(ctx, next, at); err != nil {
		return fmt.Errorf("look again: %w", err)
	}
	return nil
}

// failed decides what becomes of a hint that could not be dealt with.
func (i *Inbox) failed(ctx context.Context, h hint.Hint, cause error) error {
	log := i.Log.With("kind", h.Kind, "store", h.Store, "attempt", h.Attempt, "err", cause)
	if reason := hopeless(h, cause); reason != "" {
		log.ErrorContext(ctx, "a hint is given up")
		if err := i.Queue.DeadLetter(ctx, h, reason, cause.Error()); err != nil {
			return fmt.Errorf("give up a hint: %w", err)
		}
		return nil
	}
	log.WarnContext(ctx, "a hint has to wait")
	next := h
	next.Attempt++
	if err := i.Queue.SendAt(ctx, next, i.Now().Add(delay(h.Attempt))); err != nil {
		return fmt.Errorf("put off a hint: %w", err)
	}
	return nil
}

// hopeless returns the word for why trying a hint again cannot help, empty if it
// can.
func hopeless(h hint.Hint, cause error) string {
	switch {
	case errors.Is(cause, tasksync.ErrUnknownStore):
		return "UnknownStore"
	case fault.Is(cause, fault.Invalid):
		return "Invalid"
	case h.Attempt+1 >= attempts:
		return "TriedTooOften"
	}
	return ""
}

// delay is how long a hint waits that was tried so often before.
func delay(attempt int) time.Duration {
	d := firstDelay
	for range attempt {
		if d *= 2; d >= longestDelay {
			return longestDelay
		}
	}
	return d
}
