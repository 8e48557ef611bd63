package worldgen

import (
	"fmt"

	"github.com/storeteams/storeteams/handler/local/naive"
)

// Stores to an area and areas to a region in a chain.
const (
	areaStores  = 10
	regionAreas = 10
)

// Chain makes a regular world to measure with: stores in areas of ten, areas
// in regions of ten, regions below the company. Each store has as many workers
// as asked for, known by object id, all active; the first one's position has
// manager privileges and the unit names them manager. One worker in each region
// is communications manager there. Nothing in it depends on the time. Users
// 0 to 2 are head office; see ChainSettings. At least one worker a store.
func Chain(stores, workersPerStore int) naive.World {
	c := chain{emptyWorld()}
	c.world.Commerce["Employees"], c.world.Commerce["SecurityUserRoleOrganizations"] = []map[string]any{}, []map[string]any{}
	for i := range headOffice {
		c.user(guid(fmt.Sprintf("head office %d", i)), fmt.Sprintf("office%d@contoso.example", i))
	}
	c.add("OrganizationHierarchyPurposes", row{"HierarchyType": "Retail", "HierarchyPurpose": "RetailReporting", "SetAsDefault": "Yes"})
	c.link("", "", "N-0", "Company")
	for i := range stores {
		c.addStore(i, max(1, workersPerStore))
	}
	return c.world
}

// ChainSettings are settings that go with a chain.
func ChainSettings(instance string) naive.Settings {
	return naive.Settings{
		Instance: instance, TeamName: "{name} ({number})", CommunicationsTeamName: "Communications",
		FallbackOwners: []string{"office0@contoso.example", "office1@contoso.example"}, CommunicationsOwners: []string{"office2@contoso.example"},
		ManagerRule: "auto", MaxCaretakerTeams: 200, CommunicationsRole: roleName,
	}
}

// chain is a chain in the making.
type chain struct{ world naive.World }

func (c chain) add(collection string, r row) {
	c.world.Commerce[collection] = append(c.world.Commerce[collection], r)
}

// user adds a licensed user.
func (c *chain) user(id, upn string) {
	c.world.Users = append(c.world.Users, row{
		"id": id, "userPrincipalName": upn, "accountEnabled": true, "userType": "Member",
		"assignedPlans": []any{plan(teamsPlan, "Enabled")},
	})
}

// link puts a node below another for ever.
func (c chain) link(parent, parentName, child, childName string) {
	c.add("OrganizationHierarchyPublishedV2", row{
		"HierarchyType": "Retail", "ParentOrganizationPartyNumber": parent, "ParentOrganizationName": parentName,
		"ChildOrganizationPartyNumber": child, "ChildOrganizationName": childName,
		"validFrom": "1900-01-01T00:00:00Z", "validTo": "2154-12-31T23:59:59Z",
	})
}

// addStore adds the i-th store with its workers, and the area and region that
// begin with it.
func (c *chain) addStore(i, workers int) {
	area, region := i/areaStores, i/areaStores/regionAreas
	regionParty, areaParty := fmt.Sprintf("N-R%d", region), fmt.Sprintf("N-A%d", area)
	regionName, areaName := fmt.Sprintf("Region %d", region), fmt.Sprintf("Area %d", area)
	if i%(areaStores*regionAreas) == 0 {
		c.link("N-0", "Company", regionParty, regionName)
	}
	if i%areaStores == 0 {
		c.link(regionParty, regionName, areaParty, areaName)
	}
	number, name, party := fmt.Sprintf("%06d", i+1), fmt.Sprintf("Shop %d", i+1), fmt.Sprintf("P-%06d", i+1)
	channel, unit, manager := fmt.Sprintf("C%06d", i+1), fmt.Sprintf("U%06d", i+1), chainWorker(i, 0)
	c.add("RetailStores", row{"StoreNumber": number, "RetailChannelId": channel, "OperatingUnitNumber": unit, "OperatingUnitPartyNumber": party})
	c.add("OperatingUnits", row{"OperatingUnitNumber": unit, "PartyNumber": party, "Name": name, "ManagerPersonnelNumber": manager})
	c.link(areaParty, areaName, party, name)
	c.add("RetailPositionPosPermissions", row{"PositionId": "POS" + manager, "ManagerPrivileges": "Yes", "PosPermissionGroupId": nil})
	for k := range workers {
		c.addWorker(chainWorker(i, k), channel, unit, title(k))
	}
	if i%(areaStores*regionAreas) == 0 {
		c.addCommunicationsManager(chainWorker(i, workers-1), region)
	}
}

// chainWorker is the personnel number of the k-th worker of the i-th store.
func chainWorker(i, k int) string { return fmt.Sprintf("%06d%03d", i+1, k) }

// title is what the k-th worker of a store is.
func title(k int) string {
	if k == 0 {
		return "Store manager"
	}
	return "Clerk"
}

// addWorker adds a worker with an account and a position.
func (c *chain) addWorker(worker, channel, unit, title string) {
	id := guid("worker " + worker)
	c.user(id, "w"+worker+"@contoso.example")
	c.add("Workers", row{"PersonnelNumber": worker, "PartyNumber": "W-" + worker})
	c.add("RetailStaff", row{"PersonnelNumber": worker, "ExternalSubIdentifier": id, "ExternalIdentityAlias": "w" + worker + "@contoso.example"})
	c.add("RetailChannelWorkers", row{"RetailChannelId": channel, "PersonnelNumber": worker, "IsActive": "Yes"})
	c.add("Employees", row{"PersonnelNumber": worker, "EmploymentEndDate": "2154-12-31T00:00:00Z"})
	c.add("PositionsV2", row{"PositionId": "POS" + worker, "DepartmentNumber": unit, "TitleId": nil, "Title": title})
	c.add("PositionWorkerAssignmentsV2", row{
		"PositionId": "POS" + worker, "PersonnelNumber": worker, "ValidFrom": "1900-01-01T00:00:00Z", "ValidTo": "2154-12-31T23:59:59Z",
	})
}

// addCommunicationsManager gives a worker the role for a region.
func (c chain) addCommunicationsManager(worker string, region int) {
	user := fmt.Sprintf("regional%d", region)
	c.add("PersonUsers", row{"PartyNumber": "W-" + worker, "UserId": user, "ValidFrom": "1900-01-01T00:00:00Z", "ValidTo": "2154-12-31T23:59:59Z"})
	c.add("SystemUsers", row{"UserID": user, "Alias": "w" + worker + "@contoso.example"})
	c.add("SecurityUserRoleAssociations", row{
		"UserId": user, "SecurityRoleName": roleName, "SecurityRoleIdentifier": roleIdentifier, "AssignmentStatus": "Enabled",
	})
}
