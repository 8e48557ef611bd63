package org

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
)

// disabledStatus is the one AssignmentStatus that takes a role away. Its members
// are published nowhere, so any other counts as assigned.
const disabledStatus = "disabled"

// communicationsManager holds the communications manager role.
type communicationsManager struct {
	worker        PersonnelNumber // empty: an F&O user who is no worker
	systemUser    string
	account       account
	organizations []string // unit numbers the role is limited to; empty: all
}

// communicationsManagers finds them, in order of personnel number.
func communicationsManagers(s Snapshot, x *index, ids *identities, role string) []communicationsManager {
	role = fold(role)
	limits := map[[2]string][]string{} // by F&O user and role identifier
	for _, row := range s.RoleOrganizations {
		key := [2]string{fold(row.User), fold(row.Role)}
		limits[key] = append(limits[key], row.Organization)
	}
	// A user may have the role several times; one assignment without limits
	// covers everything.
	merged := map[string]*communicationsManager{}
	for _, row := range s.Roles {
		if !row.names(role) || fold(row.Status) == disabledStatus {
			continue
		}
		user := fold(row.User)
		organizations := limits[[2]string{user, fold(row.Role)}]
		if m, seen := merged[user]; seen {
			if len(m.organizations) == 0 || len(organizations) == 0 {
				m.organizations = nil
			} else {
				m.organizations = append(m.organizations, organizations...)
			}
			continue
		}
		worker, found := ids.systemUser(user)
		merged[user] = &communicationsManager{
			worker: worker, systemUser: user, account: found, organizations: slices.Clone(organizations),
		}
	}
	var managers []communicationsManager
	for _, user := range sortedKeys(merged) {
		if m := merged[user]; !x.left[m.worker] {
			managers = append(managers, *m)
		}
	}
	slices.SortStableFunc(managers, func(a, b communicationsManager) int {
		if (a.worker == "") != (b.worker == "") {
			return cmp.Compare(b.worker, a.worker) // who is no worker comes last
		}
		return cmp.Or(cmp.Compare(a.worker, b.worker), bytes.Compare(a.account.user.ID[:], b.account.user.ID[:]))
	})
	return managers
}

// names reports whether a row is about a role, by its folded identifier or name.
func (r RoleAssignment) names(role string) bool { return fold(r.Role) == role || fold(r.Name) == role }

// covers reports whether the role reaches a store that belongs to these units:
// its own and those of the nodes above.
func (m communicationsManager) covers(units []string) bool {
	return len(m.organizations) == 0 ||
		slices.ContainsFunc(m.organizations, func(o string) bool { return slices.Contains(units, o) })
}

// caretakers finds somebody to own a store's team while the store has no
// manager of its own.
type caretakers struct {
	index          *index
	ids            *identities
	hierarchy      *hierarchy
	communications []communicationsManager
	fallback       []account // in the order of the setting
	blocks         blocks
	hidden         hiddenPeople
	limit          int // teams per person
	teams          map[UserID]int
}

// find returns the caretaker of a store, or ok=false when everybody is busy.
// It is called for the stores in order of number, so that who gets which does
// not change from run to run.
func (c *caretakers) find(store Store) (e Entry, ok bool) {
	key := TeamKey{store.Number}
	for t := range c.turns(store) {
		if c.free(key, t) {
			return c.take(t), true
		}
	}
	return Entry{}, false
}

// turn is somebody whose turn it is to stand in.
type turn struct {
	worker  PersonnelNumber // empty: named in settings, or an F&O user who is no worker
	account account
	why     Reason
}

// turns yields who may be asked to stand in for a store's manager, in order.
func (c *caretakers) turns(store Store) iter.Seq[turn] {
	return func(yield func(turn) bool) {
		nodes, _ := c.hierarchy.above(store.Party)
		units := []string{store.Unit, c.index.unit(store).Number}
		for _, node := range nodes {
			unit, known := c.index.unitByParty[node]
			if !known {
				continue
			}
			units = append(units, unit.Number)
			if unit.Manager == "" || c.index.left[unit.Manager] {
				continue
			}
			if !yield(turn{unit.Manager, c.ids.worker(unit.Manager), CaretakerNode}) {
				return
			}
		}
		for _, m := range c.communications {
			if m.covers(units) && !yield(turn{m.worker, m.account, CaretakerCommunications}) {
				return
			}
		}
		for _, a := range c.fallback {
			if !yield(turn{"", a, CaretakerFallback}) {
				return
			}
		}
	}
}

// free reports whether somebody whose turn it is may stand in. Who may not for
// the account's sake alone is noted: a missing licence removes no caretaker.
func (c *caretakers) free(key TeamKey, t turn) bool {
	o := c.obstacle(key, t.account)
	if o == Unusable || o == KeptOut {
		c.hidden.add(key, t.worker, t.account)
	}
	return o == Free
}

// obstacle says what keeps an account from standing in for a store's manager.
func (c *caretakers) obstacle(key TeamKey, a account) Obstacle {
	switch {
	case !a.usable():
		return Unusable
	case c.blocks.cover(a.user.ID, key):
		return KeptOut
	case !a.mayOwn():
		return Guest
	case c.teams[a.user.ID] >= c.limit:
		return Busy
	}
	return Free
}

func (c *caretakers) take(t turn) Entry {
	c.teams[t.account.user.ID]++
	return Entry{User: t.account.user.ID, Role: Owner, Worker: t.worker, Reason: t.why}
}
