package org_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestPresence: what Commerce shows of the store b7.
func TestPresence(t *testing.T) {
	drop := func(c *chain) *chain { c.Stores = c.Stores[:2]; return c }
	cases := []struct {
		name  string
		build func(c *chain)
		want  org.Presence
	}{
		{"in scope", func(*chain) {}, org.InScope},
		{"in scope in another case", func(c *chain) { c.Stores[2].Number = "B7" }, org.InScope},
		{"in scope, another row unread", func(c *chain) { c.bad("RetailStores", "", "") }, org.InScope},
		{"out of scope", func(c *chain) { c.rules.Scope = []string{"1"} }, org.OutOfScope},
		{"closed", func(c *chain) { c.rules.ClosedStores = []string{"1", " B7 "} }, org.Closed},
		{"closed and out of scope", func(c *chain) { c.rules.Scope, c.rules.ClosedStores = []string{"1"}, []string{"b7"} }, org.Closed},
		{"closed and gone", func(c *chain) { drop(c).rules.ClosedStores = []string{"b7"} }, org.Closed},
		{"closed and unread", func(c *chain) { drop(c).bad("RetailStores", "", "b7").rules.ClosedStores = []string{"b7"} }, org.Closed},
		{"gone", func(c *chain) { drop(c) }, org.Missing},
		{"gone, another closed", func(c *chain) { drop(c).rules.ClosedStores = []string{"", "1"} }, org.Missing},
		{"unread", func(c *chain) { drop(c).bad("RetailStores", "", "B7") }, org.Unreadable},
		{"one of the stores unread", func(c *chain) { drop(c).bad("RetailStores", "", "") }, org.Unreadable},
		{"another store unread", func(c *chain) { drop(c).bad("RetailStores", "", "8") }, org.Missing},
		{"other rows unread", func(c *chain) { drop(c).bad("OperatingUnits", "", "").bad("RetailChannelWorkers", "", "b7") }, org.Missing},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().stores("b7")
			tt.build(c)
			e := c.roster().Evidence
			if got := e.Presence(org.TeamKey{Store: "b7"}); got != tt.want {
				t.Errorf("presence %d, want %d", got, tt.want)
			}
			if got := e.Presence(org.Communications); got != org.InScope {
				t.Errorf("communications team: %d", got)
			}
		})
	}
}

// TestDepartureWithoutATeam: of teams that the roster does not have only what is
// stated is known. Where the store's row is gone, no row says that somebody
// belongs.
func TestDepartureWithoutATeam(t *testing.T) {
	without := map[string]func(c *chain){
		"missing":      func(c *chain) { c.Stores = c.Stores[1:] },
		"unreadable":   func(c *chain) { c.Stores = c.Stores[1:]; c.bad("RetailStores", "", "1") },
		"closed":       func(c *chain) { c.rules.ClosedStores = []string{"1"} },
		"out of scope": func(c *chain) { c.rules.Scope = []string{"2"} },
	}
	cases := []struct {
		name   string
		worker org.PersonnelNumber
		build  func(c *chain)
		want   map[string]org.Leave // by what the store is; else Stays
	}{
		{"active", "W1", func(c *chain) { c.active("1", "W1") }, map[string]org.Leave{"missing": org.Absent}},
		{"no row", "W1", func(*chain) {}, map[string]org.Leave{"missing": org.Absent}},
		{"caretaker", "", func(*chain) {}, map[string]org.Leave{"missing": org.Absent}},
		{"inactive", "W1", func(c *chain) { c.says("1", "W1", org.No) },
			map[string]org.Leave{"missing": org.Absent, "closed": org.LeftStore, "out of scope": org.LeftStore}},
		{"disabled", "W1", func(c *chain) { c.but("W1", disabled) }, map[string]org.Leave{
			"missing": org.LeftCompany, "unreadable": org.LeftCompany, "closed": org.LeftCompany, "out of scope": org.LeftCompany}},
		{"employment ended", "W1", func(c *chain) { c.employed(ago) }, map[string]org.Leave{
			"missing": org.LeftCompany, "unreadable": org.LeftCompany, "closed": org.LeftCompany, "out of scope": org.LeftCompany}},
		{"blocked", "W1", func(c *chain) { c.block("W1", "1") }, map[string]org.Leave{
			"missing": org.Blocked, "unreadable": org.Blocked, "closed": org.Blocked, "out of scope": org.Blocked}},
		{"every position ended", "W1", func(c *chain) { c.held("u1", ago) }, map[string]org.Leave{"missing": org.LeftStore}},
	}
	for _, tt := range cases {
		for what, change := range without {
			t.Run(tt.name+", "+what, func(t *testing.T) {
				c := newChain()
				tt.build(c)
				change(c)
				d := c.roster().Evidence.Departure(org.TeamKey{Store: "1"}, org.Managed{User: id("W1"), Worker: tt.worker, Role: org.Owner, Since: since})
				if d.Leave != tt.want[what] {
					t.Errorf("W1 %s, want: %s", d.Leave, tt.want[what])
				}
			})
		}
	}
}

// TestClosedStores have no team, and do not count as stores without a manager.
func TestClosedStores(t *testing.T) {
	c := newChain().stores("3", "4", "5", "b6").managed("u1", "W1").managed("u2", "W1").managed("u3", "W1").managed("u4", "W1").active("b6", "W2")
	c.rules.ClosedStores = []string{"B6"}
	r := c.roster()
	if len(r.Teams) != 6 || r.Teams[5].Key.Store != "5" || r.Hold != "" {
		t.Errorf("%d teams, hold %q", len(r.Teams), r.Hold)
	}
	c.rules.ClosedStores = nil
	if r := c.roster(); len(r.Teams) != 7 || r.Hold == "" {
		t.Errorf("none closed: %d teams, hold %q", len(r.Teams), r.Hold)
	}
	c.rules.ClosedStores = []string{"1", "2", "3", "4", "5", "b6"}
	c.rules.Scope = []string{"1", "p2"}
	if r := c.roster(); len(r.Teams) != 1 || r.Hold != "" || count(r, org.UnknownScope) != 0 {
		t.Errorf("all closed: %d teams, hold %q, findings %s", len(r.Teams), r.Hold, findings(r))
	}
}
