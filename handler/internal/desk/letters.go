package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/bus"
)

// Letters are dead letters; *bus.Bus has those of a queue.
type Letters interface {
	DeadLetters(ctx context.Context, limit int) ([]bus.Dead, error)
	Retry(ctx context.Context, id int64) error
	Drop(ctx context.Context, id int64) error
}

// BothQueues are the dead letters of the tasks' queue and of the organization's.
// The latter's ids are below zero: -1 for 0, and so on. Sequence numbers are below
// zero only in queues that are partitioned, which the app's template makes none of.
type BothQueues struct{ Tasks, Organization Letters }

// DeadLetters implements Letters.
func (b BothQueues) DeadLetters(ctx context.Context, limit int) ([]bus.Dead, error) {
	all, err := b.Tasks.DeadLetters(ctx, limit)
	if err != nil {
		return nil, err
	}
	more, err := b.Organization.DeadLetters(ctx, limit)
	if err != nil {
		return nil, err
	}
	for _, one := range more {
		one.ID = -one.ID - 1
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b bus.Dead) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return all[:min(len(all), limit)], nil
}

// Retry implements Letters.
func (b BothQueues) Retry(ctx context.Context, id int64) error {
	if id < 0 {
		return b.Organization.Retry(ctx, -id-1)
	}
	return b.Tasks.Retry(ctx, id)
}

// Drop implements Letters.
func (b BothQueues) Drop(ctx context.Context, id int64) error {
	if id < 0 {
		return b.Organization.Drop(ctx, -id-1)
	}
	return b.Tasks.Drop(ctx, id)
}
