package worldgen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// makeDamage makes a few rows malformed in every second world: copies of rows,
// which would say something else if they were read, and rows themselves.
func (b *builder) makeDamage() {
	if !oneIn(b.d, 2) {
		return
	}
	for range 1 + b.d.IntN(5) {
		collections := slices.Sorted(maps.Keys(b.world.Commerce))
		collection := collections[b.d.IntN(len(collections))]
		rows := b.world.Commerce[collection]
		if len(rows) == 0 {
			continue
		}
		i := b.d.IntN(len(rows))
		damaged := maps.Clone(rows[i])
		if oneIn(b.d, 2) && !slices.Contains(spared(), collection) {
			b.damage(damaged)
			rows[i] = damaged
			continue
		}
		b.mislead(damaged)
		b.damage(damaged)
		b.add(collection, damaged)
	}
}

// spared lists collections whose rows stay whole. Without a row of the first
// four a communications manager's place in the order of caretakers would be
// open; without a store, what a group mapped from it is.
func spared() []string {
	return []string{"SystemUsers", "PersonUsers", "Workers", "SecurityUserRoleOrganizations", "RetailStores"}
}

// mislead makes a copy of a row say something that would show.
func (b *builder) mislead(r row) {
	change := map[string]func() any{
		"StoreNumber":            func() any { return fmt.Sprintf("bad%d", b.next()) },
		"IsActive":               b.yes,
		"ManagerPrivileges":      b.yes,
		"SetAsDefault":           b.yes,
		"ManagerPersonnelNumber": func() any { return b.anyWorker() },
		"ExternalSubIdentifier":  func() any { return b.anyAccount().id },
		"Alias":                  func() any { return b.anyAccount().upn },
		"PersonnelNumber":        func() any { return b.anyWorker() },
		"EmploymentEndDate":      func() any { return b.noEnd() },
	}
	for _, name := range slices.Sorted(maps.Keys(change)) {
		if _, has := r[name]; has {
			r[name] = change[name]()
		}
	}
}

// damage makes one attribute of a row wrong.
func (b *builder) damage(r row) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(name string) bool { return name == "AssignmentStatus" })
	name := names[b.d.IntN(len(names))]
	wrong := []any{map[string]any{}, []any{"Yes"}}
	switch {
	case strings.Contains(strings.ToLower(name), "valid") || strings.HasSuffix(name, "Date"):
		wrong = append(wrong, "soon", "2026-02-30T00:00:00Z", float64(7), true)
	case slices.Contains([]string{"IsActive", "ManagerPrivileges", "SetAsDefault"}, name):
	case slices.Contains([]string{"StoreNumber", "PersonnelNumber", "PositionId", "UserId", "SourceId", "TeamId"}, name):
		wrong = append(wrong, nil, "  ", float64(7), true)
	default:
		wrong = append(wrong, float64(7), true)
	}
	r[name] = wrong[b.d.IntN(len(wrong))]
}
