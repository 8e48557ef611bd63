package orgsync

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

const (
	// verifyInterval is how often Teams may be asked who is in a team (Teams'
	// polling requirements: once a day per resource).
	verifyInterval = 24 * time.Hour

	// verifyParallel bounds the questions under way at once.
	verifyParallel = 8
)

// verify compares the mirror of some teams with Teams' own lists: those that
// waited longest, so few per run that a day's runs get through them all. What
// goes wrong with one team is noted and costs no other.
func (s *Syncer) verify(ctx context.Context, w *world, run *ledger.Run) error {
	due := dueForVerification(w, time.Now())
	var mu sync.Mutex
	reads, reading := errgroup.WithContext(ctx)
	reads.SetLimit(verifyParallel)
	for _, g := range due {
		reads.Go(func() error {
			failed, err := s.verifyTeam(reading, g)
			if failed != nil {
				mu.Lock()
				defer mu.Unlock()
				countFailure(run, "verify team", failed)
				note(run, "failed", org.TeamKey{}, fmt.Sprintf("verify group %s: %v", g.ID, failed))
				s.Log.WarnContext(ctx, "team not verified", "run", run.ID, "group", string(g.ID), "err", failed)
			}
			return err
		})
	}
	if err := reads.Wait(); err != nil {
		return fmt.Errorf("orgsync: verify teams: %w", err)
	}
	return nil
}

// verifyTeam takes Teams' list of one team. Asked and not answered counts as
// asked: a day later is soon enough to ask again.
func (s *Syncer) verifyTeam(ctx context.Context, g *ledger.Group) (failed, err error) {
	people, failed := s.Directory.TeamMembers(ctx, g.ID)
	archived := g.Archived
	if failed == nil {
		archived, failed = s.Directory.TeamArchived(ctx, g.ID)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case fault.Is(failed, fault.NotFound):
		failed = nil // gone since the feed was read, which will tell
	case failed == nil:
		g.Archived, g.People = archived, nil
		for _, person := range people {
			g.People.Set(person.User, person.Role)
		}
	}
	g.Verified = time.Now().UTC()
	return failed, s.Book.SaveGroup(ctx, g)
}

// dueForVerification picks the teams to verify in one run.
func dueForVerification(w *world, now time.Time) []*ledger.Group {
	var due []*ledger.Group
	teams := 0
	for _, link := range w.links {
		g := w.groups[link.Group]
		if g == nil || g.Gone || !g.HasTeam {
			continue
		}
		teams++
		// Teams' list may lag behind a write of ours.
		if now.Sub(g.Verified) >= verifyInterval && now.Sub(g.Written) > echoTime {
			due = append(due, g)
		}
	}
	slices.SortFunc(due, func(a, b *ledger.Group) int { return a.Verified.Compare(b.Verified) })
	// Ticks come every quarter of an hour by default; half of a day's are enough.
	perRun := 5 + teams/48
	return due[:min(len(due), perRun)]
}
