package orgsync_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// A rule that stops the whole run stops every write, and a person's correction
// lets the next run go on.
func TestRunIsHeld(t *testing.T) {
	cases := map[string]struct {
		spoil func(*bench, *testing.T)
		mend  func(*bench, *testing.T)
	}{
		"too many stores without a manager": {
			func(b *bench, t *testing.T) { b.empty(t, "OperatingUnits", "RetailPositionPosPermissions") },
			func(b *bench, t *testing.T) { b.refill(t, "OperatingUnits", "RetailPositionPosPermissions") },
		},
		"no stores": {
			func(b *bench, t *testing.T) { b.empty(t, "RetailStores") },
			func(b *bench, t *testing.T) { b.refill(t, "RetailStores") },
		},
		"scope names nothing": {
			func(b *bench, _ *testing.T) { b.settings.Scope = []string{"nowhere", "Atlantis"} },
			func(b *bench, _ *testing.T) { b.settings.Scope = nil },
		},
	}
	for name, c := range cases {
		for _, when := range []string{"first run", "later run"} {
			t.Run(name+" in a "+when, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newChain(t, 6, 2, simgraph.Options{})
					if when == "later run" {
						b.run(t, t)
						must(t, b.tenant.RemoveMember(b.team(t, store(1)).ID, b.worker(t, 1, 1)))
						b.renameStore(t, 2, "Harbour")
					}
					c.spoil(b, t)
					tenant, writes := b.tenant.Teams(), b.tenant.Writes()
					for range 2 {
						record := b.tick(t)
						if record.Outcome != ledger.HeldBack || record.Error == "" || !strings.Contains(record.Plan, record.Error) {
							t.Errorf("the run is %s, %q; its plan says:\n%s", record.Outcome, record.Error, record.Plan)
						}
						if len(record.Done)+len(record.Failed) > 0 {
							t.Errorf("done are %v, failed are %v", record.Done, record.Failed)
						}
					}
					if now := b.tenant.Teams(); b.tenant.Writes() != writes || !reflect.DeepEqual(now, tenant) {
						t.Errorf("%d writes went to the tenant", b.tenant.Writes()-writes)
					}
					c.mend(b, t)
					b.settles(t, 2)
				})
			})
		}
	}
}

// empty makes Commerce serve collections without rows, as a broken export does.
func (b *bench) empty(t *testing.T, collections ...string) {
	t.Helper()
	for _, collection := range collections {
		must(t, b.commerce.SetRows(collection, []json.RawMessage{}))
	}
}

// refill makes Commerce serve the world's rows again.
func (b *bench) refill(t *testing.T, collections ...string) {
	t.Helper()
	for _, collection := range collections {
		b.edit(t, collection, func(map[string]any) bool { return true })
	}
}

// In plan mode a run computes and records and changes nothing, at any time.
func TestPlanModeChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBenchOf(t, motley(), simgraph.Options{})
		b.settings.Adopt = true
		b.mode = orgsync.ModePlan
		first := b.tick(t)
		if b.tenant.Writes() > 0 || first.Outcome != ledger.Done || first.Planned["create team"] != 4 || len(first.Done) > 0 {
			t.Errorf("%d writes; the run is %s, planned %v, done %v", b.tenant.Writes(), first.Outcome, first.Planned, first.Done)
		}
		if second := b.tick(t); second.Plan != first.Plan {
			t.Errorf("the plan changed to\n%s\nfrom\n%s", second.Plan, first.Plan)
		}
		b.mode = orgsync.ModeAdd
		b.settles(t, 2)
	})
}
