package simgraph

import (
	"net/http"
	"strings"
	"time"
)

// typeOfGroup is what a group is among objects of other types.
const typeOfGroup = "#microsoft.graph.group"

// deletedRoutes are those of the directory's deleted items. Only unified groups
// are kept there here: a security group is gone at once.
func (t *Tenant) deletedRoutes() []route {
	const items = "/directory/deletedItems"
	one := budget{directory, 1}
	return []route{
		at("GET "+items+"/microsoft.graph.group", t.listDeleted, one),
		at("GET "+items+"/{item}", t.byDeletedID(t.getDeleted), one),
		at("GET "+items+"/{item}/microsoft.graph.group", t.byDeletedID(t.getDeleted), one),
		at("POST "+items+"/{item}/restore", t.byDeletedID(t.postRestore), one),
	}
}

func (g *group) restorable() bool { return g.gone == deleted && g.unified() }

// byDeletedID finds the deleted group a path names.
func (t *Tenant) byDeletedID(handle func(*call, *group) (reply, error)) func(*call) (reply, error) {
	return func(c *call) (reply, error) {
		g := t.groupByID[fold(c.args[0])]
		if g == nil || !g.restorable() {
			return reply{}, missing(c.args[0])
		}
		return handle(c, g)
	}
}

func (t *Tenant) getDeleted(c *call, g *group) (reply, error) {
	if err := c.only("$select"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.group, groupDefaults)
	if err != nil {
		return reply{}, err
	}
	body := g.render(picked)
	body["@odata.context"] = c.base + "/$metadata#directoryObjects/$entity"
	body["@odata.type"] = typeOfGroup
	return ok(body), nil
}

func (t *Tenant) listDeleted(c *call) (reply, error) {
	return t.groupPage(c, (*group).restorable)
}

// postRestore brings a deleted group back. The parameters of the action are for
// users, so no body but an empty one is taken.
func (t *Tenant) postRestore(c *call, g *group) (reply, error) {
	if len(c.body) > 0 {
		if _, err := c.object(nameSet{}); err != nil {
			return reply{}, err
		}
	}
	t.restore(g, c.now)
	body := g.entity(c, strings.Fields(groupDefaults))
	body["@odata.type"] = typeOfGroup
	return reply{status: http.StatusOK, body: body}, nil
}

// restore brings a deleted group back with everything it had.
func (t *Tenant) restore(g *group, now time.Time) {
	g.gone, g.ended = here, time.Time{}
	if g.counts() {
		for _, p := range g.order {
			p.user.teams++
		}
	}
	t.note(change{group: g}, now)
}
