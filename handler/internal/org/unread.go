package org

import "slices"

// subject is a question that an unreadable row leaves open.
type subject uint8

const (
	onMembership    subject = 1 << iota // who belongs to a store
	onManagement                        // who manages it
	onCaretaking                        // who stands in while it has no manager
	onCommunication                     // who is a communications manager
	onIdentity                          // which account is a worker's
	onEmployment                        // who is still employed
	onExistence                         // which stores there are
)

// subjects says what a collection's rows decide.
func subjects(collection string) subject {
	switch collection {
	case "RetailStores":
		return onExistence
	case "RetailChannelWorkers":
		return onMembership
	case "PositionWorkerAssignmentsV2", "PositionsV2", "RetailPositionPosPermissions", "RetailPosPermissionGroups":
		return onMembership | onManagement
	case "OperatingUnits":
		return onMembership | onManagement | onCaretaking
	case "SecurityUserRoleAssociations":
		return onCommunication | onCaretaking
	case "SecurityUserRoleOrganizations", "OrganizationHierarchyPublishedV2", "OrganizationHierarchyPurposes":
		return onCaretaking
	case "RetailStaff":
		return onIdentity
	case "Workers", "PersonUsers", "SystemUsers":
		return onIdentity | onCommunication | onCaretaking
	case "Employees":
		return onEmployment
	}
	return 0
}

// unread says what the rows that could not be read leave open, by whom they are
// about. A row whose worker or store is not known may be about any.
type unread map[about]subject

type about struct {
	worker PersonnelNumber
	store  string // number in lower case
}

func newUnread(rows []BadRow, stores []Store) unread {
	numbers := map[string][]StoreNumber{} // by channel, which rows may give to several
	for _, store := range stores {
		numbers[store.Channel] = append(numbers[store.Channel], store.Number)
	}
	u := unread{}
	for _, row := range rows {
		of := []StoreNumber{row.Store}
		if row.Store == "" && row.Channel != "" {
			of = numbers[row.Channel] // a channel that is no store's, a call centre's say, leaves nothing open
		}
		for _, number := range of {
			u[about{row.Worker, foldNumber(number)}] |= subjects(row.Collection)
		}
	}
	return u
}

// unnamed returns the collections of which a row could not be read that may be
// about anybody, and so keeps everybody in a store whom only a missing row
// would take out.
func unnamed(rows []BadRow) []string {
	var collections []string
	for _, row := range rows {
		anybody := row.Worker == "" && row.Store == "" && row.Channel == ""
		if anybody && subjects(row.Collection)&(onMembership|onExistence) != 0 && !slices.Contains(collections, row.Collection) {
			collections = append(collections, row.Collection)
		}
	}
	slices.Sort(collections)
	return collections
}

// open returns what is open about a worker in a store. Without a worker, or for
// the communications team, only rows that do not name one count.
func (u unread) open(worker PersonnelNumber, key TeamKey) subject {
	store := foldNumber(key.Store)
	return u[about{}] | u[about{worker, ""}] | u[about{"", store}] | u[about{worker, store}]
}
