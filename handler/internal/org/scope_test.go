package org_test

import (
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestScope: entries are store numbers, or nodes of the hierarchy by party
// number or by name. Stores 1 and 2 are below north, 3 below south, both below
// the company; store 4 is in no hierarchy, and store 5 has no party.
func TestScope(t *testing.T) {
	cases := []struct {
		name    string
		scope   []string
		want    string
		unknown int
	}{
		{"none", nil, "1 2 3 4 5", 0},
		{"a number", []string{"2"}, "2", 0},
		{"a number of no store", []string{"2", "9"}, "2", 1},
		{"a node by party", []string{"north"}, "1 2", 0},
		{"a node by party in another case", []string{"NORTH", "4"}, "4", 1},
		{"a node by name", []string{"Region south"}, "3", 0},
		{"a node by name in another case", []string{" REGION South "}, "3", 0},
		{"a node far above", []string{"company"}, "1 2 3", 0},
		{"a store's own node by party", []string{"p3"}, "3", 0},
		{"a store's own node by name", []string{"store 3"}, "3", 0},
		{"a node's other name", []string{"The South"}, "3", 0},
		{"a node with no store below", []string{"1", "east"}, "1", 1},
		{"a node that had the store until now", []string{"1", "old"}, "1", 1},
		{"two for one store", []string{"1", "p1"}, "1", 0},
		{"overlapping", []string{"1", "north", "company"}, "1 2 3", 0},
		{"a party the store has but no hierarchy", []string{"p4"}, "4", 0},
		{"nothing but unknown ones", []string{"x", "y"}, "", 2},
		{"an empty entry", []string{"", "1"}, "1", 1},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().stores("3", "4", "5")
			c.Stores[4].Party = ""
			c.Hierarchy = c.Hierarchy[:3]
			c.below("p1", "north").below("p2", "north").below("p3", "south").below("north", "company").below("south", "company")
			c.Hierarchy = append(c.Hierarchy,
				org.HierarchyLink{Hierarchy: "Retail", Child: "south", ChildName: "The South", Parent: "company"},
				org.HierarchyLink{Hierarchy: "Retail", Child: "east", ChildName: "Region east"},
				org.HierarchyLink{Hierarchy: "Retail", Child: "p1", Parent: "a", ParentName: "Old", To: now})
			c.rules.Scope = tt.scope
			r := c.roster()
			var stores []string
			for _, team := range r.Teams[1:] {
				stores = append(stores, string(team.Key.Store))
			}
			if got := strings.Join(stores, " "); got != tt.want {
				t.Errorf("in scope: %q, want %q", got, tt.want)
			}
			if got := count(r, org.UnknownScope); got != tt.unknown {
				t.Errorf("%d unknown entries, want %d: %v", got, tt.unknown, texts(r))
			}
			if r.Teams[0].Key != org.Communications {
				t.Error("the communications team is out of scope")
			}
		})
	}
}

// TestOutOfScope: what is out of scope is not looked at, and counts nowhere.
func TestOutOfScope(t *testing.T) {
	c := newChain().active("1", "W1").active("2", "W2", "W3").managed("u1", "W1")
	c.Staff = c.Staff[:2]
	c.Hierarchy = c.Hierarchy[:1]
	c.rules.Scope = []string{"1"}
	r := c.roster()
	if len(r.Teams) != 2 || r.Hold != "" || len(r.Findings) != 0 || len(r.Unmapped) != 0 {
		t.Errorf("%d teams, hold %q, findings %q, unmapped %q", len(r.Teams), r.Hold, findings(r), unmapped(r))
	}
}
