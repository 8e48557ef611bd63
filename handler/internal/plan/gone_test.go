package plan_test

import (
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

func yes(plan.Halt) bool { return true }

func TestDeletedGroups(t *testing.T) {
	again := there(func(f *plan.Found) { f.Existence, f.RestoredLately = plan.Deleted, true })
	check(t, map[string]expectation{
		"once":               {found: there(func(f *plan.Found) { f.Existence, f.People = plan.Deleted, nil }), want: []string{"restore team"}},
		"once, MODE=add":     {adds: true, found: there(func(f *plan.Found) { f.Existence = plan.Deleted }), want: []string{"restore team"}},
		"again":              {found: again, want: []string{"held, deleted, restore team"}},
		"again, and allowed": {found: again, allowed: yes, want: []string{"restore team"}},
		"restored, and here": {found: there(func(f *plan.Found) { f.RestoredLately = true })},
	})
}

func TestPurgedGroups(t *testing.T) {
	purged := there(func(f *plan.Found) { f.Existence, f.People = plan.Purged, nil })
	anew := []string{"create team 1", "add member 2", "add member 3"}
	check(t, map[string]expectation{
		"held":                         {found: purged, want: []string{"held, new team, create team"}},
		"held, ADOPT=yes":              {found: purged, adopt: true, want: []string{"held, new team, create team"}},
		"allowed":                      {found: purged, allowed: yes, want: anew},
		"allowed, but nobody owns it":  {found: purged, allowed: yes, entries: []org.Entry{member(2)}, want: []string{"skipped, not ours"}},
		"restored lately is past then": {found: there(func(f *plan.Found) { f.Existence, f.RestoredLately = plan.Purged, true }), allowed: yes, want: anew},
	})

	held := expectation{found: purged}.build().Held[0]
	if group := held.Changes[0].Group; group != "g-1" {
		t.Errorf("the hold names group %q", group)
	}
	once := func(h plan.Halt) bool { return h.Hash() == held.Hash() }
	next := *purged
	next.Group = "g-2"
	check(t, map[string]expectation{
		"its hash allows it":        {found: purged, allowed: once, want: anew},
		"but not a second new team": {found: &next, allowed: once, want: []string{"held, new team, create team"}},
	})
	for _, c := range (expectation{found: purged, allowed: yes}).build().Changes {
		if c.Group != "" {
			t.Errorf("%s speaks of group %s, which is gone", c, c.Group)
		}
	}
}

func TestFrozenTeams(t *testing.T) {
	frozen := func(change func(*plan.Found)) *plan.Found {
		f := there(func(f *plan.Found) {
			f.Frozen, f.Name, f.People, f.Managed = true, "Old", people(-1, 2, 3, 4, 5, 9), managed(-1, 2, 3, 4, 5, 6)
		})
		if change != nil {
			change(f)
		}
		return f
	}
	due := func(change func(*plan.Found)) *plan.Found {
		f := frozen(func(f *plan.Found) { f.ArchiveDue = true })
		if change != nil {
			change(f)
		}
		return f
	}
	all := table{leaves: map[int]org.Leave{
		2: org.Absent, 3: org.LeftStore, 4: org.LeftCompany, 5: org.Blocked, 6: org.LeftCompany, 9: org.LeftCompany,
	}}
	replaced := table{leaves: map[int]org.Leave{2: org.Replaced}, successors: map[int]int{2: 3}}
	check(t, map[string]expectation{
		"only who left the company goes": {unwanted: true, found: frozen(nil), evidence: all, want: []string{"remove 4", "remove 5"}},
		"not who has another account":    {unwanted: true, found: frozen(nil), evidence: replaced},
		"archived when due":              {unwanted: true, found: due(nil), evidence: all, want: []string{"remove 4", "remove 5", "archive"}},
		"archived already":               {unwanted: true, found: due(func(f *plan.Found) { f.Archived = true }), evidence: all, want: []string{"remove 4", "remove 5"}},
		"MODE=add":                       {adds: true, unwanted: true, found: due(nil), evidence: all},
		"blocked":                        {unwanted: true, found: due(func(f *plan.Found) { f.Blocked = "dynamic" }), evidence: all},
		"unclear":                        {unwanted: true, found: due(func(f *plan.Found) { f.Unclear = "two groups" }), evidence: all},
		"deleted":                        {unwanted: true, found: due(func(f *plan.Found) { f.Existence = plan.Deleted }), evidence: all},
		"purged":                         {unwanted: true, found: due(func(f *plan.Found) { f.Existence = plan.Purged }), evidence: all},
		"no team":                        {unwanted: true, found: due(func(f *plan.Found) { f.HasTeam = false }), evidence: all},
		"never ours":                     {unwanted: true, adopt: true, found: due(func(f *plan.Found) { f.Origin = plan.Mapped }), evidence: all},
		"due, but not frozen":            {unwanted: true, found: due(func(f *plan.Found) { f.Frozen = false }), evidence: all},
		"protected": {unwanted: true, found: frozen(nil), evidence: table{leaves: left(org.Blocked, 5).leaves, protected: map[int]bool{5: true}},
			want: []string{"skipped, protected, remove 5"}},
		"last owner":     {unwanted: true, found: frozen(nil), evidence: left(org.LeftCompany, 1, 4), want: []string{"remove 4", "skipped, last owner, remove 1"}},
		"one of two":     {unwanted: true, found: frozen(func(f *plan.Found) { f.People[1].Role = org.Owner }), evidence: left(org.LeftCompany, 1), want: []string{"remove 1"}},
		"the store back": {found: due(func(f *plan.Found) { f.People, f.Managed = people(-1, 2), managed(-1, 2) }), want: []string{"rename", "add member 3"}},
		"back, archived": {found: frozen(func(f *plan.Found) {
			f.Frozen, f.Name, f.Archived, f.ArchivedByUs, f.People, f.Managed = false, lakeside.Name, true, true, people(-1, 2, 3), managed(-1, 2, 3)
		}), want: []string{"unarchive"}},
	})
}

func TestFrozenTeamsAreInOrder(t *testing.T) {
	found := map[org.TeamKey]plan.Found{}
	var want []string
	for _, number := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		found[store(number)] = *there(func(f *plan.Found) { f.Frozen, f.ArchiveDue = true, true })
		want = append(want, "store "+number)
	}
	p := plan.Build(org.Roster{Hold: "held"}, found, left(org.LeftCompany, 1), plan.Options{Takes: true})
	var archived, kept []string
	for _, c := range p.Changes {
		archived = append(archived, c.Team.String())
	}
	for _, h := range p.Skipped {
		kept = append(kept, h.Team.String())
	}
	if !slices.Equal(archived, want) || !slices.Equal(kept, want) || p.Hold != "held" {
		t.Errorf("archived %q, kept the owner of %q, hold %q", archived, kept, p.Hold)
	}
}
