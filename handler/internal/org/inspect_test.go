package org_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// TestInspectionAgrees: whatever the rows, an inspection tells of each entry the
// rule that put it there, the account that counts, and of each caretaker that it
// was their turn.
func TestInspectionAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChain(t)
		users := org.NewUsers(c.users)
		r := org.BuildRoster(c.Snapshot, users, c.rules, now)
		inspection := org.Inspect(c.Snapshot, users, c.rules, r, now)
		for _, team := range r.Teams {
			if !team.Key.IsStore() {
				continue
			}
			rows, listed := inspection.Store(org.StoreNumber(strings.ToUpper(string(team.Key.Store))))
			if !listed || rows.Number != team.Key.Store || rows.Presence != org.InScope || len(c.rules.Scope) > 0 && len(rows.Scope) == 0 {
				t.Fatalf("%s has a team: %+v, %v", team.Key, rows, listed)
			}
			for _, e := range team.Entries {
				checkEntry(t, c, inspection, team, e)
			}
			if turns := inspection.Turns(team.Key.Store); team.Caretaker {
				last := turns[len(turns)-1]
				if owner := team.Owners()[0]; last.Obstacle != org.Free || last.Account.User.ID != owner.User || last.Reason != owner.Reason || last.Worker != owner.Worker {
					t.Fatalf("%s: %+v stands in, and the last turn is %+v", team.Key, owner, last)
				}
			} else if len(team.Owners()) == 0 && slices.ContainsFunc(turns, func(turn org.Turn) bool { return turn.Obstacle == org.Free }) {
				t.Fatalf("%s has no owner, and somebody is free to stand in: %+v", team.Key, turns)
			}
		}
		for _, u := range r.Unmapped {
			if a := inspection.Account(u.Worker); a.Cause != u.Cause || a.Cause.Trouble() == "" {
				t.Fatalf("worker %s is unmapped (%s), and their account %+v", u.Worker, u.Cause, a)
			}
		}
	})
}

// checkEntry checks that an inspection finds the reason for an entry.
func checkEntry(t *rapid.T, c *chain, inspection *org.Inspection, team org.Team, e org.Entry) {
	if e.Worker == "" {
		return
	}
	a := inspection.Account(e.Worker)
	if a.User.ID != e.User || !a.Found || (a.Cause == "") == e.StayOnly {
		t.Fatalf("%s: entry %+v, and the account %+v", team.Key, e, a)
	}
	tried := slices.DeleteFunc(slices.Clone(a.Records), func(r org.Recorded) bool { return !r.Tried })
	if len(tried) == 0 || tried[len(tried)-1].User.ID != e.User || tried[len(tried)-1].Cause != "" {
		t.Fatalf("%s: the account was found, and the last one tried is %+v", e.Worker, tried)
	}
	if !slices.Contains(inspection.RecordedFor(a.User), e.Worker) {
		t.Fatalf("%s: %s is not recorded for them: %v", team.Key, c.label(e.User), inspection.RecordedFor(a.User))
	}
	if org.CaretakerNode <= e.Reason && e.Reason <= org.CaretakerFallback {
		return
	}
	claims := inspection.Claims(team.Key.Store, e.Worker)
	if !slices.ContainsFunc(claims, func(claim org.Claim) bool { return claim.Reason == e.Reason && claim.Denied == org.Stays }) {
		t.Fatalf("%s: entry %+v, and the claims %+v", team.Key, e, claims)
	}
	if rows := inspection.Worker(e.Worker); !slices.Contains(inspection.StoresOf(e.Worker, rows), team.Key.Store) {
		t.Fatalf("%s: no row of %s names the store: %+v", team.Key, e.Worker, rows)
	}
}

// A row that could not be read matters to those it may be about.
func TestInspectUnread(t *testing.T) {
	c := newChain()
	c.BadRows = []org.BadRow{
		{Collection: "Workers", Row: "w1", Worker: "W1"},
		{Collection: "RetailChannelWorkers", Row: "w2", Worker: "W2", Channel: c.Stores[0].Channel},
		{Collection: "RetailStores", Row: "any"},
		{Collection: "RetailChannelWorkers", Row: "callcentre", Worker: "W1", Channel: "none"},
	}
	users := org.NewUsers(c.users)
	inspection := org.Inspect(c.Snapshot, users, c.rules, c.roster(), now)
	key := org.TeamKey{Store: c.Stores[0].Number}
	for _, want := range []struct {
		worker org.PersonnelNumber
		rows   string
	}{{"W1", "w1 any"}, {"W2", "w2 any"}, {"W3", "any"}, {"", "any"}} {
		var got []string
		for _, row := range inspection.Unread(want.worker, key) {
			got = append(got, row.Row)
		}
		if strings.Join(got, " ") != want.rows {
			t.Errorf("worker %q: %v, want %s", want.worker, got, want.rows)
		}
	}
	if stores := inspection.StoresOf("W2", org.WorkerRows{}); !slices.Contains(stores, key.Store) {
		t.Errorf("a row of W2 that could not be read names %s: %v", key.Store, stores)
	}
}

// An entry of a setting stands for a user by id, known or not, or by UPN.
func TestIDOf(t *testing.T) {
	known, gone, unknown := id("A"), id("B"), id("nobody")
	users := org.NewUsers([]org.User{{ID: known, UPN: "a@example.com"}, {ID: gone, UPN: "b@example.com", Deleted: true}})
	for entry, want := range map[string]org.UserID{
		known.String(): known, " A@Example.com ": known, gone.String(): gone, unknown.String(): unknown,
		"b@example.com": {}, "c@example.com": {}, "": {},
	} {
		if got, stands := users.IDOf(entry); got != want || stands != !want.IsZero() {
			t.Errorf("%q stands for %s, %v; want %s", entry, got, stands, want)
		}
	}
}

// An account is recorded for whom RetailStaff names it, and for whose party has
// the F&O user now; who had it once has it no more.
func TestRecordedFor(t *testing.T) {
	c := newChain()
	c.users = []org.User{{ID: id("A"), UPN: "a@example.com", Enabled: org.Yes, Licensed: true}}
	c.Staff = []org.Staff{{Worker: "W1", ObjectID: strings.ToUpper(id("A").String())}}
	c.Workers = []org.Worker{{Number: "W2", Party: "now"}, {Number: "W3", Party: "once"}, {Number: "W4", Party: "later"}}
	c.SystemUsers = []org.SystemUser{{ID: "Ada", Alias: "A@Example.com"}}
	c.PersonUsers = []org.PersonUser{
		{Party: "now", User: "ADA"}, {Party: "once", User: "ada", To: now}, {Party: "later", User: "ada", From: now.Add(1)},
	}
	users := org.NewUsers(c.users)
	inspection := org.Inspect(c.Snapshot, users, c.rules, c.roster(), now)
	if got := inspection.RecordedFor(c.users[0]); !slices.Equal(got, []org.PersonnelNumber{"W1", "W2"}) {
		t.Errorf("recorded for %v", got)
	}
	if a := inspection.Account("W2"); a.User.ID != id("A") || a.Records[0].SystemUser != "ada" || a.Records[0].Party != "now" {
		t.Errorf("the account of W2: %+v", a)
	}
}
