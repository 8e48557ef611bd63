package org_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestBlocks: a blocked user is in no team that the block covers, in whichever
// capacity, and nobody is told to find them an account.
func TestBlocks(t *testing.T) {
	checkRosters(t, []rosterCase{
		{"worker", func(c *chain) { c.active("1", "W1", "W2").block("W1", "") }, "F1 owner fallback, W2 member active"},
		{"worker, of this store", func(c *chain) { c.active("1", "W1").block("W1", "1") }, "F1 owner fallback"},
		{"worker, of another store", func(c *chain) { c.active("1", "W1").block("W1", "2") }, "F1 owner fallback, W1 member active"},
		{"worker, of two stores", func(c *chain) { c.active("1", "W1").block("W1", "2").block("W1", "1") }, "F1 owner fallback"},
		{"manager", func(c *chain) { c.managed("u1", "W1").active("1", "W2").block("W1", "1") }, "F1 owner fallback, W2 member active"},
		{"one manager of two", func(c *chain) { c.managed("u1", "W1").post("W2", "u1").block("W1", "1") }, "W2 owner department"},
		{"node manager", func(c *chain) {
			c.below("p1", "north").region("north", "W1").communicates("W2").block("W1", "1")
		}, "W2 owner communications"},
		{"communications manager", func(c *chain) { c.communicates("W2").block("W2", "") }, "F1 owner fallback"},
		{"fallback owner", func(c *chain) { c.rules.FallbackOwners = []string{upn("W1"), upn("F1")}; c.block("W1", "1") }, "F1 owner fallback"},
		{"every fallback owner", func(c *chain) { c.block("F1", "1") }, "nobody"},
	})
	c := newChain().stores("B7").active("B7", "W1").block("W1", "b7")
	if got, want := c.people(team(t, c.roster(), "B7")), "F1 owner fallback"; got != want {
		t.Errorf("number in another case: %s, want %s", got, want)
	}
	c = newChain().but("W1", unlicensed).active("1", "W1").block("W1", "1")
	if r := c.roster(); len(r.Unmapped) > 0 {
		t.Errorf("unmapped: %s", unmapped(r))
	}
	if r := c.active("2", "W1").roster(); unmapped(r) != "W1 unlicensed" {
		t.Errorf("unmapped: %s, also in store 2", unmapped(r))
	}
}

// TestBlocksInTheCommunicationsTeam: only a block of every team covers it. If its
// own owners are all blocked the fallback owners stand in.
func TestBlocksInTheCommunicationsTeam(t *testing.T) {
	cases := []struct {
		name  string
		store org.StoreNumber
		want  string
	}{
		{"everywhere", "", "F1 owner setting"},
		{"in a store", "1", "W1 member role, W2 owner setting"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain().communicates("W1").block("W1", tt.store).block("W2", tt.store)
			c.rules.CommunicationsOwners = []string{upn("W2")}
			r := c.roster()
			if got := c.people(team(t, r, "")); got != tt.want {
				t.Errorf("the team: %s, want %s", got, tt.want)
			}
			if count(r, org.BadOwnerSetting) > 0 {
				t.Errorf("findings: %s", findings(r))
			}
		})
	}
}

// TestProtected: by UPN or object id, the id also of somebody the tenant does not
// show. What names nobody is reported by position.
func TestProtected(t *testing.T) {
	c := newChain().account("D", disabled).account("X", tombstone).account("Y", tombstone)
	c.rules.ProtectedUsers = []string{
		" W1@Example.com ", id("W2").String(), "{" + id("nobody").String() + "}", "x@example.com", upn("D"), id("Y").String(), "",
	}
	r := c.roster()
	for label, want := range map[string]bool{
		"W1": true, "W2": true, "W3": false, "nobody": true, "X": false, "D": true, "Y": true,
	} {
		if got := r.Evidence.Protected(id(label)); got != want {
			t.Errorf("%s is protected: %v, want %v", label, got, want)
		}
	}
	if r.Evidence.Protected(org.UserID{}) {
		t.Error("no user is protected")
	}
	var got []string
	for _, f := range r.Findings {
		if f.Code == org.BadProtectedUser {
			got = append(got, f.Text)
		}
	}
	checkLines(t, got, []string{
		"entry 3 of PROTECTED_USERS is no user of the tenant",
		"entry 4 of PROTECTED_USERS is no user of the tenant",
		"entry 6 of PROTECTED_USERS is no user of the tenant",
		"entry 7 of PROTECTED_USERS is no user of the tenant",
	})
}

// TestDeletedUsers are as if they were not there, but for an Evidence.
func TestDeletedUsers(t *testing.T) {
	a := org.User{ID: id("A"), UPN: upn("A"), Enabled: org.Yes}
	was := org.User{ID: id("was A"), UPN: upn("A"), Deleted: true}
	for _, users := range []*org.Users{org.NewUsers([]org.User{a, was}), org.NewUsers([]org.User{was, a})} {
		if got, ok := users.ByUPN(upn("A")); !ok || got != a {
			t.Errorf("by UPN: %+v, %v", got, ok)
		}
		if got, ok := users.ByID(id("was A")); !ok || got != was {
			t.Errorf("by id: %+v, %v", got, ok)
		}
	}

	c := tenant().account("X", tombstone)
	for alias, want := range map[string]string{"": "not in tenant", upn("X"): "not in tenant", upn("B"): "B"} {
		c.Staff = []org.Staff{{Worker: "W1", ObjectID: id("X").String(), Alias: alias}}
		if got := c.outcome(t); got != want {
			t.Errorf("beside %q: %s, want %s", alias, got, want)
		}
	}
	c.rules.FallbackOwners = []string{id("X").String()}
	if got := count(c.roster(), org.BadOwnerSetting); got != 1 {
		t.Errorf("%d bad owners", got)
	}
}
