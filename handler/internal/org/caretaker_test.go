package org_test

import (
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestCaretakerOrder: the manager of the nearest node above, else a
// communications manager, else who FALLBACK_OWNERS names. Somebody who may not
// own a team is passed over, and not reported: they do not belong to the store.
func TestCaretakerOrder(t *testing.T) {
	// north is above store 1 and the company above north. W2 manages north and
	// W3 the company.
	regions := func(c *chain) *chain {
		return c.below("p1", "north").below("north", "company").region("north", "W2").region("company", "W3")
	}
	checkRosters(t, []rosterCase{
		{"not for a store with a manager", func(c *chain) { regions(c).managed("u1", "W1") }, "W1 owner unit"},
		{"nearest node", func(c *chain) { regions(c).communicates("W1") }, "W2 owner node"},
		{"nearest node has no manager", func(c *chain) { regions(c).managed("u-north", "").communicates("W1") }, "W3 owner node"},
		{"nearest node has no unit", func(c *chain) { c.below("p1", "north").below("north", "company").region("company", "W3") }, "W3 owner node"},
		{"its manager is unlicensed", func(c *chain) { regions(c).but("W2", unlicensed) }, "W3 owner node"},
		{"its manager is disabled", func(c *chain) { regions(c).but("W2", disabled) }, "W3 owner node"},
		{"its manager is a guest", func(c *chain) { regions(c).but("W2", guest).rules.AllowGuests = true }, "W3 owner node"},
		{"its manager is no worker", func(c *chain) { regions(c).managed("u-north", "W9") }, "W3 owner node"},
		{"its manager has left", func(c *chain) { regions(c).Employments = []org.Employment{{Worker: "W2", End: now}} }, "W3 owner node"},
		{"communications manager", func(c *chain) { c.communicates("W1") }, "W1 owner communications"},
		{"the lower personnel number", func(c *chain) { c.communicates("W3").communicates("W2") }, "W2 owner communications"},
		{"communications manager is unlicensed", func(c *chain) { c.but("W2", unlicensed).communicates("W2").communicates("W3") }, "W3 owner communications"},
		{"fallback owner", func(*chain) {}, "F1 owner fallback"},
		{"first fallback owner", func(c *chain) { c.account("E1").rules.FallbackOwners = []string{upn("F1"), upn("E1")} }, "F1 owner fallback"},
		{"no fallback owner", func(c *chain) { c.rules.FallbackOwners = nil }, "nobody"},
		{"the store's node is not above it", func(c *chain) {
			c.rules.ManagerRule = org.RuleDepartment
			c.managed("u1", "W1")
		}, "F1 owner fallback"},
		{"caretaker works in the store", func(c *chain) { regions(c).active("1", "W1", "W2") }, "W1 member active, W2 owner node"},
		{"fallback owner works in the store", func(c *chain) {
			c.active("1", "W1").rules.FallbackOwners = []string{upn("W1")}
		}, "W1 owner fallback"},
		{"a manager who may only stay is none", func(c *chain) { regions(c).but("W1", unlicensed).managed("u1", "W1") }, "W1 owner unit stays, W2 owner node"},
	})
}

// TestCaretakerFlag is set exactly where somebody stands in.
func TestCaretakerFlag(t *testing.T) {
	c := newChain().managed("u1", "W1")
	c.rules.MaxCaretakerTeams = 1
	r := c.stores("3").roster()
	for store, want := range map[string]bool{"": false, "1": false, "2": true, "3": false} {
		if got := team(t, r, store).Caretaker; got != want {
			t.Errorf("store %q has a caretaker: %v, want %v", store, got, want)
		}
	}
	if got, want := findings(r), "no owner: store 3"; got != want {
		t.Errorf("findings: %s, want %s", got, want)
	}
}

// TestCaretakersAreShared: nobody stands in for more than MAX_CARETAKER_TEAMS
// stores, in whichever capacity; the stores are dealt out in their order.
func TestCaretakersAreShared(t *testing.T) {
	cases := []struct {
		name  string
		limit int
		build func(c *chain)
		want  string // owners of stores 1 to 5
	}{
		{"fallback owners in the order of the setting", 2, func(c *chain) {
			c.account("E1").rules.FallbackOwners = []string{upn("F1"), upn("E1")}
		}, "F1 F1 E1 E1 nobody"},
		{"from the region to the next", 2, func(c *chain) {
			c.below("p1", "north").below("p2", "north").below("p3", "north").below("north", "company")
			c.region("north", "W1").region("company", "W2")
		}, "W1 W1 W2 F1 F1"},
		{"one person in three capacities", 3, func(c *chain) {
			c.below("p1", "north").region("north", "W1").communicates("W1").rules.FallbackOwners = []string{upn("W1"), upn("F1")}
		}, "W1 W1 W1 F1 F1"},
		{"named twice", 2, func(c *chain) {
			c.rules.FallbackOwners = []string{upn("F1"), id("F1").String()}
		}, "F1 F1 nobody nobody nobody"},
		{"being a manager does not count", 1, func(c *chain) {
			c.managed("u1", "W1").managed("u2", "W1").communicates("W1")
		}, "W1 W1 W1 F1 nobody"},
		{"none at all", 0, func(*chain) {}, "nobody nobody nobody nobody nobody"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().stores("3", "4", "5")
			c.rules.MaxCaretakerTeams = tt.limit
			tt.build(c)
			r := c.roster()
			var got []string
			for _, store := range []string{"1", "2", "3", "4", "5"} {
				owner, _, _ := strings.Cut(c.people(team(t, r, store)), " ")
				got = append(got, owner)
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("owners: %s\nwant:   %s", got, tt.want)
			}
		})
	}
}

// TestRoleOrganizations: a role that is limited to organizations covers the
// stores that are one of them or below one. W1 is the only candidate but F1.
func TestRoleOrganizations(t *testing.T) {
	const covered, not = "W1 owner communications", "F1 owner fallback"
	// north, without a manager, is above store 1.
	north := func(c *chain) *chain { return c.below("p1", "north").region("north", "") }
	again := func(c *chain, role, name string) {
		c.Roles = append(c.Roles, org.RoleAssignment{User: "USER w1", Role: role, Name: name})
	}
	checkRosters(t, []rosterCase{
		{"no limit", func(c *chain) { c.communicates("W1") }, covered},
		{"the store", func(c *chain) { c.communicates("W1", "u1") }, covered},
		{"another store", func(c *chain) { c.communicates("W1", "u2") }, not},
		{"both stores", func(c *chain) { c.communicates("W1", "u2", "u1") }, covered},
		{"the node above", func(c *chain) { north(c).communicates("W1", "u-north") }, covered},
		{"a node far above", func(c *chain) {
			north(c).below("north", "company").region("company", "").communicates("W1", "u-company")
		}, covered},
		{"a node beside", func(c *chain) { c.below("p2", "south").region("south", "").communicates("W1", "u-south") }, not},
		{"the unit by the store's party", func(c *chain) { c.Stores[0].Unit = ""; c.communicates("W1", "u1") }, covered},
		{"the unit the store names, which has no row", func(c *chain) { c.Stores[0].Unit = "u9"; c.communicates("W1", "u9") }, covered},
		{"another role's limit", func(c *chain) {
			c.communicates("W1")
			c.RoleOrganizations = []org.RoleOrganization{{User: "user W1", Role: "clerk", Organization: "u2"}}
		}, covered},
		{"another user's limit", func(c *chain) {
			c.communicates("W1")
			c.RoleOrganizations = []org.RoleOrganization{{User: "user W2", Role: "RTM", Organization: "u2"}}
		}, covered},
		{"user and role in another case", func(c *chain) {
			c.communicates("W1")
			c.RoleOrganizations = []org.RoleOrganization{{User: "USER w1", Role: "rtm", Organization: "u2"}}
		}, not},
		{"two assignments, one without a limit", func(c *chain) {
			c.communicates("W1", "u2")
			again(c, "RTM 2", "retail task manager")
		}, covered},
		{"two assignments, the first without a limit", func(c *chain) {
			c.communicates("W1")
			again(c, "RTM 2", "retail task manager")
			c.RoleOrganizations = []org.RoleOrganization{{User: "user W1", Role: "RTM 2", Organization: "u2"}}
		}, covered},
		{"three assignments, the middle one without a limit", func(c *chain) {
			c.communicates("W1", "u2")
			again(c, "RTM 2", "retail task manager")
			again(c, "RTM 3", "retail task manager")
			c.RoleOrganizations = append(c.RoleOrganizations, org.RoleOrganization{User: "user W1", Role: "RTM 3", Organization: "u2"})
		}, covered},
		{"two assignments, the one without a limit disabled", func(c *chain) {
			c.communicates("W1", "u2")
			again(c, "RTM 2", "retail task manager")
			c.Roles[1].Status = "Disabled"
		}, not},
		{"two assignments with limits", func(c *chain) {
			c.communicates("W1", "u1")
			again(c, "RTM 2", "retail task manager")
			c.RoleOrganizations = append(c.RoleOrganizations, org.RoleOrganization{User: "user W1", Role: "RTM 2", Organization: "u2"})
		}, covered},
	})
}
