package naive

import (
	"cmp"
	"slices"
	"strings"
)

// store is a row of RetailStores that counts.
type store struct{ number, channel, unit, party string }

// stores lists the stores in the order of their numbers. Of several rows whose
// numbers are equal ignoring case, the one with the bytewise smallest number,
// then the smallest channel, counts; the others are left out entirely.
func (f *facts) stores() []store {
	var all []store
	for _, r := range f.rows["RetailStores"] {
		all = append(all, store{
			number:  r.text["StoreNumber"],
			channel: r.text["RetailChannelId"],
			unit:    r.text["OperatingUnitNumber"],
			party:   r.text["OperatingUnitPartyNumber"],
		})
	}
	slices.SortFunc(all, func(a, b store) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.channel, b.channel))
	})
	var kept []store
	for _, st := range all {
		taken := slices.ContainsFunc(kept, func(k store) bool { return strings.EqualFold(k.number, st.number) })
		if !taken {
			kept = append(kept, st)
		}
	}
	return kept
}

// unitOf finds the store's operating unit by its number, else by its party. A
// store without a unit gets an empty row.
func (f *facts) unitOf(st store) row {
	for _, u := range f.where("OperatingUnits", "OperatingUnitNumber", st.unit) {
		return u
	}
	for _, u := range f.where("OperatingUnits", "PartyNumber", st.party) {
		return u
	}
	return row{}
}

// teamName is the wanted name of a store's team: the template with the unit's
// name, its runs of white space made one blank, and the number. A store whose
// unit has no name goes by its number.
func (f *facts) teamName(st store) string {
	name := strings.Join(strings.Fields(f.unitOf(st).text["Name"]), " ")
	if name == "" {
		name = st.number
	}
	return fill(f.set.TeamName, name, st.number)
}

// inScope reports whether SCOPE takes the store in: none is everything; an
// entry is the store's number, or the party number or the name of a hierarchy
// node that is the store's own or above it.
func (f *facts) inScope(st store) bool {
	if len(f.set.Scope) == 0 {
		return true
	}
	for _, entry := range f.set.Scope {
		entry = strings.TrimSpace(entry)
		if entry == st.number {
			return true
		}
		for _, node := range f.path(st.party) {
			if f.nodeIs(node, entry) {
				return true
			}
		}
	}
	return false
}

// nodeIs reports whether the node has that party number, or that name
// regardless of case, in a current row of the hierarchy.
func (f *facts) nodeIs(node, entry string) bool {
	for _, l := range f.links {
		if node == l.text["ParentOrganizationPartyNumber"] && (node == entry || strings.EqualFold(l.text["ParentOrganizationName"], entry)) {
			return true
		}
		if node == l.text["ChildOrganizationPartyNumber"] && (node == entry || strings.EqualFold(l.text["ChildOrganizationName"], entry)) {
			return true
		}
	}
	return false
}
