package main

import "strings"

// addOddAccounts adds the workers whose Entra account, or the lack of one, shows
// a rule. They work in stores that have managers of their own.
func (r *retailer) addOddAccounts() {
	r.addSharedAccount()
	r.addSpellings()
	r.addUnusable()

	// CASE no identity: no row in RetailStaff, no F&O user.
	r.unlinked("000101")

	// CASE no identity: a row in RetailStaff that says nothing.
	r.identity(r.unlinked("000102"), "", "")

	// CASE no row in RetailStaff, but a person who is an F&O user: its alias is
	// the account.
	second := r.unlinked("000103")
	r.user(second.id, second.upn, second.name, licensed)
	r.systemUser(second)

	// CASE the same, and the link has ended: no identity.
	ended := r.unlinked("000104")
	r.add("PersonUsers", "UserId", "former.agency", "PartyNumber", ended.party,
		"ValidFrom", "2018-01-01T00:00:00Z", "ValidTo", "2021-01-01T00:00:00Z")
	r.add("SystemUsers", "UserID", "former.agency", "Alias", "newsroom@"+domain, "Enabled", false)
}

// unlinked hires somebody into a store without saying which account is theirs.
func (r *retailer) unlinked(number string) *worker {
	s := r.storeNumbered(number)
	w := r.hire(s.company)
	r.employ(w, r.started(), open)
	r.worksIn(w, s)
	return w
}

// CASE two workers with one Entra account: a store's manager has a second,
// seasonal contract in the same store and in another. Owner here, member there.
func (r *retailer) addSharedAccount() {
	s := r.storeNumbered("000105")
	seasonal := r.unlinked("000105")
	r.worksIn(seasonal, r.storeNumbered("000106"))
	r.identity(seasonal, s.manager.id, s.manager.upn)
}

// addSpellings writes identities the way people and imports do.
func (r *retailer) addSpellings() {
	// CASE an object id in upper case and braces.
	braces := r.unlinked("000107")
	r.user(braces.id, braces.upn, braces.name, licensed)
	r.identity(braces, "{"+strings.ToUpper(braces.id)+"}", "")

	// CASE no object id, a UPN in mixed case.
	mixed := r.unlinked("000108")
	r.user(mixed.id, mixed.upn, mixed.name, licensed)
	r.identity(mixed, "", strings.ToUpper(mixed.upn[:1])+mixed.upn[1:len(mixed.upn)-len(domain)]+"Larkmoor.EXAMPLE")

	// CASE an object id that is no GUID.
	r.identity(r.unlinked("000109"), "not-a-guid", "")
}

// addUnusable adds accounts that exist, or do not, and cannot be added.
func (r *retailer) addUnusable() {
	for _, c := range [...]struct {
		store string
		state accountState
	}{
		{"000110", disabled},   // CASE the account is disabled: a stated leave
		{"000111", unlicensed}, // CASE no licence for Teams
		{"000112", suspended},  // CASE the licence is suspended
		{"000113", guest},      // CASE a guest
	} {
		w := r.unlinked(c.store)
		if c.state == guest {
			w.upn = strings.ReplaceAll(w.upn, "@"+domain, "_agency.example#EXT#@"+domain)
		}
		r.user(w.id, w.upn, w.name, c.state)
		r.identity(w, w.id, w.upn)
	}

	// CASE an identity of another tenant.
	foreign := r.unlinked("000114")
	r.add("RetailStaff", "PersonnelNumber", foreign.number, "ExternalIdentifier", guid("another tenant"),
		"ExternalSubIdentifier", guid("somebody elsewhere"), "ExternalIdentityAlias", "temp.worker@staffing.example")

	// CASE an object id nobody has: the account was deleted.
	r.identity(r.unlinked("000115"), guid("deleted account"), "")
}
