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
	numbers := numbersByChannel(stores)
	u := unread{}
	for _, row := range rows {
		for _, a := range row.about(numbers) {
			u[a] |= subjects(row.Collection)
		}
	}
	return u
}

// numbersByChannel says which stores a channel is: rows may give it to several.
func numbersByChannel(stores []Store) map[string][]StoreNumber {
	numbers := map[string][]StoreNumber{}
	for _, store := range stores {
		numbers[store.Channel] = append(numbers[store.Channel], store.Number)
	}
	return numbers
}

// about says whom a row is about. One of a channel that is no store's, a call
// centre's say, is about nobody.
func (r BadRow) about(numbers map[string][]StoreNumber) []about {
	of := []StoreNumber{r.Store}
	if r.Store == "" && r.Channel != "" {
		of = numbers[r.Channel]
	}
	all := make([]about, len(of))
	for i, number := range of {
		all[i] = about{r.Worker, number.Folded()}
	}
	return all
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
	var open subject
	for _, a := range concerning(worker, key) {
		open |= u[a]
	}
	return open
}

// concerning says about whom a row has to be to matter for a worker in a store.
func concerning(worker PersonnelNumber, key TeamKey) [4]about {
	store := key.Store.Folded()
	return [4]about{{}, {worker, ""}, {"", store}, {worker, store}}
}
