package org

import (
	"slices"
	"time"
)

// leave says how somebody left who no longer belongs by the rules.
func (e *Evidence) leave(key TeamKey, m Managed) Leave {
	store, listed := e.store(key)
	worker := key.IsStore() && m.Worker != "" // in the communications team no row is a statement
	flag, said := Unknown, false
	if worker && listed && m.Reason.ofStore() {
		flag, said = e.says(store.Channel, m.Worker)
	}
	switch {
	case flag == No:
		return LeftStore
	case said || e.open(key, m): // a row that is not understood, or not followed
		return Stays
	case worker && (e.ended(m, e.inDepartment(store.Unit)) || e.ended(m, anyPosition)):
		return LeftStore
	case e.mayStandIn(key, m):
		return Stays
	}
	return Absent
}

// says returns what the rows of a channel say of a worker, if any does: Yes wins
// over No, No over Unknown.
func (e *Evidence) says(channel string, worker PersonnelNumber) (flag Flag, said bool) {
	for _, row := range e.channels.of(worker) {
		if row.Channel == channel {
			flag, said = max(flag, row.Active), true
		}
	}
	return flag, said
}

// store finds the row of a team's store, in scope or not.
func (e *Evidence) store(key TeamKey) (Store, bool) {
	store, listed := e.stores[key.Store.Folded()]
	return store, listed && key.IsStore()
}

// open reports whether what could not be read, or was not looked at, leaves open
// if somebody belongs to a team. Who is there by a setting is in no row.
func (e *Evidence) open(key TeamKey, m Managed) bool {
	_, wanted := e.entries[key]
	unread := e.unread.open(m.Worker, key)
	switch {
	case !wanted && e.Presence(key) != Missing:
		return true // the rules were not asked who belongs to it
	case m.Worker != "" && e.left[m.Worker]:
		return true // an employment may go on
	case !key.IsStore():
		return m.Role == Member && unread&onCommunication != 0
	case m.Worker == "":
		return false
	}
	store, _ := e.store(key)
	return unread&onMembership != 0 || e.managers.byDepartments() && e.unclear(m.Worker, func(departments []string) bool {
		return store.Unit != "" && slices.Contains(departments, store.Unit)
	})
}

// mayStandIn reports whether a row that could not be read may be why an owner
// stands in no longer: one about who stands in, in a store without a manager, or
// one about its managers, which may say that they are none any more.
func (e *Evidence) mayStandIn(key TeamKey, m Managed) bool {
	if !key.IsStore() || m.Role != Owner {
		return false
	}
	if CaretakerNode <= m.Reason && m.Reason <= CaretakerFallback && e.managerUnread(key) {
		return true
	}
	hasManager := slices.ContainsFunc(e.entries[key], func(entry Entry) bool {
		return entry.Role == Owner && entry.Reason <= StoreManager && !entry.StayOnly
	})
	return !hasManager && e.unread.open(m.Worker, key)&onCaretaking != 0
}

// managerUnread reports whether a row that could not be read may be about
// somebody who manages a store.
func (e *Evidence) managerUnread(key TeamKey) bool {
	return slices.ContainsFunc(e.entries[key], func(entry Entry) bool {
		return entry.Role == Owner && entry.Reason <= StoreManager && e.unread.open(entry.Worker, key)&onMembership != 0
	})
}

// Demotion says why somebody managed as an owner is wanted as a member only:
// Stays, Absent or LeftStore (their privileged position ended after they became
// managed).
//
// A guest owns nothing, so one who was made a guest is Absent as an owner. Who
// lost a role for no other reason than an account that cannot be used keeps it.
func (e *Evidence) Demotion(key TeamKey, m Managed) Leave {
	if e == nil {
		return Stays
	}
	entry, wanted := e.entry(key, m.User)
	if !wanted {
		return Stays
	}
	store, _ := e.store(key)
	gives := func(departments []string) bool { return e.managers.mayGive(departments, store.Unit) }
	worker := key.IsStore() && m.Worker != ""
	switch {
	case worker && (e.unread.open(m.Worker, key)&onManagement != 0 || e.unclear(m.Worker, gives)):
		return Stays
	case worker && e.ended(m, func(position string) bool {
		return e.managers.positions[position] && gives(e.departments(position))
	}):
		return LeftStore
	case entry.StayOnly || e.unusable(key, m) || e.mayStandIn(key, m):
		return Stays
	}
	return Absent
}

// unusable reports whether the worker belongs to a team with an account that is
// not there.
func (e *Evidence) unusable(key TeamKey, m Managed) bool {
	return slices.ContainsFunc(e.hidden.of(key, m), func(account UserID) bool {
		_, there := e.entry(key, account)
		return !there
	})
}

// ended reports whether rows say that a worker's positions of a kind came to an
// end after they became managed, and none goes on or is to begin. A row of years
// ago is no statement about somebody who came since.
func (e *Evidence) ended(m Managed, kind func(position string) bool) bool {
	var last time.Time
	for _, row := range e.assignments.of(m.Worker) {
		if !kind(row.Position) {
			continue
		}
		if !over(row.To, e.now) {
			return false
		}
		if row.To.After(last) {
			last = row.To
		}
	}
	return last.After(m.Since)
}

func anyPosition(string) bool { return true }

// inDepartment reports of a position whether it is in a unit.
func (e *Evidence) inDepartment(unit string) func(position string) bool {
	return func(position string) bool { return unit != "" && slices.Contains(e.departments(position), unit) }
}

// departments returns the departments of a position.
func (e *Evidence) departments(position string) []string {
	var departments []string
	for _, row := range e.positions.of(position) {
		if row.Department != "" {
			departments = append(departments, row.Department)
		}
	}
	return departments
}

// unclear reports whether the worker has a current position of which rows leave
// open if it has manager privileges, in departments that matter.
func (e *Evidence) unclear(worker PersonnelNumber, matter func(departments []string) bool) bool {
	for _, row := range e.assignments.of(worker) {
		if current(row.From, row.To, e.now) && matter(e.departments(row.Position)) &&
			e.managers.unclear(e.permissions.of(row.Position)) {
			return true
		}
	}
	return false
}
