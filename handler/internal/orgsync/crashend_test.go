package orgsync_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// outcome is how the tenant and the ledger are, in a form to compare: teams by
// whose they are, people, who is managed, and what is held.
func (s *stage) outcome(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, team := range s.tenant.Teams() {
		name := team.UniqueName
		if name == "" {
			name = team.ID
		}
		all = append(all, fmt.Sprintf("%s|%s|team %v|archived %v|owners %v|members %v", name, team.Name, team.HasTeam, team.Archived, team.Owners, team.Members))
	}
	book := s.book()
	claims, err := book.Claims(t.Context())
	must(t, err)
	for key := range claims {
		all = append(all, fmt.Sprintf("claim %s", key))
	}
	holds, err := book.Holds(t.Context())
	must(t, err)
	for _, hold := range holds.All() {
		all = append(all, fmt.Sprintf("hold %s %s %s %d", hold.Team, hold.Rail, hold.Decision, len(hold.Changes)))
	}
	links, err := book.Links(t.Context())
	must(t, err)
	for key, link := range links {
		all = append(all, fmt.Sprintf("link %s|archived by us %v", key, !link.Archived.IsZero()))
	}
	all = append(all, s.managed(t)...)
	slices.Sort(all)
	return all
}

// unreplaced checks that the groups marked are still their stores'.
func (s *stage) unreplaced(t *testing.T) {
	t.Helper()
	links, err := s.book().Links(t.Context())
	must(t, err)
	for key, id := range s.groups {
		found := slices.ContainsFunc(s.tenant.Teams(), func(team simgraph.TeamState) bool {
			whose, ours := s.keyOf(team.ID, team.UniqueName)
			return ours && whose == key && team.ID == id
		})
		if link := links[key]; !found || link != nil && string(link.Group) != id {
			t.Errorf("group %s of %s is there: %v; the link is %+v", id, key, found, link)
		}
	}
}

// difference says in lines what of two lists is in one only.
func difference(want, got []string) string {
	var all strings.Builder
	for _, line := range want {
		if !slices.Contains(got, line) {
			fmt.Fprintln(&all, "want", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			fmt.Fprintln(&all, "got ", line)
		}
	}
	return all.String()
}

// managed lists who is managed in which team, and is in it.
func (s *stage) managed(t *testing.T) []string {
	t.Helper()
	links, err := s.book().Links(t.Context())
	must(t, err)
	var all []string
	for _, team := range s.tenant.Teams() {
		key, _ := s.keyOf(team.ID, team.UniqueName)
		if links[key] == nil {
			continue
		}
		for _, user := range slices.Concat(team.Owners, team.Members) {
			if as, managed := links[key].Managed.Of(userID(t, user)); managed {
				all = append(all, fmt.Sprintf("managed %s: %s %s for %s", key, user, as.Role, as.Worker))
			}
		}
	}
	return all
}
