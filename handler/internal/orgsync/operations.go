package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// Holds returns what waits for a person, and what was decided lately.
func (s *Syncer) Holds(ctx context.Context) (rails.Holds, error) {
	holds, err := s.Book.Holds(ctx)
	if err != nil {
		return nil, fmt.Errorf("orgsync: list the holds: %w", err)
	}
	return holds.All(), nil
}

// Decide allows or refuses the hold with that hash. The next run acts on it.
func (s *Syncer) Decide(ctx context.Context, hash string, allow bool) (rails.Hold, error) {
	decision := rails.Refused
	if allow {
		decision = rails.Allowed
	}
	hold, err := s.Book.Decide(ctx, hash, decision, time.Now())
	if err != nil {
		return rails.Hold{}, fmt.Errorf("orgsync: decide a hold: %w", err)
	}
	s.Log.InfoContext(ctx, "hold decided", "hold", hash, "team", hold.Team.String(), "decision", string(decision))
	return hold, nil
}

// AcceptBaseline makes the last reading of Commerce the one that later ones are
// compared with, however few rows it has. It returns those.
func (s *Syncer) AcceptBaseline(ctx context.Context) (rails.Baseline, error) {
	snapshot, _, err := s.Book.Snapshot(ctx)
	if err != nil {
		return rails.Baseline{}, err
	}
	if snapshot.ReadAt.IsZero() {
		return rails.Baseline{}, fault.Newf(fault.NotFound, "orgsync: accept the baseline", "no run has read Commerce yet")
	}
	baseline, err := s.Book.Baseline(ctx)
	if err != nil {
		return rails.Baseline{}, err
	}
	baseline.ReadAt, baseline.Rows = snapshot.ReadAt, snapshot.Rows
	if err := s.Book.SaveBaseline(ctx, baseline); err != nil {
		return rails.Baseline{}, fmt.Errorf("orgsync: accept the baseline: %w", err)
	}
	s.Log.InfoContext(ctx, "baseline accepted", "snapshot", snapshot.ReadAt)
	return baseline.Baseline, nil
}

// Blocks returns who is kept out by order of an operator.
func (s *Syncer) Blocks(ctx context.Context) ([]org.Block, error) { return s.Book.Blocks(ctx) }

// Block keeps a user out of one store's team or of all, from the next run on.
// A store that has no team is a fault.Invalid: a misspelt number must not pass
// for a block.
func (s *Syncer) Block(ctx context.Context, block org.Block) error {
	if block.Store != "" {
		link, err := s.Book.ReadLink(ctx, org.TeamKey{Store: block.Store})
		if err != nil {
			return fmt.Errorf("orgsync: look for the store: %w", err)
		}
		if link == nil {
			return fault.Newf(fault.Invalid, "orgsync: block a user", "no store with a team has the number %s", block.Store)
		}
	}
	if err := s.Book.Block(ctx, block); err != nil {
		return fmt.Errorf("orgsync: block a user: %w", err)
	}
	s.Log.InfoContext(ctx, "user blocked", "user", block.User, "store", string(block.Store))
	return nil
}

// Unblock takes a block back, or says as a fault.NotFound that there is none.
func (s *Syncer) Unblock(ctx context.Context, block org.Block) error {
	if err := s.Book.Unblock(ctx, block); err != nil {
		return fmt.Errorf("orgsync: unblock a user: %w", err)
	}
	s.Log.InfoContext(ctx, "user unblocked", "user", block.User, "store", string(block.Store))
	return nil
}

// Rebuild forgets what can be read again: the mirror, the users, the cursors,
// the snapshot, and rows that cannot be read. The next run reads everything
// anew and finds the teams by their markers.
func (s *Syncer) Rebuild(ctx context.Context) error {
	release, err := s.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := s.Bind(ctx); err != nil {
		return err
	}
	if err := s.Book.Forget(ctx); err != nil {
		return fmt.Errorf("orgsync: rebuild: %w", err)
	}
	s.Log.InfoContext(ctx, "ledger to be rebuilt by the next run")
	return nil
}

// Revocation is what came of taking one user out of everything.
type Revocation struct {
	User  org.UserID        `json:"user"`
	Out   []string          `json:"out"`   // teams they are out of
	Still map[string]string `json:"still"` // teams they are still in, and why; the next runs try again
}

// Revoke blocks a user and takes them out of all our teams now, whoever put
// them there. A person says so, so no rail but the last owner's stops it.
func (s *Syncer) Revoke(ctx context.Context, user org.UserID) (Revocation, error) {
	r := Revocation{User: user, Out: []string{}, Still: map[string]string{}}
	if err := s.Block(ctx, org.Block{User: user}); err != nil {
		return r, err
	}
	links, err := s.Book.Links(ctx)
	if err != nil {
		return r, fmt.Errorf("orgsync: read the links: %w", err)
	}
	groups, err := s.Book.Groups(ctx)
	if err != nil {
		return r, fmt.Errorf("orgsync: read the mirror: %w", err)
	}
	for key, link := range links {
		g := groups[link.Group]
		if g == nil || g.Gone {
			continue
		}
		if _, in := g.People.Role(user); !in {
			continue
		}
		if err := s.revokeFrom(ctx, key, user); err != nil {
			r.Still[key.String()] = err.Error()
			s.Log.WarnContext(ctx, "user not taken out", "team", key.String(), "user", user, "err", err)
			continue
		}
		r.Out = append(r.Out, key.String())
		s.Log.InfoContext(ctx, "user taken out", "team", key.String(), "user", user)
	}
	return r, ctx.Err()
}

// revokeFrom takes a user out of one team.
func (s *Syncer) revokeFrom(ctx context.Context, key org.TeamKey, user org.UserID) error {
	leased, done, err := s.lease(ctx, key, "revoke-"+user.String())
	if err != nil {
		return err
	}
	defer done()
	link, err := s.Book.ReadLink(leased, key)
	if err != nil || link == nil {
		return err
	}
	g, err := s.Book.ReadGroup(leased, link.Group)
	if err != nil || g == nil {
		return err
	}
	if err := s.recordRevocation(leased, key, user); err != nil {
		return err
	}
	results, err := s.Teams.RemoveMembers(leased, g.ID, []org.UserID{user})
	if err == nil && !fault.Is(results[0], fault.NotFound) {
		err = results[0]
	}
	if err != nil {
		return err
	}
	g.People.Drop(user)
	g.Written = time.Now().UTC()
	if err := s.Book.SaveGroup(leased, g); err != nil {
		return err
	}
	link.Managed.Drop(user)
	return s.Book.SaveLink(leased, link)
}

// recordRevocation counts a revocation among what was taken in these 24 hours.
func (s *Syncer) recordRevocation(ctx context.Context, key org.TeamKey, user org.UserID) error {
	for try := 1; ; try++ {
		takings, err := s.Book.Takings(ctx)
		if err != nil {
			return err
		}
		takings.All = append(takings.All, rails.Taking{
			Team: key, User: user, Kind: plan.Remove, Stated: true, At: time.Now().UTC(), Done: true,
		})
		if err = s.Book.SaveTakings(ctx, takings); !fault.Is(err, fault.Conflict) || try == swaps {
			return err
		}
	}
}
