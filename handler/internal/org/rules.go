package org

import (
	"slices"
	"strings"
	"time"
)

// ManagerRule picks which evidence makes a worker a store's manager.
type ManagerRule string

// The manager rules. Auto takes all the evidence there is.
const (
	RuleAuto       ManagerRule = "auto"
	RuleUnit       ManagerRule = "unit"       // only the operating unit's named manager
	RuleDepartment ManagerRule = "department" // only privileged positions in the store's department
	RuleStore      ManagerRule = "store"      // only privileges together with being active in the store
)

// Rules are the settings that decide who belongs where.
type Rules struct {
	Instance               string
	Scope                  []string // store numbers or hierarchy nodes; empty: everything
	Hierarchy              string   // HierarchyType to use; empty: the one Commerce calls default
	TeamName               string   // template with {name} and {number}
	CommunicationsTeamName string
	CommunicationsRole     string   // security role that makes a communications manager, by name or identifier
	FallbackOwners         []string // UPNs or object ids
	CommunicationsOwners   []string // UPNs or object ids
	ManagerRule            ManagerRule
	ManagerTitles          []string // titles of positions that count as privileged
	AllowGuests            bool
	MaxCaretakerTeams      int      // teams one person may stand in for
	ClosedStores           []string // numbers of stores that count as closed although their rows exist
	ProtectedUsers         []string // UPNs or object ids of users who are never removed or demoted
	Blocks                 []Block  // users who are kept out, by order of an operator
}

// Users are the tenant's users, findable by id and by UPN. Deleted ones are
// found by id only: their UPN may be somebody else's by now. Only one goroutine
// at a time may ask.
type Users struct {
	byID  lookup[User, UserID]
	byUPN lookup[User, string]
}

// NewUsers returns a set of users, each of whom is listed once, with a UPN in
// lower case. The list must not change while the set is in use: it is not
// copied, because a tenant's users take a hundred megabytes.
func NewUsers(users []User) *Users {
	return &Users{
		byID:  newLookup(users, func(u *User) UserID { return u.ID }),
		byUPN: newLookup(users, func(u *User) string { return u.UPN }),
	}
}

// ByID finds a user by object id, a deleted one too.
func (u *Users) ByID(id UserID) (User, bool) {
	for _, user := range u.byID.of(id) {
		return *user, true
	}
	return User{}, false
}

// ByUPN finds a user by UPN, ignoring case.
func (u *Users) ByUPN(upn string) (User, bool) {
	if upn == "" {
		return User{}, false
	}
	for _, user := range u.byUPN.of(strings.ToLower(upn)) {
		if !user.Deleted {
			return *user, true
		}
	}
	return User{}, false
}

// IDOf returns the object id that an entry of a setting stands for: the id it
// is, whether or not the tenant shows its user, or that of the user whose UPN it
// is. Of a UPN that nobody has there is none.
func (u *Users) IDOf(entry string) (UserID, bool) {
	if id, err := ParseUserID(entry); err == nil {
		return id, true
	}
	user, ok := u.named(entry)
	return user.ID, ok
}

// present finds a user by object id, but not a deleted one.
func (u *Users) present(id UserID) (User, bool) {
	user, ok := u.ByID(id)
	if !ok || user.Deleted {
		return User{}, false
	}
	return user, true
}

// named finds a user that a setting names by UPN or object id.
func (u *Users) named(name string) (User, bool) {
	if id, err := ParseUserID(name); err == nil {
		return u.present(id)
	}
	return u.ByUPN(strings.TrimSpace(name))
}

// current reports whether now lies in [from, to); a zero bound is open.
func current(from, to, now time.Time) bool {
	return !now.Before(from) && (to.IsZero() || now.Before(to))
}

// over reports whether what ends then has ended. The zero time is no end.
func over(end, now time.Time) bool { return !end.IsZero() && !now.Before(end) }

// fold makes text comparable where Finance & Operations ignores case.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// sortedKeys returns a map's keys in order.
func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
