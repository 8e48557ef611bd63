// Package orgchange carries out what the messages of the queue org-hints ask for:
// it gathers hints about the organization, and a little later has the teams
// concerned reconciled, once for a burst of them. It also turns Commerce's events
// into hints.
//
// A hint becomes a row of the ledger, by subject, and a message that is delivered
// some seconds later. Whoever gets that message takes every row there is, looks,
// and deletes those rows that nobody has written since. So five hundred hints of
// one store are one look; a hint that comes while somebody looks is looked at
// again; and killed anywhere, a row is left that the next message finds. The
// timer's runs look at everything anyway.
package orgchange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// The times of a look.
const (
	// settling is how long a burst of hints may go on before somebody looks. Slots
	// of it share one message: the queue drops a second one of the same slot.
	settling = 10 * time.Second

	// overdue is when a row counts as absent: its message was lost.
	overdue = 2 * time.Minute

	// busyDelay is how long a look waits that another run is in the way of.
	busyDelay = 15 * time.Second

	// unknownDelay is how long a worker of whom Commerce shows nothing yet is
	// waited for, and unknownTries how often: F&O may answer from a replica.
	unknownDelay = time.Minute
	unknownTries = 3

	// attempts is how often a look is tried that fails; the timer looks meanwhile.
	attempts   = 8
	firstDelay = 30 * time.Second

	// aftermath is how long what follows from a look may take.
	aftermath = 30 * time.Second

	// mostWorkers is how many workers are read one by one, twenty to seven requests;
	// more are a bulk change, which a whole reading shows for less.
	mostWorkers = 200

	// most is how many subjects are looked at one by one; more are everything.
	most = 500
)

// Looker reconciles what hints name. *orgsync.Syncer is one.
type Looker interface {
	RunHinted(ctx context.Context, invocation string, hints orgsync.Hints) (orgsync.Seen, error)
}

// Subscriptions reacts to what Graph says of subscriptions. *subscription.Keeper
// is one.
type Subscriptions interface {
	React(ctx context.Context, event, id string) error
}

// Queue takes hints, and what cannot be dealt with. *bus.Bus is one.
type Queue interface {
	Send(ctx context.Context, hints []hint.Hint) error
	SendAt(ctx context.Context, h hint.Hint, at time.Time) error
	DeadLetter(ctx context.Context, h hint.Hint, reason, description string) error
	DeadLetterBody(ctx context.Context, body []byte, reason, description string) error
}

// Parts are what an Inbox works with. All but Log and Now are needed.
type Parts struct {
	Looker        Looker
	Subscriptions Subscriptions
	Book          *ledger.Book
	Queue         Queue
	Log           *slog.Logger
	Now           func() time.Time
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
// again.
func (i *Inbox) Receive(ctx context.Context, body []byte) error {
	h, err := hint.Parse(body)
	if err == nil && !h.Kind.OfOrganization() {
		err = fmt.Errorf("a hint of kind %s is none about the organization", h.Kind)
	}
	if err != nil {
		i.Log.WarnContext(ctx, "a message is no hint", "err", err)
		return i.Queue.DeadLetterBody(ctx, body, "NoHint", err.Error())
	}
	err = i.deal(ctx, h)
	if err == nil || fault.Is(err, fault.Canceled) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), aftermath)
	defer cancel()
	return i.failed(ctx, h, err)
}

// deal does what a hint asks for.
func (i *Inbox) deal(ctx context.Context, h hint.Hint) error {
	switch h.Kind {
	case hint.Due:
		return i.look(ctx)
	case hint.Subscription:
		event, id, _ := strings.Cut(h.Key, ":")
		return i.Subscriptions.React(ctx, event, id)
	case hint.Org:
		return i.Book.DemandReading(ctx, i.Now())
	case hint.Group, hint.User:
		if err := i.arrived(ctx); err != nil {
			return err
		}
		if h.Kind == hint.Group {
			if ours, err := i.ours(ctx, h); err != nil || !ours {
				return err
			}
		}
	}
	return i.note(ctx, h)
}

// ours reports whether a group hinted at is one of the mirror's. Most of a
// tenant's are not, and the canary is not.
func (i *Inbox) ours(ctx context.Context, h hint.Hint) (bool, error) {
	group, err := i.Book.ReadGroup(ctx, org.TeamID(h.Key))
	if err != nil {
		return false, fmt.Errorf("orgchange: look for a group: %w", err)
	}
	return group != nil, nil
}

// arrived notes that notifications arrive, once a minute.
func (i *Inbox) arrived(ctx context.Context) error {
	arrival, err := i.Book.Arrival(ctx)
	if err != nil {
		return fmt.Errorf("orgchange: read when a notification came: %w", err)
	}
	now := i.Now().UTC()
	if now.Sub(arrival.Seen) < time.Minute {
		return nil
	}
	arrival.Seen = now
	if err := i.Book.SaveArrival(ctx, arrival); err != nil && !fault.Is(err, fault.Conflict) { // somebody else noted it
		return fmt.Errorf("orgchange: note that a notification came: %w", err)
	}
	return nil
}

// subject is what a hint is about, as its row is called.
func subject(h hint.Hint) string {
	switch h.Kind {
	case hint.Store:
		return "store:" + string(h.Store)
	case hint.Tenant:
		return "tenant:"
	}
	return string(h.Kind) + ":" + h.Key
}

// note has a hint's subject looked at in a little while.
func (i *Inbox) note(ctx context.Context, h hint.Hint) error {
	for try := 0; ; try++ {
		waits, err := i.Book.ReadPending(ctx, subject(h))
		if err != nil {
			return fmt.Errorf("orgchange: look what waits: %w", err)
		}
		now := i.Now().UTC()
		if waits != nil && waits.Taken.IsZero() && now.Sub(waits.Since) < overdue {
			return nil // its message is on its way
		}
		if waits == nil {
			waits = &ledger.Pending{Subject: subject(h)}
		}
		waits.Since, waits.Taken, waits.Tries = now, time.Time{}, h.Attempt
		err = i.Book.SavePending(ctx, waits)
		if fault.Is(err, fault.Conflict) && try < 3 {
			continue // another hint of it, or somebody who looks
		}
		if err != nil {
			return fmt.Errorf("orgchange: note a hint: %w", err)
		}
		return i.due(ctx, settling)
	}
}

// due has somebody look when the slot after so long ends.
func (i *Inbox) due(ctx context.Context, in time.Duration) error {
	at := i.Now().Add(in + settling - 1).Truncate(settling)
	h := hint.Hint{Kind: hint.Due, Seen: strconv.FormatInt(at.Unix(), 10)}
	if err := i.Queue.SendAt(ctx, h, at); err != nil {
		return fmt.Errorf("orgchange: have somebody look: %w", err)
	}
	return nil
}

// failed decides what becomes of a hint that could not be dealt with.
func (i *Inbox) failed(ctx context.Context, h hint.Hint, cause error) error {
	if errors.Is(cause, orgsync.ErrBusy) {
		return i.due(ctx, busyDelay)
	}
	log := i.Log.With("kind", string(h.Kind), "attempt", h.Attempt, "err", cause)
	if h.Attempt+1 >= attempts || fault.Is(cause, fault.Invalid) {
		log.ErrorContext(ctx, "a hint is given up")
		if err := i.Queue.DeadLetter(ctx, h, "TriedTooOften", cause.Error()); err != nil {
			return fmt.Errorf("orgchange: give up a hint: %w", err)
		}
		return nil
	}
	log.WarnContext(ctx, "a hint has to wait")
	h.Attempt++
	if err := i.Queue.SendAt(ctx, h, i.Now().Add(firstDelay<<(h.Attempt-1))); err != nil {
		return fmt.Errorf("orgchange: put off a hint: %w", err)
	}
	return nil
}
