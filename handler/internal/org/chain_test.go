package org_test

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// now is the moment at which the tests look at a chain.
var now = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

// chain is a retail chain for a test. People have labels: a worker's label is
// the personnel number, and the account of "W1" has the UPN "w1@example.com".
// What the methods do not offer is written into the snapshot directly.
type chain struct {
	org.Snapshot
	users []org.User
	rules org.Rules
}

// newChain has stores 1 and 2, workers W1 to W3 with accounts, and F1, who is
// no worker, as fallback owner.
func newChain() *chain {
	c := &chain{rules: org.Rules{
		Instance: "test", TeamName: "{name} ({number})", CommunicationsTeamName: "Communications",
		CommunicationsRole: "Retail task manager", FallbackOwners: []string{upn("F1")},
		ManagerRule: org.RuleAuto, MaxCaretakerTeams: 200,
	}}
	c.Purposes = []org.HierarchyPurpose{{Hierarchy: "Retail", Purpose: "RetailReporting", Default: org.Yes}}
	return c.account("F1").stores("1", "2").hire("W1", "W2", "W3")
}

// id is the object id of somebody's account.
func id(label string) org.UserID {
	sum := sha256.Sum256([]byte(label))
	return org.UserID(sum[:16])
}

// upn is the UPN of somebody's account.
func upn(label string) string { return strings.ToLower(label) + "@example.com" }

// account adds an enabled, licensed account, changed as said.
func (c *chain) account(label string, changes ...func(*org.User)) *chain {
	c.users = append(c.users, org.User{ID: id(label), UPN: upn(label), Enabled: org.Yes, Licensed: true})
	for _, change := range changes {
		change(&c.users[len(c.users)-1])
	}
	return c
}

// but changes somebody's account.
func (c *chain) but(label string, changes ...func(*org.User)) *chain {
	i := slices.IndexFunc(c.users, func(u org.User) bool { return u.ID == id(label) })
	for _, change := range changes {
		change(&c.users[i])
	}
	return c
}

func disabled(u *org.User)   { u.Enabled = org.No }
func unlicensed(u *org.User) { u.Licensed = false }
func guest(u *org.User)      { u.Guest = true }

// stores adds stores. Store 1 has channel c1, unit u1 called "Store 1", party
// p1, and is in the retail hierarchy, below nothing.
func (c *chain) stores(numbers ...string) *chain {
	for _, n := range numbers {
		c.Stores = append(c.Stores, org.Store{Number: org.StoreNumber(n), Channel: "c" + n, Unit: "u" + n, Party: "p" + n})
		c.Units = append(c.Units, org.Unit{Number: "u" + n, Party: "p" + n, Name: "Store " + n})
		c.Hierarchy = append(c.Hierarchy, org.HierarchyLink{Hierarchy: "Retail", Child: "p" + n, ChildName: "Store " + n})
	}
	return c
}

// hire adds workers with accounts.
func (c *chain) hire(labels ...string) *chain {
	for _, label := range labels {
		worker := org.PersonnelNumber(label)
		c.Workers = append(c.Workers, org.Worker{Number: worker, Party: "party " + label})
		c.Staff = append(c.Staff, org.Staff{Worker: worker, ObjectID: id(label).String()})
		c.account(label)
	}
	return c
}

// active makes workers active in a store.
func (c *chain) active(store string, workers ...org.PersonnelNumber) *chain {
	for _, w := range workers {
		c.says(store, w, org.Yes)
	}
	return c
}

// says adds a row about a worker on a store's channel.
func (c *chain) says(store string, worker org.PersonnelNumber, active org.Flag) *chain {
	c.ChannelWorkers = append(c.ChannelWorkers, org.ChannelWorker{Channel: "c" + store, Worker: worker, Active: active})
	return c
}

// managed has a unit name its manager.
func (c *chain) managed(unit string, manager org.PersonnelNumber) *chain {
	i := slices.IndexFunc(c.Units, func(u org.Unit) bool { return u.Number == unit })
	c.Units[i].Manager = manager
	return c
}

// post gives a worker a current position with manager privileges in a department.
func (c *chain) post(worker org.PersonnelNumber, department string) *chain {
	position := fmt.Sprintf("post of %s in %s", worker, department)
	c.PositionPermissions = append(c.PositionPermissions, org.PositionPermission{Position: position, Manager: org.Yes})
	return c.position(position, department, worker)
}

// position adds a position and gives it to a worker.
func (c *chain) position(position, department string, worker org.PersonnelNumber) *chain {
	c.Positions = append(c.Positions, org.Position{ID: position, Department: department})
	c.Assignments = append(c.Assignments, org.Assignment{Position: position, Worker: worker})
	return c
}

// below puts a party below another in the retail hierarchy.
func (c *chain) below(child, parent string) *chain {
	c.Hierarchy = append(c.Hierarchy, org.HierarchyLink{
		Hierarchy: "Retail", Child: child, Parent: parent, ParentName: "Region " + parent,
	})
	return c
}

// region adds the operating unit of a node, with its manager.
func (c *chain) region(party string, manager org.PersonnelNumber) *chain {
	c.Units = append(c.Units, org.Unit{Number: "u-" + party, Party: party, Name: "Region " + party, Manager: manager})
	return c
}

// communicates gives a worker the communications manager's role, limited to
// organizations if any are named.
func (c *chain) communicates(worker string, organizations ...string) *chain {
	user := "user " + worker
	c.PersonUsers = append(c.PersonUsers, org.PersonUser{Party: "party " + worker, User: user})
	c.Roles = append(c.Roles, org.RoleAssignment{User: user, Role: "RTM", Name: "Retail task manager"})
	for _, o := range organizations {
		c.RoleOrganizations = append(c.RoleOrganizations, org.RoleOrganization{User: user, Role: "RTM", Organization: o})
	}
	return c
}

func (c *chain) roster() org.Roster {
	return org.BuildRoster(c.Snapshot, org.NewUsers(c.users), c.rules, now)
}

// team finds a team in a roster: of a store, or with "" the communications team.
func team(t *testing.T, r org.Roster, store string) org.Team {
	t.Helper()
	for _, team := range r.Teams {
		if team.Key.Store == org.StoreNumber(store) {
			return team
		}
	}
	t.Fatalf("no team for store %q", store)
	return org.Team{}
}

// people writes who is in a team: "W1 owner unit, W2 member active". Somebody
// who may stay but not be added "stays"; a worker who is there by another
// personnel number than the label's is there "as" that one. Who is named in a
// setting has none.
func (c *chain) people(team org.Team) string {
	var all []string
	for _, e := range team.Entries {
		label := c.label(e.User)
		text := fmt.Sprintf("%s %s %s", label, e.Role, word(e.Reason))
		if e.StayOnly {
			text += " stays"
		}
		expected := label
		if e.Reason == org.CaretakerFallback || e.Reason == org.CommunicationsOwner {
			expected = ""
		}
		if string(e.Worker) != expected {
			text += " as " + cmp.Or(string(e.Worker), "no worker")
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return cmp.Or(strings.Join(all, ", "), "nobody")
}

func (c *chain) label(user org.UserID) string {
	for _, u := range c.users {
		if u.ID == user {
			label, _, _ := strings.Cut(u.UPN, "@")
			return strings.ToUpper(label)
		}
	}
	return "stranger"
}

// word is a reason in one word.
func word(r org.Reason) string {
	return [...]string{
		org.UnitManager: "unit", org.DepartmentManager: "department", org.StoreManager: "store",
		org.CaretakerNode: "node", org.CaretakerCommunications: "communications", org.CaretakerFallback: "fallback",
		org.CommunicationsOwner: "setting", org.CommunicationsManager: "role", org.StoreWorker: "active",
	}[r]
}

// unmapped writes who is unmapped and why: "W1 disabled, W2 guest".
func unmapped(r org.Roster) string {
	var all []string
	for _, u := range r.Unmapped {
		all = append(all, fmt.Sprintf("%s %s", u.Worker, u.Cause))
	}
	return strings.Join(all, ", ")
}

// findings writes what was found, in order: "no owner: store 1, many teams".
func findings(r org.Roster) string {
	var all []string
	for _, f := range r.Findings {
		text := string(f.Code)
		if f.Team.IsStore() {
			text += ": " + f.Team.String()
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// rosterCase is a rule in an example: what is done to newChain, and who is then
// in the team of store 1.
type rosterCase struct {
	name  string
	build func(c *chain)
	want  string
}

func checkRosters(t *testing.T, cases []rosterCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain()
			tt.build(c)
			r := c.roster()
			if got := c.people(team(t, r, "1")); got != tt.want {
				t.Errorf("the team of store 1: %s\nwant: %s", got, tt.want)
			}
			checkRules(t, c, r)
		})
	}
}
