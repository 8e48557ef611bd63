package orgsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
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

// job is one team's changes, with all of the ledger that they touch. Each job
// is worked on by one goroutine.
type job struct {
	syncer  *Syncer
	team    org.Team
	changes []plan.Change
	groups  map[org.TeamID]*ledger.Group // the mirror, not to be written here
	link    *ledger.Link                 // nil until the team has a group
	group   *ledger.Group                // likewise
	claim   *ledger.Claim                // nil unless a creation is under way
	made    bool                         // the team was made in this run: it may need time
}

// tally gathers what became of the changes.
type tally struct {
	mu  sync.Mutex
	run *ledger.Run
}

// apply carries the plan out, each team by itself: what fails in one does not
// stop the others. The error is only for a run that has to end.
func (s *Syncer) apply(ctx context.Context, w *world, p plan.Plan, run *ledger.Run) error {
	began := time.Now()
	t := &tally{run: run}
	jobs := s.jobs(w, p)
	work := new(errgroup.Group)
	work.SetLimit(parallelTeams)
	for _, j := range jobs {
		work.Go(func() error {
			if time.Since(began) > s.settings.RunBudget || ctx.Err() != nil {
				t.wait(j, "the run's time was used up")
			} else {
				j.work(ctx, t)
			}
			return ctx.Err()
		})
	}
	if err := work.Wait(); err != nil {
		return fmt.Errorf("orgsync: apply: %w", err)
	}
	for _, j := range jobs {
		w.take(j)
	}
	return nil
}

// jobs splits the plan by team, the longest-waiting first.
func (s *Syncer) jobs(w *world, p plan.Plan) []*job {
	teams := map[org.TeamKey]org.Team{}
	for _, team := range w.roster.Teams {
		teams[team.Key] = team
	}
	var jobs []*job
	for _, changes := range p.ByTeam() {
		j := &job{syncer: s, team: teams[changes[0].Team], changes: changes, groups: w.groups}
		j.link, j.claim = w.links[j.team.Key], w.claims[j.team.Key]
		if f, ok := w.found[j.team.Key]; ok {
			j.group = w.groups[f.Group]
		}
		jobs = append(jobs, j)
	}
	slices.SortStableFunc(jobs, func(a, b *job) int { return a.attempted().Compare(b.attempted()) })
	return jobs
}

// attempted is when the team's changes were last tried.
func (j *job) attempted() time.Time {
	var last time.Time
	if j.link != nil {
		last = j.link.Attempted
	}
	if j.claim != nil && j.claim.Attempted.After(last) {
		last = j.claim.Attempted
	}
	return last
}

// take takes what a job made of the ledger's rows into the world.
func (w *world) take(j *job) {
	if j.group != nil {
		w.groups[j.group.ID] = j.group
	}
	if j.link != nil {
		w.links[j.team.Key] = j.link
	}
}

// work carries out one team's changes.
func (j *job) work(ctx context.Context, t *tally) {
	making, rest := j.split()
	if len(making) > 0 {
		if err := j.provision(ctx, making); err != nil {
			t.note(j, making, err)
			return // without a team there is nobody to add
		}
		t.note(j, making, nil)
	}
	if j.link == nil { // a group of ours that the ledger did not know yet
		if err := j.saveNew(ctx, ""); err != nil {
			t.fail(j, "link the group", err)
			return
		}
	}
	var adds []plan.Change
	for _, c := range rest {
		switch c.Kind {
		case plan.Rename:
			t.note(j, []plan.Change{c}, j.rename(ctx, c))
		case plan.Promote:
			t.note(j, []plan.Change{c}, j.promote(ctx, c))
		default:
			adds = append(adds, c)
		}
	}
	j.add(ctx, adds, t)
	if err := j.save(ctx); err != nil {
		t.fail(j, "save to the ledger", err)
	}
}

// split parts the changes that make the team from the others.
func (j *job) split() (making, rest []plan.Change) {
	i := 0
	for i < len(j.changes) && j.changes[i].Kind <= plan.MakeTeam {
		i++
	}
	return j.changes[:i], j.changes[i:]
}

func (j *job) rename(ctx context.Context, c plan.Change) error {
	if err := timeToWrite(ctx, 0); err != nil {
		return err
	}
	if err := j.syncer.Teams.Rename(ctx, j.group.ID, c.Name); err != nil {
		return err
	}
	j.group.Name = c.Name
	j.link.KeepName = ""
	return nil
}

func (j *job) promote(ctx context.Context, c plan.Change) error {
	if err := timeToWrite(ctx, 0); err != nil {
		return err
	}
	err := j.syncer.Teams.Promote(ctx, j.group.ID, c.User)
	switch {
	case fault.Is(err, fault.NotFound):
		j.group.People.Drop(c.User) // the mirror was wrong: the next run adds them
		return err
	case err != nil:
		return err
	}
	j.group.People.Set(c.User, org.Owner)
	return nil
}

// add adds people, owners first, in as few calls as it takes.
func (j *job) add(ctx context.Context, adds []plan.Change, t *tally) {
	if len(adds) == 0 {
		return
	}
	people := make([]org.Person, len(adds))
	for i, c := range adds {
		people[i].User = c.User
		if c.Kind == plan.AddOwner {
			people[i].Role = org.Owner
		}
	}
	var results []error
	err := j.whileYoung(ctx, func() (err error) {
		results, err = j.syncer.Teams.AddMembers(ctx, j.group.ID, people)
		return err
	})
	for i, c := range adds {
		outcome := err
		if i < len(results) {
			outcome = results[i]
		}
		if outcome == nil {
			j.group.People.Set(c.User, people[i].Role)
		}
		t.note(j, adds[i:i+1], outcome)
	}
}

// save writes what the job learned, also when the run is told to stop.
func (j *job) save(ctx context.Context) error {
	if j.group == nil || j.link == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	now := time.Now().UTC()
	j.group.Written = now
	if err := j.syncer.Book.SaveGroup(ctx, j.group); err != nil {
		return err
	}
	j.link.Attempted = now
	j.link.Manage(j.team, j.group)
	return j.syncer.Book.SaveLink(ctx, j.link)
}

// note notes what became of changes.
func (t *tally) note(j *job, changes []plan.Change, err error) {
	if errors.Is(err, errWaiting) {
		t.wait(j, err.Error())
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range changes {
		kind := c.Kind.String()
		if err == nil {
			count(&t.run.Done, kind)
			j.syncer.Log.Info("change done", "run", t.run.ID, "team", c.Team.String(), "change", kind, "user", c.User, "worker", string(c.Worker))
			continue
		}
		countFailure(t.run, kind, err)
		note(t.run, "failed", c.Team, fmt.Sprintf("%s: %v", c, err))
		j.syncer.Log.Warn("change failed", "run", t.run.ID, "team", c.Team.String(), "change", kind, "user", c.User, "worker", string(c.Worker), "err", err)
	}
}

// fail notes a failure that is about no single change.
func (t *tally) fail(j *job, doing string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	countFailure(t.run, doing, err)
	note(t.run, "failed", j.team.Key, fmt.Sprintf("%s: %v", doing, err))
	j.syncer.Log.Warn("team not finished", "run", t.run.ID, "team", j.team.Key.String(), "doing", doing, "err", err)
}

// wait notes that a team is put off.
func (t *tally) wait(j *job, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
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
