package orgsync_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// After a run managed is whom Commerce wants and who is there, as at least
// what Commerce wants; never anybody else.
func TestManaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 2, 4, simgraph.Options{})
		b.run(t, t)
		team := b.team(t, store(1)).ID
		manager, clerk, chief := b.worker(t, 1, 0), b.worker(t, 1, 1), b.worker(t, 1, 2)
		want := map[string]org.Role{manager: org.Owner, clerk: org.Member, chief: org.Member, b.worker(t, 1, 3): org.Member}
		b.wantManaged(t, store(1), want)
		b.wantManaged(t, org.Communications, map[string]org.Role{b.office(2): org.Owner, b.worker(t, 1, 3): org.Member})

		must(t, b.tenant.AddMember(team, b.office(0)))
		must(t, b.tenant.AddOwner(team, b.office(1)))
		must(t, b.tenant.AddOwner(team, chief)) // Commerce wants a member: managed as one
		b.tick(t)
		b.wantManaged(t, store(1), want)

		// Promoted in Commerce: managed as owner once that is done.
		b.edit(t, "OperatingUnits", func(row map[string]any) bool {
			if row["OperatingUnitNumber"] == "U000001" {
				row["ManagerPersonnelNumber"] = "000001001"
			}
			return true
		})
		b.tenant.Inject(simgraph.Fault{Route: "PATCH /teams/{team}/members/{membership}", Times: 1, Do: simgraph.Refuse(403, "Forbidden", 0)})
		if record := b.tick(t); record.Failed["promote"] != 1 {
			t.Errorf("failed are %v", record.Failed)
		}
		b.wantManaged(t, store(1), want)
		b.tick(t)
		want[clerk] = org.Owner
		b.wantManaged(t, store(1), want)
	})
}

func TestRecordAddsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 4, 5, simgraph.Options{OperationTime: time.Minute})
		first := b.run(t, t)
		planned := map[string]int{"create team": 5, "add member": 4*4 + 1}
		if !maps.Equal(first.Planned, planned) || !maps.Equal(first.Done, planned) || len(first.Failed)+len(first.Errors)+first.Waiting > 0 {
			t.Errorf("planned %v, done %v, failed %v; want %v planned and done", first.Planned, first.Done, first.Failed, planned)
		}
		if first.Stores != 4 || first.People != 4*5+2 || first.Outcome != ledger.Done || first.Function != "OrgSync" || first.Invocation != "test" {
			t.Errorf("the record says %+v", first.Run)
		}
		calls := 0
		for _, n := range b.tenant.Requests() {
			calls += n
		}
		batched := b.tenant.Requests()["GET /groups/{group}"] // and so on: the parts of a batch are one call
		if sum(first.GraphCalls) != calls-3*batched || sum(first.CommerceCalls) != sum(b.commerce.Requests()) {
			t.Errorf("the record counts %v and %v, the servers %v and %v", first.GraphCalls, first.CommerceCalls, b.tenant.Requests(), b.commerce.Requests())
		}
		if took := first.Ended.Sub(first.Started); took < time.Minute {
			t.Errorf("the run took %v, and a team a minute", took)
		}
		if second := b.tick(t); len(second.Planned) > 0 || sum(second.GraphCalls) != 2 {
			t.Errorf("a run with nothing to do: planned %v, %v calls", second.Planned, second.GraphCalls)
		}
	})
}

// A thousand things to note are counted, and the first of each kind noted.
func TestNotesAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stores, enough = 60, 20
		w := worldgen.Chain(stores, 2)
		for n := 1; n <= stores; n++ {
			w.Commerce["IntegrationSourceMappings"] = append(w.Commerce["IntegrationSourceMappings"],
				mapping(n, fmt.Sprintf("99999999-0000-4000-8000-%012d", n)))
		}
		b := newBenchOf(t, w, simgraph.Options{})
		b.tenant.Inject(simgraph.Fault{Route: "POST /teams/{team}/members/add", Do: simgraph.Refuse(403, "Forbidden", 0)})
		record := b.run(t, t)
		if record.Findings[string(org.StaleMapping)] != stores || record.Failed["add member"] != stores+1 {
			t.Errorf("findings are %v, failed are %v", record.Findings, record.Failed)
		}
		kinds := map[string]int{}
		for _, n := range record.Notes {
			kinds[n.Kind]++
		}
		if want := map[string]int{"failed": enough, string(org.StaleMapping): enough}; !maps.Equal(kinds, want) {
			t.Errorf("notes are %v, want %v", kinds, want)
		}
	})
}

// The last hundred records stay, and their plans.
func TestOldRunsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 1, 1, simgraph.Options{})
		first := b.run(t, t)
		b.ticks(t, 99*tick)
		if runs := b.runs(t); len(runs) != 100 || runs[0].ID != first.ID {
			t.Fatalf("after 100 runs %d are kept", len(runs))
		}
		b.ticks(t, 5*tick)
		runs := b.runs(t)
		if len(runs) != 100 || !runs[0].Started.After(first.Started) {
			t.Errorf("%d runs are kept, the oldest of %v", len(runs), runs[0].Started)
		}
		for row, err := range b.store.List(t.Context(), "blob/plan/"+first.ID, "") {
			must(t, err)
			t.Errorf("of the first run's plan there still is %s", row.Row)
		}
		for _, run := range runs {
			must(t, b.book().ReadPlan(t.Context(), run.ID, func(io.Reader) error { return nil }))
		}
	})
}

// The plan in a record is cut where it is very long; the ledger has the whole.
func TestLongPlanIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 1, 1, simgraph.Options{})
		b.run(t, t)
		for _, length := range []int{1<<20 - 1, 1 << 20, 1<<20 + 1, 3 << 20} {
			pass(time.Second)
			run := ledger.NewRun("OrgSync", "long", "plan", time.Now())
			must(t, b.book().SaveRun(t.Context(), run))
			text := []byte("x" + strings.Repeat("ü", (length-1)/2) + strings.Repeat("x", (length-1)%2))
			must(t, b.book().SavePlan(t.Context(), run.ID, func(w io.Writer) error { _, err := w.Write(text); return err }))
			record, err := b.syncer(t).LastRun(t.Context())
			must(t, err)
			switch whole := length <= 1<<20; {
			case record.ID != run.ID:
				t.Errorf("the last run is %s, want %s", record.ID, run.ID)
			case whole && record.Plan != string(text):
				t.Errorf("a plan of %d bytes came back as %d", length, len(record.Plan))
			case !whole && (len(record.Plan) > 1<<20+100 || !strings.HasSuffix(record.Plan, "(cut)\n") || !utf8.ValidString(record.Plan)):
				t.Errorf("a plan of %d bytes came back as %d, ending in %q", length, len(record.Plan), record.Plan[len(record.Plan)-20:])
			}
		}
	})
}

// What Plan says from the ledger alone is what the next run does.
func TestPlanTellsTheNextRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBenchOf(t, motley(), simgraph.Options{})
		b.settings.Adopt = true
		_, err := b.syncer(t).Plan(t.Context())
		if !fault.Is(err, fault.NotFound) {
			t.Fatalf("a plan before any run: %v", err)
		}
		if _, err := b.syncer(t).LastRun(t.Context()); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a record before any run: %v", err)
		}
		b.mode = "plan"
		b.run(t, t)
		b.mode = "add"
		told := b.foretold(t)
		if next := b.tick(t); next.Plan != told || len(next.Planned) == 0 {
			t.Errorf("foretold was\n%s\nand it was\n%s", told, next.Plan)
		}
		told = b.foretold(t)
		if next := b.tick(t); next.Plan != told || len(next.Planned) > 0 {
			t.Errorf("foretold was\n%s\nand it was\n%s", told, next.Plan)
		}
	})
}

// foretold is the plan's text, computed without a request and without a trace.
func (b *bench) foretold(t *testing.T) string {
	t.Helper()
	kept, requests := b.remembered(t), b.commerce.Requests()
	var p plan.Plan
	asked := b.requests(func() {
		var err error
		p, err = b.syncer(t).Plan(t.Context())
		must(t, err)
	})
	if len(asked) > 0 || !maps.Equal(b.commerce.Requests(), requests) {
		t.Errorf("the plan took requests: %v", asked)
	}
	if !maps.Equal(b.remembered(t), kept) {
		t.Error("the plan changed the ledger")
	}
	var text bytes.Buffer
	must(t, p.WriteText(&text))
	return text.String()
}
