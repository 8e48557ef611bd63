package org

import "time"

// Managed is one of the people storeteams may take out of a team: somebody whom
// a complete snapshot wanted there, in that role, and who was confirmed present.
type Managed struct {
	User   UserID
	Role   Role
	Worker PersonnelNumber // behind the user when last wanted; empty: named in settings, or no worker
	Reason Reason          // why they were last wanted
	Since  time.Time       // when they became managed, in whole seconds
}

// Leave says what is known of somebody who was wanted in a team, or in a role,
// and is not any more.
type Leave uint8

// The leaves. Only Absent and Replaced rest on rows that are not there; they
// need a second complete reading. The stated ones have a row that says so.
const (
	// Stays: nothing says that they left. They still belong but for an account
	// that cannot be resolved or used, or what is known of them could not be
	// read or understood.
	Stays Leave = iota

	// Absent: no row speaks of their belonging here any more.
	Absent

	// Replaced: their worker has another account now, which comes in first.
	Replaced

	// LeftStore is stated: the store's row of them says that they are not active,
	// or their position in its department ended after they became managed.
	LeftStore

	// LeftCompany is stated: the account is disabled or deleted in Entra, or
	// every employment of the worker has ended.
	LeftCompany

	// Blocked is stated by a person, for the time of an investigation, say.
	Blocked
)

// Stated reports whether a row, or a person, says that they left.
func (l Leave) Stated() bool { return l >= LeftStore }

// Gone reports whether they left the company, not only a store, or are blocked:
// such a leave also empties teams that are otherwise left as they are.
func (l Leave) Gone() bool { return l >= LeftCompany }

var leaveTexts = [...]string{
	"still belongs",
	"no row says any more that they belong",
	"their worker has another account now",
	"a row says that they left the store",
	"their account is disabled or deleted, or their employment has ended",
	"blocked by an operator",
}

// String says the leave in a few words.
func (l Leave) String() string {
	if int(l) < len(leaveTexts) {
		return leaveTexts[l]
	}
	return "unknown leave"
}

// Departure is what the roster says of somebody it does not want somewhere.
type Departure struct {
	Leave     Leave
	Successor UserID // Replaced: the account that comes in first
}

// Presence says what Commerce shows of a store.
type Presence uint8

// The presences.
const (
	InScope    Presence = iota // the store has a team in the roster
	OutOfScope                 // its row exists, but SCOPE leaves it out: let go untouched
	Closed                     // its number is in CLOSED_STORES
	Missing                    // no row has its number
	Unreadable                 // no row that could be read has its number, and one row could not be read
)

// Block keeps a user out, whatever Commerce wants.
type Block struct {
	User  UserID
	Store StoreNumber // empty: out of every team
}
