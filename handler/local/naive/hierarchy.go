package naive

import (
	"slices"
	"strings"
)

// hierarchy names the hierarchy that counts: the one HIERARCHY names; else,
// of those with the purpose RetailReporting, the only one, the only default,
// the alphabetically first of the defaults, or of all.
func (f *facts) hierarchy() string {
	if name := strings.TrimSpace(f.set.Hierarchy); name != "" {
		return name
	}
	var all, defaults []string
	for _, p := range f.rows["OrganizationHierarchyPurposes"] {
		if strings.EqualFold(p.text["HierarchyPurpose"], "RetailReporting") {
			all = append(all, p.text["HierarchyType"])
			if p.text["SetAsDefault"] == "yes" {
				defaults = append(defaults, p.text["HierarchyType"])
			}
		}
	}
	switch {
	case len(defaults) > 0:
		return slices.Min(defaults)
	case len(all) > 0:
		return slices.Min(all)
	}
	return ""
}

// currentLinks lists the hierarchy's rows that are valid now.
func (f *facts) currentLinks() []row {
	var links []row
	for _, l := range f.where("OrganizationHierarchyPublishedV2", "HierarchyType", f.hierarchy()) {
		if f.current(l, "validFrom", "validTo") {
			links = append(links, l)
		}
	}
	return links
}

// parent finds the node above: of several the bytewise smallest, none is "".
func (f *facts) parent(party string) string {
	smallest := ""
	for _, l := range f.links {
		parent := l.text["ParentOrganizationPartyNumber"]
		if l.text["ChildOrganizationPartyNumber"] == party && parent != "" && (smallest == "" || parent < smallest) {
			smallest = parent
		}
	}
	return smallest
}

// path walks from a party to the top: itself first, then every node above,
// stopping where a node comes round again.
func (f *facts) path(party string) []string {
	var nodes []string
	for party != "" && !slices.Contains(nodes, party) {
		nodes = append(nodes, party)
		party = f.parent(party)
	}
	return nodes
}
