package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
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
	decision, act := rails.Refused, "refuse"
	if allow {
		decision, act = rails.Allowed, "allow"
	}
	hold, err := s.Book.Decide(ctx, hash, decision, time.Now())
	if err != nil {
		return rails.Hold{}, fmt.Errorf("orgsync: decide a hold: %w", err)
	}
	s.Log.InfoContext(ctx, "hold decided", "hold", hash, "team", hold.Team.String(), "decision", string(decision))
	s.acted(ctx, ledger.Event{
		What: act, Team: &hold.Team, Text: fmt.Sprintf("%s hold %s (%s)", decision, hash, hold.Rail), User: onlyUser(hold.Changes),
	})
	return hold, nil
}

// onlyUser is whom changes are about, if they are all about one user.
func onlyUser(changes []plan.Change) (user org.UserID) {
	for i, c := range changes {
		if i > 0 && c.User != user {
			return org.UserID{}
		}
		user = c.User
	}
	return user
}

// acted records what an operator did, also when the call is told to stop. It was
// done all the same if that fails, so this is only logged: who is told that
// something failed tries again what was done.
func (s *Syncer) acted(ctx context.Context, e ledger.Event) {
	e.At = time.Now().UTC()
	err := briefly(ctx, func(ctx context.Context) error { return s.Book.RecordAct(ctx, e) })
	if err != nil {
		s.Log.ErrorContext(ctx, "operator's act not recorded", "act", e.What, "user", e.User, "err", err)
	}
}

// Comparison is the reading of Commerce that others are compared with, beside
// the newest one.
type Comparison struct {
	Accepted rails.Baseline // its ReadAt is zero before the first good reading
	Newest   rails.Baseline // likewise before the first reading of all
	Short    string         // why the newest is not trusted, in a sentence; empty: it is
}

// Baseline compares the newest reading of Commerce with the last good one.
func (s *Syncer) Baseline(ctx context.Context) (Comparison, error) {
	c, _, err := s.compareBaseline(ctx)
	return c, err
}

func (s *Syncer) compareBaseline(ctx context.Context) (Comparison, *ledger.Baseline, error) {
	snapshot, _, err := s.Book.Snapshot(ctx)
	if err != nil {
		return Comparison{}, nil, err
	}
	baseline, err := s.Book.Baseline(ctx)
	if err != nil {
		return Comparison{}, nil, err
	}
	return Comparison{
		Accepted: baseline.Baseline,
		Newest:   rails.Baseline{ReadAt: snapshot.ReadAt, Rows: snapshot.Rows},
		Short:    baseline.Shortfall(snapshot.Rows, s.settings.MinSource),
	}, baseline, nil
}

// AcceptBaseline makes a reading of Commerce the one that later ones are
// compared with, however few rows it has. It names the reading by when it was
// made: who looked at one must not accept another that came since, which is a
// fault.Conflict.
func (s *Syncer) AcceptBaseline(ctx context.Context, readAt time.Time) (Comparison, error) {
	const op = "orgsync: accept the baseline"
	c, baseline, err := s.compareBaseline(ctx)
	switch {
	case err != nil:
		return Comparison{}, err
	case c.Newest.ReadAt.IsZero():
		return Comparison{}, fault.Newf(fault.NotFound, op, "no run has read Commerce yet")
	case !c.Newest.ReadAt.Equal(readAt):
		return Comparison{}, fault.Newf(fault.Conflict, op, "the newest reading is that of %s, not of %s: look at it first",
			c.Newest.ReadAt.Format(time.RFC3339Nano), readAt.UTC().Format(time.RFC3339Nano))
	}
	baseline.Baseline = c.Newest
	if err := s.Book.SaveBaseline(ctx, baseline); err != nil {
		return Comparison{}, fmt.Errorf("%s: %w", op, err)
	}
	c.Accepted, c.Short = c.Newest, ""
	s.acted(ctx, ledger.Event{What: "accept baseline", Text: "accepted the reading of " + readAt.UTC().Format(time.RFC3339)})
	return c, nil
}

// Blocks returns who is kept out by order of an operator.
func (s *Syncer) Blocks(ctx context.Context) ([]org.Block, error) { return s.Book.Blocks(ctx) }

// Block keeps a user out of one store's team or of all, from the next run on.
// A store that is not known is a fault.NotFound: a misspelt number must not pass
// for a block.
func (s *Syncer) Block(ctx context.Context, block org.Block) (err error) {
	if block.Store, err = s.storeNumber(ctx, string(block.Store)); err != nil {
		return err
	}
	if err := s.Book.Block(ctx, block); err != nil {
		return fmt.Errorf("orgsync: block a user: %w", err)
	}
	s.Log.InfoContext(ctx, "user blocked", "user", block.User, "store", string(block.Store))
	s.acted(ctx, blocking("block", block, "kept out of "))
	return nil
}

// blocking is the event of a block that came or went.
func blocking(what string, block org.Block, text string) ledger.Event {
	e := ledger.Event{What: what, Text: text + "every team", User: block.User}
	if block.Store != "" {
		e.Team = &org.TeamKey{Store: block.Store}
		e.Text = text + e.Team.String()
	}
	return e
}

// Unblock takes a block back, or says as a fault.NotFound that there is none.
func (s *Syncer) Unblock(ctx context.Context, block org.Block) error {
	switch number, err := s.storeNumber(ctx, string(block.Store)); {
	case err == nil:
		block.Store = number
	case !fault.Is(err, fault.NotFound): // a store that is gone may have a block still
		return err
	}
	if err := s.Book.Unblock(ctx, block); err != nil {
		return fmt.Errorf("orgsync: unblock a user: %w", err)
	}
	s.Log.InfoContext(ctx, "user unblocked", "user", block.User, "store", string(block.Store))
	s.acted(ctx, blocking("unblock", block, "kept out no more of "))
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
	s.acted(ctx, ledger.Event{What: "rebuild", Text: "the next run reads everything anew"})
	return nil
}
