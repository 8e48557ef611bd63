package main

// addBadRows adds what no form would let through and imports do. Each row is to
// be reported, and the others to go on.
func (r *retailer) addBadRows() {
	s := r.storeNumbered("000116")

	// CASE a null in a key.
	r.channelWorker(nil, s.channel, "Yes")

	// CASE an enum value nobody has heard of: neither a yes nor a stated no.
	unknown := r.hire(s.company)
	r.employ(unknown, r.started(), open)
	r.account(unknown)
	r.channelWorker(unknown.number, s.channel, "Suspended")

	// CASE a date that is none.
	dated := r.ordinary(s)
	r.permit(r.position(dated, deputy, s.unit, "2021-01-01T00:00:00Z", "31/12/2025"), "No", "SUPERVISOR")
}
