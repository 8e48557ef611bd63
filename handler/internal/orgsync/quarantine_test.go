package orgsync_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

const adding = "POST /teams/{team}/members/add"

// hireMany hires somebody into each store from the first to the n-th.
func (b *bench) hireMany(t *testing.T, n int) (gained []string) {
	t.Helper()
	for i := 1; i <= n; i++ {
		gained = append(gained, at(i, "member", b.hire(t, i, i)))
	}
	return gained
}

// refusing makes Teams refuse a request about one of these teams, or about any
// if none is named, until the function it returns is called.
func (b *bench) refusing(route string, teams ...string) (end func()) {
	var ended atomic.Bool
	b.tenant.Inject(simgraph.Fault{Route: route, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		named := slices.ContainsFunc(teams, func(team string) bool { return strings.Contains(r.URL.Path, team) })
		if ended.Load() || len(teams) > 0 && !named {
			next.ServeHTTP(w, r)
			return
		}
		simgraph.Refuse(403, "Forbidden", 0)(w, r, next)
	}})
	return func() { ended.Store(true) }
}

// When too much fails the next runs try a few teams only, and say so. Who left
// goes all the same, everywhere. When the few work again the others do.
func TestTooMuchFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 30, 4)
		before := b.places(t)
		gained := b.hireMany(t, 30)
		mend := b.refusing(adding)
		record := b.tick(t)
		if failed := record.Failed["add member"]; !record.Slowed || record.Outcome != ledger.Partial || failed < 10 || failed+record.Waiting != 30 {
			t.Fatalf("slowed is %v, %s, failed are %v, waiting %d", record.Slowed, record.Outcome, record.Failed, record.Waiting)
		}
		var lost []string
		for n := 11; n <= 20; n++ {
			b.dismiss(t, n, 1)
			lost = append(lost, b.place(t, n, 1))
		}
		record = b.tick(t) // the ten urgent teams are tried, their newcomers too
		if !record.Slowed || record.Done["remove"] != 10 || record.Failed["add member"] != 10 || record.Waiting != 20 {
			t.Errorf("slowed is %v, done are %v, failed %v, waiting %d", record.Slowed, record.Done, record.Failed, record.Waiting)
		}
		b.wantPlaces(t, "in quarantine", before, lost, nil)
		for _, mended := range []bool{false, true} {
			if mended {
				mend()
			}
			record = b.tick(t)
			if !record.Slowed || record.Failed["add member"]+record.Done["add member"] != rails.ProbeTeams || record.Waiting != 25 {
				t.Errorf("slowed is %v, done are %v, failed %v, waiting %d", record.Slowed, record.Done, record.Failed, record.Waiting)
			}
		}
		record = b.tick(t)
		b.wantPlaces(t, "recovered", before, lost, gained)
		if record.Slowed || record.Outcome != ledger.Done {
			t.Errorf("slowed is %v, %s", record.Slowed, record.Outcome)
		}
		if q, err := b.book().Quarantine(t.Context()); err != nil || q != nil {
			t.Errorf("the quarantine is %+v, %v", q, err)
		}
	})
}

// Five teams a run go on, one five after the other, as long as it fails.
func TestQuarantineLastsAndStarvesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 15, 4)
		before := b.places(t)
		gained := b.hireMany(t, 15)
		q := &ledger.Quarantine{Quarantine: rails.Quarantine{Since: time.Now(), Run: "r", Tried: 20, Failed: 20}}
		must(t, b.book().SaveQuarantine(t.Context(), q))
		b.refusing(adding, b.team(t, store(1)).ID, b.team(t, store(2)).ID)
		tried := 0
		for range 4 { // 2 of 5 fail, then 0 of 5: that ends it
			record := b.tick(t)
			tried += record.Done["add member"] + record.Failed["add member"]
		}
		b.wantPlaces(t, "all but two", before, nil, gained[2:])
		if tried > 15+3*2 {
			t.Errorf("%d changes were tried", tried)
		}
	})
}

// What fails within the budget, or is too little to say anything, slows nothing.
func TestWithinTheErrorBudget(t *testing.T) {
	each(t, map[string]struct{ hired, bad int }{
		"a fifth":         {10, 2},
		"all of a few":    {9, 9},
		"one of one":      {1, 1},
		"more than these": {10, 3},
	}, func(t *testing.T, c struct{ hired, bad int }) {
		b := newFull(t, 10, 2)
		b.hireMany(t, c.hired)
		b.tenant.Inject(simgraph.Fault{Route: adding, Times: c.bad, Do: simgraph.Refuse(403, "Forbidden", 0)})
		record := b.tick(t)
		if want := c.bad == 3; record.Slowed != want || record.Failed["add member"] != c.bad {
			t.Errorf("slowed is %v, failed are %v", record.Slowed, record.Failed)
		}
	})
}

// A run in which everything fails ends before it has tried everything.
func TestFailingRunStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slots, stores = 256, 290
		b := newFull(t, stores, 1)
		b.hireMany(t, stores)
		b.tenant.Inject(simgraph.Fault{Route: adding, Do: simgraph.Refuse(403, "Forbidden", 0)})
		record := b.tick(t)
		if failed := record.Failed["add member"]; !record.Slowed || failed < 10 || failed+record.Waiting != stores || record.Waiting == 0 {
			t.Errorf("of %d, %d failed and %d wait", stores, failed, record.Waiting)
		}
	})
}

// A leaver's removal that always fails does not keep other leavers in.
func TestUrgentInQuarantine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 12, 4)
		q := &ledger.Quarantine{Quarantine: rails.Quarantine{Since: time.Now(), Run: "r", Tried: 20, Failed: 20}}
		must(t, b.book().SaveQuarantine(t.Context(), q))
		before := b.places(t)
		var bad, lost []string
		for n := 1; n <= 12; n++ {
			b.dismiss(t, n, 1)
			if n > 4 {
				lost = append(lost, b.place(t, n, 1))
			} else {
				bad = append(bad, b.team(t, store(n)).ID)
			}
		}
		b.refusing("POST /teams/{team}/members/remove", bad...)
		record := b.tick(t)
		b.wantPlaces(t, "at the next tick", before, lost, nil)
		if record.Failed["remove"] != 4 || !record.Slowed {
			t.Errorf("failed are %v, slowed is %v", record.Failed, record.Slowed)
		}
	})
}
