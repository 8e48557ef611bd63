package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// lines are groups one a line, sorted. A group that the run made has no id
// there: which one it got is nobody's business.
func lines(groups []naive.Group) []string {
	all := make([]string, len(groups))
	for i, g := range groups {
		all[i] = fmt.Sprintf("%s|%s|%q|team %v|owners %s|members %s",
			g.ID, g.Marker, g.Name, g.Team, strings.Join(g.Owners, " "), strings.Join(g.Members, " "))
	}
	slices.Sort(all)
	return all
}

// tenant is the tenant's state as lines.
func (s *site) tenant(t *testing.T) []string {
	t.Helper()
	existed := map[string]bool{}
	for _, g := range unwire(t, s.world).Groups {
		existed[g["id"].(string)] = true
	}
	var groups []naive.Group
	for _, team := range s.Tenant.Teams() {
		g := naive.Group{
			Marker: team.UniqueName, Name: team.Name, Team: team.HasTeam, Owners: team.Owners, Members: team.Members,
		}
		if existed[team.ID] {
			g.ID = team.ID
		}
		groups = append(groups, g)
	}
	return lines(groups)
}

// expected is the state, as lines, that the second opinion works out from what
// Commerce says now, the accounts there are now, and the groups there were at
// the beginning.
func (s *site) expected(t *testing.T) []string {
	t.Helper()
	now, err := s.World()
	if err != nil {
		t.Fatal(err)
	}
	w := unwire(t, now)
	w.Groups = unwire(t, s.world).Groups
	return lines(naive.ExpectTenant(w, s.settings, time.Now()))
}

// check compares the tenant with the second opinion.
func (s *site) check(t *testing.T, run environment.Run) {
	t.Helper()
	if diff := difference(s.expected(t), s.tenant(t)); diff != "" {
		t.Fatalf("the tenant is not as the rules want it (- wanted, + found):\n%s\nnotes: %+v", diff, run.Notes)
	}
}

// difference lists the lines that are only in one of two states; empty if they
// are equal.
func difference(before, after []string) string {
	var diff strings.Builder
	mark := func(sign string, lines, others []string) {
		others = slices.Clone(others)
		for _, line := range lines {
			if i := slices.Index(others, line); i >= 0 {
				others = slices.Delete(others, i, i+1)
				continue
			}
			fmt.Fprintf(&diff, "%s %s\n", sign, line)
		}
	}
	mark("-", before, after)
	mark("+", after, before)
	return diff.String()
}

// store is a store's team. It fails the test unless there is exactly one.
func (s *site) store(t *testing.T, number string) simgraph.TeamState {
	t.Helper()
	return s.marked(t, naive.StoreMarker(s.settings.Instance, number))
}

// marked is the team with that marker. It fails the test unless there is
// exactly one.
func (s *site) marked(t *testing.T, marker string) simgraph.TeamState {
	t.Helper()
	var found []simgraph.TeamState
	for _, team := range s.Tenant.Teams() {
		if team.UniqueName == marker {
			found = append(found, team)
		}
	}
	if len(found) != 1 || !found[0].HasTeam {
		t.Fatalf("%s: want one team, found %+v", marker, found)
	}
	return found[0]
}

// rest is the tenant's state but for the teams of some stores: what a change of
// those must leave alone.
func (s *site) rest(t *testing.T, numbers ...string) []string {
	t.Helper()
	return slices.DeleteFunc(s.tenant(t), func(line string) bool {
		return slices.ContainsFunc(numbers, func(number string) bool {
			return strings.Contains(line, "|"+naive.StoreMarker(s.settings.Instance, number)+"|")
		})
	})
}
