package main

import "strings"

// addOddStores opens the stores that each show a rule. They are staffed like the
// others unless their case says otherwise.
func (r *retailer) addOddStores() {
	r.addOddNames()
	r.addMappedStores()
	r.addLonelyStores()

	// CASE a mapped group that is synced from on-premises: left alone.
	r.open("000130", "Vale Retail Park", "North Dales", britain).staff = 5
	r.mapTeam("000130", guid("group Vale Retail Park"))

	// CASE a mapping for a store that does not exist (any more).
	r.mapTeam("000099", guid("group Old Quay gone"))
}

// addOddNames opens stores whose names and numbers are hard to write.
func (r *retailer) addOddNames() {
	// CASE two stores with the same name: the number tells their teams apart.
	r.open("000117", "Kingsbrook", "Central", britain)
	r.open("000118", "Kingsbrook", "South", britain)

	// CASE a name that ends in an emoji of several code points (a family joined by
	// zero-width joiners), which must not be cut in two.
	r.open("000119", "Wrenfield Family Corner 👨‍👩‍👧‍👦", "Central", britain)

	// CASE a name of 300 characters, more than a group's name may have.
	r.open("000120", longName(), "South", britain)

	// CASE a store number with characters that no marker can hold.
	r.open("B-12/3", "Harbour Kiosk", "North Coast", britain).staff = 4

	// CASE blanks around a name.
	r.open("000122", "  Millgate  ", "Central", britain).staff = 5
}

// addMappedStores opens stores for which Commerce knows a group.
func (r *retailer) addMappedStores() {
	// CASE a store whose team exists: groups.go has it, with guests and an owner
	// that somebody added by hand.
	r.open("000123", "Old Quay", "South", britain)
	r.mapTeam("000123", guid("group Old Quay"))

	// CASE a stale mapping: the group is gone.
	r.open("000124", "Penhallow", "South", britain).staff = 5
	r.mapTeam("000124", guid("group that is gone"))

	// CASE a mapped group that is no team yet.
	r.open("000125", "Quarry Bank", "Central", britain).staff = 5
	r.mapTeam("000125", "{"+strings.ToUpper(guid("group Quarry Bank"))+"}") // as some imports write it

	// CASE a mapped group whose membership is a rule: left alone.
	r.open("000126", "Rushmere", "North Dales", britain).staff = 5
	r.mapTeam("000126", guid("group Rushmere"))
}

// addLonelyStores opens stores with nobody above or in them.
func (r *retailer) addLonelyStores() {
	// CASE a store that is missing from the hierarchy. It has a manager.
	r.open("000127", "Saltmarsh Pier", "", britain).staff = 5

	// CASE a store without a manager, below a node without one: the caretaker is
	// the manager of North, two nodes up.
	r.open("000128", "Thornwick", "North Coast", britain).staff = 4

	// CASE a store with nobody in it, and no manager named by any node above: the
	// caretaker is a communications manager.
	r.open("000129", "Upper Stratton", "South", britain).staff = 0
}

// managerless reports whether the store is to have no manager. Two of thirty
// stay far below the fifth at which a run is held, also after some more opened.
func (s *store) managerless() bool { return s.number == "000128" || s.number == "000129" }

func (r *retailer) mapTeam(number, group string) {
	r.add("IntegrationSourceMappings", "SourceType", "RetailStore", "SourceId", number, "TeamId", group)
}

// longName is 300 characters long, in letters of one to three bytes.
func longName() string {
	const phrase = "Larkmoor Tāmaki Gärten – Flagship for Garden, Kitchen & Workshop "
	runes := []rune(strings.Repeat(phrase, 5))
	return string(runes[:299]) + "!"
}
