package desk

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// hold is a hold as operators see it: with its changes in words.
type hold struct {
	plan.Stop
	Since    time.Time      `json:"since"`
	Expires  time.Time      `json:"expires"`
	Decision rails.Decision `json:"decision"`
	Decided  time.Time      `json:"decided,omitzero"`
}

func shownHold(h rails.Hold) hold {
	stop := h.Stop()
	stop.Hash = h.Hash // what was allowed may have lost changes since, and keeps the name it was allowed by
	return hold{Stop: stop, Since: h.Since, Expires: h.Expires, Decision: h.Decision, Decided: h.Decided}
}

// Holds implements trigger.Decisions.
func (d *Desk) Holds(ctx context.Context) (any, error) {
	holds, err := d.Syncer.Holds(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]hold, 0, len(holds))
	for _, h := range holds {
		rows = append(rows, shownHold(h))
	}
	return rows, nil
}

// Hold implements trigger.Decisions.
func (d *Desk) Hold(ctx context.Context, hash string) (any, error) {
	holds, err := d.Syncer.Holds(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range holds {
		if h.Hash == hash {
			return shownHold(h), nil
		}
	}
	return nil, fault.Newf(fault.NotFound, "look for the hold", "there is no hold %s: what it stopped is planned no more, or is another set of changes by now", hash)
}

// Decide implements trigger.Decisions.
func (d *Desk) Decide(ctx context.Context, hash string, allow bool) (any, error) {
	h, err := d.Syncer.Decide(ctx, hash, allow)
	if err != nil {
		return nil, err
	}
	return shownHold(h), nil
}

// comparison is orgsync's as operators see it.
type comparison struct {
	Accepted    *time.Time   `json:"accepted"` // null: there was no good reading yet
	Newest      time.Time    `json:"newest"`   // what to accept names this
	Short       string       `json:"short,omitempty"`
	Collections []collection `json:"collections"`
}

// collection compares the rows of one collection.
type collection struct {
	Name     string `json:"name"`
	Accepted int    `json:"accepted"`
	Newest   int    `json:"newest"`
}

// Baseline implements trigger.Decisions.
func (d *Desk) Baseline(ctx context.Context) (any, error) {
	c, err := d.Syncer.Baseline(ctx)
	if err != nil {
		return nil, err
	}
	if c.Newest.ReadAt.IsZero() {
		return nil, fault.Newf(fault.NotFound, "compare readings", "no run has read Commerce yet")
	}
	return compared(c), nil
}

// AcceptBaseline implements trigger.Decisions.
func (d *Desk) AcceptBaseline(ctx context.Context, readAt time.Time) (any, error) {
	c, err := d.Syncer.AcceptBaseline(ctx, readAt)
	if err != nil {
		return nil, err
	}
	return compared(c), nil
}

func compared(c orgsync.Comparison) comparison {
	shown := comparison{Newest: c.Newest.ReadAt, Short: c.Short, Collections: []collection{}}
	if !c.Accepted.ReadAt.IsZero() {
		shown.Accepted = &c.Accepted.ReadAt
	}
	names := maps.Clone(c.Accepted.Rows)
	if names == nil {
		names = map[string]int{}
	}
	maps.Copy(names, c.Newest.Rows)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		shown.Collections = append(shown.Collections, collection{name, c.Accepted.Rows[name], c.Newest.Rows[name]})
	}
	return shown
}

// Rebuild implements trigger.Decisions.
func (d *Desk) Rebuild(ctx context.Context) (any, error) {
	if err := d.Syncer.Rebuild(ctx); err != nil {
		return nil, err
	}
	return "the next run reads everything anew", nil
}

// block is a block as operators see it.
type block struct {
	User  org.UserID      `json:"user"`
	Store org.StoreNumber `json:"store,omitempty"`
}

// Blocks implements trigger.Blocking.
func (d *Desk) Blocks(ctx context.Context) (any, error) {
	blocks, err := d.Syncer.Blocks(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]block, 0, len(blocks))
	for _, b := range blocks {
		rows = append(rows, block(b))
	}
	return rows, nil
}

// Block implements trigger.Blocking.
func (d *Desk) Block(ctx context.Context, s trigger.Subject) error {
	user, err := d.Syncer.Whom(ctx, s.User, org.PersonnelNumber(s.Worker))
	if err != nil {
		return err
	}
	return d.Syncer.Block(ctx, org.Block{User: user, Store: org.StoreNumber(s.Store)})
}

// Unblock implements trigger.Blocking.
func (d *Desk) Unblock(ctx context.Context, s trigger.Subject) error {
	user, err := d.Syncer.Whom(ctx, s.User, org.PersonnelNumber(s.Worker))
	if err != nil {
		return err
	}
	return d.Syncer.Unblock(ctx, org.Block{User: user, Store: org.StoreNumber(s.Store)})
}

// Revoke implements trigger.Blocking.
func (d *Desk) Revoke(ctx context.Context, s trigger.Subject) (any, error) {
	user, err := d.Syncer.Whom(ctx, s.User, org.PersonnelNumber(s.Worker))
	if err != nil {
		return nil, err
	}
	return shown(d.Syncer.Revoke(ctx, user))
}
