package org_test

import (
	"cmp"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestLeaves: only what rests on a missing row is not stated; who left the
// company is gone for every store.
func TestLeaves(t *testing.T) {
	texts := map[string]bool{}
	for leave, want := range map[org.Leave][2]bool{
		org.Stays: {false, false}, org.Absent: {false, false}, org.Replaced: {false, false},
		org.LeftStore: {true, false}, org.LeftCompany: {true, true}, org.Blocked: {true, true},
	} {
		if got := [2]bool{leave.Stated(), leave.Gone()}; got != want {
			t.Errorf("%s: stated, gone: %v, want %v", leave, got, want)
		}
		texts[leave.String()] = true
	}
	texts[org.Leave(99).String()] = true
	if len(texts) != 7 || texts[""] {
		t.Errorf("texts: %v", texts)
	}
}

// TestCommunicationsDepartures: no row says that somebody left the communications
// team. W1 was there, with the worker and the role given.
func TestCommunicationsDepartures(t *testing.T) {
	xenia := func(c *chain, objectID string) {
		c.Roles = append(c.Roles, org.RoleAssignment{User: "xenia", Name: "Retail task manager"})
		c.SystemUsers = append(c.SystemUsers, org.SystemUser{ID: "xenia", ObjectID: objectID})
	}
	cases := []struct {
		name   string
		worker org.PersonnelNumber
		role   org.Role
		build  func(c *chain)
		want   org.Leave
	}{
		{"no role", "W1", org.Member, func(*chain) {}, org.Absent},
		{"role disabled", "W1", org.Member, func(c *chain) { c.communicates("W1").Roles[0].Status = "Disabled" }, org.Absent},
		{"inactive in a store", "W1", org.Member, func(c *chain) { c.says("1", "W1", org.No).held("u1", ago) }, org.Absent},
		{"a role unread", "W1", org.Member, func(c *chain) { c.bad("SecurityUserRoleAssociations", "", "") }, org.Stays},
		{"a channel unread", "W1", org.Member, func(c *chain) { c.bad("RetailChannelWorkers", "W1", "") }, org.Absent},
		{"new account", "W1", org.Member, func(c *chain) { c.communicates("W1").moved() }, org.Replaced},
		{"no account", "W1", org.Member, func(c *chain) { c.communicates("W1").Staff = c.Staff[1:] }, org.Stays},
		{"disabled", "W1", org.Member, func(c *chain) { c.communicates("W1").but("W1", disabled) }, org.LeftCompany},
		{"employment ended", "W1", org.Member, func(c *chain) { c.communicates("W1").employed(ago) }, org.LeftCompany},
		{"blocked", "W1", org.Member, func(c *chain) { c.communicates("W1").block("W1", "") }, org.Blocked},
		{"blocked in a store", "W1", org.Member, func(c *chain) { c.block("W1", "1") }, org.Absent},

		{"no worker, no role", "", org.Member, func(*chain) {}, org.Absent},
		{"no worker, a role unread", "", org.Member, func(c *chain) { c.bad("SecurityUserRoleAssociations", "", "") }, org.Stays},
		{"no worker, somebody's account unknown", "", org.Member, func(c *chain) { xenia(c, "") }, org.Stays},
		{"no worker, somebody's account is not in the tenant", "", org.Member, func(c *chain) { xenia(c, id("?").String()) }, org.Absent},
		{"no worker, somebody else's account", "", org.Member, func(c *chain) { xenia(c, id("W2").String()) }, org.Absent},
		{"owner, somebody's account unknown", "", org.Owner, func(c *chain) { xenia(c, "") }, org.Absent},
		{"owner no longer named", "", org.Owner, func(c *chain) { c.bad("SecurityUserRoleAssociations", "", "") }, org.Absent},
		{"owner named, a guest by now", "", org.Owner, func(c *chain) {
			c.but("W1", guest).rules.AllowGuests, c.rules.CommunicationsOwners = true, []string{upn("W1")}
		}, org.Absent},
		{"owner named, unlicensed", "", org.Owner, func(c *chain) { c.but("W1", unlicensed).rules.CommunicationsOwners = []string{upn("W1")} }, org.Stays},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain()
			tt.build(c)
			d := c.roster().Evidence.Departure(org.Communications, org.Managed{User: id("W1"), Worker: tt.worker, Role: tt.role, Since: since})
			if d.Leave != tt.want || (d.Leave == org.Replaced) != (d.Successor == id("B")) {
				t.Errorf("W1 %s, want: %s (successor %s)", d.Leave, tt.want, cmp.Or(c.label(d.Successor), "none"))
			}
		})
	}
}
