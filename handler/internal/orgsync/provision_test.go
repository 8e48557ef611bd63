package orgsync_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// motley is a chain of five stores: three without a group, one mapped to a
// plain group, one whose marked group was left without a team or an owner.
func motley() naive.World {
	w := worldgen.Chain(5, 3)
	mapped := existing(&w, "", false, w.Users[1]["id"].(string))
	existing(&w, naive.StoreMarker("test", "000005"), false)
	w.Commerce["IntegrationSourceMappings"] = append(w.Commerce["IntegrationSourceMappings"], mapping(4, mapped))
	return w
}

// first lets the first n operations end in a way, and later ones well.
func first(n int, outcome simgraph.Outcome) func(string, string) simgraph.Outcome {
	return func(string, string) simgraph.Outcome {
		if n--; n >= 0 {
			return outcome
		}
		return simgraph.Succeed
	}
}

// However slowly and unwillingly Microsoft makes teams, some runs later there
// is one for each store, with the right people.
func TestProvisioning(t *testing.T) {
	cases := map[string]struct {
		options simgraph.Options
		runs    int // after which nothing is left to do
	}{
		"at once":                 {simgraph.Options{}, 2},
		"young for 25 seconds":    {simgraph.Options{GroupDelay: 25 * time.Second}, 2},
		"young for 45 seconds":    {simgraph.Options{GroupDelay: 45 * time.Second}, 4},
		"young for 20 minutes":    {simgraph.Options{GroupDelay: 20 * time.Minute}, 5},
		"takes two minutes":       {simgraph.Options{OperationTime: 2 * time.Minute}, 2},
		"takes 25 looks":          {simgraph.Options{PollsUntilDone: 25}, 4},
		"takes half an hour":      {simgraph.Options{OperationTime: 30 * time.Minute}, 5},
		"takes two hours":         {simgraph.Options{OperationTime: 2 * time.Hour}, 12},
		"fails once":              {simgraph.Options{OperationTime: time.Minute, Outcome: first(1, simgraph.Fail)}, 3},
		"fails everywhere, twice": {simgraph.Options{Outcome: first(12, simgraph.Fail)}, 5},
		"says nothing":            {simgraph.Options{PollsUntilDone: 3, Outcome: first(99, simgraph.Mislead)}, 2},
		"reads lag":               {simgraph.Options{ReadLag: 2 * time.Minute}, 3},
		"reads lag long":          {simgraph.Options{ReadLag: 20 * time.Minute}, 5},
		"all of it": {simgraph.Options{
			GroupDelay: 45 * time.Second, ReadLag: 2 * time.Minute, OperationTime: 3 * time.Minute,
			DeltaReplay: true, PageSize: 2, DeltaLinks: 1, Outcome: first(3, simgraph.Fail),
		}, 6},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBenchOf(t, motley(), c.options)
				b.settings.Adopt = true
				b.settles(t, c.runs)
				b.idle(t)
			})
		})
	}
}

// A lost answer, or a connection that drops before anything happened, changes
// nothing about the end, whichever call it hits and however often.
func TestAnswersAreLost(t *testing.T) {
	writes := []string{
		"PATCH /groups(uniqueName='{name}')", "POST /teams", "POST /groups/{group}/owners/$ref", "POST /teams/{team}/members/add",
		"PATCH /groups/{group}", "PATCH /teams/{team}/members/{membership}",
	}
	reads := []string{
		"GET /groups(uniqueName='{name}')", "GET /groups/delta", "GET /users/delta", "POST /$batch", "GET /teams/{team}/members",
		"GET /teams/{team}/operations/{operation}",
	}
	met := map[string]bool{}
	for _, route := range append(writes, reads...) {
		for _, times := range []int{1, 3, 7} {
			for way, do := range map[string]simgraph.Fault{"lost": {Do: simgraph.Lose}, "dropped": {Do: simgraph.Drop}} {
				t.Run(fmt.Sprintf("%s %s %d times", route, way, times), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						b := newBenchOf(t, motley(), simgraph.Options{})
						b.settings.Adopt = true
						b.disturbed(t) // something to rename and to promote
						do.Route, do.Times = route, times
						b.tenant.Inject(do)
						b.despite(t)
						b.settles(t, 6)
						met[route] = met[route] || b.tenant.Requests()[route] > 0
					})
				})
			}
		}
	}
	for _, route := range append(writes, reads...) {
		if !met[route] {
			t.Errorf("nobody called %q", route)
		}
	}
}

// disturbed brings the bench into the middle of its life: store 1 has its team,
// with another name and its manager as a member, and the others have none.
func (b *bench) disturbed(t *testing.T) {
	t.Helper()
	b.settings.Scope = []string{"000001"}
	b.run(t, t)
	team := b.team(t, store(1)).ID
	must(t, b.tenant.AddOwner(team, b.worker(t, 1, 2)))
	must(t, b.tenant.Demote(team, b.worker(t, 1, 0)))
	must(t, b.tenant.AddMember(team, b.office(1)))
	must(t, b.tenant.RenameGroup(team, "Our place"))
	b.settings.Scope = nil
	// From now on this is how the world began, as far as the rules go.
	b.world.Groups = append(b.world.Groups, map[string]any{
		"id": team, "displayName": "Our place", "mailNickname": naive.StoreMarker("test", "000001"),
		"uniqueName": naive.StoreMarker("test", "000001"), "groupTypes": []any{"Unified"},
		"resourceProvisioningOptions": []any{"Team"}, "onPremisesSyncEnabled": nil,
		"owners":  []any{map[string]any{"@odata.type": "#microsoft.graph.user", "id": b.worker(t, 1, 2)}},
		"members": []any{map[string]any{"@odata.type": "#microsoft.graph.user", "id": b.office(1)}},
	})
}

// despite runs once, well or not.
func (b *bench) despite(t *testing.T) {
	t.Helper()
	pass(tick)
	if err := b.syncer(t).Run(t.Context(), "test"); err != nil {
		t.Logf("the run failed: %v", err)
	}
}

// When a group is made the ledger knows already that it is about to be.
func TestClaimStandsBeforeTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 3, 2, simgraph.Options{})
		var mu sync.Mutex
		claimed := map[string]bool{}
		b.tenant.Inject(simgraph.Fault{Route: "PATCH /groups(uniqueName='{name}')", Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			claims, err := b.book().Claims(t.Context())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for key := range claims {
				if marker := org.Marker("test", key); strings.Contains(r.URL.Path, "'"+marker+"'") {
					claimed[marker] = true
				}
			}
			next.ServeHTTP(w, r)
		}})
		b.run(t, t)
		for _, team := range b.tenant.Teams() {
			if !claimed[team.UniqueName] {
				t.Errorf("%s was made without a claim", team.UniqueName)
			}
		}
	})
}

// Stores whose group is young wait; the others do not wait for them.
func TestYoungGroupHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBenchOf(t, motley(), simgraph.Options{GroupDelay: 20 * time.Minute})
		b.settings.Adopt = true
		record := b.run(t, t)
		if record.Outcome != ledger.Partial || record.Waiting != 4 || len(record.Failed) > 0 {
			t.Errorf("the run is %s, %d wait, failed are %v: %+v", record.Outcome, record.Waiting, record.Failed, record.Notes)
		}
		for _, n := range []int{4, 5} { // their groups are old
			if team := b.team(t, store(n)); !team.HasTeam || len(team.Owners)+len(team.Members) < 3 {
				t.Errorf("store %d has to wait: %+v", n, team)
			}
		}
		b.settles(t, 5)
	})
}

// An operation that is stuck for ever costs its store the team, and others
// nothing: no second group, no failure, and the run says who waits.
func TestStuckOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 3, 2, simgraph.Options{Outcome: first(1, simgraph.Stick)})
		for range 12 { // three hours: the claim is begun anew more than once
			record := b.tick(t)
			if record.Outcome != ledger.Partial || record.Waiting != 1 || len(record.Failed) > 0 {
				t.Fatalf("the run is %s, %d wait, failed are %v", record.Outcome, record.Waiting, record.Failed)
			}
		}
		made := 0
		for _, team := range b.tenant.Teams() {
			if team.HasTeam {
				made++
			}
		}
		if n := len(b.tenant.Teams()); n != 4 || made != 3 {
			t.Errorf("there are %d groups and %d teams, want 4 and 3", n, made)
		}
	})
}

// A group that is deleted while its team is being made is brought back, and the
// team made.
func TestGroupIsDeletedWhileItsTeamIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 2, 2, simgraph.Options{OperationTime: time.Hour})
		b.run(t, t)
		id := b.team(t, store(1)).ID
		must(t, b.tenant.DeleteGroup(id))
		b.ticks(t, 3*time.Hour)
		record := b.tick(t)
		if team := b.team(t, store(1)); record.Held != 0 || team.ID != id || !team.HasTeam || len(b.tenant.Teams()) != 3 {
			t.Errorf("held are %d, groups are %d, the team is %+v: %+v", record.Held, len(b.tenant.Teams()), team, record.Notes)
		}
		if team := b.team(t, org.Communications); !team.HasTeam {
			t.Error("communications has no team")
		}
	})
}
