package orgsync_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// A deleted team is restored, once in 30 days, with its people: who was managed
// still is, who was not is not. The second time a person is asked.
func TestDeletedTeamIsRestored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 6)
		must(t, b.tenant.AddMember(b.team(t, store(2)).ID, b.office(1)))
		b.tick(t)
		before, group := b.places(t), b.team(t, store(2)).ID
		remove := func() { must(t, b.tenant.DeleteGroup(group)) }
		gone := func(when string) {
			t.Helper()
			for _, team := range b.tenant.Teams() {
				if team.ID == group {
					t.Errorf("%s: the team is back", when)
				}
			}
		}
		remove()
		b.ticks(t, 2*tick)
		b.wantPlaces(t, "restored", before, nil, nil)
		b.inactive(t, 2, 1)
		b.ticks(t, 2*tick)
		lost := []string{b.place(t, 2, 1)}
		b.wantPlaces(t, "somebody left", before, lost, nil)

		remove()
		b.looks(t, 2*day, 2*time.Hour)
		gone("deleted again")
		if hold := b.decide(t, true); hold.Rail != plan.RailDeleted {
			t.Errorf("the hold is %+v", hold)
		}
		b.ticks(t, 2*tick)
		b.wantPlaces(t, "allowed", before, lost, nil)

		pass(day)
		remove()
		b.looks(t, day, 2*time.Hour)
		gone("deleted a third time")
		b.decide(t, false)
		b.looks(t, 6*day, 6*time.Hour)
		gone("refused")
		must(t, b.tenant.RestoreGroup(group))
		b.tick(t)
		pass(31 * day)
		b.tick(t)
		remove()
		b.ticks(t, 2*tick)
		b.wantPlaces(t, "a month later", before, lost, nil)
	})
}

// A team deleted for good is replaced only when a person says so. Whoever was
// managed in the old one is nobody's to take out of the new one, unless Commerce
// wanted them there.
func TestPurgedTeam(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 6)
		before, old := b.places(t), b.team(t, store(2)).ID
		b.inactive(t, 2, 1)
		must(t, b.tenant.PurgeGroup(old))
		b.looks(t, day, 2*time.Hour)
		if n := len(b.tenant.Teams()); n != 3 {
			t.Fatalf("there are %d groups", n)
		}
		if hold := b.decide(t, true); hold.Rail != plan.RailNewTeam {
			t.Errorf("the hold is %+v", hold)
		}
		b.ticks(t, 2*tick)
		if team := b.team(t, store(2)); team.ID == old || !team.HasTeam {
			t.Fatalf("the team is %+v", team)
		}
		lost := []string{b.place(t, 2, 1)}
		b.wantPlaces(t, "made anew", before, lost, nil)
		must(t, b.tenant.AddMember(b.team(t, store(2)).ID, b.worker(t, 2, 1)))
		b.dismiss(t, 2, 2)
		b.ticks(t, 2*time.Hour)
		b.wantPlaces(t, "put in by hand", before, []string{b.place(t, 2, 2)}, nil)

		must(t, b.tenant.PurgeGroup(b.team(t, store(2)).ID))
		b.looks(t, day, 2*time.Hour)
		if n := len(b.tenant.Teams()); n != 3 {
			t.Errorf("there are %d groups: an old answer made a team", n)
		}
		b.decide(t, false)
		b.looks(t, day, 2*time.Hour)
		if n := len(b.tenant.Teams()); n != 3 {
			t.Errorf("there are %d groups: a refusal made a team", n)
		}
	})
}

// A group that merely cannot be found is not taken for purged by one look, and a
// failing look decides nothing.
func TestMissedOnceIsNotPurged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		before := b.places(t)
		const route = "GET /directory/deletedItems/{item}"
		b.tenant.Inject(simgraph.Fault{Route: route, Times: 1, Do: simgraph.Refuse(404, "Request_ResourceNotFound", 0)})
		b.tenant.Inject(simgraph.Fault{Route: route, Times: 4, Do: simgraph.Refuse(403, "Forbidden", 0)})
		must(t, b.tenant.DeleteGroup(b.team(t, store(2)).ID))
		asked := b.requests(func() {
			for range 5 {
				b.tick(t)
				for _, hold := range b.waiting(t) {
					t.Errorf("held is %+v", hold)
				}
			}
		})
		if asked[route] != 5 {
			t.Errorf("asked was %v", asked)
		}
		b.ticks(t, 2*tick)
		b.wantPlaces(t, "restored", before, nil, nil)
	})
}
