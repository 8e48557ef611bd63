package plan

import (
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Origin is how we know that a group is a store's.
type Origin uint8

// The origins, surest first.
const (
	Linked Origin = iota // the ledger says so
	Marked               // the group carries our marker
	Mapped               // Commerce's IntegrationSourceMappings says so
)

// Existence is whether a group of ours still is there.
type Existence uint8

// The existences.
const (
	Here    Existence = iota
	Deleted           // it can be restored
	Purged            // it cannot
)

// Found is what the tenant has for one team, and what the ledger knows of it.
type Found struct {
	Group     org.TeamID
	Origin    Origin
	Existence Existence
	Name      string
	HasTeam   bool
	People    []org.Person  // in the group, ordered by user
	Managed   []org.Managed // whom storeteams may take out, ordered by user

	// KeepName is the name Commerce had for the store when its group was
	// adopted. While Commerce still has it, the group keeps the name it came with.
	KeepName string

	// Archived says that the team is archived, ArchivedByUs that we did it: only
	// then is it made active again when the store returns.
	Archived, ArchivedByUs bool

	// Frozen says that the store is closed, or may be: nobody comes, and only who
	// left the company goes. ArchiveDue says that it is time to archive the team.
	// Both count only while the roster does not have the team: a store that is
	// back is not closing.
	Frozen, ArchiveDue bool

	// RestoredLately says that the group was deleted and restored not long ago.
	RestoredLately bool

	// Blocked, when not empty, says why the group is not ours to change.
	Blocked string

	// Unclear, when not empty, says why a person has to look first: what Commerce
	// or the tenant say of the group can be read in two ways.
	Unclear string
}

// Owned reports whether one of the people owns the team who is not going.
func Owned(people []org.Person, going []Change) bool {
	return slices.ContainsFunc(people, func(p org.Person) bool { return p.Role == org.Owner && !goes(going, p.User) })
}

func goes(going []Change, user org.UserID) bool {
	return slices.ContainsFunc(going, func(c Change) bool { return c.User == user })
}

// Extras are the people of a team whom Commerce never wanted there, and those
// it wanted as members whom somebody made owners by hand. The first stay; the
// others do until a row, or an operator, says that they left.
func Extras(team org.Team, f Found) []org.Person {
	roles := make(map[org.UserID]org.Role, len(team.Entries)+len(f.Managed))
	for _, e := range team.Entries {
		roles[e.User] = e.Role
	}
	for _, m := range f.Managed {
		if role, wanted := roles[m.User]; !wanted || m.Role > role {
			roles[m.User] = m.Role
		}
	}
	var extras []org.Person
	for _, person := range f.People {
		if role, known := roles[person.User]; !known || person.Role > role {
			extras = append(extras, person)
		}
	}
	return extras
}
