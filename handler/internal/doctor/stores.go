package doctor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// Microsoft's limits for one team (Teams limits and specifications).
const (
	maxMembers = 25_000
	maxOwners  = 100
)

// onStores judges the stores, and their teams.
func (s *signs) onStores() []Finding {
	if findings := s.unread(); findings != nil {
		return findings
	}
	return slices.Concat(s.withoutStores(), s.withoutManagers(), s.coded(checkStores), s.nameless(), s.blockedGroups(), s.unclear(), s.crowded(), s.archived())
}

// withoutStores tells of a last reading that had no store at all, where Commerce
// has one now: otherwise the check of Commerce says so.
func (s *signs) withoutStores() []Finding {
	if len(s.survey.Snapshot.Stores) > 0 || s.emptyNow("RetailStores") {
		return nil
	}
	return []Finding{wrong("stores", "the last reading of Commerce had no store", "start a run with `run`; if it finds none, look into RetailStores in Commerce")}
}

// withoutManagers tells of stores that others stand in for. Too many hold the
// run: package org decides how many that are.
func (s *signs) withoutManagers() []Finding {
	var without []org.StoreNumber
	stores := 0
	for _, team := range s.survey.Roster.Teams {
		if !team.Key.IsStore() {
			continue
		}
		stores++
		if team.Caretaker || len(team.Owners()) == 0 {
			without = append(without, team.Key.Store)
		}
	}
	if len(without) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d of %s without a manager (%s)", len(without), count(stores, "store", "stores"), list(without))
	if s.survey.Roster.Hold == "" {
		return []Finding{note("managers", text, "name a manager of the store's operating unit in Commerce, or give a position in its department manager privileges")}
	}
	return []Finding{wrong("managers", text+", and the run is held: "+s.survey.Roster.Hold,
		"set MANAGER_RULE or MANAGER_TITLES to what makes a manager here, or name the managers of the stores' operating units in Commerce")}
}

func (s *signs) nameless() []Finding {
	nameless := s.teams(func(team org.Team, _ plan.Found) bool { return team.Nameless })
	if len(nameless) == 0 {
		return nil
	}
	return []Finding{note("names", fmt.Sprintf("%s no name in Commerce, and a new team of theirs is called by the number (%s)",
		count(len(nameless), "store has", "stores have"), list(nameless)), "name the operating units of the stores in Commerce")}
}

// teams lists the wanted stores of which something is so, in order.
func (s *signs) teams(is func(org.Team, plan.Found) bool) []org.StoreNumber {
	var stores []org.StoreNumber
	for _, team := range s.survey.Roster.Teams {
		if team.Key.IsStore() && is(team, s.survey.Found[team.Key]) {
			stores = append(stores, team.Key.Store)
		}
	}
	return stores
}

// blockedGroups tells of groups that are not ours to change, by the reason.
func (s *signs) blockedGroups() []Finding {
	stores := map[string][]org.StoreNumber{}
	fixes := map[string]string{}
	for _, team := range s.survey.Roster.Teams {
		f := s.survey.Found[team.Key]
		if f.Blocked == "" {
			continue
		}
		name := team.Key.Store
		if !team.Key.IsStore() {
			name = org.StoreNumber(team.Key.String())
		}
		stores[f.Blocked] = append(stores[f.Blocked], name)
		fixes[f.Blocked] = s.unblock(f)
	}
	var found []Finding
	for _, why := range slices.Sorted(maps.Keys(stores)) {
		found = append(found, wrong("groups", fmt.Sprintf("%s left alone: %s (%s)",
			count(len(stores[why]), "team is", "teams are"), why, list(stores[why])), fixes[why]))
	}
	return found
}

// unblock says what makes a group one that storeteams may change.
func (s *signs) unblock(f plan.Found) string {
	switch g := s.survey.Groups[f.Group]; {
	case g != nil && g.Dynamic:
		return "change the group's membership type to Assigned in Entra, or delete its mapping in Commerce to get a team of its own"
	case g != nil && g.OnPremises:
		return "end the group's synchronization from the on-premises directory, or delete its mapping in Commerce to get a team of its own"
	}
	return "correct the store's row in IntegrationSourceMappings in Commerce so that it names a Microsoft 365 group of its own, or delete it"
}

// unclear tells of teams for which a person has to look first. A team that the
// ledger knows is only to be read again; a mapping that can be read in two ways
// stays so until somebody corrects it.
func (s *signs) unclear() []Finding {
	var found []Finding
	for _, linked := range []bool{false, true} {
		why := ""
		stores := s.teams(func(team org.Team, f plan.Found) bool {
			is := f.Unclear != "" && (s.survey.Links[team.Key] != nil) == linked
			if is && why == "" {
				why = f.Unclear
			}
			return is
		})
		text := fmt.Sprintf("%s left as they are (%s): %s", count(len(stores), "team is", "teams are"), list(stores), why)
		switch {
		case len(stores) == 0:
		case linked:
			found = append(found, note("groups", text, waitForRun))
		default:
			found = append(found, wrong("mappings", text, "correct the stores' rows in IntegrationSourceMappings in Commerce: one for each store, with the id of one group"))
		}
	}
	return found
}

// crowded tells of teams that Teams has no room for.
func (s *signs) crowded() []Finding {
	var found []Finding
	if full := s.teams(func(team org.Team, f plan.Found) bool { return max(len(team.Entries), len(f.People)) > maxMembers }); len(full) > 0 {
		found = append(found, wrong("size", fmt.Sprintf("%s more than %d people, the most Teams allows (%s)", count(len(full), "store has", "stores have"), maxMembers, list(full)),
			"deactivate workers in RetailChannelWorkers who do not work in the store"))
	}
	if full := s.teams(func(team org.Team, _ plan.Found) bool { return len(team.Owners()) > maxOwners }); len(full) > 0 {
		found = append(found, wrong("owners", fmt.Sprintf("%s more than %d managers, the most owners Teams allows (%s)", count(len(full), "store has", "stores have"), maxOwners, list(full)),
			"set MANAGER_RULE=unit, or take manager privileges from positions that manage no store"))
	}
	return found
}

// archived tells of open stores whose team somebody else archived.
func (s *signs) archived() []Finding {
	asleep := s.teams(func(_ org.Team, f plan.Found) bool { return f.Archived && !f.ArchivedByUs })
	if len(asleep) == 0 {
		return nil
	}
	return []Finding{note("archived", fmt.Sprintf("somebody archived the team of %s (%s)", count(len(asleep), "open store", "open stores"), list(asleep)),
		"restore the team in the Teams admin center under Manage teams, or put the store into CLOSED_STORES")}
}

// sortedTeams returns the keys of a map in order.
func sortedTeams[V any](m map[org.TeamKey]V) []org.TeamKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b org.TeamKey) int { return cmp.Compare(a.Store, b.Store) })
}
