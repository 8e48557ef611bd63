package worldgen

import (
	"strings"

	"github.com/storeteams/storeteams/handler/local/naive"
)

// RandomSettings draws settings for a world that Random made with the same
// options and whose rows are in the order it made them.
func RandomSettings(d Draw, o Options, w naive.World) naive.Settings {
	return naive.Settings{
		Instance:               o.instance(),
		Scope:                  scope(d, w),
		Hierarchy:              hierarchy(d, w),
		TeamName:               pick(d, "{name} ({number})", "{name} ({number})", "{number} {name}", "Store {number}", "{name} · {number} · {name}"),
		CommunicationsTeamName: pick(d, "Communications", "Retail communications 📣"),
		FallbackOwners:         owners(d, w, 1),
		CommunicationsOwners:   owners(d, w, 0),
		ManagerRule:            pick(d, "auto", "auto", "auto", "auto", "auto", "auto", "unit", "department", "store"),
		ManagerTitles:          pick(d, nil, []string{"store manager "}, []string{"Chief", "sm"}),
		AllowGuests:            oneIn(d, 3),
		Adopt:                  !oneIn(d, 3),
		MaxCaretakerTeams:      pick(d, 200, 200, 1, 2),
		CommunicationsRole:     pick(d, roleName, strings.ToUpper(roleName), roleIdentifier),
	}
}

// owners names people: at least so many of head office, and sometimes somebody
// who may not be fit.
func owners(d Draw, w naive.World, least int) []string {
	name := func(n int) string {
		u := w.Users[n]
		id, _ := u["id"].(string)
		upn, _ := u["userPrincipalName"].(string)
		return pick(d, upn, strings.ToUpper(upn), id, strings.ToUpper(id))
	}
	var named []string
	start := d.IntN(headOffice)
	for i := range least + d.IntN(3) {
		named = append(named, name((start+i)%headOffice))
	}
	if oneIn(d, 4) { // not fit, maybe, and first in the list
		named = append([]string{pick(d, name(d.IntN(len(w.Users))), "nobody@contoso.example")}, named...)
	}
	if least > 0 && oneIn(d, 12) {
		return []string{"nobody@contoso.example"}
	}
	return named
}

// hierarchy names one of the hierarchies with the retail purpose, or none.
func hierarchy(d Draw, w naive.World) string {
	names := []string{""}
	for _, p := range w.Commerce["OrganizationHierarchyPurposes"] {
		purpose, _ := p["HierarchyPurpose"].(string)
		name, _ := p["HierarchyType"].(string)
		if strings.EqualFold(purpose, "RetailReporting") {
			names = append(names, name)
		}
	}
	return pick(d, append(names, "")...)
}

// scope names nothing, mostly, or a few stores and nodes.
func scope(d Draw, w naive.World) []string {
	if !oneIn(d, 4) {
		return nil
	}
	known := []string{"nowhere"}
	add := func(v any, change func(string) string) {
		if text, ok := v.(string); ok && strings.TrimSpace(text) != "" {
			known = append(known, change(text))
		}
	}
	for _, st := range w.Commerce["RetailStores"] {
		add(st["StoreNumber"], func(s string) string { return s })
	}
	for _, l := range w.Commerce["OrganizationHierarchyPublishedV2"] {
		add(l["ParentOrganizationPartyNumber"], func(s string) string { return s })
		add(l["ParentOrganizationName"], func(s string) string { return otherCase(d, s) })
		add(l["ChildOrganizationName"], func(s string) string { return " " + otherCase(d, s) })
	}
	var entries []string
	for range 1 + d.IntN(4) {
		entries = append(entries, known[len(known)-1-d.IntN(len(known))])
	}
	return entries
}
