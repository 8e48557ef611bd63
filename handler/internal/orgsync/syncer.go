package orgsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// Mode says how much a run may do.
type Mode string

// The modes.
const (
	ModePlan Mode = "plan" // compute and record, change nothing in the tenant
	ModeAdd  Mode = "add"  // create, restore, add, promote, rename
	ModeFull Mode = "full" // that, and remove, demote and archive, as far as the rails let it
)

// Settings are the knobs of a run.
type Settings struct {
	Mode    Mode
	Binding ledger.Binding
	Rules   org.Rules
	Adopt   bool

	SnapshotMaxAge     time.Duration // older than this, Commerce is read again
	TeamPollInterval   time.Duration // between looks at a team's creation; Microsoft asks for over 30 s
	GroupRetryInterval time.Duration // between tries while a new group spreads through Microsoft's directory
	RunBudget          time.Duration // after it a run begins no further team

	Limits             rails.Limits
	MinSource          int           // percent of the last good reading's rows that a reading must have
	ArchiveAfter       time.Duration // how long a store is closed before its team is archived
	ErrorBudgetPercent int           // failed changes, of those tried, that stop a run
}

// Parts are what a Syncer works with.
type Parts struct {
	Commerce    Commerce
	Directory   Directory
	Provisioner Provisioner
	Teams       Teams
	Book        *ledger.Book
	Log         *slog.Logger

	// GraphCalls and CommerceCalls count the requests sent so far, by class.
	GraphCalls    func() map[string]int
	CommerceCalls func() map[string]int

	// Ended is told of each run that has ended. Nil: nobody is.
	Ended func(ctx context.Context, run *ledger.Run)
}

// Syncer runs the reconciliation, once at a time. A run in another instance of
// the app at the same time does no harm: creations are idempotent and the
// ledger's writes conditional, so that one of the two gives up.
type Syncer struct {
	Parts
	settings Settings
	turn     chan struct{} // holds a token while nobody runs
}

// New returns a Syncer.
func New(parts Parts, settings Settings) *Syncer {
	s := &Syncer{Parts: parts, settings: settings, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// Bind ties the ledger to these settings, or says as a fault.Invalid that it
// belongs to others.
func (s *Syncer) Bind(ctx context.Context) error { return s.Book.Bind(ctx, s.settings.Binding) }

// Run reconciles once and leaves a record, also when it fails. The error says
// that the run could not be carried out; a change that failed is in the record
// and is no error of the run, for the next one tries it again.
func (s *Syncer) Run(ctx context.Context, invocation string) error {
	_, err := s.run(ctx, "OrgSync", invocation, scope{})
	return err
}

// scope says which teams a run changes: with a store that store's, with hints
// those that the hints are about, else all. Whatever it is, all is computed as
// ever, and what is due elsewhere is left to the next run.
type scope struct {
	store org.StoreNumber
	hints *Hints
}

// teams returns the teams in the scope; nil: all.
func (sc scope) teams(w *world, p plan.Plan) map[org.TeamKey]bool {
	switch {
	case sc.store != "":
		return map[org.TeamKey]bool{{Store: sc.store}: true}
	case sc.hints != nil:
		return sc.hints.teams(w, p)
	}
	return nil
}

// run is Run, of a scope.
func (s *Syncer) run(ctx context.Context, function, invocation string, of scope) (*ledger.Run, error) {
	release, err := s.takeTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	run := ledger.NewRun(function, invocation, string(s.settings.Mode), time.Now())
	run.Store, run.Hinted = string(of.store), of.hints != nil
	if err := s.Bind(ctx); err != nil {
		return nil, err // there may be no ledger of ours to keep a record in
	}
	if ctx, release, err = s.takeOrganization(ctx, run); err != nil {
		return nil, err
	}
	defer release()
	if err := s.Book.SaveRun(ctx, run); err != nil {
		return nil, fmt.Errorf("orgsync: begin a run record: %w", err)
	}
	calls := s.countCalls()
	t := &tally{run: run, percent: s.settings.ErrorBudgetPercent, log: s.Log}
	err = s.reconcile(ctx, run, t, of)
	calls(run)
	s.end(ctx, run, err)
	return run, errors.Join(err, s.keep(ctx, run, t.events.list))
}

// keep saves a run's record and then its events, and forgets old ones. The record
// tells how the run went, so only its loss fails the run.
func (s *Syncer) keep(ctx context.Context, run *ledger.Run, events []ledger.Event) error {
	if err := briefly(ctx, func(ctx context.Context) error { return s.Book.SaveRun(ctx, run) }); err != nil {
		return fmt.Errorf("orgsync: save the run record: %w", err)
	}
	var steps []func(context.Context) error
	if len(events) > 0 {
		steps = append(steps, func(ctx context.Context) error { return s.Book.SaveEvents(ctx, run.ID, events) })
	}
	steps = append(steps, s.Book.ForgetRuns)
	if len(run.Rows) > 0 { // once an hour is often enough for what is kept for months
		steps = append(steps, func(ctx context.Context) error { return s.Book.ForgetActs(ctx, time.Now()) })
	}
	for _, step := range steps {
		if err := briefly(ctx, step); err != nil {
			s.Log.ErrorContext(ctx, "run's traces not in order", "run", run.ID, "err", err)
		}
	}
	return nil
}

// briefly does what is worth a few seconds more when the run was told to stop.
func briefly(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	return do(ctx)
}

// takeTurn waits until no run of this process is under way.
func (s *Syncer) takeTurn(ctx context.Context) (release func(), err error) {
	select {
	case <-s.turn:
		return func() { s.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, fault.New(fault.KindOf(ctx.Err()), "orgsync: wait for the run before", ctx.Err())
	}
}

// countCalls remembers the counters; the function it returns puts what was
// added since into a record.
func (s *Syncer) countCalls() func(*ledger.Run) {
	graph, commerce := s.GraphCalls(), s.CommerceCalls()
	return func(run *ledger.Run) {
		run.GraphCalls = since(graph, s.GraphCalls())
		run.CommerceCalls = since(commerce, s.CommerceCalls())
	}
}

func since(before, after map[string]int) map[string]int {
	added := map[string]int{}
	for class, n := range after {
		if n > before[class] {
			added[class] = n - before[class]
		}
	}
	return added
}

// end closes the record and says in one line what the run did. Alerts and the
// workbook in infra read the line; a test knows its fields.
func (s *Syncer) end(ctx context.Context, run *ledger.Run, err error) {
	run.Ended = time.Now().UTC()
	switch {
	case err != nil:
		run.Outcome, run.Error = ledger.Failed, err.Error()
	case run.Outcome == ledger.HeldBack:
	case run.Waiting > 0 || len(run.Failed) > 0:
		run.Outcome = ledger.Partial
	default:
		run.Outcome = ledger.Done
	}
	s.Log.InfoContext(ctx, "run ended", "run", run.ID, "function", run.Function, "invocation", run.Invocation,
		"mode", run.Mode, "store", run.Store, "hinted", run.Hinted, "outcome", run.Outcome, "slowed", run.Slowed,
		"planned", sum(run.Planned), "done", sum(run.Done), "failed", sum(run.Failed), "waiting", run.Waiting,
		"held", run.Held, "later", run.Later, "unmapped", sum(run.Unmapped), "stores", run.Stores, "people", run.People,
		"graph_calls", sum(run.GraphCalls), "commerce_calls", sum(run.CommerceCalls), "seconds", run.Ended.Sub(run.Started).Seconds())
	if s.Ended != nil {
		s.Ended(ctx, run)
	}
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// reconcile is the run itself.
func (s *Syncer) reconcile(ctx context.Context, run *ledger.Run, t *tally, of scope) error {
	w, unread := s.read(ctx, run, of)
	if w == nil {
		return unread
	}
	p := s.compute(w, time.Now())
	if unread != nil { // who left the company does not wait for the tenant to be readable
		p.Hold = "the tenant could not be read"
	}
	verdict := s.check(w, p, time.Now())
	if p.Hold != "" {
		run.Outcome, run.Error = ledger.HeldBack, p.Hold
	}
	shown := show(p, verdict)
	describe(run, w, shown)
	s.alarm(run, verdict, time.Now())
	if err := s.Book.SavePlan(ctx, run.ID, shown.WriteText); err != nil {
		return fmt.Errorf("orgsync: save the plan: %w", err)
	}
	if s.settings.Mode == ModePlan {
		return unread
	}
	teams := of.teams(w, p)
	verdict, err := s.remember(ctx, w, p, verdict, run, teams)
	if err != nil {
		return errors.Join(unread, err)
	}
	if err := s.apply(ctx, w, due(verdict.Plan, teams), t); err != nil {
		return errors.Join(unread, err)
	}
	if p.Hold != "" {
		return unread
	}
	return s.settle(ctx, w)
}

// due are the changes of a plan that a run of these teams is to carry out; nil:
// of all.
func due(p plan.Plan, teams map[org.TeamKey]bool) plan.Plan {
	if teams != nil {
		p.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(c plan.Change) bool { return !teams[c.Team] })
	}
	return p
}

// show is the plan for people: one held as a whole is shown as it is.
func show(p plan.Plan, v rails.Verdict) plan.Plan {
	if p.Hold != "" {
		return p
	}
	return v.Plan
}
