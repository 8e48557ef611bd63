package orgsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/progress"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// parallelTeams bounds the teams under way at once. Most of them wait: for
// Microsoft to make a team, or for the rate we allow ourselves.
const parallelTeams = 256

const (
	// writeReserve is how much of the run's time must be left to begin a write.
	writeReserve = 30 * time.Second

	// saveTime bounds the last writes to the ledger of a run told to stop.
	saveTime = 10 * time.Second
)

// timeToWrite returns errWaiting if the run has not the time left to wait for d
// and write then: the Functions host kills the process at its timeout.
func timeToWrite(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d+writeReserve {
		return fmt.Errorf("the run's time was used up: %w", errWaiting)
	}
	return nil
}

// errWaiting says that a team's changes are put off to a later run. It is no
// failure.
var errWaiting = errors.New("not yet; a later run goes on")

// apply carries the plan out, each team by itself: what fails in one does not
// stop the others, unless too much fails. The error is only for a run that has
// to end.
func (s *Syncer) apply(ctx context.Context, w *world, p plan.Plan, t *tally) error {
	run := t.run
	jobs := s.jobs(w, p, run)
	var worked atomic.Int64
	report := func(done int64) {
		progress.Report(ctx, progress.Progress{Doing: "changing teams", Done: int(done), Total: len(jobs)})
	}
	report(0)
	work := new(errgroup.Group)
	work.SetLimit(parallelTeams)
	for i, j := range jobs {
		work.Go(func() error {
			defer func() { report(worked.Add(1)) }()
			switch {
			case time.Since(run.Started) > s.settings.RunBudget || ctx.Err() != nil:
				t.wait(j, "the run's time was used up")
			case w.quarantine != nil && i >= rails.ProbeTeams && !j.urgent():
				t.wait(j, "too many changes failed lately; this run only tries a few")
			case t.over() && !j.urgent():
				t.wait(j, "too many changes of this run failed")
			default:
				j.work(ctx, t)
			}
			return ctx.Err()
		})
	}
	if err := work.Wait(); err != nil {
		return fmt.Errorf("orgsync: apply: %w", err)
	}
	for _, j := range jobs {
		w.learn(j)
	}
	return s.quarantine(ctx, w, t)
}

// quarantine slows the next runs when too much of this one failed, or lets them
// run again.
func (s *Syncer) quarantine(ctx context.Context, w *world, t *tally) error {
	t.run.Slowed = w.quarantine != nil
	if t.run.OfSome() {
		return nil // some teams say nothing about the others, neither way
	}
	switch failing := t.over(); {
	case failing && w.quarantine == nil:
		t.run.Slowed = true
		w.quarantine = &ledger.Quarantine{Quarantine: rails.Quarantine{
			Since: time.Now().UTC(), Run: t.run.ID, Tried: t.tried, Failed: t.failed,
		}}
		s.Log.ErrorContext(ctx, "too many changes failed, the next runs are slowed", "run", t.run.ID, "tried", t.tried, "failed", t.failed)
		if err := s.Book.SaveQuarantine(ctx, w.quarantine); err != nil {
			return fmt.Errorf("orgsync: slow the next runs: %w", err)
		}
	case w.quarantine != nil && t.well():
		if err := s.Book.DropQuarantine(ctx, w.quarantine); err != nil {
			return fmt.Errorf("orgsync: let the next runs go: %w", err)
		}
	}
	return nil
}

// jobs splits the plan by team: first those of people who left, which must not
// wait, then the longest-waiting.
func (s *Syncer) jobs(w *world, p plan.Plan, run *ledger.Run) []*job {
	teams := map[org.TeamKey]org.Team{}
	for _, team := range w.roster.Teams {
		teams[team.Key] = team
	}
	var jobs []*job
	for _, changes := range p.ByTeam() {
		key := changes[0].Team
		team, wanted := teams[key]
		if !wanted {
			team = org.Team{Key: key, Entries: standIns(changes)}
		}
		j := &job{syncer: s, world: w, run: run.ID, team: team, wanted: wanted, changes: changes}
		j.link, j.claim = w.links[key], w.claims[key]
		if f, ok := w.found[key]; ok {
			j.group = w.groups[f.Group]
		}
		jobs = append(jobs, j)
	}
	slices.SortStableFunc(jobs, func(a, b *job) int {
		switch {
		case a.urgent() == b.urgent():
			return a.attempted().Compare(b.attempted())
		case a.urgent():
			return -1
		}
		return 1
	})
	return jobs
}

// standIns are the owners that a team gets which the roster does not have: what
// they are there for is known, and ours to undo.
func standIns(changes []plan.Change) []org.Entry {
	var entries []org.Entry
	for _, c := range changes {
		if c.Kind == plan.AddOwner || c.Kind == plan.Promote {
			entries = append(entries, org.Entry{User: c.User, Role: org.Owner, Reason: c.Reason})
		}
	}
	return entries
}

// learn takes what a job made of the ledger's rows into the world.
func (w *world) learn(j *job) {
	if j.group != nil {
		w.groups[j.group.ID] = j.group
	}
	if j.link != nil {
		w.links[j.team.Key] = j.link
	}
}
