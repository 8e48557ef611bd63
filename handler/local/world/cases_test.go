package world_test

import (
	"slices"
	"strings"
	"testing"
)

// shows fails for every case of which the sample has no row.
func shows(t *testing.T, rows map[string]int) {
	t.Helper()
	for name, n := range rows {
		if n < 1 {
			t.Errorf("the sample has no case of: %s", name)
		}
	}
}

// count counts the rows of a collection that meet a condition.
func (s sampled) count(collection string, condition func(record) bool) int {
	return len(where(s.commerce[collection], condition))
}

// repeated counts the rows that share a value with another row.
func (s sampled) repeated(collection, attribute string) int {
	return s.count(collection, func(r record) bool {
		return r.text(attribute) != "" && len(with(s.commerce[collection], attribute, r.text(attribute))) > 1
	})
}

func TestSampleShowsEveryCaseOfPeople(t *testing.T) {
	s := sampleWorld(t)
	c := s.commerce
	user := func(id string) record {
		if found := with(s.users, "id", strings.ToLower(strings.Trim(id, "{}"))); len(found) == 1 {
			return found[0]
		}
		return nil
	}
	staff := func(condition func(r, user record) bool) int {
		return len(where(c["RetailStaff"], func(r record) bool { return condition(r, user(r.text("ExternalSubIdentifier"))) }))
	}
	shows(t, map[string]int{
		"worker in several stores":      s.repeated("RetailChannelWorkers", "PersonnelNumber"),
		"two workers, one account":      s.repeated("RetailStaff", "ExternalSubIdentifier"),
		"two employments":               s.repeated("Employees", "PersonnelNumber"),
		"employment ended":              s.count("Employees", func(r record) bool { return r.text("EmploymentEndDate") < "2025" }),
		"employment in another company": len(with(c["Employees"], "dataAreaId", "lkie")),
		"no longer active":              len(with(c["RetailChannelWorkers"], "IsActive", "No")),
		"unknown enum value":            len(with(c["RetailChannelWorkers"], "IsActive", "Suspended")),
		"null key":                      s.count("RetailChannelWorkers", func(r record) bool { return r["PersonnelNumber"] == nil }),
		"malformed date":                s.count("PositionWorkerAssignmentsV2", func(r record) bool { return strings.Contains(r.text("ValidTo"), "/") }),
		"ended position":                s.count("PositionWorkerAssignmentsV2", func(r record) bool { return strings.HasPrefix(r.text("ValidTo"), "2023") }),
		"future position":               s.count("PositionWorkerAssignmentsV2", func(r record) bool { return strings.HasPrefix(r.text("ValidFrom"), "2090") }),
		"privileges by group":           s.count("RetailPositionPosPermissions", func(r record) bool { return r.text("PosPermissionGroupId") == "MANAGER" }),
		"department of no store":        s.count("PositionsV2", func(r record) bool { return strings.HasPrefix(r.text("DepartmentNumber"), "HR-") }),
		"no row in RetailStaff": s.count("Workers", func(r record) bool {
			return len(with(c["RetailStaff"], "PersonnelNumber", r.text("PersonnelNumber"))) == 0
		}),
		"empty identity":            staff(func(r, _ record) bool { return r.text("ExternalSubIdentifier")+r.text("ExternalIdentityAlias") == "" }),
		"second source of identity": s.count("PersonUsers", func(r record) bool { return s.onlyByPerson(r) }),
		"account disabled":          staff(func(_, u record) bool { return u != nil && u["accountEnabled"] == false }),
		"unlicensed":                staff(func(_, u record) bool { return u != nil && len(u["assignedPlans"].([]any)) == 0 }),
		"licence suspended":         staff(func(_, u record) bool { return u != nil && licensed(u, "Suspended") }),
		"guest worker":              staff(func(_, u record) bool { return u != nil && u.text("userType") == "Guest" }),
		"object id nobody has": staff(func(r, u record) bool {
			return u == nil && len(r.text("ExternalSubIdentifier")) == 36 && r.text("ExternalIdentityAlias") == ""
		}),
		"another tenant": staff(func(r, u record) bool {
			return u == nil && strings.HasSuffix(r.text("ExternalIdentityAlias"), "@staffing.example")
		}),
		"GUID in braces and upper case": staff(func(r, u record) bool { return u != nil && strings.HasPrefix(r.text("ExternalSubIdentifier"), "{") }),
		"object id that is no GUID":     len(with(c["RetailStaff"], "ExternalSubIdentifier", "not-a-guid")),
		"UPN in mixed case":             staff(func(r, _ record) bool { return strings.HasSuffix(r.text("ExternalIdentityAlias"), "Larkmoor.EXAMPLE") }),
	})
}

func TestSampleShowsEveryCaseOfStoresAndGroups(t *testing.T) {
	s := sampleWorld(t)
	c := s.commerce
	group := func(id string) record {
		if found := with(s.groups, "id", strings.ToLower(strings.Trim(id, "{}"))); len(found) == 1 {
			return found[0]
		}
		return nil
	}
	mapped := func(condition func(group record) bool) int {
		return len(where(c["IntegrationSourceMappings"], func(r record) bool { return condition(group(r.text("TeamId"))) }))
	}
	hasType := func(g record, kind string) bool {
		return g != nil && slices.Contains(g["groupTypes"].([]any), any(kind))
	}
	isTeam := func(g record) bool { return g != nil && len(g["resourceProvisioningOptions"].([]any)) > 0 }
	byDefault := with(c["OrganizationHierarchyPublishedV2"], "HierarchyType", "Stores by region")

	shows(t, map[string]int{
		"stale mapping":                 mapped(func(g record) bool { return g == nil }),
		"mapped team":                   mapped(func(g record) bool { return isTeam(g) && len(g["members"].([]any)) > 2 }),
		"mapped plain group":            mapped(func(g record) bool { return g != nil && !isTeam(g) }),
		"mapped dynamic group":          mapped(func(g record) bool { return hasType(g, "DynamicMembership") }),
		"mapped group from on-premises": mapped(func(g record) bool { return g != nil && g["onPremisesSyncEnabled"] == true }),
		"group with a team's name":      len(with(s.groups, "displayName", "Ashcombe (000101)")),
		"security group":                len(where(s.groups, func(g record) bool { return g["securityEnabled"] == true })),
		"channel that is no store": s.count("RetailChannelWorkers", func(r record) bool {
			return len(with(c["RetailStores"], "RetailChannelId", r.text("RetailChannelId"))) == 0
		}),
		"second retail hierarchy":       len(with(c["OrganizationHierarchyPurposes"], "HierarchyPurpose", "RetailReporting")) - 1,
		"ended hierarchy link":          len(where(byDefault, func(r record) bool { return r.text("validTo") < "2020" })),
		"loop in the default hierarchy": len(with(byDefault, "ChildOrganizationName", "Archive")),
		"store missing from the hierarchy": s.count("RetailStores", func(r record) bool {
			return len(with(byDefault, "ChildOrganizationPartyNumber", r.text("OperatingUnitPartyNumber"))) == 0
		}),
		"node with a manager": s.count("OperatingUnits", func(r record) bool {
			return r.text("OperatingUnitType") == "Department" && r.text("ManagerPersonnelNumber") != ""
		}),
		"node without a manager": s.count("OperatingUnits", func(r record) bool {
			return r.text("OperatingUnitType") == "Department" && r.text("ManagerPersonnelNumber") == ""
		}),
		"communications managers":    len(with(c["SecurityUserRoleAssociations"], "SecurityRoleName", "Retail task manager")) - 2,
		"a role limited to a region": len(c["SecurityUserRoleOrganizations"]),
		"store with nobody in it": s.count("RetailStores", func(r record) bool {
			return len(with(c["RetailChannelWorkers"], "RetailChannelId", r.text("RetailChannelId"))) == 0
		}),
	})
}

// onlyByPerson reports whether a row of PersonUsers is the only way to its
// worker's account, and leads to one.
func (s sampled) onlyByPerson(r record) bool {
	worker := with(s.commerce["Workers"], "PartyNumber", r.text("PartyNumber"))[0]
	user := with(s.commerce["SystemUsers"], "UserID", r.text("UserId"))[0]
	return len(with(s.commerce["RetailStaff"], "PersonnelNumber", worker.text("PersonnelNumber"))) == 0 &&
		len(with(s.users, "userPrincipalName", user.text("Alias"))) == 1 && r.text("ValidTo") > "2100"
}

// The team that is adopted has what a person added by hand: two guests, and an
// owner who is none of the store's workers.
func TestSampleAdoptedTeam(t *testing.T) {
	s := sampleWorld(t)
	team := with(s.groups, "displayName", "Old Quay")[0]
	guests, strangers := 0, 0
	for _, link := range team["members"].([]any) {
		if with(s.users, "id", link.(map[string]any)["id"].(string))[0].text("userType") == "Guest" {
			guests++
		}
	}
	for _, link := range team["owners"].([]any) {
		if len(with(s.commerce["RetailStaff"], "ExternalSubIdentifier", link.(map[string]any)["id"].(string))) == 0 {
			strangers++
		}
	}
	if guests != 2 || strangers != 1 {
		t.Errorf("%d guests and %d owners from elsewhere, want 2 and 1", guests, strangers)
	}
}
