package simgraph

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

func (t *Tenant) getTeam(c *call, g *group) (reply, error) {
	if err := c.only("$select"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.team, teamDefaults)
	if err != nil {
		return reply{}, err
	}
	return ok(t.teamEntity(c, g, picked)), nil
}

func (t *Tenant) teamEntity(c *call, g *group, picked []string) map[string]any {
	body := map[string]any{"@odata.context": c.base + "/$metadata#teams/$entity"}
	for _, name := range picked {
		body[name] = t.teamValue(g, name)
	}
	return body
}

func (t *Tenant) teamValue(g *group, name string) any {
	switch name {
	case "id":
		return g.row.ID
	case "displayName", "description", "classification":
		return g.value(name)
	case "createdDateTime":
		return stamp(g.team.opened)
	case "visibility":
		if g.row.Visibility == "HiddenMembership" {
			return "hiddenMembership"
		}
		return strings.ToLower(g.row.Visibility)
	case "specialization":
		return "none"
	case "isArchived":
		return g.team.archived
	case "tenantId":
		return t.opts.TenantID
	case "internalId":
		return "19:" + g.row.ID + "@thread.tacv2"
	case "webUrl":
		return "https://teams.microsoft.com/l/team/" + g.row.ID
	}
	if t.names.settings[name] != nil {
		given := g.team.settings[name]
		if given == nil {
			given = map[string]json.RawMessage{}
		}
		return maps.Clone(given)
	}
	return nil
}

// patchTeam changes a team's settings, and its group's name and such with it.
func (t *Tenant) patchTeam(c *call, g *group) (reply, error) {
	fields, err := c.object(t.names.teamChange)
	if err != nil {
		return reply{}, err
	}
	if g.team.archived {
		return reply{}, refuse(http.StatusForbidden, teamsForbidden, "The team is archived and read-only.")
	}
	given, err := t.readSettings(fields)
	if err != nil {
		return reply{}, err
	}
	kept := maps.Clone(fields)
	maps.DeleteFunc(kept, func(name string, _ json.RawMessage) bool { return t.names.settings[name] != nil })
	next := &group{row: g.row, extra: maps.Clone(g.extra)}
	if err := next.set(kept); err != nil {
		return reply{}, err
	}
	if err := t.checkGroup(next, g); err != nil {
		return reply{}, err
	}
	t.commit(g, next, kept, c.now)
	for name, values := range given {
		if g.team.settings[name] == nil {
			g.team.settings[name] = map[string]json.RawMessage{}
		}
		maps.Copy(g.team.settings[name], values)
	}
	return done(), nil
}

func (t *Tenant) archive(c *call, g *group) (reply, error) {
	return t.startArchiving(c, g, true, "archiveTeam", names("shouldSetSpoSiteReadOnlyForMembers"))
}

func (t *Tenant) unarchive(c *call, g *group) (reply, error) {
	return t.startArchiving(c, g, false, "unarchiveTeam", nameSet{})
}

// startArchiving begins the operation that makes a team archived or not.
func (t *Tenant) startArchiving(c *call, g *group, archived bool, kind string, allowed nameSet) (reply, error) {
	if len(c.body) > 0 {
		fields, err := c.object(allowed)
		if err != nil {
			return reply{}, err
		}
		if _, _, err := field[bool](fields, "shouldSetSpoSiteReadOnlyForMembers"); err != nil {
			return reply{}, err
		}
	}
	switch {
	case g.running != nil:
		return reply{}, refuse(http.StatusConflict, teamsConflict, "An operation on the team is under way.")
	case g.owners() == 0:
		return reply{}, badTeams("The team has no owner.")
	case g.team.archived == archived:
		return reply{}, badTeams("The team is in that state already.")
	}
	return t.begin(c, g, kind, nil), nil
}
