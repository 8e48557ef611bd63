package doctor

import (
	"fmt"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/config"
)

// write is something that storeteams does in the tenant, and the application
// permissions any one of which is enough, the smallest first.
type write struct {
	does  string
	full  bool // in MODE=full only; otherwise in MODE=add too
	needs []string
}

// writes are all there are with these settings. Microsoft's pages on each request say what it needs
// (group-upsert, group-update, directory-deleteditems-restore, team-post,
// conversationmembers-add, conversationmember-update, team-archive, planner-post-tasks).
func (s *signs) writes() []write {
	const groups, teams, directory = "Group.ReadWrite.All", "TeamMember.ReadWrite.All", "Directory.ReadWrite.All"
	all := []write{
		{does: "make and rename groups", needs: []string{groups, directory}},
		{does: "restore deleted groups", needs: []string{groups}},
		{does: "make teams of groups", needs: []string{"Team.Create", groups, directory}},
		{does: "add members and make them owners", needs: []string{teams}},
		{does: "take members out and make owners members", full: true, needs: []string{teams}},
		{does: "archive teams and make them active again", full: true, needs: []string{"TeamSettings.ReadWrite.All", groups, directory}},
	}
	if s.settings.Tasks.Mode != config.TasksOff {
		all = append(all, write{does: "make boards and change tasks", needs: []string{"Tasks.ReadWrite.All"}})
	}
	return all
}

// onPermissions judges by the token what cannot be tried without changing the
// tenant, and what the token carries beyond what is used.
func (s *signs) onPermissions() []Finding {
	switch {
	case s.rolesErr != nil:
		return []Finding{unknown(fmt.Sprintf("there is no token to look into: %v", s.rolesErr), graphCures.of(s.rolesErr))}
	case !s.rolesKnown && loopback(s.settings.GraphURL):
		return []Finding{unknown("a simulator asks for no permissions", "leave GRAPH_URL out to work with a real tenant")}
	case !s.rolesKnown:
		return []Finding{unknown("the token does not tell its permissions", "look at the app's permissions in Entra under Enterprise applications")}
	}
	return slices.Concat(s.missingPermissions(), s.excess())
}

// missingPermissions looks for what writes need. Each permission is told once,
// with everything that it is wanted for.
func (s *signs) missingPermissions() []Finding {
	var found []Finding
	seen := map[string]bool{}
	for _, w := range s.writes() {
		if seen[w.needs[0]] || slices.ContainsFunc(w.needs, s.holds) {
			continue
		}
		seen[w.needs[0]] = true
		f := wrong(w.needs[0], "the token carries no permission to "+w.does, granting(w.needs))
		switch {
		case s.settings.Mode == config.ModePlan:
			f = note(f.Subject, f.Text+", which MODE=plan does without", f.Fix)
		case s.settings.Mode == config.ModeAdd && w.full:
			f = note(f.Subject, f.Text+", which MODE=add does without", f.Fix)
		}
		found = append(found, f)
	}
	return found
}

// excess looks for permissions that are not the smallest for anything.
func (s *signs) excess() []Finding {
	var smallest, enough []string
	add := func(needs []string) {
		if len(needs) > 0 {
			smallest, enough = append(smallest, needs[0]), append(enough, needs...)
		}
	}
	for _, c := range s.calls {
		add(c.Needs)
	}
	for _, w := range s.writes() {
		add(w.needs)
	}
	var found []Finding
	for _, role := range s.roles {
		switch {
		case slices.Contains(smallest, role):
		case slices.Contains(enough, role):
			found = append(found, note(role, "allows more than storeteams needs", fmt.Sprintf("grant %s instead of %s", list(s.insteadOf(role)), role)))
		default:
			found = append(found, note(role, "is not used", "take "+role+" away from the app's identity"))
		}
	}
	return found
}

// insteadOf lists the smallest permissions for all that a broader one is enough for.
func (s *signs) insteadOf(role string) []string {
	var smaller []string
	add := func(needs []string) {
		if slices.Contains(needs, role) && !slices.Contains(smaller, needs[0]) {
			smaller = append(smaller, needs[0])
		}
	}
	for _, c := range s.calls {
		add(c.Needs)
	}
	for _, w := range s.writes() {
		add(w.needs)
	}
	return smaller
}
