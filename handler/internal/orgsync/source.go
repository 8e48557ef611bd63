package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// statementTime is how far back an employment may have ended to be found
// between two snapshots: leaves are often entered days later.
const statementTime = 31 * 24 * time.Hour

// statementPatience is how long a run waits for those rows.
const statementPatience = 2 * time.Minute

// mostLeavers is how many workers a run asks about between two snapshots. That
// many do not leave in an hour: the source is wrong, or being changed at large.
const mostLeavers = 400

// demandGap is how old a reading of Commerce is at least that is replaced before
// its time because an event asked for it: events come in bursts, and a reading
// takes F&O minutes of work.
const demandGap = 10 * time.Minute

// sourceDue reports whether Commerce is to be read whole.
func (s *Syncer) sourceDue(ctx context.Context, w *world, now time.Time) (bool, error) {
	age := now.Sub(w.snapshot.ReadAt)
	if age < 0 || age >= s.settings.SnapshotMaxAge {
		return true, nil
	}
	demand, err := s.Book.Demand(ctx)
	if err != nil {
		return false, fmt.Errorf("orgsync: look for events that ask for a reading: %w", err)
	}
	return age >= demandGap && demand.After(w.snapshot.ReadAt), nil
}

// refreshSource brings up to date what Commerce says: by a new snapshot when
// the last one is too old, else, and also when it cannot be read, by the rows
// that state a leave.
func (s *Syncer) refreshSource(ctx context.Context, w *world, run *ledger.Run) error {
	defer func() { run.SnapshotAt, run.Short = w.snapshot.ReadAt, w.source.Short }()
	now := time.Now()
	due, err := s.sourceDue(ctx, w, now)
	if err != nil {
		return err
	}
	if due {
		err := s.readSnapshot(ctx, w, run)
		if err == nil || w.snapshot.ReadAt.IsZero() || ctx.Err() != nil {
			return err
		}
		countFailure(run, "read Commerce", err)
		note(run, "failed", org.TeamKey{}, fmt.Sprintf("%v; the reading of %s serves", err, w.snapshot.ReadAt.Format(time.RFC3339)))
		s.Log.WarnContext(ctx, "Commerce not read, the last snapshot serves", "run", run.ID, "err", err)
	} else if err := s.saveBaseline(ctx, w); err != nil { // left undone by a run that was killed
		return err
	}
	return s.readStatements(ctx, w, run, now)
}

// readStatements lays over the snapshot what rows state of leaves. A Commerce
// that does not answer in time costs only this.
func (s *Syncer) readStatements(ctx context.Context, w *world, run *ledger.Run, now time.Time) error {
	asking, cancel := context.WithTimeout(ctx, statementPatience)
	defer cancel()
	statements, unread, err := s.Commerce.Statements(asking, now.Add(-statementTime), now)
	if err != nil {
		unread = []string{fmt.Sprintf("who left could not be asked in time (%s); the next snapshot tells", fault.KindOf(err))}
	}
	update := org.Update{Inactive: statements.Inactive}
	if leavers := w.snapshot.News(statements.Ended); len(leavers) > 0 {
		var failure string
		if update.Employments, failure = s.askEmployments(asking, leavers); failure != "" {
			unread = append(unread, failure+"; the next snapshot tells")
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("orgsync: read who left: %w", ctx.Err())
	}
	for _, text := range unread {
		note(run, "unread", org.TeamKey{}, text)
	}
	w.snapshot = w.snapshot.With(update)
	return nil
}

// askEmployments reads every employment of workers of whom one ended since the
// snapshot was read, or says why it did not.
func (s *Syncer) askEmployments(ctx context.Context, leavers []org.PersonnelNumber) (rows []org.Employment, failure string) {
	if len(leavers) > mostLeavers {
		return nil, fmt.Sprintf("an employment of %d workers ended since the last snapshot, and at most %d are asked about", len(leavers), mostLeavers)
	}
	rows, err := s.Commerce.Employments(ctx, leavers)
	if err != nil {
		s.Log.WarnContext(ctx, "employments of leavers not read", "workers", len(leavers), "err", err)
		return nil, fmt.Sprintf("Employees could not be asked if %d workers are still employed (%s)", len(leavers), fault.KindOf(err))
	}
	return rows, ""
}

// readSnapshot replaces the snapshot by a complete new reading. When that fails
// the snapshot is as it was.
func (s *Syncer) readSnapshot(ctx context.Context, w *world, run *ledger.Run) error {
	before := w.snapshot.ReadAt
	w.snapshot = org.Snapshot{} // a chain's takes hundreds of megabytes: let it go before the next
	fresh, err := s.Commerce.Snapshot(ctx)
	if err != nil {
		err = fmt.Errorf("orgsync: read Commerce: %w", err)
		if before.IsZero() || fault.Is(err, fault.Canceled) {
			return err
		}
		var again error
		if w.snapshot, w.snapshotVersion, again = s.Book.Snapshot(ctx); again != nil {
			return fmt.Errorf("orgsync: go back to the last snapshot: %w", again)
		}
		return err
	}
	if err := s.Book.SaveSnapshot(ctx, fresh, w.snapshotVersion); err != nil {
		return err
	}
	w.snapshot = fresh
	run.Rows = fresh.Rows
	w.judgeSource(s.settings.MinSource)
	return s.saveBaseline(ctx, w)
}

// saveBaseline makes a good reading the one that later ones are compared with.
func (s *Syncer) saveBaseline(ctx context.Context, w *world) error {
	if w.source.Short != "" || w.baseline.ReadAt.Equal(w.snapshot.ReadAt) {
		return nil
	}
	w.baseline.ReadAt, w.baseline.Rows = w.snapshot.ReadAt, w.snapshot.Rows
	if err := s.Book.SaveBaseline(ctx, w.baseline); err != nil {
		return fmt.Errorf("orgsync: save the baseline: %w", err)
	}
	return nil
}
