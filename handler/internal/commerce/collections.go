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
	reading
}

// reading says what is read of a collection, and how.
type reading struct {
	attributes []string // what to $select
	read       readFunc
}

// readFunc reads a collection to its end and reports how it went.
type readFunc func(context.Context, *Client, collection) (report, error)

// collections is the table of everything a snapshot is made of. The functions
// in it write to s, each to a field of its own.
//
// SystemUsers.UserObjectId is in Microsoft's Common Data Model and not in the
// metadata of 2025's versions. RetailStores.ChannelTimeZoneInfoId is in both, but
// all it is for are dates: better none than no snapshot. The names of Employees,
// RetailChannelWorkers, RetailStaff, PositionsV2, the POS permissions and the security entities are
// not confirmed on every version: they can be overridden by settings.
func collections(s *org.Snapshot) []collection {
	return []collection{
		{name: "RetailStores", reading: into(&s.Stores, (*storeRow).decode), newer: []string{"ChannelTimeZoneInfoId"}},
		{name: "OperatingUnits", reading: into(&s.Units, (*unitRow).decode)},
		{name: "Workers", reading: into(&s.Workers, (*workerRow).decode)},
		{name: "RetailChannelWorkers", reading: into(&s.ChannelWorkers, (*channelWorkerRow).decode)},
		{name: "Employees", reading: into(&s.Employments, (*employmentRow).decode), optional: true},
		{name: "RetailStaff", reading: into(&s.Staff, (*staffRow).decode)},
		{name: "PersonUsers", reading: into(&s.PersonUsers, (*personUserRow).decode)},
		{name: "SystemUsers", reading: into(&s.SystemUsers, (*systemUserRow).decode), newer: []string{"UserObjectId"}},
		{name: "PositionWorkerAssignmentsV2", reading: into(&s.Assignments, (*assignmentRow).decode)},
		{name: "PositionsV2", reading: into(&s.Positions, (*positionRow).decode)},
		{name: "RetailPositionPosPermissions", reading: into(&s.PositionPermissions, (*positionPermissionRow).decode)},
		{name: "RetailPosPermissionGroups", reading: into(&s.PermissionGroups, (*permissionGroupRow).decode)},
		{name: "OrganizationHierarchyPublishedV2", reading: into(&s.Hierarchy, (*hierarchyRow).decode)},
		{name: "OrganizationHierarchyPurposes", reading: into(&s.Purposes, (*purposeRow).decode)},
		{name: "SecurityUserRoleAssociations", reading: into(&s.Roles, (*roleRow).decode)},
		{name: "SecurityUserRoleOrganizations", reading: into(&s.RoleOrganizations, (*roleOrganizationRow).decode), optional: true},
		{name: "IntegrationSourceMappings", reading: into(&s.Mappings, (*mappingRow).decode)},
	}
}

// into returns how to read a collection so that its rows are left in *all, those
// read before an error too. R is the row on the wire: a struct of cells, whose
// json tags are the attributes to ask for. T is what decode makes of it.
func into[R, T any](all *[]T, decode func(*R, *decoder) T) reading {
	return reading{
		attributes: names(cellsOf(new(R))),
		read: func(ctx context.Context, c *Client, col collection) (report, error) {
			read, rep, err := readAll(ctx, c, col, decode)
			*all = read
			return rep, err
		},
	}
}
