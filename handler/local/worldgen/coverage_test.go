package worldgen

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/naive"
)

// seen counts what happens in a number of random worlds.
func seen(worlds int) map[string]int {
	count := map[string]int{}
	for seed := range worlds {
		d := seeded(seed)
		o := Options{Now: now}
		w := Random(d, o)
		s := RandomSettings(d, o, w)
		e := naive.Expect(w, s, now)
		happened := map[string]bool{"held": e.Held, "goes on": !e.Held, "guests allowed": s.AllowGuests, "scope": len(s.Scope) > 0}
		for number, team := range e.Stores {
			happened["skipped: "+team.Skipped] = true
			happened["renamed"] = happened["renamed"] || team.Group != "" && strings.Contains(team.Name, number)
			happened["adopted"] = happened["adopted"] || team.Group != "" && strings.HasPrefix(team.Name, "Team of old")
			happened["hashed marker"] = happened["hashed marker"] || strings.Contains(team.Marker, "-s-_h")
			happened["several owners"] = happened["several owners"] || len(team.Owners) > 1
			happened["goes on, skipped: "+team.Skipped] = !e.Held
		}
		happened["communications: "+e.Communications.Skipped] = true
		happened["communications with members"] = len(e.Communications.Members) > 0
		for _, cause := range e.Unmapped {
			happened["unmapped: "+cause] = true
		}
		for name, rows := range w.Commerce {
			happened["rows of "+name] = len(rows) > 0
		}
		for what, yes := range happened {
			if yes {
				count[what]++
			}
		}
	}
	return count
}

// Every outcome the rules know turns up in a fair share of worlds, and most
// runs are not held.
func TestOutcomesTurnUp(t *testing.T) {
	const worlds = 600
	count := seen(worlds)
	least := map[string]int{
		"goes on": worlds / 2, "held": worlds / 10, "scope": worlds / 10, "guests allowed": worlds / 10,
		"renamed": worlds / 20, "adopted": worlds / 20, "hashed marker": worlds / 20, "several owners": worlds / 4,
		"skipped: no owner": 5, "skipped: hold": 20, "skipped: not unified": 5, "skipped: dynamic": 20, "skipped: synced": 5,
		"skipped: foreign marker": 20, "skipped: doubly mapped": 20, "goes on, skipped: no owner": 1,
		"communications: no owner": 5, "communications: no store at all": 5, "communications with members": worlds / 4,
		"unmapped: no identity": worlds / 10, "unmapped: bad identity": worlds / 10, "unmapped: not in tenant": worlds / 10,
		"unmapped: disabled": worlds / 10, "unmapped: unlicensed": worlds / 10, "unmapped: guest": worlds / 20,
	}
	for _, name := range append(required(), optional()...) {
		least["rows of "+name] = worlds / 10
	}
	for _, what := range slices.Sorted(maps.Keys(least)) {
		if count[what] < least[what] {
			t.Errorf("%q in %d of %d worlds, want at least %d", what, count[what], worlds, least[what])
		}
	}
}

// scene is a random world with settings and what is expected of it.
type scene struct {
	world    naive.World
	settings naive.Settings
	want     naive.Expectation
}

// scenes makes a number of them.
func scenes(n int) []scene {
	var all []scene
	for seed := range n {
		d := seeded(seed)
		o := Options{Now: now}
		w := Random(d, o)
		s := RandomSettings(d, o, w)
		all = append(all, scene{w, s, naive.Expect(w, s, now)})
	}
	return all
}

// A rule that no world touches is not tested: taking away what the rule is
// about must change what is expected, in some worlds.
func TestRowsMatter(t *testing.T) {
	all := scenes(100)
	for _, name := range append(required(), optional()...) {
		changed := 0
		for _, sc := range all {
			less := naive.World{Commerce: maps.Clone(sc.world.Commerce), Users: sc.world.Users, Groups: sc.world.Groups}
			delete(less.Commerce, name)
			if !reflect.DeepEqual(sc.want, naive.Expect(less, sc.settings, now)) {
				changed++
			}
		}
		if changed < 3 {
			t.Errorf("without %s %d of %d worlds change", name, changed, len(all))
		}
	}
}

// Settings matter too.
func TestSettingsMatter(t *testing.T) {
	all := scenes(150)
	for name, change := range map[string]func(s *naive.Settings){
		"scope":               func(s *naive.Settings) { s.Scope = nil },
		"hierarchy":           func(s *naive.Settings) { s.Hierarchy = "" },
		"manager rule":        func(s *naive.Settings) { s.ManagerRule = "auto" },
		"titles":              func(s *naive.Settings) { s.ManagerTitles = nil },
		"guests":              func(s *naive.Settings) { s.AllowGuests = false },
		"adopt":               func(s *naive.Settings) { s.Adopt = true },
		"caretaker teams":     func(s *naive.Settings) { s.MaxCaretakerTeams = 200 },
		"fallback owners":     func(s *naive.Settings) { s.FallbackOwners = s.FallbackOwners[1:] },
		"communications role": func(s *naive.Settings) { s.CommunicationsRole = "Store clerk" },
	} {
		changed := 0
		for _, sc := range all {
			s := sc.settings
			change(&s)
			if !reflect.DeepEqual(sc.want, naive.Expect(sc.world, s, now)) {
				changed++
			}
		}
		if changed < 3 {
			t.Errorf("another %s changes %d of %d worlds", name, changed, len(all))
		}
	}
}

// Carried out once, the rules have nothing more to do: the tenant they lead to
// leads to itself. Nobody who was in a group is lost, nobody demoted.
func TestTenantSettles(t *testing.T) {
	for seed := range 300 {
		d := seeded(seed)
		o := Options{Now: now}
		w := Random(d, o)
		s := RandomSettings(d, o, w)
		first := naive.ExpectTenant(w, s, now)
		kept(t, seed, w, first)
		w.Groups = wire(w.Groups, first)
		second := naive.ExpectTenant(w, s, now)
		if !reflect.DeepEqual(first, renew(second)) {
			t.Errorf("seed %d: first %+v\nsecond %+v", seed, first, second)
		}
	}
}

// kept checks that everybody in a group of the world is still in it.
func kept(t *testing.T, seed int, w naive.World, after []naive.Group) {
	t.Helper()
	for _, g := range w.Groups {
		i := slices.IndexFunc(after, func(a naive.Group) bool { return a.ID == g["id"] })
		if i < 0 {
			t.Fatalf("seed %d: group %v is gone", seed, g["id"])
		}
		owners, members := g["owners"].([]any), g["members"].([]any)
		for _, o := range owners {
			if !slices.Contains(after[i].Owners, o.(row)["id"].(string)) {
				t.Errorf("seed %d: group %v lost an owner", seed, g["id"])
			}
		}
		for _, m := range members {
			if !slices.Contains(slices.Concat(after[i].Owners, after[i].Members), m.(row)["id"].(string)) {
				t.Errorf("seed %d: group %v lost a member", seed, g["id"])
			}
		}
	}
}

// wire writes groups as the tenant would show them, with whatever the rows
// before said of them besides.
func wire(before []map[string]any, groups []naive.Group) []map[string]any {
	var rows []map[string]any
	for i, g := range groups {
		r := row{"id": fmt.Sprintf("new %03d", i), "groupTypes": []any{"Unified"}}
		if k := slices.IndexFunc(before, func(b row) bool { return b["id"] == g.ID }); k >= 0 {
			r = maps.Clone(before[k])
		}
		r["displayName"], r["uniqueName"] = g.Name, g.Marker
		r["owners"], r["members"] = references(g.Owners...), references(slices.Concat(g.Members, g.Owners)...)
		if g.Team {
			r["resourceProvisioningOptions"] = []any{"Team"}
		}
		rows = append(rows, r)
	}
	return rows
}

// references writes people as a group lists them.
func references(ids ...string) []any {
	all := []any{}
	for _, id := range ids {
		all = append(all, reference(account{id: id}))
	}
	return all
}

// renew makes the groups that wire gave an id new again.
func renew(groups []naive.Group) []naive.Group {
	for i := range groups {
		if strings.HasPrefix(groups[i].ID, "new ") {
			groups[i].ID = ""
		}
	}
	return groups
}
