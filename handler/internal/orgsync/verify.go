package orgsync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

const (
	// verifyInterval is how often Teams may be asked who is in a team (Teams'
	// polling requirements: once a day per resource).
	verifyInterval = 24 * time.Hour

	// verifyParallel bounds the questions under way at once.
	verifyParallel = 8
)

// verify compares the mirror of some teams with Teams' own lists: those that
// waited longest, so few per run that a day's runs get through them all.
func (s *Syncer) verify(ctx context.Context, w *world) error {
	due := dueForVerification(w, time.Now())
	reads, ctx := errgroup.WithContext(ctx)
	reads.SetLimit(verifyParallel)
	for _, g := range due {
		reads.Go(func() error { return s.verifyTeam(ctx, g) })
	}
	if err := reads.Wait(); err != nil {
		return fmt.Errorf("orgsync: verify teams: %w", err)
	}
	return nil
}

func (s *Syncer) verifyTeam(ctx context.Context, g *ledger.Group) error {
	people, err := s.Directory.TeamMembers(ctx, g.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		// Young, or gone since the feed was read: the feed will tell.
		return nil
	case err != nil:
		return err
	}
	g.People = nil
	for _, person := range people {
		g.People.Set(person.User, person.Role)
	}
	g.Verified = time.Now().UTC()
	return s.Book.SaveGroup(ctx, g)
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
		if now.Sub(g.Verified) >= verifyInterval {
			due = append(due, g)
		}
	}
	slices.SortFunc(due, func(a, b *ledger.Group) int { return a.Verified.Compare(b.Verified) })
	// Ticks come every quarter of an hour by default; half of a day's are enough.
	perRun := 5 + teams/48
	return due[:min(len(due), perRun)]
}
