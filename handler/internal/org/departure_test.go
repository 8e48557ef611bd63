package org_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// since is when the people of the tests became managed.
var since = now.AddDate(0, -1, 0)

const ago, long = time.Hour, 365 * 24 * time.Hour // after since, before since

// leaveCase says what is done to newChain, and what is then said of W1, whom
// store 1 managed as a member, and does not want.
type leaveCase struct {
	name  string
	build func(c *chain)
	want  org.Leave
}

func checkDepartures(t *testing.T, m org.Managed, cases []leaveCase) {
	t.Helper()
	m.User, m.Since = id("W1"), since
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain()
			tt.build(c)
			r := c.roster()
			if role, in := roleIn(team(t, r, "1"), m.User); in {
				t.Fatalf("W1 is wanted as %s", role)
			}
			d := r.Evidence.Departure(org.TeamKey{Store: "1"}, m)
			if d.Leave != tt.want {
				t.Errorf("W1 %s, want: %s", d.Leave, tt.want)
			}
			if (d.Leave == org.Replaced) != (d.Successor == id("B")) {
				t.Errorf("successor: %s", c.label(d.Successor))
			}
			checkRules(t, c, r)
		})
	}
}

// employed adds employments of W1 that ended, each so long ago.
func (c *chain) employed(ended ...time.Duration) *chain {
	for _, d := range ended {
		c.Employments = append(c.Employments, org.Employment{Worker: "W1", End: now.Add(-d)})
	}
	return c
}

// held gives W1 a position that ended so long ago.
func (c *chain) held(department string, ended time.Duration) *chain {
	c.position("of "+department, department, "W1")
	c.Assignments[len(c.Assignments)-1].To = now.Add(-ended)
	return c
}

// bad adds a row that could not be read.
func (c *chain) bad(collection string, worker org.PersonnelNumber, store org.StoreNumber) *chain {
	c.BadRows = append(c.BadRows, org.BadRow{Collection: collection, Worker: worker, Store: store})
	return c
}

// moved gives W1 another account, B's, and records it.
func (c *chain) moved(changes ...func(*org.User)) *chain {
	c.account("B", changes...).Staff[0].ObjectID = id("B").String()
	return c
}

func tombstone(u *org.User) { u.Deleted, u.Enabled = true, org.Unknown }
func unstated(u *org.User)  { u.Enabled = org.Unknown }

func (c *chain) block(label string, store org.StoreNumber) *chain {
	c.rules.Blocks = append(c.rules.Blocks, org.Block{User: id(label), Store: store})
	return c
}

// TestGoneDepartures: what says that somebody left the company, or is blocked,
// counts whatever else is said or not known.
func TestGoneDepartures(t *testing.T) {
	never := org.Employment{Worker: "W1"}
	checkDepartures(t, org.Managed{Worker: "W1"}, []leaveCase{
		{"no row", func(*chain) {}, org.Absent},
		{"blocked", func(c *chain) { c.active("1", "W1").block("W1", "") }, org.Blocked},
		{"blocked here", func(c *chain) { c.active("1", "W1").block("W1", "1") }, org.Blocked},
		{"blocked elsewhere", func(c *chain) { c.block("W1", "2") }, org.Absent},
		{"another is blocked", func(c *chain) { c.block("W2", "") }, org.Absent},
		{"blocked and gone", func(c *chain) { c.block("W1", "").but("W1", disabled) }, org.Blocked},
		{"blocked and not shown", func(c *chain) { c.block("W1", "").users = c.users[:1] }, org.Blocked},

		{"disabled", func(c *chain) { c.active("1", "W1").but("W1", disabled) }, org.LeftCompany},
		{"deleted", func(c *chain) { c.active("1", "W1").but("W1", tombstone) }, org.LeftCompany},
		{"may be disabled", func(c *chain) { c.but("W1", unstated) }, org.Absent},
		{"not shown by the tenant", func(c *chain) { c.users = c.users[:1] }, org.Stays},
		{"not shown, active", func(c *chain) { c.active("1", "W1").users = c.users[:1] }, org.Stays},
		{"not shown, inactive", func(c *chain) { c.says("1", "W1", org.No).users = c.users[:1] }, org.Stays},
		{"disabled, with a new account", func(c *chain) { c.active("1", "W1").but("W1", disabled).moved() }, org.LeftCompany},
		{"disabled, and rows unread", func(c *chain) { c.but("W1", disabled).bad("RetailChannelWorkers", "", "") }, org.LeftCompany},

		{"employment ended", func(c *chain) { c.active("1", "W1").employed(ago) }, org.LeftCompany},
		{"employment ended long ago", func(c *chain) { c.active("1", "W1").employed(long) }, org.LeftCompany},
		{"one employment of two ended", func(c *chain) { c.employed(ago).Employments = append(c.Employments, never) }, org.Absent},
		{"an employment that ends later", func(c *chain) { c.employed(-ago) }, org.Absent},
		{"another's employment ended", func(c *chain) { c.Employments = []org.Employment{{Worker: "W2", End: now}} }, org.Absent},
		{"employment ended, other rows unread", func(c *chain) {
			c.employed(long).bad("RetailChannelWorkers", "", "").bad("Workers", "W1", "").bad("Employees", "W2", "")
		}, org.LeftCompany},
		{"an employment unread", func(c *chain) { c.employed(ago).bad("Employees", "W1", "") }, org.Stays},
		{"an employment unread, active", func(c *chain) { c.active("1", "W1").employed(ago).bad("Employees", "W1", "") }, org.Stays},
		{"an employment unread, inactive", func(c *chain) { c.says("1", "W1", org.No).employed(ago).bad("Employees", "W1", "") }, org.LeftStore},
		{"somebody's employment unread, ended since", func(c *chain) { c.employed(long, ago).bad("Employees", "", "") }, org.LeftCompany},
		{"somebody's employment unread, ended before", func(c *chain) { c.employed(long).bad("Employees", "", "") }, org.Stays},
		{"still employed, another row unread", func(c *chain) { c.bad("Employees", "W1", "") }, org.Absent},
	})
}

// TestStoreDepartures: who left the store, by a row that says so or for want of
// one.
func TestStoreDepartures(t *testing.T) {
	later := func(c *chain, department string) {
		c.position("later", department, "W1")
		c.Assignments[len(c.Assignments)-1].From = now.Add(ago)
	}
	checkDepartures(t, org.Managed{Worker: "W1"}, []leaveCase{
		{"inactive", func(c *chain) { c.says("1", "W1", org.No) }, org.LeftStore},
		{"inactive and unknown", func(c *chain) { c.says("1", "W1", org.No).says("1", "W1", org.Unknown) }, org.LeftStore},
		{"inactive elsewhere", func(c *chain) { c.says("2", "W1", org.No) }, org.Absent},
		{"active elsewhere", func(c *chain) { c.active("2", "W1") }, org.Absent},
		{"inactive, although the unit's manager", func(c *chain) { c.says("1", "W1", org.No).managed("u1", "W1") }, org.LeftStore},
		{"inactive, and rows unread", func(c *chain) { c.says("1", "W1", org.No).bad("RetailChannelWorkers", "W1", "") }, org.LeftStore},
		{"unknown", func(c *chain) { c.says("1", "W1", org.Unknown) }, org.Stays},
		{"unknown, position ended", func(c *chain) { c.says("1", "W1", org.Unknown).held("u1", ago) }, org.Stays},
		{"unknown elsewhere", func(c *chain) { c.says("2", "W1", org.Unknown) }, org.Absent},

		{"position here ended", func(c *chain) { c.held("u1", ago).position("new", "u2", "W1") }, org.LeftStore},
		{"position here ended now", func(c *chain) { c.held("u1", 0).position("new", "u2", "W1") }, org.LeftStore},
		{"position here ended long ago", func(c *chain) { c.held("u1", long).position("new", "u2", "W1") }, org.Absent},
		{"position here ended when managed", func(c *chain) { c.held("u1", now.Sub(since)).position("new", "u2", "W1") }, org.Absent},
		{"position here ended, another goes on", func(c *chain) { c.held("u1", ago).position("new", "u1", "W1") }, org.Absent},
		{"position here ended, another begins", func(c *chain) { c.held("u1", ago); later(c, "u1") }, org.Absent},
		{"position elsewhere ended", func(c *chain) { c.held("u2", ago).position("new", "u2", "W1") }, org.Absent},
		{"position of no department ended", func(c *chain) { c.held("", ago).position("new", "", "W1").Stores[0].Unit = "" }, org.Absent},
		{"another's position here ended", func(c *chain) {
			c.held("u1", ago)
			c.Assignments[0].Worker = "W2"
		}, org.Absent},

		{"every position ended", func(c *chain) { c.held("u2", long).held("u3", ago) }, org.LeftStore},
		{"every position ended long ago", func(c *chain) { c.held("u2", long).held("u3", long) }, org.Absent},
		{"every position ended, one begins", func(c *chain) { c.held("u2", ago); later(c, "u2") }, org.Absent},
	})
}

// TestUnreadDepartures: while a row that might say that somebody belongs cannot
// be read, they are not absent, nor has their position ended.
func TestUnreadDepartures(t *testing.T) {
	unclear := func(department string) func(c *chain) {
		return func(c *chain) {
			c.position("P", department, "W1")
			c.PositionPermissions = []org.PositionPermission{{Position: "P"}}
		}
	}
	cases := []leaveCase{
		{"about them", func(c *chain) { c.bad("RetailChannelWorkers", "W1", "") }, org.Stays},
		{"about them, position ended", func(c *chain) { c.held("u1", ago).bad("PositionWorkerAssignmentsV2", "W1", "") }, org.Stays},
		{"about them here", func(c *chain) { c.bad("RetailChannelWorkers", "W1", "1") }, org.Stays},
		{"about them elsewhere", func(c *chain) { c.bad("RetailChannelWorkers", "W1", "2") }, org.Absent},
		{"about somebody here", func(c *chain) { c.bad("RetailChannelWorkers", "", "1") }, org.Stays},
		{"about somebody elsewhere", func(c *chain) { c.bad("RetailChannelWorkers", "", "2") }, org.Absent},
		{"about another", func(c *chain) { c.bad("RetailChannelWorkers", "W2", "") }, org.Absent},
		{"privileges here unknown", unclear("u1"), org.Stays},
		{"privileges elsewhere unknown", unclear("u2"), org.Absent},
		{"privileges here unknown, which do not count", func(c *chain) { unclear("u1")(c); c.rules.ManagerRule = org.RuleUnit }, org.Absent},
	}
	for collection, want := range map[string]org.Leave{
		"RetailChannelWorkers": org.Stays, "PositionWorkerAssignmentsV2": org.Stays, "PositionsV2": org.Stays,
		"RetailPositionPosPermissions": org.Stays, "RetailPosPermissionGroups": org.Stays, "OperatingUnits": org.Stays,
		"RetailStores": org.Absent, "Workers": org.Absent, "Employees": org.Absent, "RetailStaff": org.Absent,
		"PersonUsers": org.Absent, "SystemUsers": org.Absent, "SecurityUserRoleAssociations": org.Absent,
		"OrganizationHierarchyPublishedV2": org.Absent, "IntegrationSourceMappings": org.Absent,
	} {
		cases = append(cases, leaveCase{"about anybody in " + collection, func(c *chain) { c.bad(collection, "", "") }, want})
	}
	checkDepartures(t, org.Managed{Worker: "W1"}, cases)
}

// TestReplaced: the worker belongs by the same rules as ever, with the account B.
func TestReplaced(t *testing.T) {
	identity := func(collection string, worker org.PersonnelNumber) func(c *chain) {
		return func(c *chain) { c.active("1", "W1").moved().bad(collection, worker, "") }
	}
	checkDepartures(t, org.Managed{Worker: "W1"}, []leaveCase{
		{"active", func(c *chain) { c.active("1", "W1").moved() }, org.Replaced},
		{"unit's manager", func(c *chain) { c.managed("u1", "W1").moved() }, org.Replaced},
		{"department's manager", func(c *chain) { c.post("W1", "u1").moved() }, org.Replaced},
		{"caretaker", func(c *chain) { c.below("p1", "north").region("north", "W1").moved() }, org.Replaced},
		{"new account only stays", func(c *chain) { c.active("1", "W1").moved(unlicensed) }, org.Replaced},
		{"new account is disabled", func(c *chain) { c.active("1", "W1").moved(disabled) }, org.Stays},
		{"new account is blocked", func(c *chain) { c.active("1", "W1").moved().block("B", "1") }, org.Stays},
		{"no account", func(c *chain) { c.active("1", "W1").Staff = c.Staff[1:] }, org.Stays},
		{"an account of nobody", func(c *chain) { c.active("1", "W1").Staff[0].ObjectID = id("?").String() }, org.Stays},
		{"an account that is none", func(c *chain) { c.active("1", "W1").Staff[0].ObjectID = "?" }, org.Stays},
		{"caretaker without an account", func(c *chain) { c.below("p1", "north").region("north", "W1").Staff = c.Staff[1:] }, org.Stays},
		{"no longer active", func(c *chain) { c.says("1", "W1", org.No).moved() }, org.LeftStore},
		{"without a row", func(c *chain) { c.moved() }, org.Absent},
		{"another worker's account, who comes first", func(c *chain) { c.hire("W0").active("1", "W1", "W0").moved().Staff[3].ObjectID = id("B").String() }, org.Replaced},
		{"another worker's account, who has the say", func(c *chain) { c.active("1", "W1").managed("u1", "W3").moved().Staff[2].ObjectID = id("B").String() }, org.Replaced},
		{"a fallback owner's account", func(c *chain) { c.active("1", "W1").moved().rules.FallbackOwners = []string{upn("B")} }, org.Replaced},

		{"their account unread", identity("RetailStaff", "W1"), org.Stays},
		{"another's account unread", identity("RetailStaff", "W2"), org.Replaced},
		{"a user unread", identity("SystemUsers", ""), org.Stays},
		{"an employment unread", identity("Employees", "W1"), org.Replaced},
		{"a channel unread", identity("RetailChannelWorkers", ""), org.Replaced},
	})
}

// TestCaretakerDepartures: who stood in leaves for somebody else's sake.
func TestCaretakerDepartures(t *testing.T) {
	north := func(c *chain) *chain { return c.below("p1", "north").region("north", "W1") }
	owner := org.Managed{Role: org.Owner, Worker: "W1"}
	checkDepartures(t, owner, []leaveCase{
		{"a manager came", func(c *chain) { north(c).managed("u1", "W2") }, org.Absent},
		{"a manager came, rows above unread", func(c *chain) { north(c).managed("u1", "W2").bad("OrganizationHierarchyPublishedV2", "", "") }, org.Absent},
		{"another node manager", func(c *chain) { c.below("p1", "north").region("north", "W2") }, org.Absent},
		{"another node manager, rows unread", func(c *chain) {
			c.below("p1", "north").region("north", "W2").bad("OrganizationHierarchyPublishedV2", "", "")
		}, org.Stays},
		{"rows unread, position here ended", func(c *chain) { c.held("u1", ago).bad("OrganizationHierarchyPublishedV2", "", "") }, org.LeftStore},
		{"unlicensed", func(c *chain) { north(c).but("W1", unlicensed) }, org.Stays},
		{"unlicensed communications manager", func(c *chain) { c.communicates("W1").but("W1", unlicensed) }, org.Stays},
		{"unlicensed communications manager of another store", func(c *chain) { c.communicates("W1", "u2").but("W1", unlicensed) }, org.Absent},
		{"a guest by now", func(c *chain) { north(c).but("W1", guest).rules.AllowGuests = true }, org.Absent},
		{"too many stores", func(c *chain) { north(c).rules.MaxCaretakerTeams = 0 }, org.Absent},
		{"blocked here", func(c *chain) { north(c).block("W1", "1") }, org.Blocked},
	})
	owner.Worker = ""
	fallback := func(c *chain, labels ...string) *chain {
		c.rules.FallbackOwners = nil
		for _, label := range labels {
			c.rules.FallbackOwners = append(c.rules.FallbackOwners, upn(label))
		}
		return c
	}
	checkDepartures(t, owner, []leaveCase{
		{"no longer named", func(*chain) {}, org.Absent},
		{"no longer named, rows unread", func(c *chain) { c.bad("RetailChannelWorkers", "", "") }, org.Absent},
		{"a manager came, although named", func(c *chain) { fallback(c, "W1").managed("u1", "W2") }, org.Absent},
		{"named, unlicensed", func(c *chain) { fallback(c, "W1", "W2").but("W1", unlicensed) }, org.Stays},
		{"named after another", func(c *chain) { fallback(c, "W2", "W1").but("W1", unlicensed) }, org.Absent},
		{"disabled", func(c *chain) { fallback(c, "W1").but("W1", disabled) }, org.LeftCompany},
		{"named, a manager is a node's", func(c *chain) { fallback(c, "W1").but("W1", unlicensed).below("p1", "north").region("north", "W2") }, org.Absent},
	})
}
