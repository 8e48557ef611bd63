package org_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// drawChain draws rows from so few values that they meet: dates around now,
// names that hold together or do not, empty ones, loops.
func drawChain(t *rapid.T) *chain {
	c := &chain{rules: drawRules(t)}
	number := pick("1", "2", "a", "A", "2-b", "4711")
	channel := pick("", "c1", "c2", "c3", "c4")
	unit := pick("", "u1", "u2", "u3", "u4")
	party := pick("", "p1", "p2", "p3", "p4")
	worker := pick("W1", "W2", "W3", "W4", "W5")
	manager := pick("W1", "W2", "W3", "W4", "W5", "", "W9")
	user := pick("ada", "Ada", "bea", "cy", "")
	position := pick("P1", "P2", "P3")
	object := pick("", "?", id("A").String(), id("B").String(), strings.ToUpper(id("C").String()), id("nobody").String())
	alias := pick("", "a@example.com", "B@EXAMPLE.COM", "d@example.com", "x@example.com")
	label := pick("Lakeside", "lakeside ", "Ada's shop", "Communications", "", "A (1)")
	hierarchy := pick("Retail", "retail", "Other")
	flag := rapid.SampledFrom([]org.Flag{org.Yes, org.No, org.Unknown})
	date := rapid.SampledFrom([]time.Time{{}, {}, now.Add(-time.Hour), now, now.Add(time.Hour)})
	for i := range 6 {
		u := org.User{ID: id(string(rune('A' + i))), UPN: string(rune('a'+i)) + "@example.com"}
		u.Enabled, u.Licensed = rapid.IntRange(0, 4).Draw(t, "disabled") < 4, rapid.IntRange(0, 4).Draw(t, "unlicensed") < 4
		u.Guest = rapid.IntRange(0, 4).Draw(t, "guest") == 4
		c.users = append(c.users, u)
	}
	c.Stores = rows(t, func() org.Store {
		return org.Store{Number: org.StoreNumber(number(t)), Channel: channel(t), Unit: unit(t), Party: party(t)}
	})
	c.Units = rows(t, func() org.Unit {
		return org.Unit{Number: unit(t), Party: party(t), Name: label(t), Manager: org.PersonnelNumber(manager(t))}
	})
	c.Workers = rows(t, func() org.Worker { return org.Worker{Number: org.PersonnelNumber(worker(t)), Party: party(t)} })
	c.ChannelWorkers = rows(t, func() org.ChannelWorker {
		return org.ChannelWorker{Channel: channel(t), Worker: org.PersonnelNumber(worker(t)), Active: flag.Draw(t, "active")}
	})
	c.Employments = rows(t, func() org.Employment {
		return org.Employment{Worker: org.PersonnelNumber(worker(t)), End: date.Draw(t, "end")}
	})
	c.Staff = rows(t, func() org.Staff {
		return org.Staff{Worker: org.PersonnelNumber(manager(t)), ObjectID: object(t), Alias: alias(t)}
	})
	c.PersonUsers = rows(t, func() org.PersonUser {
		return org.PersonUser{Party: party(t), User: user(t), From: date.Draw(t, "from"), To: date.Draw(t, "to")}
	})
	c.SystemUsers = rows(t, func() org.SystemUser { return org.SystemUser{ID: user(t), Alias: alias(t), ObjectID: object(t)} })
	c.Assignments = rows(t, func() org.Assignment {
		return org.Assignment{Position: position(t), Worker: org.PersonnelNumber(worker(t)), From: date.Draw(t, "from"), To: date.Draw(t, "to")}
	})
	c.Positions = rows(t, func() org.Position { return org.Position{ID: position(t), Department: unit(t), Title: label(t)} })
	c.PositionPermissions = rows(t, func() org.PositionPermission {
		return org.PositionPermission{Position: position(t), Manager: flag.Draw(t, "manager"), Group: user(t)}
	})
	c.PermissionGroups = rows(t, func() org.PermissionGroup { return org.PermissionGroup{ID: user(t), Manager: flag.Draw(t, "manager")} })
	c.Hierarchy = rows(t, func() org.HierarchyLink {
		return org.HierarchyLink{
			Hierarchy: hierarchy(t), Parent: party(t), Child: party(t), ParentName: label(t), ChildName: label(t),
			From: date.Draw(t, "from"), To: date.Draw(t, "to"),
		}
	})
	c.Purposes = rows(t, func() org.HierarchyPurpose {
		return org.HierarchyPurpose{Hierarchy: hierarchy(t), Purpose: "RetailReporting", Default: flag.Draw(t, "default")}
	})
	c.Roles = rows(t, func() org.RoleAssignment {
		return org.RoleAssignment{User: user(t), Role: position(t), Name: pick("Retail task manager", "Clerk")(t), Status: pick("", "Disabled")(t)}
	})
	c.RoleOrganizations = rows(t, func() org.RoleOrganization {
		return org.RoleOrganization{User: user(t), Role: position(t), Organization: unit(t)}
	})
	return c
}

func drawRules(t *rapid.T) org.Rules {
	person := pick("a@example.com", "b@example.com", "c@example.com", id("D").String(), "x@example.com")
	return org.Rules{
		Instance:               "test",
		Scope:                  rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "p1", "Lakeside", "x", "c1"}), 0, 2).Draw(t, "scope"),
		Hierarchy:              pick("", "", "Other")(t),
		TeamName:               pick("{name} ({number})", "{name}")(t),
		CommunicationsTeamName: "Communications",
		CommunicationsRole:     pick("Retail task manager", "P1")(t),
		FallbackOwners:         rows(t, func() string { return person(t) }),
		CommunicationsOwners:   rows(t, func() string { return person(t) }),
		ManagerRule:            rapid.SampledFrom([]org.ManagerRule{org.RuleAuto, org.RuleUnit, org.RuleDepartment, org.RuleStore}).Draw(t, "rule"),
		ManagerTitles:          rapid.SliceOfN(rapid.SampledFrom([]string{"lakeside", "", "Ada's shop"}), 0, 2).Draw(t, "titles"),
		AllowGuests:            rapid.Bool().Draw(t, "guests"),
		MaxCaretakerTeams:      rapid.IntRange(0, 7).Draw(t, "limit"),
	}
}

func pick(values ...string) func(*rapid.T) string {
	return func(t *rapid.T) string { return rapid.SampledFrom(values).Draw(t, "text") }
}

// rows draws up to six rows.
func rows[R any](t *rapid.T, draw func() R) []R {
	var all []R
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		all = append(all, draw())
	}
	return all
}

// eachTable calls do with every slice of rows of a snapshot.
func eachTable(s *org.Snapshot, do func(name string, table reflect.Value)) {
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.Slice {
			do(v.Type().Field(i).Name, v.Field(i))
		}
	}
}

// copied is a snapshot with rows of its own.
func copied(s org.Snapshot) org.Snapshot {
	eachTable(&s, func(_ string, table reflect.Value) {
		table.Set(reflect.AppendSlice(reflect.MakeSlice(table.Type(), 0, table.Len()), table))
	})
	return s
}

// TestRandomChains: whatever the rows, the roster keeps the rules of its own
// form, and building it changes nothing.
func TestRandomChains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChain(t)
		before, rules := copied(c.Snapshot), c.rules
		rules.Scope, rules.FallbackOwners = slices.Clone(rules.Scope), slices.Clone(rules.FallbackOwners)
		r := c.roster()
		checkRules(t, c, r)
		eachTable(&before, func(name string, was reflect.Value) {
			if is := reflect.ValueOf(c.Snapshot).FieldByName(name); was.Len() > 0 && !reflect.DeepEqual(was.Interface(), is.Interface()) {
				t.Fatalf("%s was changed", name)
			}
		})
		if !slices.Equal(rules.Scope, c.rules.Scope) || !slices.Equal(rules.FallbackOwners, c.rules.FallbackOwners) {
			t.Fatal("the rules were changed")
		}
	})
}

// TestOrderOfRows never matters, nor does a row that comes twice: a page that is
// read again must not make a difference. (Of stores it is reported.)
func TestOrderOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChain(t)
		want := c.roster()
		eachTable(&c.Snapshot, func(name string, table reflect.Value) {
			order := rapid.Permutation(indexes(table.Len())).Draw(t, name)
			again := rapid.SliceOfN(rapid.SampledFrom(append(order, 0)), 0, 2).Draw(t, name+" again")
			shuffled := reflect.MakeSlice(table.Type(), 0, table.Len())
			for _, i := range order {
				shuffled = reflect.Append(shuffled, table.Index(i))
			}
			if name != "Stores" && len(order) > 0 {
				for _, i := range again {
					shuffled = reflect.Append(shuffled, table.Index(i))
				}
			}
			table.Set(shuffled)
		})
		if got := c.roster(); !reflect.DeepEqual(got, want) {
			t.Fatalf("after shuffling: %+v\nbefore: %+v", got, want)
		}
	})
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkRules checks what holds for every roster.
func checkRules(t failer, c *chain, r org.Roster) {
	t.Helper()
	users := map[org.UserID]org.User{}
	for _, u := range c.users {
		users[u.ID] = u
	}
	if len(r.Teams) == 0 || r.Teams[0].Key != org.Communications {
		t.Errorf("the communications team is not the first")
	}
	for i, team := range r.Teams {
		if i > 0 && !r.Teams[i-1].Key.Less(team.Key) {
			t.Errorf("%s comes after %s", team.Key, r.Teams[i-1].Key)
		}
		checkTeam(t, c, users, team)
	}
	if !slices.IsSortedFunc(r.Unmapped, func(a, b org.Unmapped) int { return strings.Compare(string(a.Worker), string(b.Worker)) }) {
		t.Errorf("unmapped workers out of order: %s", unmapped(r))
	}
	for i, u := range r.Unmapped {
		if u.Worker == "" || u.Cause == "" || i > 0 && r.Unmapped[i-1].Worker == u.Worker {
			t.Errorf("unmapped: %+v", u)
		}
	}
	ownerless := map[org.TeamKey]bool{}
	for _, f := range r.Findings {
		if f.Code == org.NoOwner {
			ownerless[f.Team] = true
		}
		if f.Code == "" || f.Text == "" || strings.Contains(f.Text, "@") || strings.Contains(f.Text, "Ada") {
			t.Errorf("finding %q: %q", f.Code, f.Text)
		}
	}
	for _, team := range r.Teams {
		if ownerless[team.Key] != (len(team.Owners()) == 0) {
			t.Errorf("%s is reported as without an owner: %v; %s", team.Key, ownerless[team.Key], c.people(team))
		}
	}
}

func checkTeam(t failer, c *chain, users map[org.UserID]org.User, team org.Team) {
	t.Helper()
	for i, e := range team.Entries {
		u, exists := users[e.User]
		usable := u.Enabled && u.Licensed && (c.rules.AllowGuests || !u.Guest)
		switch {
		case i > 0 && bytes.Compare(team.Entries[i-1].User[:], e.User[:]) >= 0:
			t.Errorf("%s: people out of order or twice: %s", team.Key, c.people(team))
		case !exists || !u.Enabled:
			t.Errorf("%s: %s is nobody", team.Key, e.User)
		case e.StayOnly == usable:
			t.Errorf("%s: %s stays only: %v", team.Key, c.label(e.User), e.StayOnly)
		case e.Role == org.Owner && u.Guest:
			t.Errorf("%s: guest %s is owner", team.Key, c.label(e.User))
		case e.Worker == "" && (e.Reason <= org.StoreManager || e.Reason == org.StoreWorker):
			t.Errorf("%s: %s is there as a worker without a number", team.Key, c.label(e.User))
		}
	}
	standIns := slices.DeleteFunc(slices.Clone(team.Entries), func(e org.Entry) bool {
		return e.Reason < org.CaretakerNode || e.Reason > org.CaretakerFallback
	})
	switch owners := team.Owners(); {
	case team.Caretaker && (len(owners) != 1 || len(standIns) != 1 || standIns[0] != owners[0]):
		t.Errorf("%s: the caretaker is not the only owner: %s", team.Key, c.people(team))
	case !team.Caretaker && len(standIns) > 0:
		t.Errorf("%s: a caretaker unannounced: %s", team.Key, c.people(team))
	case len(owners) == 0 && c.rules.MaxCaretakerTeams >= len(c.Stores) && slices.ContainsFunc(c.rules.FallbackOwners, c.eligible):
		t.Errorf("%s has no owner although a fallback owner is free", team.Key)
	}
}

// eligible reports whether an entry of FALLBACK_OWNERS names somebody who may own.
func (c *chain) eligible(entry string) bool {
	return slices.ContainsFunc(c.users, func(u org.User) bool {
		return (u.UPN == entry || u.ID.String() == entry) && u.Enabled && u.Licensed && !u.Guest
	})
}

// TestOddSnapshots: no rows at all, rows with nothing in them, a hierarchy of
// thousands of levels, and one that is a single loop.
func TestOddSnapshots(t *testing.T) {
	empty := newChain()
	eachTable(&empty.Snapshot, func(_ string, table reflect.Value) {
		table.Set(reflect.MakeSlice(table.Type(), 3, 3))
	})
	empty.Stores = []org.Store{{Number: "1"}, {Number: "1"}, {Number: "2"}} // a number is never empty
	nothing := &chain{Snapshot: empty.Snapshot}
	deep, loop := newChain(), newChain()
	for n := range 5000 {
		deep.below(fmt.Sprintf("p%d", n+1), fmt.Sprintf("p%d", n+2))
		loop.below(fmt.Sprintf("p%d", n+1), fmt.Sprintf("p%d", (n+1)%5000+1))
	}
	deep.region("p5001", "W1")
	for name, c := range map[string]*chain{
		"nothing": {}, "empty rows": empty, "empty rows and rules": nothing, "deep": deep, "loop": loop,
	} {
		t.Run(name, func(t *testing.T) { checkRules(t, c, c.roster()) })
	}
	if got, want := deep.people(team(t, deep.roster(), "1")), "W1 owner node"; got != want {
		t.Errorf("5,000 levels: %s, want %s", got, want)
	}
}
