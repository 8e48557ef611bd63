package orgsync_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// ourShop is the group that Commerce maps store 000001 to in these tests.
const ourShop = "5c1d7a0e-0c55-4b8e-9f0d-5d1f2a3b4c5d"

// mappedWorld is a chain whose first store has a team already, made by hand:
// owned by somebody in head office, and mapped as told.
func mappedWorld(mappings ...map[string]any) naive.World {
	w := worldgen.Chain(3, 3)
	person := map[string]any{"@odata.type": "#microsoft.graph.user", "id": w.Users[0]["id"]}
	w.Groups = append(w.Groups, map[string]any{
		"id": ourShop, "displayName": "Our shop", "mailNickname": "ourshop", "groupTypes": []any{"Unified"},
		"mailEnabled": true, "securityEnabled": false, "visibility": "Private",
		"resourceProvisioningOptions": []any{"Team"}, "members": []any{person}, "owners": []any{person},
	})
	w.Commerce["IntegrationSourceMappings"] = mappings
	return w
}

func mapsTo(store, team any) map[string]any {
	return map[string]any{"SourceType": "RetailStore", "SourceId": store, "TeamId": team}
}

// teamsOf lists the teams that seem to be a store's: made for it, or mapped.
func (b *bench) teamsOf(number string) []string {
	var names []string
	for _, team := range b.tenant.Teams() {
		if team.ID == ourShop || strings.HasSuffix(team.UniqueName, "-s-"+number) {
			names = append(names, team.Name)
		}
	}
	return names
}

// One answer of 404 is what a replica that lags says of a group that exists.
func TestOne404MakesNoSecondTeam(t *testing.T) {
	for _, route := range []string{"GET /groups/{group}", "GET /groups/{group}/members", "GET /groups/{group}/owners"} {
		t.Run(route, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBenchOf(t, mappedWorld(mapsTo("000001", ourShop)), simgraph.Options{})
				b.settings.Adopt = true
				b.tenant.Inject(simgraph.Fault{Route: route, Times: 1, Do: about(ourShop, simgraph.Refuse(404, "Request_ResourceNotFound", 0))})
				b.run(t, t)
				b.settles(t, 4)
				if teams := b.teamsOf("000001"); len(teams) != 1 {
					t.Errorf("the store has the teams %q", teams)
				}
			})
		})
	}
}

func TestOne404OfALinkedGroupHoldsNothing(t *testing.T) {
	for _, route := range []string{"GET /groups/{group}", "GET /groups/{group}/members", "GET /groups/{group}/owners"} {
		t.Run(route, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 3, 3, simgraph.Options{})
				b.run(t, t)
				pass(2 * time.Hour)
				team := b.team(t, store(1))
				must(t, b.tenant.AddMember(team.ID, b.office(0))) // makes the feed show the group
				b.tenant.Inject(simgraph.Fault{Route: route, Times: 1, Do: about(team.ID, simgraph.Refuse(404, "Request_ResourceNotFound", 0))})
				b.tick(t)
				if record := b.tick(t); record.Held != 0 || record.Outcome != ledger.Done {
					t.Errorf("outcome %s, %d held, notes %+v", record.Outcome, record.Held, record.Notes)
				}
			})
		})
	}
}

// A mapping that can be read in two ways, or in none, says at least that the
// store has a team somewhere: making another would be its second.
func TestUnclearMappingWaitsForAPerson(t *testing.T) {
	other := "6d2e8b1f-0c55-4b8e-9f0d-5d1f2a3b4c5e"
	cases := map[string][]map[string]any{
		"no team":             {mapsTo("000001", nil)},
		"no group id":         {mapsTo("000001", "19:oops@thread.tacv2")},
		"a way out":           {mapsTo("000001", "..")},
		"several groups":      {mapsTo("000001", ourShop), mapsTo("000001", other)},
		"shared with another": {mapsTo("000001", ourShop), mapsTo("000002", ourShop)},
	}
	for name, mappings := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := mappedWorld(mappings...)
				second := maps.Clone(w.Groups[0])
				second["id"], second["mailNickname"] = other, "othershop"
				w.Groups = append(w.Groups, second)
				b := newBenchOf(t, w, simgraph.Options{})
				b.settings.Adopt = true
				record := b.run(t, t)
				if teams := b.teamsOf("000001"); len(teams) != 1 {
					t.Errorf("the store has the teams %q", teams)
				}
				if record.Held+record.Skipped == 0 {
					t.Error("nobody is told")
				}
				if len(b.team(t, store(3)).Owners) != 1 {
					t.Error("another store has to suffer for it")
				}
			})
		})
	}
}

func TestMappingIgnoresCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mappedWorld(mapsTo("ber01", strings.ToUpper(ourShop)))
		w.Commerce["RetailStores"][0]["StoreNumber"] = "BER01"
		b := newBenchOf(t, w, simgraph.Options{})
		b.settings.Adopt = true
		b.run(t, t)
		if teams := b.teamsOf("BER01"); len(teams) != 1 {
			t.Errorf("the store has the teams %q", teams)
		}
	})
}

// A mapping to a group that really is gone costs the store its team for no
// longer than it takes to be sure.
func TestStaleMappingGetsATeam(t *testing.T) {
	for name, later := range map[string]bool{"from the first run": false, "mapped later": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := worldgen.Chain(3, 3)
				gone := mapsTo("000001", "6d2e8b1f-0c55-4b8e-9f0d-5d1f2a3b4c5e")
				if !later {
					w.Commerce["IntegrationSourceMappings"] = []map[string]any{gone}
				}
				b := newBenchOf(t, w, simgraph.Options{})
				b.settings.Adopt = true
				if later {
					b.settings.Scope = []string{"000002", "000003"}
					b.run(t, t)
					b.settings.Scope = nil
					b.add(t, "IntegrationSourceMappings", gone)
				}
				b.run(t, t)
				if teams := b.teamsOf("000001"); len(teams) != 1 {
					t.Errorf("the store has the teams %q", teams)
				}
			})
		})
	}
}

// The feed passed the group long before Commerce mapped it, so only the group
// itself can tell.
func TestOne404OfAGroupMappedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBenchOf(t, mappedWorld(), simgraph.Options{})
		b.settings.Adopt, b.settings.Scope = true, []string{"000002", "000003"}
		b.run(t, t)
		b.settings.Scope = nil
		b.add(t, "IntegrationSourceMappings", mapsTo("000001", ourShop))
		b.tenant.Inject(simgraph.Fault{Route: "GET /groups/{group}", Times: 1, Do: about(ourShop, simgraph.Refuse(404, "Request_ResourceNotFound", 0))})
		b.tick(t)
		b.tick(t)
		if teams := b.teamsOf("000001"); len(teams) != 1 {
			t.Errorf("the store has the teams %q", teams)
		}
	})
}

func TestOneTeamThatCannotBeReadCostsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 3, 3, simgraph.Options{})
		b.run(t, t)
		bad := b.team(t, store(1)).ID
		b.tenant.Inject(simgraph.Fault{Route: "GET /teams/{team}/members", Do: about(bad, simgraph.Refuse(403, "Forbidden", 0))})
		b.tenant.Inject(simgraph.Fault{Route: "GET /groups/{group}/members", Do: about(bad, simgraph.Refuse(403, "Forbidden", 0))})
		pass(25 * time.Hour)
		must(t, b.tenant.AddMember(bad, b.office(0)))
		must(t, b.tenant.RemoveMember(b.team(t, store(2)).ID, b.worker(t, 2, 1)))
		record := b.tick(t)
		b.tick(t)
		wantPeople(t, b.team(t, store(2)), []string{b.worker(t, 2, 0)}, []string{b.worker(t, 2, 1), b.worker(t, 2, 2)})
		if record.Outcome != ledger.Partial || record.Failed["read group"] != 1 {
			t.Errorf("outcome %s, failed %v: nobody is told", record.Outcome, record.Failed)
		}
	})
}

func TestDisabledRoleIsNoRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldgen.Chain(2, 3)
		for _, row := range w.Commerce["SecurityUserRoleAssociations"] {
			row["AssignmentStatus"] = "Disabled"
		}
		b := newBenchOf(t, w, simgraph.Options{})
		b.run(t, t)
		for _, team := range b.tenant.Teams() {
			if strings.HasSuffix(team.UniqueName, "-c") && len(team.Members) > 0 {
				t.Errorf("communications managers by a disabled role: %v", team.Members)
			}
		}
	})
}

// Stores that cannot be made must not keep the others from theirs for ever.
func TestStuckStoresGoToTheBackOfTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := map[string]bool{}
		// More stores are stuck than are worked on at once.
		b := newChain(t, 300, 1, simgraph.Options{Outcome: func(_, team string) simgraph.Outcome {
			if len(stuck) < 260 || stuck[team] {
				stuck[team] = true
				return simgraph.Stick
			}
			return simgraph.Succeed
		}})
		b.budget = time.Minute
		for range 4 {
			b.tick(t)
		}
		made := 0
		for _, team := range b.tenant.Teams() {
			if team.HasTeam {
				made++
			}
		}
		if want := 301 - len(stuck); made != want {
			t.Errorf("%d teams are made, want %d; stuck are %d", made, want, len(stuck))
		}
	})
}

// The process ends half a minute after its last write began, at the latest.
func TestNothingIsWrittenInTheLastHalfMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var late []time.Duration
		start := time.Now()
		const life = 2 * time.Minute
		b := newChain(t, 3, 3, simgraph.Options{
			PollsUntilDone: 3,
			OnWrite: func(_ int, phase simgraph.Phase, _ *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if at := time.Since(start); phase == simgraph.Before && at > life-30*time.Second {
					late = append(late, at)
				}
			},
		})
		ctx, cancel := context.WithTimeout(t.Context(), life)
		defer cancel()
		if err := b.syncer(t).Run(ctx, "test"); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		if len(late) > 0 {
			t.Errorf("wrote after %v", late)
		}
		mu.Unlock()
		b.settles(t, 8)
	})
}
