package simgraph

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// life is whether a group exists.
type life uint8

const (
	here    life = iota
	deleted      // for 30 days it could be restored
	purged       // for good
)

// group is a group of the tenant, with its team if it has one.
type group struct {
	row   Group                      // Members and Owners are nil: people has them. The team has IsArchived
	extra map[string]json.RawMessage // writable properties nothing depends on
	born  time.Time
	first uint64 // the change that made it
	gone  life
	ended time.Time // when it was deleted

	people      map[*user]*person
	order       []*person          // by n
	memberships map[string]*person // by membership id
	links       []linkChange       // in order of seq
	undo        []undo             // in order of time

	team    *team
	running *operation // the operation under way, if any
}

func (g *group) unified() bool { return slices.Contains(g.row.GroupTypes, "Unified") }

func (g *group) dynamic() bool { return slices.Contains(g.row.GroupTypes, "DynamicMembership") }

func (g *group) synced() bool {
	return g.row.OnPremisesSyncEnabled != nil && *g.row.OnPremisesSyncEnabled
}

func (t *Tenant) groupRoutes() []route {
	const byID, byName = "/groups/{group}", "/groups(uniqueName='{name}')"
	one, three := budget{directory, 1}, budget{directory, 3}
	return []route{
		at("GET /groups", t.listGroups, one),
		at("POST /groups", t.postGroup, one),
		at("GET /groups/delta", t.groupDelta, one),
		at("GET "+byName, t.byName(t.getGroup), one),
		at("PATCH "+byName, t.upsertGroup, one),
		at("DELETE "+byName, t.byName(t.deleteGroup), one),
		at("GET "+byID, t.byID(t.getGroup), one),
		at("PATCH "+byID, t.byID(t.patchGroup), one),
		at("DELETE "+byID, t.byID(t.deleteGroup), one),
		at("GET "+byID+"/members", t.byID(t.listMembers), three),
		at("GET "+byID+"/owners", t.byID(t.listOwners), one),
		at("POST "+byID+"/members/$ref", t.byID(t.postLink("members")), one),
		at("POST "+byID+"/owners/$ref", t.byID(t.postLink("owners")), one),
		at("DELETE "+byID+"/members/{user}/$ref", t.byID(t.deleteLink("members")), one),
		at("DELETE "+byID+"/owners/{user}/$ref", t.byID(t.deleteLink("owners")), one),
	}
}

// byID finds the group a path names by id.
func (t *Tenant) byID(handle func(*call, *group) (reply, error)) func(*call) (reply, error) {
	return func(c *call) (reply, error) {
		g := t.groupByID[fold(c.args[0])]
		if g == nil || g.gone != here {
			return reply{}, missing(c.args[0])
		}
		return handle(c, g)
	}
}

// byName finds the group a path names by uniqueName.
func (t *Tenant) byName(handle func(*call, *group) (reply, error)) func(*call) (reply, error) {
	return func(c *call) (reply, error) {
		g := t.groupByName[fold(c.args[0])]
		if g == nil || g.gone != here {
			return reply{}, missing(c.args[0])
		}
		return handle(c, g)
	}
}

func (t *Tenant) getGroup(c *call, g *group) (reply, error) {
	if err := c.only("$select"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.group, groupDefaults)
	if err != nil {
		return reply{}, err
	}
	return ok(g.entity(c, picked)), nil
}

// entity is the group as the answer to a request for it alone.
func (g *group) entity(c *call, picked []string) map[string]any {
	body := g.render(picked)
	body["@odata.context"] = c.base + "/$metadata#groups/$entity"
	return body
}

func (t *Tenant) listGroups(c *call) (reply, error) {
	return t.groupPage(c, func(g *group) bool { return g.gone == here })
}

// groupPage answers with one page of the groups that fit.
func (t *Tenant) groupPage(c *call, fits func(*group) bool) (reply, error) {
	if err := c.only("$select", "$top", "$skiptoken"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.group, groupDefaults)
	if err != nil {
		return reply{}, err
	}
	return c.page("groups", t.opts.PageSize, func(after, size int) (rows []any, last int, more bool) {
		for i := after; i < len(t.groups); i++ {
			if !fits(t.groups[i]) {
				continue
			}
			if len(rows) == size {
				return rows, last, true
			}
			rows, last = append(rows, t.groups[i].render(picked)), i+1
		}
		return rows, last, false
	})
}

func (t *Tenant) listMembers(c *call, g *group) (reply, error) {
	return t.seats(c, g, func(p person) bool { return p.member })
}

func (t *Tenant) listOwners(c *call, g *group) (reply, error) {
	return t.seats(c, g, func(p person) bool { return p.owner })
}

func (t *Tenant) deleteGroup(c *call, g *group) (reply, error) {
	if g.synced() {
		return reply{}, badDirectory("The group is mastered on-premises.")
	}
	t.remove(g, deleted, c.now)
	return reply{status: http.StatusNoContent}, nil
}

// remove deletes a group, for now or for good. A group deleted for now keeps
// its names: nobody else gets them until it is purged.
func (t *Tenant) remove(g *group, to life, now time.Time) {
	if g.counts() {
		for _, p := range g.order {
			p.user.teams--
		}
	}
	g.gone, g.ended = to, now
	if to == purged {
		delete(t.groupByNick, fold(g.row.MailNickname))
		delete(t.groupByName, fold(g.row.UniqueName))
	}
	t.note(change{group: g}, now)
}

// render is the group's row with the properties picked. Properties that are not
// simulated are null.
func (g *group) render(picked []string) map[string]any {
	row := make(map[string]any, len(picked)+2)
	for _, name := range picked {
		row[name] = g.value(name)
	}
	return row
}

func (g *group) value(name string) any {
	switch name {
	case "id":
		return g.row.ID
	case "displayName":
		return g.row.DisplayName
	case "description":
		return pointed(g.row.Description)
	case "mailNickname":
		return g.row.MailNickname
	case "uniqueName":
		if g.row.UniqueName != "" {
			return g.row.UniqueName
		}
	case "groupTypes":
		return list(g.row.GroupTypes)
	case "mailEnabled":
		return g.row.MailEnabled
	case "securityEnabled":
		return g.row.SecurityEnabled
	case "visibility":
		if g.row.Visibility != "" {
			return g.row.Visibility
		}
	case "onPremisesSyncEnabled":
		return pointed(g.row.OnPremisesSyncEnabled)
	default:
		return g.derived(name)
	}
	return nil
}

// derived is a property that follows from others, or was given and is kept.
func (g *group) derived(name string) any {
	switch name {
	case "mail":
		if g.row.MailEnabled {
			return g.row.MailNickname + "@simulated.example"
		}
	case "proxyAddresses":
		if g.row.MailEnabled {
			return []string{"SMTP:" + g.row.MailNickname + "@simulated.example"}
		}
		return []string{}
	case "resourceBehaviorOptions":
		return list(g.row.ResourceBehaviorOptions)
	case "resourceProvisioningOptions":
		if g.team != nil {
			return []string{"Team"}
		}
		return []string{}
	case "deletedDateTime":
		if !g.ended.IsZero() {
			return stamp(g.ended)
		}
	case "createdDateTime", "renewedDateTime":
		return stamp(g.born)
	case "onPremisesProvisioningErrors":
		return []string{}
	}
	if raw, given := g.extra[name]; given {
		return raw
	}
	return nil
}

// list is never null in JSON.
func list(values []string) []string { return append([]string{}, values...) }

// pointed is the value, or an untyped nil.
func pointed[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
