package org

import (
	"iter"
	"slices"
	"time"
)

// managers finds the workers whose position gives them a store.
type managers struct {
	rule ManagerRule

	// departments are, per worker with a current privileged position, the
	// departments of those positions that are some store's unit; empty where
	// departments say nothing about stores.
	departments map[PersonnelNumber][]string

	// byDepartment is the same the other way round.
	byDepartment map[string][]PersonnelNumber

	storeUnits map[string]bool // numbers of units that are some store's
	positions  map[string]bool // those with privileges, held by anybody or not
	groups     map[string]Flag // what the rows of a permission group say: Yes wins over No, No over Unknown
}

func newManagers(s Snapshot, x *index, rules Rules) *managers {
	m := &managers{
		rule:         rules.ManagerRule,
		departments:  map[PersonnelNumber][]string{},
		byDepartment: map[string][]PersonnelNumber{},
		storeUnits:   make(map[string]bool, len(x.stores)),
		groups:       map[string]Flag{},
	}
	for _, store := range x.stores {
		if store.Unit != "" {
			m.storeUnits[store.Unit] = true
		}
	}
	for _, row := range s.PermissionGroups {
		m.groups[row.ID] = max(m.groups[row.ID], row.Manager)
	}
	m.positions = privileged(s, m.groups, rules.ManagerTitles)
	for worker, departments := range holders(s, m.positions, x.now) {
		stores := slices.DeleteFunc(departments, func(d string) bool { return !m.storeUnits[d] })
		m.departments[worker] = stores
		for _, d := range stores {
			m.byDepartment[d] = append(m.byDepartment[d], worker)
		}
	}
	return m
}

// inDepartment returns the workers who manage a unit by their department.
func (m *managers) inDepartment(unit string) []PersonnelNumber {
	if unit == "" || !m.byDepartments() {
		return nil
	}
	return m.byDepartment[unit]
}

// whereActive reports whether a worker manages each store they are active in.
func (m *managers) whereActive(worker PersonnelNumber) bool {
	departments, privileged := m.departments[worker]
	switch m.rule {
	case RuleStore:
		return privileged
	case RuleAuto:
		return privileged && len(departments) == 0
	}
	return false
}

// byDepartments reports whether a position in a store's department counts.
func (m *managers) byDepartments() bool { return m.rule != RuleUnit && m.rule != RuleStore }

// byUnit reports whether the manager named by an operating unit counts.
func (m *managers) byUnit() bool { return m.rule == RuleAuto || m.rule == RuleUnit }

// mayGive reports whether a position in these departments, if it has
// privileges, is one that makes its holder the manager of a store of this unit.
func (m *managers) mayGive(departments []string, unit string) bool {
	here := unit != "" && slices.Contains(departments, unit)
	switch m.rule {
	case RuleUnit:
		return false
	case RuleStore:
		return true
	case RuleAuto:
		return here || !slices.ContainsFunc(departments, func(d string) bool { return m.storeUnits[d] })
	}
	return here
}

// unclear reports whether rows of a position leave open if it has privileges.
func (m *managers) unclear(rows iter.Seq2[int, *PositionPermission]) bool {
	for _, row := range rows {
		group, known := m.groups[row.Group]
		if !m.positions[row.Position] && (row.Manager == Unknown || row.Group != "" && known && group == Unknown) {
			return true
		}
	}
	return false
}

// privileged returns the positions that have manager privileges: their own, their
// permission group's, or by their title.
func privileged(s Snapshot, groups map[string]Flag, titles []string) map[string]bool {
	positions := map[string]bool{}
	for _, row := range s.PositionPermissions {
		if row.privileged(groups) {
			positions[row.Position] = true
		}
	}
	titled := map[string]bool{}
	for _, title := range titles {
		titled[fold(title)] = true
	}
	if len(titled) == 0 {
		return positions
	}
	for _, row := range s.Positions {
		if title := fold(row.Title); title != "" && titled[title] {
			positions[row.ID] = true
		}
		if title := fold(row.TitleID); title != "" && titled[title] {
			positions[row.ID] = true
		}
	}
	return positions
}

// privileged reports whether the row, or the permission group it names, gives
// manager privileges.
func (p PositionPermission) privileged(groups map[string]Flag) bool {
	return p.Manager == Yes || p.Group != "" && groups[p.Group] == Yes
}

// holders returns the workers who currently hold one of these positions, with
// the departments of those they hold.
func holders(s Snapshot, positions map[string]bool, now time.Time) map[PersonnelNumber][]string {
	departments := map[string][]string{} // of those positions, not of a million others
	for _, row := range s.Positions {
		if row.Department != "" && positions[row.ID] {
			departments[row.ID] = append(departments[row.ID], row.Department)
		}
	}
	workers := map[PersonnelNumber][]string{}
	for _, row := range s.Assignments {
		if positions[row.Position] && current(row.From, row.To, now) {
			workers[row.Worker] = append(workers[row.Worker], departments[row.Position]...)
		}
	}
	return workers
}
