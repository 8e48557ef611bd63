// Package taskorg is the organization as tasks see it ([tasksync.Directory]),
// made of what the reconciliation left in the ledger: Commerce's last complete
// reading for the stores, and the teams' links for the people. It reads neither
// Commerce nor the tenant.
//
// Who owns or is in a team is whom Commerce wanted there and who was confirmed
// present ([ledger.Link].Managed): a right that Commerce does not give is none
// here, whoever made somebody an owner by hand.
package taskorg

import (
	"context"
	"sync"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// MaxAge is how long a directory is good for by default. Runs of the
// reconciliation are a quarter of an hour apart.
const MaxAge = 10 * time.Minute

// renewals is the part of that after which another one is made for somebody who
// did not find in it what they looked for.
const renewals = 10

// Book is the part of the ledger that is read; *ledger.Book is one.
type Book interface {
	Snapshot(ctx context.Context) (s org.Snapshot, version string, err error)
	Links(ctx context.Context) (map[org.TeamKey]*ledger.Link, error)
}

// Source makes directories. It is safe for concurrent use.
type Source struct {
	Book  Book
	Rules org.Rules // of which hierarchy, scope and closed stores count

	// Zone finds the time zone that Commerce calls so. A store whose zone it does
	// not know is in UTC.
	Zone func(name string) (zone *time.Location, known bool)
	Now  func() time.Time // nil: time.Now

	MaxAge time.Duration // how long a directory is good for

	mu      sync.Mutex
	made    time.Time
	current *directory
}

// Directory returns the organization as it was not longer than MaxAge ago. A
// fault.Unavailable: Commerce was never read.
func (s *Source) Directory(ctx context.Context) (tasksync.Directory, error) {
	return s.atMost(ctx, s.MaxAge)
}

// Renewed returns it as it was within the last tenth of that.
func (s *Source) Renewed(ctx context.Context) (tasksync.Directory, error) {
	return s.atMost(ctx, s.MaxAge/renewals)
}

// ZoneOf returns a store's time zone as the newest directory has it, UTC if there
// is none or it does not know the store. It asks nobody.
func (s *Source) ZoneOf(number org.StoreNumber) *time.Location {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		if store, found := s.current.Store(number); found {
			return store.Zone
		}
	}
	return time.UTC
}

func (s *Source) atMost(ctx context.Context, age time.Duration) (tasksync.Directory, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.current == nil || now.Sub(s.made) >= age {
		made, err := s.build(ctx, now)
		if err != nil {
			return nil, err
		}
		s.current, s.made = made, now
	}
	return s.current, nil
}

func (s *Source) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Source) build(ctx context.Context, now time.Time) (*directory, error) {
	links, err := s.Book.Links(ctx)
	if err != nil {
		return nil, err
	}
	snapshot, _, err := s.Book.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if snapshot.ReadAt.IsZero() {
		return nil, fault.New(fault.Unavailable, "tasks: read the organization", tasksync.ErrNoOrganization)
	}
	return newDirectory(snapshot, links, s.Rules, s.Zone, now), nil
}
