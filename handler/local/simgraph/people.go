package simgraph

import (
	"encoding/base64"
	"slices"
	"time"
)

// user is a user of the tenant.
type user struct {
	row     User
	first   uint64 // the change that made them; 0 at the start
	deleted bool
	teams   int // how many teams they are in
}

func (u *user) guest() bool { return u.row.UserType == "Guest" }

// person is a user's place in a group. A place that is neither is no place.
type person struct {
	user          *user
	member, owner bool
	n             int    // the order of joining; pages go by it
	membership    string // the id of the membership in Teams, new at each joining
}

// undo is what a place was before a change, for as long as reads lag.
type undo struct {
	at  time.Time
	was person
}

// change is one entry of the tenant's log. What is the property or link that
// changed; empty: the object came, went or came back.
type change struct {
	seq   uint64
	at    time.Time
	user  *user
	group *group
	what  string
}

// linkChange is one link of a group that came or went.
type linkChange struct {
	seq     uint64
	user    *user
	what    string // members or owners
	removed bool
}

func (t *Tenant) note(c change, now time.Time) uint64 {
	t.seq++
	c.seq, c.at = t.seq, now
	t.log = append(t.log, c)
	return t.seq
}

// place gives a user exactly these links to the group and logs what changed.
func (t *Tenant) place(g *group, u *user, member, owner bool, now time.Time) {
	was := person{user: u}
	p := g.people[u]
	if p != nil {
		was = *p
	}
	if was.member == member && was.owner == owner {
		return
	}
	if t.opts.ReadLag > 0 {
		g.undo = append(g.undo, undo{at: now, was: was})
	}
	switch {
	case p == nil:
		t.join(g, person{user: u, member: member, owner: owner})
	case !member && !owner:
		g.leave(p)
	default:
		p.member, p.owner = member, owner
	}
	t.noteLink(g, u, "members", was.member, member, now)
	t.noteLink(g, u, "owners", was.owner, owner, now)
}

func (t *Tenant) noteLink(g *group, u *user, what string, was, is bool, now time.Time) {
	if was == is {
		return
	}
	seq := t.note(change{group: g, what: what}, now)
	g.links = append(g.links, linkChange{seq: seq, user: u, what: what, removed: was})
}

// addLink adds one link and keeps the other. In a team an owner is a member.
func (t *Tenant) addLink(g *group, u *user, what string, now time.Time) {
	is := g.at(u)
	owner := is.owner || what == "owners"
	t.place(g, u, is.member || what == "members" || g.team != nil, owner, now)
}

// join begins a membership.
func (t *Tenant) join(g *group, p person) {
	t.joined++
	p.n = t.joined
	// Documentation samples show team id and another GUID, not the user's.
	p.membership = base64.StdEncoding.EncodeToString([]byte(g.row.ID + "##" + t.guid()))
	g.people[p.user] = &p
	g.order = append(g.order, &p)
	g.memberships[p.membership] = &p
	if g.counts() {
		p.user.teams++
	}
}

// leave ends a membership.
func (g *group) leave(p *person) {
	delete(g.people, p.user)
	delete(g.memberships, p.membership)
	i, found := slices.BinarySearchFunc(g.order, p.n, func(q *person, n int) int { return q.n - n })
	if found {
		g.order = slices.Delete(g.order, i, i+1)
	}
	if g.counts() {
		p.user.teams--
	}
}

// counts reports whether the group counts toward the teams a user may be in.
func (g *group) counts() bool { return g.team != nil && g.gone == here }

// at is a user's place in the group, or one without links.
func (g *group) at(u *user) person {
	if p := g.people[u]; p != nil {
		return *p
	}
	return person{user: u}
}

// owners counts the owners, as the service knows them now.
func (g *group) owners() int {
	n := 0
	for _, p := range g.order {
		if p.owner {
			n++
		}
	}
	return n
}

// seen lists the places as reads show them at now, in order of joining:
// changes younger than the read lag are undone.
func (t *Tenant) seen(g *group, now time.Time) []person {
	horizon := now.Add(-t.opts.ReadLag)
	g.undo = slices.DeleteFunc(g.undo, func(u undo) bool { return !u.at.After(horizon) })
	places := make(map[*user]person, len(g.undo))
	for _, u := range slices.Backward(g.undo) {
		places[u.was.user] = u.was
	}
	list := make([]person, 0, len(g.order))
	for _, p := range g.order {
		if _, undone := places[p.user]; !undone {
			list = append(list, *p)
		}
	}
	if len(places) == 0 {
		return list
	}
	for _, p := range places {
		if p.member || p.owner {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b person) int { return a.n - b.n })
	return list
}
