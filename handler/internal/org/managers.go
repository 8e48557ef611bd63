package org

import (
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
}

func newManagers(s Snapshot, x *index, rules Rules) *managers {
	m := &managers{
		rule:         rules.ManagerRule,
		departments:  map[PersonnelNumber][]string{},
		byDepartment: map[string][]PersonnelNumber{},
	}
	isStoreUnit := make(map[string]bool, len(x.stores))
	for _, store := range x.stores {
		if store.Unit != "" {
			isStoreUnit[store.Unit] = true
		}
	}
	for worker, departments := range privileged(s, rules.ManagerTitles, x.now) {
		stores := slices.DeleteFunc(departments, func(d string) bool { return !isStoreUnit[d] })
		m.departments[worker] = stores
		for _, d := range stores {
			m.byDepartment[d] = append(m.byDepartment[d], worker)
		}
	}
	return m
}

// inDepartment returns the workers who manage a unit by their department.
func (m *managers) inDepartment(unit string) []PersonnelNumber {
	if unit == "" || m.rule == RuleUnit || m.rule == RuleStore {
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

// byUnit reports whether the manager named by an operating unit counts.
func (m *managers) byUnit() bool { return m.rule == RuleAuto || m.rule == RuleUnit }

// privileged returns, for each worker with a current position that has manager
// privileges (its own, its permission group's, or by its title), the
// departments of those positions.
func privileged(s Snapshot, titles []string, now time.Time) map[PersonnelNumber][]string {
	groups := map[string]bool{}
	for _, row := range s.PermissionGroups {
		if row.Manager == Yes {
			groups[row.ID] = true
		}
	}
	positions := map[string]bool{}
	for _, row := range s.PositionPermissions {
		if row.Manager == Yes || row.Group != "" && groups[row.Group] {
			positions[row.Position] = true
		}
	}
	titled := map[string]bool{}
	for _, title := range titles {
		titled[fold(title)] = true
	}
	for _, row := range s.Positions {
		if title := fold(row.Title); title != "" && titled[title] {
			positions[row.ID] = true
		}
		if title := fold(row.TitleID); title != "" && titled[title] {
			positions[row.ID] = true
		}
	}
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
