package simgraph

import (
	"encoding/json"
	"net/http"
)

// The limits of Teams on memberships.
const (
	peoplePerTeam = 25_000
	ownersPerTeam = 100
	teamsPerUser  = 1_000
)

// bound is one user bound in a body, as owner or member.
type bound struct {
	user *user
	what string
}

// groupBinds resolves owners@odata.bind and members@odata.bind: users that
// exist, each once in a list, at most twenty in all.
func (t *Tenant) groupBinds(c *call, fields map[string]json.RawMessage, lists ...string) ([]bound, error) {
	var links []bound
	for _, what := range lists {
		refs, _, err := field[[]string](fields, what+"@odata.bind")
		if err != nil {
			return nil, err
		}
		if len(links)+len(refs) > bindLimit {
			return nil, badDirectory("The request exceeds the limit of %d relationships.", bindLimit)
		}
		twice := make(map[*user]bool, len(refs))
		for _, ref := range refs {
			u, _, err := t.boundUser(c, ref)
			if err != nil {
				return nil, err
			}
			if twice[u] {
				return nil, badDirectory("Request contains duplicate references for property '%s'.", what)
			}
			twice[u] = true
			links = append(links, bound{user: u, what: what})
		}
	}
	return links, nil
}

// mayLink refuses a link the directory would refuse.
func (t *Tenant) mayLink(g *group, u *user, what string) error {
	is := g.at(u)
	switch {
	case g.synced():
		return badDirectory("Unable to update the specified properties for on-premises mastered Directory Sync objects.")
	case g.dynamic() && what == "members":
		return badDirectory("Insufficient privileges: the membership of the group follows a rule.")
	case what == "members" && is.member, what == "owners" && is.owner:
		return badDirectory("One or more added object references already exist for the following modified properties: '%s'.", what)
	case what == "owners" && g.owners() >= ownersPerTeam:
		return badDirectory("The group has its maximum of %d owners.", ownersPerTeam)
	case g.team != nil && is.membership == "":
		return full(g, u)
	}
	return nil
}

// full refuses one more person, or one more team for the person.
func full(g *group, u *user) error {
	switch {
	case len(g.order) >= peoplePerTeam:
		return badTeams("The team has its maximum of %d people.", peoplePerTeam)
	case u.teams >= teamsPerUser:
		return badTeams("The user is in the maximum of %d teams.", teamsPerUser)
	}
	return nil
}

// postLink adds a link: POST .../members/$ref or .../owners/$ref.
func (t *Tenant) postLink(what string) func(*call, *group) (reply, error) {
	return func(c *call, g *group) (reply, error) {
		fields, err := c.object(t.names.ref)
		if err != nil {
			return reply{}, err
		}
		ref, given, err := field[string](fields, "@odata.id")
		if err != nil {
			return reply{}, err
		}
		if !given {
			return reply{}, badDirectory("The body must name the object in '@odata.id'.")
		}
		u, _, err := t.boundUser(c, ref)
		if err != nil {
			return reply{}, err
		}
		if err := t.mayLink(g, u, what); err != nil {
			return reply{}, err
		}
		t.addLink(g, u, what, c.now)
		return reply{status: http.StatusNoContent}, nil
	}
}

// deleteLink takes a link away: DELETE .../members/{id}/$ref and the like. The
// member link of an owner can go; Teams then still shows them as owner.
func (t *Tenant) deleteLink(what string) func(*call, *group) (reply, error) {
	return func(c *call, g *group) (reply, error) {
		u := t.userByID[fold(c.args[1])]
		if u == nil {
			return reply{}, missing(c.args[1])
		}
		is := g.at(u)
		switch {
		case g.synced(), g.dynamic() && what == "members":
			return reply{}, badDirectory("The membership of the group is mastered elsewhere.")
		case what == "members" && !is.member, what == "owners" && !is.owner:
			return reply{}, missing(c.args[1])
		case what == "owners" && g.owners() == 1:
			return reply{}, badDirectory("The group must have at least one owner, hence this owner cannot be removed.")
		case what == "members":
			t.placeFor(c, g, u, false, is.owner)
		default:
			t.placeFor(c, g, u, is.member, false)
		}
		return done(), nil
	}
}
