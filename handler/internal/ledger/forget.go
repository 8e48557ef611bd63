package ledger

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Forget deletes what can be read again from Commerce and the tenant: cursors,
// mirror, users and snapshot, readable or not. What only the ledger knows it
// keeps, but for what of it cannot be read: that stops every run. Should it end
// before its time, again finishes.
//
// The cursors go first. A run in between then reads everything from the
// beginning; with a cursor it would take the part of the mirror that is left for
// the whole.
func (b *Book) Forget(ctx context.Context) error {
	all := func(Row) bool { return true }
	steps := []struct {
		partition string
		forget    func(Row) bool
	}{
		{partCursor, all},
		{partMirror, all},
		{partTeam, unreadable(b, &Link{Team: noTeam})},
		{partClaim, unreadable(b, &Claim{Team: noTeam})},
		{partHold, unreadable(b, blankHold())},
		{partLease, unreadable(b, &Lease{Team: noTeam})},
		{partBlock, unreadable(b, new(block))},
		{partRails, func(row Row) bool {
			return unreadable(b, new(Baseline))(row) && unreadable(b, new(Quarantine))(row)
		}},
		{partRun, unreadable(b, new(Run))},
		{partAct, unreadable(b, new(act))},
		{blobPrefix + snapshotBlob, all},
	}
	for _, step := range steps {
		if err := b.forgetRows(ctx, step.partition, step.forget); err != nil {
			return err
		}
	}
	for shard := range userShards {
		if err := b.forgetRows(ctx, blobPrefix+shardBlob(shard), all); err != nil {
			return err
		}
	}
	_, err := b.Takings(ctx)
	if err == nil || fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Canceled) {
		return err
	}
	return b.forgetRows(ctx, blobPrefix+takingsBlob, all)
}

// unreadable reports of a row whether it cannot be decoded to what its
// partition has.
func unreadable[T any, P keyed[T]](b *Book, blank P) func(Row) bool {
	return func(row Row) bool {
		_, err := decodeRow(b, row, blank)
		return err != nil
	}
}

// forgetRows deletes those rows of a partition. A blob's pointer, its last row,
// goes first and alone: without it there is no blob, and a writer at work will
// not finish; without a chunk there would be a damaged one.
func (b *Book) forgetRows(ctx context.Context, partition string, forget func(Row) bool) error {
	doing := fmt.Sprintf("ledger: forget %s", partition)
	var rows []Row
	for row, err := range b.store.List(ctx, partition, "") {
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		if forget(row) {
			rows = append(rows, Row{Key: row.Key, ETag: row.ETag})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.Reverse(rows)
	remove := func(ctx context.Context, row Row) error {
		err := b.store.Delete(ctx, row.Key, row.ETag)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return fmt.Errorf("%s: %w", doing, err)
		}
		return nil
	}
	if err := remove(ctx, rows[0]); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for _, row := range rows[1:] {
		group.Go(func() error { return remove(ctx, row) })
	}
	return group.Wait()
}
