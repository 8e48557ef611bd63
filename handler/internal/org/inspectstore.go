package org

import (
	"cmp"
	"slices"
)

// StoreRows is what the rows say of one store, and what the rules make of it.
type StoreRows struct {
	Store
	Duplicates []Store // further rows with its number, which do not count
	Unit       Unit    // the zero Unit: none was found
	Presence   Presence
	Scope      []string // the entries of SCOPE that name it or a node above it

	Hierarchy string     // the hierarchy that counts; empty: none
	Path      []Ancestor // the nodes above it, nearest first
	InTree    bool       // the hierarchy has it
	Loop      bool       // the way up runs in a circle

}

// Ancestor is a node of the hierarchy above a store, with who could stand in from there.
type Ancestor struct {
	Party       string
	Names       []string // in lower case
	Unit        Unit     // the operating unit with that party, if there is one
	ManagerLeft bool     // every employment of its manager has ended
}

// Store gathers what is known of a store; ok=false if no row has its number.
// Numbers compare without case.
func (i *Inspection) Store(number StoreNumber) (rows StoreRows, ok bool) {
	store, ok := i.b.index.byNumber[number.Folded()]
	if !ok {
		return StoreRows{Presence: i.e.Presence(TeamKey{number})}, false
	}
	h := i.b.hierarchy
	rows = StoreRows{
		Store: store, Unit: i.b.index.unit(store), Presence: i.e.Presence(TeamKey{store.Number}),
		Scope:     (&scope{entries: i.b.rules.Scope, hierarchy: h}).naming(store),
		Hierarchy: h.name, InTree: h.has(store.Party),
	}
	for _, row := range i.b.index.duplicates {
		if row.Number.Folded() == number.Folded() {
			rows.Duplicates = append(rows.Duplicates, row)
		}
	}
	nodes, loop := h.above(store.Party)
	rows.Loop = loop
	for _, party := range nodes {
		unit := i.b.index.unitByParty[party]
		rows.Path = append(rows.Path, Ancestor{
			Party: party, Names: h.names[party], Unit: unit, ManagerLeft: i.b.index.left[unit.Manager],
		})
	}
	return rows, true
}

// Mappings lists the groups that IntegrationSourceMappings has for a store.
func (i *Inspection) Mappings(number StoreNumber) []Mapping {
	var mappings []Mapping
	for _, row := range i.snapshot.Mappings {
		if StoreNumber(row.SourceID).Folded() == number.Folded() {
			mappings = append(mappings, row)
		}
	}
	return mappings
}

// Claim is a rule by which a worker belongs to a store.
type Claim struct {
	Worker PersonnelNumber
	Role   Role
	Reason Reason
	Denied Leave // LeftStore or LeftCompany: what a row says against it; Stays: nothing
}

// Claims lists by what rules workers belong to a store, by personnel number and
// strength of the rule, whatever became of their accounts. Of one worker, or
// (empty) of all.
func (i *Inspection) Claims(number StoreNumber, worker PersonnelNumber) []Claim {
	store, ok := i.b.index.byNumber[number.Folded()]
	if !ok {
		return nil
	}
	var claims []Claim
	for c := range i.b.claims(store, i.b.index.active(store.Channel)) {
		if worker == "" || c.worker == worker {
			claims = append(claims, Claim{Worker: c.worker, Role: c.role, Reason: c.reason, Denied: c.denied})
		}
	}
	slices.SortFunc(claims, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Worker, b.Worker), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(claims)
}

// Active says what the rows of a store's channel say of a worker, if any does:
// Yes wins over No, No over Unknown.
func (i *Inspection) Active(number StoreNumber, worker PersonnelNumber) (flag Flag, said bool) {
	store, ok := i.b.index.byNumber[number.Folded()]
	if !ok {
		return Unknown, false
	}
	return i.e.says(store.Channel, worker)
}

// Rule says which evidence MANAGER_RULE takes: managers named by units, and
// positions in departments.
func (i *Inspection) Rule() (byUnit, byDepartment bool) {
	return i.b.managers.byUnit(), i.b.managers.byDepartments()
}

// Obstacle is what keeps somebody from standing in for a store's manager.
type Obstacle uint8

// The obstacles.
const (
	Free     Obstacle = iota // none
	Unusable                 // their account may not be added
	KeptOut                  // an operator blocked them
	Guest                    // a guest owns nothing
	Busy                     // they stand in for MAX_CARETAKER_TEAMS stores already
)

var obstacleTexts = [...]string{
	"free to stand in", "has no account that may be added", "blocked by an operator", "a guest, who owns nothing",
	"stands in for as many stores as MAX_CARETAKER_TEAMS allows",
}

// String says the obstacle in a few words.
func (o Obstacle) String() string {
	if int(o) < len(obstacleTexts) {
		return obstacleTexts[o]
	}
	return "unknown obstacle"
}

// Turn is somebody who may be asked to stand in for a store's manager.
type Turn struct {
	Worker   PersonnelNumber // empty: named in FALLBACK_OWNERS, or an F&O user who is no worker
	Account  Account
	Reason   Reason
	Obstacle Obstacle
}

// Turns lists who was asked to stand in for a store, in order, up to the one who
// does. It says so of stores with a manager too, who need nobody.
func (i *Inspection) Turns(number StoreNumber) []Turn {
	store, ok := i.b.index.byNumber[number.Folded()]
	if !ok {
		return nil
	}
	i.b.caretaker.teams = i.standingIn(store.Number)
	var turns []Turn
	for t := range i.b.caretaker.turns(store) {
		o := i.b.caretaker.obstacle(TeamKey{store.Number}, t.account)
		turns = append(turns, Turn{Worker: t.worker, Account: i.account(t.account), Reason: t.why, Obstacle: o})
		if o == Free {
			break
		}
	}
	return turns
}

// standingIn counts for how many stores everybody stands in who had their turn
// before a store: the roster's stores get their caretakers in order of number.
func (i *Inspection) standingIn(before StoreNumber) map[UserID]int {
	counts := map[UserID]int{}
	for _, team := range i.teams {
		if !team.Caretaker || !team.Key.Less(TeamKey{before}) {
			continue
		}
		for _, owner := range team.Owners() {
			counts[owner.User]++
		}
	}
	return counts
}
