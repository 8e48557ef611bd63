package main

// addOddPeople adds the workers whose place in a store shows a rule. Each store
// they are put into has a manager of its own.
func (r *retailer) addOddPeople() {
	r.addOddPlaces()
	r.addOddPositions()
	r.addOddEmployments()
	r.addOddActivity()

	// CASE two people with one name.
	for range 2 {
		twin := r.hireNamed(britain, spelt{"Anna", "anna"}, spelt{"Smith", "smith"})
		r.employ(twin, r.started(), open)
		r.account(twin)
		r.worksIn(twin, r.storeNumbered("000109"))
	}
}

// addOddPlaces adds workers whose rights and whose store are not in one place.
func (r *retailer) addOddPlaces() {
	// CASE a worker in several stores is in several teams.
	several := r.ordinary(r.storeNumbered("000101"))
	r.worksIn(several, r.storeNumbered("000102"))
	r.worksIn(several, r.storeNumbered("000104"))

	// CASE manager by privilege, department of no store, active in two stores that
	// have managers: one more owner in each.
	floating := r.ordinary(r.storeNumbered("000107"))
	r.worksIn(floating, r.storeNumbered("000108"))
	r.permit(r.position(floating, storeManager, "HR-FLOATING", r.started(), open), "Yes", "")

	// CASE manager privileges in another store's department: owner there and only
	// a member where they are active.
	elsewhere := r.ordinary(r.storeNumbered("000109"))
	r.permit(r.position(elsewhere, storeManager, r.storeNumbered("000108").unit, r.started(), open), "Yes", "")
}

// addOddPositions adds workers who do not manage now what they did or will.
func (r *retailer) addOddPositions() {
	// CASE a manager position that has ended: a plain member now.
	former := r.ordinary(r.storeNumbered("000102"))
	r.permit(r.position(former, storeManager, r.storeNumbered("000102").unit, "2016-01-01T00:00:00Z", "2023-07-01T00:00:00Z"), "Yes", "")

	// CASE a manager position that has not begun.
	future := r.ordinary(r.storeNumbered("000103"))
	r.permit(r.position(future, storeManager, r.storeNumbered("000103").unit, "2090-01-01T00:00:00Z", open), "Yes", "")
}

// addOddEmployments adds workers who left, and one who came back.
func (r *retailer) addOddEmployments() {
	// CASE employment ended, and nobody told the store.
	leaver := r.hire(britain)
	r.employ(leaver, "2017-03-01T00:00:00Z", "2024-02-29T23:59:59Z")
	r.account(leaver)
	r.worksIn(leaver, r.storeNumbered("000104"))

	// CASE the same in the other company: unseen without cross-company=true.
	irish := r.hire(ireland)
	r.employ(irish, "2018-03-01T00:00:00Z", "2024-05-31T23:59:59Z")
	r.account(irish)
	r.worksIn(irish, r.storeNumbered("000115"))

	// CASE employment ended, and begun again.
	again := r.hire(britain)
	r.employ(again, "2014-03-01T00:00:00Z", "2019-08-31T23:59:59Z")
	r.employ(again, "2022-04-01T00:00:00Z", open)
	r.account(again)
	r.worksIn(again, r.storeNumbered("000105"))
}

// addOddActivity adds workers who are not active where they were.
func (r *retailer) addOddActivity() {
	// CASE no longer active in the store: a stated leave.
	inactive := r.hire(britain)
	r.employ(inactive, r.started(), open)
	r.account(inactive)
	r.channelWorker(inactive.number, r.storeNumbered("000106").channel, "No")

	// CASE active in one store, no longer in another.
	transferred := r.ordinary(r.storeNumbered("000107"))
	r.channelWorker(transferred.number, r.storeNumbered("000106").channel, "No")
}
