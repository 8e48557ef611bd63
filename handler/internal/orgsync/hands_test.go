package orgsync_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// What people do by hand in Teams, and what is left of it.
func TestHands(t *testing.T) {
	type people struct{ owners, members []string }
	cases := map[string]struct {
		do   func(b *bench, t *testing.T, team string)
		want func(b *bench, t *testing.T) people
	}{
		"a stranger added stays": {
			func(b *bench, t *testing.T, team string) { must(t, b.tenant.AddMember(team, b.office(1))) },
			func(b *bench, t *testing.T) people {
				return people{[]string{b.worker(t, 1, 0)}, []string{b.worker(t, 1, 1), b.worker(t, 1, 2), b.office(1)}}
			},
		},
		"a worker removed is put back": {
			func(b *bench, t *testing.T, team string) { must(t, b.tenant.RemoveMember(team, b.worker(t, 1, 1))) },
			func(b *bench, t *testing.T) people {
				return people{[]string{b.worker(t, 1, 0)}, []string{b.worker(t, 1, 1), b.worker(t, 1, 2)}}
			},
		},
		"a member made owner stays owner": {
			func(b *bench, t *testing.T, team string) { must(t, b.tenant.AddOwner(team, b.worker(t, 1, 2))) },
			func(b *bench, t *testing.T) people {
				return people{[]string{b.worker(t, 1, 0), b.worker(t, 1, 2)}, []string{b.worker(t, 1, 1)}}
			},
		},
		"a manager removed is put back as owner": {
			func(b *bench, t *testing.T, team string) {
				must(t, b.tenant.AddOwner(team, b.office(1)))
				must(t, b.tenant.RemoveMember(team, b.worker(t, 1, 0)))
			},
			func(b *bench, t *testing.T) people {
				return people{[]string{b.worker(t, 1, 0), b.office(1)}, []string{b.worker(t, 1, 1), b.worker(t, 1, 2)}}
			},
		},
		"removed and added again is as before": {
			func(b *bench, t *testing.T, team string) {
				must(t, b.tenant.RemoveMember(team, b.worker(t, 1, 1)))
				must(t, b.tenant.AddMember(team, b.worker(t, 1, 1)))
			},
			func(b *bench, t *testing.T) people {
				return people{[]string{b.worker(t, 1, 0)}, []string{b.worker(t, 1, 1), b.worker(t, 1, 2)}}
			},
		},
		"renamed is renamed back": {
			func(b *bench, t *testing.T, team string) { must(t, b.tenant.RenameGroup(team, "Our place")) },
			func(b *bench, t *testing.T) people {
				return people{[]string{b.worker(t, 1, 0)}, []string{b.worker(t, 1, 1), b.worker(t, 1, 2)}}
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 2, 3, simgraph.Options{})
				b.run(t, t)
				c.do(b, t, b.team(t, store(1)).ID)
				for i, later := range []time.Duration{0, 0, day, day} {
					pass(later)
					b.ticks(t, 2*time.Hour) // what was undone is put back after HANDS_DELAY
					team, want := b.team(t, store(1)), c.want(b, t)
					wantPeople(t, team, want.owners, want.members)
					if team.Name != "Shop 1 (000001)" {
						t.Errorf("the team is called %q", team.Name)
					}
					if t.Failed() {
						t.Fatalf("look %d", i+1)
					}
				}
				wantPeople(t, b.team(t, store(2)), []string{b.worker(t, 2, 0)}, []string{b.worker(t, 2, 1), b.worker(t, 2, 2)})
			})
		})
	}
}

// An adopted team keeps its name, also one given by hand, until Commerce's
// changes.
func TestAdoptedName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldgen.Chain(2, 2)
		id := existing(&w, "", true, w.Users[1]["id"].(string))
		w.Commerce["IntegrationSourceMappings"] = append(w.Commerce["IntegrationSourceMappings"], mapping(1, id))
		b := newBenchOf(t, w, simgraph.Options{})
		b.settings.Adopt = true
		wantName := func(want string) {
			t.Helper()
			if name := b.team(t, store(1)).Name; name != want {
				t.Errorf("the team is called %q, want %q", name, want)
			}
		}
		b.run(t, t)
		wantName("Group of old 1")
		must(t, b.tenant.RenameGroup(id, "Our place"))
		b.tick(t)
		wantName("Our place")
		b.renameStore(t, 1, "Harbour")
		b.tick(t)
		wantName("Harbour (000001)")
		must(t, b.tenant.RenameGroup(id, "Our place"))
		b.tick(t)
		wantName("Harbour (000001)")
		b.renameStore(t, 1, "Shop 1")
		b.tick(t)
		wantName("Shop 1 (000001)")
		if team := b.team(t, store(1)); team.ID != id {
			t.Errorf("the store's team is %s, not the adopted %s", team.ID, id)
		}
	})
}

// Commerce takes the very name that the adopted team has: from then on the
// team follows, though nothing had to be renamed.
func TestAdoptedNameIsCommercesNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldgen.Chain(1, 2)
		id := existing(&w, "", true, w.Users[1]["id"].(string))
		w.Commerce["IntegrationSourceMappings"] = append(w.Commerce["IntegrationSourceMappings"], mapping(1, id))
		b := newBenchOf(t, w, simgraph.Options{})
		b.settings.Adopt = true
		must(t, b.tenant.RenameGroup(id, "Harbour (000001)"))
		b.run(t, t)
		b.renameStore(t, 1, "Harbour")
		b.tick(t)
		b.renameStore(t, 1, "Shop 1")
		b.tick(t)
		if name := b.team(t, store(1)).Name; name != "Shop 1 (000001)" {
			t.Errorf("the team is called %q", name)
		}
	})
}

// A demotion is nothing the feed shows; the daily verification finds it.
func TestDemotedManagerIsOwnerAgainWithinTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 2, 2, simgraph.Options{})
		b.run(t, t)
		team := b.team(t, store(1)).ID
		must(t, b.tenant.AddOwner(team, b.office(1)))
		b.tick(t)
		must(t, b.tenant.Demote(team, b.worker(t, 1, 0)))
		b.ticks(t, day+tick)
		if owners := b.team(t, store(1)).Owners; !slices.Contains(owners, b.worker(t, 1, 0)) {
			t.Errorf("after a day the owners are %v", owners)
		}
		if link := b.link(t, store(1)); len(link.Managed) != 2 {
			t.Errorf("%d people are managed", len(link.Managed))
		}
		if role, managed := b.link(t, org.Communications).Managed.Of(userID(t, b.office(1))); managed {
			t.Errorf("head office is managed as %v of another team", role)
		}
	})
}

func userID(t *testing.T, text string) org.UserID {
	t.Helper()
	id, err := org.ParseUserID(text)
	must(t, err)
	return id
}
