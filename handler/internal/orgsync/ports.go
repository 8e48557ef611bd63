package orgsync

import (
	"context"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Commerce reads the organization.
type Commerce interface {
	// Snapshot reads every collection to its end. If any page of a required
	// collection cannot be read, the whole reading fails (fault.Incomplete, or
	// the kind of the cause) and nothing of it is returned.
	Snapshot(ctx context.Context) (org.Snapshot, error)

	// Statements reads only the rows that say that somebody left: those of
	// RetailChannelWorkers that are not active, and those of Employees whose end
	// lies between since and now. A collection that cannot be asked so yields
	// no rows and a sentence in unread; the others count all the same. The error
	// is for a context that ended.
	Statements(ctx context.Context, since, now time.Time) (st org.Statements, unread []string, err error)

	// Employments reads every row of Employees of these workers, each named once:
	// all of them, or an error. A worker of whom a row cannot be understood has
	// none in it.
	Employments(ctx context.Context, workers []org.PersonnelNumber) (rows []org.Employment, err error)

	// Workers reads the rows about these workers, each named once: who they are,
	// their accounts, stores and positions. Only what they show counts, never
	// what they do not: the reading may be of a moment before the change.
	Workers(ctx context.Context, workers []org.PersonnelNumber) (org.Snapshot, error)
}

// Directory reads the tenant's groups and users. Methods are safe for
// concurrent use and retry by themselves what the service asks to retry; an
// error is classified with package fault and final.
type Directory interface {
	// GroupChanges calls visit for every group that changed since cursor, in the
	// order served; a group may come several times, in parts. Cursor "" reads
	// every group of the tenant. It returns the cursor for the next call. A
	// cursor that died is fault.Gone: call again with "". An error of visit
	// ends the reading and is returned as it is.
	GroupChanges(ctx context.Context, cursor string, visit func(GroupChange) error) (next string, err error)

	// UserChanges is the same for users.
	UserChanges(ctx context.Context, cursor string, visit func(UserChange) error) (next string, err error)

	// Groups reads groups whole: properties, members and owners. What went wrong
	// with one group is in failed and costs no other. An id in neither map is
	// not known to the service, now.
	Groups(ctx context.Context, ids []org.TeamID) (found map[org.TeamID]Group, failed map[org.TeamID]error, err error)

	// GroupByMarker reads the group whose uniqueName is marker, members and
	// owners too, or a fault.NotFound.
	GroupByMarker(ctx context.Context, marker string) (Group, error)

	// TeamMembers reads who is in the team by Teams' own account of it, or a
	// fault.NotFound. Teams' terms allow this once a day per team.
	TeamMembers(ctx context.Context, id org.TeamID) ([]Person, error)

	// TeamArchived reports whether the team is archived, or a fault.NotFound.
	TeamArchived(ctx context.Context, id org.TeamID) (bool, error)

	// DeletedGroup reports whether the group is deleted and can be restored.
	// False: there is no such group among the deleted ones.
	DeletedGroup(ctx context.Context, id org.TeamID) (bool, error)
}

// Provisioner makes teams. Every method may be called again after a crash or
// a lost answer: the second call finds the first one's work and says so. The
// same rules on retries, errors and concurrency as for Directory.
type Provisioner interface {
	// EnsureGroup creates the group with that marker, with one owner and nobody
	// else, unless it exists; either way it returns its id. An existing group is
	// not changed: no name, no owner. Created is true only when the group is
	// known to be this call's, with that owner in it.
	EnsureGroup(ctx context.Context, g NewGroup) (id org.TeamID, created bool, err error)

	// CreateTeam begins to make the group a team and returns the operation to
	// watch. fault.NotFound: the group is too young, try later.
	// fault.Conflict: it is a team already, or about to become one.
	CreateTeam(ctx context.Context, id org.TeamID) (Operation, error)

	// OperationState asks how far an operation is. An operation nobody knows any
	// more is fault.NotFound.
	OperationState(ctx context.Context, op Operation) (OperationState, error)

	// TeamExists reports whether the group has a team now.
	TeamExists(ctx context.Context, id org.TeamID) (bool, error)

	// AddOwnerToGroup makes a user owner of a group that has no team yet.
	AddOwnerToGroup(ctx context.Context, id org.TeamID, user org.UserID) error

	// RestoreGroup brings a deleted group back, its team and people with it. A
	// group that is there already is restored; one that is nowhere is a
	// fault.NotFound.
	RestoreGroup(ctx context.Context, id org.TeamID) error
}

// Teams changes teams that exist, under the same rules as Provisioner.
type Teams interface {
	// AddMembers adds people, in the order given, in as few calls as it takes.
	// The result has one element per person: nil when they are in the team now
	// with at least that role, whoever added them. The error is for a call that
	// failed as a whole; elements of calls not made are then that error too.
	AddMembers(ctx context.Context, id org.TeamID, people []Person) ([]error, error)

	// Promote makes a member an owner. fault.NotFound: they are not in the team.
	Promote(ctx context.Context, id org.TeamID, user org.UserID) error

	// RemoveMembers takes people out of a team, in as few calls as it takes. It
	// reads the team first. The result has one element per user: nil when they
	// were taken out; a fault.NotFound when they were not in the team by that
	// reading, which may have been stale; a fault.Conflict for owners whose going
	// would leave no owner, all of them, who are left in. The error is for a call
	// that failed as a whole, fault.NotFound when the team is gone.
	RemoveMembers(ctx context.Context, id org.TeamID, users []org.UserID) ([]error, error)

	// Demote makes an owner a member, under the same condition on the last owner.
	// Somebody who is a member is fine; fault.NotFound: they are not in the team.
	Demote(ctx context.Context, id org.TeamID, user org.UserID) error

	// Archive begins to archive a team, Unarchive to make it active again. They
	// return the operation to watch, or none when it is so already.
	Archive(ctx context.Context, id org.TeamID) (Operation, error)
	Unarchive(ctx context.Context, id org.TeamID) (Operation, error)

	// Rename changes the team's display name.
	Rename(ctx context.Context, id org.TeamID, name string) error
}

// Person is a user in a team.
type Person = org.Person

// Group is a Microsoft 365 group as read whole.
type Group struct {
	ID         org.TeamID
	Marker     string // uniqueName
	Name       string // displayName
	Unified    bool   // groupTypes has Unified: a Microsoft 365 group, the only kind that can be a team
	Dynamic    bool   // groupTypes has DynamicMembership: membership is a rule, not ours to write
	OnPremises bool   // onPremisesSyncEnabled: mastered elsewhere
	HasTeam    bool   // resourceProvisioningOptions has Team
	People     []Person
}

// GroupChange is what a delta page says about one group. A nil field was not
// mentioned: it is as it was.
type GroupChange struct {
	ID         org.TeamID
	Removed    bool // deleted, for now or for good
	Marker     *string
	Name       *string
	Unified    *bool
	Dynamic    *bool
	OnPremises *bool
	HasTeam    *bool
	Members    []MemberChange // users only
	Owners     []MemberChange // if the service shows them; Graph is not known to
}

// MemberChange is one link that came or went.
type MemberChange struct {
	User    org.UserID
	Removed bool
}

// UserChange is what a delta page says about one user. A nil field was not
// mentioned.
type UserChange struct {
	ID       org.UserID
	Removed  bool
	UPN      *string // lower case
	Enabled  *bool
	Licensed *bool
	Guest    *bool
}

// NewGroup describes a group to create.
type NewGroup struct {
	Marker string     // uniqueName and mailNickname
	Name   string     // displayName, within Graph's 256 characters
	Owner  org.UserID // the one owner bound at creation
}

// Operation names a teamsAsyncOperation: the path Graph gave for it, relative
// to the API's root.
type Operation string

// OperationState is how far an operation is.
type OperationState uint8

// The states of an operation.
const (
	OperationRunning OperationState = iota // notStarted, inProgress, or a value nobody told us about
	OperationSucceeded
	OperationFailed
)
