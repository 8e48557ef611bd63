package worldgen

import (
	"fmt"
	"strings"
)

// headOffice is how many accounts belong to nobody in a shop and are good:
// fallback owners and the like.
const headOffice = 3

// makeAccounts makes the users of the tenant: head office, one for each
// worker, and a few more.
func (b *builder) makeAccounts(workers int) {
	for i := range headOffice + workers + b.d.IntN(4) {
		kind := 0
		if i >= headOffice {
			kind = b.d.IntN(20)
		}
		b.makeAccount(i, kind)
	}
}

// makeAccount makes one user of the kind drawn; most kinds are plain.
func (b *builder) makeAccount(i, kind int) {
	teams := plan(teamsPlan, "Enabled")
	other := plan("efb87545-963c-4e0d-99df-69c6916d9eb0", "Enabled")
	a := account{id: b.id("user", i), upn: fmt.Sprintf("user%d@contoso.example", i), good: true}
	u := row{"id": a.id, "accountEnabled": true, "userType": "Member", "assignedPlans": []any{other, teams}}
	switch kind {
	case 10:
		u["userType"] = nil
	case 11:
		a.upn = fmt.Sprintf("User%d@Contoso.Example", i)
	case 12:
		u["assignedPlans"] = []any{plan(strings.ToUpper(teamsPlan), "ENABLED")}
	case 13:
		u["assignedPlans"] = []any{plan(teamsPlan, "Warning"), plan(teamsPlan, "Suspended")}
	case 14:
		u["accountEnabled"], a.good = false, false
	case 15:
		u["assignedPlans"], a.good = pick(b.d, []any{}, []any{other}), false
	case 16:
		u["assignedPlans"], a.good = []any{plan(teamsPlan, pick(b.d, "Suspended", "Deleted", "LockedOut"))}, false
	case 17, 18:
		a.upn = fmt.Sprintf("guest%d_fabrikam.example#EXT#@contoso.example", i)
		u["userType"], a.good, a.guest = "Guest", false, true
	case 19:
		u["accountEnabled"], u["assignedPlans"], a.good = false, []any{}, false
	}
	u["userPrincipalName"] = a.upn
	b.accounts = append(b.accounts, a)
	b.world.Users = append(b.world.Users, u)
}

// makeWorkers makes the workers with their employments and identities.
func (b *builder) makeWorkers(workers int) {
	for i := range workers {
		w := worker{
			number:  fmt.Sprintf("%06d", i+1),
			party:   fmt.Sprintf("W-%06d", i+1),
			account: b.accounts[headOffice+i],
			listed:  !oneIn(b.d, 20),
		}
		if i > 0 && oneIn(b.d, 15) {
			w.account = b.workers[b.d.IntN(i)].account // shared with a colleague
		}
		if w.listed {
			b.add("Workers", row{"PersonnelNumber": b.padded(w.number), "PartyNumber": w.party})
		}
		employed := b.employ(w)
		identified := b.identify(w)
		w.sound = employed && identified && w.account.good
		b.workers = append(b.workers, w)
	}
	if b.world.Commerce["Employees"] == nil && !oneIn(b.d, 2) {
		b.world.Commerce["Employees"] = []map[string]any{} // else the environment has no such collection
	}
}

// employ draws the worker's employments and reports whether one still runs, or
// nothing is said.
func (b *builder) employ(w worker) bool {
	add := func(end any) {
		b.add("Employees", row{"PersonnelNumber": w.number, "EmploymentEndDate": end})
	}
	switch b.d.IntN(12) {
	case 6, 7, 8:
		add(b.noEnd())
	case 9:
		add(b.past())
		add(pick[any](b.d, b.noEnd(), b.future()))
	case 10:
		add(b.future())
	case 11:
		add(b.past())
		if oneIn(b.d, 2) {
			add(b.past())
		}
		return false
	}
	return true
}

// identify draws what Commerce knows of the worker's account, and reports
// whether it leads there for certain.
func (b *builder) identify(w worker) bool {
	switch kind := b.d.IntN(20); {
	case kind < 6:
		b.staff(w, w.account.id, nil)
	case kind < 10:
		b.staff(w, b.nothing(), otherCase(b.d, w.account.upn))
	case kind < 11:
		b.staff(w, pick(b.d, "{"+strings.ToUpper(w.account.id)+"}", strings.ToUpper(w.account.id)), nil)
	case kind < 14:
		b.personUser(w, true, pick(b.d, nil, any(w.account.id)), w.account.upn)
		return w.listed
	case kind < 15: // two F&O users, of which one says nothing: it is over, or comes after the other
		over := oneIn(b.d, 2)
		if over {
			b.personUser(w, false, nil, b.anyAccount().upn)
		}
		b.personUser(w, true, nil, otherCase(b.d, w.account.upn))
		if !over {
			b.personUser(w, true, nil, b.anyAccount().upn)
		}
		return w.listed
	default:
		return b.misidentify(w, kind)
	}
	return true
}

// misidentify draws an identity that is wrong, doubtful or missing.
func (b *builder) misidentify(w worker, kind int) bool {
	elsewhere := b.id("another tenant", b.next())
	switch kind {
	case 15: // several rows, in the order of their text
		b.staff(w, b.anyAccount().id, nil)
		b.staff(w, b.anyAccount().id, b.anyAccount().upn)
	case 16: // wrong in one source, right in the other
		b.staff(w, pick[any](b.d, elsewhere, "0", "not a guid"), nil)
		b.personUser(w, true, nil, w.account.upn)
		return w.listed
	case 17:
		b.staff(w, pick[any](b.d, "0", "{"+elsewhere, strings.ReplaceAll(elsewhere, "-", "")), b.nothing())
	case 18:
		b.staff(w, pick(b.d, nil, any(elsewhere)), fmt.Sprintf("user%s@fabrikam.example", w.number))
	case 19:
		if oneIn(b.d, 2) {
			b.staff(w, b.nothing(), b.nothing())
		}
		if oneIn(b.d, 2) {
			b.personUser(w, oneIn(b.d, 2), nil, b.nothing())
		}
	}
	return false
}

// staff adds a row of RetailStaff.
func (b *builder) staff(w worker, objectID, alias any) {
	b.add("RetailStaff", row{"PersonnelNumber": b.padded(w.number), "ExternalSubIdentifier": objectID, "ExternalIdentityAlias": alias})
}

// personUser gives the worker's party an F&O user, now or at another time, and
// returns it. The attribute UserObjectId is absent if it is nil.
func (b *builder) personUser(w worker, now bool, objectID, alias any) string {
	user := fmt.Sprintf("u%06d", b.next())
	from, to := b.valid()
	if !now {
		from, to = b.invalid()
	}
	b.add("PersonUsers", row{"PartyNumber": w.party, "UserId": user, "ValidFrom": from, "ValidTo": to})
	b.systemUser(user, objectID, alias)
	return user
}

// systemUser adds a row of SystemUsers.
func (b *builder) systemUser(user string, objectID, alias any) {
	r := row{"UserID": otherCase(b.d, user), "Alias": alias}
	if objectID != nil {
		r["UserObjectId"] = objectID
	}
	b.add("SystemUsers", r)
}

// anyAccount draws an account.
func (b *builder) anyAccount() account { return b.accounts[b.d.IntN(len(b.accounts))] }

// soundWorker draws a worker who can be added, if there is one.
func (b *builder) soundWorker() (worker, bool) {
	if len(b.workers) == 0 {
		return worker{}, false
	}
	start := b.d.IntN(len(b.workers))
	for i := range b.workers {
		if w := b.workers[(start+i)%len(b.workers)]; w.sound {
			return w, true
		}
	}
	return worker{}, false
}

// anyWorker draws a personnel number, seldom one that nobody has.
func (b *builder) anyWorker() string {
	if len(b.workers) == 0 || oneIn(b.d, 25) {
		return fmt.Sprintf("9%05d", b.d.IntN(3))
	}
	return b.workers[b.d.IntN(len(b.workers))].number
}
