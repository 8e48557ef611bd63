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
	MaxCaretakerTeams      int // teams one person may stand in for
}

// Users are the tenant's users, findable by id and by UPN.
type Users struct {
	byID  map[UserID]User
	byUPN map[string]UserID
}

// NewUsers returns a set of users. Each one's UPN must be in lower case.
func NewUsers(users []User) *Users {
	u := &Users{byID: make(map[UserID]User, len(users)), byUPN: make(map[string]UserID, len(users))}
	for _, user := range users {
		u.byID[user.ID] = user
		if user.UPN != "" {
			u.byUPN[user.UPN] = user.ID
		}
	}
	return u
}

// ByID finds a user by object id.
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

// named finds a user that a setting names by UPN or object id.
func (u *Users) named(name string) (User, bool) {
	if id, err := ParseUserID(name); err == nil {
		return u.ByID(id)
	}
	return u.ByUPN(strings.TrimSpace(name))
}

// current reports whether now lies in [from, to); a zero bound is open.
func current(from, to, now time.Time) bool {
	return !now.Before(from) && (to.IsZero() || now.Before(to))
}

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
