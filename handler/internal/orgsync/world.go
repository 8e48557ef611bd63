package orgsync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/progress"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// world is what a run knows: Commerce's snapshot, the tenant's mirror, and what
// the ledger remembers of earlier runs.
type world struct {
	snapshot        org.Snapshot
	snapshotVersion string // of the ledger's
	baseline        *ledger.Baseline
	source          rails.Source // how far the snapshot can be trusted

	users  *ledger.Users
	groups map[org.TeamID]*ledger.Group
	links  map[org.TeamKey]*ledger.Link
	claims map[org.TeamKey]*ledger.Claim

	blocks     []org.Block
	holds      *ledger.Holds
	takings    *ledger.Takings
	quarantine *ledger.Quarantine // nil: none

	// Computed:
	roster   org.Roster
	evidence plan.Evidence                 // safe for concurrent use
	allowed  func(plan.Halt) bool          // whether a person allowed a halt
	closings map[org.TeamKey]rails.Closing // of the linked stores
	frozen   map[org.TeamKey]bool          // teams of stores that are closed, or not shown
	found    map[org.TeamKey]plan.Found    // what the tenant has for our teams
}

// recall loads a world from the ledger.
func (s *Syncer) recall(ctx context.Context) (w *world, err error) {
	w = &world{}
	if w.snapshot, w.snapshotVersion, err = s.Book.Snapshot(ctx); err != nil {
		return nil, err
	}
	if w.users, err = s.Book.Users(ctx); err != nil {
		return nil, err
	}
	if w.groups, err = s.Book.Groups(ctx); err != nil {
		return nil, fmt.Errorf("orgsync: read the mirror: %w", err)
	}
	if w.links, err = s.Book.Links(ctx); err != nil {
		return nil, fmt.Errorf("orgsync: read the links: %w", err)
	}
	if w.claims, err = s.Book.Claims(ctx); err != nil {
		return nil, fmt.Errorf("orgsync: read the claims: %w", err)
	}
	if err := s.recallRails(ctx, w); err != nil {
		return nil, fmt.Errorf("orgsync: read what the rails remember: %w", err)
	}
	w.judgeSource(s.settings.MinSource)
	return w, nil
}

func (s *Syncer) recallRails(ctx context.Context, w *world) (err error) {
	if w.baseline, err = s.Book.Baseline(ctx); err != nil {
		return err
	}
	if w.blocks, err = s.Book.Blocks(ctx); err != nil {
		return err
	}
	if w.holds, err = s.Book.Holds(ctx); err != nil {
		return err
	}
	if w.takings, err = s.Book.Takings(ctx); err != nil {
		return err
	}
	w.quarantine, err = s.Book.Quarantine(ctx)
	return err
}

// judgeSource compares the snapshot with the last good one.
func (w *world) judgeSource(percent int) {
	w.source = rails.Source{ReadAt: w.snapshot.ReadAt, Short: w.baseline.Shortfall(w.snapshot.Rows, percent)}
}

// read brings a world up to date. An error beside a world says that the tenant
// could not be read, and that what is known of it is from an earlier run.
func (s *Syncer) read(ctx context.Context, run *ledger.Run, of scope) (*world, error) {
	w, err := s.recall(ctx)
	if err != nil {
		return nil, err
	}
	progress.Report(ctx, progress.Progress{Doing: "reading Commerce"})
	if err := s.readSource(ctx, w, run, of); err != nil {
		return nil, err
	}
	progress.Report(ctx, progress.Progress{Doing: "reading the tenant"})
	if err := s.readTenant(ctx, w, run); err != nil {
		if ctx.Err() != nil || fault.Is(err, fault.Conflict) || len(w.links) == 0 {
			return nil, err // nothing is known, or another instance is at it
		}
		return w, errors.Join(err, s.forgetReading(ctx, w))
	}
	// Reading takes minutes, and whoever was blocked meanwhile must not come back.
	if w.blocks, err = s.Book.Blocks(ctx); err != nil {
		return nil, fmt.Errorf("orgsync: read the blocks again: %w", err)
	}
	return w, nil
}

// forgetReading takes out of a world what a reading left that broke off.
func (s *Syncer) forgetReading(ctx context.Context, w *world) (err error) {
	if w.users, err = s.Book.Users(ctx); err != nil {
		return err
	}
	w.groups, err = s.Book.Groups(ctx)
	return err
}

// readTenant brings the mirror up to date.
func (s *Syncer) readTenant(ctx context.Context, w *world, run *ledger.Run) error {
	if err := s.readUserFeed(ctx, w); err != nil {
		return err
	}
	if err := s.readGroupFeed(ctx, w, run); err != nil {
		return err
	}
	if err := s.findDeleted(ctx, w, run); err != nil {
		return err
	}
	if run.Hinted {
		return nil // the timer's runs verify the teams, so many a tick
	}
	return s.verify(ctx, w, run)
}

// readUserFeed brings the mirrored users up to date.
func (s *Syncer) readUserFeed(ctx context.Context, w *world) error {
	cursor, err := s.Book.Cursor(ctx, ledger.UserFeed)
	if err != nil {
		return fmt.Errorf("orgsync: read the user feed's cursor: %w", err)
	}
	began := time.Now()
	read := func(link string) (string, error) {
		if link == "" {
			w.users.Clear()
		}
		return s.Directory.UserChanges(ctx, link, func(c UserChange) error { return applyUser(w.users, c) })
	}
	next, err := read(cursor.From(began))
	if fault.Is(err, fault.Gone) {
		next, err = read("")
	}
	if err != nil {
		return fmt.Errorf("orgsync: read the user feed: %w", err)
	}
	w.forgetDeleted()
	if err := s.Book.SaveUsers(ctx, w.users); err != nil {
		return err
	}
	cursor.Link, cursor.At = next, began
	if err := s.Book.SaveCursor(ctx, ledger.UserFeed, &cursor); err != nil {
		return fmt.Errorf("orgsync: save the user feed's cursor: %w", err)
	}
	return nil
}

// forgetDeleted forgets the deleted users who are managed nowhere: nothing is to
// be concluded from their leave any more.
func (w *world) forgetDeleted() {
	deleted := w.users.Deleted()
	if len(deleted) == 0 {
		return
	}
	managed := map[org.UserID]bool{}
	for _, link := range w.links {
		for _, m := range link.Managed {
			if deleted[m.User] {
				managed[m.User] = true
			}
		}
	}
	for user := range deleted {
		if !managed[user] {
			w.users.Forget(user)
		}
	}
}

// applyUser puts what the feed says of a user into the mirror.
func applyUser(users *ledger.Users, c UserChange) error {
	if c.Removed {
		users.MarkDeleted(c.ID)
		return nil
	}
	user := users.ByID(c.ID)
	set(&user.UPN, c.UPN)
	if c.Enabled != nil {
		user.Enabled = flag(*c.Enabled)
	}
	set(&user.Licensed, c.Licensed)
	set(&user.Guest, c.Guest)
	users.Put(user)
	return nil
}

// set overwrites a value if the feed mentioned it.
func set[T any](value *T, mentioned *T) {
	if mentioned != nil {
		*value = *mentioned
	}
}

func flag(yes bool) org.Flag {
	if yes {
		return org.Yes
	}
	return org.No
}
