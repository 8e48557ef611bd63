package orgsync_test

import (
	"encoding/json"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

// lie is what the adversary does to a table of Commerce for some time.
type lie struct {
	kind, table, attribute string
	salt                   uint64
	percent                int  // of the rows that it is about
	anew                   bool // each time about other rows
	since, until           time.Time
}

// String names the lie.
func (l lie) String() string { return strings.TrimSpace(l.kind + " " + l.table + " " + l.attribute) }

// attributes of a table, by what is in them.
type attributes struct{ keys, texts, flags, dates []string }

// lieTables are the tables lied about, those about people more often.
func lieTables() map[string]attributes {
	list := func(names ...string) []string { return names }
	return map[string]attributes{
		"RetailStores":                     {keys: list("StoreNumber"), texts: list("RetailChannelId", "OperatingUnitNumber")},
		"OperatingUnits":                   {keys: list("OperatingUnitNumber"), texts: list("ManagerPersonnelNumber", "Name", "PartyNumber")},
		"Workers":                          {keys: list("PersonnelNumber"), texts: list("PartyNumber")},
		"RetailChannelWorkers":             {keys: list("PersonnelNumber", "RetailChannelId"), flags: list("IsActive")},
		"Employees":                        {keys: list("PersonnelNumber"), dates: list("EmploymentEndDate")},
		"RetailStaff":                      {keys: list("PersonnelNumber"), texts: list("ExternalSubIdentifier", "ExternalIdentityAlias")},
		"PersonUsers":                      {keys: list("UserId", "PartyNumber")},
		"PositionWorkerAssignmentsV2":      {keys: list("PositionId", "PersonnelNumber"), dates: list("ValidTo")},
		"PositionsV2":                      {keys: list("PositionId"), texts: list("DepartmentNumber")},
		"RetailPositionPosPermissions":     {keys: list("PositionId"), flags: list("ManagerPrivileges")},
		"SecurityUserRoleAssociations":     {keys: list("UserId")},
		"OrganizationHierarchyPublishedV2": {keys: list("ChildOrganizationPartyNumber"), texts: list("ParentOrganizationPartyNumber")},
		"IntegrationSourceMappings":        {keys: list("SourceId"), texts: list("TeamId")},
	}
}

// newLie draws a lie.
func (a *adversary) newLie() lie {
	tables := lieTables()
	table := pickOne(a.rng, append(slices.Sorted(maps.Keys(tables)),
		"RetailChannelWorkers", "RetailChannelWorkers", "RetailStaff", "Employees", "OperatingUnits", "SecurityUserRoleAssociations")...)
	kind := pickOne(a.rng, "empty", "thin", "thin", "few", "few", "few", "tail", "double", "swap", "swap", "state", "garble", "garble")
	l := lie{kind: kind, table: table, salt: a.rng.Uint64(), anew: a.rng.IntN(3) == 0, percent: 5 + a.rng.IntN(60), since: time.Now()}
	if kind == "few" || a.rng.IntN(2) == 0 {
		l.percent = 4
	}
	l.until = time.Now().Add(pickOne(a.rng, tick, tick, time.Hour, time.Hour, 5*time.Hour, day+time.Hour) - time.Minute)
	is := tables[table]
	switch kind {
	case "swap":
		l.attribute = pickOne(a.rng, append(is.keys, is.texts...)...)
	case "garble":
		l.attribute = pickOne(a.rng, slices.Concat(is.keys, is.texts, is.flags, is.dates)...)
	case "state":
		if len(is.flags)+len(is.dates) == 0 {
			l.kind = "few"
		} else {
			l.attribute = append(is.flags, is.dates...)[0]
		}
	}
	return l
}

// page is one page as the process got it.
type page struct {
	served   []byte
	believed []byte // what it would be had every row that cannot be read been served as it is; nil: the same
}

// serveCommerce lies about a page of Commerce, and tells the judge. Whole says
// that nothing else is the matter with it.
func (w wire) serveCommerce(r *http.Request, body []byte, dice *rand.Rand, whole bool) []byte {
	table := strings.TrimPrefix(r.URL.Path, "/data/")
	p := page{served: body}
	if !w.gone {
		for _, l := range w.lies {
			if l.table == table {
				p = l.tell(p, dice)
			}
		}
	}
	w.judge.readPage(w.asker, table, r.URL.Query(), p, whole)
	return p.served
}

// tell applies the lie to a page.
func (l lie) tell(p page, dice *rand.Rand) page {
	salt := uint64(1)
	if l.anew {
		salt = dice.Uint64()
	}
	change := func(body []byte) []byte { return l.change(body, rand.New(rand.NewPCG(l.salt, salt))) }
	switch {
	case l.kind == "garble" && p.believed == nil:
		p.believed = p.served
	case l.kind != "garble" && p.believed != nil:
		p.believed = change(p.believed)
	}
	p.served = change(p.served)
	return p
}

// change changes the rows of a page.
func (l lie) change(body []byte, rng *rand.Rand) []byte {
	var whole map[string]any
	if err := json.Unmarshal(body, &whole); err != nil {
		return body
	}
	rows, _ := whole["value"].([]any)
	whole["value"] = l.rows(rows, rng)
	if l.kind == "tail" {
		delete(whole, "@odata.nextLink")
	}
	text, err := json.Marshal(whole)
	if err != nil {
		return body
	}
	return text
}

func (l lie) rows(rows []any, rng *rand.Rand) []any {
	changed := []any{}
	switch l.kind {
	case "empty":
		return changed
	case "tail":
		return append(changed, rows[:len(rows)/2]...)
	case "swap":
		l.swap(rows, rng)
		return rows
	}
	for _, item := range rows {
		row, _ := item.(map[string]any)
		if !l.picks(row, rng) {
			changed = append(changed, item)
			continue
		}
		switch l.kind {
		case "double":
			changed = append(changed, row, row)
		case "state":
			row[l.attribute] = l.since.UTC().Format(time.RFC3339)
			if slices.Contains(lieTables()[l.table].flags, l.attribute) {
				row[l.attribute] = "No"
			}
			changed = append(changed, row)
		case "garble":
			row[l.attribute] = l.garbage(rng)
			changed = append(changed, row)
		}
	}
	return changed
}

// picks reports whether the lie is about a row: the same rows each time, unless
// it is told anew.
func (l lie) picks(row map[string]any, rng *rand.Rand) bool {
	if l.anew {
		return rng.IntN(100) < l.percent
	}
	h := fnv.New64a()
	for _, name := range lieTables()[l.table].keys {
		text, _ := row[name].(string)
		_, _ = h.Write([]byte(text))
	}
	return rand.New(rand.NewPCG(l.salt, h.Sum64())).IntN(100) < l.percent
}

// swap gives rows each other's values.
func (l lie) swap(rows []any, rng *rand.Rand) {
	for range 1 + len(rows)*l.percent/200 {
		if len(rows) < 2 {
			return
		}
		one, _ := rows[rng.IntN(len(rows))].(map[string]any)
		other, _ := rows[rng.IntN(len(rows))].(map[string]any)
		if one != nil && other != nil {
			one[l.attribute], other[l.attribute] = other[l.attribute], one[l.attribute]
		}
	}
}

// garbage is nothing that the attribute could hold.
func (l lie) garbage(rng *rand.Rand) any {
	is := lieTables()[l.table]
	object, list := map[string]any{}, []any{1}
	switch {
	case slices.Contains(is.keys, l.attribute):
		return pickOne[any](rng, nil, "", "  ", object, list, true)
	case slices.Contains(is.flags, l.attribute):
		return pickOne[any](rng, nil, "", "Maybe", 7, object)
	case slices.Contains(is.dates, l.attribute):
		return pickOne[any](rng, "soon", 5, object, "31.12.1999")
	}
	return pickOne[any](rng, object, list, false)
}
