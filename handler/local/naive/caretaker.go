package naive

import "slices"

// caretaker finds who stands in for a store without a manager, or nobody.
// taken counts the stores each person stands in for already.
func (f *facts) caretaker(st store, taken map[string]int) (user, bool) {
	free := func(u user) bool { return taken[u.id] < f.set.MaxCaretakerTeams }
	path := f.path(st.party)
	// The manager of the nearest hierarchy node above.
	for i, node := range path {
		if i == 0 {
			continue // the store's own
		}
		for _, unit := range f.where("OperatingUnits", "PartyNumber", node) {
			manager := unit.text["ManagerPersonnelNumber"]
			if u, cause := f.account(manager); cause == "" && f.mayOwn(u) && !f.gone(manager) && free(u) {
				return u, true
			}
		}
	}
	// Else a communications manager, lowest personnel number first.
	for _, m := range f.communicationsManagers() {
		if m.cause == "" && f.mayOwn(m.account) && f.covers(m, st, path) && free(m.account) {
			return m.account, true
		}
	}
	// Else who FALLBACK_OWNERS names.
	for _, u := range f.named(f.set.FallbackOwners) {
		if free(u) {
			return u, true
		}
	}
	return user{}, false
}

// covers reports whether a communications manager's role reaches the store: it
// is not limited to organizations, or one of them is the store's unit or the
// unit of a node above.
func (f *facts) covers(m communicationsManager, st store, path []string) bool {
	limits := f.roleOrganizations(m)
	if len(limits) == 0 || slices.Contains(limits, st.unit) {
		return true
	}
	for _, node := range path {
		for _, unit := range f.where("OperatingUnits", "PartyNumber", node) {
			if slices.Contains(limits, unit.text["OperatingUnitNumber"]) {
				return true
			}
		}
	}
	return false
}
