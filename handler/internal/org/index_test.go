package org_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestIsActive: a worker belongs to a store when a row says Yes. Of several rows
// a Yes counts more than a No.
func TestIsActive(t *testing.T) {
	const in, out = "F1 owner fallback, W1 member active", "F1 owner fallback"
	checkRosters(t, []rosterCase{
		{"no row", func(*chain) {}, out},
		{"yes", func(c *chain) { c.says("1", "W1", org.Yes) }, in},
		{"no", func(c *chain) { c.says("1", "W1", org.No) }, out},
		{"unknown", func(c *chain) { c.says("1", "W1", org.Unknown) }, out},
		{"yes and no", func(c *chain) { c.says("1", "W1", org.Yes).says("1", "W1", org.No) }, in},
		{"no and yes", func(c *chain) { c.says("1", "W1", org.No).says("1", "W1", org.Yes) }, in},
		{"unknown and no", func(c *chain) { c.says("1", "W1", org.Unknown).says("1", "W1", org.No) }, out},
		{"twice", func(c *chain) { c.active("1", "W1", "W1") }, in},
		{"in another store", func(c *chain) { c.active("2", "W1") }, out},
		{"in both", func(c *chain) { c.active("1", "W1").active("2", "W1") }, in},
		{"on a channel of two stores", func(c *chain) { c.Stores[0].Channel = "c2"; c.active("2", "W1") }, in},
	})
}

// TestEmployment: somebody has left when every employment has an end that is
// not in the future. Who has left is in no team and is not reported.
func TestEmployment(t *testing.T) {
	const in, out = "F1 owner fallback, W1 member active", "F1 owner fallback"
	var never time.Time
	const instant = time.Nanosecond
	cases := []struct {
		name string
		ends []time.Time
		want string
	}{
		{"no row", nil, in},
		{"no end", []time.Time{never}, in},
		{"ends later", []time.Time{now.Add(time.Hour)}, in},
		{"ends in an instant", []time.Time{now.Add(instant)}, in},
		{"ends now", []time.Time{now}, out},
		{"ended", []time.Time{now.Add(-time.Hour)}, out},
		{"ended twice", []time.Time{now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0)}, out},
		{"hired again", []time.Time{now.AddDate(-1, 0, 0), never}, in},
		{"hired again, rows the other way round", []time.Time{never, now.AddDate(-1, 0, 0)}, in},
		{"left the second company", []time.Time{now.AddDate(1, 0, 0), now.AddDate(-1, 0, 0)}, in},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().active("1", "W1")
			for _, end := range tt.ends {
				c.Employments = append(c.Employments, org.Employment{Worker: "W1", End: end})
			}
			r := c.roster()
			if got := c.people(team(t, r, "1")); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if len(r.Unmapped) > 0 {
				t.Errorf("unmapped: %s", unmapped(r))
			}
		})
	}
}

// TestLeaversHoldNothing: whatever a row still says of somebody who has left.
func TestLeaversHoldNothing(t *testing.T) {
	cases := []rosterCase{
		{"unit's manager", func(c *chain) { c.managed("u1", "W1") }, "F1 owner fallback"},
		{"department's manager", func(c *chain) { c.post("W1", "u1") }, "F1 owner fallback"},
		{"privileged and active", func(c *chain) { c.post("W1", "").active("1", "W1") }, "F1 owner fallback"},
		{"manager of the region", func(c *chain) { c.below("p1", "north").region("north", "W1") }, "F1 owner fallback"},
		{"communications manager", func(c *chain) { c.communicates("W1") }, "F1 owner fallback"},
		{"without an account", func(c *chain) { c.Staff = nil; c.active("1", "W1") }, "F1 owner fallback"},
	}
	for i, tt := range cases {
		cases[i].build = func(c *chain) {
			tt.build(c)
			c.Employments = []org.Employment{{Worker: "W1", End: now}, {Worker: "W2"}}
		}
	}
	checkRosters(t, cases)
}

// TestDuplicateStores: numbers that differ only in case are one store. The
// first row by number, then by channel, counts; each other one is reported.
func TestDuplicateStores(t *testing.T) {
	c := newChain().active("x", "W1").active("y", "W2").active("z", "W3")
	c.Stores = []org.Store{
		{Number: "b7", Channel: "cx"}, {Number: "B7", Channel: "cz"}, {Number: "B7", Channel: "cy"}, {Number: "8"},
	}
	for range 2 {
		r := c.roster()
		if got, want := findings(r), "duplicate store: store B7, duplicate store: store b7, "+
			"store not in hierarchy: store 8, store not in hierarchy: store B7"; got != want {
			t.Errorf("findings: %s\nwant:     %s", got, want)
		}
		if len(r.Teams) != 3 || r.Teams[2].Key.Store != "B7" {
			t.Fatalf("teams: %v", r.Teams)
		}
		if got, want := c.people(r.Teams[2]), "F1 owner fallback, W2 member active"; got != want {
			t.Errorf("store B7: %s, want %s", got, want)
		}
		c.Stores[0], c.Stores[2] = c.Stores[2], c.Stores[0]
	}
}

// TestUnitOfStore: by its number, else by its party; of several rows the first
// by number, party, name and manager counts.
func TestUnitOfStore(t *testing.T) {
	unit := func(number, party, name string) org.Unit { return org.Unit{Number: number, Party: party, Name: name} }
	cases := []struct {
		name        string
		unit, party string // of the store
		units       []org.Unit
		want        string
	}{
		{"by number", "u", "p", []org.Unit{unit("v", "p", "Party's"), unit("u", "q", "Number's")}, "Number's"},
		{"by party", "", "p", []org.Unit{unit("v", "p", "Party's"), unit("", "q", "Nameless")}, "Party's"},
		{"by party, the number is of no unit", "u", "p", []org.Unit{unit("v", "p", "Party's")}, "Party's"},
		{"by neither", "u", "p", []org.Unit{unit("v", "q", "Other")}, "1"},
		{"no party is no key", "", "", []org.Unit{unit("v", "", "Other"), unit("", "", "Other")}, "1"},
		{"two with the number", "u", "", []org.Unit{unit("u", "q", "A"), unit("u", "p", "B")}, "B"},
		{"two with the party", "", "p", []org.Unit{unit("w", "p", "A"), unit("v", "p", "B")}, "B"},
		{"two that differ in the name", "u", "p", []org.Unit{unit("u", "p", "B"), unit("u", "p", "A")}, "A"},
		{"no unit and no party", "", "", nil, "1"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain()
			c.rules.TeamName = "{name}"
			c.Stores = []org.Store{{Number: "1", Unit: tt.unit, Party: tt.party}}
			c.Units = tt.units
			if got := team(t, c.roster(), "1").Name; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestUnitsThatDifferInTheManager: the lower personnel number counts.
func TestUnitsThatDifferInTheManager(t *testing.T) {
	double := func(c *chain) {
		c.managed("u1", "W2")
		other := c.Units[0]
		other.Manager = "W1"
		c.Units = append(c.Units, other)
	}
	checkRosters(t, []rosterCase{{"two rows", double, "W1 owner unit"}})
}
