// Package plan compares the teams Commerce wants with the teams the tenant
// has, and says what to change. A plan is a value: sorted, each change with its
// reason, the same for the same input. Computing one touches nothing, which is
// what makes it safe to show, to store and to argue about.
//
// The package is pure and imports only org. Carrying a plan out is orgsync's.
package plan

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Kind is what a change does. The order is the order of carrying out within a
// team: the team before its people, owners before members.
type Kind uint8

// The kinds of change.
const (
	CreateTeam Kind = iota // make the group and its team, with User as its first owner
	AdoptTeam              // take an existing group for the store's from now on
	MakeTeam               // give a group of ours that has no team one; User is made owner if it has none
	Rename
	Promote // a member becomes an owner
	AddOwner
	AddMember
)

var kindNames = [...]string{"create team", "adopt team", "make team", "rename", "promote", "add owner", "add member"}

// String names the kind as plans and run records show it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown change"
}

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Change is one line of a plan.
type Change struct {
	Team   org.TeamKey
	Kind   Kind
	Group  org.TeamID          // the group it is about; empty for CreateTeam
	User   org.UserID          // whom it is about; for CreateTeam and MakeTeam the first owner
	Worker org.PersonnelNumber // the worker behind the user, if any
	Reason org.Reason          // why, for changes about a person
	Name   string              // CreateTeam, Rename: the display name to be
	Was    string              // Rename: the display name that is
}

// Halt is something the plan does not do, and why: a person has to decide or
// to mend something.
type Halt struct {
	Team org.TeamKey
	Why  string // one sentence
}

// Plan is what to change, in order.
type Plan struct {
	Hold    string   // not empty: nothing of the plan may be carried out, and why
	Changes []Change // by team, kind, user
	Held    []Halt   // stopped by a rule, waiting for a person
	Skipped []Halt   // left alone: not ours to change
}

// Origin is how we know that a group is a store's.
type Origin uint8

// The origins, surest first.
const (
	Linked Origin = iota // the ledger says so
	Marked               // the group carries our marker
	Mapped               // Commerce's IntegrationSourceMappings says so
)

// Found is what the tenant has for one wanted team.
type Found struct {
	Group   org.TeamID
	Origin  Origin
	Name    string
	HasTeam bool
	Owned   bool         // the group has at least one owner
	People  []org.Person // ordered by user

	// KeepName is the name Commerce had for the store when its group was
	// adopted. While Commerce still has it, the group keeps the name it came with.
	KeepName string

	// Blocked, when not empty, says why the group is not ours to change.
	Blocked string

	// Unclear, when not empty, says why a person has to look first: a group of
	// ours is gone, or what Commerce says of it can be read in two ways.
	Unclear string
}

// Options are the settings that plans depend on.
type Options struct {
	Adopt bool // whether a mapping alone is enough to adopt a team
}

// Build compares. Teams without an element in found do not exist yet.
func Build(want org.Roster, found map[org.TeamKey]Found, o Options) Plan {
	p := Plan{Hold: want.Hold}
	for _, team := range want.Teams {
		f, exists := found[team.Key]
		switch {
		case !exists:
			p.create(team)
		case f.Unclear != "":
			p.Held = append(p.Held, Halt{team.Key, f.Unclear})
		case f.Blocked != "":
			p.Skipped = append(p.Skipped, Halt{team.Key, f.Blocked})
		case f.Origin == Mapped && !o.Adopt:
			p.Held = append(p.Held, Halt{team.Key,
				"Commerce maps this store to an existing team; set ADOPT=yes to let storeteams take it over"})
		default:
			p.adjust(team, f)
		}
	}
	slices.SortFunc(p.Changes, compare)
	return p
}

func compare(a, b Change) int {
	return cmp.Or(cmp.Compare(a.Team.Store, b.Team.Store), cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.User[:], b.User[:]))
}

// create plans a new team: born with one owner, everybody else added after.
func (p *Plan) create(team org.Team) {
	owners := team.Owners()
	if len(owners) == 0 {
		p.Skipped = append(p.Skipped, Halt{team.Key, "nobody may own the team, so it cannot be made"})
		return
	}
	first := owners[0]
	p.Changes = append(p.Changes, Change{
		Team: team.Key, Kind: CreateTeam, User: first.User, Worker: first.Worker, Reason: first.Reason, Name: team.Name,
	})
	for _, e := range team.Entries {
		if e.User != first.User && !e.StayOnly {
			p.add(team.Key, "", e)
		}
	}
}

// adjust plans what an existing group lacks.
func (p *Plan) adjust(team org.Team, f Found) {
	if f.Origin == Mapped {
		p.Changes = append(p.Changes, Change{Team: team.Key, Kind: AdoptTeam, Group: f.Group})
	}
	var first org.UserID
	if !f.HasTeam {
		change := Change{Team: team.Key, Kind: MakeTeam, Group: f.Group}
		if owners := team.Owners(); !f.Owned {
			if len(owners) == 0 {
				p.Skipped = append(p.Skipped, Halt{team.Key, "nobody may own the team, so it cannot be made"})
				return
			}
			change.User, change.Worker, change.Reason = owners[0].User, owners[0].Worker, owners[0].Reason
			first = owners[0].User
		}
		p.Changes = append(p.Changes, change)
	}
	// A store whose name Commerce no longer tells keeps the one its team has.
	if f.Origin != Mapped && !team.Nameless && f.Name != team.Name && f.KeepName != team.Name {
		p.Changes = append(p.Changes, Change{Team: team.Key, Kind: Rename, Group: f.Group, Name: team.Name, Was: f.Name})
	}
	have := make(map[org.UserID]org.Role, len(f.People))
	for _, person := range f.People {
		have[person.User] = person.Role
	}
	for _, e := range team.Entries {
		role, there := have[e.User]
		switch {
		case e.StayOnly || e.User == first:
		case !there:
			p.add(team.Key, f.Group, e)
		case e.Role > role:
			p.Changes = append(p.Changes, change(team.Key, Promote, f.Group, e))
		}
	}
}

func (p *Plan) add(key org.TeamKey, group org.TeamID, e org.Entry) {
	kind := AddMember
	if e.Role == org.Owner {
		kind = AddOwner
	}
	p.Changes = append(p.Changes, change(key, kind, group, e))
}

func change(key org.TeamKey, kind Kind, group org.TeamID, e org.Entry) Change {
	return Change{Team: key, Kind: kind, Group: group, User: e.User, Worker: e.Worker, Reason: e.Reason}
}

// Counts returns the number of changes of each kind that occurs.
func (p Plan) Counts() map[Kind]int {
	counts := map[Kind]int{}
	for _, c := range p.Changes {
		counts[c.Kind]++
	}
	return counts
}

// ByTeam yields the changes team by team, in the plan's order.
func (p Plan) ByTeam() [][]Change {
	var teams [][]Change
	for start := 0; start < len(p.Changes); {
		end := start
		for end < len(p.Changes) && p.Changes[end].Team == p.Changes[start].Team {
			end++
		}
		teams = append(teams, p.Changes[start:end])
		start = end
	}
	return teams
}
