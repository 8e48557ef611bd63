package org

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
)

// claim is a rule by which a worker belongs to a store.
type claim struct {
	worker PersonnelNumber
	role   Role
	reason Reason
	denied Leave // what a row says against it; Stays: nothing
}

// claims yields who belongs to a store by a rule: those active in it, and the
// managers whom its department or its unit names. They belong to it even if they
// do not work its channel, unless a row says that they no longer do.
func (b *builder) claims(store Store, active map[PersonnelNumber]Flag) iter.Seq[claim] {
	return func(yield func(claim) bool) {
		for worker, flag := range active {
			if flag == Yes && !yield(b.claim(worker, StoreWorker, flag)) {
				return
			}
		}
		for _, worker := range b.managers.inDepartment(store.Unit) {
			if !yield(b.claim(worker, DepartmentManager, active[worker])) {
				return
			}
		}
		if unit := b.index.unit(store); b.managers.byUnit() && unit.Manager != "" {
			yield(b.claim(unit.Manager, UnitManager, active[unit.Manager]))
		}
	}
}

// claim is what a rule makes of a worker, of whom the store's rows say active.
func (b *builder) claim(worker PersonnelNumber, why Reason, active Flag) claim {
	c := claim{worker: worker, role: Owner, reason: why}
	switch {
	case why == StoreWorker && b.managers.whereActive(worker):
		c.reason = StoreManager
	case why == StoreWorker:
		c.role = Member
	case active == No:
		c.denied = LeftStore
	}
	if b.index.left[worker] {
		c.denied = LeftCompany
	}
	return c
}

// join adds an entry for an account, or notes why it cannot.
func (b *builder) join(key TeamKey, people crowd, a account, e Entry) {
	if a.found && b.blocks.cover(a.user.ID, key) {
		b.hidden.add(key, e.Worker, a)
		return
	}
	if a.cause != "" && e.Worker != "" {
		b.noteUnmapped(e.Worker, a.cause, key)
	}
	if !a.stays() {
		b.hidden.add(key, e.Worker, a)
		return
	}
	e.User, e.StayOnly = a.user.ID, !a.usable()
	if a.user.Guest {
		e.Role = Member // a guest owns nothing
	}
	b.seat(key, people, e)
}

// seat adds an entry. Of two workers with one account one is hidden behind the
// other.
func (b *builder) seat(key TeamKey, people crowd, e Entry) {
	before, there := people[e.User]
	people.add(e)
	if !there || before.Worker == e.Worker {
		return
	}
	behind := e.Worker
	if people[e.User].Worker == e.Worker {
		behind = before.Worker
	}
	if behind != "" {
		b.hidden[key] = append(b.hidden[key], hidden{behind, e.User})
	}
}

// crowd gathers the people of one team, each account once.
type crowd map[UserID]Entry

// add keeps the stronger role of an account, and of equal roles the better
// reason, then the lower personnel number.
func (c crowd) add(e Entry) {
	before, there := c[e.User]
	if !there || cmp.Or(
		cmp.Compare(e.Role, before.Role),
		cmp.Compare(before.Reason, e.Reason),
		cmp.Compare(before.Worker, e.Worker)) > 0 {
		c[e.User] = e
	}
}

func (c crowd) entries() []Entry {
	entries := make([]Entry, 0, len(c))
	for _, e := range c {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return bytes.Compare(a.User[:], b.User[:]) })
	return entries
}
