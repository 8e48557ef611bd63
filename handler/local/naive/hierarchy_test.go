package naive

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// regions puts two more stores beside store 1 and a hierarchy above them:
// stores 1 and 2 under South, 3 under North, both under Top. Units name
// managers: South worker b (user 3), Top worker c (user 4). No store has a
// manager of its own.
func regions(w World, _ *Settings) {
	w.set("RetailStores", storeColumns, "1|c1|u1|p1", "2|c2|u2|p2", "3|c3|u3|p3")
	w.set("OperatingUnits", unitColumns,
		"u1|p1|Shop|null", "u2|p2|Shop|null", "u3|p3|Shop|null", "ro|south|South|b", "rn|north|North|null", "rt|top|Top|c")
	w.set("OrganizationHierarchyPurposes", purposeColumns, "H|RetailReporting|No")
	w.set("OrganizationHierarchyPublishedV2", linkColumns,
		"H|null|top|null|Top|null|null", "H|top|south|Top|South|null|null", "H|top|north|Top|North|null|null",
		"H|south|p1|South|Shop 1|null|null", "H|south|p2|South|Shop 2|null|null", "H|north|p3|North|Shop 3|null|null")
}

// showStores writes "number: owners / members" of all stores.
func showStores(e Expectation) string {
	var all []string
	for _, number := range slices.Sorted(maps.Keys(e.Stores)) {
		all = append(all, number+": "+show(e.Stores[number]))
	}
	return strings.Join(all, ", ")
}

// checkStores runs cases on the regions.
func checkStores(t *testing.T, cases []scenario) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			w, s := shop()
			regions(w, &s)
			tt.change(w, &s)
			if got := showStores(Expect(w, s, now)); got != tt.want {
				t.Errorf("stores are %q,\nwant %q", got, tt.want)
			}
		})
	}
}

// Rule 9: which hierarchy counts, and the way up. The caretaker of store 1
// shows it: b (3) below South, c (4) straight below Top, 9 below nothing.
func TestHierarchy(t *testing.T) {
	second := func(purposes ...string) func(World, *Settings) { // hierarchy G puts store 1 under Top
		return func(w World, s *Settings) {
			s.Scope = []string{"1"}
			w.set("OrganizationHierarchyPurposes", purposeColumns, purposes...)
			w.add("OrganizationHierarchyPublishedV2", linkColumns, "G|top|p1|Top|Shop 1|null|null")
		}
	}
	links := func(lines ...string) func(World, *Settings) {
		return func(w World, s *Settings) {
			s.Scope = []string{"1"}
			w.set("OrganizationHierarchyPublishedV2", linkColumns, lines...)
		}
	}
	named := func(name string) func(World, *Settings) {
		return func(_ World, s *Settings) { s.Hierarchy = name }
	}
	checkStores(t, []scenario{
		{"the only one", second("H|RetailReporting|No"), "1: 3 / ", ""},
		{"purpose in another case", second("G|retailreporting|No"), "1: 4 / ", ""},
		{"another purpose", second("G|Organization chart|Yes"), "1: 9 / ", ""},
		{"the default", second("G|RetailReporting|No", "H|RetailReporting|Yes"), "1: 3 / ", ""},
		{"the first of the defaults", second("G|RetailReporting|Yes", "H|RetailReporting|Yes"), "1: 4 / ", ""},
		{"the first of all", second("H|RetailReporting|No", "G|RetailReporting|null"), "1: 4 / ", ""},
		{"named", after(second("G|RetailReporting|Yes", "H|RetailReporting|No"), named("H")), "1: 3 / ", ""},
		{"a default of another purpose", second("G|Organization chart|Yes", "H|RetailReporting|No"), "1: 3 / ", ""},
		{"ended", links("H|south|p1|-|-|null|2026-06-01T12:00:00Z"), "1: 9 / ", ""},
		{"begins now", links("H|south|p1|-|-|2026-06-01T12:00:00Z|null"), "1: 3 / ", ""},
		{"to come", links("H|south|p1|-|-|2026-06-01T12:00:01Z|null"), "1: 9 / ", ""},
		{"several parents: the smallest", links("H|top|p1|-|-|null|null", "H|south|p1|-|-|null|null"), "1: 3 / ", ""},
		{"a loop", links("H|north|p1|-|-|null|null", "H|x|north|-|-|null|null", "H|north|x|-|-|null|null"), "1: 9 / ", ""},
		{"a loop with a manager in it", links("H|north|p1|-|-|null|null", "H|top|north|-|-|null|null", "H|p1|top|-|-|null|null"), "1: 4 / ", ""},
	})
}

// Rule 10: who stands in.
func TestCaretaker(t *testing.T) {
	left := func(w World, _ *Settings) { // South's manager has left
		w.set("Employees", "PersonnelNumber|EmploymentEndDate", "b|2020-01-01T00:00:00Z")
	}
	most := func(n int) func(World, *Settings) {
		return func(_ World, s *Settings) { s.MaxCaretakerTeams = n }
	}
	roles := func(w World, _ *Settings) { // workers m (1) and a (2) are communications managers
		w.set("OrganizationHierarchyPublishedV2", linkColumns, "H|north|p3|-|-|null|null", "H|north|p2|-|-|null|null")
		w.set("PersonUsers", personUserColumns, "pa|fa|null|null", "pm|fm|null|null")
		w.set("SystemUsers", systemUserColumns, "fa|-|-", "fm|-|-")
		w.set("SecurityUserRoleAssociations", roleColumns, "fa|Retail task manager|RTM", "fm|Retail task manager|RTM")
	}
	limit := func(lines ...string) func(World, *Settings) {
		return func(w World, _ *Settings) { w.set("SecurityUserRoleOrganizations", limitColumns, lines...) }
	}
	user := func(n int, attribute string, v any) func(World, *Settings) {
		return func(w World, _ *Settings) { w.user(n)[attribute] = v }
	}
	guests := func(_ World, s *Settings) { s.AllowGuests = true }
	checkStores(t, []scenario{
		{"nearest node", func(World, *Settings) {}, "1: 3 / , 2: 3 / , 3: 4 / ", ""},
		{"nearest has left", left, "1: 4 / , 2: 4 / , 3: 4 / ", ""},
		{"nearest is disabled", user(3, "accountEnabled", false), "1: 4 / , 2: 4 / , 3: 4 / ", ""},
		{"nearest is a guest", after(user(3, "userType", "Guest"), guests), "1: 4 / , 2: 4 / , 3: 4 / ", ""},
		{"nearest is full", most(1), "1: 3 / , 2: 4 / , 3: 9 / ", ""},
		{"all are full", after(most(1), left), "1: 4 / , 2: 9 / , 3: skipped: no owner", ""},
		{"communications managers by personnel number", roles, "1: 2 / , 2: 2 / , 3: 2 / ", ""},
		{"then the next", after(roles, most(2)), "1: 2 / , 2: 2 / , 3: 1 / ", ""},
		{"limited to a unit", after(roles, limit("FA|rtm|u2")), "1: 1 / , 2: 2 / , 3: 1 / ", ""},
		{"limited to the unit of a store in no hierarchy", after(roles, limit("fa|RTM|u1", "fm|RTM|x"), func(w World, s *Settings) {
			s.Scope = []string{"1"}
			w.set("RetailStores", storeColumns, "1|c1|u1|null")
		}), "1: 2 / ", ""},
		{"limited to a node's unit", after(roles, limit("fa|RTM|rn", "fa|RTM|other")), "1: 1 / , 2: 2 / , 3: 2 / ", ""},
		{"another role is limited", after(roles, limit("fa|Other|u2")), "1: 2 / , 2: 2 / , 3: 2 / ", ""},
		{"both limited away", after(roles, limit("fa|RTM|x", "fm|RTM|x")), "1: 9 / , 2: 9 / , 3: 9 / ", ""},
		{"fallback in the order of the list", after(roles, limit("fa|RTM|x", "fm|RTM|x"), most(2), func(_ World, s *Settings) {
			s.FallbackOwners = []string{"who@x.example", strings.ToUpper(id(9)), " 8@X.example"}
		}), "1: 9 / , 2: 9 / , 3: 8 / ", ""},
		{"a member stands in: one person, owner", func(w World, s *Settings) {
			s.Scope = []string{"1"}
			w.set("RetailChannelWorkers", activeColumns, "c1|b|Yes", "c1|a|Yes")
		}, "1: 3 / 2", ""},
		{"a manager who may not be added is none", func(w World, s *Settings) {
			s.Scope = []string{"1"}
			w.set("OperatingUnits", unitColumns, "u1|p1|Shop|m", "ro|south|South|b")
			w.user(1)["assignedPlans"] = nil
		}, "1: 3 / ", ""},
		{"the own unit's manager stands not in", func(w World, s *Settings) {
			s.Scope, s.ManagerRule = []string{"1"}, "department"
			w.set("OperatingUnits", unitColumns, "u1|p1|Shop|m", "ro|south|South|b")
		}, "1: 3 / ", ""},
	})
}

// Rule 12: the stores in scope.
func TestScope(t *testing.T) {
	scope := func(entries ...string) func(World, *Settings) {
		return func(_ World, s *Settings) { s.Scope = entries }
	}
	checkStores(t, []scenario{
		{"a number", scope(" 2 "), "2: 3 / ", ""},
		{"a node's party", scope("south"), "1: 3 / , 2: 3 / ", ""},
		{"a node's name", scope(" SOUTH "), "1: 3 / , 2: 3 / ", ""},
		{"the top", scope("Top"), "1: 3 / , 2: 3 / , 3: 4 / ", ""},
		{"a name that only rows below give", after(scope("TOP"), func(w World, _ *Settings) {
			w.set("OrganizationHierarchyPublishedV2", linkColumns, "H|top|south|Top|South|null|null", "H|south|p2|-|-|null|null")
		}), "2: 3 / ", ""},
		{"the store's own node", scope("shop 3"), "3: 4 / ", ""},
		{"several", scope("3", "shop 1", "nowhere"), "1: 3 / , 3: 4 / ", ""},
		{"nothing", scope("nowhere"), "", ""},
	})
}

func TestNoStoreInScope(t *testing.T) {
	w, s := shop()
	s.Scope = []string{"nowhere"}
	e := Expect(w, s, now)
	if len(e.Stores) != 0 || e.Communications.Skipped != NoStore || e.Held {
		t.Errorf("with no store in scope: %+v", e)
	}
	if groups := ExpectTenant(w, s, now); len(groups) != 0 {
		t.Errorf("with no store in scope groups are made: %+v", groups)
	}
}

// A run is held when more than a fifth of the stores in scope need a caretaker.
func TestHeld(t *testing.T) {
	for _, tt := range []struct {
		name    string
		managed int
		scope   []string
		want    bool
	}{
		{"a fifth", 4, nil, false},
		{"more than a fifth", 3, nil, true},
		{"none", 5, nil, false},
		{"counted in scope", 3, []string{"1", "2", "3"}, false},
		{"counted in scope only", 4, []string{"4", "5"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := shop()
			s.Scope = tt.scope
			w.set("RetailStores", storeColumns, "1|-|u1|-", "2|-|u2|-", "3|-|u3|-", "4|-|u4|-", "5|-|u5|-")
			w.set("OperatingUnits", unitColumns, list("u1|-|-|m", "u2|-|-|m", "u3|-|-|m", "u4|-|-|m", "u5|-|-|m")[:tt.managed]...)
			if got := Expect(w, s, now).Held; got != tt.want {
				t.Errorf("held is %v, want %v", got, tt.want)
			}
			if made := len(ExpectTenant(w, s, now)) > 0; made == tt.want {
				t.Errorf("groups are made: %v, although held is %v", made, tt.want)
			}
		})
	}
}
