package naive

import (
	"fmt"
	"strings"
	"testing"
)

// team is a group with a team, owned by user 8, who is a member like user 3.
func team(n int, unique any) map[string]any {
	person := func(n int) map[string]any {
		return map[string]any{"@odata.type": "#microsoft.graph.user", "id": id(n)}
	}
	return map[string]any{
		"id": groupID(n), "displayName": fmt.Sprintf("Team %d", n), "mailNickname": fmt.Sprintf("team%d", n), "uniqueName": unique,
		"groupTypes": []any{"Unified"}, "resourceProvisioningOptions": []any{"Team"}, "onPremisesSyncEnabled": nil,
		"owners": []any{person(8)}, "members": []any{person(3), person(8)},
	}
}

func groupID(n int) string { return fmt.Sprintf("fedcba00-0000-4000-8000-%012d", n) }

// with returns the group with an attribute changed.
func with(g map[string]any, attribute string, v any) map[string]any {
	g[attribute] = v
	return g
}

// showGroups writes "number name: owners / members", "+" for new ones and "!"
// for groups without a team.
func showGroups(groups []Group) string {
	var all []string
	for _, g := range groups {
		name := "+"
		if g.ID != "" {
			name = strings.TrimLeft(g.ID[24:], "0")
		}
		if !g.Team {
			name += "!"
		}
		all = append(all, fmt.Sprintf("%s %s: %s / %s", name, g.Name, people(g.Owners), people(g.Members)))
	}
	return strings.Join(all, ", ")
}

// Rule 13, and the final state with MODE=add. Store 1 wants owner 1 and member
// 2; the communications team, always new here, wants owner 9.
func TestExistingGroups(t *testing.T) {
	mapped := func(lines ...string) []map[string]any { return rows(mappingColumns, lines...) }
	one := mapped("RetailStore|1|" + groupID(5))
	const (
		fresh = "+ Communications: 9 / , + Shop (1): 1 / 2"
		alone = "5 Team 5: 8 / 3, + Communications: 9 / "
	)
	for _, tt := range []struct {
		name     string
		mappings []map[string]any
		groups   []map[string]any
		noAdopt  bool
		skipped  string
		want     string
	}{
		{"none", nil, nil, false, "", fresh},
		{"a team of the same name is not ours", nil, []map[string]any{with(team(5, nil), "displayName", "Shop (1)")}, false, "",
			"5 Shop (1): 8 / 3, " + fresh},
		{"marked", nil, []map[string]any{team(5, "storeteams-t-s-1")}, true, "", "5 Shop (1): 1 8 / 2 3, + Communications: 9 / "},
		{"marked, without a team", nil, []map[string]any{with(team(5, "storeteams-t-s-1"), "resourceProvisioningOptions", []any{})}, true, "",
			"5 Shop (1): 1 8 / 2 3, + Communications: 9 / "},
		{"the mark comes before the mapping", one, []map[string]any{team(5, nil), team(6, "storeteams-t-s-1")}, false, "",
			"5 Team 5: 8 / 3, 6 Shop (1): 1 8 / 2 3, + Communications: 9 / "},
		{"mapped", one, []map[string]any{team(5, nil)}, false, "", "5 Team 5: 1 8 / 2 3, + Communications: 9 / "},
		{"mapped in other words", mapped("RETAILSTORE| 1 |{" + strings.ToUpper(groupID(5)) + "}"), []map[string]any{team(5, "acme")}, false, "",
			"5 Team 5: 1 8 / 2 3, + Communications: 9 / "},
		{"mapped, a plain group", one, []map[string]any{with(team(5, nil), "resourceProvisioningOptions", []any{})}, false, "",
			"5 Team 5: 1 8 / 2 3, + Communications: 9 / "},
		{"mapped, not to be adopted", one, []map[string]any{team(5, nil)}, true, Hold, alone},
		{"mapped twice to the same store", mapped("RetailStore|1|"+groupID(5), "RetailStore|1|"+groupID(5)), []map[string]any{team(5, nil)}, false, "",
			"5 Team 5: 1 8 / 2 3, + Communications: 9 / "},
		{"mapped from two stores", mapped("RetailStore|1|"+groupID(5), "RetailStore|2|"+groupID(5)), []map[string]any{team(5, nil)}, false, DoublyMapped, alone},
		{"mapped from a store and something else", mapped("RetailStore|1|"+groupID(5), "Project|2|"+groupID(5)), []map[string]any{team(5, nil)}, false, "",
			"5 Team 5: 1 8 / 2 3, + Communications: 9 / "},
		{"mapped from something else", mapped("Project|1|" + groupID(5)), []map[string]any{team(5, nil)}, false, "", "5 Team 5: 8 / 3, " + fresh},
		{"mapped, gone", mapped("RetailStore|1|" + groupID(6)), []map[string]any{team(5, nil)}, false, "", "5 Team 5: 8 / 3, " + fresh},
		{"mapped, gone, not to be adopted", mapped("RetailStore|1|" + groupID(6)), nil, true, "", fresh},
		{"mapped, dynamic", one, []map[string]any{with(team(5, nil), "groupTypes", []any{"Unified", "DynamicMembership"})}, false, Dynamic, alone},
		{"mapped, synced", one, []map[string]any{with(team(5, nil), "onPremisesSyncEnabled", true)}, false, Synced, alone},
		{"mapped, once synced", one, []map[string]any{with(team(5, nil), "onPremisesSyncEnabled", false)}, false, "",
			"5 Team 5: 1 8 / 2 3, + Communications: 9 / "},
		{"mapped, not unified", one, []map[string]any{with(team(5, nil), "groupTypes", []any{})}, false, NotUnified, alone},
		{"mapped, another instance's", one, []map[string]any{team(5, "storeteams-prod-s-1")}, false, ForeignMarker, alone},
		{"mapped, another store's", one, []map[string]any{team(5, "storeteams-t-s-2")}, false, ForeignMarker, alone},
		{"communications team is marked", nil, []map[string]any{team(5, "storeteams-t-c")}, false, "",
			"5 Communications: 8 9 / 3, + Shop (1): 1 / 2"},
		{"a member becomes owner, an owner stays owner", nil, []map[string]any{with(with(team(5, "storeteams-t-s-1"),
			"owners", []any{map[string]any{"id": id(2)}}), "members", []any{map[string]any{"id": id(1)}, map[string]any{"id": strings.ToUpper(id(2))}})}, false, "",
			"5 Shop (1): 1 2 / , + Communications: 9 / "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := shop()
			w.set("RetailChannelWorkers", activeColumns, "c1|a|Yes")
			w.Commerce["IntegrationSourceMappings"] = tt.mappings
			w.Groups = tt.groups
			s.Adopt = !tt.noAdopt
			if got := Expect(w, s, now).Stores["1"].Skipped; got != tt.skipped {
				t.Errorf("skipped is %q, want %q", got, tt.skipped)
			}
			if got := showGroups(ExpectTenant(w, s, now)); got != tt.want {
				t.Errorf("groups are %q,\nwant %q", got, tt.want)
			}
		})
	}
}

// A store that nobody may own gets no team; a team that has an owner of its own
// is kept up all the same.
func TestNoOwner(t *testing.T) {
	t.Run("no team yet", func(t *testing.T) { testNoOwner(t, nil, NoOwner, "") })
	t.Run("a team with an owner", func(t *testing.T) {
		testNoOwner(t, []map[string]any{team(5, "storeteams-t-s-1")}, "", "5 Shop (1): 8 / 3, ")
	})
}

func testNoOwner(t *testing.T, groups []map[string]any, skipped, wantFirst string) {
	t.Helper()
	w, s := shop()
	w.Groups = groups
	w.add("RetailStores", storeColumns, "2|c2|u2|p2", "3|c3|u1|p3", "4|c4|u1|p4", "5|c5|u1|p5")
	w.set("RetailChannelWorkers", activeColumns, "c1|m|No")
	w.set("OperatingUnits", unitColumns, "u1|p1|Shop|m", "u2|p2|Two|m")
	w.user(9)["accountEnabled"] = false
	e := Expect(w, s, now)
	if e.Held || e.Stores["1"].Skipped != skipped || e.Stores["1"].Owners != nil {
		t.Fatalf("held %v, store 1: %+v", e.Held, e.Stores["1"])
	}
	want := wantFirst + "+ Two (2): 1 / , + Shop (3): 1 / , + Shop (4): 1 / , + Shop (5): 1 / "
	if got := showGroups(ExpectTenant(w, s, now)); got != want {
		t.Errorf("groups are %q,\nwant %q", got, want)
	}
}
