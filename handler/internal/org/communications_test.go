package org_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestCommunicationsTeam: members are those who have the role, owners those
// whom COMMUNICATIONS_OWNERS names, else those whom FALLBACK_OWNERS names.
func TestCommunicationsTeam(t *testing.T) {
	role := func(c *chain, user, role, name string) {
		c.Roles = append(c.Roles, org.RoleAssignment{User: user, Role: role, Name: name})
	}
	cases := []struct {
		name           string
		build          func(c *chain)
		want, unmapped string
	}{
		{"nobody has the role", func(*chain) {}, "F1 owner setting", ""},
		{"the role by name", func(c *chain) { c.communicates("W2").communicates("W1") },
			"F1 owner setting, W1 member role, W2 member role", ""},
		{"the role by name, any case", func(c *chain) { c.communicates("W1").Roles[0].Name = "RETAIL task Manager " },
			"F1 owner setting, W1 member role", ""},
		{"the role by identifier", func(c *chain) { c.communicates("W1").rules.CommunicationsRole = " rtm" },
			"F1 owner setting, W1 member role", ""},
		{"the role, disabled", func(c *chain) { c.communicates("W1").Roles[0].Status = " DISABLED" }, "F1 owner setting", ""},
		{"the role, enabled", func(c *chain) { c.communicates("W1").Roles[0].Status = "Enabled" }, "F1 owner setting, W1 member role", ""},
		{"the role, with a status nobody knows", func(c *chain) { c.communicates("W1").Roles[0].Status = "Inherited" },
			"F1 owner setting, W1 member role", ""},
		{"the role twice, disabled once", func(c *chain) { c.communicates("W1").communicates("W1").Roles[0].Status = "Disabled" },
			"F1 owner setting, W1 member role", ""},
		{"another role", func(c *chain) { role(c.communicates("W1"), "user W2", "Clerk", "Store clerk") },
			"F1 owner setting, W1 member role", ""},
		{"the role limited to a store", func(c *chain) { c.communicates("W1", "u1") },
			"F1 owner setting, W1 member role", ""},
		{"the role twice", func(c *chain) { c.communicates("W1").communicates("W1") },
			"F1 owner setting, W1 member role", ""},
		{"an F&O user who is no worker", func(c *chain) {
			role(c.account("X1"), "Xenia", "RTM", "Retail task manager")
			c.SystemUsers = []org.SystemUser{{ID: "xenia", ObjectID: id("X1").String()}}
		}, "F1 owner setting, X1 member role as no worker", ""},
		{"an F&O user of nobody", func(c *chain) { role(c, "xenia", "RTM", "Retail task manager") }, "F1 owner setting", ""},
		{"an F&O user who was a worker", func(c *chain) {
			c.communicates("W1").PersonUsers[0].To = now
			c.SystemUsers = []org.SystemUser{{ID: "user W1", ObjectID: id("W2").String()}}
		}, "F1 owner setting, W2 member role as no worker", ""},
		{"an F&O user of two workers, the lower number", func(c *chain) {
			c.communicates("W2").Workers[0].Party = "party W2"
		}, "F1 owner setting, W1 member role", ""},
		{"the worker's account rather than the F&O user's", func(c *chain) {
			c.communicates("W1").SystemUsers = []org.SystemUser{{ID: "user W1", ObjectID: id("W2").String()}}
		}, "F1 owner setting, W1 member role", ""},
		{"a manager without an account", func(c *chain) { c.communicates("W1"); c.Staff = c.Staff[1:] }, "F1 owner setting", "W1 no identity"},
		{"a disabled manager", func(c *chain) { c.communicates("W1").but("W1", disabled) }, "F1 owner setting", "W1 disabled"},
		{"an unlicensed manager", func(c *chain) { c.communicates("W1").but("W1", unlicensed) },
			"F1 owner setting, W1 member role stays", "W1 unlicensed"},
		{"a guest", func(c *chain) { c.communicates("W1").but("W1", guest).rules.AllowGuests = true },
			"F1 owner setting, W1 member role", ""},
		{"a manager who has left", func(c *chain) { c.communicates("W1").Employments = []org.Employment{{Worker: "W1", End: now}} },
			"F1 owner setting", ""},
		{"owners of its own", func(c *chain) { c.rules.CommunicationsOwners = []string{upn("W1"), upn("W2")} },
			"W1 owner setting, W2 owner setting", ""},
		{"owners of its own, one bad", func(c *chain) { c.rules.CommunicationsOwners = []string{"x@example.com", upn("W2")} },
			"W2 owner setting", ""},
		{"owners of its own, all bad", func(c *chain) { c.rules.CommunicationsOwners = []string{"x@example.com"} },
			"F1 owner setting", ""},
		{"a manager who is owner", func(c *chain) { c.communicates("W1").rules.CommunicationsOwners = []string{upn("W1")} },
			"W1 owner setting", ""},
		{"no owner", func(c *chain) { c.communicates("W1").rules.FallbackOwners = nil }, "W1 member role", ""},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().managed("u1", "W3").managed("u2", "W3")
			tt.build(c)
			r := c.roster()
			got := team(t, r, "")
			if people := c.people(got); people != tt.want {
				t.Errorf("the team: %s\nwant:     %s", people, tt.want)
			}
			if unmapped(r) != tt.unmapped {
				t.Errorf("unmapped: %s, want %s", unmapped(r), tt.unmapped)
			}
			if got.Name != "Communications" || got.Caretaker {
				t.Errorf("%+v", got)
			}
			checkRules(t, c, r)
		})
	}
}

// TestOwnerSettings: the settings name people by UPN or object id. Whoever is
// no enabled, licensed member of the tenant is reported by position, not by name.
func TestOwnerSettings(t *testing.T) {
	c := newChain().account("D", disabled).account("U", unlicensed).account("G", guest)
	c.rules.AllowGuests = true
	c.rules.FallbackOwners = []string{
		upn("D"), upn("U"), id("G").String(), "x@example.com", id("nobody").String(), " {" + id("F1").String() + "} ", " F1@Example.COM ",
	}
	c.rules.CommunicationsOwners = []string{upn("W1"), "someone"}
	r := c.roster()
	var texts []string
	for _, f := range r.Findings {
		if f.Code == org.BadOwnerSetting {
			texts = append(texts, f.Text)
		}
	}
	want := []string{
		"entry 1 of FALLBACK_OWNERS is no enabled, licensed member of the tenant",
		"entry 2 of FALLBACK_OWNERS is no enabled, licensed member of the tenant",
		"entry 3 of FALLBACK_OWNERS is no enabled, licensed member of the tenant",
		"entry 4 of FALLBACK_OWNERS is no enabled, licensed member of the tenant",
		"entry 5 of FALLBACK_OWNERS is no enabled, licensed member of the tenant",
		"entry 2 of COMMUNICATIONS_OWNERS is no enabled, licensed member of the tenant",
	}
	checkLines(t, texts, want)
	if got, want := c.people(team(t, r, "")), "W1 owner setting"; got != want {
		t.Errorf("communications team: %s, want %s", got, want)
	}
	if got, want := c.people(team(t, r, "1")), "F1 owner fallback"; got != want {
		t.Errorf("store 1: %s, want %s", got, want)
	}
}

// TestCommunicationsManagersInOrder: workers by personnel number, then who is
// no worker, by account. The first who is free stands in.
func TestCommunicationsManagersInOrder(t *testing.T) {
	c := newChain().account("X1").account("X2").communicates("W2").communicates("W1")
	c.rules.MaxCaretakerTeams = 1
	c.stores("3", "4", "5")
	for user, label := range map[string]string{"0": "X2", "1": "X1"} {
		c.Roles = append(c.Roles, org.RoleAssignment{User: user, Name: "Retail task manager"})
		c.SystemUsers = append(c.SystemUsers, org.SystemUser{ID: user, ObjectID: id(label).String()})
	}
	first, second := "X1", "X2"
	if id("X2").String() < id("X1").String() {
		first, second = second, first
	}
	r := c.roster()
	for store, want := range map[string]string{
		"1": "W1 owner communications", "2": "W2 owner communications",
		"3": first + " owner communications as no worker", "4": second + " owner communications as no worker", "5": "F1 owner fallback",
	} {
		if got := c.people(team(t, r, store)); got != want {
			t.Errorf("store %s: %s, want %s", store, got, want)
		}
	}
}

// TestCommunicationsUserIsCurrent: the link from F&O user to worker has bounds.
func TestCommunicationsUserIsCurrent(t *testing.T) {
	for to, want := range map[time.Time]string{
		now.Add(time.Nanosecond): "F1 owner setting, W1 member role",
		now:                      "F1 owner setting",
	} {
		c := newChain().communicates("W1")
		c.PersonUsers[0].To = to
		if got := c.people(team(t, c.roster(), "")); got != want {
			t.Errorf("until %v: %s, want %s", to, got, want)
		}
	}
}
