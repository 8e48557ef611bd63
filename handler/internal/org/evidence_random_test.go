package org_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// question is what an Evidence is asked about.
type question struct {
	key org.TeamKey
	org.Managed
}

// answers are what it says.
type answers struct {
	departure org.Departure
	demotion  org.Leave
	presence  org.Presence
	protected bool
}

func ask(e *org.Evidence, q question) answers {
	return answers{e.Departure(q.key, q.Managed), e.Demotion(q.key, q.Managed), e.Presence(q.key), e.Protected(q.User)}
}

// questions are about everybody in every team, managed in each role, since
// before or after what drawChain's dates say.
func (c *chain) questions() []question {
	var all []question
	for _, store := range []org.StoreNumber{"", "1", "2", "a", "A", "4711", "none"} {
		for _, user := range []string{"A", "B", "C", "D", "nobody"} {
			for _, worker := range []org.PersonnelNumber{"W1", "W2", "W3", ""} {
				for i, since := range []time.Time{now.Add(-2 * time.Hour), now.Add(-30 * time.Minute)} {
					all = append(all, question{org.TeamKey{Store: store}, org.Managed{
						User: id(user), Worker: worker, Role: org.Role(i), Since: since,
					}})
				}
			}
		}
	}
	return all
}

// TestRandomDepartures: whoever is not wanted stays or leaves, by a statement
// only if rows say so.
func TestRandomDepartures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChain(t)
		r := c.roster()
		for _, q := range c.questions() {
			i := slices.IndexFunc(r.Teams, func(team org.Team) bool { return team.Key == q.key })
			var team org.Team
			if i >= 0 {
				team = r.Teams[i]
			}
			role, wanted := roleIn(team, q.User)
			if !wanted {
				c.checkDeparture(t, q, team, r.Evidence.Departure(q.key, q.Managed))
			} else if role == org.Member {
				c.checkDemotion(t, q, r.Evidence.Demotion(q.key, q.Managed))
			}
			if in := r.Evidence.Presence(q.key) == org.InScope; i >= 0 && !in {
				t.Errorf("%s has a team and is not in scope", q.key)
			}
		}
	})
}

func roleIn(team org.Team, user org.UserID) (org.Role, bool) {
	for _, e := range team.Entries {
		if e.User == user {
			return e.Role, true
		}
	}
	return 0, false
}

func (c *chain) checkDeparture(t failer, q question, team org.Team, d org.Departure) {
	t.Helper()
	why := ""
	switch d.Leave {
	case org.Stays:
	case org.Blocked:
		if !c.blocked(q.User, q.key) {
			why = "nobody blocks them"
		}
	case org.LeftCompany:
		if !c.accountGone(q.User) && !c.endedEmployments(q.Worker) {
			why = "no row says so"
		}
	case org.LeftStore:
		if !c.inactive(q.key, q.Worker) && !c.endedPositions(q, c.inDepartment(q.key)) && !c.endedPositions(q, func(string) bool { return true }) {
			why = "no row says so"
		}
	case org.Replaced:
		if _, in := roleIn(team, d.Successor); !in || d.Successor == q.User {
			why = "by whom?"
		}
	case org.Absent:
		if c.flags(q.key, q.Worker)&(1<<org.Yes|1<<org.Unknown) != 0 {
			why = "a row speaks of them"
		} else if c.unread(q, "membership") {
			why = "a row that speaks of them may be unreadable"
		}
	default:
		why = "what is that?"
	}
	if (d.Leave != org.Replaced) != d.Successor.IsZero() {
		why = "with a successor or without?"
	}
	if d.Leave == org.Stays && (c.blocked(q.User, q.key) || c.accountGone(q.User)) {
		why = "although they are gone"
	}
	if why != "" {
		t.Errorf("%s: %s (%s): %s: %s", q.key, c.label(q.User), q.Worker, d.Leave, why)
	}
}

func (c *chain) checkDemotion(t failer, q question, l org.Leave) {
	t.Helper()
	privileged := func(position string) bool {
		return slices.ContainsFunc(c.PositionPermissions, func(p org.PositionPermission) bool { return p.Position == position }) ||
			slices.ContainsFunc(c.Positions, func(p org.Position) bool { return p.ID == position && p.Title != "" })
	}
	switch {
	case l != org.Stays && l != org.Absent && l != org.LeftStore:
		t.Errorf("%s: %s: demotion: %s", q.key, q.Worker, l)
	case l == org.LeftStore && !slices.ContainsFunc(c.Assignments, func(a org.Assignment) bool {
		return a.Worker == q.Worker && privileged(a.Position) && !a.To.IsZero() && !a.To.After(now) && a.To.After(q.Since)
	}):
		t.Errorf("%s: %s: no position ended", q.key, q.Worker)
	case l != org.Stays && q.Worker != "" && c.unread(q, "management"):
		t.Errorf("%s: %s: %s, although rows cannot be read", q.key, q.Worker, l)
	}
}

// accountGone reports whether an account is said to be disabled or deleted.
func (c *chain) accountGone(user org.UserID) bool {
	return slices.ContainsFunc(c.users, func(u org.User) bool { return u.ID == user && (u.Deleted || u.Enabled == org.No) })
}

func (c *chain) endedEmployments(worker org.PersonnelNumber) bool {
	rows := 0
	for _, row := range c.Employments {
		if row.Worker == worker {
			if rows++; row.End.IsZero() || row.End.After(now) {
				return false
			}
		}
	}
	return rows > 0
}

// store is the row that counts of those with a number.
func (c *chain) store(key org.TeamKey) org.Store {
	var rows []org.Store
	for _, row := range c.Stores {
		if key.IsStore() && strings.EqualFold(string(row.Number), string(key.Store)) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b org.Store) int { return strings.Compare(fmt.Sprintf("%q", a), fmt.Sprintf("%q", b)) })
	return append(rows, org.Store{Channel: "none"})[0]
}

// flags are those that rows of a worker on a store's channel have, a bit each.
func (c *chain) flags(key org.TeamKey, worker org.PersonnelNumber) (flags int) {
	for _, row := range c.ChannelWorkers {
		if row.Worker == worker && row.Channel == c.store(key).Channel {
			flags |= 1 << row.Active
		}
	}
	if flags&(1<<org.Yes|1<<org.No) != 0 {
		flags &^= 1 << org.Unknown
	}
	return flags
}

func (c *chain) inactive(key org.TeamKey, worker org.PersonnelNumber) bool {
	return c.flags(key, worker) == 1<<org.No
}

func (c *chain) inDepartment(key org.TeamKey) func(string) bool {
	unit := c.store(key).Unit
	return func(position string) bool {
		return unit != "" && slices.ContainsFunc(c.Positions, func(p org.Position) bool { return p.ID == position && p.Department == unit })
	}
}

// endedPositions reports whether a position of a kind ended since, and none is left.
func (c *chain) endedPositions(q question, kind func(string) bool) (ended bool) {
	for _, row := range c.Assignments {
		if row.Worker != q.Worker || !kind(row.Position) || !q.key.IsStore() {
			continue
		}
		if row.To.IsZero() || row.To.After(now) {
			return false
		}
		ended = ended || row.To.After(q.Since)
	}
	return ended
}

// unread reports whether a row that could not be read may be about a worker in a
// store, and is of a collection that decides something.
func (c *chain) unread(q question, what string) bool {
	return q.key.IsStore() && q.Worker != "" && slices.ContainsFunc(c.BadRows, func(b org.BadRow) bool {
		return slices.Contains(readAbout(what), b.Collection) && (b.Worker == "" || b.Worker == q.Worker) &&
			(b.Store == "" || strings.EqualFold(string(b.Store), string(q.key.Store)))
	})
}
