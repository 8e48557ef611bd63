package naive

import (
	"slices"
	"strings"
)

// group is a group of the tenant.
type group struct {
	id, name, unique               string
	unified, dynamic, synced, team bool
	owners, members                []string // members without the owners
}

// readGroup reads a Graph group.
func readGroup(raw map[string]any) group {
	types := texts(raw["groupTypes"])
	g := group{
		id:      strings.ToLower(text(raw["id"])),
		name:    text(raw["displayName"]),
		unique:  text(raw["uniqueName"]),
		unified: slices.Contains(types, "Unified"),
		dynamic: slices.Contains(types, "DynamicMembership"),
		synced:  raw["onPremisesSyncEnabled"] == true,
		team:    slices.Contains(texts(raw["resourceProvisioningOptions"]), "Team"),
		owners:  ids(raw["owners"]),
	}
	for _, id := range ids(raw["members"]) {
		if !slices.Contains(g.owners, id) {
			g.members = append(g.members, id)
		}
	}
	return g
}

// texts reads an array of strings, as decoded or as written in Go.
func texts(v any) []string {
	if list, ok := v.([]string); ok {
		return list
	}
	var found []string
	list, _ := v.([]any)
	for _, item := range list {
		found = append(found, text(item))
	}
	return found
}

// ids reads the ids of an array of objects, sorted, each once.
func ids(v any) []string {
	var found []string
	for _, object := range objects(v) {
		found = append(found, strings.ToLower(text(object["id"])))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// marked finds the group that carries a marker.
func (f *facts) marked(marker string) (group, bool) {
	i := slices.IndexFunc(f.groups, func(g group) bool { return g.unique == marker })
	if i < 0 {
		return group{}, false
	}
	return f.groups[i], true
}

// mappings lists the groups Commerce has mapped to the store, which may not
// exist, and whether there is one of which Commerce does not tell the group.
func (f *facts) mappings(st store) (teams []string, unreadable bool) {
	for _, m := range f.whereFold("IntegrationSourceMappings", "SourceId", st.number) {
		if !strings.EqualFold(m.text["SourceType"], "RetailStore") {
			continue
		}
		team, readable := guid(m.text["TeamId"])
		if !readable {
			unreadable = true
		} else if !slices.Contains(teams, team) {
			teams = append(teams, team)
		}
	}
	return teams, unreadable
}

// mappedStores counts the different store numbers mapped to a group.
func (f *facts) mappedStores(team string) int {
	var numbers []string
	for _, m := range f.rows["IntegrationSourceMappings"] {
		number := strings.ToLower(m.text["SourceId"])
		isStore := strings.EqualFold(m.text["SourceType"], "RetailStore")
		if isStore && teamID(m.text["TeamId"]) == team && !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	return len(numbers)
}

// teamID normalizes a group id as Commerce may have written it.
func teamID(s string) string { return strings.ToLower(strings.Trim(strings.TrimSpace(s), "{}")) }

// existing finds the group that is the store's team already. A group with the
// store's marker is; else the mapped one is adopted, unless something speaks
// against it, which is then the reason to skip the store. A mapping to a group
// that does not exist counts for nothing: the store gets a new team.
func (f *facts) existing(st store) (g group, adopted bool, skipped string) {
	if g, ok := f.marked(StoreMarker(f.set.Instance, st.number)); ok {
		return g, false, ""
	}
	teams, unreadable := f.mappings(st)
	var there []group
	for _, g := range f.groups {
		if slices.Contains(teams, g.id) {
			there = append(there, g)
		}
	}
	switch {
	case unreadable || len(there) > 1:
		return group{}, false, UnclearMapping
	case len(there) == 0:
		return group{}, false, ""
	}
	g = there[0]
	switch {
	case !g.unified:
		skipped = NotUnified
	case g.dynamic:
		skipped = Dynamic
	case g.synced:
		skipped = Synced
	case strings.HasPrefix(g.unique, "storeteams-"):
		skipped = ForeignMarker // its own marker would have been found above
	case f.mappedStores(g.id) > 1:
		skipped = DoublyMapped
	case !f.set.Adopt:
		skipped = Hold
	}
	return g, true, skipped
}
