package doctor_test

import (
	"errors"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

var errServer = errors.New("status 500")

// refused has collections fail with an error of a kind; none named: all.
func refused(kind fault.Kind, names ...string) func(*patient) {
	return func(p *patient) {
		if len(names) == 0 {
			names = collections()
		}
		for _, name := range names {
			p.collection(name).Err = fault.New(kind, "commerce: read "+name, errServer)
		}
	}
}

func emptied(names ...string) func(*patient) {
	return func(p *patient) {
		for _, name := range names {
			p.collection(name).Rows = 0
		}
	}
}

// plantedCommerce are collections that cannot be read, or have nothing in them.
func plantedCommerce() []planted {
	const menu = "System administration > Setup > Microsoft Entra ID applications"
	return []planted{
		{"collection missing", refused(fault.NotFound, "RetailStaff"), "commerce", "RetailStaff", wrong, "is not there", "set ENTITY_RETAILSTAFF"},
		{"override missing", func(p *patient) {
			p.env["ENTITY_RETAILSTAFF"] = "MyStaff"
			refused(fault.NotFound, "RetailStaff")(p)
			p.collection("RetailStaff").Actual = "MyStaff"
		}, "commerce", "RetailStaff", wrong, "RetailStaff (here MyStaff)", "ENTITY_RETAILSTAFF"},
		{"optional collection missing", refused(fault.NotFound, "Employees"), "commerce", "Employees", note, "employment ended is not known", "ENTITY_EMPLOYEES"},
		{"role organizations missing", refused(fault.NotFound, "SecurityUserRoleOrganizations"), "commerce", "SecurityUserRoleOrganizations", note, "all stores", "publish the data entity"},
		{"everything missing", refused(fault.NotFound), "commerce", "COMMERCE_URL", wrong, "not one of the collections", "set COMMERCE_URL"},
		{"attribute missing", func(p *patient) { p.collection("RetailStaff").Lacks = []string{"ExternalSubIdentifier"} },
			"commerce", "RetailStaff", wrong, "ExternalSubIdentifier, the Entra object id of a worker", "ENTITY_RETAILSTAFF"},
		{"attributes missing and refused", func(p *patient) {
			refused(fault.Invalid, "PositionsV2")(p)
			p.collection("PositionsV2").Lacks = []string{"TitleId", "Title"}
		}, "commerce", "PositionsV2", wrong, "MANAGER_TITLES", "publish a data entity with TitleId, Title"},
		{"one collection denied", refused(fault.Denied, "SecurityUserRoleAssociations"), "commerce", "SecurityUserRoleAssociations", wrong, "cannot be read (denied)", menu},
		{"everything denied", refused(fault.Denied), "commerce", "", wrong, "RetailStores, OperatingUnits", menu},
		{"Commerce down", refused(fault.Unavailable), "commerce", "", wrong, "cannot be read (unavailable)", "COMMERCE_URL"},
		{"Commerce throttles", refused(fault.Throttled), "commerce", "", note, "throttled", "Throttling priority mapping"},
		{"request refused", refused(fault.Invalid, "Workers"), "commerce", "Workers", wrong, "cannot be read (invalid)", "COMMERCE_URL"},
		{"page broken off", refused(fault.Incomplete, "Workers"), "commerce", "Workers", wrong, "incomplete", "proxy"},
		{"no stores", emptied("RetailStores"), "commerce", "RetailStores", wrong, "there are no stores", "a role that may read stores"},
		{"no units", emptied("OperatingUnits"), "commerce", "OperatingUnits", wrong, "no names", "operating units"},
		{"no channel workers", emptied("RetailChannelWorkers"), "commerce", "RetailChannelWorkers", wrong, "nobody works in any store", "address books"},
		{"no workers", emptied("Workers"), "commerce", "Workers", wrong, "found by RetailStaff only", "may read workers"},
		{"no accounts", emptied("RetailStaff", "PersonUsers"), "commerce", "RetailStaff", wrong, "nobody can be added", "Associate existing identity"},
		{"no accounts, the other way", emptied("RetailStaff", "SystemUsers"), "commerce", "RetailStaff", wrong, "no worker has an account", "Associate existing identity"},
		{"no staff", emptied("RetailStaff"), "commerce", "RetailStaff", note, "PersonUsers and SystemUsers only", "may read the rows"},
		{"no person users", emptied("PersonUsers"), "commerce", "PersonUsers", note, "RetailStaff only", "may read the rows"},
		{"no positions", emptied("PositionsV2"), "commerce", "PositionsV2", note, "nobody is a manager by a position", "may read the rows"},
		{"no employments", emptied("Employees"), "commerce", "Employees", note, "employment ended is not known", "may read the rows"},
		{"no hierarchy", emptied("OrganizationHierarchyPublishedV2"), "commerce", "OrganizationHierarchyPublishedV2", note, "node above", "publish the retail hierarchy"},
		{"no purposes", emptied("OrganizationHierarchyPurposes"), "commerce", "OrganizationHierarchyPurposes", note, "which hierarchy", "set HIERARCHY"},
		{"no roles", emptied("SecurityUserRoleAssociations"), "commerce", "SecurityUserRoleAssociations", note, "no communications managers", "Assign users to roles"},
	}
}

// plantedRows are faults of the last reading.
func plantedRows() []planted {
	return []planted{
		{"privileges nowhere", func(p *patient) {
			for i := range p.snapshot.PositionPermissions {
				p.snapshot.PositionPermissions[i].Manager = org.No
			}
			for _, n := range stores {
				p.unit(n).Manager = org.PersonnelNumber(n + "-1")
			}
		}, "commerce", "RetailPositionPosPermissions", note, "no position has manager privileges", "MANAGER_TITLES"},
		{"unknown value", func(p *patient) { p.snapshot.Unknowns = []string{"RetailChannelWorkers.IsActive=Perhaps"} },
			"commerce", "values", note, "RetailChannelWorkers.IsActive=Perhaps", "correct the values"},
		{"bad row", func(p *patient) {
			p.snapshot.BadRows = []org.BadRow{{Collection: "RetailStaff", Row: "000101-2", Worker: "000101-2", Problem: "ExternalSubIdentifier: expected text"}}
		}, "commerce", "RetailStaff", note, "1 row was not understood and left out, first 000101-2: ExternalSubIdentifier", "correct the row"},
		{"bad row about anybody", func(p *patient) {
			p.snapshot.BadRows = []org.BadRow{{Collection: "RetailChannelWorkers", Row: "7", Problem: "PersonnelNumber: expected text"}}
		}, "commerce", "rows", wrong, "nobody is taken out", "correct the row in Commerce"},
		{"short reading", func(p *patient) {
			p.adjust = func(s *orgsync.Survey) { s.Source.Short = "Workers came with 3 rows" }
		}, "commerce", "short", wrong, "Workers came with 3 rows", "`baseline accept`"},
		{"old reading", func(p *patient) { p.snapshot.ReadAt = p.now.Add(-150 * time.Minute) }, "commerce", "age", wrong, "the last whole reading is of", "runs show last"},
		{"last reading without stores", func(p *patient) { p.snapshot.Stores = nil }, "stores", "stores", wrong, "had no store", "`run`"},
	}
}
