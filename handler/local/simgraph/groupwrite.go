package simgraph

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The directory's limits on a group.
const (
	nameLimit     = 256 // characters of displayName
	nicknameLimit = 64
	bindLimit     = 20 // relationships in one request
)

// postGroup creates a group. App-only without owners is allowed: the group is
// "anonymous", and no team can be made of it.
func (t *Tenant) postGroup(c *call) (reply, error) {
	fields, err := c.object(t.names.groupBirth)
	if err != nil {
		return reply{}, err
	}
	return t.createGroup(c, fields, "")
}

// upsertGroup is PATCH by uniqueName: with Prefer: create-if-missing it creates
// what is not there, else it is an update like any other.
func (t *Tenant) upsertGroup(c *call) (reply, error) {
	name := c.args[0]
	g := t.groupByName[fold(name)]
	switch {
	case g != nil && g.gone == here:
		return t.patchGroup(c, g)
	case !c.preference("create-if-missing"):
		return reply{}, missing(name)
	}
	fields, err := c.object(t.names.groupBirth)
	if err != nil {
		return reply{}, err
	}
	return t.createGroup(c, fields, name)
}

// createGroup makes the group the fields describe, whole or not at all. Name is
// the uniqueName from the path, if that is how it is created.
func (t *Tenant) createGroup(c *call, fields map[string]json.RawMessage, name string) (reply, error) {
	for _, required := range []string{"displayName", "mailEnabled", "mailNickname", "securityEnabled"} {
		if _, given := fields[required]; !given {
			return reply{}, badDirectory("A value is required for property '%s' of resource 'Group'.", required)
		}
	}
	g := &group{row: Group{UniqueName: name, GroupTypes: []string{}}}
	if err := g.set(fields); err != nil {
		return reply{}, err
	}
	if name != "" && g.row.UniqueName != name {
		return reply{}, badDirectory("Property uniqueName differs from the one in the path.")
	}
	if err := t.checkGroup(g, nil); err != nil {
		return reply{}, err
	}
	links, err := t.groupBinds(c, fields, "owners", "members")
	if err != nil {
		return reply{}, err
	}
	g.row.ID = t.guid()
	made := t.enter(g.row, c.now)
	made.extra = g.extra
	for _, link := range links {
		t.addLink(made, link.user, link.what, c.now)
	}
	return reply{status: http.StatusCreated, body: made.entity(c, strings.Fields(groupDefaults))}, nil
}

// enter puts a group into the directory.
func (t *Tenant) enter(row Group, born time.Time) *group {
	g := &group{
		row: row, born: born,
		people: make(map[*user]*person), memberships: make(map[string]*person),
	}
	g.row.Members, g.row.Owners = nil, nil
	g.first = t.note(change{group: g}, born)
	t.groups = append(t.groups, g)
	t.groupByID[fold(row.ID)] = g
	t.groupByNick[fold(row.MailNickname)] = g
	if row.UniqueName != "" {
		t.groupByName[fold(row.UniqueName)] = g
	}
	return g
}

// patchGroup changes a group: all of the body or nothing of it.
func (t *Tenant) patchGroup(c *call, g *group) (reply, error) {
	fields, err := c.object(t.names.groupChange)
	if err != nil {
		return reply{}, err
	}
	if g.synced() {
		return reply{}, badDirectory("Unable to update the specified properties for on-premises mastered Directory Sync objects.")
	}
	next := &group{row: g.row, extra: maps.Clone(g.extra)}
	if err := next.set(fields); err != nil {
		return reply{}, err
	}
	if err := t.checkGroup(next, g); err != nil {
		return reply{}, err
	}
	links, err := t.groupBinds(c, fields, "members")
	if err != nil {
		return reply{}, err
	}
	for _, link := range links {
		if err := t.mayLink(g, link.user, link.what); err != nil {
			return reply{}, err
		}
	}
	t.commit(g, next, fields, c.now)
	for _, link := range links {
		t.addLink(g, link.user, link.what, c.now)
	}
	return done(), nil
}

// commit takes over the changed properties and logs them.
func (t *Tenant) commit(g, next *group, fields map[string]json.RawMessage, now time.Time) {
	delete(t.groupByNick, fold(g.row.MailNickname))
	t.groupByNick[fold(next.row.MailNickname)] = g
	old := *g
	g.row, g.extra = next.row, next.extra
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !reflect.DeepEqual(old.value(name), g.value(name)) {
			t.note(change{group: g, what: name}, now)
		}
	}
}

// set takes the fields over, checking their JSON types.
func (g *group) set(fields map[string]json.RawMessage) error {
	into := map[string]any{
		"displayName": &g.row.DisplayName, "description": &g.row.Description,
		"mailNickname": &g.row.MailNickname, "uniqueName": &g.row.UniqueName,
		"groupTypes": &g.row.GroupTypes, "mailEnabled": &g.row.MailEnabled,
		"securityEnabled": &g.row.SecurityEnabled, "visibility": &g.row.Visibility,
		"resourceBehaviorOptions": &g.row.ResourceBehaviorOptions,
	}
	for name, raw := range fields {
		if strings.Contains(name, "@") {
			continue // binds and annotations
		}
		target, held := into[name]
		if !held {
			if g.extra == nil {
				g.extra = map[string]json.RawMessage{}
			}
			g.extra[name] = raw
			continue
		}
		// Not into what it shares with the group it was copied from.
		switch name {
		case "groupTypes":
			g.row.GroupTypes = nil
		case "description":
			g.row.Description = nil
		}
		err := json.Unmarshal(raw, target)
		if err != nil || string(raw) == "null" && name != "description" {
			return badDirectory("Invalid value specified for property '%s' of resource 'Group'.", name)
		}
	}
	return nil
}

// checkGroup refuses what the directory does not let a group be. Old is the
// group being changed, nil for a new one.
func (t *Tenant) checkGroup(g, old *group) error {
	switch row := &g.row; {
	case row.DisplayName == "" || utf8.RuneCountInString(row.DisplayName) > nameLimit:
		return badDirectory("Invalid value specified for property 'displayName': it must have 1 to %d characters.", nameLimit)
	case !validNickname(row.MailNickname):
		return badDirectory("Invalid value specified for property 'mailNickname' of resource 'Group'.")
	case taken(t.groupByNick, row.MailNickname, old):
		return badDirectory("Another object with the same value for property mailNickname already exists.")
	case old == nil && row.UniqueName != "" && t.groupByName[fold(row.UniqueName)] != nil:
		return badDirectory("Another object with the same value for property uniqueName already exists.")
	case g.unified() && (!row.MailEnabled || old == nil && row.SecurityEnabled):
		return badDirectory("A unified group must be mail-enabled and, here, not security-enabled.")
	case !g.unified() && (row.MailEnabled || !row.SecurityEnabled):
		return badDirectory("A group that is not unified must be a security group without mail.")
	}
	visibility, known := map[string]string{
		"": "", "public": "Public", "private": "Private", "hiddenmembership": "HiddenMembership",
	}[fold(g.row.Visibility)]
	if !known {
		return badDirectory("Invalid value specified for property 'visibility' of resource 'Group'.")
	}
	if visibility == "" && g.unified() {
		visibility = "Public"
	}
	g.row.Visibility = visibility
	return checkFixed(g, old)
}

// checkFixed refuses a change of what creation settled.
func checkFixed(g, old *group) error {
	if old == nil {
		return nil
	}
	switch {
	case g.row.UniqueName != old.row.UniqueName:
		return badDirectory("Property 'uniqueName' is immutable.")
	case g.row.MailEnabled != old.row.MailEnabled, g.row.SecurityEnabled != old.row.SecurityEnabled:
		return badDirectory("Properties 'mailEnabled' and 'securityEnabled' cannot be changed.")
	case !slices.Equal(g.row.GroupTypes, old.row.GroupTypes):
		return badDirectory("Property 'groupTypes' cannot be changed here.")
	case g.row.Visibility != old.row.Visibility && g.row.Visibility == "HiddenMembership":
		return badDirectory("Property 'visibility' can be HiddenMembership from creation only.")
	}
	return nil
}

// taken reports whether the value belongs to a group other than self. Deleted
// groups keep their names.
func taken(by map[string]*group, value string, self *group) bool {
	g := by[fold(value)]
	return g != nil && g != self
}

func validNickname(name string) bool {
	if name == "" || len(name) > nicknameLimit || strings.ContainsAny(name, "@()\\[]\";:<>, ") {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool { return r > 127 }) < 0
}
