package plan

import (
	"cmp"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// take plans who is to go, once coming have come.
func (b *builder) take(team org.Team, f Found, coming []Change) {
	if b.options.Takes {
		b.add(b.keepOwner(f, coming, b.protect(b.leavers(team, f)))...)
	}
}

// leavers returns which of a team's managed people are to be removed or
// demoted. Whoever is not managed is nobody we may take out, unless an operator
// blocked them.
func (b *builder) leavers(team org.Team, f Found) []Change {
	wanted := make(map[org.UserID]org.Entry, len(team.Entries))
	for _, e := range team.Entries {
		wanted[e.User] = e
	}
	var going []Change
	for _, m := range f.Managed {
		role, there := roleOf(f.People, m.User)
		if !there {
			continue
		}
		c := Change{Team: team.Key, Group: f.Group, User: m.User, Worker: m.Worker, Role: role}
		if e, in := wanted[m.User]; in {
			c.Kind, c.Leave = Demote, b.demotion(team.Key, m, role, e)
		} else {
			departure := b.evidence.Departure(team.Key, m)
			c.Kind, c.Leave, c.After = Remove, departure.Leave, departure.Successor
		}
		waits := c.Leave == org.Replaced && !comesOrIs(wanted, f, c.After)
		if c.Leave != org.Stays && !waits {
			going = append(going, c)
		}
	}
	return append(going, b.blocked(team.Key, wanted, f)...)
}

// blocked returns the people of a team whom nothing but a block takes out.
func (b *builder) blocked(key org.TeamKey, wanted map[org.UserID]org.Entry, f Found) []Change {
	var going []Change
	for _, person := range f.People {
		_, managed := managedOf(f.Managed, person.User)
		_, in := wanted[person.User]
		if !managed && !in && b.evidence.Blocked(key, person.User) {
			going = append(going, Change{Team: key, Group: f.Group, Kind: Remove, User: person.User, Role: person.Role, Leave: org.Blocked})
		}
	}
	return going
}

// demotion says why somebody who is wanted as e is to be a member only: Stays,
// if they are not to be. An owner made by hand was never managed as one: as long
// as Commerce wants them in the team at all they stay what they are.
func (b *builder) demotion(key org.TeamKey, m org.Managed, role org.Role, e org.Entry) org.Leave {
	if role != org.Owner || m.Role != org.Owner || e.Role == org.Owner {
		return org.Stays
	}
	return b.evidence.Demotion(key, m)
}

// comesOrIs reports whether a user is in the team, or wanted and free to come.
func comesOrIs(wanted map[org.UserID]org.Entry, f Found, user org.UserID) bool {
	if _, there := roleOf(f.People, user); there {
		return true
	}
	e, in := wanted[user]
	return in && !e.StayOnly
}

// protect leaves out the changes about protected users.
func (b *builder) protect(going []Change) []Change {
	return slices.DeleteFunc(going, func(c Change) bool {
		protected := b.evidence.Protected(c.User)
		if protected {
			b.skip(Halt{Team: c.Team, Rail: RailProtected, Why: "PROTECTED_USERS names this user", Changes: []Change{c}})
		}
		return protected
	})
}

// keepOwner leaves out one owner's going if nobody would own the team after it:
// the one who belongs there most.
//
// Coming owners count although a rail may yet postpone them. That is safe:
// whoever carries out a taking looks first whether another owner is there.
func (b *builder) keepOwner(f Found, coming, going []Change) []Change {
	owner := func(c Change) bool { return c.Kind == AddOwner || c.Kind == Promote }
	if Owned(f.People, going) || slices.ContainsFunc(coming, owner) {
		return going
	}
	keep := -1
	for i, c := range going {
		if c.Role == org.Owner && (keep < 0 || belongsMore(c, going[keep])) {
			keep = i
		}
	}
	if keep < 0 {
		return going // nobody owned the team before
	}
	b.skip(Halt{Team: going[keep].Team, Rail: RailLastOwner,
		Why: "the last owner stays until somebody else owns the team", Changes: []Change{going[keep]}})
	return slices.Delete(going, keep, keep+1)
}

// belongsMore reports whether of two who go a belongs in the team more than b:
// who stays as a member rather than who goes, who may still be with the company
// rather than who left it.
func belongsMore(a, b Change) bool {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Leave, b.Leave)) < 0
}

// freeze plans the team of a store that closed, or may have: who left the
// company goes, somebody stands in where that was the last owner, and in the end
// the team is archived. Nothing else is touched.
func (b *builder) freeze(key org.TeamKey, f Found) {
	ours := f.Origin != Mapped && f.Blocked == ""
	if !b.options.Takes || !ours || f.Existence != Here || f.Unclear != "" || !f.HasTeam {
		return
	}
	going := b.leavers(org.Team{Key: key}, f)
	going = b.protect(slices.DeleteFunc(going, func(c Change) bool { return !c.Leave.Gone() }))
	coming := b.standIn(key, f, going)
	b.add(coming...)
	b.add(b.keepOwner(f, coming, going)...)
	if f.ArchiveDue && !f.Archived {
		b.add(Change{Team: key, Kind: Archive, Group: f.Group})
	}
}

// standIn finds an owner for a frozen team of which all owners go: the manager
// of a store that closes is often the last one, and often leaves then.
func (b *builder) standIn(key org.TeamKey, f Found, going []Change) []Change {
	if Owned(f.People, going) || !Owned(f.People, nil) {
		return nil
	}
	for _, user := range b.standIns {
		if goes(going, user) || b.evidence.Blocked(key, user) {
			continue
		}
		c := Change{Team: key, Group: f.Group, Kind: AddOwner, User: user, Reason: org.CaretakerFallback}
		if _, in := roleOf(f.People, user); in {
			c.Kind = Promote
		}
		return []Change{c}
	}
	return nil
}
