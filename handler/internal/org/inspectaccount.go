package org

import "slices"

// Account is what became of the accounts recorded for a person.
type Account struct {
	User    User // the one that counts, if Found
	Found   bool
	Cause   UnmappedCause // why it may not be added, or why there is none; empty: it may
	Records []Recorded    // in the order in which they count
}

// Recorded is one account that Commerce records, and what became of it.
type Recorded struct {
	Collection string // RetailStaff or SystemUsers
	Party      string // SystemUsers: by which party of the worker, with PersonUsers,
	SystemUser string // and by which F&O user; in lower case
	Attribute  string // that names the account
	Text       string // what it says
	Tried      bool   // false: an account was found before it
	User       User   // the account found, or its tombstone
	Cause      UnmappedCause
}

// Account says what account a worker has, and which were tried.
func (i *Inspection) Account(worker PersonnelNumber) Account {
	candidates := i.b.ids.candidates(worker)
	a := i.account(i.b.ids.resolve(candidates))
	for _, c := range candidates {
		a.Records = append(a.Records, c.records()...)
	}
	tried := 0
	for _, t := range i.b.ids.trials(candidates) { // in the order of the records
		r := &a.Records[tried]
		r.Tried, r.User, r.Cause = true, t.user, t.cause
		if id, err := ParseUserID(r.Text); err == nil && t.cause != "" {
			r.User, _ = i.users.ByID(id)
		}
		tried++
	}
	return a
}

// AccountOfUser judges a user by object id. One whom the tenant does not have is
// NotInTenant, with the tombstone if the account was deleted.
func (i *Inspection) AccountOfUser(id UserID) Account {
	if user, there := i.users.present(id); there {
		return i.account(i.b.ids.judge(user))
	}
	tombstone, _ := i.users.ByID(id)
	return Account{User: tombstone, Cause: NotInTenant}
}

func (i *Inspection) account(a account) Account {
	return Account{User: a.user, Found: a.found, Cause: a.cause}
}

// records are the accounts that a candidate names: what trials look for, in
// their order.
func (c candidate) records() []Recorded {
	id := Recorded{Collection: "RetailStaff", Attribute: "ExternalSubIdentifier"}
	upn := Recorded{Collection: "RetailStaff", Attribute: "ExternalIdentityAlias"}
	if c.user != "" {
		id = Recorded{Collection: "SystemUsers", Party: c.party, SystemUser: c.user, Attribute: "UserObjectId"}
		upn = Recorded{Collection: "SystemUsers", Party: c.party, SystemUser: c.user, Attribute: "Alias"}
	}
	id.Text, upn.Text = c.objectID, c.upn
	return slices.DeleteFunc([]Recorded{id, upn}, func(r Recorded) bool { return r.Text == "" })
}

// RecordedFor lists the workers for whom a user's account is recorded, in order.
// Whether it is the one that counts for them, Account tells.
func (i *Inspection) RecordedFor(user User) []PersonnelNumber {
	workers := map[PersonnelNumber]bool{}
	for _, row := range i.snapshot.Staff {
		if user.isRecorded(row.ObjectID, row.Alias) {
			workers[row.Worker] = true
		}
	}
	parties := map[string]bool{}
	systemUsers := i.SystemUsersOf(user)
	for _, row := range i.snapshot.PersonUsers {
		if row.Party != "" && slices.Contains(systemUsers, fold(row.User)) && current(row.From, row.To, i.b.index.now) {
			parties[row.Party] = true
		}
	}
	if len(parties) > 0 {
		for _, row := range i.snapshot.Workers {
			if parties[row.Party] {
				workers[row.Number] = true
			}
		}
	}
	return sortedKeys(workers)
}

// SystemUsersOf lists the F&O users, in lower case, whom SystemUsers gives a
// user's account.
func (i *Inspection) SystemUsersOf(user User) []string {
	var users []string
	for _, row := range i.snapshot.SystemUsers {
		if user.isRecorded(row.ObjectID, row.Alias) {
			users = append(users, fold(row.ID))
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// RolesOf lists the communications role's rows of a user who may be no worker.
func (i *Inspection) RolesOf(user User) []RoleAssignment {
	return i.rolesOfUsers(i.SystemUsersOf(user))
}

// isRecorded reports whether a row names the user.
func (u User) isRecorded(objectID, upn string) bool {
	if id, err := ParseUserID(objectID); err == nil && id == u.ID {
		return true
	}
	return u.UPN != "" && fold(upn) == u.UPN
}

// Trouble says in a sentence what is wrong with the account, for people.
func (c UnmappedCause) Trouble() string {
	switch c {
	case NoIdentity:
		return "no Entra account is recorded for them, in RetailStaff or through PersonUsers and SystemUsers: link one"
	case BadIdentity:
		return "the object id recorded for them is not a GUID: correct it"
	case NotInTenant:
		return "the account recorded for them is not a user of this tenant: link the right one"
	case Disabled:
		return "their account is disabled in Entra: enable it if they are to be in"
	case Unclear:
		return "the tenant does not say whether their account is enabled: look at it in Entra"
	case Unlicensed:
		return "their account has no enabled Teams service plan: assign a licence"
	case GuestUser:
		return "their account is a guest's: set ALLOW_GUESTS=yes, or link a member's"
	}
	return string(c)
}
