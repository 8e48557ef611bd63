package org

import "time"

// AccountOf finds the account of a worker, as the roster does: the zero id and
// the cause if there is none. An account that may not be added, such as a
// disabled one, is returned beside the cause.
func AccountOf(s Snapshot, users *Users, worker PersonnelNumber, now time.Time) (UserID, UnmappedCause) {
	a := newIdentities(s, users, false, now).worker(worker)
	return a.user.ID, a.cause
}

// AccountsOf returns the accounts of those of the workers who have one, also if
// it may not be added now.
func AccountsOf(s Snapshot, users *Users, workers []PersonnelNumber, now time.Time) []UserID {
	ids := newIdentities(s, users, false, now)
	var accounts []UserID
	for _, worker := range workers {
		if user := ids.worker(worker).user.ID; user != (UserID{}) {
			accounts = append(accounts, user)
		}
	}
	return accounts
}
