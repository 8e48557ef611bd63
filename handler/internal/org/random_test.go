package org_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
)

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
		got := c.roster()
		for _, q := range c.questions() {
			if got, want := ask(got.Evidence, q), ask(want.Evidence, q); got != want {
				t.Fatalf("%+v after shuffling: %+v\nbefore: %+v", q, got, want)
			}
		}
		got.Evidence, want.Evidence = nil, nil
		if !reflect.DeepEqual(got, want) {
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
		usable := u.Enabled == org.Yes && u.Licensed && (c.rules.AllowGuests || !u.Guest)
		switch {
		case i > 0 && bytes.Compare(team.Entries[i-1].User[:], e.User[:]) >= 0:
			t.Errorf("%s: people out of order or twice: %s", team.Key, c.people(team))
		case !exists || u.Enabled == org.No || u.Deleted:
			t.Errorf("%s: %s is nobody", team.Key, e.User)
		case c.blocked(e.User, team.Key):
			t.Errorf("%s: %s is blocked", team.Key, c.label(e.User))
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
	case len(owners) == 0 && c.rules.MaxCaretakerTeams >= len(c.Stores) && slices.ContainsFunc(c.rules.FallbackOwners, c.eligible(team.Key)):
		t.Errorf("%s has no owner although a fallback owner is free", team.Key)
	}
}

// eligible reports whether an entry of FALLBACK_OWNERS names somebody who may own.
func (c *chain) eligible(key org.TeamKey) func(entry string) bool {
	return func(entry string) bool {
		return slices.ContainsFunc(c.users, func(u org.User) bool {
			return (u.UPN == entry || u.ID.String() == entry) && u.Enabled == org.Yes && u.Licensed && !u.Guest && !u.Deleted && !c.blocked(u.ID, key)
		})
	}
}

// blocked reports whether an operator keeps a user out of a team.
func (c *chain) blocked(user org.UserID, key org.TeamKey) bool {
	return slices.ContainsFunc(c.rules.Blocks, func(b org.Block) bool {
		return b.User == user && (b.Store == "" || strings.EqualFold(string(b.Store), string(key.Store)))
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
