package org

import "time"

// Evidence answers, from the rows behind a roster, what is known of people and
// stores that the roster does not want. A nil Evidence knows nothing: everybody
// stays, every store is in scope, nobody is protected.
//
// It keeps the snapshot's rows alive, and reads them when asked: those it is
// asked about are few. Only one goroutine at a time may ask.
type Evidence struct {
	now       time.Time
	users     *Users
	stores    map[string]Store // by folded number, in scope or not
	left      map[PersonnelNumber]bool
	managers  *managers
	entries   map[TeamKey][]Entry
	hidden    hiddenPeople
	closed    map[string]bool // numbers, folded
	blocks    blocks
	protected map[UserID]bool
	unread    unread

	channels    lookup[ChannelWorker, PersonnelNumber]
	employments lookup[Employment, PersonnelNumber]
	assignments lookup[Assignment, PersonnelNumber]
	positions   lookup[Position, string]
	permissions lookup[PositionPermission, string]
}

func (b *builder) evidence(s Snapshot, users *Users, protected map[UserID]bool) *Evidence {
	e := &Evidence{
		now: b.index.now, users: users, stores: b.index.byNumber, left: b.index.left, managers: b.managers,
		entries: make(map[TeamKey][]Entry, len(b.roster.Teams)), hidden: b.hidden,
		closed: b.closed, blocks: b.blocks, protected: protected, unread: newUnread(s.BadRows, b.index.stores),
	}
	for _, team := range b.roster.Teams {
		e.entries[team.Key] = team.Entries
	}
	e.channels = newLookup(s.ChannelWorkers, func(r *ChannelWorker) PersonnelNumber { return r.Worker })
	e.employments = newLookup(s.Employments, func(r *Employment) PersonnelNumber { return r.Worker })
	e.assignments = newLookup(s.Assignments, func(r *Assignment) PersonnelNumber { return r.Worker })
	e.positions = newLookup(s.Positions, func(r *Position) string { return r.ID })
	e.permissions = newLookup(s.PositionPermissions, func(r *PositionPermission) string { return r.Position })
	return e
}

// Protected reports whether a user is named in PROTECTED_USERS.
func (e *Evidence) Protected(user UserID) bool { return e != nil && e.protected[user] }

// Blocked reports whether an operator keeps a user out of a team.
func (e *Evidence) Blocked(key TeamKey, user UserID) bool {
	return e != nil && e.blocks.cover(user, key)
}

// Departure says why somebody managed is not among the entries of a team; the
// team need not be in the roster.
//
// What says that they left the company, or are blocked, counts whatever else is
// not known, and so does a row that calls them inactive in the store. Anything
// else has to be certain: as long as a row that might say otherwise cannot be
// read, they stay.
func (e *Evidence) Departure(key TeamKey, m Managed) Departure {
	if e == nil {
		return Departure{}
	}
	user, shown := e.users.ByID(m.User)
	switch {
	case e.blocks.cover(m.User, key):
		return Departure{Leave: Blocked}
	case !shown: // an identity that cannot be resolved removes nobody
		return Departure{Leave: Stays}
	case user.Deleted || user.Enabled == No || e.employmentEnded(m):
		return Departure{Leave: LeftCompany}
	}
	if successor, belongs := e.belongs(key, m); belongs {
		if successor.IsZero() || e.unread.open(m.Worker, key)&onIdentity != 0 {
			return Departure{Leave: Stays}
		}
		return Departure{Leave: Replaced, Successor: successor}
	}
	return Departure{Leave: e.leave(key, m)}
}

// employmentEnded reports whether every employment of the worker has ended. One
// that cannot be read may go on; where it might be anybody's, an end counts only
// if the worker was still employed when they became managed.
func (e *Evidence) employmentEnded(m Managed) bool {
	if m.Worker == "" || !e.left[m.Worker] {
		return false
	}
	if e.unread[about{worker: m.Worker}]&onEmployment != 0 {
		return false
	}
	if e.unread[about{}]&onEmployment == 0 {
		return true
	}
	for _, row := range e.employments.of(m.Worker) {
		if row.End.After(m.Since) {
			return true
		}
	}
	return false
}

// belongs reports whether the rules put the worker into the team, with another
// account: the successor, or none if that account is not there.
func (e *Evidence) belongs(key TeamKey, m Managed) (successor UserID, belongs bool) {
	if _, wanted := e.entry(key, m.User); wanted {
		return UserID{}, true
	}
	for _, entry := range e.entries[key] {
		if m.Worker != "" && entry.Worker == m.Worker {
			return entry.User, true
		}
	}
	for _, account := range e.hidden.of(key, m) {
		belongs = true
		if _, there := e.entry(key, account); there {
			successor = account
		}
	}
	return successor, belongs
}

func (e *Evidence) entry(key TeamKey, user UserID) (Entry, bool) {
	for _, entry := range e.entries[key] {
		if entry.User == user {
			return entry, true
		}
	}
	return Entry{}, false
}
