package orgsync_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// Any collection that comes with fewer rows than MIN_SOURCE percent of the last
// good reading's takes nobody out and closes no store, however long it lasts.
// The record says which it is. Who comes still comes, who left the company goes,
// and a person can accept the smaller source.
func TestShortCollection(t *testing.T) {
	cases := map[string]string{} // of a collection, the share that is left of it
	for _, collection := range []string{
		"RetailStores", "OperatingUnits", "Workers", "RetailChannelWorkers", "Employees", "RetailStaff", "PersonUsers", "SystemUsers",
		"PositionWorkerAssignmentsV2", "RetailPositionPosPermissions", "PositionsV2", "OrganizationHierarchyPublishedV2",
		"OrganizationHierarchyPurposes", "SecurityUserRoleAssociations",
	} {
		cases[collection] = collection
	}
	each(t, cases, func(t *testing.T, collection string) {
		b := newFull(t, 8, 5)
		before := b.places(t)
		hired := b.hire(t, 3, 1)
		b.dismiss(t, 1, 1) // among the first rows of every collection
		b.vanish(t, 2, 1)
		b.shrink(t, collection, 77)
		for range 8 {
			record := b.tick(t)
			if !strings.HasPrefix(record.Short, collection+" ") || !noted(record, "short", collection) {
				t.Fatalf("the run says %q of the source", record.Short)
			}
		}
		lost, gained := []string{b.place(t, 1, 1)}, []string{at(3, "member", hired)}
		if whole := served(t, b, "RetailChannelWorkers", "9") && served(t, b, "RetailStaff", "9"); !whole {
			gained = nil // the newcomer's own row is among those missing
		}
		b.wantOnlyCaretakers(t, "while it is short", before, lost, gained)
		if link := b.link(t, store(8)); link.Closing.Frozen() {
			t.Error("a store is closing")
		}

		readings, err := b.syncer(t).Baseline(t.Context())
		must(t, err)
		if _, err := b.syncer(t).AcceptBaseline(t.Context(), readings.Newest.ReadAt.Add(-time.Hour)); !fault.Is(err, fault.Conflict) {
			t.Errorf("accepting another reading than the newest: %v", err)
		}
		_, err = b.syncer(t).AcceptBaseline(t.Context(), readings.Newest.ReadAt)
		must(t, err)
		b.tick(t)
		if record := b.tick(t); record.Short != "" {
			t.Errorf("after it was accepted the run says %q of the source", record.Short)
		}
		if contains(b.places(t), b.place(t, 2, 1)) {
			t.Error("after it was accepted nobody goes")
		}
	})
}

// served reports whether Commerce serves a row of a worker whose number begins so.
func served(t *testing.T, b *bench, collection, worker string) bool {
	t.Helper()
	for _, raw := range b.commerce.Rows(collection) {
		var row struct{ PersonnelNumber string }
		must(t, json.Unmarshal(raw, &row))
		if strings.HasPrefix(row.PersonnelNumber, worker) {
			return true
		}
	}
	return false
}

// wantOnlyCaretakers is wantPlaces for a time in which stores may lack a
// manager: owners may have come.
func (b *bench) wantOnlyCaretakers(t *testing.T, when string, before, lost, gained []string) {
	t.Helper()
	for _, line := range b.places(t) {
		if !contains(before, line) && strings.Contains(line, ": owner ") {
			gained = append(gained, line)
		}
	}
	b.wantPlaces(t, when, before, lost, gained)
}

// A source that shrinks a little in each reading is never short. Then the caps
// are what keeps people in.
func TestGradualShrinkMeetsTheCaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 8, 5)
		b.limits.RemovalPercent = 5 // of 41 memberships: two
		before := b.places(t)
		rows := b.commerce.Rows("RetailChannelWorkers")
		for left := len(rows) - 4; left > len(rows)/2; left -= 4 {
			must(t, b.commerce.SetRows("RetailChannelWorkers", rows[:left]))
			if record := b.tick(t); record.Short != "" {
				t.Fatalf("the source is short: %s", record.Short)
			}
		}
		b.ticks(t, 2*time.Hour)
		b.wantOnlyCaretakers(t, "at half the rows", before, nil, nil)
		if len(b.waiting(t)) == 0 {
			t.Error("nobody is asked")
		}
		must(t, b.commerce.SetRows("RetailChannelWorkers", rows))
		b.ticks(t, time.Hour)
		b.wantPlaces(t, "when the rows are back", before, nil, nil)
		if holds := b.waiting(t); len(holds) > 0 {
			t.Errorf("there are holds still: %+v", holds)
		}
	})
}

// killer is a ledger that ends the process before a row is written.
type killer struct {
	ledger.Store
	key  ledger.Key
	kill context.CancelFunc
}

// Put implements ledger.Store.
func (k killer) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	if key == k.key {
		k.kill()
		return "", ctx.Err()
	}
	return k.Store.Put(ctx, key, value, etag)
}

// A run killed between the snapshot and its baseline leaves it to the next one,
// which reads no new snapshot: else a shrinking source would be compared with an
// older reading, and a first one with none.
func TestKilledBeforeTheBaseline(t *testing.T) {
	cases := map[string]func(b *bench, t *testing.T){
		"first reading": func(*bench, *testing.T) {},
		"later reading": func(b *bench, t *testing.T) {
			b.tick(t)
			b.hire(t, 1, 1)
		},
	}
	each(t, cases, func(t *testing.T, prepare func(*bench, *testing.T)) {
		b := newChain(t, 6, 4, simgraph.Options{})
		b.mode = "full"
		prepare(b, t)
		pass(tick)
		mortal := *b
		ctx, kill := context.WithCancel(t.Context())
		mortal.store = killer{b.store, ledger.Key{Partition: "rails", Row: "baseline"}, kill}
		if err := mortal.syncer(t).Run(ctx, "mortal"); err == nil {
			t.Fatal("the run was not killed")
		}
		snapshot, _, err := b.book().Snapshot(t.Context())
		must(t, err)
		if baseline, err := b.book().Baseline(t.Context()); err != nil || baseline.ReadAt.Equal(snapshot.ReadAt) {
			t.Fatalf("the run was not killed in between: %v", err)
		}
		b.maxAge = time.Hour
		b.tick(t)
		baseline, err := b.book().Baseline(t.Context())
		must(t, err)
		if !baseline.ReadAt.Equal(snapshot.ReadAt) || baseline.Rows["RetailChannelWorkers"] != snapshot.Rows["RetailChannelWorkers"] {
			t.Errorf("the baseline is of %s, the snapshot of %s", baseline.ReadAt, snapshot.ReadAt)
		}
		b.maxAge = 0
		b.shrink(t, "RetailChannelWorkers", 75)
		if record := b.tick(t); record.Short == "" {
			t.Error("a shrunk source is not short")
		}
	})
}

// A short reading that is saved and then judged again, by a run that reads no
// new one, is still short; and it never becomes the baseline by itself.
func TestShortReadingIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		before := b.places(t)
		b.shrink(t, "RetailChannelWorkers", 50)
		b.tick(t)
		b.maxAge = time.Hour
		for range 3 {
			if record := b.tick(t); record.Short == "" || len(record.Rows) > 0 {
				t.Errorf("the run says %q of the source, and read %v", record.Short, record.Rows)
			}
		}
		b.looks(t, day, 2*time.Hour)
		b.wantOnlyCaretakers(t, "a day later", before, nil, nil)
		if _, managed := b.link(t, store(6)).Managed.Of(userID(t, b.worker(t, 6, 3))); !managed {
			t.Error("somebody is managed no more")
		}
		if presence := b.link(t, org.Communications).Closing; presence.Frozen() {
			t.Error("the communications team is closing")
		}
	})
}
