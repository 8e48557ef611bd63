package orgsync_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// closes takes the row of the second store out of Commerce.
func (b *bench) closes(t *testing.T) {
	t.Helper()
	b.edit(t, "RetailStores", func(row map[string]any) bool { return row["StoreNumber"] != "000002" })
}

// reopens brings it back.
func (b *bench) reopens(t *testing.T) {
	t.Helper()
	b.add(t, "RetailStores", map[string]any{
		"StoreNumber": "000002", "RetailChannelId": "C000002", "OperatingUnitNumber": "U000002", "OperatingUnitPartyNumber": "P-000002",
	})
}

// archivedAfter runs twice a day until the second store's team is archived,
// and says how many days that took.
func (b *bench) archivedAfter(t *testing.T, most time.Duration) float64 {
	t.Helper()
	began := time.Now()
	for !b.team(t, store(2)).Archived && time.Since(began) < most {
		b.looks(t, 12*time.Hour, 12*time.Hour)
	}
	return time.Since(began).Hours() / 24
}

// A store whose row is gone keeps its people as they are from the first reading
// without it; only who left the company goes. Confirmed by another reading, its
// team is archived a month later and nothing else ever happens to it.
func TestClosedStore(t *testing.T) {
	each(t, map[string]func(b *bench, t *testing.T){
		"no row":        func(b *bench, t *testing.T) { b.closes(t) },
		"CLOSED_STORES": func(b *bench, _ *testing.T) { b.closed = []string{"000002"} },
		"both":          func(b *bench, t *testing.T) { b.closes(t); b.closed = []string{"000002"} },
	}, func(t *testing.T, close func(*bench, *testing.T)) {
		b := newFull(t, 6, 5)
		before := b.places(t)
		close(b, t)
		b.hire(t, 2, 1)
		b.vanish(t, 2, 1)
		b.inactive(t, 2, 2)
		b.dismiss(t, 2, 3)
		b.renameStore(t, 2, "Closed")
		b.tick(t)
		lost := []string{b.place(t, 2, 3)}
		b.wantPlaces(t, "frozen", before, lost, nil)
		b.ticks(t, time.Hour)
		b.wantPlaces(t, "closed", before, lost, nil)
		b.dismiss(t, 2, 4)
		b.tick(t)
		lost = append(lost, b.place(t, 2, 4))
		b.wantPlaces(t, "another leaver", before, lost, nil)
		if days := b.archivedAfter(t, 40*day); days < 29 || days > 30.5 {
			t.Errorf("archived after %v days", days)
		}
		b.looks(t, 10*day, day)
		b.wantPlaces(t, "archived", before, lost, nil)
		if team := b.team(t, store(2)); !team.Archived || team.Name != "Shop 2 (000002)" {
			t.Errorf("the team is %+v", team)
		}
	})
}

// One reading freezes a store and closes none, however long it has to serve.
func TestOneReadingClosesNoStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		b.closes(t)
		b.tick(t)
		b.breaks("OperatingUnits")
		b.looks(t, 35*day, day)
		if team, link := b.team(t, store(2)), b.link(t, store(2)); team.Archived || !link.Closing.Frozen() {
			t.Errorf("the team is %+v, its closing %+v", team, link.Closing)
		}
		b.breaks("")
		b.tick(t)
		if days := b.archivedAfter(t, 40*day); days < 29 || days > 30.5 {
			t.Errorf("archived after %v days", days)
		}
	})
}

// A store that is back is in step again, as if it had never been gone: its
// closing begins anew with the next time, and what we archived is active again.
func TestStoreComesBack(t *testing.T) {
	each(t, map[string]struct {
		after    time.Duration
		setting  bool
		archived bool
	}{
		"after one reading":     {tick, false, false},
		"after days":            {20 * day, false, false},
		"after the archiving":   {32 * day, false, true},
		"out of CLOSED_STORES":  {20 * day, true, false},
		"and out of it in time": {32 * day, true, true},
	}, func(t *testing.T, c struct {
		after    time.Duration
		setting  bool
		archived bool
	},
	) {
		b := newFull(t, 6, 4)
		before := b.places(t)
		if c.setting {
			b.closed = []string{"000002"}
		} else {
			b.closes(t)
		}
		hired := b.hire(t, 2, 1)
		b.inactive(t, 2, 1)
		b.looks(t, c.after, min(c.after, day))
		if team := b.team(t, store(2)); team.Archived != c.archived {
			t.Fatalf("archived is %v", team.Archived)
		}
		if b.closed = nil; !c.setting {
			b.reopens(t)
		}
		b.ticks(t, 3*tick)
		lost, gained := []string{b.place(t, 2, 1)}, []string{at(2, "member", hired)}
		b.wantPlaces(t, "back", before, lost, gained)
		if team, link := b.team(t, store(2)), b.link(t, store(2)); team.Archived || link.Closing.Frozen() || !link.Archived.IsZero() {
			t.Errorf("the team is %+v, its closing %+v, archived by us %s", team, link.Closing, link.Archived)
		}
		b.closes(t)
		b.looks(t, 25*day, day)
		if b.team(t, store(2)).Archived {
			t.Error("gone again, the store did not have its month")
		}
	})
}

// Only what we archived is made active again.
func TestWhoArchived(t *testing.T) {
	archive := func(b *bench, t *testing.T, archived bool) {
		must(t, b.tenant.Archive(b.team(t, store(2)).ID, archived))
	}
	const route = "POST /teams/{team}/archive"
	each(t, map[string]struct {
		before func(b *bench, t *testing.T) // while the store is closed
		active bool                         // after it is back
	}{
		"we": {func(b *bench, t *testing.T) { b.looks(t, 32*day, day) }, true},
		"we, and the answer was lost": {func(b *bench, t *testing.T) {
			b.tenant.Inject(simgraph.Fault{Route: route, Times: 1, Do: simgraph.Lose})
			b.looks(t, 32*day, day)
		}, true},
		"we, and no answer ever came": {func(b *bench, t *testing.T) {
			b.tenant.Inject(simgraph.Fault{Route: route, Do: simgraph.Lose})
			b.looks(t, 31*day, day)
		}, true},
		"a person before us": {func(b *bench, t *testing.T) {
			archive(b, t, true)
			b.looks(t, 32*day, day)
		}, false},
		"a person, in an open store": {func(b *bench, t *testing.T) {
			b.reopens(t)
			b.ticks(t, tick)
			archive(b, t, true)
			b.looks(t, 3*day, 2*time.Hour)
			b.closes(t)
			b.tick(t)
		}, false},
	}, func(t *testing.T, c struct {
		before func(b *bench, t *testing.T)
		active bool
	},
	) {
		b := newFull(t, 6, 4)
		b.closes(t)
		b.ticks(t, 2*tick)
		c.before(b, t)
		if !b.team(t, store(2)).Archived {
			t.Fatal("the team is not archived")
		}
		b.reopens(t)
		record := b.tick(t)
		b.looks(t, 2*day, 6*time.Hour)
		if active := !b.team(t, store(2)).Archived; active != c.active {
			t.Errorf("active is %v; %+v", active, record.Notes)
		}
		if !c.active && !noted(b.tick(t), "skipped", "somebody archived") {
			t.Error("nobody is told")
		}
	})
}

// SCOPE lets a store go as it is: nobody comes or goes, it is not archived, and
// nobody took it for closed when it is back in scope.
func TestOutOfScope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		before := b.places(t)
		b.settings.Scope = []string{"000001", "000003", "000004"}
		b.hire(t, 2, 1)
		b.inactive(t, 2, 1)
		b.vanish(t, 2, 2)
		b.dismiss(t, 5, 1)
		b.looks(t, 40*day, day)
		b.wantPlaces(t, "out of scope", before, nil, nil)
		if b.team(t, store(2)).Archived || b.link(t, store(2)).Closing.Frozen() {
			t.Error("the store counts as closed")
		}
	})
}

// A closed store's team that somebody deleted stays deleted.
func TestDeletedTeamOfAClosedStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		b.closes(t)
		b.ticks(t, 2*tick)
		group := b.team(t, store(2)).ID
		must(t, b.tenant.DeleteGroup(group))
		b.looks(t, 35*day, day)
		for _, team := range b.tenant.Teams() {
			if team.ID == group {
				t.Error("the team is back")
			}
		}
		if holds := b.waiting(t); len(holds) > 0 {
			t.Errorf("somebody is asked: %+v", holds)
		}
		b.reopens(t)
		b.looks(t, day, time.Hour)
		if holds := b.waiting(t); len(holds) > 1 || len(holds) == 1 && holds[0].Rail != plan.RailNewTeam {
			t.Errorf("the store is back, and the holds are %+v", holds)
		}
	})
}
