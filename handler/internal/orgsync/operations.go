package orgsync

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
	Out   []string          `json:"out"`   // teams they were taken out of
	Still map[string]string `json:"still"` // teams they may be in still, and why; in MODE=full the next runs try again
}

// Revoke blocks a user and takes them out of all our teams now, whoever put
// them there. A person says so, so no rail stops it but the last owner's and
// PROTECTED_USERS, which is a fault.Invalid, as is MODE=plan.
func (s *Syncer) Revoke(ctx context.Context, user org.UserID) (Revocation, error) {
	const op = "orgsync: revoke"
	r := Revocation{User: user, Out: []string{}, Still: map[string]string{}}
	if s.settings.Mode == ModePlan {
		return r, fault.Newf(fault.Invalid, op, "MODE=plan changes nothing in the tenant; block the user instead")
	}
	switch protected, err := s.protected(ctx, user); {
	case err != nil:
		return r, err
	case protected:
		return r, fault.Newf(fault.Invalid, op, "PROTECTED_USERS names this user")
	}
	if err := s.Block(ctx, org.Block{User: user}); err != nil {
		return r, err
	}
	links, err := s.Book.Links(ctx)
	if err != nil {
		return r, fmt.Errorf("%s: read the links: %w", op, err)
	}
	groups, err := s.Book.Groups(ctx)
	if err != nil {
		return r, fmt.Errorf("%s: read the mirror: %w", op, err)
	}
	for key, link := range links {
		if g := groups[link.Group]; g != nil && !g.Unread && !g.Again {
			if _, in := g.People.Role(user); g.Gone || !in {
				continue
			}
		}
		out, err := s.revokeFrom(ctx, key, link.Group, user)
		if err != nil {
			r.Still[key.String()] = err.Error()
			s.Log.WarnContext(ctx, "user not taken out", "team", key.String(), "user", user, "err", err)
		} else if out {
			r.Out = append(r.Out, key.String())
			s.Log.InfoContext(ctx, "user taken out", "team", key.String(), "user", user)
		}
	}
	slices.Sort(r.Out)
	return r, nil
}

// protected reports whether PROTECTED_USERS names a user.
func (s *Syncer) protected(ctx context.Context, user org.UserID) (bool, error) {
	if len(s.settings.Rules.ProtectedUsers) == 0 {
		return false, nil
	}
	users, err := s.Book.Users(ctx)
	if err != nil {
		return false, err
	}
	upn := users.ByID(user).UPN
	return slices.ContainsFunc(s.settings.Rules.ProtectedUsers, func(name string) bool {
		id, err := org.ParseUserID(name)
		return err == nil && id == user || upn != "" && strings.EqualFold(strings.TrimSpace(name), upn)
	}), nil
}

// revokeFrom takes a user out of one team, and reports whether they were in it.
// The mirror learns of it from the feed, as a run may be writing to it.
func (s *Syncer) revokeFrom(ctx context.Context, key org.TeamKey, group org.TeamID, user org.UserID) (out bool, err error) {
	leased, done, err := s.lease(ctx, key, "revoke-"+user.String())
	if err != nil {
		return false, err
	}
	defer done()
	if err := s.recordRevocation(leased, key, user); err != nil {
		return false, err
	}
	results, err := s.Teams.RemoveMembers(leased, group, []org.UserID{user})
	switch {
	case err != nil && fault.Is(err, fault.NotFound): // there is no such team any more
		return false, nil
	case err != nil:
		return false, err
	case fault.Is(results[0], fault.NotFound):
		return false, nil
	case results[0] != nil:
		return false, results[0]
	}
	return true, s.forgetManaged(leased, key, user)
}

// forgetManaged makes somebody nobody of ours in a team: should the block end,
// they come as anybody does, and not as one whom a person took out by hand.
func (s *Syncer) forgetManaged(ctx context.Context, key org.TeamKey, user org.UserID) error {
	link, err := s.Book.ReadLink(ctx, key)
	if err != nil || link == nil {
		return err
	}
	link.Managed.Drop(user)
	link.Adding.Drop(user)
	return s.saveLink(ctx, link)
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
