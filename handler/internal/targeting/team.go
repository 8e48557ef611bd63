package targeting

import (
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// sharedGroups finds the groups that several teams are linked to: a team
// appears in the hierarchy once.
func sharedGroups(s *orgsync.Survey) map[org.TeamID]bool {
	seen, shared := map[org.TeamID]bool{}, map[org.TeamID]bool{}
	for _, found := range s.Found {
		shared[found.Group] = seen[found.Group]
		seen[found.Group] = true
	}
	return shared
}

// teamOf returns the group to link a row to, or reports why there is none.
func (b *builder) teamOf(key org.TeamKey) (group org.TeamID, ok bool) {
	const next = "Let OrgSync run in MODE=add or full until its plan has nothing left to do for this team, and export again."
	subject := key.String()
	found, exists := b.survey.Found[key]
	id, err := org.ParseUserID(string(found.Group))
	switch {
	case !exists:
		b.wrong(subject, next, "there is no team yet")
	case err != nil || id.IsZero():
		b.wrong(subject, "Have the ledger rebuilt (rebuild), and export again.", "the ledger's group %q is no GUID", found.Group)
	case b.shared[found.Group]:
		b.wrong(subject, "Keep only one of the mappings to it in IntegrationSourceMappings, have the ledger rebuilt (rebuild), and export again.",
			"group %s is linked to several teams", found.Group)
	case found.Unclear != "":
		b.wrong(subject, "See to what the plan says of this team, and export again.", "it is not clear which team it has: %s", found.Unclear)
	case found.Existence == plan.Deleted:
		b.wrong(subject, next, "group %s is deleted; it can still be restored", found.Group)
	case found.Existence == plan.Purged:
		b.wrong(subject, "Allow the new team that is held (holds list), let OrgSync make it, and export again.", "group %s is gone for good", found.Group)
	case found.Origin == plan.Mapped:
		b.wrong(subject, "Allow its adoption (holds list) or set ADOPT=yes, let OrgSync run, and export again.",
			"Commerce maps it to group %s, which is not adopted yet", found.Group)
	case !found.HasTeam:
		b.wrong(subject, next, "group %s has no team yet", found.Group)
	default:
		if found.Archived {
			b.note(subject, "Make the team active again in the Teams admin center.", "its team is archived: nobody can work on tasks there")
		}
		return org.TeamID(id.String()), true
	}
	return "", false
}
