package doctor

import "slices"

// judgeEmpty says what follows from collections that have no row.
func (s *signs) judgeEmpty() []Finding {
	var found []Finding
	// A worker has an account by either of two ways.
	byStaff, byUsers := !s.emptyNow("RetailStaff"), !s.emptyNow("PersonUsers") && !s.emptyNow("SystemUsers")
	if !byStaff && !byUsers {
		found = append(found, wrong("RetailStaff", "RetailStaff is empty, and so is PersonUsers or SystemUsers: no worker has an account, and nobody can be added",
			"link the workers to their Entra accounts in Commerce, under Retail and Commerce > Employees > Workers by Associate existing identity"))
	}
	for _, c := range s.collections {
		if !s.emptyNow(c.Name) {
			continue
		}
		switch f, ok := emptiness(c.Name); {
		case !ok:
			found = append(found, fine(c.Name, "can be read, and is empty"))
		case byStaff || byUsers || !ofIdentity(c.Name):
			found = append(found, f)
		}
	}
	return found
}

// emptyNow reports whether Commerce serves a collection, and no row of it.
func (s *signs) emptyNow(collection string) bool {
	return slices.ContainsFunc(s.collections, func(c Collection) bool {
		return c.Name == collection && c.Err == nil && len(c.Lacks) == 0 && c.Rows == 0
	})
}

// ofIdentity reports whether a collection is one of those that know a worker's
// account.
func ofIdentity(collection string) bool {
	return collection == "RetailStaff" || collection == "PersonUsers" || collection == "SystemUsers"
}

const makeSure = "make sure in Commerce that this is so, and that the app's user may read the rows"

// emptiness is the finding that a collection has no row; ok is false where that
// is as good as any other number.
func emptiness(collection string) (f Finding, ok bool) {
	say := func(make func(subject, text, fix string) Finding, consequence, fix string) (Finding, bool) {
		return make(collection, collection+" is empty: "+consequence, fix), true
	}
	switch collection {
	case "RetailStores":
		return say(wrong, "there are no stores, and every run is held",
			"give the app's user in Commerce a role that may read stores of every legal entity, or check that COMMERCE_URL is the environment with the stores")
	case "OperatingUnits":
		return say(wrong, "stores have no names and no named managers", "give the app's user in Commerce a role that may read operating units")
	case "RetailChannelWorkers":
		return say(wrong, "nobody works in any store", "assign workers to stores in Commerce by their address books, or give the app's user a role that may read channel workers")
	case "Workers":
		return say(wrong, "workers are found by RetailStaff only, and managers by units not at all", "give the app's user in Commerce a role that may read workers")
	case "RetailStaff":
		return say(note, "accounts are found by PersonUsers and SystemUsers only", makeSure)
	case "PersonUsers", "SystemUsers":
		return say(note, "accounts are found by RetailStaff only", makeSure)
	case "PositionWorkerAssignmentsV2", "PositionsV2", "RetailPositionPosPermissions":
		return say(note, "nobody is a manager by a position, so only OperatingUnits name managers", makeSure)
	case "Employees":
		return say(note, without(collection), makeSure)
	case "OrganizationHierarchyPublishedV2":
		return say(note, "no manager of a node above can stand in, and SCOPE can name stores only",
			"publish the retail hierarchy in Commerce under Organization administration > Organizations > Organization hierarchies")
	case "OrganizationHierarchyPurposes":
		return say(note, "Commerce does not say which hierarchy is the retail one", "give it the purpose Retail reporting in Commerce, or set HIERARCHY")
	case "SecurityUserRoleAssociations":
		return say(note, "there are no communications managers", "assign the role that COMMUNICATIONS_ROLE names in Commerce under System administration > Security > Assign users to roles")
	}
	return Finding{}, false
}
