package graph

import (
	"context"
	"errors"
	"net/url"
	"slices"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/teams"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/pages"
)

// addLimit is how many people one members/add takes.
const addLimit = 200

const ownerRole = "owner"

// membership is a row of /teams/{id}/members: somebody's being in a team, with
// an id of its own.
type membership struct {
	ID    string   `json:"id"`
	ETag  string   `json:"@odata.etag"`
	User  string   `json:"userId"` // absent for people who are no users of a tenant
	Roles []string `json:"roles"`
}

// match is the condition that a membership is as it was read, if it said how.
func (m membership) match() *abstractions.RequestHeaders {
	headers := abstractions.NewRequestHeaders()
	if m.ETag != "" {
		headers.Add("If-Match", m.ETag)
	}
	return headers
}

func (m membership) role() org.Role {
	if containsFold(m.Roles, ownerRole) {
		return org.Owner
	}
	return org.Member
}

// memberships reads who is in a team, by user. Rows without a user are left out.
func (c *Client) memberships(ctx context.Context, op string, id org.TeamID) (map[org.UserID]membership, error) {
	rows := map[org.UserID]membership{}
	strays := 0
	_, err := pages.Read(ctx, c.out, op, "teams/"+url.PathEscape(string(id))+"/members", func(row membership) error {
		if row.User == "" {
			return nil
		}
		user, err := org.ParseUserID(row.User)
		if err != nil {
			strays++
			return nil
		}
		rows[user] = row
		return nil
	})
	c.reportStrays(ctx, op, strays)
	return rows, err
}

// TeamMembers implements orgsync.Directory.
func (c *Client) TeamMembers(ctx context.Context, id org.TeamID) ([]orgsync.Person, error) {
	rows, err := c.memberships(ctx, "graph: read a team's members", id)
	if err != nil {
		return nil, err
	}
	roles := make(map[org.UserID]org.Role, len(rows))
	for user, row := range rows {
		roles[user] = row.role()
	}
	return people(roles), nil
}

// AddMembers implements orgsync.Teams. It sends at most addLimit people a call.
func (c *Client) AddMembers(ctx context.Context, id org.TeamID, people []orgsync.Person) ([]error, error) {
	const op = "graph: add members"
	results := make([]error, 0, len(people))
	for some := range slices.Chunk(people, addLimit) {
		rows, err := c.postMembers(ctx, op, id, some)
		if err != nil {
			for range people[len(results):] {
				results = append(results, err)
			}
			return results, err
		}
		results = append(results, c.verify(ctx, op, id, some, rows)...)
	}
	return results, nil
}

// postMembers makes one call and returns its answer row by row: nil or an error
// for each user the answer speaks of. A 200 (all worked) and a 207 are read
// alike.
func (c *Client) postMembers(ctx context.Context, op string, id org.TeamID, people []orgsync.Person) (map[org.UserID]error, error) {
	values := make([]models.ConversationMemberable, len(people))
	for i, person := range people {
		values[i] = c.conversationMember(person)
	}
	body := teams.NewItemMembersAddPostRequestBody()
	body.SetValues(values)
	answer, err := c.teams().ByTeamId(string(id)).Members().Add().PostAsAddPostResponse(ctx, body, nil)
	if err != nil {
		return nil, during(op, err)
	}
	rows := map[org.UserID]error{}
	if answer == nil {
		return rows, nil
	}
	for _, value := range answer.GetValue() {
		row, ok := value.(models.AadUserConversationMemberResultable)
		if !ok || row.GetUserId() == nil {
			continue
		}
		if user, err := org.ParseUserID(*row.GetUserId()); err == nil {
			rows[user] = errors.Join(rows[user], rowFault(op, row.GetError()))
		}
	}
	return rows, nil
}

func (c *Client) conversationMember(person orgsync.Person) models.ConversationMemberable {
	member := models.NewAadUserConversationMember()
	member.SetRoles([]string{}) // a plain member; the property has to be there
	if person.Role == org.Owner {
		member.SetRoles([]string{ownerRole})
	}
	member.SetAdditionalData(map[string]any{"user@odata.bind": c.link("/users('" + person.User.String() + "')")})
	return member
}

// rowFault classifies a row's error.
func rowFault(op string, e models.PublicErrorable) error {
	switch {
	case e == nil:
		return nil
	case e.GetCode() == nil:
		return codeFault(op, "")
	}
	return codeFault(op, *e.GetCode())
}

// codeFault classifies the code of a row's error. Rows have no status, only a
// code, of which the published pages show NotFound; the others are guessed from
// the names of statuses, and one nobody knows may work later.
func codeFault(op, code string) error {
	kind := fault.Unavailable
	switch code {
	case "NotFound":
		kind = fault.NotFound
	case "BadRequest":
		kind = fault.Invalid
	case "Forbidden", "Unauthorized":
		kind = fault.Denied
	case "Conflict":
		kind = fault.Conflict
	case "TooManyRequests":
		kind = fault.Throttled
	}
	return fault.Newf(kind, op, "row error %q", code)
}

// verify turns an answer's rows into one result per person. Who is not
// confirmed by a row is looked for in the team, once for all of them: what
// members/add says of somebody who is in the team already is not published,
// and a call repeated after a lost answer meets just these.
func (c *Client) verify(ctx context.Context, op string, id org.TeamID, people []orgsync.Person, rows map[org.UserID]error) []error {
	results := make([]error, len(people))
	var doubtful []int
	for i, person := range people {
		err, answered := rows[person.User]
		if !answered {
			err = fault.Newf(fault.Unavailable, op, "the answer has no row for %s", person.User)
		}
		if err != nil {
			results[i] = err
			doubtful = append(doubtful, i)
		}
	}
	if len(doubtful) == 0 {
		return results
	}
	there, err := c.memberships(ctx, op, id)
	if err != nil {
		for _, i := range doubtful {
			results[i] = errors.Join(results[i], err)
		}
		return results
	}
	for _, i := range doubtful {
		row, in := there[people[i].User]
		switch {
		case !in:
		case row.role() >= people[i].Role:
			results[i] = nil
		default:
			results[i] = c.setRoles(ctx, op, id, row, []string{ownerRole})
		}
	}
	return results
}

// Promote implements orgsync.Teams.
func (c *Client) Promote(ctx context.Context, id org.TeamID, user org.UserID) error {
	const op = "graph: promote a member"
	there, err := c.memberships(ctx, op, id)
	if err != nil {
		return err
	}
	row, in := there[user]
	switch {
	case !in:
		return fault.Newf(fault.NotFound, op, "user %s is not in team %s", user, id)
	case row.role() == org.Owner:
		return nil
	}
	return c.setRoles(ctx, op, id, row, []string{ownerRole})
}

// setRoles makes a membership an owner's, or with no roles a member's.
func (c *Client) setRoles(ctx context.Context, op string, id org.TeamID, row membership, roles []string) error {
	member := models.NewAadUserConversationMember()
	member.SetRoles(roles)
	_, err := c.teams().ByTeamId(string(id)).Members().ByConversationMemberId(row.ID).Patch(ctx, member,
		&teams.ItemMembersConversationMemberItemRequestBuilderPatchRequestConfiguration{Headers: row.match()})
	return during(op, err)
}

// Rename implements orgsync.Teams. A team's name is its group's; written there
// it counts as a directory write, of which more are allowed.
func (c *Client) Rename(ctx context.Context, id org.TeamID, name string) error {
	group := models.NewGroup()
	group.SetDisplayName(&name)
	_, err := c.groups().ByGroupId(string(id)).Patch(ctx, group, nil)
	return during("graph: rename a team", err)
}
