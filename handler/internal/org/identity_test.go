package org_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// recorded is what Commerce has about W1's account. W1's party is "party".
type recorded struct {
	staff   []org.Staff
	persons []org.PersonUser
	system  []org.SystemUser
}

// TestIdentity: which account is found, and what is said if none may be added.
// The tenant has A and B, and D (disabled), U (unlicensed) and G (a guest).
func TestIdentity(t *testing.T) {
	a, b, unknown := id("A").String(), id("B").String(), id("nobody").String()
	if b < a {
		t.Fatal("the cases want the id of A to be the lower one")
	}
	staff := func(objectID, alias string) org.Staff {
		return org.Staff{Worker: "W1", ObjectID: objectID, Alias: alias}
	}
	ada := []org.PersonUser{{Party: "party", User: "ada"}}
	cases := []struct {
		name string
		recorded
		want string
	}{
		{"nothing", recorded{}, "no identity"},
		{"only empty rows", recorded{[]org.Staff{staff("", "")}, ada, []org.SystemUser{{ID: "ada"}}}, "no identity"},

		{"object id", recorded{staff: []org.Staff{staff(a, "")}}, "A"},
		{"object id, upper case", recorded{staff: []org.Staff{staff(strings.ToUpper(a), "")}}, "A"},
		{"object id in braces", recorded{staff: []org.Staff{staff("{"+a+"}", "")}}, "A"},
		{"object id that is no GUID", recorded{staff: []org.Staff{staff("ada", "")}}, "bad identity"},
		{"object id of nobody", recorded{staff: []org.Staff{staff(unknown, "")}}, "not in tenant"},
		{"UPN", recorded{staff: []org.Staff{staff("", "a@example.com")}}, "A"},
		{"UPN, upper case", recorded{staff: []org.Staff{staff("", "A@EXAMPLE.COM")}}, "A"},
		{"UPN of nobody", recorded{staff: []org.Staff{staff("", "a@example.org")}}, "not in tenant"},

		{"object id before UPN", recorded{staff: []org.Staff{staff(b, "a@example.com")}}, "B"},
		{"stale object id beside a good UPN", recorded{staff: []org.Staff{staff(unknown, "a@example.com")}}, "A"},
		{"bad object id beside a good UPN", recorded{staff: []org.Staff{staff("?", "a@example.com")}}, "A"},
		{"bad object id beside a bad UPN", recorded{staff: []org.Staff{staff("?", "x@example.com")}}, "not in tenant"},
		{"bad object id after one of nobody", recorded{staff: []org.Staff{staff(unknown, ""), staff("~", "")}}, "not in tenant"},
		{"bad object id before one of nobody", recorded{staff: []org.Staff{staff("!", ""), staff(unknown, "")}}, "not in tenant"},

		{"two rows, the lower object id", recorded{staff: []org.Staff{staff(b, ""), staff(a, "")}}, "A"},
		{"two rows, one of nobody", recorded{staff: []org.Staff{staff(unknown, ""), staff(b, "")}}, "B"},
		{"two rows, the lower UPN", recorded{staff: []org.Staff{staff("", "b@example.com"), staff("", "a@example.com")}}, "A"},
		{"a row with both after one with a UPN", recorded{staff: []org.Staff{staff(a, ""), staff("", "b@example.com")}}, "B"},
		{"somebody else's row", recorded{staff: []org.Staff{{Worker: "W9", ObjectID: a}}}, "no identity"},

		{"F&O user's object id", recorded{persons: ada, system: []org.SystemUser{{ID: "ada", ObjectID: a, Alias: "b@example.com"}}}, "A"},
		{"F&O user's alias", recorded{persons: ada, system: []org.SystemUser{{ID: "ada", Alias: "B@example.com"}}}, "B"},
		{"F&O user's id in another case", recorded{persons: ada, system: []org.SystemUser{{ID: "ADA", Alias: "b@example.com"}}}, "B"},
		{"F&O user without a row", recorded{persons: ada, system: []org.SystemUser{{ID: "bea", ObjectID: a}}}, "no identity"},
		{"F&O user of nobody", recorded{persons: ada, system: []org.SystemUser{{ID: "ada", ObjectID: unknown}}}, "not in tenant"},
		{"two rows of the F&O user", recorded{persons: ada, system: []org.SystemUser{{ID: "ada", ObjectID: b}, {ID: "ada", ObjectID: a}}}, "A"},
		{"two rows of the F&O user, the lower alias", recorded{persons: ada, system: []org.SystemUser{{ID: "ada", Alias: "b@example.com"}, {ID: "ada", Alias: "a@example.com"}}}, "A"},
		{"two F&O users, the lower id", recorded{
			persons: []org.PersonUser{{Party: "party", User: "bea"}, {Party: "party", User: "Ada"}},
			system:  []org.SystemUser{{ID: "bea", ObjectID: a}, {ID: "ada", ObjectID: b}},
		}, "B"},
		{"another party's F&O user", recorded{
			persons: []org.PersonUser{{Party: "other", User: "ada"}}, system: []org.SystemUser{{ID: "ada", ObjectID: a}},
		}, "no identity"},

		{"RetailStaff before SystemUsers", recorded{[]org.Staff{staff(b, "")}, ada, []org.SystemUser{{ID: "ada", ObjectID: a}}}, "B"},
		{"RetailStaff of nobody", recorded{[]org.Staff{staff(unknown, "")}, ada, []org.SystemUser{{ID: "ada", ObjectID: a}}}, "A"},
		{"RetailStaff bad, SystemUsers of nobody", recorded{[]org.Staff{staff("?", "")}, ada, []org.SystemUser{{ID: "ada", ObjectID: unknown}}}, "not in tenant"},
		{"RetailStaff bad, SystemUsers empty", recorded{[]org.Staff{staff("?", "")}, ada, []org.SystemUser{{ID: "ada"}}}, "bad identity"},

		{"disabled", recorded{staff: []org.Staff{staff("", "d@example.com")}}, "disabled"},
		{"unlicensed", recorded{staff: []org.Staff{staff("", "u@example.com")}}, "U stays, unlicensed"},
		{"a guest", recorded{staff: []org.Staff{staff("", "g@example.com")}}, "G stays, guest"},
		{"disabled before another", recorded{staff: []org.Staff{staff(id("D").String(), "a@example.com")}}, "disabled"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := tenant()
			c.Staff, c.PersonUsers, c.SystemUsers = tt.staff, tt.persons, tt.system
			if got := c.outcome(t); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			slices.Reverse(c.Staff)
			slices.Reverse(c.PersonUsers)
			slices.Reverse(c.SystemUsers)
			if got := c.outcome(t); got != tt.want {
				t.Errorf("with the rows the other way round: %q, want %q", got, tt.want)
			}
		})
	}
}

// TestUsers are found by id, and by UPN in any case. Who has no UPN is not the
// user whose UPN is empty.
func TestUsers(t *testing.T) {
	ada := org.User{ID: id("A"), UPN: "a@example.com", Enabled: org.Yes}
	users := org.NewUsers([]org.User{ada, {ID: id("X")}})
	if got, ok := users.ByID(id("A")); !ok || got != ada {
		t.Errorf("by id: %+v, %v", got, ok)
	}
	if got, ok := users.ByUPN("A@Example.com"); !ok || got != ada {
		t.Errorf("by UPN: %+v, %v", got, ok)
	}
	if got, ok := users.ByUPN(""); ok {
		t.Errorf("by no UPN: %+v", got)
	}
	if got, ok := users.ByID(id("B")); ok || got != (org.User{}) {
		t.Errorf("by an id of nobody: %+v", got)
	}
}

// tenant has the accounts A, B, D, U and G, and W1 at work in store 1, of whose
// account nothing is recorded.
func tenant() *chain {
	c := newChain().account("A").account("B").account("D", disabled).account("U", unlicensed).account("G", guest)
	c.Workers = []org.Worker{{Number: "W1", Party: "party"}}
	c.Staff = nil
	return c.active("1", "W1")
}

// outcome writes what became of W1: the account's label, that it only stays,
// and the cause.
func (c *chain) outcome(t *testing.T) string {
	t.Helper()
	r := c.roster()
	var words []string
	for _, e := range team(t, r, "1").Entries {
		switch {
		case e.Worker != "W1":
		case e.StayOnly:
			words = append(words, c.label(e.User)+" stays")
		default:
			words = append(words, c.label(e.User))
		}
	}
	for _, u := range r.Unmapped {
		words = append(words, string(u.Cause))
	}
	return strings.Join(words, ", ")
}

// TestFlawsOfAccounts: of several flaws the first in this order is the cause,
// disabled, unclear, unlicensed, guest. Only a disabled account's worker is out.
func TestFlawsOfAccounts(t *testing.T) {
	type change = func(*org.User)
	cases := []struct {
		name       string
		changes    []change
		want       string // guests not allowed
		withGuests string // guests allowed; empty: the same
	}{
		{"none", nil, "A", ""},
		{"disabled", []change{disabled}, "disabled", ""},
		{"unlicensed", []change{unlicensed}, "A stays, unlicensed", ""},
		{"guest", []change{guest}, "A stays, guest", "A"},
		{"may be disabled", []change{unstated}, "A stays, unclear", ""},
		{"may be disabled, unlicensed", []change{unstated, unlicensed}, "A stays, unclear", ""},
		{"disabled and unlicensed", []change{disabled, unlicensed}, "disabled", ""},
		{"disabled guest", []change{disabled, guest}, "disabled", ""},
		{"unlicensed guest", []change{unlicensed, guest}, "A stays, unlicensed", ""},
		{"all", []change{disabled, unlicensed, guest}, "disabled", ""},
	}
	for _, tt := range cases {
		for allow, want := range map[bool]string{false: tt.want, true: cmp.Or(tt.withGuests, tt.want)} {
			t.Run(fmt.Sprintf("%s, guests allowed %v", tt.name, allow), func(t *testing.T) {
				c := tenant().but("A", tt.changes...)
				c.Staff = []org.Staff{{Worker: "W1", ObjectID: id("A").String()}}
				c.rules.AllowGuests = allow
				if got := c.outcome(t); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
}

// TestPersonUserIsCurrent: ValidFrom <= now < ValidTo.
func TestPersonUserIsCurrent(t *testing.T) {
	const instant = time.Nanosecond
	cases := []struct {
		name     string
		from, to time.Time
		want     string
	}{
		{"no bounds", time.Time{}, time.Time{}, "A"},
		{"from now on", now, time.Time{}, "A"},
		{"from an instant later on", now.Add(instant), time.Time{}, "no identity"},
		{"for an instant more", time.Time{}, now.Add(instant), "A"},
		{"until now", time.Time{}, now, "no identity"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := tenant()
			c.PersonUsers = []org.PersonUser{{Party: "party", User: "ada", From: tt.from, To: tt.to}}
			c.SystemUsers = []org.SystemUser{{ID: "ada", ObjectID: id("A").String()}}
			if got := c.outcome(t); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestParties: a worker may have several rows and so several parties; no party
// is not the party of those who have none.
func TestParties(t *testing.T) {
	persons := []org.PersonUser{{Party: "a", User: "ada"}, {Party: "b", User: "bea"}, {Party: "", User: "cy"}}
	system := []org.SystemUser{{ID: "ada", ObjectID: id("B").String()}, {ID: "bea", ObjectID: id("A").String()}, {ID: "cy", ObjectID: id("A").String()}}
	cases := map[string]struct {
		workers []org.Worker
		want    string
	}{
		"no row":         {nil, "no identity"},
		"no party":       {[]org.Worker{{Number: "W1"}}, "no identity"},
		"one":            {[]org.Worker{{Number: "W1", Party: "b"}}, "A"},
		"the lower":      {[]org.Worker{{Number: "W1", Party: "b"}, {Number: "W1", Party: "a"}}, "B"},
		"none and one":   {[]org.Worker{{Number: "W1"}, {Number: "W1", Party: "a"}}, "B"},
		"shared by many": {[]org.Worker{{Number: "W0", Party: "a"}, {Number: "W1", Party: "a"}}, "B"},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			c := tenant()
			c.Workers, c.PersonUsers, c.SystemUsers = tt.workers, persons, system
			if got := c.outcome(t); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestGuests are never owners. As managers they are members if allowed, else
// they stay where they are.
func TestGuests(t *testing.T) {
	allowed := func(c *chain) *chain { c.rules.AllowGuests = true; return c.but("W1", guest) }
	checkRosters(t, []rosterCase{
		{"manager, allowed", func(c *chain) { allowed(c).managed("u1", "W1") }, "F1 owner fallback, W1 member unit"},
		{"manager, not allowed", func(c *chain) { c.but("W1", guest).managed("u1", "W1") }, "F1 owner fallback, W1 member unit stays"},
		{"worker, allowed", func(c *chain) { allowed(c).active("1", "W1").managed("u1", "W2") }, "W1 member active, W2 owner unit"},
		{"fallback owner, allowed", func(c *chain) { allowed(c).rules.FallbackOwners = []string{upn("W1")} }, "nobody"},
		{"manager of the region, allowed", func(c *chain) { allowed(c).below("p1", "north").region("north", "W1") }, "F1 owner fallback"},
		{"communications manager, allowed", func(c *chain) { allowed(c).communicates("W1") }, "F1 owner fallback"},
	})
}

// TestOneAccountForTwo: two workers with one account are one entry: the
// stronger role, the better reason, the lower personnel number.
func TestOneAccountForTwo(t *testing.T) {
	shared := func(c *chain) *chain {
		for i := range c.Staff {
			c.Staff[i].ObjectID = id("W1").String()
		}
		return c
	}
	checkRosters(t, []rosterCase{
		{"stronger role", func(c *chain) { shared(c).active("1", "W1", "W2").managed("u1", "W2") }, "W1 owner unit as W2"},
		{"better reason", func(c *chain) { shared(c).post("W1", "u1").post("W2", "").active("1", "W2").managed("u1", "W3") }, "W1 owner unit as W3"},
		{"lower number, members", func(c *chain) { shared(c).active("1", "W3", "W2").managed("u2", "W1") }, "F1 owner fallback, W1 member active as W2"},
		{"lower number, owners", func(c *chain) { shared(c).post("W3", "u1").post("W2", "u1") }, "W1 owner department as W2"},
		{"lower number, stays", func(c *chain) { shared(c).but("W1", unlicensed).active("1", "W3", "W2") }, "F1 owner fallback, W1 member active stays as W2"},
		{"guest, better reason", func(c *chain) {
			c.rules.AllowGuests = true
			shared(c).but("W1", guest).active("1", "W1").post("W2", "u1").managed("u1", "W3")
		}, "F1 owner fallback, W1 member unit as W3"},
	})
}
