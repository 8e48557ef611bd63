package orgsync

import (
	"context"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// Survey is what storeteams knows now, and what the next run would conclude from
// it: all that a question about the organization can be answered from. It is
// the reader's own, but shares its parts: nobody may write to them.
type Survey struct {
	At       time.Time // the moment it was made for
	Settings Settings  // its Rules with the operators' blocks

	// Known:
	Snapshot org.Snapshot   // the last reading of Commerce
	Source   rails.Source   // how far it can be trusted
	Baseline rails.Baseline // the last good reading, which others are compared with
	Users    *org.Users     // of the tenant. Only one goroutine at a time may ask
	Links    map[org.TeamKey]*ledger.Link
	Groups   map[org.TeamID]*ledger.Group // every group of the tenant
	Holds    rails.Holds

	Quarantine *rails.Quarantine // nil: none

	// Concluded:
	Roster   org.Roster
	Found    map[org.TeamKey]plan.Found
	Closings map[org.TeamKey]rails.Closing // of stores that are closing or closed
	Frozen   map[org.TeamKey]bool          // teams left as they are, because their store is not shown
	Plan     plan.Plan                     // as the rails leave it
}

// Survey computes what a run would do from what the ledger knows, without
// asking Commerce or Graph. It waits until no run of this process is under way:
// a chain's rows fit into an instance's memory once. A fault.NotFound says that
// nothing was read yet.
func (s *Syncer) Survey(ctx context.Context) (*Survey, error) {
	release, err := s.takeTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	w, err := s.recall(ctx)
	if err != nil {
		return nil, err
	}
	if w.snapshot.ReadAt.IsZero() {
		return nil, fault.Newf(fault.NotFound, "orgsync: survey", "no run has read Commerce yet; wait for OrgSync or start a run")
	}
	now := time.Now()
	p := s.compute(w, now)
	settings := s.settings
	settings.Rules.Blocks = w.blocks
	var slowed *rails.Quarantine
	if w.quarantine != nil {
		slowed = &w.quarantine.Quarantine
	}
	return &Survey{
		At: now, Settings: settings,
		Snapshot: w.snapshot, Source: w.source, Baseline: w.baseline.Baseline, Users: w.users.Org(),
		Links: w.links, Groups: w.groups, Holds: w.holds.All(), Quarantine: slowed,
		Roster: w.roster, Found: w.found, Closings: w.closings, Frozen: w.frozen,
		Plan: show(p, s.check(w, p, now)),
	}, nil
}

// StoreNumber finds a store, whatever the case its number is written in: by its
// team or, where it has none, by its row. A fault.NotFound: there is neither.
func (s *Survey) StoreNumber(written string) (org.StoreNumber, error) {
	if number := linkedStore(s.Links, written); number != "" {
		return number, nil
	}
	return listedStore(s.Snapshot, written)
}

// Plan computes what a run would do, as Survey does.
func (s *Syncer) Plan(ctx context.Context) (plan.Plan, error) {
	survey, err := s.Survey(ctx)
	if err != nil {
		return plan.Plan{}, err
	}
	return survey.Plan, nil
}
