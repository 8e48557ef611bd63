package org_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestManagerRules: what each MANAGER_RULE makes of each kind of evidence. The
// last four columns are W1's place in the team of store 1, under each rule.
func TestManagerRules(t *testing.T) {
	const none = "nobody"
	cases := []struct {
		name                          string
		build                         func(c *chain)
		auto, unit, department, store string
	}{
		{"named by the unit", func(c *chain) { c.managed("u1", "W1") },
			"W1 owner unit", "W1 owner unit", none, none},
		{"named by the unit, active", func(c *chain) { c.managed("u1", "W1").active("1", "W1") },
			"W1 owner unit", "W1 owner unit", "W1 member active", "W1 member active"},
		{"post in the store's department", func(c *chain) { c.post("W1", "u1") },
			"W1 owner department", none, "W1 owner department", none},
		{"post in the store's department, active", func(c *chain) { c.post("W1", "u1").active("1", "W1") },
			"W1 owner department", "W1 member active", "W1 owner department", "W1 owner store"},
		{"post in another store's department, active", func(c *chain) { c.post("W1", "u2").active("1", "W1") },
			"W1 member active", "W1 member active", "W1 member active", "W1 owner store"},
		{"posts in both stores' departments", func(c *chain) { c.post("W1", "u2").post("W1", "u1") },
			"W1 owner department", none, "W1 owner department", none},
		{"post without a department", func(c *chain) { c.post("W1", "") },
			none, none, none, none},
		{"post without a department, active", func(c *chain) { c.post("W1", "").active("1", "W1") },
			"W1 owner store", "W1 member active", "W1 member active", "W1 owner store"},
		{"post in a department that is no store, active", func(c *chain) { c.post("W1", "head office").active("1", "W1") },
			"W1 owner store", "W1 member active", "W1 member active", "W1 owner store"},
		{"posts without a department and in another store's, active", func(c *chain) { c.post("W1", "").post("W1", "u2").active("1", "W1") },
			"W1 member active", "W1 member active", "W1 member active", "W1 owner store"},
		{"no post, active", func(c *chain) { c.active("1", "W1") },
			"W1 member active", "W1 member active", "W1 member active", "W1 member active"},
		{"all the evidence", func(c *chain) { c.managed("u1", "W1").post("W1", "u1").active("1", "W1") },
			"W1 owner unit", "W1 owner unit", "W1 owner department", "W1 owner store"},
	}
	for _, tt := range cases {
		for rule, want := range map[org.ManagerRule]string{
			org.RuleAuto: tt.auto, org.RuleUnit: tt.unit, org.RuleDepartment: tt.department, org.RuleStore: tt.store,
		} {
			t.Run(tt.name+"/"+string(rule), func(t *testing.T) {
				c := newChain()
				c.rules.FallbackOwners = nil
				c.rules.ManagerRule = rule
				tt.build(c)
				if got := c.people(team(t, c.roster(), "1")); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		}
	}
}

// TestPrivileges: what makes a position one of a manager. W1 is active in store
// 1 and has the position P in its department.
func TestPrivileges(t *testing.T) {
	const manager, no = "W1 owner department", "F1 owner fallback, W1 member active"
	permission := func(c *chain, manager org.Flag, group string) {
		c.PositionPermissions = append(c.PositionPermissions, org.PositionPermission{Position: "P", Manager: manager, Group: group})
	}
	group := func(c *chain, id string, manager org.Flag) {
		c.PermissionGroups = append(c.PermissionGroups, org.PermissionGroup{ID: id, Manager: manager})
	}
	title := func(c *chain, id, title string, counts ...string) {
		c.Positions[0].TitleID, c.Positions[0].Title = id, title
		c.rules.ManagerTitles = counts
	}
	cases := []rosterCase{
		{"nothing said", func(*chain) {}, no},
		{"its own", func(c *chain) { permission(c, org.Yes, "") }, manager},
		{"its own say no", func(c *chain) { permission(c, org.No, "") }, no},
		{"its own are unknown", func(c *chain) { permission(c, org.Unknown, "") }, no},
		{"one row of two", func(c *chain) { permission(c, org.No, ""); permission(c, org.Yes, "") }, manager},
		{"its group's", func(c *chain) { permission(c, org.No, "G"); group(c, "G", org.Yes) }, manager},
		{"its group says no", func(c *chain) { permission(c, org.No, "G"); group(c, "G", org.No) }, no},
		{"its group is unknown", func(c *chain) { permission(c, org.Unknown, "G"); group(c, "G", org.Unknown) }, no},
		{"its group does not exist", func(c *chain) { permission(c, org.No, "G"); group(c, "H", org.Yes) }, no},
		{"no group is not the nameless one", func(c *chain) { permission(c, org.No, ""); group(c, "", org.Yes) }, no},
		{"its own yes beside a group's no", func(c *chain) { permission(c, org.Yes, "G"); group(c, "G", org.No) }, manager},
		{"title", func(c *chain) { title(c, "", "Store lead", "Store lead") }, manager},
		{"title, any case and blanks", func(c *chain) { title(c, "", " STORE Lead", "store lead ") }, manager},
		{"title's identifier", func(c *chain) { title(c, "SL", "Store lead", "x", "sl") }, manager},
		{"another title", func(c *chain) { title(c, "SL", "Store lead", "Store") }, no},
		{"no title is not the empty one", func(c *chain) { title(c, "", "", "", " ") }, no},
		{"title of a position that is not there", func(c *chain) {
			title(c, "SL", "Store lead", "SL")
			c.Positions[0].ID = "Q"
		}, no},
	}
	for i, tt := range cases {
		cases[i].build = func(c *chain) { tt.build(c.active("1", "W1").position("P", "u1", "W1")) }
	}
	checkRosters(t, cases)
}

// TestPositionIsCurrent: ValidFrom <= now < ValidTo, and a zero bound is none.
func TestPositionIsCurrent(t *testing.T) {
	const manager, no = "W1 owner department", "F1 owner fallback, W1 member active"
	never := time.Time{}
	const instant = time.Nanosecond
	cases := []struct {
		name     string
		from, to time.Time
		want     string
	}{
		{"no bounds", never, never, manager},
		{"begun", now.Add(-time.Hour), never, manager},
		{"begins now", now, never, manager},
		{"begins in an instant", now.Add(instant), never, no},
		{"ends later", never, now.Add(time.Hour), manager},
		{"ends in an instant", never, now.Add(instant), manager},
		{"ends now", never, now, no},
		{"ended", never, now.Add(-time.Hour), no},
		{"begins and ends now", now, now, no},
		{"begins now in another zone", now.In(time.FixedZone("", 3600)), never, manager},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().active("1", "W1").post("W1", "u1")
			c.Assignments[0].From, c.Assignments[0].To = tt.from, tt.to
			if got := c.people(team(t, c.roster(), "1")); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestManagersWithoutAChannel: who is named manager belongs to the store unless
// a row of its channel says that they do not.
func TestManagersWithoutAChannel(t *testing.T) {
	checkRosters(t, []rosterCase{
		{"unit's manager, no row", func(c *chain) { c.managed("u1", "W1") }, "W1 owner unit"},
		{"unit's manager, unknown", func(c *chain) { c.managed("u1", "W1").says("1", "W1", org.Unknown) }, "W1 owner unit"},
		{"unit's manager, not active", func(c *chain) { c.managed("u1", "W1").says("1", "W1", org.No) }, "F1 owner fallback"},
		{"unit's manager, not active elsewhere", func(c *chain) { c.managed("u1", "W1").says("2", "W1", org.No) }, "W1 owner unit"},
		{"unit's manager, yes and no", func(c *chain) { c.managed("u1", "W1").says("1", "W1", org.No).active("1", "W1") }, "W1 owner unit"},
		{"department's manager, not active", func(c *chain) { c.post("W1", "u1").says("1", "W1", org.No) }, "F1 owner fallback"},
		{"department's manager, unknown", func(c *chain) { c.post("W1", "u1").says("1", "W1", org.Unknown) }, "W1 owner department"},
		{"privileges and unknown", func(c *chain) { c.post("W1", "").says("1", "W1", org.Unknown) }, "F1 owner fallback"},
		{"privileges and not active", func(c *chain) { c.post("W1", "").says("1", "W1", org.No) }, "F1 owner fallback"},
	})
}

// TestDepartmentsSayNothing is asked for each worker alone.
func TestDepartmentsSayNothing(t *testing.T) {
	expired := func(c *chain) {
		c.post("W1", "").post("W1", "u2").active("1", "W1")
		c.Assignments[len(c.Assignments)-1].To = now
	}
	checkRosters(t, []rosterCase{
		{"for one worker and not for the other", func(c *chain) {
			c.active("1", "W1", "W2").post("W1", "").post("W2", "u2")
		}, "W1 owner store, W2 member active"},
		{"a position that ended says nothing", expired, "W1 owner store"},
		{"a position without privileges says nothing", func(c *chain) {
			c.post("W1", "").position("P", "u2", "W1").active("1", "W1")
		}, "W1 owner store"},
		{"a store out of scope is still a store", func(c *chain) {
			c.rules.Scope = []string{"1"}
			c.active("1", "W1").post("W1", "u2")
		}, "F1 owner fallback, W1 member active"},
		{"no department is not the unit of a store without one", func(c *chain) {
			c.Stores[1].Unit = ""
			c.active("1", "W1").post("W1", "")
		}, "W1 owner store"},
		{"one position in two departments", func(c *chain) {
			c.post("W1", "u1").active("1", "W1")
			c.Positions = append(c.Positions, org.Position{ID: c.Positions[0].ID, Department: "head office"})
		}, "W1 owner department"},
	})
}

// TestSeveralManagers: a store has as many owners as it has managers, and a
// worker is in each of their stores as what they are there.
func TestSeveralManagers(t *testing.T) {
	c := newChain().managed("u1", "W1").post("W2", "u1").post("W3", "").active("1", "W3", "W2").active("2", "W1", "W3")
	r := c.roster()
	if got, want := c.people(team(t, r, "1")), "W1 owner unit, W2 owner department, W3 owner store"; got != want {
		t.Errorf("store 1: %s\nwant:    %s", got, want)
	}
	if got, want := c.people(team(t, r, "2")), "W1 member active, W3 owner store"; got != want {
		t.Errorf("store 2: %s\nwant:    %s", got, want)
	}
}
