package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// deletionWindow is how long a deletion of a task counts.
const deletionWindow = 24 * time.Hour

// swapTries is how often a counter is read again after somebody else moved it.
const swapTries = 10

// deletions are the tasks that were deleted lately, on any side.
type deletions struct {
	All []deletion `json:"all"`
}

type deletion struct {
	At time.Time `json:"at"`
	N  int       `json:"n"`
}

// CountDeletions counts up to n deletions of tasks at now, as many as leave the
// last 24 hours with at most limit, and returns how many may go. It counts before
// they are done: one that then fails has counted.
func (b *Book) CountDeletions(ctx context.Context, n, limit int, now time.Time) (may int, err error) {
	key := Key{partRails, "task-deletions"}
	for range swapTries {
		counted, etag, err := load[deletions](ctx, b.store, key)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return 0, err
		}
		counted.All = slices.DeleteFunc(counted.All, func(d deletion) bool { return !d.At.After(now.Add(-deletionWindow)) })
		left := limit
		for _, d := range counted.All {
			left -= d.N
		}
		may := max(0, min(n, left))
		if may == 0 {
			return 0, nil
		}
		counted.All = append(counted.All, deletion{At: now, N: may})
		_, err = save(ctx, b.store, key, counted, etag)
		if err == nil || !fault.Is(err, fault.Conflict) {
			return may, err
		}
	}
	return 0, fault.Newf(fault.Conflict, "ledger: count deletions of tasks", "others changed the count %d times in a row", swapTries)
}
