package orgsync

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// settle records, for the teams that needed no change, which groups are
// theirs and who in them is managed from now on.
func (s *Syncer) settle(ctx context.Context, w *world) error {
	now := time.Now()
	writes, writing := errgroup.WithContext(ctx)
	writes.SetLimit(parallelWrites)
	for _, team := range w.roster.Teams {
		link, fresh := w.links[team.Key], false
		if f, ok := w.found[team.Key]; link == nil && ok && f.Origin == plan.Marked && f.Blocked == "" && f.HasTeam {
			link = &ledger.Link{Team: team.Key, Group: f.Group}
			w.links[team.Key], fresh = link, true
		} else if link == nil {
			continue
		}
		g := w.groups[link.Group]
		if g == nil || g.Gone {
			continue
		}
		follows := link.KeepName != "" && link.KeepName != team.Name
		if follows {
			link.KeepName = "" // Commerce's name changed, be it to the one the team has
		}
		if link.Manage(team, g, now) || fresh || follows {
			writes.Go(func() error { return s.saveLink(writing, link) })
		}
	}
	if err := writes.Wait(); err != nil {
		return fmt.Errorf("orgsync: save the links: %w", err)
	}
	return s.dropClaims(ctx, w)
}

// dropClaims deletes the claims of teams that are made: a run may have been
// killed between making a team and dropping its claim.
func (s *Syncer) dropClaims(ctx context.Context, w *world) error {
	for key, claim := range w.claims {
		link := w.links[key]
		if link == nil || w.groups[link.Group] == nil || !w.groups[link.Group].HasTeam {
			continue
		}
		if err := s.Book.DropClaim(ctx, claim); err != nil {
			return fmt.Errorf("orgsync: drop a claim: %w", err)
		}
	}
	return nil
}
