package main

import "fmt"

// The hierarchies. Both have the purpose RetailReporting; the first is its
// default.
const (
	byRegion = "Stores by region"
	byFormat = "Stores by format"
)

// store is a store as far as staffing it needs.
type store struct {
	number  string
	name    string
	channel string // RetailChannelId, which is not the store's number
	unit    string // OperatingUnitNumber
	party   string // OperatingUnitPartyNumber, its place in the hierarchy
	node    string // the hierarchy node above it, by name
	company string // the legal entity that employs its staff
	staff   int    // how many ordinary workers it gets

	manager  *worker  // set by staffStores; nil where a case needs it so
	accounts []string // object ids of the ordinary staff, the manager's first
}

// node is a hierarchy node above stores, an operating unit of its own.
type node struct{ name, unit, party, above string }

// nodes are the default hierarchy above the stores. North has districts, so
// that the nearest node above a store need not be the one with a manager.
var nodes = [...]node{
	{"Larkmoor Retail", "900", "LM-900", ""},
	{"North", "910", "LM-910", "Larkmoor Retail"},
	{"North Coast", "911", "LM-911", "North"},
	{"North Dales", "912", "LM-912", "North"},
	{"Central", "920", "LM-920", "Larkmoor Retail"},
	{"South", "930", "LM-930", "Larkmoor Retail"},
}

// openStores makes the sixteen ordinary stores.
func (r *retailer) openStores() {
	for i, s := range [...]struct{ name, node, company string }{
		{"Ashcombe", "North Coast", britain},
		{"Brindleford", "North Coast", britain},
		{"Carrow Bay", "North Coast", britain},
		{"Dunmere", "North Dales", britain},
		{"Eastwick Cross", "North Dales", britain},
		{"Fallowgate", "North Dales", britain},
		{"Glenhollow", "Central", britain},
		{"Hexley Market", "Central", britain},
		{"Ironbridge Row", "Central", britain},
		{"Juniper Walk", "Central", britain},
		{"Kestrel Park", "Central", britain},
		{"Lowmarsh", "South", britain},
		{"Marlhaven", "South", britain},
		{"Netherby & Co", "South", britain},
		{"Ballycorran", "South", ireland},
		{"Oranfield", "South", ireland},
	} {
		r.open(fmt.Sprintf("%06d", 101+i), s.name, s.node, s.company)
	}
}

// open adds a store and its operating unit. Who manages it is for later.
func (r *retailer) open(number, name, node, company string) *store {
	i := len(r.stores) + 1
	s := &store{
		number: number, name: name, node: node, company: company, staff: 7,
		channel: fmt.Sprint(5637145000 + 7*i), unit: fmt.Sprint(1000 + i), party: fmt.Sprintf("LM-%d", 1000+i),
	}
	r.stores = append(r.stores, s)
	culture := "en-GB"
	if company == ireland {
		culture = "en-IE"
	}
	r.add("RetailStores", "RetailChannelId", s.channel, "StoreNumber", s.number,
		"OperatingUnitNumber", s.unit, "OperatingUnitPartyNumber", s.party,
		"ChannelTimeZone", "GMTSTANDARDTIME", "CultureName", culture, "WarehouseLegalEntity", company)
	return s
}

// addUnit writes an operating unit, once it is known who manages it.
func (r *retailer) addUnit(unit, party, name, kind, manager string) {
	r.add("OperatingUnits", "OperatingUnitNumber", unit, "PartyNumber", party, "Name", name,
		"OperatingUnitType", kind, "ManagerPersonnelNumber", manager)
}

// link puts a node below another in a hierarchy.
func (r *retailer) link(hierarchy, parent, parentName, child, childName, from, to string) {
	r.add("OrganizationHierarchyPublishedV2", "HierarchyType", hierarchy,
		"ParentOrganizationPartyNumber", parent, "ParentOrganizationName", parentName,
		"ChildOrganizationPartyNumber", child, "ChildOrganizationName", childName,
		"validFrom", from, "validTo", to)
}

func (r *retailer) nodeNamed(name string) node {
	for _, n := range nodes {
		if n.name == name {
			return n
		}
	}
	return node{}
}

func (r *retailer) storeNumbered(number string) *store {
	for _, s := range r.stores {
		if s.number == number {
			return s
		}
	}
	return nil
}

// buildHierarchies publishes both hierarchies.
func (r *retailer) buildHierarchies() {
	const since = "2015-01-01T00:00:00Z"
	r.add("OrganizationHierarchyPurposes", "HierarchyPurpose", "RetailReporting", "HierarchyType", byFormat, "SetAsDefault", "No")
	r.add("OrganizationHierarchyPurposes", "HierarchyPurpose", "RetailReporting", "HierarchyType", byRegion, "SetAsDefault", "Yes")
	// CASE the default of another purpose says nothing about this one.
	r.add("OrganizationHierarchyPurposes", "HierarchyPurpose", "RetailAssortment", "HierarchyType", byFormat, "SetAsDefault", "Yes")
	for _, n := range nodes {
		above := r.nodeNamed(n.above)
		r.link(byRegion, above.party, above.name, n.party, n.name, since, open)
	}
	for _, s := range r.stores {
		if above := r.nodeNamed(s.node); above.party != "" {
			r.link(byRegion, above.party, above.name, s.party, s.name, since, open)
		}
	}
	// CASE a store that moved: its old place in the hierarchy has ended.
	moved, central := r.storeNumbered("000113"), r.nodeNamed("Central")
	r.link(byRegion, central.party, central.name, moved.party, moved.name, "2010-01-01T00:00:00Z", since)
	// CASE a loop in the default hierarchy, beside the tree that holds the stores.
	r.link(byRegion, "LM-981", "Closed before 2015", "LM-980", "Archive", since, open)
	r.link(byRegion, "LM-980", "Archive", "LM-981", "Closed before 2015", since, open)
	r.buildFormats(since)
}

// buildFormats publishes the hierarchy that does not count. It is in no state
// to be used, which must not matter.
func (r *retailer) buildFormats(since string) {
	r.link(byFormat, "", "", "LM-970", "All formats", since, open)
	r.link(byFormat, "LM-970", "All formats", "LM-971", "High street", since, open)
	for _, s := range r.stores[:8] {
		r.link(byFormat, "LM-971", "High street", s.party, s.name, since, open)
	}
	// CASE a loop with a store in it.
	lost := r.stores[8]
	r.link(byFormat, "LM-972", "Pop-up", lost.party, lost.name, since, open)
	r.link(byFormat, "LM-973", "Seasonal", "LM-972", "Pop-up", since, open)
	r.link(byFormat, "LM-972", "Pop-up", "LM-973", "Seasonal", since, open)
	// CASE an orphan: nothing says what is above its parent.
	r.link(byFormat, "LM-979", "Concessions", r.stores[9].party, r.stores[9].name, since, open)
}
