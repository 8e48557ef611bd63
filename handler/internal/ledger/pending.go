package ledger

import (
	"context"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Pending is something of the organization that somebody hinted at and that is
// to be looked into: a burst of hints at one subject is one row.
//
// Whoever hints writes the row, and then has the queue deliver a word a little
// later. Whoever gets that word takes the rows, looks, and deletes those that
// nobody has written since. Killed in between, it leaves rows that the next word
// finds; a hint that comes while it looks writes the row anew.
type Pending struct {
	Subject string    `json:"subject"`         // e.g. "group:6f1c…", "worker:000123", "org"
	Since   time.Time `json:"since"`           // the first hint
	Taken   time.Time `json:"taken,omitzero"`  // when somebody began to look
	Tries   int       `json:"tries,omitempty"` // how often it was looked for in vain before

	etag string
}

func (p *Pending) key(string) Key   { return Key{partPending, p.Subject} }
func (p *Pending) version() *string { return &p.etag }

// Pending returns what waits to be looked into, by subject.
func (b *Book) Pending(ctx context.Context) (map[string]*Pending, error) {
	return readAll(ctx, b, new(Pending), func(p *Pending) string { return p.Subject })
}

// ReadPending returns what waits about a subject, nil if nothing does.
func (b *Book) ReadPending(ctx context.Context, subject string) (*Pending, error) {
	return readRow(ctx, b, Key{partPending, subject}, new(Pending))
}

// SavePending writes what waits. A fault.Conflict: somebody else did.
func (b *Book) SavePending(ctx context.Context, p *Pending) error { return saveRow(ctx, b, p) }

// DropPending deletes what was looked into. A fault.Conflict: somebody hinted at
// it since. One that is gone is fine.
func (b *Book) DropPending(ctx context.Context, p *Pending) error { return dropRow(ctx, b, p) }

// Arrival is what is known of Graph's notifications getting here.
type Arrival struct {
	Seen time.Time `json:"seen,omitzero"` // when the last one that was ours was dealt with, to the minute

	etag string
}

func arrivalKey() Key { return Key{partNotice, "arrival"} }

func (a *Arrival) key(string) Key   { return arrivalKey() }
func (a *Arrival) version() *string { return &a.etag }

// Arrival returns when a notification was last seen, the zero Arrival if none
// was.
func (b *Book) Arrival(ctx context.Context) (*Arrival, error) {
	return readOrNew(readRow(ctx, b, arrivalKey(), new(Arrival)))
}

// SaveArrival writes when a notification was seen.
func (b *Book) SaveArrival(ctx context.Context, a *Arrival) error { return saveRow(ctx, b, a) }

// Subscriptions are Graph's subscriptions as we made them, by resource, and what
// the canary was last told. Graph does not say which secret a subscription's
// clientState was signed with, nor when it was last renewed. Lost, the
// subscriptions are made anew.
type Subscriptions struct {
	Held map[string]Subscription `json:"held,omitempty"`

	Beat   time.Time `json:"beat,omitzero"`    // when the canary was last touched
	Canary string    `json:"canary,omitempty"` // its group's id
	Silent time.Time `json:"silent,omitzero"`  // since when nothing comes although it should; zero: it does
	Told   string    `json:"told,omitempty"`   // what went wrong last, in a sentence; empty: nothing

	etag string
}

// Subscription is one of them.
type Subscription struct {
	ID      string    `json:"id"`
	Key     string    `json:"key"`     // the id of the secret that signed its clientState
	Renewed time.Time `json:"renewed"` // when it was made or last renewed
	Expires time.Time `json:"expires"`
}

func subscriptionsKey() Key { return Key{partNotice, "subscriptions"} }

func (s *Subscriptions) key(string) Key   { return subscriptionsKey() }
func (s *Subscriptions) version() *string { return &s.etag }

// Subscriptions returns the subscriptions, none if none was made.
func (b *Book) Subscriptions(ctx context.Context) (*Subscriptions, error) {
	s, err := readOrNew(readRow(ctx, b, subscriptionsKey(), new(Subscriptions)))
	if err == nil && s.Held == nil {
		s.Held = map[string]Subscription{}
	}
	return s, err
}

// SaveSubscriptions writes the subscriptions. A fault.Conflict: somebody else did.
func (b *Book) SaveSubscriptions(ctx context.Context, s *Subscriptions) error {
	return saveRow(ctx, b, s)
}

// Demand says that Commerce is to be read anew although the last reading is
// young: an event told of a change that only a whole reading shows.
type Demand struct {
	Since time.Time `json:"since"` // of the last such event

	etag string
}

func demandKey() Key { return Key{partNotice, "reading"} }

func (d *Demand) key(string) Key   { return demandKey() }
func (d *Demand) version() *string { return &d.etag }

// Demand returns when a new reading was last asked for, zero if never.
func (b *Book) Demand(ctx context.Context) (time.Time, error) {
	d, err := readOrNew(readRow(ctx, b, demandKey(), new(Demand)))
	if err != nil {
		return time.Time{}, err
	}
	return d.Since, nil
}

// DemandReading asks for a new reading of Commerce. Somebody who did so at the
// same moment asked for the same.
func (b *Book) DemandReading(ctx context.Context, now time.Time) error {
	d, err := readOrNew(readRow(ctx, b, demandKey(), new(Demand)))
	if err != nil || !now.After(d.Since) {
		return err
	}
	d.Since = now.UTC()
	if err := saveRow(ctx, b, d); !fault.Is(err, fault.Conflict) {
		return err
	}
	return nil
}

// readOrNew is what was read, or a new one where there is none.
func readOrNew[T any](value *T, err error) (*T, error) {
	if value == nil && err == nil {
		value = new(T)
	}
	return value, err
}
