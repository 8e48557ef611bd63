package plan_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// A block is the one thing that takes out somebody whom Commerce never wanted.
func TestBlockedStrangers(t *testing.T) {
	withStrangers := there(func(f *plan.Found) { f.People = people(-1, 2, 3, 8, -9) })
	check(t, map[string]expectation{
		"go":                     {found: withStrangers, evidence: left(org.Blocked, 8, 9), want: []string{"remove 8", "remove 9"}},
		"stay otherwise":         {found: withStrangers, evidence: left(org.LeftCompany, 8, 9)},
		"stay in MODE=add":       {found: withStrangers, evidence: left(org.Blocked, 8, 9), adds: true},
		"stay, being protected":  {found: withStrangers, evidence: table{leaves: map[int]org.Leave{8: org.Blocked}, protected: map[int]bool{8: true}}, want: []string{"skipped, protected, remove 8"}},
		"stay as the last owner": {found: there(func(f *plan.Found) { f.People = people(2, -9) }), entries: []org.Entry{member(2)}, evidence: left(org.Blocked, 9), want: []string{"skipped, last owner, remove 9"}},
	})
}

// The manager of a store that closes is often its team's last owner, and often
// leaves then.
func TestSomebodyStandsInForTheLastOwnerOfAFrozenTeam(t *testing.T) {
	frozen := func(numbers ...int) *plan.Found {
		return there(func(f *plan.Found) { f.Frozen, f.People, f.Managed = true, people(numbers...), managed(numbers...) })
	}
	one := left(org.LeftCompany, 1)
	check(t, map[string]expectation{
		"who is not in the team": {unwanted: true, found: frozen(-1, 2), evidence: one, standIns: []org.UserID{user(7), user(8)}, want: []string{"add owner 7", "remove 1"}},
		"who is a member":        {unwanted: true, found: frozen(-1, 2), evidence: one, standIns: []org.UserID{user(2)}, want: []string{"promote 2", "remove 1"}},
		"not who goes too":       {unwanted: true, found: frozen(-1, 2), evidence: left(org.LeftCompany, 1, 2), standIns: []org.UserID{user(2), user(7)}, want: []string{"add owner 7", "remove 1", "remove 2"}},
		"not who is blocked":     {unwanted: true, found: frozen(-1, 2), evidence: table{leaves: map[int]org.Leave{1: org.LeftCompany, 7: org.Blocked}}, standIns: []org.UserID{user(7), user(8)}, want: []string{"add owner 8", "remove 1"}},
		"nobody may":             {unwanted: true, found: frozen(-1, 2), evidence: one, want: []string{"skipped, last owner, remove 1"}},
		"another owner stays":    {unwanted: true, found: frozen(-1, -2), evidence: one, standIns: []org.UserID{user(7)}, want: []string{"remove 1"}},
		"no owner goes":          {unwanted: true, found: frozen(-1, 2), evidence: left(org.LeftCompany, 2), standIns: []org.UserID{user(7)}, want: []string{"remove 2"}},
		"MODE=add":               {unwanted: true, found: frozen(-1, 2), evidence: one, adds: true, standIns: []org.UserID{user(7)}},
	})
}
