package orgsync_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// table is a collection as one process got it, page by page.
type table struct {
	pages   []page
	done    bool // to its last page
	missing bool // it is no collection of this environment, they said
	rows    []map[string]any
	truth   []map[string]any // with the rows that could not be read as they are
	count   int
}

// hearing is what one process got, as far as the judge has to know.
type hearing struct {
	at         time.Time // when it began to read Commerce; zero: it did not
	tables     map[string]*table
	statements map[string][]map[string]any
	users      []userEntry
	usersWhole bool // the feed was read to its end
	usersFull  bool // and from its beginning
	endedAt    time.Time
}

// userEntry is an item of the user feed.
type userEntry struct {
	id   string
	row  map[string]any
	gone bool // deleted, or disabled
	here bool // enabled
}

// reading is a complete reading of Commerce that some process got.
type reading struct {
	at, done time.Time
	asker    *asker
	doubtful bool // it may not have been kept, or known to others
	short    bool // surely
	maybe    bool // short
	tables   map[string]*table
	rows     map[string]int
	users    []map[string]any // as the feed had shown them then
	wants    map[wantKey]*wanted
}

// readTables are the tables that a complete reading has.
func readTables() []string {
	return []string{
		"RetailStores", "OperatingUnits", "Workers", "RetailChannelWorkers", "RetailStaff", "PersonUsers", "SystemUsers",
		"PositionWorkerAssignmentsV2", "RetailPositionPosPermissions", "RetailPosPermissionGroups", "PositionsV2",
		"OrganizationHierarchyPublishedV2", "OrganizationHierarchyPurposes", "SecurityUserRoleAssociations",
		"IntegrationSourceMappings", "Employees", "SecurityUserRoleOrganizations",
	}
}

// readPage notes a page of Commerce that a process got.
func (j *judge) readPage(p *asker, name string, query url.Values, got page, whole bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	h := &p.heard
	if query.Has("$filter") { // each row counts by itself, also those before a break
		rows, _ := rowsOf(got.served)
		h.statements[name] = append(h.statements[name], rows...)
		return
	}
	if h.at.IsZero() {
		h.at = time.Now()
	}
	if !whole {
		return
	}
	t := h.tables[name]
	if !query.Has("$skiptoken") || t == nil {
		t = &table{}
		h.tables[name] = t
	}
	t.pages = append(t.pages, got)
	t.done = !bytes.Contains(got.served, []byte("@odata.nextLink"))
	h.endedAt = time.Now()
}

// lacking notes that an optional collection seemed not to be there.
func (j *judge) lacking(p *asker, name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if name == "Employees" || name == "SecurityUserRoleOrganizations" {
		p.heard.tables[name] = &table{done: true, missing: true}
	}
}

// rowsOf are the rows of a page that are objects, and how many there are in all.
func rowsOf(body []byte) ([]map[string]any, int) {
	var whole struct {
		Value []json.RawMessage `json:"value"`
	}
	if json.Unmarshal(body, &whole) != nil {
		return nil, 0
	}
	var rows []map[string]any
	for _, text := range whole.Value {
		var row map[string]any
		if json.Unmarshal(text, &row) == nil && row != nil {
			rows = append(rows, row)
		}
	}
	return rows, len(whole.Value)
}

// decode reads the pages of a table, once.
func (t *table) decode() {
	if t.count > 0 || t.rows != nil {
		return
	}
	t.rows, t.truth = []map[string]any{}, []map[string]any{}
	for _, p := range t.pages {
		rows, n := rowsOf(p.served)
		t.count += n
		t.rows = append(t.rows, rows...)
		if p.believed == nil {
			t.truth = append(t.truth, rows...)
			continue
		}
		rows, _ = rowsOf(p.believed)
		t.truth = append(t.truth, rows...)
	}
}

func (t *table) equal(o *table) bool {
	return o != nil && !t.missing && !o.missing && slices.EqualFunc(t.pages, o.pages, page.equal)
}

// equal reports whether two pages have the same rows, wherever they lead.
func (p page) equal(o page) bool {
	head, tail := unlinked(p.served)
	otherHead, otherTail := unlinked(o.served)
	return p.believed == nil && o.believed == nil && bytes.Equal(head, otherHead) && bytes.Equal(tail, otherTail)
}

// unlinked is a page but for its link to the next.
func unlinked(body []byte) (head, tail []byte) {
	head, tail, linked := bytes.Cut(body, []byte(`"@odata.nextLink":"`))
	if linked {
		_, tail, _ = bytes.Cut(tail, []byte(`"`))
	}
	return head, tail
}

// conclude makes a reading of what a process got, as soon as it is a complete
// one. While the process lives nobody knows what became of it.
func (j *judge) conclude(p *asker) {
	h := p.heard
	if p.reading != nil {
		return
	}
	for _, name := range readTables() {
		if t := h.tables[name]; t == nil || !t.done {
			return
		}
	}
	p.reading = &reading{at: h.at, done: h.endedAt, asker: p, doubtful: true, tables: h.tables, users: j.shownUsers(), wants: map[wantKey]*wanted{}}
	if n := len(j.readings); n > 0 {
		for name, t := range p.reading.tables {
			if before := j.readings[n-1].tables[name]; t.equal(before) {
				p.reading.tables[name] = before
			}
		}
	}
	j.measure(p.reading)
	j.readings = append(j.readings, p.reading)
}

// keep notes that a process ended well, and so that its reading was kept.
func (j *judge) keep(p *asker) {
	if p.reading == nil || p.failed || !p.alive() {
		return
	}
	p.reading.doubtful = false
	if !p.reading.maybe {
		j.baselines = []map[string]int{p.reading.rows}
	}
}

// measure says if a reading is short, and what later ones are compared with. One
// that may or may not have been kept leaves both open.
func (j *judge) measure(r *reading) {
	rows := map[string]int{}
	for name, t := range r.tables {
		t.decode()
		rows[name] = t.count
	}
	r.rows = rows
	if len(j.baselines) == 0 {
		j.baselines = []map[string]int{rows}
		return
	}
	shorts := 0
	var next []map[string]int
	for _, baseline := range j.baselines {
		if j.isShort(rows, baseline) {
			shorts++
		}
		next = append(next, baseline)
	}
	r.short, r.maybe = shorts == len(j.baselines), shorts > 0
	if !r.short {
		next = append(next, rows)
	}
	var distinct []map[string]int
	for _, b := range next {
		if !slices.ContainsFunc(distinct, func(o map[string]int) bool { return maps.Equal(b, o) }) {
			distinct = append(distinct, b)
		}
	}
	j.baselines = distinct
}

func (j *judge) isShort(rows, baseline map[string]int) bool {
	for name, had := range baseline {
		if has := rows[name]; had > 0 && (has == 0 || has*100 < had*j.minSource) {
			return true
		}
	}
	return false
}

// readUsers notes a page of the user feed that a process got.
func (j *judge) readUsers(p *asker, first bool, body []byte, whole bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	h := &p.heard
	if first {
		h.usersFull = true
	}
	rows, _ := rowsOf(body)
	for _, row := range rows {
		id, _ := row["id"].(string)
		_, removed := row["@removed"].(map[string]any)
		enabled, said := row["accountEnabled"].(bool)
		h.users = append(h.users, userEntry{id: strings.ToLower(id), row: row, gone: removed || said && !enabled, here: !removed && said && enabled})
	}
	h.usersWhole = whole && bytes.Contains(body, []byte("@odata.deltaLink"))
}

// learn takes what a process got of the user feed to its end.
func (j *judge) learn(p *asker) {
	h := p.heard
	if !h.usersWhole {
		return
	}
	users := maps.Clone(j.users)
	if h.usersFull {
		users = map[string]map[string]any{}
	}
	for _, e := range h.users {
		if _, removed := e.row["@removed"]; removed {
			delete(users, e.id)
			continue
		}
		row := maps.Clone(users[e.id])
		if row == nil {
			row = map[string]any{}
		}
		known, was := row["accountEnabled"]
		maps.Copy(row, e.row)
		if was && row["accountEnabled"] == nil {
			row["accountEnabled"] = known // a null says nothing
		}
		users[e.id] = row
	}
	if len(h.users) > 0 || h.usersFull {
		j.users, j.userList = users, nil
	}
}

func (j *judge) shownUsers() []map[string]any {
	if j.userList == nil {
		j.userList = slices.Collect(maps.Values(j.users))
	}
	return j.userList
}
