package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// doubtNames looks for names in settings that Commerce does not have. Where it
// has no names of that sort at all, the check of Commerce says so.
func (s *signs) doubtNames() []Finding {
	return slices.Concat(s.doubtHierarchy(), s.doubtClosedStores(), s.doubtRole(), s.doubtTitles())
}

func (s *signs) doubtHierarchy() []Finding {
	wanted := s.settings.Rules.Hierarchy
	names := map[string]bool{}
	for _, link := range s.survey.Snapshot.Hierarchy {
		if same(link.Hierarchy, wanted) {
			return nil
		}
		names[link.Hierarchy] = true
	}
	if wanted == "" || len(names) == 0 {
		return nil
	}
	return []Finding{wrong("HIERARCHY", "Commerce has published no organization hierarchy of that name",
		"set HIERARCHY to one of: "+list(slices.Sorted(maps.Keys(names)))+"; or leave it out")}
}

// doubtClosedStores looks for closed stores that neither Commerce nor a team of
// ours ever had. One whose row is gone by now is as it should be.
func (s *signs) doubtClosedStores() []Finding {
	have := map[string]bool{}
	for _, store := range s.survey.Snapshot.Stores {
		have[store.Number.Folded()] = true
	}
	for key := range s.survey.Links {
		have[key.Store.Folded()] = true
	}
	var strange []string
	for _, number := range s.settings.Rules.ClosedStores {
		if !have[org.StoreNumber(number).Folded()] {
			strange = append(strange, number)
		}
	}
	if len(strange) == 0 || len(s.survey.Snapshot.Stores) == 0 {
		return nil
	}
	return []Finding{wrong("CLOSED_STORES", "Commerce has no store with the number "+list(strange),
		"correct CLOSED_STORES: a number is written as in RetailStores, zeros in front included")}
}

func (s *signs) doubtRole() []Finding {
	role := s.settings.Rules.CommunicationsRole
	known, held := false, false
	for _, row := range s.survey.Snapshot.Roles {
		if same(row.Role, role) || same(row.Name, role) {
			known, held = true, held || !same(row.Status, "disabled")
		}
	}
	fix := "set COMMUNICATIONS_ROLE to the name of the security role that your communications managers hold, " +
		"or assign it to them in Commerce under System administration > Security > Assign users to roles"
	switch {
	case held || len(s.survey.Snapshot.Roles) == 0:
		return nil
	case known:
		return []Finding{note("COMMUNICATIONS_ROLE", "every assignment of the role is disabled, so there are no communications managers", fix)}
	}
	return []Finding{wrong("COMMUNICATIONS_ROLE", "nobody holds the role, so there are no communications managers", fix)}
}

func (s *signs) doubtTitles() []Finding {
	positions := s.survey.Snapshot.Positions
	var strange []string
	for _, title := range s.settings.Rules.ManagerTitles {
		if !slices.ContainsFunc(positions, func(p org.Position) bool { return same(p.Title, title) || same(p.TitleID, title) }) {
			strange = append(strange, title)
		}
	}
	if len(strange) == 0 || len(positions) == 0 {
		return nil
	}
	return []Finding{wrong("MANAGER_TITLES", "no position in Commerce has the title "+list(strange),
		"correct MANAGER_TITLES to titles as PositionsV2 has them, or leave the others out")}
}

// doubtUsers looks at the users whom settings name, by their place in the list:
// a person's address is not to be printed.
func (s *signs) doubtUsers() []Finding {
	return slices.Concat(
		s.doubtOwners("FALLBACK_OWNERS", s.settings.Rules.FallbackOwners),
		s.doubtOwners("COMMUNICATIONS_OWNERS", s.settings.Rules.CommunicationsOwners),
		s.doubtProtected(),
	)
}

func (s *signs) doubtOwners(setting string, names []string) []Finding {
	var found []Finding
	for i, name := range names {
		problem, instead := "", "name an enabled, licensed member of the tenant instead"
		user, there := s.user(name)
		switch {
		case !there:
			problem = "is no user of the tenant"
		case user.Enabled == org.No:
			problem, instead = "is disabled in Entra", "enable the account, or name another"
		case user.Enabled == org.Unknown:
			problem, instead = "may be disabled: the tenant does not say", FixFor(org.Unclear)
		case user.Guest:
			problem = "is a guest, and guests own no team"
		case !user.Licensed:
			problem, instead = "has no licence with Microsoft Teams", "assign one, or name another"
		}
		if problem != "" {
			found = append(found, wrong(setting, fmt.Sprintf("entry %d of %s %s", i+1, setting, problem),
				fmt.Sprintf("entry %d of %s: %s", i+1, setting, instead)))
		}
	}
	return found
}

// doubtProtected: a missing licence, or being a guest, takes nothing from the
// protection.
func (s *signs) doubtProtected() []Finding {
	const setting = "PROTECTED_USERS"
	var found []Finding
	for i, name := range s.settings.Rules.ProtectedUsers {
		entry := fmt.Sprintf("entry %d of %s", i+1, setting)
		_, err := org.ParseUserID(name)
		user, there := s.user(name)
		switch {
		case !there && err != nil:
			found = append(found, wrong(setting, entry+" is no user of the tenant, and protects nobody", "correct "+entry+", or take it out"))
		case !there:
			found = append(found, note(setting, entry+" is no user of the tenant now", "take "+entry+" out if the account is gone for good"))
		case user.Enabled == org.No:
			found = append(found, note(setting, entry+" is disabled in Entra, and stays in its teams all the same", "take "+entry+" out if the person has left"))
		}
	}
	return found
}

// user finds a user that a setting names, as package org does.
func (s *signs) user(name string) (org.User, bool) {
	id, err := org.ParseUserID(name)
	if err != nil {
		return s.survey.Users.ByUPN(strings.TrimSpace(name))
	}
	user, there := s.survey.Users.ByID(id)
	return user, there && !user.Deleted
}

// folded makes text comparable where Finance & Operations ignores case.
func folded(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func same(a, b string) bool { return folded(a) == folded(b) }
