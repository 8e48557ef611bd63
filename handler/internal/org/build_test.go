package org_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// checkLines compares line by line.
func checkLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestTeamsInOrder: the communications team first, then the stores by number,
// each with its own people.
func TestTeamsInOrder(t *testing.T) {
	c := newChain().stores("10", "09", "a", "B").active("10", "W1").active("a", "W2", "W3")
	var got []string
	for _, team := range c.roster().Teams {
		got = append(got, fmt.Sprintf("%s, %s: %s", team.Key, team.Name, c.people(team)))
	}
	checkLines(t, got, []string{
		"communications, Communications: F1 owner setting",
		"store 09, Store 09 (09): F1 owner fallback",
		"store 1, Store 1 (1): F1 owner fallback",
		"store 10, Store 10 (10): F1 owner fallback, W1 member active",
		"store 2, Store 2 (2): F1 owner fallback",
		"store B, Store B (B): F1 owner fallback",
		"store a, Store a (a): F1 owner fallback, W2 member active, W3 member active",
	})
}

// TestOwners are those who may be added as owners.
func TestOwners(t *testing.T) {
	c := newChain().but("W1", unlicensed).managed("u1", "W1").post("W2", "u1").post("W3", "u1").active("1", "W1")
	var got []string
	for _, e := range team(t, c.roster(), "1").Owners() {
		got = append(got, e.User.String())
	}
	want := []string{id("W2").String(), id("W3").String()}
	slices.Sort(want)
	checkLines(t, got, want)
}

// TestUnmapped: each worker once, by personnel number, with the cause, wherever
// they belong; and nobody who belongs nowhere.
func TestUnmapped(t *testing.T) {
	c := newChain().hire("W4", "W5", "W6", "W7", "W8")
	c.but("W2", disabled).but("W3", unlicensed).but("W4", guest).but("W7", disabled).but("W8", disabled)
	c.Staff = slices.DeleteFunc(c.Staff, func(s org.Staff) bool { return s.Worker == "W1" })
	c.Staff[slices.IndexFunc(c.Staff, func(s org.Staff) bool { return s.Worker == "W5" })].ObjectID = "W5"
	c.Staff[slices.IndexFunc(c.Staff, func(s org.Staff) bool { return s.Worker == "W6" })].ObjectID = id("?").String()
	c.active("1", "W5", "W4", "W2").active("2", "W2", "W6", "W3").managed("u1", "W1").communicates("W3").says("1", "W7", org.No)
	c.below("p1", "north").region("north", "W8") // a caretaker does not belong to the store
	r := c.roster()
	want := "W1 no identity, W2 disabled, W3 unlicensed, W4 guest, W5 bad identity, W6 not in tenant"
	if got := unmapped(r); got != want {
		t.Errorf("unmapped: %s\nwant:     %s", got, want)
	}
	if got, want := c.people(team(t, r, "1")), "F1 owner fallback, W4 member active stays"; got != want {
		t.Errorf("store 1: %s, want %s", got, want)
	}
	if got, want := c.people(team(t, r, "2")), "F1 owner fallback, W3 member active stays"; got != want {
		t.Errorf("store 2: %s, want %s", got, want)
	}
}

// TestNoOwner: a team that nobody may own is reported, not left out.
func TestNoOwner(t *testing.T) {
	c := newChain().active("1", "W1").managed("u2", "W2")
	c.rules.FallbackOwners = nil
	r := c.roster()
	checkLines(t, texts(r), []string{
		"nobody may own this team: name an enabled, licensed user in COMMUNICATIONS_OWNERS or FALLBACK_OWNERS",
		"the store has no manager, and nobody may stand in: name more FALLBACK_OWNERS or raise MAX_CARETAKER_TEAMS",
	})
	if got, want := findings(r), "no owner, no owner: store 1"; got != want {
		t.Errorf("findings: %s, want %s", got, want)
	}
	if got, want := c.people(team(t, r, "1")), "W1 member active"; got != want {
		t.Errorf("store 1: %s, want %s", got, want)
	}
}

// TestHold: more than 20 % of the stores in scope without a manager doubt the
// rule; no store in scope doubts the whole export.
func TestHold(t *testing.T) {
	const doubt = "of %d stores in scope have no manager: the manager rule matches almost nobody"
	cases := []struct {
		name              string
		managed, unmanned int // stores with a manager, without one
		build             func(c *chain)
		want              string
	}{
		{"none without", 5, 0, nil, ""},
		{"one in five", 4, 1, nil, ""},
		{"one in four", 3, 1, nil, fmt.Sprintf("1 "+doubt, 4)},
		{"two in ten", 8, 2, nil, ""},
		{"three in fourteen", 11, 3, nil, fmt.Sprintf("3 "+doubt, 14)},
		{"twenty in a hundred", 80, 20, nil, ""},
		{"twenty-one in a hundred", 79, 21, nil, fmt.Sprintf("21 "+doubt, 100)},
		{"all without", 0, 3, nil, fmt.Sprintf("3 "+doubt, 3)},
		{"nobody may stand in either", 0, 3, func(c *chain) { c.rules.FallbackOwners = nil }, fmt.Sprintf("3 "+doubt, 3)},
		{"managers who may not be added", 4, 0, func(c *chain) { c.but("W1", unlicensed) }, fmt.Sprintf("4 "+doubt, 4)},
		{"those without are out of scope", 1, 3, func(c *chain) { c.rules.Scope = []string{"m1"} }, ""},
		{"those with are out of scope", 9, 1, func(c *chain) { c.rules.Scope = []string{"n1"} }, fmt.Sprintf("1 "+doubt, 1)},
		{"no store in scope", 1, 0, func(c *chain) { c.rules.Scope = []string{"x"} },
			"no store is in scope: SCOPE names neither a store nor a hierarchy node above one"},
		{"no store at all", 0, 0, nil, "no store is in scope: RetailStores is empty"},
		{"no store at all, with a scope", 0, 0, func(c *chain) { c.rules.Scope = []string{"x"} },
			"no store is in scope: RetailStores is empty"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain()
			c.Stores = nil
			for n := range tt.managed {
				number := fmt.Sprintf("m%d", n+1)
				c.stores(number).managed("u"+number, "W1")
			}
			for n := range tt.unmanned {
				c.stores(fmt.Sprintf("n%d", n+1))
			}
			if tt.build != nil {
				tt.build(c)
			}
			if got := c.roster().Hold; got != tt.want {
				t.Errorf("hold: %q, want %q", got, tt.want)
			}
		})
	}
}

// TestManyTeams: who would be in more than 1,000 teams is reported once, and
// still in all of them.
func TestManyTeams(t *testing.T) {
	cases := []struct {
		name   string
		stores int
		build  func(c *chain)
		want   int
	}{
		{"1,000 stores", 1000, func(*chain) {}, 0},
		{"1,001 stores", 1001, func(*chain) {}, 1},
		{"1,500 stores", 1500, func(*chain) {}, 1},
		{"1,000 stores and the communications team", 1000, func(c *chain) { c.communicates("W1") }, 1},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain()
			c.Stores = nil
			for n := range tt.stores {
				number := fmt.Sprintf("%04d", n)
				c.stores(number).active(number, "W1").managed("u"+number, org.PersonnelNumber(fmt.Sprintf("M%d", n%10)))
			}
			for n := range 10 {
				c.hire(fmt.Sprintf("M%d", n))
			}
			tt.build(c)
			r := c.roster()
			if got := count(r, org.ManyTeams); got != tt.want {
				t.Errorf("%d findings, want %d", got, tt.want)
			}
			want := fmt.Sprintf("user %s would be in more than 1000 teams", id("W1"))
			if tt.want > 0 && !slices.Contains(texts(r), want) {
				t.Errorf("findings: %q", texts(r))
			}
			if n := len(r.Teams[1500%len(r.Teams)].Entries); n != 2 {
				t.Errorf("%d people in a team", n)
			}
		})
	}
}

// TestFindingsInOrder: settings and data first, then store by store, then names.
func TestFindingsInOrder(t *testing.T) {
	c := newChain().stores("3").below("p2", "p2")
	c.Stores = append(c.Stores, c.Stores[0])
	c.Hierarchy = c.Hierarchy[1:]
	c.Purposes = append(c.Purposes, org.HierarchyPurpose{Hierarchy: "Z", Purpose: "RetailReporting", Default: org.Yes})
	c.rules.TeamName, c.Units[2].Name = "{name}", "Store 2"
	c.rules.Scope = []string{"1", "2", "3", "4"}
	c.rules.FallbackOwners = []string{"x@example.com"}
	if got, want := findings(c.roster()), "hierarchy unclear, duplicate store: store 1, unknown scope, bad owner setting, no owner, "+
		"store not in hierarchy: store 1, no owner: store 1, hierarchy loop: store 2, no owner: store 2, no owner: store 3, "+
		"duplicate name: store 2, duplicate name: store 3"; got != want {
		t.Errorf("findings: %s\nwant:     %s", got, want)
	}
}
