package org

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// identities finds the Entra account of a worker or an F&O user.
type identities struct {
	users       *Users
	allowGuests bool

	now time.Time

	staff       lookup[Staff, PersonnelNumber]
	workers     lookup[Worker, PersonnelNumber]
	personUsers lookup[PersonUser, string] // by party
	systemUsers lookup[SystemUser, string] // by F&O user, folded

	userParties  map[string][]string          // parties by F&O user with a role, current ones
	partyWorkers map[string][]PersonnelNumber // by party of such a user
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
		users: users, allowGuests: allowGuests, now: now,
		staff:        newLookup(s.Staff, func(r *Staff) PersonnelNumber { return r.Worker }),
		workers:      newLookup(s.Workers, func(r *Worker) PersonnelNumber { return r.Number }),
		personUsers:  newLookup(s.PersonUsers, func(r *PersonUser) string { return r.Party }),
		systemUsers:  newLookup(s.SystemUsers, func(r *SystemUser) string { return fold(r.ID) }),
		userParties:  map[string][]string{},
		partyWorkers: map[string][]PersonnelNumber{},
	}
	ids.indexRoles(s)
	return ids
}

// indexRoles makes the way from F&O users to their workers findable. It is
// asked of users with a role only: they are few, and a chain has a million
// workers.
func (ids *identities) indexRoles(s Snapshot) {
	hasRole := map[string]bool{}
	for _, row := range s.Roles {
		hasRole[fold(row.User)] = true
	}
	wanted := map[string]bool{} // parties of users with a role
	for _, row := range s.PersonUsers {
		if user := fold(row.User); hasRole[user] && current(row.From, row.To, ids.now) {
			ids.userParties[user] = append(ids.userParties[user], row.Party)
			wanted[row.Party] = true
		}
	}
	for _, row := range s.Workers {
		if wanted[row.Party] {
			ids.partyWorkers[row.Party] = append(ids.partyWorkers[row.Party], row.Number)
		}
	}
}

// candidate is one place where an account is recorded.
type candidate struct {
	party, user   string // of SystemUsers: the worker's party, and its F&O user; both empty: of RetailStaff
	objectID, upn string
}

func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(c.objectID, d.objectID), cmp.Compare(c.upn, d.upn))
}

// worker resolves a worker: RetailStaff first, then party, F&O user, Alias.
// The first recorded account that exists in the tenant counts.
func (ids *identities) worker(number PersonnelNumber) account {
	return ids.resolve(ids.candidates(number))
}

// candidates lists where accounts of a worker are recorded, in the order in
// which they count.
func (ids *identities) candidates(number PersonnelNumber) []candidate {
	var candidates []candidate
	for _, row := range ids.staff.of(number) {
		candidates = append(candidates, candidate{objectID: row.ObjectID, upn: row.Alias})
	}
	slices.SortFunc(candidates, candidate.compare)
	for _, party := range ids.parties(number) {
		for _, user := range ids.usersOf(party) {
			candidates = append(candidates, ids.recorded(party, user)...)
		}
	}
	return candidates
}

// parties lists a worker's parties, in order.
func (ids *identities) parties(number PersonnelNumber) []string {
	var parties []string
	for _, row := range ids.workers.of(number) {
		parties = append(parties, row.Party)
	}
	slices.Sort(parties)
	return parties
}

// usersOf lists the (folded) F&O users that a party has now, in order.
func (ids *identities) usersOf(party string) []string {
	if party == "" {
		return nil
	}
	var users []string
	for _, row := range ids.personUsers.of(party) {
		if current(row.From, row.To, ids.now) {
			users = append(users, fold(row.User))
		}
	}
	slices.Sort(users)
	return users
}

// systemUser resolves a (folded) F&O user: through their worker if there is one, so
// that both ways to a person lead to one account.
func (ids *identities) systemUser(user string) (PersonnelNumber, account) {
	var workers []PersonnelNumber
	for _, party := range ids.userParties[user] {
		workers = append(workers, ids.partyWorkers[party]...)
	}
	if len(workers) > 0 {
		number := slices.Min(workers)
		return number, ids.worker(number)
	}
	return "", ids.resolve(ids.recorded("", user))
}

// recorded lists the accounts that SystemUsers has for a (folded) F&O user, who
// is that of a party.
func (ids *identities) recorded(party, user string) []candidate {
	var candidates []candidate
	for _, row := range ids.systemUsers.of(user) {
		candidates = append(candidates, candidate{party: party, user: user, objectID: row.ObjectID, upn: row.Alias})
	}
	slices.SortFunc(candidates, candidate.compare)
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

// resolve returns the first recorded account that exists in the tenant, or why
// there is none.
func (ids *identities) resolve(candidates []candidate) account {
	cause := NoIdentity
	for _, t := range ids.trials(candidates) {
		switch {
		case t.cause == "":
			return ids.judge(t.user)
		case t.cause == NotInTenant || cause == NoIdentity:
			cause = t.cause
		}
	}
	return account{cause: cause}
}

// trial is one look for a recorded account.
type trial struct {
	byUPN bool // else by object id
	user  User
	cause UnmappedCause // empty: user is it
}

// trials yields the looks for the candidates, by their positions: object id
// before UPN, until an account is found. What is not recorded is not looked for.
func (ids *identities) trials(candidates []candidate) iter.Seq2[int, trial] {
	return func(yield func(int, trial) bool) {
		for i, c := range candidates {
			if c.objectID != "" {
				if t := ids.tryID(c.objectID); !yield(i, t) || t.cause == "" {
					return
				}
			}
			if c.upn == "" {
				continue
			}
			t := trial{byUPN: true}
			var there bool
			if t.user, there = ids.users.ByUPN(c.upn); !there {
				t.cause = NotInTenant
			}
			if !yield(i, t) || there {
				return
			}
		}
	}
}

func (ids *identities) tryID(text string) trial {
	id, err := ParseUserID(text)
	if err != nil {
		return trial{cause: BadIdentity}
	}
	user, there := ids.users.present(id)
	if !there {
		return trial{cause: NotInTenant}
	}
	return trial{user: user}
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
