package orgsync_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// evidence is a way to say that the second store's worker 1 left.
type evidence struct {
	name    string
	state   func(b *bench, t *testing.T)
	company bool // it says that they left the company, not only the store
	alone   bool // it shows without a new snapshot
}

var evidences = []evidence{
	{"inactive in the store", func(b *bench, t *testing.T) { b.inactive(t, 2, 1) }, false, true},
	{"position ended", func(b *bench, t *testing.T) { b.endPosition(t, 2, 1); b.vanish(t, 2, 1) }, false, false},
	{"employment ended", func(b *bench, t *testing.T) { b.dismiss(t, 2, 1) }, true, true},
	{"account disabled", func(b *bench, t *testing.T) {
		must(t, b.tenant.SetUser(b.worker(t, 2, 1), func(u *simgraph.User) { u.AccountEnabled = false }))
	}, true, true},
	{"blocked", func(b *bench, t *testing.T) {
		must(t, b.syncer(t).Block(t.Context(), org.Block{User: userID(t, b.worker(t, 2, 1))}))
	}, true, true},
}

// Who left goes at the next tick, whatever else is the matter. Where a whole
// roster is in doubt only who left the company goes, and between two snapshots
// only whom a row of its own or the tenant speaks of. Nobody else ever goes.
func TestStatedLeave(t *testing.T) {
	always := func(evidence) bool { return true }
	alone := func(e evidence) bool { return e.alone }
	company := func(e evidence) bool { return e.company }
	conditions := map[string]struct {
		make func(b *bench, t *testing.T)
		goes func(evidence) bool
	}{
		"nothing else": {func(*bench, *testing.T) {}, always},
		"between two snapshots": {func(b *bench, t *testing.T) {
			b.maxAge = time.Hour
			pass(time.Hour)
			b.run(t, t) // the newest snapshot there is
		}, alone},
		"a collection cannot be read": {func(b *bench, t *testing.T) {
			b.vanish(t, 3, 1, 2)
			b.tick(t)
			b.breaks("PositionsV2")
			b.ticks(t, 3*time.Hour)
		}, alone},
		"a collection is short": {func(b *bench, t *testing.T) {
			b.vanish(t, 3, 1, 2)
			b.shrink(t, "PositionsV2", 50)
			b.tick(t)
		}, always},
		"the whole run is held": {func(b *bench, t *testing.T) {
			b.empty(t, "OperatingUnits", "RetailPositionPosPermissions")
			if record := b.tick(t); record.Outcome != ledger.HeldBack {
				t.Fatalf("the run is %s", record.Outcome)
			}
		}, company},
		"in quarantine": {func(b *bench, t *testing.T) {
			b.vanish(t, 3, 1, 2)
			q := &ledger.Quarantine{Quarantine: rails.Quarantine{Since: time.Now(), Run: "r", Tried: 10, Failed: 9}}
			must(t, b.book().SaveQuarantine(t.Context(), q))
		}, always},
		"the store may be closed": {func(b *bench, t *testing.T) {
			b.edit(t, "RetailStores", func(row map[string]any) bool { return row["StoreNumber"] != "000002" })
			b.tick(t)
		}, company},
	}
	for name, c := range conditions {
		t.Run(name, func(t *testing.T) {
			cases := map[string]evidence{}
			for _, e := range evidences {
				cases[e.name] = e
			}
			each(t, cases, func(t *testing.T, e evidence) {
				b := newFull(t, 6, 4)
				before := b.places(t)
				c.make(b, t)
				b.wantPlaces(t, "before", before, nil, nil)
				e.state(b, t)
				record := b.tick(t)
				var lost []string
				if c.goes(e) {
					lost = []string{b.place(t, 2, 1)}
				}
				b.wantPlaces(t, "at the next tick", before, lost, nil)
				if t.Failed() {
					t.Logf("notes: %+v\n%s", record.Notes, record.Plan)
				}
			})
		})
	}
}

// A deleted account leaves the teams by itself; nothing fails over it, and it is
// put back nowhere.
func TestDeletedAccount(t *testing.T) {
	cases := map[string]int{"member": 1, "owner": 0}
	each(t, cases, func(t *testing.T, k int) {
		b := newFull(t, 6, 4)
		before, lost := b.places(t), []string{b.place(t, 2, k)}
		must(t, b.tenant.DeleteUser(b.worker(t, 2, k)))
		var gained []string
		if k == 0 {
			gained = []string{at(2, "owner", b.worker(t, 1, 3))} // the communications manager stands in
		}
		for range 8 {
			if record := b.tick(t); len(record.Failed) > 0 {
				t.Errorf("failed are %v: %+v", record.Failed, record.Notes)
			}
		}
		b.wantPlaces(t, "hours later", before, lost, gained)
		if _, managed := b.link(t, store(2)).Managed.Of(userID(t, b.worker(t, 2, k))); managed {
			t.Error("the deleted account is still managed")
		}
	})
}

// Between two snapshots, by the rows of leaves alone, people go one after the
// other; what the rows say is not forgotten when the next snapshot is read.
func TestDismissedWithinTheHour(t *testing.T) {
	each(t, map[string]func(b *bench, t *testing.T, k int){
		"inactive in the store": func(b *bench, t *testing.T, k int) { b.inactive(t, 2, k) },
		"employment ended":      func(b *bench, t *testing.T, k int) { b.dismiss(t, 2, k) },
	}, func(t *testing.T, leave func(*bench, *testing.T, int)) {
		b := newFull(t, 6, 5)
		b.maxAge = time.Hour
		before := b.places(t)
		var lost []string
		for _, k := range []int{1, 2, 3} {
			leave(b, t, k)
			lost = append(lost, b.place(t, 2, k))
			b.tick(t)
			b.wantPlaces(t, "at the next tick", before, lost, nil)
		}
		b.ticks(t, 3*time.Hour)
		b.wantPlaces(t, "hours later", before, lost, nil)
	})
}

// MODE=add takes nobody out, whatever the evidence, and MODE=full does then.
func TestModeAddTakesNobody(t *testing.T) {
	cases := map[string]evidence{}
	for _, e := range evidences {
		cases[e.name] = e
	}
	each(t, cases, func(t *testing.T, e evidence) {
		b := newFull(t, 6, 4)
		before := b.places(t)
		full := b.mode
		b.mode = "add"
		e.state(b, t)
		b.ticks(t, 2*time.Hour)
		b.wantPlaces(t, "in add", before, nil, nil)
		b.mode = full
		b.tick(t)
		b.wantPlaces(t, "in full", before, []string{b.place(t, 2, 1)}, nil)
	})
}
