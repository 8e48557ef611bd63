package plan_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// A restored group is read before more is planned for it; everything else is
// done after one plan, and nothing goes to and fro.
func TestPlanCarriedOutLeavesNothingToDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		first := w.plan()
		restored := map[org.TeamKey]bool{}
		for _, c := range first.Changes {
			if c.Kind == plan.RestoreTeam {
				restored[c.Team] = true
			}
		}
		w = w.after(first, ignore)
		second := w.plan()
		for _, c := range second.Changes {
			if !restored[c.Team] {
				t.Fatalf("%s, still to do: %s", c.Team, c)
			}
		}
		w = w.after(second, ignore)
		if third := w.plan(); len(third.Changes) != 0 {
			t.Fatalf("still to do: %v", third.Changes)
		}
	})
}

// After a plan, everybody wanted is there, as what they are to be, but for who
// may only stay; and who is known to have left is not, but for the last owner.
func TestPlanCarriedOutReachesTheRoster(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan()
		elsewhere := map[org.TeamKey]bool{} // teams of which not all is planned
		for _, h := range slices.Concat(p.Held, p.Skipped) {
			elsewhere[h.Team] = elsewhere[h.Team] || h.Rail != plan.RailProtected && h.Rail != plan.RailLastOwner
		}
		for _, c := range p.Changes {
			elsewhere[c.Team] = elsewhere[c.Team] || c.Kind == plan.RestoreTeam
		}
		w = w.after(p, ignore)
		for _, team := range w.roster.Teams {
			if f := w.found[team.Key]; !elsewhere[team.Key] {
				reaches(t, w, team, f)
			}
		}
	})
}

func reaches(t *rapid.T, w world, team org.Team, f plan.Found) {
	wanted := map[org.UserID]bool{}
	for _, e := range team.Entries {
		wanted[e.User] = true
		i := slices.IndexFunc(f.People, func(p org.Person) bool { return p.User == e.User })
		if !e.StayOnly && (i < 0 || f.People[i].Role < e.Role) {
			t.Fatalf("%s: %s is not there as %s", team.Key, e.User, e.Role)
		}
	}
	for _, m := range f.Managed {
		left := w.evidence.Departure(team.Key, m).Leave.Stated() && !w.evidence.Protected(m.User)
		isLast := owners(f) == 1 && slices.Contains(f.People, org.Person{User: m.User, Role: org.Owner})
		isThere := slices.ContainsFunc(f.People, func(p org.Person) bool { return p.User == m.User })
		if w.options.Takes && isThere && !wanted[m.User] && left && !isLast {
			t.Fatalf("%s: %s left and is still there", team.Key, m.User)
		}
	}
}

// Only managed people are taken out or demoted, only for a reason, and never
// whom the roster wants as what they are.
func TestNobodyElseLosesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		wanted := map[org.TeamKey]map[org.UserID]org.Role{}
		for _, team := range w.roster.Teams {
			wanted[team.Key] = map[org.UserID]org.Role{}
			for _, e := range team.Entries {
				wanted[team.Key][e.User] = e.Role
			}
		}
		w.after(w.plan(), func(c plan.Change, before, after plan.Found) {
			if !c.Kind.Taking() {
				fewer := len(after.People) < len(before.People) || owners(after) < owners(before)
				if fewer && c.Kind != plan.CreateTeam { // of a purged group nobody is left
					t.Fatalf("%s took somebody's place", c)
				}
				return
			}
			isManaged := slices.ContainsFunc(before.Managed, func(m org.Managed) bool { return m.User == c.User })
			isThere := slices.Contains(before.People, org.Person{User: c.User, Role: c.Role})
			ours := isManaged || w.evidence.Blocked(c.Team, c.User)
			if !ours || !isThere || !w.options.Takes || w.evidence.Protected(c.User) || c.Leave == org.Stays {
				t.Fatalf("%s, %s: managed %t, there %t", c.Team, c, isManaged, isThere)
			}
			role, in := wanted[c.Team][c.User]
			if in != (c.Kind == plan.Demote) || in && role == org.Owner {
				t.Fatalf("%s, %s: wanted %t, as %s", c.Team, c, in, role)
			}
			if before.Frozen && !c.Leave.Gone() {
				t.Fatalf("%s is frozen: %s", c.Team, c)
			}
		})
	})
}

// At every step, not only at the end: the next one may never come.
func TestATeamThatHasAnOwnerKeepsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.after(w.plan(), func(c plan.Change, before, after plan.Found) {
			if owners(before) > 0 && owners(after) == 0 {
				t.Fatalf("%s: nobody owns the team after %s", c.Team, c)
			}
		})
	})
}

// Who replaces somebody is there before they go.
func TestSuccessorsComeFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		start := w.found
		w.after(w.plan(), func(c plan.Change, before, _ plan.Found) {
			is := func(p org.Person) bool { return p.User == c.After }
			if c.Leave == org.Replaced && c.Kind == plan.Remove &&
				!slices.ContainsFunc(before.People, is) && !slices.ContainsFunc(start[c.Team].People, is) {
				t.Fatalf("%s, %s: the successor is not there", c.Team, c)
			}
		})
	})
}

func TestPlansAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan()
		if !slices.IsSortedFunc(p.Changes, plan.Compare) {
			t.Fatalf("not in order: %v", p.Changes)
		}
		var gathered []plan.Change
		for _, changes := range p.ByTeam() {
			gathered = append(gathered, changes...)
		}
		if !slices.Equal(gathered, p.Changes) {
			t.Fatal("team by team there are other changes")
		}
	})
}

func TestTheSameInputHasTheSamePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.plan()
		slices.Reverse(w.roster.Teams)
		for range 3 { // each walks the map in another order
			w.found = maps.Clone(w.found)
			if again := w.plan(); !reflect.DeepEqual(again, p) {
				t.Fatalf("planned %+v, then %+v", p, again)
			}
		}
	})
}
