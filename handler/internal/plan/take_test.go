package plan_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

func TestWhoIsNotWantedGoes(t *testing.T) {
	two := []org.Entry{owner(1), member(2)}
	check(t, map[string]expectation{
		"still belongs":            {entries: two, found: there(nil)},
		"absent":                   {entries: two, found: there(nil), evidence: left(org.Absent, 3), want: []string{"remove 3"}},
		"left the store":           {entries: two, found: there(nil), evidence: left(org.LeftStore, 3), want: []string{"remove 3"}},
		"left the company":         {entries: two, found: there(nil), evidence: left(org.LeftCompany, 3), want: []string{"remove 3"}},
		"blocked":                  {entries: two, found: there(nil), evidence: left(org.Blocked, 3), want: []string{"remove 3"}},
		"MODE=add takes nobody":    {adds: true, entries: two, found: there(nil), evidence: left(org.Blocked, 3)},
		"not managed":              {entries: two, found: there(func(f *plan.Found) { f.Managed = managed(-1, 2) }), evidence: left(org.LeftCompany, 3)},
		"gone already":             {entries: two, found: there(func(f *plan.Found) { f.People = people(-1, 2) }), evidence: left(org.LeftCompany, 3)},
		"wanted, whatever is said": {found: there(nil), evidence: left(org.LeftCompany, 1, 2, 3)},
		"protected": {entries: two, found: there(nil), evidence: table{leaves: map[int]org.Leave{3: org.Blocked}, protected: map[int]bool{3: true}},
			want: []string{"skipped, protected, remove 3"}},
		"protected, but staying": {found: there(nil), evidence: table{protected: map[int]bool{3: true}}},
		"adding goes first": {entries: []org.Entry{owner(4), member(2), member(5)}, found: there(nil), evidence: left(org.LeftStore, 1, 3),
			want: []string{"add owner 4", "add member 5", "remove 1", "remove 3"}},
	})
}

func TestDemotions(t *testing.T) {
	now := []org.Entry{member(1), owner(2), member(3)}
	both := there(func(f *plan.Found) { f.People, f.Managed = people(-1, -2, 3), managed(-1, -2, 3) })
	check(t, map[string]expectation{
		"position ended":       {entries: now, found: both, evidence: left(org.LeftStore, 1), want: []string{"demote 1"}},
		"no row any more":      {entries: now, found: both, evidence: left(org.Absent, 1), want: []string{"demote 1"}},
		"not known":            {entries: now, found: both},
		"MODE=add":             {adds: true, entries: now, found: both, evidence: left(org.LeftStore, 1)},
		"still to be an owner": {found: both, evidence: left(org.LeftStore, 1)},
		"made an owner by hand": {entries: now, found: there(func(f *plan.Found) { f.People, f.Managed = people(-1, -2, 3), managed(1, -2, 3) }),
			evidence: left(org.LeftStore, 1)},
		"demoted by hand": {entries: now, found: there(func(f *plan.Found) { f.People, f.Managed = people(1, -2, 3), managed(-1, -2, 3) }),
			evidence: left(org.LeftStore, 1)},
		"not managed": {entries: now, found: there(func(f *plan.Found) { f.People, f.Managed = people(-1, -2, 3), managed(-2, 3) }),
			evidence: left(org.LeftStore, 1)},
		"protected": {entries: now, found: both, evidence: table{leaves: map[int]org.Leave{1: org.LeftStore}, protected: map[int]bool{1: true}},
			want: []string{"skipped, protected, demote 1"}},
		"the successor is promoted first": {entries: now, found: there(nil), evidence: left(org.Absent, 1), want: []string{"promote 2", "demote 1"}},
	})
}

func TestOwnersMadeByHandWhoAreNotWanted(t *testing.T) {
	two := []org.Entry{owner(1), member(2)}
	byHand := there(func(f *plan.Found) { f.People = people(-1, 2, -3) }) // 3 is managed as a member
	check(t, map[string]expectation{
		"no row any more":  {entries: two, found: byHand, evidence: left(org.Absent, 3), want: []string{"remove 3"}},
		"another account":  {entries: two, found: byHand, evidence: table{leaves: map[int]org.Leave{3: org.Replaced}, successors: map[int]int{3: 2}}, want: []string{"remove 3"}},
		"left the store":   {entries: two, found: byHand, evidence: left(org.LeftStore, 3), want: []string{"remove 3"}},
		"left the company": {entries: two, found: byHand, evidence: left(org.LeftCompany, 3), want: []string{"remove 3"}},
		"demoted by hand":  {entries: two, found: there(func(f *plan.Found) { f.Managed = managed(-1, 2, -3) }), evidence: left(org.Absent, 3), want: []string{"remove 3"}},
	})
}

func TestReplacedWaitsForTheSuccessor(t *testing.T) {
	replaced := func(by int) table {
		return table{leaves: map[int]org.Leave{3: org.Replaced}, successors: map[int]int{3: by}}
	}
	withThem := there(func(f *plan.Found) { f.People = people(-1, 2, 3, 4) })
	withFour := func(e org.Entry) []org.Entry { return []org.Entry{owner(1), member(2), e} }
	check(t, map[string]expectation{
		"who comes":            {entries: withFour(member(4)), found: there(nil), evidence: replaced(4), want: []string{"add member 4", "remove 3"}},
		"who is there":         {entries: withFour(member(4)), found: withThem, evidence: replaced(4), want: []string{"remove 3"}},
		"who is there by hand": {entries: []org.Entry{owner(1), member(2)}, found: withThem, evidence: replaced(4), want: []string{"remove 3"}},
		"who may only stay":    {entries: withFour(stayOnly(member(4))), found: there(nil), evidence: replaced(4)},
		"who may stay, there":  {entries: withFour(stayOnly(member(4))), found: withThem, evidence: replaced(4), want: []string{"remove 3"}},
		"who does not come":    {entries: []org.Entry{owner(1), member(2)}, found: there(nil), evidence: replaced(4)},
		"nobody":               {entries: []org.Entry{owner(1), member(2)}, found: there(nil), evidence: replaced(0)},
	})
	p := expectation{entries: withFour(member(4)), found: there(nil), evidence: replaced(4)}.build()
	if want := (plan.Change{Team: lakeside.Key, Kind: plan.Remove, Group: "g-1", User: user(3), Worker: worker(3),
		Leave: org.Replaced, After: user(4)}); p.Changes[1] != want {
		t.Errorf("the removal is %+v", p.Changes[1])
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	nobody := []org.Entry{member(9)} // no owner may come
	all := func(numbers ...int) *plan.Found {
		return there(func(f *plan.Found) { f.People, f.Managed = people(numbers...), managed(numbers...) })
	}
	one, two := all(-1, 9), all(-1, -2, 9)
	mixed := func(leaves map[int]org.Leave) table { return table{leaves: leaves} }
	check(t, map[string]expectation{
		"the only one": {entries: nobody, found: one, evidence: left(org.Blocked, 1), want: []string{"skipped, last owner, remove 1"}},
		"members go all the same": {entries: nobody, found: all(-1, 2, 9), evidence: left(org.LeftStore, 1, 2),
			want: []string{"remove 2", "skipped, last owner, remove 1"}},
		"one of two, the one with the company": {entries: nobody, found: two,
			evidence: mixed(map[int]org.Leave{1: org.LeftCompany, 2: org.LeftStore}), want: []string{"remove 1", "skipped, last owner, remove 2"}},
		"whatever their order": {entries: nobody, found: two,
			evidence: mixed(map[int]org.Leave{1: org.LeftStore, 2: org.LeftCompany}), want: []string{"remove 2", "skipped, last owner, remove 1"}},
		"rather who is still a member": {entries: []org.Entry{member(2), member(9)}, found: two,
			evidence: mixed(map[int]org.Leave{1: org.Absent, 2: org.LeftStore}), want: []string{"remove 1", "skipped, last owner, demote 2"}},
		"a stranger owns it too": {entries: nobody, found: there(func(f *plan.Found) { f.People, f.Managed = people(-1, -5, 9), managed(-1, 9) }), evidence: left(org.Absent, 1), want: []string{"remove 1"}},
		"a protected one owns it": {entries: nobody, found: two, evidence: table{leaves: left(org.Absent, 1, 2).leaves, protected: map[int]bool{2: true}},
			want: []string{"remove 1", "skipped, protected, remove 2"}},
		"one owner is wanted": {entries: []org.Entry{owner(2), member(9)}, found: two, evidence: left(org.Absent, 1), want: []string{"remove 1"}},
		"another is added":    {entries: []org.Entry{owner(4), member(9)}, found: one, evidence: left(org.Absent, 1), want: []string{"add owner 4", "remove 1"}},
		"another is promoted": {entries: []org.Entry{owner(9)}, found: one, evidence: left(org.Absent, 1), want: []string{"promote 9", "remove 1"}},
		"another may only stay": {entries: []org.Entry{stayOnly(owner(4)), member(9)}, found: one, evidence: left(org.Absent, 1),
			want: []string{"skipped, last owner, remove 1"}},
		"a member who comes": {entries: []org.Entry{member(4), member(9)}, found: one, evidence: left(org.Absent, 1),
			want: []string{"add member 4", "skipped, last owner, remove 1"}},
		"there was none": {entries: nobody, found: all(1, 9), evidence: left(org.Absent, 1), want: []string{"remove 1"}},
	})
}

func TestWithoutEvidenceEverybodyStays(t *testing.T) {
	var roster org.Roster // its Evidence is nil
	team := lakeside
	team.Entries = []org.Entry{member(1)}
	roster.Teams = []org.Team{team}
	found := map[org.TeamKey]plan.Found{team.Key: *there(nil)}
	if p := plan.Build(roster, found, roster.Evidence, plan.Options{Takes: true}); len(p.Changes)+len(p.Skipped) != 0 {
		t.Errorf("planned %q", said(p))
	}
}
