package org

import "time"

// Flag is a NoYes value of Finance & Operations. Unknown stands for null, for
// a missing attribute and for a value nobody has told us about: it is neither
// a yes nor a stated no.
type Flag uint8

// The values of a Flag.
const (
	Unknown Flag = iota
	No
	Yes
)

// Snapshot is one complete reading of Commerce's organization: the rows of
// each collection, reduced to the attributes that matter, in any order. Text
// is trimmed, and no key is empty; dates that mean "none" (1900-01-01) or
// "never" (2154-12-31) are the zero time. Collections and attributes are named
// in each type's comment.
type Snapshot struct {
	ReadAt time.Time // when the reading began

	Stores              []Store
	Units               []Unit
	Workers             []Worker
	ChannelWorkers      []ChannelWorker
	Employments         []Employment
	Staff               []Staff
	PersonUsers         []PersonUser
	SystemUsers         []SystemUser
	Assignments         []Assignment
	Positions           []Position
	PositionPermissions []PositionPermission
	PermissionGroups    []PermissionGroup
	Hierarchy           []HierarchyLink
	Purposes            []HierarchyPurpose
	Roles               []RoleAssignment
	RoleOrganizations   []RoleOrganization
	Mappings            []Mapping

	Rows     map[string]int // rows served per collection (by its default name), bad ones included
	Missing  []string       // optional collections this environment does not have
	BadRows  []BadRow       // rows left out because they could not be understood
	Unknowns []string       // "Collection.Attribute=value": enum values nobody has told us about
}

// StoreNumbered finds a store, whatever the case its number is written in, and
// returns its number as the roster has it; empty if there is none.
func (s Snapshot) StoreNumbered(written StoreNumber) (number StoreNumber) {
	for _, row := range s.Stores {
		if row.Number.Folded() == written.Folded() && (number == "" || row.Number < number) {
			number = row.Number
		}
	}
	return number
}

// BadRow is a row that was left out of the snapshot. The others count.
type BadRow struct {
	Collection string
	Row        string // its key, or its position if the key is what is wrong
	Problem    string // what was expected

	// Whom the row is about, if its key could be read.
	Worker  PersonnelNumber
	Store   StoreNumber
	Channel string // the store's, where rows name it so
}

// Store is a row of RetailStores.
type Store struct {
	Number  StoreNumber // StoreNumber
	Channel string      // RetailChannelId
	Unit    string      // OperatingUnitNumber
	Party   string      // OperatingUnitPartyNumber: its place in the hierarchy
	Zone    string      // ChannelTimeZoneInfoId: its time zone by Windows' name; empty on some versions
}

// Unit is a row of OperatingUnits.
type Unit struct {
	Number  string          // OperatingUnitNumber
	Party   string          // PartyNumber
	Name    string          // Name
	Manager PersonnelNumber // ManagerPersonnelNumber
}

// Worker is a row of Workers.
type Worker struct {
	Number PersonnelNumber // PersonnelNumber
	Party  string          // PartyNumber: the key into PersonUsers
}

// ChannelWorker is a row of RetailChannelWorkers.
type ChannelWorker struct {
	Channel string          // RetailChannelId
	Worker  PersonnelNumber // PersonnelNumber
	Active  Flag            // IsActive
}

// Employment is a row of Employees (optional). A worker may have several: one
// per legal entity and one per time they were hired.
type Employment struct {
	Worker PersonnelNumber // PersonnelNumber
	End    time.Time       // EmploymentEndDate; zero: still employed
}

// Staff is a row of RetailStaff: the first source of identity.
type Staff struct {
	Worker   PersonnelNumber // PersonnelNumber
	ObjectID string          // ExternalSubIdentifier: the Entra object id
	Alias    string          // ExternalIdentityAlias: the UPN
}

// PersonUser is a row of PersonUsers: the second source of identity, from a
// worker's party to an F&O user.
type PersonUser struct {
	Party    string    // PartyNumber
	User     string    // UserId
	From, To time.Time // ValidFrom, ValidTo (exclusive); zero: no bound
}

// SystemUser is a row of SystemUsers: from an F&O user to the Entra account.
type SystemUser struct {
	ID       string // UserID
	Alias    string // Alias: the UPN
	ObjectID string // UserObjectId; some versions have no such attribute
}

// Assignment is a row of PositionWorkerAssignmentsV2.
type Assignment struct {
	Position string          // PositionId
	Worker   PersonnelNumber // PersonnelNumber
	From, To time.Time       // ValidFrom, ValidTo (exclusive); zero: no bound
}

// Position is a row of PositionsV2.
type Position struct {
	ID         string // PositionId
	Department string // DepartmentNumber: an operating unit's number
	TitleID    string // TitleId
	Title      string // Title
}

// PositionPermission is a row of RetailPositionPosPermissions.
type PositionPermission struct {
	Position string // PositionId
	Manager  Flag   // ManagerPrivileges
	Group    string // PosPermissionGroupId: privileges may sit there instead
}

// PermissionGroup is a row of RetailPosPermissionGroups.
type PermissionGroup struct {
	ID      string // PosPermissionGroupId
	Manager Flag   // ManagerPrivileges
}

// HierarchyLink is a row of OrganizationHierarchyPublishedV2: one node below
// another. The root has an empty Parent.
type HierarchyLink struct {
	Hierarchy  string    // HierarchyType
	Parent     string    // ParentOrganizationPartyNumber
	Child      string    // ChildOrganizationPartyNumber
	ParentName string    // ParentOrganizationName
	ChildName  string    // ChildOrganizationName
	From, To   time.Time // validFrom, validTo (exclusive); zero: no bound
}

// HierarchyPurpose is a row of OrganizationHierarchyPurposes.
type HierarchyPurpose struct {
	Hierarchy string // HierarchyType
	Purpose   string // HierarchyPurpose, e.g. RetailReporting
	Default   Flag   // SetAsDefault
}

// RoleAssignment is a row of SecurityUserRoleAssociations.
type RoleAssignment struct {
	User   string // UserId: an F&O user
	Role   string // SecurityRoleIdentifier
	Name   string // SecurityRoleName
	Status string // AssignmentStatus
}

// RoleOrganization is a row of SecurityUserRoleOrganizations (optional): a role
// limited to an organization. Without a row the role covers all of them.
type RoleOrganization struct {
	User         string // UserId
	Role         string // SecurityRoleIdentifier
	Organization string // OrganizationId: an operating unit's number
}

// Mapping is a row of IntegrationSourceMappings: a team that Commerce already
// knows for a store. Team is empty where it is no GUID.
type Mapping struct {
	SourceType string // SourceType, RetailStore for stores
	SourceID   string // SourceId: the store number
	Team       TeamID // TeamId
}
