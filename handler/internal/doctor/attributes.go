package doctor

// meaning says what an attribute tells. It is long because it is a table.
func meaning(collection, attribute string) string {
	switch collection + "." + attribute {
	case "RetailStores.StoreNumber", "IntegrationSourceMappings.SourceId":
		return "which store it is"
	case "RetailStores.RetailChannelId", "RetailChannelWorkers.RetailChannelId":
		return "which workers are a store's"
	case "RetailStores.OperatingUnitNumber":
		return "what a store is called and who manages it"
	case "RetailStores.OperatingUnitPartyNumber":
		return "where a store is in the hierarchy"
	case "RetailStores.ChannelTimeZoneInfoId":
		return "a store's time zone"
	case "OperatingUnits.OperatingUnitNumber":
		return "which stores a unit is of"
	case "OperatingUnits.Name":
		return "what a store is called"
	case "OperatingUnits.ManagerPersonnelNumber":
		return "who manages a store"
	case "OperatingUnits.PartyNumber":
		return "which node of the hierarchy a unit is"
	case "RetailChannelWorkers.IsActive":
		return "whether somebody still works in a store"
	case "Employees.EmploymentEndDate":
		return "whether somebody has left the company"
	case "RetailStaff.ExternalSubIdentifier":
		return "the Entra object id of a worker"
	case "RetailStaff.ExternalIdentityAlias", "SystemUsers.Alias":
		return "the user principal name of a worker"
	case "SystemUsers.UserObjectId":
		return "the Entra object id of a user"
	case "Workers.PartyNumber", "PersonUsers.PartyNumber", "PersonUsers.UserId", "SystemUsers.UserID":
		return "which user a worker is"
	case "PositionsV2.DepartmentNumber":
		return "which store a position manages"
	case "PositionsV2.TitleId", "PositionsV2.Title":
		return "what MANAGER_TITLES is compared with"
	case "RetailPositionPosPermissions.ManagerPrivileges", "RetailPosPermissionGroups.ManagerPrivileges":
		return "whose position makes a manager"
	case "RetailPositionPosPermissions.PosPermissionGroupId", "RetailPosPermissionGroups.PosPermissionGroupId":
		return "which permission group gives manager privileges"
	case "OrganizationHierarchyPublishedV2.ParentOrganizationPartyNumber", "OrganizationHierarchyPublishedV2.ChildOrganizationPartyNumber":
		return "what is above a store"
	case "OrganizationHierarchyPublishedV2.ParentOrganizationName", "OrganizationHierarchyPublishedV2.ChildOrganizationName":
		return "what SCOPE is compared with"
	case "OrganizationHierarchyPurposes.HierarchyPurpose", "OrganizationHierarchyPurposes.SetAsDefault":
		return "which hierarchy is the retail one"
	case "SecurityUserRoleAssociations.SecurityRoleIdentifier", "SecurityUserRoleAssociations.SecurityRoleName",
		"SecurityUserRoleAssociations.AssignmentStatus", "SecurityUserRoleAssociations.UserId":
		return "who is a communications manager"
	case "SecurityUserRoleOrganizations.OrganizationId", "SecurityUserRoleOrganizations.SecurityRoleIdentifier", "SecurityUserRoleOrganizations.UserId":
		return "which stores a communications manager is responsible for"
	case "IntegrationSourceMappings.SourceType":
		return "whether a row is about a store"
	case "IntegrationSourceMappings.TeamId":
		return "which team a store has already"
	}
	return meaningAnywhere(attribute)
}

// meaningAnywhere says what an attribute tells that several collections have.
func meaningAnywhere(attribute string) string {
	switch attribute {
	case "PersonnelNumber":
		return "which worker a row is about"
	case "HierarchyType":
		return "which hierarchy a row is of"
	case "PositionId":
		return "which position a row is about"
	case "ValidFrom", "ValidTo", "validFrom", "validTo":
		return "whether a row holds now"
	}
	return "which the roster is made from"
}
