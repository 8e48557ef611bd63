package org

import (
	"bytes"
	"cmp"
	"slices"
)

// placeManager places a manager whom the unit or a department names: they
// belong to the store even if they do not work its channel, unless a row says
// that they no longer do.
func (b *builder) placeManager(key TeamKey, people crowd, active map[PersonnelNumber]Flag, worker PersonnelNumber, why Reason) {
	if active[worker] != No {
		b.place(key, people, worker, why)
	}
}

// place puts a worker into a store's team.
func (b *builder) place(key TeamKey, people crowd, worker PersonnelNumber, why Reason) {
	if b.index.left[worker] {
		return
	}
	role := Owner
	if why == StoreWorker {
		role = Member
		if b.managers.whereActive(worker) {
			role, why = Owner, StoreManager
		}
	}
	b.join(key, people, b.ids.worker(worker), Entry{Role: role, Worker: worker, Reason: why})
}

// join adds an entry for an account, or notes why it cannot.
func (b *builder) join(key TeamKey, people crowd, a account, e Entry) {
	if a.found && b.blocks.cover(a.user.ID, key) {
		b.hidden.add(key, e.Worker, a)
		return
	}
	if a.cause != "" && e.Worker != "" {
		b.unmapped[e.Worker] = a.cause
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
