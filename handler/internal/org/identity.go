package org

import (
	"cmp"
	"slices"
	"time"
)

// identities finds the Entra account of a worker or an F&O user.
type identities struct {
	users       *Users
	allowGuests bool

	staff       map[PersonnelNumber][]Staff
	parties     map[PersonnelNumber][]string // from Workers
	personUsers map[string][]string          // F&O users by party, current ones
	userParties map[string][]string          // parties by F&O user with a role, current ones
	workers     map[string][]PersonnelNumber // by party of such a user
	systemUsers map[string][]SystemUser      // by F&O user

	resolved map[PersonnelNumber]account
}

// account is what became of an identity: a user, or the cause why not.
type account struct {
	user  User
	found bool          // user is in the tenant
	cause UnmappedCause // empty: may be added
}

// usable reports whether the account may be added to a team.
func (a account) usable() bool { return a.found && a.cause == "" }

// mayOwn reports whether the account may be made an owner.
func (a account) mayOwn() bool { return a.usable() && !a.user.Guest }

// stays reports whether somebody already in a team stays there although they
// could not be added: with any account but a disabled one, which is a stated leave.
func (a account) stays() bool { return a.found && a.cause != Disabled }

func newIdentities(s Snapshot, users *Users, allowGuests bool, now time.Time) *identities {
	ids := &identities{
		users: users, allowGuests: allowGuests,
		staff:       make(map[PersonnelNumber][]Staff, len(s.Staff)),
		parties:     make(map[PersonnelNumber][]string, len(s.Workers)),
		workers:     map[string][]PersonnelNumber{},
		personUsers: make(map[string][]string, len(s.PersonUsers)),
		userParties: map[string][]string{},
		systemUsers: make(map[string][]SystemUser, len(s.SystemUsers)),
		resolved:    make(map[PersonnelNumber]account, len(s.Workers)),
	}
	for _, row := range s.Staff {
		ids.staff[row.Worker] = append(ids.staff[row.Worker], row)
	}
	ids.indexPersons(s, now)
	for _, row := range s.SystemUsers {
		ids.systemUsers[fold(row.ID)] = append(ids.systemUsers[fold(row.ID)], row)
	}
	return ids
}

// indexPersons makes the links between workers, their parties and F&O users
// findable. The way back, from a user to the worker, is asked of users with a
// role only: they are few, and a chain has a million workers.
func (ids *identities) indexPersons(s Snapshot, now time.Time) {
	hasRole := map[string]bool{}
	for _, row := range s.Roles {
		hasRole[fold(row.User)] = true
	}
	wanted := map[string]bool{} // parties of users with a role
	for _, row := range s.PersonUsers {
		if !current(row.From, row.To, now) {
			continue
		}
		user := fold(row.User)
		ids.personUsers[row.Party] = append(ids.personUsers[row.Party], user)
		if hasRole[user] {
			ids.userParties[user] = append(ids.userParties[user], row.Party)
			wanted[row.Party] = true
		}
	}
	for _, row := range s.Workers {
		if row.Party == "" {
			continue
		}
		ids.parties[row.Number] = append(ids.parties[row.Number], row.Party)
		if wanted[row.Party] {
			ids.workers[row.Party] = append(ids.workers[row.Party], row.Number)
		}
	}
}

// candidate is one place where an account is recorded.
type candidate struct{ objectID, upn string }

// worker resolves a worker: RetailStaff first, then party, F&O user, Alias.
// The first recorded account that exists in the tenant counts.
func (ids *identities) worker(number PersonnelNumber) account {
	if known, ok := ids.resolved[number]; ok {
		return known
	}
	var candidates []candidate
	staff := ids.staff[number]
	slices.SortFunc(staff, func(a, b Staff) int {
		return cmp.Or(cmp.Compare(a.ObjectID, b.ObjectID), cmp.Compare(a.Alias, b.Alias))
	})
	for _, row := range staff {
		candidates = append(candidates, candidate{row.ObjectID, row.Alias})
	}
	slices.Sort(ids.parties[number])
	for _, party := range ids.parties[number] {
		slices.Sort(ids.personUsers[party])
		for _, user := range ids.personUsers[party] {
			candidates = append(candidates, ids.recorded(user)...)
		}
	}
	found := ids.resolve(candidates)
	ids.resolved[number] = found
	return found
}

// systemUser resolves a (folded) F&O user: through their worker if there is one, so
// that both ways to a person lead to one account.
func (ids *identities) systemUser(user string) (PersonnelNumber, account) {
	var workers []PersonnelNumber
	for _, party := range ids.userParties[user] {
		workers = append(workers, ids.workers[party]...)
	}
	if len(workers) > 0 {
		number := slices.Min(workers)
		return number, ids.worker(number)
	}
	return "", ids.resolve(ids.recorded(user))
}

// recorded lists the accounts that SystemUsers has for a (folded) F&O user.
func (ids *identities) recorded(user string) []candidate {
	rows := ids.systemUsers[user]
	slices.SortFunc(rows, func(a, b SystemUser) int {
		return cmp.Or(cmp.Compare(a.ObjectID, b.ObjectID), cmp.Compare(a.Alias, b.Alias))
	})
	candidates := make([]candidate, 0, len(rows))
	for _, row := range rows {
		candidates = append(candidates, candidate{row.ObjectID, row.Alias})
	}
	return candidates
}

// named resolves a user that a setting names.
func (ids *identities) named(name string) account {
	user, ok := ids.users.named(name)
	if !ok {
		return account{cause: NotInTenant}
	}
	return ids.judge(user)
}

func (ids *identities) resolve(candidates []candidate) account {
	cause := NoIdentity
	for _, c := range candidates {
		if c.objectID != "" {
			id, err := ParseUserID(c.objectID)
			if err != nil {
				if cause == NoIdentity {
					cause = BadIdentity
				}
			} else if user, ok := ids.users.present(id); ok {
				return ids.judge(user)
			} else {
				cause = NotInTenant
			}
		}
		if c.upn != "" {
			if user, ok := ids.users.ByUPN(c.upn); ok {
				return ids.judge(user)
			}
			cause = NotInTenant
		}
	}
	return account{cause: cause}
}

// judge says whether a user of the tenant may be added to teams.
func (ids *identities) judge(user User) account {
	a := account{user: user, found: true}
	switch {
	case user.Enabled == No:
		a.cause = Disabled
	case user.Enabled != Yes:
		a.cause = Unclear
	case !user.Licensed:
		a.cause = Unlicensed
	case user.Guest && !ids.allowGuests:
		a.cause = GuestUser
	}
	return a
}
