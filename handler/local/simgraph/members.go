package simgraph

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// memberType is what every membership in a team is.
const memberType = "#microsoft.graph.aadUserConversationMember"

func (t *Tenant) memberRoutes() []route {
	const all, one = "/teams/{team}/members", "/teams/{team}/members/{membership}"
	write := budget{kind: teamWrite}
	return []route{
		at("GET "+all, t.byTeam(t.teamMembers), budget{kind: teamPeople}),
		at("POST "+all, t.byTeam(t.postMember), write),
		at("POST "+all+"/add", t.byTeam(t.addMembers), write),
		at("POST "+all+"/remove", t.byTeam(t.removeMembers), write),
		at("GET "+one, t.byTeam(t.getMember), budget{kind: teamRead}),
		at("PATCH "+one, t.byTeam(t.patchMember), write),
		at("DELETE "+one, t.byTeam(t.deleteMember), write),
	}
}

// memberRow is one membership as a body asks for it. User is nil when nobody
// has that key.
type memberRow struct {
	key  string
	user *user
	role string // "", owner or guest
}

// readMember reads a conversationMember of a body.
func (t *Tenant) readMember(c *call, raw json.RawMessage) (memberRow, error) {
	fields, err := parseObject(raw, t.names.memberRow)
	if err != nil {
		return memberRow{}, err
	}
	kind, _, err := field[string](fields, "@odata.type")
	if err != nil || kind != memberType && kind != memberType[1:] {
		return memberRow{}, badTeams("A member must say '@odata.type': '%s'.", memberType)
	}
	role, err := readRole(fields)
	if err != nil {
		return memberRow{}, err
	}
	ref, given, err := field[string](fields, "user@odata.bind")
	if err != nil || !given {
		return memberRow{}, badTeams("A member must name its user in 'user@odata.bind'.")
	}
	u, key, err := t.boundUser(c, ref)
	if err != nil && key == "" {
		return memberRow{}, err
	}
	return memberRow{key: key, user: u, role: role}, nil
}

// readRole reads roles: none, or one of owner and guest.
func readRole(fields map[string]json.RawMessage) (string, error) {
	roles, _, err := field[[]string](fields, "roles")
	switch {
	case err != nil:
		return "", err
	case len(roles) == 0:
		return "", nil
	case len(roles) > 1 || roles[0] != "owner" && roles[0] != "guest":
		return "", badTeams("Invalid role specified for member.")
	}
	return roles[0], nil
}

// admit puts somebody into a team, or says why not.
func (t *Tenant) admit(g *group, row memberRow, now time.Time) error {
	u := row.user
	if u == nil {
		return refuse(http.StatusNotFound, teamsMissing, "User %s was not found.", row.key)
	}
	is := g.at(u)
	switch {
	case row.role == "owner" && u.guest():
		return badTeams("A guest cannot be an owner.")
	case row.role == "guest" && !u.guest():
		return badTeams("The user is no guest.")
	case g.synced(), g.dynamic():
		return badTeams("The membership of the team is mastered elsewhere.")
	case is.membership != "" && !t.opts.AddExisting:
		return badTeams("The user is already a member of the team.")
	case row.role == "owner" && !is.owner && g.owners() >= ownersPerTeam:
		return badTeams("The team has its maximum of %d owners.", ownersPerTeam)
	}
	if is.membership == "" {
		if err := full(g, u); err != nil {
			return err
		}
	}
	t.place(g, u, true, is.owner || row.role == "owner", now)
	return nil
}

// expel takes somebody out of a team, or says why not.
func (t *Tenant) expel(c *call, g *group, u *user) error {
	is := g.at(u)
	switch {
	case is.membership == "":
		return refuse(http.StatusNotFound, teamsMissing, "Could not find resource")
	case g.synced(), g.dynamic():
		return badTeams("The membership of the team is mastered elsewhere.")
	case is.owner && g.owners() == 1:
		return badTeams("The last owner of a team cannot be removed.")
	}
	t.placeFor(c, g, u, false, false)
	return nil
}

func (t *Tenant) teamMembers(c *call, g *group) (reply, error) {
	if err := c.only("$select", "$top", "$skiptoken"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.member, memberNames)
	if err != nil {
		return reply{}, err
	}
	list := t.seen(g, c.now)
	anybody := func(person) bool { return true }
	return c.page("teams('"+g.row.ID+"')/members", t.opts.PageSize, func(after, size int) ([]any, int, bool) {
		return pageOf(list, after, size, anybody, func(p person) any { return t.memberEntity(p, picked) })
	})
}

func (t *Tenant) getMember(c *call, g *group) (reply, error) {
	if err := c.only("$select"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.member, memberNames)
	if err != nil {
		return reply{}, err
	}
	list := t.seen(g, c.now)
	i := slices.IndexFunc(list, func(p person) bool { return p.membership == c.args[1] })
	if i < 0 {
		return reply{}, refuse(http.StatusNotFound, teamsMissing, "No member found with id %s", c.args[1])
	}
	return ok(t.memberEntity(list[i], picked)), nil
}

// memberEntity renders a membership. Its id is not the user's.
func (t *Tenant) memberEntity(p person, picked []string) map[string]any {
	row := make(map[string]any, len(picked)+2)
	row["@odata.type"] = memberType
	if t.opts.MemberTags {
		row["@odata.etag"] = p.tag()
	}
	for _, name := range picked {
		row[name] = t.memberValue(p, name)
	}
	return row
}

func (t *Tenant) memberValue(p person, name string) any {
	switch name {
	case "id":
		return p.membership
	case "roles":
		switch {
		case p.owner:
			return []string{"owner"}
		case p.user.guest():
			return []string{"guest"}
		}
		return []string{}
	case "displayName":
		return p.user.row.DisplayName
	case "userId":
		return p.user.row.ID
	case "email":
		if p.user.row.Mail != "" {
			return p.user.row.Mail
		}
		return p.user.row.UserPrincipalName
	case "tenantId":
		return t.opts.TenantID
	case "visibleHistoryStartDateTime":
		return "0001-01-01T00:00:00Z"
	}
	return nil
}

func (t *Tenant) postMember(c *call, g *group) (reply, error) {
	if _, err := c.object(t.names.memberRow); err != nil {
		return reply{}, err
	}
	row, err := t.readMember(c, c.body)
	if err != nil {
		return reply{}, err
	}
	if err := t.admit(g, row, c.now); err != nil {
		return reply{}, err
	}
	body := t.memberEntity(g.at(row.user), strings.Fields(memberNames))
	return reply{status: http.StatusCreated, body: body}, nil
}

// patchMember changes the role of a membership.
func (t *Tenant) patchMember(c *call, g *group) (reply, error) {
	p := g.memberships[c.args[1]]
	if p == nil {
		return reply{}, refuse(http.StatusNotFound, teamsMissing, "No member found with id %s", c.args[1])
	}
	if err := c.matches(p); err != nil {
		return reply{}, err
	}
	fields, err := c.object(names("roles"))
	if err != nil {
		return reply{}, err
	}
	role, err := readRole(fields)
	if err != nil {
		return reply{}, err
	}
	switch {
	case fields["roles"] == nil:
		return reply{}, badTeams("roles must be given.")
	case role == "guest" && !p.user.guest(), role == "owner" && p.user.guest():
		return reply{}, badTeams("The role does not fit the user.")
	case role != "owner" && p.owner && g.owners() == 1:
		return reply{}, badTeams("The last owner of a team cannot be demoted.")
	case role == "owner" && !p.owner && g.owners() >= ownersPerTeam:
		return reply{}, badTeams("The team has its maximum of %d owners.", ownersPerTeam)
	}
	t.placeFor(c, g, p.user, true, role == "owner")
	return ok(t.memberEntity(*p, strings.Fields(memberNames))), nil
}

func (t *Tenant) deleteMember(c *call, g *group) (reply, error) {
	p := g.memberships[c.args[1]]
	if p == nil {
		return reply{}, refuse(http.StatusNotFound, teamsMissing, "No member found with id %s", c.args[1])
	}
	if err := c.matches(p); err != nil {
		return reply{}, err
	}
	if err := t.expel(c, g, p.user); err != nil {
		return reply{}, err
	}
	return done(), nil
}
