package explain

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// standing is where a person stands with one team.
type standing struct {
	key      org.TeamKey
	presence org.Presence

	// By the rules:
	claims []org.Claim // of all their workers
	active org.Flag    // what the store's rows say
	said   bool        // whether any does
	team   *org.Team   // nil: the roster has no such team
	entry  *org.Entry  // nil: they are not wanted

	// In the tenant:
	user    org.UserID // the account that is looked at
	found   plan.Found
	exists  bool // there is something to look at: found
	role    org.Role
	in      bool
	managed *org.Managed

	// At the next run:
	changes []plan.Change // about them
	stops   []stop        // about them
	making  []plan.Change // that make or bring back the team
	barred  []stop        // about the team as a whole
}

// stand gathers where a person stands with a team, with the account that counts
// or, if only another one of theirs is in, with that.
func (q *inquiry) stand(p *person, key org.TeamKey) standing {
	st := standing{key: key, presence: q.survey.Roster.Evidence.Presence(key), team: q.team(key)}
	st.found, st.exists = q.survey.Found[key]
	for _, w := range p.workers {
		st.claims = append(st.claims, q.rows.Claims(key.Store, w.number)...)
		if flag, said := q.rows.Active(key.Store, w.number); said {
			st.active, st.said = max(st.active, flag), true
		}
	}
	st.look(p.user)
	if st.entry == nil && !st.in && st.managed == nil {
		for _, user := range p.former {
			if other := st; other.look(user) {
				st = other
				break
			}
		}
	}
	q.ahead(&st)
	return st
}

// look finds an account in the roster and in the team, and reports whether it is
// in the team.
func (st *standing) look(user org.UserID) bool {
	st.user, st.entry, st.managed = user, nil, nil
	if user.IsZero() {
		return false
	}
	if st.team != nil {
		entries := st.team.Entries
		i, wanted := slices.BinarySearchFunc(entries, user, func(e org.Entry, u org.UserID) int { return compareUsers(e.User, u) })
		if wanted {
			st.entry = &entries[i]
		}
	}
	st.role, st.in = ledger.People(st.found.People).Role(user)
	if m, managed := ledger.Managed(st.found.Managed).Of(user); managed {
		st.managed = &m
	}
	return st.in
}

// ahead finds what the plan says of them, and of the team.
func (q *inquiry) ahead(st *standing) {
	changes := q.changes(st.key)
	st.changes = about(changes, st.user)
	for _, c := range changes {
		if c.Kind.Making() {
			st.making = append(st.making, c)
		}
	}
	for _, s := range q.stops(st.key) {
		personal := slices.ContainsFunc(s.Changes, func(c plan.Change) bool { return !c.Kind.Making() })
		switch theirs := about(s.Changes, st.user); {
		case !personal:
			st.barred = append(st.barred, s)
		case len(theirs) > 0:
			st.stops = append(st.stops, s)
		}
	}
}

// coming is the change that brings or promotes them.
func (st *standing) coming() (plan.Change, bool) { return find(st.changes, false) }

// going is the change that takes them out or demotes them.
func (st *standing) going() (plan.Change, bool) { return find(st.changes, true) }

func find(changes []plan.Change, taking bool) (plan.Change, bool) {
	for _, c := range changes {
		if c.Kind.Taking() == taking {
			return c, true
		}
	}
	return plan.Change{}, false
}

// stopped is the stop of their coming, or of their going, with the change.
func (st *standing) stopped(taking bool) (stop, plan.Change, bool) {
	for _, s := range st.stops {
		if c, ok := find(about(s.Changes, st.user), taking); ok {
			return s, c, true
		}
	}
	return stop{}, plan.Change{}, false
}

// accepted reports whether a rule puts one of their workers into the store, and
// no row denies it.
func (st *standing) accepted() (org.Claim, bool) {
	for _, c := range st.claims {
		if c.Denied == org.Stays {
			return c, true
		}
	}
	return org.Claim{}, false
}

// undone is what the rails remember of somebody having undone their coming by
// hand; ok=false: nothing.
func (q *inquiry) undone(st *standing) (rails.Hand, bool) {
	if link := q.survey.Links[st.key]; link != nil {
		for _, h := range link.Rails.Hands {
			if h.User == st.user {
				return h, true
			}
		}
	}
	return rails.Hand{}, false
}

func compareUsers(a, b org.UserID) int { return bytes.Compare(a[:], b[:]) }

func compareKeys(a, b org.TeamKey) int { return cmp.Compare(a.Store, b.Store) }

// distinct drops what comes twice, and keeps the order.
func distinct[T comparable](items []T) []T {
	seen := map[T]bool{}
	return slices.DeleteFunc(slices.Clone(items), func(item T) bool {
		again := seen[item]
		seen[item] = true
		return again
	})
}

// lastEnd is when the last of a worker's employments ended.
func lastEnd(rows []org.Employment) (last time.Time) {
	for _, row := range rows {
		if row.End.After(last) {
			last = row.End
		}
	}
	return last
}
