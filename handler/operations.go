package main

import (
	"context"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// operations gives the syncer the shape that trigger shows to operators.
type operations struct{ syncer *orgsync.Syncer }

// LastRun implements trigger.Reports.
func (o operations) LastRun(ctx context.Context) (any, error) {
	return shown(o.syncer.LastRun(ctx))
}

// Plan implements trigger.Reports.
func (o operations) Plan(ctx context.Context) (trigger.Document, error) {
	p, err := o.syncer.Plan(ctx)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Holds implements trigger.Decisions.
func (o operations) Holds(ctx context.Context) (any, error) {
	return shown(o.syncer.Holds(ctx))
}

// Decide implements trigger.Decisions.
func (o operations) Decide(ctx context.Context, hash string, allow bool) (any, error) {
	return shown(o.syncer.Decide(ctx, hash, allow))
}

// AcceptBaseline implements trigger.Decisions.
func (o operations) AcceptBaseline(ctx context.Context) (any, error) {
	return shown(o.syncer.AcceptBaseline(ctx))
}

// Rebuild implements trigger.Decisions.
func (o operations) Rebuild(ctx context.Context) (any, error) {
	if err := o.syncer.Rebuild(ctx); err != nil {
		return nil, err
	}
	return "the next run reads everything anew", nil
}

// Blocks implements trigger.Blocking.
func (o operations) Blocks(ctx context.Context) (any, error) {
	blocks, err := o.syncer.Blocks(ctx)
	if err != nil {
		return nil, err
	}
	type block struct {
		User  org.UserID      `json:"user"`
		Store org.StoreNumber `json:"store,omitempty"`
	}
	rows := make([]block, 0, len(blocks))
	for _, b := range blocks {
		rows = append(rows, block(b))
	}
	return rows, nil
}

// Block implements trigger.Blocking.
func (o operations) Block(ctx context.Context, user, store string) error {
	block, err := parseBlock(user, store)
	if err != nil {
		return err
	}
	return o.syncer.Block(ctx, block)
}

// Unblock implements trigger.Blocking.
func (o operations) Unblock(ctx context.Context, user, store string) error {
	block, err := parseBlock(user, store)
	if err != nil {
		return err
	}
	return o.syncer.Unblock(ctx, block)
}

// Revoke implements trigger.Blocking.
func (o operations) Revoke(ctx context.Context, user string) (any, error) {
	block, err := parseBlock(user, "")
	if err != nil {
		return nil, err
	}
	return shown(o.syncer.Revoke(ctx, block.User))
}

// shown is a result that operators are shown, or nothing beside an error.
func shown[T any](result T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return result, nil
}

func parseBlock(user, store string) (org.Block, error) {
	id, err := org.ParseUserID(user)
	if err != nil {
		return org.Block{}, fault.Newf(fault.Invalid, "read the user", "expected an object id, a GUID")
	}
	return org.Block{User: id, Store: org.StoreNumber(store)}, nil
}
