package commerce

import (
	"context"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// collection says how one of Commerce's collections is read.
type collection struct {
	name     string   // its default name
	optional bool     // an environment may lack it
	newer    []string // attributes that only some versions serve
	filter   string   // which rows to ask for, as OData's $filter; empty: all
	read     readFunc
}

// readFunc reads a collection to its end and reports how it went.
type readFunc func(context.Context, *Client, collection) (report, error)

// collections is the table of everything a snapshot is made of. The functions
// in it write to s, each to a field of its own.
//
// SystemUsers.UserObjectId is in Microsoft's Common Data Model and not in the
// metadata of 2025's versions. The names of Employees, RetailChannelWorkers,
// RetailStaff, PositionsV2, the POS permissions and the security entities are
// not confirmed on every version: they can be overridden by settings.
func collections(s *org.Snapshot) []collection {
	return []collection{
		{name: "RetailStores", read: into(&s.Stores, (*storeRow).decode)},
		{name: "OperatingUnits", read: into(&s.Units, (*unitRow).decode)},
		{name: "Workers", read: into(&s.Workers, (*workerRow).decode)},
		{name: "RetailChannelWorkers", read: into(&s.ChannelWorkers, (*channelWorkerRow).decode)},
		{name: "Employees", read: into(&s.Employments, (*employmentRow).decode), optional: true},
		{name: "RetailStaff", read: into(&s.Staff, (*staffRow).decode)},
		{name: "PersonUsers", read: into(&s.PersonUsers, (*personUserRow).decode)},
		{name: "SystemUsers", read: into(&s.SystemUsers, (*systemUserRow).decode), newer: []string{"UserObjectId"}},
		{name: "PositionWorkerAssignmentsV2", read: into(&s.Assignments, (*assignmentRow).decode)},
		{name: "PositionsV2", read: into(&s.Positions, (*positionRow).decode)},
		{name: "RetailPositionPosPermissions", read: into(&s.PositionPermissions, (*positionPermissionRow).decode)},
		{name: "RetailPosPermissionGroups", read: into(&s.PermissionGroups, (*permissionGroupRow).decode)},
		{name: "OrganizationHierarchyPublishedV2", read: into(&s.Hierarchy, (*hierarchyRow).decode)},
		{name: "OrganizationHierarchyPurposes", read: into(&s.Purposes, (*purposeRow).decode)},
		{name: "SecurityUserRoleAssociations", read: into(&s.Roles, (*roleRow).decode)},
		{name: "SecurityUserRoleOrganizations", read: into(&s.RoleOrganizations, (*roleOrganizationRow).decode), optional: true},
		{name: "IntegrationSourceMappings", read: into(&s.Mappings, (*mappingRow).decode)},
	}
}

// into returns a readFunc that leaves a collection's rows in *rows, those read
// before an error too. R is the row on the wire: a struct of cells, whose json
// tags are the attributes to ask for. T is what decode makes of it.
func into[R, T any](rows *[]T, decode func(*R, *decoder) T) readFunc {
	return func(ctx context.Context, c *Client, col collection) (report, error) {
		all, rep, err := readAll(ctx, c, col, decode)
		*rows = all
		return rep, err
	}
}
