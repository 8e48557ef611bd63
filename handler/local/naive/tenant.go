package naive

import (
	"cmp"
	"slices"
	"time"
)

// Group is a group of the tenant in its final state.
type Group struct {
	ID     string // empty for a group that has to be created
	Marker string // uniqueName; of an existing group the one it had: an adopted group may refuse a marker
	Name   string // displayName
	Team   bool   // it has a team
	// Owners and Members are object ids, sorted. Members are those who are in the
	// group and own it not.
	Owners, Members []string
}

// ExpectTenant works out how every group of the tenant ends up when the rules
// are carried out with MODE=add: nobody is removed or demoted, nothing is
// archived. Existing groups come first, by id, then the new ones by marker.
func ExpectTenant(w World, s Settings, now time.Time) []Group {
	var groups []Group
	for _, raw := range w.Groups {
		g := readGroup(raw)
		groups = append(groups, Group{ID: g.id, Marker: g.unique, Name: g.name, Team: g.team, Owners: g.owners, Members: g.members})
	}
	e := Expect(w, s, now)
	if !e.Held {
		for _, number := range sortedKeys(e.Stores) {
			groups = carryOut(groups, e.Stores[number])
		}
		groups = carryOut(groups, e.Communications)
	}
	slices.SortFunc(groups, func(a, b Group) int {
		newA, newB := a.ID == "", b.ID == ""
		switch {
		case newA != newB && newA:
			return 1
		case newA != newB:
			return -1
		}
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Marker, b.Marker))
	})
	return groups
}

// carryOut makes one team real: a new group, or the people added to the group
// it is, which becomes a team if it was none. A skipped team is left alone.
func carryOut(groups []Group, t Team) []Group {
	if t.Skipped != "" {
		return groups
	}
	if t.Group == "" {
		return append(groups, Group{Marker: t.Marker, Name: t.Name, Team: true, Owners: t.Owners, Members: t.Members})
	}
	for i := range groups {
		if groups[i].ID != t.Group {
			continue
		}
		g := &groups[i]
		g.Name, g.Team = t.Name, true
		// Whoever was in stays; an owner stays owner, a member may become one.
		people := map[string]bool{}
		for _, id := range slices.Concat(g.Members, t.Members) {
			people[id] = false
		}
		for _, id := range slices.Concat(g.Owners, t.Owners) {
			people[id] = true
		}
		g.Owners, g.Members = split(people)
	}
	return groups
}
