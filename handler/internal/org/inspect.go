package org

import (
	"slices"
	"time"
)

// Inspection answers how the rules came to a roster, with the rows and values
// that they looked at. It asks the very code that decides: it has no rule of its
// own. Like the roster's Evidence it reads the snapshot's rows when asked, and
// only one goroutine at a time may ask.
type Inspection struct {
	b        *builder // finds what the rules find; what it adds up itself is nobody's
	e        *Evidence
	snapshot Snapshot
	users    *Users
	teams    []Team
}

// Inspect prepares answers about a roster that BuildRoster made of the same
// arguments.
func Inspect(s Snapshot, users *Users, rules Rules, roster Roster, now time.Time) *Inspection {
	b := newBuilder(s, users, rules, now)
	b.ownersBySetting() // the caretakers' last resort
	return &Inspection{b: b, e: roster.Evidence, snapshot: s, users: users, teams: roster.Teams}
}

// WorkerRows are the rows about one worker. All are empty for one whom no row
// names.
type WorkerRows struct {
	Workers     []Worker
	Staff       []Staff
	Employments []Employment
	Left        bool // every employment has ended
	Channels    []ChannelWorker
	Positions   []HeldPosition
	UnitsOf     []Unit           // that name them manager
	Roles       []RoleAssignment // of the communications role, those that take it away too
}

// HeldPosition is a position that a worker held, holds or is to hold.
type HeldPosition struct {
	Assignment
	Current     bool
	Positions   []Position           // rows of PositionsV2
	Permissions []PositionPermission // rows of RetailPositionPosPermissions
	Groups      map[string]Flag      // what the permission groups say that those name
	Privileged  bool                 // it has manager privileges: by a row, its group or its title
	Unclear     bool                 // rows leave open whether it has
	Stores      []StoreNumber        // whose unit is its department
}

// Worker gathers the rows about a worker.
func (i *Inspection) Worker(number PersonnelNumber) WorkerRows {
	rows := WorkerRows{
		Left:    i.b.index.left[number],
		UnitsOf: i.unitsOf(number), Roles: i.rolesOf(number),
	}
	for _, row := range i.b.ids.workers.of(number) {
		rows.Workers = append(rows.Workers, *row)
	}
	for _, row := range i.b.ids.staff.of(number) {
		rows.Staff = append(rows.Staff, *row)
	}
	for _, row := range i.e.employments.of(number) {
		rows.Employments = append(rows.Employments, *row)
	}
	for _, row := range i.e.channels.of(number) {
		rows.Channels = append(rows.Channels, *row)
	}
	for _, row := range i.e.assignments.of(number) {
		rows.Positions = append(rows.Positions, i.held(*row))
	}
	return rows
}

func (i *Inspection) held(row Assignment) HeldPosition {
	h := HeldPosition{
		Assignment: row, Current: current(row.From, row.To, i.b.index.now), Groups: map[string]Flag{},
		Privileged: i.b.managers.positions[row.Position],
		Unclear:    i.b.managers.unclear(i.e.permissions.of(row.Position)),
	}
	for _, position := range i.e.positions.of(row.Position) {
		h.Positions = append(h.Positions, *position)
	}
	for _, permission := range i.e.permissions.of(row.Position) {
		h.Permissions = append(h.Permissions, *permission)
		if flag, known := i.b.managers.groups[permission.Group]; known {
			h.Groups[permission.Group] = flag
		}
	}
	departments := i.e.departments(row.Position)
	for _, store := range i.b.index.stores {
		if store.Unit != "" && slices.Contains(departments, store.Unit) {
			h.Stores = append(h.Stores, store.Number)
		}
	}
	return h
}

func (i *Inspection) unitsOf(number PersonnelNumber) []Unit {
	var units []Unit
	for _, unit := range i.snapshot.Units {
		if number != "" && unit.Manager == number {
			units = append(units, unit)
		}
	}
	return units
}

// rolesOf lists the communications role's rows of a worker's F&O users.
func (i *Inspection) rolesOf(number PersonnelNumber) []RoleAssignment {
	var users []string
	for _, party := range i.b.ids.parties(number) {
		users = append(users, i.b.ids.usersOf(party)...)
	}
	return i.rolesOfUsers(users)
}

func (i *Inspection) rolesOfUsers(users []string) []RoleAssignment {
	var roles []RoleAssignment
	for _, row := range i.snapshot.Roles {
		if row.names(fold(i.b.rules.CommunicationsRole)) && slices.Contains(users, fold(row.User)) {
			roles = append(roles, row)
		}
	}
	return roles
}

// Disabled reports whether the row takes its role away.
func (r RoleAssignment) Disabled() bool { return fold(r.Status) == disabledStatus }

// StoresOf lists the stores that rows of a worker name: their channel, their
// unit by its manager, or as the department of a position, held now or not; and
// those that rows of theirs name that could not be read.
func (i *Inspection) StoresOf(number PersonnelNumber, rows WorkerRows) []StoreNumber {
	named := map[StoreNumber]bool{}
	channels := numbersByChannel(i.b.index.stores)
	for _, row := range i.snapshot.BadRows {
		for _, a := range row.about(channels) {
			if store, listed := i.b.index.byNumber[a.store]; listed && a.worker == number && number != "" {
				named[store.Number] = true
			}
		}
	}
	for _, held := range rows.Positions {
		for _, number := range held.Stores {
			named[number] = true
		}
	}
	for _, store := range i.b.index.stores {
		channel := func(row ChannelWorker) bool { return row.Channel == store.Channel }
		manages := len(rows.UnitsOf) > 0 && slices.Contains(rows.UnitsOf, i.b.index.unit(store))
		if manages || slices.ContainsFunc(rows.Channels, channel) {
			named[store.Number] = true
		}
	}
	return sortedKeys(named)
}

// Unread lists the rows that could not be read and may be about a worker (empty:
// anybody) in a team.
func (i *Inspection) Unread(worker PersonnelNumber, key TeamKey) []BadRow {
	numbers := numbersByChannel(i.b.index.stores)
	concerning := concerning(worker, key)
	var rows []BadRow
	for _, row := range i.snapshot.BadRows {
		if slices.ContainsFunc(row.about(numbers), func(a about) bool { return slices.Contains(concerning[:], a) }) {
			rows = append(rows, row)
		}
	}
	return rows
}
