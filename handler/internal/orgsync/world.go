package orgsync

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// world is what a run knows: Commerce's snapshot and the tenant's mirror.
type world struct {
	snapshot        org.Snapshot
	snapshotVersion string // of the ledger's
	users           *ledger.Users
	groups          map[org.TeamID]*ledger.Group
	links           map[org.TeamKey]*ledger.Link
	claims          map[org.TeamKey]*ledger.Claim

	roster org.Roster                 // computed
	found  map[org.TeamKey]plan.Found // what the tenant has for the roster's teams
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
	return w, nil
}

// read brings a world up to date.
func (s *Syncer) read(ctx context.Context, run *ledger.Run) (*world, error) {
	w, err := s.recall(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.refreshSnapshot(ctx, w, run); err != nil {
		return nil, err
	}
	if err := s.readUserFeed(ctx, w); err != nil {
		return nil, err
	}
	if err := s.readGroupFeed(ctx, w, run); err != nil {
		return nil, err
	}
	return w, s.verify(ctx, w, run)
}

// refreshSnapshot reads Commerce when the last complete reading is too old.
func (s *Syncer) refreshSnapshot(ctx context.Context, w *world, run *ledger.Run) error {
	if age := time.Since(w.snapshot.ReadAt); age >= 0 && age < s.settings.SnapshotMaxAge {
		return nil
	}
	w.snapshot = org.Snapshot{} // a chain's takes hundreds of megabytes: let it go before the next
	fresh, err := s.Commerce.Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("orgsync: read Commerce: %w", err)
	}
	if err := s.Book.SaveSnapshot(ctx, fresh, w.snapshotVersion); err != nil {
		return err
	}
	w.snapshot = fresh
	run.Rows = fresh.Rows
	return nil
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
	if err := s.Book.SaveUsers(ctx, w.users); err != nil {
		return err
	}
	cursor.Link, cursor.At = next, began
	if err := s.Book.SaveCursor(ctx, ledger.UserFeed, &cursor); err != nil {
		return fmt.Errorf("orgsync: save the user feed's cursor: %w", err)
	}
	return nil
}

// applyUser puts what the feed says of a user into the mirror.
func applyUser(users *ledger.Users, c UserChange) error {
	if c.Removed {
		users.Drop(c.ID)
		return nil
	}
	user := users.ByID(c.ID)
	set(&user.UPN, c.UPN)
	set(&user.Enabled, c.Enabled)
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
