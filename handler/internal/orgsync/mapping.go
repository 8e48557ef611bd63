package orgsync

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// storeMapping is what Commerce's mappings say of one store.
type storeMapping struct {
	groups     []*ledger.Group // that exist, or of which nothing is certain
	shared     bool            // one of them is another store's too
	unreadable bool            // a mapping names the store, but no group
}

// mappedGroups gathers the mappings by store. Store numbers compare without
// case, as everywhere in Finance & Operations.
func mappedGroups(w *world) map[string]storeMapping {
	mapped := map[string]storeMapping{}
	claimed := map[org.TeamID]string{}
	shared := map[org.TeamID]bool{}
	for _, m := range storeMappings(w.snapshot.Mappings) {
		number := org.StoreNumber(m.SourceID).Folded()
		entry := mapped[number]
		if other, taken := claimed[m.Team]; taken && other != number {
			shared[m.Team] = true
		}
		claimed[m.Team] = number
		g := w.groups[m.Team]
		switch {
		case m.Team == "":
			entry.unreadable = true
		case g != nil && !g.Gone && !slices.Contains(entry.groups, g):
			entry.groups = append(entry.groups, g)
		}
		mapped[number] = entry
	}
	for number, entry := range mapped {
		entry.shared = slices.ContainsFunc(entry.groups, func(g *ledger.Group) bool { return shared[g.ID] })
		mapped[number] = entry
	}
	return mapped
}

// found is what a store's mappings come to. Whenever they are not clear the
// store has to wait for a person: a team of its own might be its second.
func (m storeMapping) found(linked map[org.TeamID]bool) (f plan.Found, exists bool) {
	switch {
	case m.unreadable:
		return plan.Found{Unclear: "Commerce maps this store to something that is no group id; correct or delete the mapping"}, true
	case len(m.groups) == 0:
		return plan.Found{}, false
	case len(m.groups) > 1:
		return plan.Found{Unclear: "Commerce maps this store to several groups; delete all of these mappings but one"}, true
	}
	f = foundGroup(m.groups[0], plan.Mapped)
	switch g := m.groups[0]; {
	case strings.HasPrefix(g.Marker, org.MarkerPrefix) || linked[g.ID]:
		f.Blocked = "the group that Commerce maps to this store belongs to another store or instance of storeteams"
	case m.shared:
		f.Blocked = "Commerce maps the same group to several stores"
	}
	return f, true
}

// mappingFindings reports stores in scope that are mapped to groups that are gone.
func mappingFindings(w *world) []org.Finding {
	wanted := map[org.TeamKey]bool{}
	for _, team := range w.roster.Teams {
		wanted[team.Key] = true
	}
	var findings []org.Finding
	for _, m := range storeMappings(w.snapshot.Mappings) {
		key := org.TeamKey{Store: org.StoreNumber(m.SourceID)}
		if g := w.groups[m.Team]; m.Team != "" && (g == nil || g.Gone) && wanted[key] && w.found[key].Group == "" {
			findings = append(findings, org.Finding{Code: org.StaleMapping, Team: key,
				Text: fmt.Sprintf("Commerce maps this store to group %s, which does not exist; the store gets a team of its own", m.Team)})
		}
	}
	return findings
}
