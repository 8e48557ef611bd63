package simgraph

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// settings are memberSettings and the like: property by property, by group.
type settings map[string]map[string]json.RawMessage

// team is what a group has in Teams.
type team struct {
	settings settings
	archived bool
	opened   time.Time
}

func (t *Tenant) teamRoutes() []route {
	get, write := budget{kind: teamGet}, budget{kind: teamWrite}
	return []route{
		at("POST /teams", t.postTeam, budget{kind: teamPost}),
		at("PUT /groups/{group}/team", t.putTeam, budget{kind: teamPut}),
		at("GET /groups/{group}/team", t.byTeam(t.getTeam), get),
		at("GET /teams/{team}", t.byTeam(t.getTeam), get),
		at("PATCH /teams/{team}", t.byTeam(t.patchTeam), budget{kind: teamPatch}),
		at("POST /teams/{team}/archive", t.byTeam(t.archive), write),
		at("POST /teams/{team}/unarchive", t.byTeam(t.unarchive), write),
		at("GET /teams/{team}/operations/{operation}", t.getOperation, budget{kind: teamRead}),
	}
}

// byTeam finds the team a path names. A team still being made is not found.
func (t *Tenant) byTeam(handle func(*call, *group) (reply, error)) func(*call) (reply, error) {
	return func(c *call) (reply, error) {
		g := t.groupByID[fold(c.args[0])]
		if g == nil || g.gone != here {
			return reply{}, missingTeam(c.args[0])
		}
		g.running.look()
		if g.team == nil {
			return reply{}, missingTeam(c.args[0])
		}
		return handle(c, g)
	}
}

// openTeam gives a group its team. The owners become members, as Teams has it.
func (t *Tenant) openTeam(g *group, given settings, now time.Time) {
	g.team = &team{settings: given, opened: now}
	if g.team.settings == nil {
		g.team.settings = settings{}
	}
	for _, p := range g.order {
		p.user.teams++
		t.place(g, p.user, true, p.owner, now)
	}
	t.note(change{group: g, what: "resourceProvisioningOptions"}, now)
}

// postTeam makes a team, of a group or with a new one.
func (t *Tenant) postTeam(c *call) (reply, error) {
	fields, err := c.object(t.names.teamOfNothing)
	if err != nil {
		return reply{}, err
	}
	if err := t.checkTemplate(c, fields); err != nil {
		return reply{}, err
	}
	given, err := t.readSettings(fields)
	if err != nil {
		return reply{}, err
	}
	ref, ofGroup, err := field[string](fields, "group@odata.bind")
	if err != nil {
		return reply{}, err
	}
	if !ofGroup {
		return t.teamFromNothing(c, fields, given)
	}
	for name := range fields {
		if !t.names.teamOfGroup[name] && name != "@odata.type" {
			return reply{}, badTeams("'%s' cannot be given together with group@odata.bind.", name)
		}
	}
	set, key, err := c.bind(ref)
	if err != nil {
		return reply{}, err
	}
	if set != "groups" {
		return reply{}, badTeams("group@odata.bind names no group.")
	}
	g, err := t.teamless(c, key)
	if err != nil {
		return reply{}, err
	}
	return t.begin(c, g, "teamifyGroup", given), nil
}

// teamless is a group a team can be made of.
func (t *Tenant) teamless(c *call, key string) (*group, error) {
	g := t.groupByID[fold(key)]
	switch {
	case g == nil || g.gone != here:
		return nil, missingTeam(key)
	case c.now.Sub(g.born) < t.opts.GroupDelay:
		// Replication: Teams has not heard of the group yet.
		return nil, missingTeam(key)
	case g.team != nil || g.running != nil:
		g.running.look()
		return nil, refuse(http.StatusConflict, teamsConflict, "The group is already provisioned, or about to be.")
	case !g.unified():
		return nil, badTeams("Only a unified group can have a team.")
	case g.owners() == 0:
		return nil, badTeams("The group must have at least one owner.")
	case len(g.order) > 10_000:
		return nil, badTeams("A group of over 10,000 members cannot be made a team.")
	}
	return g, nil
}

// teamFromNothing makes the group too. App-only, exactly one owner is named.
func (t *Tenant) teamFromNothing(c *call, fields map[string]json.RawMessage, given settings) (reply, error) {
	name, named, err := field[string](fields, "displayName")
	if err != nil {
		return reply{}, err
	}
	if !named {
		return reply{}, badTeams("displayName is required.")
	}
	owner, err := t.soleOwner(c, fields)
	if err != nil {
		return reply{}, err
	}
	g := &group{row: Group{
		GroupTypes: []string{"Unified"}, MailEnabled: true, MailNickname: t.nickname(name),
	}}
	kept := maps.Clone(fields)
	maps.DeleteFunc(kept, func(name string, _ json.RawMessage) bool {
		return name != "displayName" && name != "description" && name != "visibility" && name != "classification"
	})
	if err := g.set(kept); err != nil {
		return reply{}, err
	}
	if err := t.checkGroup(g, nil); err != nil {
		return reply{}, err
	}
	g.row.ID = t.guid()
	made := t.enter(g.row, c.now)
	made.extra = g.extra
	t.addLink(made, owner, "owners", c.now)
	return t.begin(c, made, "createTeam", given), nil
}

// soleOwner is the one member POST /teams takes.
func (t *Tenant) soleOwner(c *call, fields map[string]json.RawMessage) (*user, error) {
	rows, _, err := field[[]json.RawMessage](fields, "members")
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, badTeams("Exactly one member, with the role owner, must be given.")
	}
	row, err := t.readMember(c, rows[0])
	switch {
	case err != nil:
		return nil, err
	case row.user == nil:
		return nil, refuse(http.StatusNotFound, teamsMissing, "User %s was not found.", row.key)
	case row.role != "owner" || row.user.guest():
		return nil, badTeams("The member must be an owner, and no guest.")
	case row.user.teams >= teamsPerUser:
		return nil, badTeams("The user is in the maximum of %d teams.", teamsPerUser)
	}
	return row.user, nil
}

// nickname makes a free mailNickname of a name.
func (t *Tenant) nickname(name string) string {
	base := strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, name)
	base = base[:min(len(base), nicknameLimit-10)]
	if base == "" {
		base = "msteams"
	}
	try := base
	for n := 1; t.groupByNick[fold(try)] != nil; n++ {
		try = fmt.Sprint(base, n)
	}
	return try
}

// checkTemplate accepts the standard template, the only one here.
func (t *Tenant) checkTemplate(c *call, fields map[string]json.RawMessage) error {
	ref, given, err := field[string](fields, "template@odata.bind")
	if err != nil {
		return err
	}
	if !given {
		return badTeams("template@odata.bind is required.")
	}
	set, key, err := c.bind(ref)
	if err != nil {
		return err
	}
	if set != "teamsTemplates" || key != "standard" {
		return badTeams("The template '%s' is not known.", ref)
	}
	return nil
}

// readSettings reads memberSettings and the like, refusing unknown properties.
func (t *Tenant) readSettings(fields map[string]json.RawMessage) (settings, error) {
	given := settings{}
	for name, allowed := range t.names.settings {
		raw, found := fields[name]
		if !found || string(raw) == "null" {
			continue
		}
		values, err := parseObject(raw, allowed)
		if err != nil {
			return nil, err
		}
		delete(values, "@odata.type")
		given[name] = values
	}
	return given, nil
}

// putTeam makes a team of a group and waits for it: 201.
func (t *Tenant) putTeam(c *call) (reply, error) {
	fields, err := c.object(names("memberSettings guestSettings funSettings messagingSettings discoverySettings"))
	if err != nil {
		return reply{}, err
	}
	given, err := t.readSettings(fields)
	if err != nil {
		return reply{}, err
	}
	g, err := t.teamless(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	t.openTeam(g, given, c.now)
	return reply{status: http.StatusCreated, body: t.teamEntity(c, g, strings.Fields(teamDefaults))}, nil
}
