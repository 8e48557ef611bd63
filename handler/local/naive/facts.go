package naive

import (
	"strings"
	"time"
)

// facts is a world read: well-formed rows, users and groups, with the settings
// and the time at which it is looked at.
type facts struct {
	rows   map[string][]row
	byText map[lookup][]row
	shops  []store // the stores that count, by number
	links  []row   // current rows of the one hierarchy that counts
	groups []group
	byID   map[string]user // users by id
	byUPN  map[string]user // users by UPN in lower case
	set    Settings
	now    time.Time
}

// lookup names a value of an attribute of a collection.
type lookup struct{ collection, attribute, value string }

// gather reads a world.
func gather(w World, s Settings, now time.Time) *facts {
	f := &facts{
		rows: map[string][]row{}, byText: map[lookup][]row{},
		byID: map[string]user{}, byUPN: map[string]user{},
		set: s, now: now,
	}
	for collection, shape := range shapes() {
		f.rows[collection] = readRows(w.Commerce[collection], shape)
		for _, r := range f.rows[collection] {
			for attribute, value := range r.text {
				key := lookup{collection, attribute, value}
				f.byText[key] = append(f.byText[key], r)
			}
		}
	}
	f.shops, f.links = f.stores(), f.currentLinks()
	for _, raw := range w.Users {
		u := readUser(raw)
		f.byID[u.id] = u
		f.byUPN[u.upn] = u
	}
	for _, raw := range w.Groups {
		f.groups = append(f.groups, readGroup(raw))
	}
	return f
}

// where returns the rows of a collection whose attribute has exactly that
// value. An empty value names nothing.
func (f *facts) where(collection, attribute, value string) []row {
	if value == "" {
		return nil
	}
	return f.byText[lookup{collection, attribute, value}]
}

// whereFold is where without regard to case.
func (f *facts) whereFold(collection, attribute, value string) []row {
	var found []row
	for _, r := range f.rows[collection] {
		if value != "" && strings.EqualFold(r.text[attribute], value) {
			found = append(found, r)
		}
	}
	return found
}

// current reports whether from <= now < to, a missing bound being none.
func (f *facts) current(r row, from, to string) bool {
	begun := r.dates[from].IsZero() || !f.now.Before(r.dates[from])
	over := !r.dates[to].IsZero() && !f.now.Before(r.dates[to])
	return begun && !over
}
