package orgsync

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// parallelReads bounds how many questions about single groups are under way.
const parallelReads = 8

// findDeleted looks for the groups of our teams that are gone among the deleted
// ones: only what is there can be restored. What is not is gone for good, and
// not looked for again. A question that fails leaves its group to the next run.
func (s *Syncer) findDeleted(ctx context.Context, w *world, run *ledger.Run) error {
	var mu sync.Mutex
	reads, reading := errgroup.WithContext(ctx)
	reads.SetLimit(parallelReads)
	for key, link := range w.links {
		g := w.groups[link.Group]
		if g == nil || !g.Gone || g.Purged() || link.Closing.Frozen() {
			continue
		}
		reads.Go(func() error {
			restorable, err := s.Directory.DeletedGroup(reading, g.ID)
			switch {
			case reading.Err() != nil:
				return reading.Err()
			case err != nil:
				mu.Lock()
				defer mu.Unlock()
				countFailure(run, "look for a deleted group", err)
				note(run, "failed", key, fmt.Sprintf("look for deleted group %s: %v", g.ID, err))
				s.Log.WarnContext(ctx, "deleted group not looked for", "run", run.ID, "group", string(g.ID), "err", err)
			case !restorable:
				g.Missed++
				return s.Book.SaveGroup(reading, g)
			case g.Missed > 0: // it was a replica that lags
				g.Missed = 0
				return s.Book.SaveGroup(reading, g)
			}
			return nil
		})
	}
	if err := reads.Wait(); err != nil {
		return fmt.Errorf("orgsync: look for deleted groups: %w", err)
	}
	return nil
}
