package plan

import (
	"bytes"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Evidence says what is known of people whom the roster does not want.
// *org.Evidence is the one there is.
type Evidence interface {
	Departure(org.TeamKey, org.Managed) org.Departure
	Demotion(org.TeamKey, org.Managed) org.Leave
	Protected(org.UserID) bool
	Blocked(org.TeamKey, org.UserID) bool
}

// Options are the settings, and a person's decisions, that plans depend on.
type Options struct {
	Adopt bool // whether a mapping alone is enough to adopt a team
	Takes bool // whether people may be removed or demoted, and teams archived

	// Allowed reports whether a person allowed a halt. Nil: nobody did.
	Allowed func(Halt) bool
}

func (o Options) allowed(h Halt) bool { return o.Allowed != nil && o.Allowed(h) }

// Build compares. Teams of the roster without an element in found do not exist
// yet. Teams in found that the roster does not have are let be, but for those
// that are Frozen.
//
// A team's plan goes as far as is certain now: what depends on a group that is
// first to be restored is planned when the restored group was read.
func Build(want org.Roster, found map[org.TeamKey]Found, evidence Evidence, o Options) Plan {
	b := &builder{options: o, evidence: evidence, standIns: want.FallbackOwners}
	b.plan.Hold = want.Hold
	wanted := make(map[org.TeamKey]bool, len(want.Teams))
	b.plan.Changes = make([]Change, 0, additions(want.Teams, found))
	for _, team := range want.Teams {
		wanted[team.Key] = true
		if f, exists := found[team.Key]; exists {
			b.change(team, f)
		} else {
			b.create(team)
		}
	}
	for key, f := range found {
		if f.Frozen && !wanted[key] {
			b.freeze(key, f)
		}
	}
	b.plan.Sort()
	return b.plan
}

// additions is how many people are to come into new teams, at most: a chain's
// first million changes are to be in memory once, and not twice as they grow.
func additions(teams []org.Team, found map[org.TeamKey]Found) int {
	n := 0
	for _, team := range teams {
		if _, exists := found[team.Key]; !exists {
			n += len(team.Entries)
		}
	}
	return n
}

// builder gathers a plan.
type builder struct {
	plan     Plan
	options  Options
	evidence Evidence
	standIns []org.UserID // who may own a team when nobody else does
}

// change plans a team of which something exists.
func (b *builder) change(team org.Team, f Found) {
	switch {
	case f.Unclear != "":
		b.hold(Halt{Team: team.Key, Rail: RailUnclear, Why: f.Unclear})
	case f.Existence != Here && f.Origin == Mapped:
		b.create(team) // it never was ours to bring back
	case f.Existence != Here:
		b.bringBack(team, f)
	case f.Blocked != "":
		b.skip(Halt{Team: team.Key, Rail: RailNotOurs, Why: f.Blocked})
	case f.Origin == Mapped && !b.mayAdopt(team.Key, f):
	default:
		b.adjust(team, f)
	}
}

func (b *builder) hold(h Halt) { b.plan.Held = append(b.plan.Held, h) }
func (b *builder) skip(h Halt) { b.plan.Skipped = append(b.plan.Skipped, h) }
func (b *builder) add(c ...Change) {
	b.plan.Changes = append(b.plan.Changes, c...)
}

func (b *builder) mayAdopt(key org.TeamKey, f Found) bool {
	halt := Halt{Team: key, Rail: RailAdoption, Why: "Commerce maps this store to an existing team; allow it, or set ADOPT=yes, to let storeteams take it over",
		Changes: []Change{{Team: key, Kind: AdoptTeam, Group: f.Group}}}
	if b.options.Adopt || b.options.allowed(halt) {
		return true
	}
	b.hold(halt)
	return false
}

// bringBack plans a team whose group is gone.
func (b *builder) bringBack(team org.Team, f Found) {
	if f.Existence == Deleted {
		restore := Change{Team: team.Key, Kind: RestoreTeam, Group: f.Group}
		halt := Halt{Team: team.Key, Rail: RailDeleted, Why: "the team was deleted again after it was restored", Changes: []Change{restore}}
		if f.RestoredLately && !b.options.allowed(halt) {
			b.hold(halt)
			return
		}
		b.add(restore)
		return
	}
	// The hash names the group that is gone: allowing one new team allows no
	// second one.
	halt := Halt{Team: team.Key, Rail: RailNewTeam, Why: "the team was deleted and can no longer be restored; allow a new one",
		Changes: []Change{{Team: team.Key, Kind: CreateTeam, Group: f.Group, Name: team.Name}}}
	if !b.options.allowed(halt) {
		b.hold(halt)
		return
	}
	b.create(team)
}

// create plans a new team: born with one owner, everybody else added after.
func (b *builder) create(team org.Team) {
	owners := team.Owners()
	if len(owners) == 0 {
		b.skip(ownerless(team.Key))
		return
	}
	first := owners[0]
	b.add(Change{
		Team: team.Key, Kind: CreateTeam, User: first.User, Worker: first.Worker, Reason: first.Reason, Name: team.Name,
	})
	for _, e := range team.Entries {
		if e.User != first.User && !e.StayOnly {
			b.add(addition(team.Key, "", e))
		}
	}
}

func ownerless(key org.TeamKey) Halt {
	return Halt{Team: key, Rail: RailNotOurs, Why: "nobody may own the team, so it cannot be made"}
}

// adjust plans what an existing group lacks, and what it has too much.
func (b *builder) adjust(team org.Team, f Found) {
	making, possible := makes(team, f)
	if !possible {
		b.skip(ownerless(team.Key))
		b.take(team, f, nil)
		return
	}
	if f.Origin == Mapped {
		b.add(Change{Team: team.Key, Kind: AdoptTeam, Group: f.Group})
	}
	b.add(making...)
	b.wake(team, f)
	// A store whose name Commerce no longer tells keeps the one its team has.
	if f.Origin != Mapped && !team.Nameless && f.Name != team.Name && f.KeepName != team.Name {
		b.add(Change{Team: team.Key, Kind: Rename, Group: f.Group, Name: team.Name, Was: f.Name})
	}
	var first org.UserID
	for _, c := range making {
		first = c.User
	}
	coming := come(team, f, first)
	b.add(coming...)
	b.take(team, f, coming)
}

// makes returns what gives a group its team: nothing if it has one. It is not
// possible if nobody may own it.
func makes(team org.Team, f Found) (making []Change, possible bool) {
	if f.HasTeam {
		return nil, true
	}
	making = []Change{{Team: team.Key, Kind: MakeTeam, Group: f.Group}}
	if Owned(f.People, nil) {
		return making, true
	}
	owners := team.Owners()
	if len(owners) == 0 {
		return nil, false
	}
	making[0].User, making[0].Worker, making[0].Reason = owners[0].User, owners[0].Worker, owners[0].Reason
	return making, true
}

// wake plans to make the team of a store that came back active again. What we
// once set out to archive may be archived although the mirror does not show it.
// Why somebody else archived a team is not known: that is reported, not fought.
func (b *builder) wake(team org.Team, f Found) {
	switch {
	case f.ArchivedByUs:
		b.add(Change{Team: team.Key, Kind: Unarchive, Group: f.Group})
	case f.Archived:
		b.skip(Halt{Team: team.Key, Rail: RailNotOurs,
			Why: "somebody archived the team although its store is open; it stays archived until they make it active again"})
	}
}

// come returns who is to be added or promoted. First is whoever comes with the
// team itself, if anybody does.
func come(team org.Team, f Found, first org.UserID) []Change {
	var coming []Change
	for _, e := range team.Entries {
		if e.StayOnly || e.User == first {
			continue
		}
		role, there := roleOf(f.People, e.User)
		var c Change
		switch {
		case !there:
			c = addition(team.Key, f.Group, e)
		case e.Role > role:
			c = personal(team.Key, Promote, f.Group, e)
		default:
			continue
		}
		m, managed := managedOf(f.Managed, e.User)
		c.PutBack = managed && (!there || m.Role >= e.Role)
		coming = append(coming, c)
	}
	return coming
}

func addition(key org.TeamKey, group org.TeamID, e org.Entry) Change {
	kind := AddMember
	if e.Role == org.Owner {
		kind = AddOwner
	}
	return personal(key, kind, group, e)
}

func personal(key org.TeamKey, kind Kind, group org.TeamID, e org.Entry) Change {
	return Change{Team: key, Kind: kind, Group: group, User: e.User, Worker: e.Worker, Reason: e.Reason}
}

func roleOf(people []org.Person, user org.UserID) (org.Role, bool) {
	i, there := slices.BinarySearchFunc(people, user, func(p org.Person, u org.UserID) int { return bytes.Compare(p.User[:], u[:]) })
	if !there {
		return 0, false
	}
	return people[i].Role, true
}

func managedOf(all []org.Managed, user org.UserID) (org.Managed, bool) {
	i, there := slices.BinarySearchFunc(all, user, func(m org.Managed, u org.UserID) int { return bytes.Compare(m.User[:], u[:]) })
	if !there {
		return org.Managed{}, false
	}
	return all[i], true
}
