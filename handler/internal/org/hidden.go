package org

// hidden is somebody who belongs to a team by the rules although no entry of it
// names their worker: their account could not be resolved or used, or it is
// there for another worker's sake.
type hidden struct {
	worker  PersonnelNumber // empty: named in settings, or an F&O user who is no worker
	account UserID          // zero: none was found
}

// hiddenPeople are the hidden, team by team. They are few: everybody else who
// belongs is an entry.
type hiddenPeople map[TeamKey][]hidden

// add notes somebody whose account is not added for their sake. An F&O user who
// is no worker is nobody we know if the account recorded is not in the tenant;
// if none could be read, it may be anybody's.
func (h hiddenPeople) add(key TeamKey, worker PersonnelNumber, a account) {
	if worker == "" && a.cause == NotInTenant {
		return
	}
	h[key] = append(h[key], hidden{worker, a.user.ID})
}

// of returns the accounts of those hidden in a team who are, or may be, the one
// managed.
func (h hiddenPeople) of(key TeamKey, m Managed) []UserID {
	var accounts []UserID
	for _, one := range h[key] {
		is := one.worker == m.Worker
		if is && m.Worker == "" && one.account != m.User {
			// Owners of the communications team are named in settings; who holds
			// a role is a member there.
			is = one.account.IsZero() && (key.IsStore() || m.Role == Member)
		}
		if is {
			accounts = append(accounts, one.account)
		}
	}
	return accounts
}
