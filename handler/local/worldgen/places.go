package worldgen

import (
	"fmt"
	"strings"
)

// makeStores makes the stores and their operating units.
func (b *builder) makeStores(stores int) {
	for i := range stores {
		st := shop{
			number:  b.storeNumber(i),
			channel: fmt.Sprintf("C%04d", i),
			unit:    fmt.Sprintf("U%04d", i),
			party:   fmt.Sprintf("P-%04d", i),
			ownUnit: true,
		}
		r := row{
			"StoreNumber": b.padded(st.number), "RetailChannelId": b.padded(st.channel),
			"OperatingUnitNumber": st.unit, "OperatingUnitPartyNumber": st.party,
		}
		unit := row{"OperatingUnitNumber": st.unit, "PartyNumber": st.party, "Name": b.unitName(i), "ManagerPersonnelNumber": b.nothing()}
		switch b.d.IntN(24) {
		case 18: // found through the party only
			r["OperatingUnitNumber"], st.unit, st.ownUnit = b.nothing(), "", false
		case 19:
			r["OperatingUnitNumber"], st.unit, st.ownUnit = "stale", "stale", false
		case 20: // in no hierarchy, unit found through the number
			r["OperatingUnitPartyNumber"], st.party = nil, ""
		case 21:
			unit, st.ownUnit = nil, false
		case 22:
			if i > 0 { // two stores on one channel
				st.channel = b.stores[i-1].channel
				r["RetailChannelId"] = st.channel
			}
		case 23:
			r["RetailChannelId"], st.channel = nil, ""
		}
		st.twin = oneIn(b.d, 15)
		b.add("RetailStores", r)
		if unit != nil {
			b.add("OperatingUnits", unit)
		}
		if st.twin {
			b.makeTwin(st)
		}
		b.stores = append(b.stores, st)
	}
}

// makeTwin adds a second row for a store's number, ignoring case, with a
// channel and a unit of its own.
func (b *builder) makeTwin(st shop) {
	n := b.next()
	unit, party := fmt.Sprintf("X%04d", n), fmt.Sprintf("P-X%04d", n)
	b.add("RetailStores", row{
		"StoreNumber": otherCase(b.d, st.number), "RetailChannelId": pick(b.d, "D", "A") + fmt.Sprint(n),
		"OperatingUnitNumber": unit, "OperatingUnitPartyNumber": party,
	})
	b.add("OperatingUnits", row{"OperatingUnitNumber": unit, "PartyNumber": party, "Name": "Twin", "ManagerPersonnelNumber": b.anyWorker()})
}

// storeNumber draws a number in one of the ways people number stores. Each
// holds i, so all differ.
func (b *builder) storeNumber(i int) string {
	switch b.d.IntN(12) {
	case 6:
		return fmt.Sprintf("S%d", i)
	case 7:
		return fmt.Sprintf("Nord/%d süd", i)
	case 8:
		return fmt.Sprintf("st_%d-é", i)
	case 9:
		return fmt.Sprintf("aBc%dX", i)
	case 10:
		return fmt.Sprintf("%s%d", strings.Repeat("Long", 12), i)
	case 11:
		return fmt.Sprintf("東京%d", i)
	}
	return fmt.Sprintf("%06d", i)
}

// unitName draws the name of a unit.
func (b *builder) unitName(i int) any {
	switch b.d.IntN(14) {
	case 6:
		return fmt.Sprintf("  Shop\t%d   Main \u00a0 Street ", i)
	case 7:
		return b.nothing()
	case 8:
		return "Same name"
	case 9:
		return fmt.Sprintf("{number} {name} %d", i)
	case 10: // around the limit of 256, with a blank where it may be cut
		return strings.Repeat("ab ", 80+b.d.IntN(6)) + strings.Repeat("x y", b.d.IntN(8))
	case 11:
		return strings.Repeat(pick(b.d, "👩\u200d👩\u200d👧", "🇳🇴", "👍🏽", "e\u0301", "한", "\u1112\u1161\u11ab"), 60+b.d.IntN(80))
	case 12:
		return strings.Repeat("z", 240+b.d.IntN(20)) + pick(b.d, "🛒", "e\u0301\u0323", "🇳🇴🇸🇪", "❤\ufe0f\u200d🔥") + " end"
	case 13:
		return strings.Repeat("w", 300)
	}
	return fmt.Sprintf("Shop %d", i)
}

// makeNodes makes the nodes above the stores, some with an operating unit and
// a manager.
func (b *builder) makeNodes() {
	for i := range 1 + b.d.IntN(5) + len(b.stores)/20 {
		n := node{party: fmt.Sprintf("N-%03d", i), name: fmt.Sprintf("Region %d", i)}
		if i > 0 && oneIn(b.d, 15) {
			n.name = b.nodes[i-1].name
		}
		if !oneIn(b.d, 4) {
			n.unit = fmt.Sprintf("R%03d", i)
			manager := any(b.anyWorker())
			if w, ok := b.soundWorker(); ok && oneIn(b.d, 2) {
				manager = w.number
			}
			if oneIn(b.d, 5) {
				manager = b.nothing()
			}
			b.add("OperatingUnits", row{"OperatingUnitNumber": n.unit, "PartyNumber": n.party, "Name": n.name, "ManagerPersonnelNumber": manager})
		}
		b.nodes = append(b.nodes, n)
	}
}

// hierarchies are the names of the hierarchies there may be.
func hierarchies() []string { return []string{"Retail", "Alternative", "Brands"} }

// makeHierarchies makes up to three hierarchies with the retail purpose and
// one with another.
func (b *builder) makeHierarchies() {
	purpose := func(name, purpose string, isDefault any) {
		b.add("OrganizationHierarchyPurposes", row{"HierarchyType": name, "HierarchyPurpose": purpose, "SetAsDefault": isDefault})
	}
	count := pick(b.d, 1, 1, 2, 2, 3, 0)
	for _, name := range hierarchies()[:count] {
		purpose(name, pick(b.d, "RetailReporting", "RetailReporting", "retailreporting"), pick(b.d, b.no, b.yes, b.unknown)())
		b.makeHierarchy(name)
	}
	if oneIn(b.d, 3) {
		purpose("Organization", pick(b.d, "OrganizationChart", "RetailAssortment"), b.yes())
		b.makeHierarchy("Organization")
	}
}

// makeHierarchy links the nodes and the stores: a tree, mostly.
func (b *builder) makeHierarchy(name string) {
	for i, n := range b.nodes {
		switch {
		case i > 0 && !oneIn(b.d, 8):
			b.link(name, b.nodes[b.d.IntN(i)], n.party, n.name)
		case oneIn(b.d, 6): // a loop, if only of itself
			b.link(name, b.nodes[len(b.nodes)-1], n.party, n.name)
		case oneIn(b.d, 2): // a root that says so
			b.link(name, node{}, n.party, n.name)
		}
	}
	for i, st := range b.stores {
		if st.party == "" || oneIn(b.d, 20) {
			continue // an orphan
		}
		parent := b.nodes[b.d.IntN(len(b.nodes))]
		b.link(name, parent, st.party, fmt.Sprintf("Shop %d", i))
		if oneIn(b.d, 15) {
			b.link(name, b.nodes[b.d.IntN(len(b.nodes))], st.party, fmt.Sprintf("Shop %d", i))
		}
	}
}

// link puts a child below a parent; seldom only in the past or future.
func (b *builder) link(hierarchy string, parent node, child, childName string) {
	from, to := b.valid()
	if oneIn(b.d, 20) {
		from, to = b.invalid()
	}
	r := row{
		"HierarchyType": hierarchy, "ParentOrganizationPartyNumber": parent.party, "ParentOrganizationName": parent.name,
		"ChildOrganizationPartyNumber": child, "ChildOrganizationName": b.padded(childName), "validFrom": from, "validTo": to,
	}
	if parent.party == "" {
		r["ParentOrganizationPartyNumber"], r["ParentOrganizationName"] = b.nothing(), nil
	}
	b.add("OrganizationHierarchyPublishedV2", r)
}
