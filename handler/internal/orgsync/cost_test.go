package orgsync_test

import (
	"maps"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// graphPercent is the default of GRAPH_RATE_PERCENT, and planRates the published
// limits at it.
const graphPercent = 50

func planRates(poll time.Duration) plan.Rates {
	return plan.Rates{
		CreateTeam: 5, ListMembers: 30, OtherRead: 15, OtherWrite: 15, PerTeam: 2, Units: 175, Writes: 10, Poll: poll,
	}
}

// till counts what leaves for Graph by class, at the rates of package graph.
type till struct {
	rates *graph.Rates

	mu    sync.Mutex
	calls map[string]int
}

// metered is a way out past the till.
type metered struct {
	till *till
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w metered) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/v1.0/") { // else for Commerce
		if err := w.till.rates.Admit(r); err != nil {
			return nil, err
		}
		w.till.mu.Lock()
		w.till.calls[w.till.rates.Label(r)]++
		w.till.mu.Unlock()
	}
	return w.next.RoundTrip(r)
}

// isReading reports whether a class of requests is a run's reading, which is no
// part of what a plan costs.
func isReading(class string) bool {
	return strings.HasSuffix(class, "/delta") || class == "POST /$batch" || class == "GET /directory/deletedItems/{id}"
}

// estimated reads Commerce and the tenant, changes nothing, and prices the plan.
func (b *bench) estimated(t *testing.T) plan.Cost {
	t.Helper()
	mode := b.mode
	b.mode = orgsync.ModePlan
	b.run(t, t)
	b.mode = mode
	survey, err := b.syncer(t).Survey(t.Context())
	must(t, err)
	return survey.Plan.Cost(planRates(b.poll))
}

// paid runs and returns what the run asked of Graph, beside reading, and how
// long it took.
func (b *bench) paid(t *testing.T) (calls map[string]int, took time.Duration) {
	t.Helper()
	c := &till{rates: graph.NewRates(graphPercent), calls: map[string]int{}}
	b.wrap = func(next http.RoundTripper) http.RoundTripper { return metered{c, next} }
	record := b.run(t, t)
	b.wrap = nil
	if record.Outcome != ledger.Done {
		t.Fatalf("the run is %s: %+v", record.Outcome, record.Notes)
	}
	if all := sum(c.calls); all != sum(record.GraphCalls) {
		t.Errorf("the record counts %d calls, the way %d", sum(record.GraphCalls), all)
	}
	maps.DeleteFunc(c.calls, func(class string, _ int) bool { return isReading(class) })
	return c.calls, record.Ended.Sub(record.Started)
}

// adopting is a chain whose first store has a group that is no team and has no
// owner.
func adopting(t *testing.T) *bench {
	w := worldgen.Chain(6, 3)
	id := existing(&w, "", false)
	w.Commerce["IntegrationSourceMappings"] = append(w.Commerce["IntegrationSourceMappings"], mapping(1, id))
	b := newBenchOf(t, w, simgraph.Options{})
	b.settings.Adopt = true
	return b
}

// leave lets 21 people leave one store, and one each of the others.
func leave(b *bench, t *testing.T) {
	for k := 5; k < 26; k++ {
		b.inactive(t, 1, k)
	}
	for n := 2; n <= 6; n++ {
		b.dismiss(t, n, 2)
	}
}

func rename(b *bench, t *testing.T) {
	for n := 1; n <= 12; n++ {
		b.renameStore(t, n, "New name")
	}
}

// closing closes the second store, up to the run that archives its team.
func closing(b *bench, t *testing.T) {
	b.archiveAfter = time.Hour
	b.closes(t)
	b.ticks(t, time.Hour+tick)
	if b.team(t, store(2)).Archived {
		t.Fatal("the team is archived already")
	}
}

// reopening closes it, and opens it again when its team is archived.
func reopening(b *bench, t *testing.T) {
	b.archiveAfter = time.Hour
	b.closes(t)
	b.ticks(t, 2*time.Hour)
	if !b.team(t, store(2)).Archived {
		t.Fatal("the team is not archived")
	}
	b.reopens(t)
}

// deleting deletes the second store's team by hand.
func deleting(b *bench, t *testing.T) {
	must(t, b.tenant.DeleteGroup(b.team(t, store(2)).ID))
}

// What a plan is said to cost is what carrying it out takes: each write, the
// calls in all within a fifth, and the time (of the bubble) within a fifth and
// the seconds that reading takes.
func TestCostIsWhatARunTakes(t *testing.T) {
	type scene struct {
		bench  func(t *testing.T) *bench
		change func(b *bench, t *testing.T)
		least  int // calls
	}
	nothing := func(*bench, *testing.T) {}
	fresh := func(stores, workers int) func(t *testing.T) *bench {
		return func(t *testing.T) *bench { return newChain(t, stores, workers, simgraph.Options{}) }
	}
	full := func(stores, workers int) func(t *testing.T) *bench {
		return func(t *testing.T) *bench { return newFull(t, stores, workers) }
	}
	each(t, map[string]scene{
		"20 teams with 500 members": {fresh(20, 26), nothing, 20*5 + 4},
		"teams of two bulk calls":   {fresh(3, 251), nothing, 3*6 + 4},
		"300 teams":                 {fresh(300, 2), nothing, 300 * 5},
		"hires in many teams":       {full(12, 3), func(b *bench, t *testing.T) { b.hireMany(t, 12) }, 12},
		"leavers, 21 of one team":   {full(6, 30), leave, 1 + 2 + 5*2},
		"renames":                   {full(12, 3), rename, 12},
		"another manager":           {full(6, 5), func(b *bench, t *testing.T) { b.succeed(t) }, 2},
		"no longer the manager":     {full(6, 5), func(b *bench, t *testing.T) { b.succeed(t); b.tick(t) }, 2},
		"an adopted group":          {adopting, nothing, 5},
		"archiving":                 {full(6, 3), closing, 2},
		"making active again":       {full(6, 3), reopening, 2},
		"a team was deleted":        {full(6, 3), deleting, 1},
	}, func(t *testing.T, s scene) {
		b := s.bench(t)
		s.change(b, t)
		pass(tick)
		cost := b.estimated(t)
		pass(time.Second) // runs are told apart by when they began
		calls, took := b.paid(t)
		for _, list := range []map[string]int{calls, cost.Calls} {
			for class := range list {
				if !strings.HasPrefix(class, "GET ") && calls[class] != cost.Calls[class] {
					t.Errorf("%s: estimated %d, made %d", class, cost.Calls[class], calls[class])
				}
			}
		}
		if made := sum(calls); made < s.least || math.Abs(float64(made-cost.Total)) > float64(made)/5 {
			t.Errorf("estimated %v, made %v", cost.Calls, calls)
		}
		if seconds := took.Seconds(); math.Abs(seconds-float64(cost.Seconds)) > seconds/5+3 {
			t.Errorf("estimated %d seconds, took %v", cost.Seconds, took)
		}
	})
}
