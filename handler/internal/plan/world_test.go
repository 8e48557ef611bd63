package plan_test

import (
	"bytes"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// world is everything that a plan depends on.
type world struct {
	roster   org.Roster
	found    map[org.TeamKey]plan.Found
	evidence table
	options  plan.Options
}

func (w world) plan() plan.Plan { return plan.Build(w.roster, w.found, w.evidence, w.options) }

// persons is how many persons a world has.
const persons = 8

func drawWorld(t *rapid.T) world {
	w := world{found: map[org.TeamKey]plan.Found{}, evidence: drawEvidence(t)}
	w.options = plan.Options{Adopt: rapid.Bool().Draw(t, "adopt"), Takes: rapid.Bool().Draw(t, "takes")}
	if rapid.Bool().Draw(t, "all is allowed") {
		w.options.Allowed = func(plan.Halt) bool { return true }
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "teams") {
		team := drawTeam(t, fmt.Sprintf("%03d", i))
		wanted := rapid.IntRange(0, 3).Draw(t, "is wanted") > 0
		if wanted {
			w.roster.Teams = append(w.roster.Teams, team)
		}
		if rapid.IntRange(0, 3).Draw(t, "exists") > 0 {
			w.found[team.Key] = drawFound(t, fmt.Sprintf("g-%d", i), !wanted)
		}
	}
	return w
}

func drawEvidence(t *rapid.T) table {
	e := table{leaves: map[int]org.Leave{}, successors: map[int]int{}, protected: map[int]bool{}}
	for n := 1; n <= persons; n++ {
		e.leaves[n] = org.Leave(rapid.IntRange(int(org.Stays), int(org.Blocked)).Draw(t, "leave"))
		e.successors[n] = rapid.IntRange(0, persons).Draw(t, "successor")
		e.protected[n] = rapid.IntRange(0, 5).Draw(t, "protected") == 0
	}
	return e
}

func drawTeam(t *rapid.T, number string) org.Team {
	team := org.Team{Key: store(number), Name: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "name")}
	for n := 1; n <= persons; n++ {
		switch rapid.IntRange(0, 4).Draw(t, "is to be") {
		case 0:
			team.Entries = append(team.Entries, owner(n))
		case 1:
			team.Entries = append(team.Entries, member(n))
		case 2:
			team.Entries = append(team.Entries, stayOnly(rapid.SampledFrom([]org.Entry{owner(n), member(n)}).Draw(t, "stays")))
		}
	}
	return team
}

func drawFound(t *rapid.T, group string, mayFreeze bool) plan.Found {
	f := plan.Found{
		Group: org.TeamID(group), Name: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "found name"),
		Origin:    plan.Origin(rapid.IntRange(0, 2).Draw(t, "origin")),
		Existence: rapid.SampledFrom([]plan.Existence{plan.Here, plan.Here, plan.Here, plan.Deleted, plan.Purged}).Draw(t, "existence"),
		HasTeam:   rapid.IntRange(0, 3).Draw(t, "has team") > 0,
		Frozen:    mayFreeze && rapid.Bool().Draw(t, "frozen"), ArchiveDue: rapid.Bool().Draw(t, "archive due"),
		ArchivedByUs: rapid.Bool().Draw(t, "archived by us"), RestoredLately: rapid.Bool().Draw(t, "restored lately"),
	}
	f.Archived = f.HasTeam && rapid.IntRange(0, 3).Draw(t, "archived") == 0
	var are, known []int
	for n := 1; n <= persons; n++ {
		if is := rapid.IntRange(-1, 1).Draw(t, "is"); is != 0 {
			are = append(are, is*n)
		}
		if was := rapid.IntRange(-1, 1).Draw(t, "is managed"); was != 0 && f.Origin != plan.Mapped {
			known = append(known, was*n)
		}
	}
	f.People, f.Managed = people(are...), managed(known...)
	return f
}

// after is the world once a plan is carried out. It calls seen with every team
// before and after each change.
func (w world) after(p plan.Plan, seen func(c plan.Change, before, after plan.Found)) world {
	next := w
	next.found = map[org.TeamKey]plan.Found{}
	for key, f := range w.found {
		f.People, f.Managed = slices.Clone(f.People), slices.Clone(f.Managed)
		next.found[key] = f
	}
	for _, c := range p.Changes {
		before := next.found[c.Team]
		next.found[c.Team] = w.carriedOut(c, before)
		seen(c, before, next.found[c.Team])
	}
	return next
}

func (w world) carriedOut(c plan.Change, f plan.Found) plan.Found {
	switch c.Kind {
	case plan.CreateTeam:
		f = plan.Found{Group: "new-" + f.Group, Name: c.Name, HasTeam: true}
		f = placed(f, c.User, org.Owner)
	case plan.RestoreTeam:
		f.Existence, f.RestoredLately = plan.Here, true
	case plan.AdoptTeam:
		i := slices.IndexFunc(w.roster.Teams, func(team org.Team) bool { return team.Key == c.Team })
		f.Origin, f.KeepName = plan.Linked, w.roster.Teams[i].Name
	case plan.MakeTeam:
		f.HasTeam = true
		if !c.User.IsZero() {
			f = placed(f, c.User, org.Owner)
		}
	case plan.Unarchive:
		f.Archived, f.ArchivedByUs = false, false
	case plan.Rename:
		f.Name = c.Name
	case plan.Promote, plan.AddOwner:
		f = placed(f, c.User, org.Owner)
	case plan.AddMember, plan.Demote:
		f = placed(f, c.User, org.Member)
	case plan.Remove:
		f = without(f, c.User)
	case plan.Archive:
		f.Archived, f.ArchivedByUs = true, true
	}
	return f
}

// placed gives somebody a role that is managed from then on.
func placed(f plan.Found, user org.UserID, role org.Role) plan.Found {
	f = without(f, user)
	f.People = append(f.People, org.Person{User: user, Role: role})
	slices.SortFunc(f.People, func(a, b org.Person) int { return bytes.Compare(a.User[:], b.User[:]) })
	f.Managed = append(f.Managed, org.Managed{User: user, Role: role})
	slices.SortFunc(f.Managed, func(a, b org.Managed) int { return bytes.Compare(a.User[:], b.User[:]) })
	return f
}

func without(f plan.Found, user org.UserID) plan.Found {
	f.People = slices.DeleteFunc(slices.Clone(f.People), func(p org.Person) bool { return p.User == user })
	f.Managed = slices.DeleteFunc(slices.Clone(f.Managed), func(m org.Managed) bool { return m.User == user })
	return f
}

func owners(f plan.Found) int {
	n := 0
	for _, person := range f.People {
		if person.Role == org.Owner {
			n++
		}
	}
	return n
}

func ignore(plan.Change, plan.Found, plan.Found) {}
