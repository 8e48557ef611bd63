package org_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestDemotion: what is said of W1, whom store 1 managed as an owner and wants as
// a member. W2 is the store's manager.
func TestDemotion(t *testing.T) {
	// held gives W1 a position with privileges that ended.
	held := func(c *chain, department string, ended ...func(*org.Assignment)) *chain {
		c.held(department, ago).PositionPermissions = []org.PositionPermission{{Position: "of " + department, Manager: org.Yes}}
		for _, change := range ended {
			change(&c.Assignments[0])
		}
		return c
	}
	longAgo := func(a *org.Assignment) { a.To = now.Add(-long) }
	unclear := func(c *chain, department string) *chain {
		c.position("P", department, "W1").PositionPermissions = append(c.PositionPermissions, org.PositionPermission{Position: "P"})
		return c
	}
	rule := func(r org.ManagerRule, then func(c *chain)) func(c *chain) {
		return func(c *chain) { c.rules.ManagerRule = r; then(c) }
	}
	cases := []leaveCase{
		{"no row", func(*chain) {}, org.Absent},
		{"blocked elsewhere", func(c *chain) { c.block("W1", "2") }, org.Absent},
		{"position here ended", func(c *chain) { held(c, "u1") }, org.LeftStore},
		{"position here ended long ago", func(c *chain) { held(c, "u1", longAgo) }, org.Absent},
		{"position here without privileges ended", func(c *chain) { c.held("u1", ago) }, org.Absent},
		{"position elsewhere ended", func(c *chain) { held(c, "u2") }, org.Absent},
		{"position of no department ended", func(c *chain) { held(c, "") }, org.LeftStore},
		{"position of no store's department ended", func(c *chain) { held(c, "head office") }, org.LeftStore},
		{"position here ended, a plain one goes on", func(c *chain) { held(c, "u1").position("clerk", "u1", "W1") }, org.LeftStore},
		{"position here ended, a manager elsewhere", func(c *chain) { held(c, "u1").post("W1", "u2") }, org.LeftStore},
		{"position of no department ended, another goes on", func(c *chain) {
			held(c, "").post("W1", "u2").post("W1", "head office")
		}, org.Absent},

		{"by unit only, position here ended", rule(org.RuleUnit, func(c *chain) { held(c, "u1") }), org.Absent},
		{"by department only, position here ended", rule(org.RuleDepartment, func(c *chain) {
			held(c, "u1").post("W2", "u1")
		}), org.LeftStore},
		{"by department only, position of none ended", rule(org.RuleDepartment, func(c *chain) { held(c, "") }), org.Absent},
		{"by store, position elsewhere ended", rule(org.RuleStore, func(c *chain) { held(c, "u2") }), org.LeftStore},

		{"privileges here unknown", func(c *chain) { unclear(c, "u1") }, org.Stays},
		{"privileges here unknown, another position ended", func(c *chain) { unclear(held(c, "u1"), "u1") }, org.Stays},
		{"privileges of no department unknown", func(c *chain) { unclear(c, "") }, org.Stays},
		{"privileges elsewhere unknown", func(c *chain) { unclear(c, "u2") }, org.Absent},
		{"privileges here unknown, no longer held", func(c *chain) { unclear(c, "u1").Assignments[0].To = now.Add(-long) }, org.Absent},
		{"the group's privileges unknown", func(c *chain) {
			unclear(c, "u1").PermissionGroups = []org.PermissionGroup{{ID: "G"}}
			c.PositionPermissions[0] = org.PositionPermission{Position: "P", Manager: org.No, Group: "G"}
		}, org.Stays},
		{"privileges of no department unknown in one row, known in another", func(c *chain) {
			c.post("W1", "").post("W1", "u2")
			c.PositionPermissions = append(c.PositionPermissions, org.PositionPermission{Position: "post of W1 in "})
		}, org.Absent},
		{"the group has no row", func(c *chain) {
			unclear(c, "u1").PositionPermissions[0] = org.PositionPermission{Position: "P", Manager: org.No, Group: "G"}
		}, org.Absent},

		{"position ended, a position of theirs unread", func(c *chain) { held(c, "u1").bad("PositionWorkerAssignmentsV2", "W1", "") }, org.Stays},
		{"a position of another unread", func(c *chain) { c.bad("PositionWorkerAssignmentsV2", "W2", "") }, org.Absent},

		{"unlicensed", func(c *chain) { c.but("W1", unlicensed) }, org.Stays},
		{"unlicensed, position here ended", func(c *chain) { held(c, "u1").but("W1", unlicensed) }, org.LeftStore},
		{"a guest by now", func(c *chain) { c.but("W1", guest).post("W1", "u1").rules.AllowGuests = true }, org.Absent},
		{"a guest by now, who are not allowed", func(c *chain) { c.but("W1", guest).post("W1", "u1") }, org.Stays},
		{"a manager by another account", func(c *chain) {
			c.hire("W9").Staff[3].ObjectID = id("W1").String() // W9 works here with W1's account
			c.active("1", "W9").managed("u1", "W1").moved()
		}, org.Absent},
		{"a manager without an account", func(c *chain) {
			c.hire("W9").Staff[3].ObjectID = id("W1").String()
			c.active("1", "W9").managed("u1", "W1").Staff[0].ObjectID = ""
		}, org.Stays},
		{"a wanted owner's place taken", func(c *chain) { c.managed("u1", "").below("p1", "north").region("north", "W2") }, org.Absent},
		{"a wanted owner's place taken, rows unread", func(c *chain) {
			c.managed("u1", "").below("p1", "north").region("north", "W2").bad("OrganizationHierarchyPublishedV2", "", "")
		}, org.Stays},
	}
	for collection, want := range map[string]org.Leave{
		"PositionWorkerAssignmentsV2": org.Stays, "PositionsV2": org.Stays, "RetailPositionPosPermissions": org.Stays,
		"RetailPosPermissionGroups": org.Stays, "OperatingUnits": org.Stays,
		"RetailChannelWorkers": org.Absent, "RetailStaff": org.Absent, "OrganizationHierarchyPublishedV2": org.Absent,
	} {
		cases = append(cases, leaveCase{"about anybody in " + collection, func(c *chain) { c.bad(collection, "", "") }, want})
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().active("1", "W1", "W2").managed("u1", "W2")
			tt.build(c)
			r := c.roster()
			if role, in := roleIn(team(t, r, "1"), id("W1")); !in || role != org.Member {
				t.Fatalf("W1 is not wanted as a member: %s", c.people(team(t, r, "1")))
			}
			m := org.Managed{User: id("W1"), Worker: "W1", Role: org.Owner, Since: since}
			if got := r.Evidence.Demotion(org.TeamKey{Store: "1"}, m); got != tt.want {
				t.Errorf("W1 %s, want: %s", got, tt.want)
			}
		})
	}
}

// TestDemotionOfAnOwnerBySetting: no row made them owner, so none has to be read.
func TestDemotionOfAnOwnerBySetting(t *testing.T) {
	c := newChain().active("1", "W1").managed("u1", "W2").communicates("W1").bad("OperatingUnits", "", "")
	e := c.roster().Evidence
	m := org.Managed{User: id("W1"), Role: org.Owner, Since: since}
	for _, key := range []org.TeamKey{{Store: "1"}, org.Communications} {
		if got := e.Demotion(key, m); got != org.Absent {
			t.Errorf("%s: W1 %s", key, got)
		}
	}
	m.User = id("W3") // who is not wanted
	if got := e.Demotion(org.TeamKey{Store: "1"}, m); got != org.Stays {
		t.Errorf("W3 %s", got)
	}
}

// TestNoEvidence: who knows nothing takes nothing.
func TestNoEvidence(t *testing.T) {
	want := answers{presence: org.InScope}
	for _, q := range newChain().questions() {
		if got := ask(nil, q); got != want {
			t.Fatalf("%+v: %+v", q, got)
		}
	}
}
