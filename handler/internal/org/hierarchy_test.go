package org_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestWhichHierarchy: of those with the purpose RetailReporting the default one,
// unless HIERARCHY names one. W1 manages the node above store 1 in hierarchy A,
// W2 in B, W3 in C.
func TestWhichHierarchy(t *testing.T) {
	purpose := func(hierarchy, purpose string, isDefault org.Flag) org.HierarchyPurpose {
		return org.HierarchyPurpose{Hierarchy: hierarchy, Purpose: purpose, Default: isDefault}
	}
	const retail = "RetailReporting"
	cases := []struct {
		name     string
		purposes []org.HierarchyPurpose
		setting  string
		want     string
		unclear  bool
	}{
		{"the only one", []org.HierarchyPurpose{purpose("B", retail, org.No)}, "", "W2 owner node", false},
		{"the only one, purpose in another case", []org.HierarchyPurpose{purpose("B", "retailREPORTING", org.Unknown)}, "", "W2 owner node", false},
		{"the default one", []org.HierarchyPurpose{purpose("A", retail, org.No), purpose("B", retail, org.Yes), purpose("C", retail, org.Unknown)}, "", "W2 owner node", false},
		{"default of another purpose", []org.HierarchyPurpose{purpose("A", "Security", org.Yes), purpose("B", retail, org.No)}, "", "W2 owner node", false},
		{"two, none default", []org.HierarchyPurpose{purpose("B", retail, org.No), purpose("A", retail, org.No)}, "", "W1 owner node", true},
		{"two defaults", []org.HierarchyPurpose{purpose("C", retail, org.Yes), purpose("B", retail, org.Yes), purpose("A", retail, org.No)}, "", "W2 owner node", true},
		{"one said twice", []org.HierarchyPurpose{purpose("B", retail, org.No), purpose("B", retail, org.No)}, "", "W2 owner node", false},
		{"none", nil, "", "F1 owner fallback", true},
		{"none with the purpose", []org.HierarchyPurpose{purpose("A", "Security", org.Yes)}, "", "F1 owner fallback", true},
		{"by name", []org.HierarchyPurpose{purpose("A", retail, org.Yes)}, "C", "W3 owner node", false},
		{"by name, any case", []org.HierarchyPurpose{purpose("A", retail, org.Yes)}, " c ", "W3 owner node", false},
		{"by name, without the purpose", nil, "B", "W2 owner node", false},
		{"by name, which does not exist", []org.HierarchyPurpose{purpose("A", retail, org.Yes)}, "D", "F1 owner fallback", false},
		{"found in another case", []org.HierarchyPurpose{purpose("b", retail, org.Yes)}, "", "W2 owner node", false},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().region("a", "W1").region("b", "W2").region("c", "W3")
			c.Purposes, c.rules.Hierarchy = tt.purposes, tt.setting
			c.Hierarchy = []org.HierarchyLink{
				{Hierarchy: "A", Child: "p1", Parent: "a"}, {Hierarchy: "B", Child: "p1", Parent: "b"}, {Hierarchy: "C", Child: "p1", Parent: "c"},
			}
			r := c.roster()
			if got := c.people(team(t, r, "1")); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := count(r, org.HierarchyUnclear) == 1; got != tt.unclear {
				t.Errorf("unclear: %v, want %v", got, tt.unclear)
			}
		})
	}
}

// count counts the findings of a kind.
func count(r org.Roster, code org.FindingCode) int {
	n := 0
	for _, f := range r.Findings {
		if f.Code == code {
			n++
		}
	}
	return n
}

// TestLinkIsCurrent: validFrom <= now < validTo.
func TestLinkIsCurrent(t *testing.T) {
	var never time.Time
	const instant = time.Nanosecond
	const below, not = "W1 owner node", "F1 owner fallback"
	cases := []struct {
		name     string
		from, to time.Time
		want     string
	}{
		{"no bounds", never, never, below},
		{"from now on", now, never, below},
		{"from an instant later on", now.Add(instant), never, not},
		{"for an instant more", never, now.Add(instant), below},
		{"until now", never, now, not},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().below("p1", "north").region("north", "W1")
			link := &c.Hierarchy[len(c.Hierarchy)-1]
			link.From, link.To = tt.from, tt.to
			if got := c.people(team(t, c.roster(), "1")); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestShapesOfTheHierarchy: the walk up takes the lowest of several parents and
// ends where it comes back to a node.
func TestShapesOfTheHierarchy(t *testing.T) {
	cases := []struct {
		name     string
		build    func(c *chain)
		want     string
		findings string
	}{
		{"a tree", func(c *chain) { c.below("p1", "north").below("north", "company").region("company", "W1") }, "W1 owner node", ""},
		{"several parents", func(c *chain) { c.below("p1", "west").below("p1", "north").region("west", "W1").region("north", "W2") }, "W2 owner node", ""},
		{"several parents, the lower first", func(c *chain) { c.below("p1", "north").below("p1", "west").region("west", "W1").region("north", "W2") }, "W2 owner node", ""},
		{"a root said to be below nothing", func(c *chain) {
			c.below("p1", "north").region("north", "W1")
			c.Hierarchy = append(c.Hierarchy, org.HierarchyLink{Hierarchy: "Retail", Child: "north"})
		}, "W1 owner node", ""},
		{"a store below itself", func(c *chain) { c.below("p1", "p1") }, "F1 owner fallback", "hierarchy loop: store 1"},
		{"a store below itself is not above itself", func(c *chain) {
			c.rules.ManagerRule = org.RuleDepartment
			c.below("p1", "p1").managed("u1", "W1")
		}, "F1 owner fallback", "hierarchy loop: store 1"},
		{"two nodes below each other", func(c *chain) { c.below("p1", "north").below("north", "p1").region("north", "W1") },
			"W1 owner node", "hierarchy loop: store 1"},
		{"a loop above", func(c *chain) {
			c.below("p1", "north").below("north", "company").below("company", "north").region("company", "W1")
		}, "W1 owner node", "hierarchy loop: store 1"},
		{"a loop beside", func(c *chain) { c.below("x", "y").below("y", "x") }, "F1 owner fallback", ""},
		{"a store that is not in it", func(c *chain) { c.Hierarchy = c.Hierarchy[1:] }, "F1 owner fallback", "store not in hierarchy: store 1"},
		{"a store without a party", func(c *chain) { c.Stores[0].Party = "" }, "F1 owner fallback", "store not in hierarchy: store 1"},
		{"a store in it by its parent only", func(c *chain) {
			c.Hierarchy[0] = org.HierarchyLink{Hierarchy: "Retail", Child: "p1", Parent: "north"}
		}, "F1 owner fallback", ""},
		{"a store in it until now", func(c *chain) { c.Hierarchy[0].To = now }, "F1 owner fallback", "store not in hierarchy: store 1"},
		{"a store in another one", func(c *chain) { c.Hierarchy[0].Hierarchy = "Security" }, "F1 owner fallback", "store not in hierarchy: store 1"},
		{"no hierarchy at all", func(c *chain) { c.Hierarchy, c.Purposes = nil, nil }, "F1 owner fallback", "hierarchy unclear"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain()
			tt.build(c)
			r := c.roster()
			if got := c.people(team(t, r, "1")); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := findings(r); got != tt.findings {
				t.Errorf("findings: %q, want %q", got, tt.findings)
			}
			checkRules(t, c, r)
		})
	}
}

// TestUnclearHierarchySays which one is used, or that there is none.
func TestUnclearHierarchySays(t *testing.T) {
	c := newChain()
	c.Purposes = append(c.Purposes, org.HierarchyPurpose{Hierarchy: "Other", Purpose: "RetailReporting", Default: org.Yes})
	checkLines(t, texts(c.roster())[:1], []string{
		`Commerce does not say which one hierarchy has the purpose RetailReporting; "Other" is used: set HIERARCHY`,
	})
	c.Purposes = nil
	checkLines(t, texts(c.roster()), []string{
		`Commerce does not say which one hierarchy has the purpose RetailReporting; none is used: set HIERARCHY`,
	})
}

func texts(r org.Roster) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Text)
	}
	return all
}
