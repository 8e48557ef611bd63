package orgsync

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// tally gathers what became of the changes.
type tally struct {
	percent int // of the changes tried that may fail
	log     *slog.Logger

	mu            sync.Mutex
	run           *ledger.Run
	tried, failed int
	waiting       map[org.TeamKey]bool
	events        events
}

// maxEvents bounds what is kept of a run that makes a whole chain's teams. Who
// was merely added beyond it is in the run's plan.
const maxEvents = 100_000

// events are what a run did.
type events struct{ list []ledger.Event }

// add notes a change that was carried out, or that failed.
func (e *events) add(run string, c plan.Change, err error) {
	if len(e.list) >= maxEvents && err == nil && !c.Kind.Taking() {
		return
	}
	event := ledger.Event{
		At: time.Now().UTC(), Run: run, Team: &c.Team, What: c.Kind.String(), Text: c.String(), User: c.User, Worker: c.Worker,
	}
	if err != nil {
		event.Error = err.Error()
	}
	e.list = append(e.list, event)
}

// over reports whether so much failed that the run had better stop.
func (t *tally) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return rails.OverBudget(t.tried, t.failed, t.percent)
}

// well reports whether what a run tried went well enough for the next ones to
// run as ever. One that tried nothing says nothing.
func (t *tally) well() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tried > 0 && t.failed*100 <= t.tried*t.percent
}

// note notes what became of changes.
func (t *tally) note(j *job, changes []plan.Change, err error) {
	if errors.Is(err, errWaiting) {
		t.wait(j, err.Error())
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tried += len(changes)
	for _, c := range changes {
		kind := c.Kind.String()
		t.events.add(t.run.ID, c, err)
		if err == nil {
			count(&t.run.Done, kind)
			t.log.Info("change done", "run", t.run.ID, "invocation", t.run.Invocation, "team", c.Team.String(), "change", kind, "user", c.User, "worker", string(c.Worker))
			continue
		}
		t.failed++
		countFailure(t.run, kind, err)
		note(t.run, "failed", c.Team, fmt.Sprintf("%s: %v", c, err))
		t.log.Warn("change failed", "run", t.run.ID, "invocation", t.run.Invocation, "team", c.Team.String(), "change", kind, "user", c.User, "worker", string(c.Worker), "err", err)
	}
}

// fail notes a failure that is about no single change.
func (t *tally) fail(j *job, doing string, err error) {
	if errors.Is(err, errWaiting) {
		t.wait(j, err.Error())
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tried++
	t.failed++
	t.events.list = append(t.events.list, ledger.Event{
		At: time.Now().UTC(), Run: t.run.ID, Team: &j.team.Key, What: doing, Text: doing, Error: err.Error(),
	})
	countFailure(t.run, doing, err)
	note(t.run, "failed", j.team.Key, fmt.Sprintf("%s: %v", doing, err))
	t.log.Warn("team not finished", "run", t.run.ID, "team", j.team.Key.String(), "doing", doing, "err", err)
}

// wait notes that a team, or something of it, is put off.
func (t *tally) wait(j *job, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting[j.team.Key] {
		return
	}
	if t.waiting == nil {
		t.waiting = map[org.TeamKey]bool{}
	}
	t.waiting[j.team.Key] = true
	t.run.Waiting++
	note(t.run, "waiting", j.team.Key, why)
}

// countFailure counts what failed, by what it was and by kind of error.
func countFailure(run *ledger.Run, doing string, err error) {
	count(&run.Failed, doing)
	count(&run.Errors, fault.KindOf(err).String())
}

func count(counts *map[string]int, name string) {
	if *counts == nil {
		*counts = map[string]int{}
	}
	(*counts)[name]++
}
