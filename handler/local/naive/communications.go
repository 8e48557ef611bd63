package naive

import (
	"cmp"
	"slices"
	"strings"
)

// communicationsManager is an F&O user with the communications managers' role.
type communicationsManager struct {
	userID, role string // SecurityUserRoleAssociations.UserId and SecurityRoleIdentifier
	worker       string // personnel number, or empty
	account      user
	cause        string // why the account cannot be added, or empty
}

// communicationsManagers lists the communications managers by personnel
// number, those who are no workers last and by account.
func (f *facts) communicationsManagers() []communicationsManager {
	var found []communicationsManager
	for _, r := range f.rows["SecurityUserRoleAssociations"] {
		role := strings.TrimSpace(f.set.CommunicationsRole)
		named := strings.EqualFold(r.text["SecurityRoleName"], role) || strings.EqualFold(r.text["SecurityRoleIdentifier"], role)
		if role == "" || !named || strings.EqualFold(r.text["AssignmentStatus"], "Disabled") {
			continue
		}
		m := communicationsManager{userID: r.text["UserId"], role: r.text["SecurityRoleIdentifier"]}
		m.worker = f.workerOf(m.userID)
		if m.worker != "" && f.gone(m.worker) {
			continue
		}
		// The account is the worker's; without a worker the F&O user's own.
		if m.worker != "" {
			m.account, m.cause = f.account(m.worker)
		} else {
			m.account, m.cause = f.resolve(f.systemCandidates(m.userID))
		}
		found = append(found, m)
	}
	slices.SortStableFunc(found, func(a, b communicationsManager) int {
		noWorker := func(m communicationsManager) int {
			if m.worker == "" {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(noWorker(a), noWorker(b)), cmp.Compare(a.worker, b.worker), cmp.Compare(a.account.id, b.account.id))
	})
	return found
}

// workerOf finds the worker whose party has that F&O user now, or "".
func (f *facts) workerOf(userID string) string {
	var found []string
	for _, p := range f.whereFold("PersonUsers", "UserId", userID) {
		if !f.current(p, "ValidFrom", "ValidTo") {
			continue
		}
		for _, w := range f.where("Workers", "PartyNumber", p.text["PartyNumber"]) {
			found = append(found, w.text["PersonnelNumber"])
		}
	}
	if len(found) == 0 {
		return ""
	}
	return slices.Min(found)
}

// roleOrganizations lists the organizations the manager's role is limited to.
func (f *facts) roleOrganizations(m communicationsManager) []string {
	var found []string
	for _, r := range f.whereFold("SecurityUserRoleOrganizations", "UserId", m.userID) {
		if strings.EqualFold(r.text["SecurityRoleIdentifier"], m.role) {
			found = append(found, r.text["OrganizationId"])
		}
	}
	return found
}

// communicationsPeople lists who belongs in the communications team by account,
// true for owners: the managers as members, COMMUNICATIONS_OWNERS as owners, or
// FALLBACK_OWNERS if none of them may own a team.
func (f *facts) communicationsPeople(unmapped map[string]string) map[string]bool {
	people := map[string]bool{}
	for _, m := range f.communicationsManagers() {
		switch {
		case m.cause == "":
			people[m.account.id] = false
		case m.worker != "":
			unmapped[m.worker] = m.cause
		}
	}
	owners := f.named(f.set.CommunicationsOwners)
	if len(owners) == 0 {
		owners = f.named(f.set.FallbackOwners)
	}
	for _, u := range owners {
		people[u.id] = true
	}
	return people
}
