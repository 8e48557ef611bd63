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
// found by id only: their UPN may be somebody else's by now.
type Users struct {
	byID  map[UserID]User
	byUPN map[string]UserID
}

// NewUsers returns a set of users. Each one's UPN must be in lower case.
func NewUsers(users []User) *Users {
	byID := make(map[UserID]User, len(users))
	for _, user := range users {
		byID[user.ID] = user
	}
	return UsersOver(byID)
}

// UsersOver is NewUsers over a map that is there already, and must not change
// while the users are in use: a tenant's users take hundreds of megabytes.
func UsersOver(byID map[UserID]User) *Users {
	u := &Users{byID: byID, byUPN: make(map[string]UserID, len(byID))}
	for id, user := range byID {
		if user.UPN != "" && !user.Deleted {
			u.byUPN[user.UPN] = id
		}
	}
	return u
}

// ByID finds a user by object id, a deleted one too.
func (u *Users) ByID(id UserID) (User, bool) {
	user, ok := u.byID[id]
	return user, ok
}

// ByUPN finds a user by UPN, ignoring case.
func (u *Users) ByUPN(upn string) (User, bool) {
	id, ok := u.byUPN[strings.ToLower(upn)]
	if !ok {
		return User{}, false
	}
	return u.byID[id], true
}

// present finds a user by object id, but not a deleted one.
func (u *Users) present(id UserID) (User, bool) {
	user, ok := u.byID[id]
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

// foldNumber makes store numbers comparable: Finance & Operations ignores their
// case, and so do mail nicknames.
func foldNumber(n StoreNumber) string { return strings.ToLower(string(n)) }

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
