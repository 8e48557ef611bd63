package plan_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func user(n int) org.UserID { return org.UserID{15: byte(n)} }

func store(number string) org.TeamKey { return org.TeamKey{Store: org.StoreNumber(number)} }

func owner(n int) org.Entry {
	return org.Entry{User: user(n), Role: org.Owner, Worker: org.PersonnelNumber(fmt.Sprintf("W%03d", n)), Reason: org.UnitManager}
}

func member(n int) org.Entry {
	return org.Entry{User: user(n), Worker: org.PersonnelNumber(fmt.Sprintf("W%03d", n)), Reason: org.StoreWorker}
}

func people(ids ...int) []org.Person {
	var all []org.Person
	for _, n := range ids {
		all = append(all, org.Person{User: user(max(n, -n)), Role: roleOf(n)})
	}
	return all
}

// roleOf reads a person's sign: owners are negative.
func roleOf(n int) org.Role {
	if n < 0 {
		return org.Owner
	}
	return org.Member
}

func TestBuild(t *testing.T) {
	team := org.Team{Key: store("000135"), Name: "Lakeside (000135)", Entries: []org.Entry{owner(1), member(2), member(3)}}
	found := plan.Found{Group: "g-1", Name: team.Name, HasTeam: true, Owned: true, People: people(-1, 2, 3)}
	with := func(change func(*plan.Found)) *plan.Found {
		f := found
		change(&f)
		return &f
	}
	cases := map[string]struct {
		found *plan.Found
		adopt bool
		want  []string // kinds and users
		held  int
		skip  int
	}{
		"nothing there":     {nil, false, []string{"create team 1", "add member 2", "add member 3"}, 0, 0},
		"all as it should":  {&found, false, nil, 0, 0},
		"somebody missing":  {with(func(f *plan.Found) { f.People = people(-1, 3) }), false, []string{"add member 2"}, 0, 0},
		"owner is member":   {with(func(f *plan.Found) { f.People = people(1, 2, 3) }), false, []string{"promote 1"}, 0, 0},
		"member is owner":   {with(func(f *plan.Found) { f.People = people(-1, -2, 3) }), false, nil, 0, 0},
		"strangers stay":    {with(func(f *plan.Found) { f.People = people(-1, 2, 3, 9, -10) }), false, nil, 0, 0},
		"renamed":           {with(func(f *plan.Found) { f.Name = "Old" }), false, []string{"rename"}, 0, 0},
		"keeps its name":    {with(func(f *plan.Found) { f.Name, f.KeepName = "Old", team.Name }), false, nil, 0, 0},
		"renamed since":     {with(func(f *plan.Found) { f.Name, f.KeepName = "Old", "Older" }), false, []string{"rename"}, 0, 0},
		"no team yet":       {with(func(f *plan.Found) { f.HasTeam = false }), false, []string{"make team"}, 0, 0},
		"no team, no owner": {with(func(f *plan.Found) { f.HasTeam, f.Owned, f.People = false, false, nil }), false, []string{"make team 1", "add member 2", "add member 3"}, 0, 0},
		"mapped":            {with(func(f *plan.Found) { f.Origin, f.Name = plan.Mapped, "Old" }), true, []string{"adopt team"}, 0, 0},
		"mapped, no adopt":  {with(func(f *plan.Found) { f.Origin = plan.Mapped }), false, nil, 1, 0},
		"marked":            {with(func(f *plan.Found) { f.Origin, f.People = plan.Marked, people(-1) }), false, []string{"add member 2", "add member 3"}, 0, 0},
		"blocked":           {with(func(f *plan.Found) { f.Blocked, f.People = "dynamic", nil }), true, nil, 0, 1},
		"gone":              {with(func(f *plan.Found) { f.Unclear = "deleted" }), true, nil, 1, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			have := map[org.TeamKey]plan.Found{}
			if c.found != nil {
				have[team.Key] = *c.found
			}
			p := plan.Build(org.Roster{Teams: []org.Team{team}}, have, plan.Options{Adopt: c.adopt})
			var got []string
			for _, change := range p.Changes {
				text := change.Kind.String()
				if !change.User.IsZero() {
					text += fmt.Sprintf(" %d", change.User[15])
				}
				got = append(got, text)
			}
			if !slices.Equal(got, c.want) || len(p.Held) != c.held || len(p.Skipped) != c.skip {
				t.Errorf("changes %q, %d held, %d skipped; want %q, %d, %d", got, len(p.Held), len(p.Skipped), c.want, c.held, c.skip)
			}
		})
	}
}

func TestStayOnlyIsNeverAdded(t *testing.T) {
	stay := member(2)
	stay.StayOnly = true
	team := org.Team{Key: store("1"), Name: "One", Entries: []org.Entry{owner(1), stay}}
	p := plan.Build(org.Roster{Teams: []org.Team{team}}, nil, plan.Options{})
	for _, c := range p.Changes {
		if c.User == stay.User {
			t.Errorf("planned %s", c)
		}
	}
}

func TestStoreWithoutANameRenamesNothing(t *testing.T) {
	team := org.Team{Key: store("1"), Name: "1 (1)", Nameless: true, Entries: []org.Entry{owner(1)}}
	found := map[org.TeamKey]plan.Found{team.Key: {Group: "g", Name: "Lakeside (1)", HasTeam: true, Owned: true, People: people(-1)}}
	if p := plan.Build(org.Roster{Teams: []org.Team{team}}, found, plan.Options{}); len(p.Changes) != 0 {
		t.Errorf("planned %v", p.Changes)
	}
}

func TestNobodyMayOwn(t *testing.T) {
	team := org.Team{Key: store("1"), Name: "One", Entries: []org.Entry{member(2)}}
	p := plan.Build(org.Roster{Teams: []org.Team{team}}, nil, plan.Options{})
	if len(p.Changes) != 0 || len(p.Skipped) != 1 {
		t.Errorf("a team without an owner was planned: %v", p.Changes)
	}
}

// world draws a roster and what the tenant has of it.
func world(t *rapid.T) (org.Roster, map[org.TeamKey]plan.Found) {
	var roster org.Roster
	have := map[org.TeamKey]plan.Found{}
	for i := range rapid.IntRange(0, 5).Draw(t, "teams") {
		team := org.Team{Key: store(fmt.Sprintf("%03d", i)), Name: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "name")}
		for n := 1; n <= 8; n++ {
			switch rapid.IntRange(0, 3).Draw(t, "wanted") {
			case 0:
				team.Entries = append(team.Entries, owner(n))
			case 1:
				team.Entries = append(team.Entries, member(n))
			case 2:
				e := owner(n)
				e.StayOnly = true
				team.Entries = append(team.Entries, e)
			}
		}
		roster.Teams = append(roster.Teams, team)
		if rapid.Bool().Draw(t, "exists") {
			f := plan.Found{
				Group: org.TeamID(fmt.Sprintf("g-%d", i)), Name: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "found name"),
				Origin: plan.Origin(rapid.IntRange(0, 2).Draw(t, "origin")), HasTeam: rapid.Bool().Draw(t, "has team"),
			}
			for n := 1; n <= 8; n++ {
				switch rapid.IntRange(0, 2).Draw(t, "there") {
				case 0:
					f.People, f.Owned = append(f.People, people(-n)...), true
				case 1:
					f.People = append(f.People, people(n)...)
				}
			}
			have[team.Key] = f
		}
	}
	return roster, have
}

// carryOut does to a tenant what a plan says.
func carryOut(p plan.Plan, have map[org.TeamKey]plan.Found) map[org.TeamKey]plan.Found {
	after := map[org.TeamKey]plan.Found{}
	for key, f := range have {
		f.People = slices.Clone(f.People)
		after[key] = f
	}
	for _, c := range p.Changes {
		f := after[c.Team]
		set := func(role org.Role) {
			f.People = slices.DeleteFunc(f.People, func(p org.Person) bool { return p.User == c.User })
			f.People = append(f.People, org.Person{User: c.User, Role: role})
			f.Owned = f.Owned || role == org.Owner
		}
		switch c.Kind {
		case plan.CreateTeam:
			f = plan.Found{Group: org.TeamID("new-" + c.Team.String()), Name: c.Name, HasTeam: true}
			set(org.Owner)
		case plan.AdoptTeam:
			f.Origin, f.KeepName = plan.Linked, "kept"
		case plan.MakeTeam:
			f.HasTeam, f.Origin = true, plan.Linked
			if !c.User.IsZero() {
				set(org.Owner)
			}
		case plan.Rename:
			f.Name, f.KeepName = c.Name, ""
		case plan.Promote, plan.AddOwner:
			set(org.Owner)
		case plan.AddMember:
			set(org.Member)
		}
		after[c.Team] = f
	}
	return after
}

func TestPlanCarriedOutLeavesNothingToDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roster, have := world(t)
		p := plan.Build(roster, have, plan.Options{Adopt: true})
		after := carryOut(p, have)
		for key, f := range after { // adoption keeps a name; the next Commerce name wins
			if f.KeepName == "kept" {
				f.Name, f.KeepName = "", ""
				for _, team := range roster.Teams {
					if team.Key == key {
						f.Name = team.Name
					}
				}
				after[key] = f
			}
		}
		if again := plan.Build(roster, after, plan.Options{Adopt: true}); len(again.Changes) != 0 {
			t.Fatalf("still to do: %v", again.Changes)
		}
	})
}

func TestNobodyLosesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roster, have := world(t)
		after := carryOut(plan.Build(roster, have, plan.Options{Adopt: true}), have)
		for key, f := range have {
			for _, before := range f.People {
				i := slices.IndexFunc(after[key].People, func(p org.Person) bool { return p.User == before.User })
				if i < 0 || after[key].People[i].Role < before.Role {
					t.Fatalf("%s: %s lost their place or role", key, before.User)
				}
			}
		}
	})
}

func TestOrderWithinATeam(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roster, have := world(t)
		p := plan.Build(roster, have, plan.Options{Adopt: true})
		sorted := slices.IsSortedFunc(p.Changes, func(a, b plan.Change) int {
			return cmp.Or(cmp.Compare(a.Team.Store, b.Team.Store), cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.User[:], b.User[:]))
		})
		if !sorted {
			t.Fatalf("not in order: %v", p.Changes)
		}
		slices.Reverse(roster.Teams)
		if again := plan.Build(roster, have, plan.Options{Adopt: true}); !slices.Equal(again.Changes, p.Changes) {
			t.Fatal("the order of teams in the roster changed the plan")
		}
	})
}

func example() plan.Plan {
	roster := org.Roster{Teams: []org.Team{
		{Key: org.Communications, Name: "Store communications", Entries: []org.Entry{
			{User: user(9), Role: org.Owner, Reason: org.CommunicationsOwner}, {User: user(8), Worker: "W008", Reason: org.CommunicationsManager}}},
		{Key: store("000135"), Name: "Lakeside (000135)", Entries: []org.Entry{owner(1), member(2), member(3)}},
		{Key: store("000136"), Name: "Harbour (000136)", Entries: []org.Entry{owner(2), owner(4), member(5)}},
		{Key: store("000137"), Name: "Station (000137)", Entries: []org.Entry{owner(6)}},
		{Key: store("000138"), Name: "Airport (000138)", Entries: []org.Entry{owner(7)}},
		{Key: store("000139"), Name: "Mill (000139)", Entries: []org.Entry{owner(7)}},
	}}
	return plan.Build(roster, map[org.TeamKey]plan.Found{
		store("000136"): {Group: "g-136", Name: "Harbor (000136)", HasTeam: true, Owned: true, People: people(-2, 4)},
		store("000137"): {Group: "g-137", Origin: plan.Mapped, Name: "Station crew", Owned: false},
		store("000138"): {Group: "g-138", Blocked: "the group's membership follows a rule in Entra"},
		store("000139"): {Group: "g-139", Unclear: "group g-139 was deleted; restore it, or a person has to allow a new one"},
	}, plan.Options{Adopt: true})
}

func TestGoldenText(t *testing.T) {
	var text bytes.Buffer
	if err := example().WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/plan.txt", text.Bytes())
}

func TestGoldenJSON(t *testing.T) {
	text, err := json.MarshalIndent(example(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/plan.json", append(text, '\n'))
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is different now (go test -update rewrites it):\n%s", path, got)
	}
}

func TestNothingToDo(t *testing.T) {
	var text strings.Builder
	if err := (plan.Plan{}).WriteText(&text); err != nil || text.String() != "nothing to do\n" {
		t.Errorf("got %q, %v", text.String(), err)
	}
}
