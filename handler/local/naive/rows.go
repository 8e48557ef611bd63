package naive

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row is a well-formed row of a collection: text trimmed, null and absent as
// "", flags as "yes", "no" or "" for unknown, dates without a bound as zero.
type row struct {
	text  map[string]string
	dates map[string]time.Time
}

// shape says which attributes of a collection are used and how. An empty key
// makes a row malformed.
type shape struct{ keys, texts, flags, dates []string }

// shapes lists the collections the rules use.
func shapes() map[string]shape {
	list := func(names ...string) []string { return names }
	return map[string]shape{
		"RetailStores":                  {keys: list("StoreNumber"), texts: list("RetailChannelId", "OperatingUnitNumber", "OperatingUnitPartyNumber")},
		"OperatingUnits":                {keys: list("OperatingUnitNumber"), texts: list("PartyNumber", "Name", "ManagerPersonnelNumber")},
		"Workers":                       {keys: list("PersonnelNumber"), texts: list("PartyNumber")},
		"RetailChannelWorkers":          {keys: list("RetailChannelId", "PersonnelNumber"), flags: list("IsActive")},
		"Employees":                     {keys: list("PersonnelNumber"), dates: list("EmploymentEndDate")},
		"RetailStaff":                   {keys: list("PersonnelNumber"), texts: list("ExternalSubIdentifier", "ExternalIdentityAlias")},
		"PersonUsers":                   {keys: list("PartyNumber", "UserId"), dates: list("ValidFrom", "ValidTo")},
		"SystemUsers":                   {keys: list("UserID"), texts: list("UserObjectId", "Alias")},
		"PositionWorkerAssignmentsV2":   {keys: list("PositionId", "PersonnelNumber"), dates: list("ValidFrom", "ValidTo")},
		"PositionsV2":                   {keys: list("PositionId"), texts: list("DepartmentNumber", "TitleId", "Title")},
		"RetailPositionPosPermissions":  {keys: list("PositionId"), texts: list("PosPermissionGroupId"), flags: list("ManagerPrivileges")},
		"RetailPosPermissionGroups":     {keys: list("PosPermissionGroupId"), flags: list("ManagerPrivileges")},
		"OrganizationHierarchyPurposes": {keys: list("HierarchyType", "HierarchyPurpose"), flags: list("SetAsDefault")},
		"SecurityUserRoleAssociations":  {keys: list("UserId"), texts: list("SecurityRoleIdentifier", "SecurityRoleName", "AssignmentStatus")},
		"SecurityUserRoleOrganizations": {keys: list("UserId"), texts: list("SecurityRoleIdentifier", "OrganizationId")},
		"IntegrationSourceMappings":     {keys: list("SourceId"), texts: list("SourceType", "TeamId")},
		"OrganizationHierarchyPublishedV2": {
			keys:  list("HierarchyType", "ChildOrganizationPartyNumber"),
			texts: list("ParentOrganizationPartyNumber", "ParentOrganizationName", "ChildOrganizationName"),
			dates: list("validFrom", "validTo"),
		},
	}
}

// readRows reads a collection: malformed rows are left out, the others put in
// the order of their text so that nothing can depend on how they arrived.
func readRows(raw []map[string]any, s shape) []row {
	var rows []row
	for _, r := range raw {
		if read, ok := readRow(r, s); ok {
			rows = append(rows, read)
		}
	}
	columns := slices.Concat(s.keys, s.texts, s.flags)
	slices.SortFunc(rows, func(a, b row) int {
		for _, c := range columns {
			if order := cmp.Compare(a.text[c], b.text[c]); order != 0 {
				return order
			}
		}
		return 0
	})
	return rows
}

// readRow reads one row. A used attribute of the wrong JSON type, a date that
// is none, or an empty key make it malformed.
func readRow(raw map[string]any, s shape) (row, bool) {
	r := row{text: map[string]string{}, dates: map[string]time.Time{}}
	read := func(names []string, into func(name string, v any) bool) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return !into(name, raw[name]) })
	}
	ok := read(s.keys, func(name string, v any) bool {
		text, ok := readText(v)
		r.text[name] = text
		return ok && text != ""
	}) && read(s.texts, func(name string, v any) bool {
		text, ok := readText(v)
		r.text[name] = text
		return ok
	}) && read(s.flags, func(name string, v any) bool {
		flag, ok := readFlag(v)
		r.text[name] = flag
		return ok
	}) && read(s.dates, func(name string, v any) bool {
		date, ok := readDate(v)
		r.dates[name] = date
		return ok
	})
	return r, ok
}

// readText reads a string, trimmed, or a number as its digits; null is "".
func readText(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case string:
		return strings.TrimSpace(v), true
	}
	return "", false
}

// readFlag reads a yes or no leniently: a word, a JSON boolean or a number. A
// value nobody knows is unknown, not malformed; an object or array is.
func readFlag(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v], true
	case float64:
		return map[float64]string{1: "yes", 0: "no"}[v], true
	case int:
		return map[int]string{1: "yes", 0: "no"}[v], true
	case json.Number:
		return map[string]string{"1": "yes", "0": "no"}[v.String()], true
	case string:
		word := strings.ToLower(strings.TrimSpace(v))
		return map[string]string{"yes": "yes", "no": "no"}[word], true
	}
	return "", false
}

// readDate reads a date. Null, 1900-01-01 and 2154-12-31 say that there is none.
func readDate(v any) (time.Time, bool) {
	text, ok := readText(v)
	if !ok || text == "" {
		return time.Time{}, ok
	}
	date, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if date, err = time.Parse(time.DateOnly, text); err != nil {
			return time.Time{}, false
		}
	}
	day := date.UTC().Format(time.DateOnly)
	if day == "1900-01-01" || day == "2154-12-31" {
		return time.Time{}, true
	}
	return date, true
}

// sortedKeys returns a map's keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
