package naive

import (
	"slices"
	"strings"
)

// wanted lists who belongs in the store's team by personnel number, true for
// owners. Whoever has left the company belongs nowhere.
func (f *facts) wanted(st store) map[string]bool {
	people := map[string]bool{}
	// A worker belongs to a store when active on its channel.
	for _, r := range f.where("RetailChannelWorkers", "RetailChannelId", st.channel) {
		if r.text["IsActive"] == "yes" {
			people[r.text["PersonnelNumber"]] = false
		}
	}
	rule := f.set.ManagerRule
	if rule == "unit" || rule == "auto" {
		f.addUnitManager(st, people)
	}
	if rule == "department" || rule == "auto" {
		f.addDepartmentManagers(st, people)
	}
	if rule == "store" || rule == "auto" {
		f.promoteStoreManagers(people)
	}
	for worker := range people {
		if f.gone(worker) {
			delete(people, worker)
		}
	}
	return people
}

// addUnitManager: the worker whom the operating unit names manager is owner,
// active on the channel or not, unless it is stated that they are not.
func (f *facts) addUnitManager(st store, people map[string]bool) {
	manager := f.unitOf(st).text["ManagerPersonnelNumber"]
	if manager != "" && !f.statedOut(manager, st) {
		people[manager] = true
	}
}

// addDepartmentManagers: so is a worker with a current position that has
// manager privileges and whose department is the store's unit.
func (f *facts) addDepartmentManagers(st store, people map[string]bool) {
	for _, p := range f.where("PositionsV2", "DepartmentNumber", st.unit) {
		for _, a := range f.where("PositionWorkerAssignmentsV2", "PositionId", p.text["PositionId"]) {
			worker := a.text["PersonnelNumber"]
			if f.current(a, "ValidFrom", "ValidTo") && f.privileged(p.text["PositionId"]) && !f.statedOut(worker, st) {
				people[worker] = true
			}
		}
	}
}

// promoteStoreManagers: a privileged worker is owner in each store they are
// active in; under the rule auto only where departments say nothing about them.
func (f *facts) promoteStoreManagers(people map[string]bool) {
	for worker, owner := range people {
		positions := f.privilegedPositions(worker)
		if owner || len(positions) == 0 {
			continue
		}
		if f.set.ManagerRule == "store" || !f.departmentsDecide(positions) {
			people[worker] = true
		}
	}
}

// statedOut: rows for the store's channel say that the worker is not active
// there, and none says that they are. Unknown is neither.
func (f *facts) statedOut(worker string, st store) bool {
	no, yes := false, false
	for _, r := range f.where("RetailChannelWorkers", "RetailChannelId", st.channel) {
		if r.text["PersonnelNumber"] == worker {
			no = no || r.text["IsActive"] == "no"
			yes = yes || r.text["IsActive"] == "yes"
		}
	}
	return no && !yes
}

// privilegedPositions lists the worker's current positions with privileges.
func (f *facts) privilegedPositions(worker string) []string {
	var found []string
	for _, a := range f.where("PositionWorkerAssignmentsV2", "PersonnelNumber", worker) {
		if f.current(a, "ValidFrom", "ValidTo") && f.privileged(a.text["PositionId"]) {
			found = append(found, a.text["PositionId"])
		}
	}
	return found
}

// privileged: the position's own permissions say manager, or those of its
// permission group do, or its title is one of MANAGER_TITLES.
func (f *facts) privileged(position string) bool {
	for _, p := range f.where("RetailPositionPosPermissions", "PositionId", position) {
		if p.text["ManagerPrivileges"] == "yes" {
			return true
		}
		for _, g := range f.where("RetailPosPermissionGroups", "PosPermissionGroupId", p.text["PosPermissionGroupId"]) {
			if g.text["ManagerPrivileges"] == "yes" {
				return true
			}
		}
	}
	for _, p := range f.where("PositionsV2", "PositionId", position) {
		for _, title := range f.set.ManagerTitles {
			title = strings.TrimSpace(title)
			if title != "" && (strings.EqualFold(title, p.text["TitleId"]) || strings.EqualFold(title, p.text["Title"])) {
				return true
			}
		}
	}
	return false
}

// departmentsDecide: one of the positions is in a department that is the
// operating unit of some store, in scope or not.
func (f *facts) departmentsDecide(positions []string) bool {
	for _, position := range positions {
		for _, p := range f.where("PositionsV2", "PositionId", position) {
			department := p.text["DepartmentNumber"]
			isStore := func(st store) bool { return st.unit == department }
			if department != "" && slices.ContainsFunc(f.shops, isStore) {
				return true
			}
		}
	}
	return false
}
