package plan_test

import (
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

func TestWhatIsLackingComes(t *testing.T) {
	check(t, map[string]expectation{
		"nothing there":           {want: []string{"create team 1", "add member 2", "add member 3"}},
		"two owners":              {entries: []org.Entry{owner(1), owner(2)}, want: []string{"create team 1", "add owner 2"}},
		"nobody may own it":       {entries: []org.Entry{member(2)}, want: []string{"skipped, not ours"}},
		"its owner may only stay": {entries: []org.Entry{stayOnly(owner(1)), member(2)}, want: []string{"skipped, not ours"}},
		"all as it should":        {found: there(nil)},
		"somebody new":            {found: there(func(f *plan.Found) { f.People, f.Managed = people(-1, 3), managed(-1, 3) }), want: []string{"add member 2"}},
		"a new owner":             {found: there(func(f *plan.Found) { f.People, f.Managed = people(-9, 2, 3), nil }), want: []string{"add owner 1"}},
		"member becomes owner":    {found: there(func(f *plan.Found) { f.People, f.Managed = people(1, 2, 3), managed(1, 2, 3) }), want: []string{"promote 1"}},
		"strangers":               {found: there(func(f *plan.Found) { f.People = people(-1, 2, 3, 9, -10) })},
		"marked":                  {found: there(func(f *plan.Found) { f.Origin, f.People, f.Managed = plan.Marked, people(-1), nil }), want: []string{"add member 2", "add member 3"}},
		"MODE=add adds the same":  {adds: true, found: there(func(f *plan.Found) { f.People, f.Managed = people(1), nil }), want: []string{"promote 1", "add member 2", "add member 3"}},
	})
}

func TestWhoMayOnlyStayIsNotAdded(t *testing.T) {
	entries := []org.Entry{owner(1), stayOnly(member(2)), stayOnly(owner(3))}
	check(t, map[string]expectation{
		"to a new team":        {entries: entries, want: []string{"create team 1"}},
		"to a team there is":   {entries: entries, found: there(func(f *plan.Found) { f.People = people(-1) })},
		"nor promoted":         {entries: entries, found: there(func(f *plan.Found) { f.People = people(-1, 2, 3) })},
		"nor taken out of it":  {entries: entries, found: there(nil), evidence: left(org.LeftCompany, 1, 2, 3)},
		"nor made its creator": {entries: []org.Entry{stayOnly(owner(1)), owner(2)}, want: []string{"create team 2"}},
	})
}

func TestNames(t *testing.T) {
	check(t, map[string]expectation{
		"renamed":              {found: there(func(f *plan.Found) { f.Name = "Old" }), want: []string{"rename"}},
		"keeps the name":       {found: there(func(f *plan.Found) { f.Name, f.KeepName = "Old", lakeside.Name })},
		"renamed since":        {found: there(func(f *plan.Found) { f.Name, f.KeepName = "Old", "Older" }), want: []string{"rename"}},
		"adopted with its own": {adopt: true, found: there(func(f *plan.Found) { f.Origin, f.Name, f.Managed = plan.Mapped, "Old", nil }), want: []string{"adopt team"}},
	})
	t.Run("a store without a name", func(t *testing.T) {
		team := org.Team{Key: lakeside.Key, Name: "000135 (000135)", Nameless: true, Entries: lakeside.Entries}
		p := plan.Build(org.Roster{Teams: []org.Team{team}}, map[org.TeamKey]plan.Found{team.Key: *there(nil)}, table{}, plan.Options{})
		if len(p.Changes) != 0 {
			t.Errorf("planned %v", p.Changes)
		}
	})
}

func TestGroupsWithoutATeam(t *testing.T) {
	check(t, map[string]expectation{
		"owned":             {found: there(func(f *plan.Found) { f.HasTeam = false }), want: []string{"make team"}},
		"owned by a guest":  {found: there(func(f *plan.Found) { f.HasTeam, f.People, f.Managed = false, people(-9, 2, 3), nil }), want: []string{"make team", "add owner 1"}},
		"without an owner":  {found: there(func(f *plan.Found) { f.HasTeam, f.People, f.Managed = false, people(1, 2), nil }), want: []string{"make team 1", "add member 3"}},
		"without anybody":   {found: there(func(f *plan.Found) { f.HasTeam, f.People, f.Managed = false, nil, nil }), want: []string{"make team 1", "add member 2", "add member 3"}},
		"nobody may own it": {entries: []org.Entry{member(2)}, found: there(func(f *plan.Found) { f.HasTeam, f.People = false, nil }), want: []string{"skipped, not ours"}},
		"nor adopt it for nothing": {adopt: true, entries: []org.Entry{member(2)},
			found: there(func(f *plan.Found) { f.HasTeam, f.Origin, f.People, f.Managed = false, plan.Mapped, nil, nil }), want: []string{"skipped, not ours"}},
		"who left does not wait for an owner": {entries: []org.Entry{member(2)}, evidence: left(org.LeftCompany, 3),
			found: there(func(f *plan.Found) { f.HasTeam, f.People = false, people(2, 3) }), want: []string{"remove 3", "skipped, not ours"}},
		"but adding is all MODE=add does": {adds: true, entries: []org.Entry{member(2)}, evidence: left(org.LeftCompany, 3),
			found: there(func(f *plan.Found) { f.HasTeam, f.People = false, people(2, 3) }), want: []string{"skipped, not ours"}},
	})
}

func TestAdoption(t *testing.T) {
	mapped := there(func(f *plan.Found) { f.Origin, f.People, f.Managed = plan.Mapped, people(-9), nil })
	var asked plan.Halt
	check(t, map[string]expectation{
		"a mapping alone": {found: mapped, want: []string{"held, adoption, adopt team"}},
		"ADOPT=yes":       {found: mapped, adopt: true, want: []string{"adopt team", "add owner 1", "add member 2", "add member 3"}},
		"allowed":         {found: mapped, allowed: func(h plan.Halt) bool { asked = h; return true }, want: []string{"adopt team", "add owner 1", "add member 2", "add member 3"}},
		"refused":         {found: mapped, allowed: func(plan.Halt) bool { return false }, want: []string{"held, adoption, adopt team"}},
		"a plain group":   {adopt: true, found: there(func(f *plan.Found) { f.Origin, f.HasTeam, f.Managed = plan.Mapped, false, nil }), want: []string{"adopt team", "make team"}},
		"blocked":         {adopt: true, found: there(func(f *plan.Found) { f.Origin, f.Blocked = plan.Mapped, "dynamic" }), want: []string{"skipped, not ours"}},
		"gone":            {adopt: true, found: there(func(f *plan.Found) { f.Origin, f.Existence = plan.Mapped, plan.Deleted }), want: []string{"create team 1", "add member 2", "add member 3"}},
	})
	held := expectation{found: mapped}.build().Held[0]
	if asked.Hash() != held.Hash() {
		t.Error("what was asked about is not what was held")
	}
	other := *mapped
	other.Group = "g-2"
	if (expectation{found: &other}).build().Held[0].Hash() == held.Hash() {
		t.Error("allowing one group to be adopted allows another")
	}
}

func TestLeftAlone(t *testing.T) {
	anybody := left(org.LeftCompany, 1, 2, 3)
	check(t, map[string]expectation{
		"blocked":             {found: there(func(f *plan.Found) { f.Blocked, f.People = "dynamic", people(3) }), evidence: anybody, want: []string{"skipped, not ours"}},
		"unclear":             {found: there(func(f *plan.Found) { f.Unclear, f.People = "two groups", people(3) }), evidence: anybody, want: []string{"held, unclear"}},
		"unclear and gone":    {found: there(func(f *plan.Found) { f.Unclear, f.Existence = "two groups", plan.Deleted }), want: []string{"held, unclear"}},
		"not in the roster":   {unwanted: true, found: there(func(f *plan.Found) { f.Name = "Old" }), evidence: anybody},
		"nor when it is gone": {unwanted: true, found: there(func(f *plan.Found) { f.Existence = plan.Deleted })},
	})
}

func TestArchivedTeamsOfOpenStores(t *testing.T) {
	ours := there(func(f *plan.Found) { f.Archived, f.ArchivedByUs, f.People = true, true, people(-1, 2) })
	check(t, map[string]expectation{
		"by us":           {found: ours, want: []string{"unarchive", "add member 3 again"}},
		"by us, MODE=add": {adds: true, found: ours, want: []string{"unarchive", "add member 3 again"}},
		"by hand":         {found: there(func(f *plan.Found) { f.Archived = true }), want: []string{"skipped, not ours"}},
		"by us, unseen":   {found: there(func(f *plan.Found) { f.ArchivedByUs = true }), want: []string{"unarchive"}},
	})
}

func TestUndoneByHand(t *testing.T) {
	check(t, map[string]expectation{
		"member taken out":    {found: there(func(f *plan.Found) { f.People = people(-1, 3) }), want: []string{"add member 2 again"}},
		"owner taken out":     {found: there(func(f *plan.Found) { f.People = people(2, -3) }), want: []string{"add owner 1 again"}},
		"owner made a member": {found: there(func(f *plan.Found) { f.People = people(1, 2, -3) }), want: []string{"promote 1 again"}},
		"member taken out, and to be owner now": {found: there(func(f *plan.Found) { f.People, f.Managed = people(2, -3), managed(1, 2, 3) }),
			want: []string{"add owner 1 again"}},
		"member to be owner now":   {found: there(func(f *plan.Found) { f.People, f.Managed = people(1, 2, -3), managed(1, 2, 3) }), want: []string{"promote 1"}},
		"never there":              {found: there(func(f *plan.Found) { f.People, f.Managed = people(-1, 3), managed(-1, 3) }), want: []string{"add member 2"}},
		"there by hand, as member": {found: there(func(f *plan.Found) { f.People, f.Managed = people(1, 2, -3), managed(2, 3) }), want: []string{"promote 1"}},
	})
}

func TestExtras(t *testing.T) {
	f := there(func(f *plan.Found) {
		f.People = people(-1, -2, 3, -4, 5, -6, 9, -10)
		f.Managed = managed(-1, 2, -4, 5, 6)
	})
	want := people(-2, -6, 9, -10) // 4 and 5 are managed as what they are
	if got := plan.Extras(lakeside, *f); !slices.Equal(got, want) {
		t.Errorf("extras are %v, want %v", got, want)
	}
	was := there(func(f *plan.Found) { f.People, f.Managed = people(-1, -2, -3), managed(-2) })
	if got := plan.Extras(lakeside, *was); !slices.Equal(got, people(-3)) {
		t.Errorf("extras are %v: 2 was wanted as an owner before", got)
	}
}
