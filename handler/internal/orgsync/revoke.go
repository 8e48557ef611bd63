package orgsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// Revocation is what came of taking one user out of everything.
type Revocation struct {
	User  org.UserID             `json:"user"`
	Out   []org.TeamKey          `json:"out"`   // teams they were taken out of
	Still map[org.TeamKey]string `json:"still"` // teams they may be in still, and why; in MODE=full the next runs try again
}

// Revoke blocks a user and takes them out of all our teams now, whoever put
// them there. A person says so, so no rail stops it but the last owner's and
// PROTECTED_USERS, which is a fault.Invalid, as is MODE=plan.
func (s *Syncer) Revoke(ctx context.Context, user org.UserID) (Revocation, error) {
	const op = "orgsync: revoke"
	r := Revocation{User: user, Out: []org.TeamKey{}, Still: map[org.TeamKey]string{}}
	if s.settings.Mode == ModePlan {
		return r, fault.Newf(fault.Invalid, op, "MODE=plan changes nothing in the tenant; block the user instead")
	}
	switch protected, err := s.protected(ctx, user); {
	case err != nil:
		return r, err
	case protected:
		return r, fault.Newf(fault.Invalid, op, "PROTECTED_USERS names this user")
	}
	if err := s.Book.Block(ctx, org.Block{User: user}); err != nil {
		return r, fmt.Errorf("%s: %w", op, err)
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
			r.Still[key] = err.Error()
			s.Log.WarnContext(ctx, "user not taken out", "team", key.String(), "user", user, "err", err)
		} else if out {
			r.Out = append(r.Out, key)
			s.Log.InfoContext(ctx, "user taken out", "team", key.String(), "user", user)
		}
	}
	slices.SortFunc(r.Out, func(a, b org.TeamKey) int { return cmp.Compare(a.Store, b.Store) })
	s.acted(ctx, ledger.Event{
		What: "revoke", User: user, Text: fmt.Sprintf("taken out of %d teams, not yet out of %d", len(r.Out), len(r.Still)),
	})
	return r, nil
}

// protected reports whether PROTECTED_USERS names a user. Names say nothing
// before the tenant was read, as after a rebuild: a fault.NotFound.
func (s *Syncer) protected(ctx context.Context, user org.UserID) (bool, error) {
	if len(s.settings.Rules.ProtectedUsers) == 0 {
		return false, nil
	}
	users, err := s.Book.Users(ctx)
	if err != nil {
		return false, err
	}
	if users.Len() == 0 {
		return false, fault.Newf(fault.NotFound, "orgsync: look at PROTECTED_USERS",
			"no run has read the tenant's users, so nobody knows whom the setting names; block the user, or revoke after the next run")
	}
	named := users.Org()
	return slices.ContainsFunc(s.settings.Rules.ProtectedUsers, func(entry string) bool {
		id, stands := named.IDOf(entry)
		return stands && id == user
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
