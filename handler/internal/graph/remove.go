package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/teams"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// removeLimit is how many people one members/remove takes.
const removeLimit = 20

// RemoveMembers implements orgsync.Teams. It sends at most removeLimit people a
// call, and nobody who is not in the team by its reading. Where that reading
// lags behind, it is the service that keeps the last owner.
func (c *Client) RemoveMembers(ctx context.Context, id org.TeamID, users []org.UserID) ([]error, error) {
	const op = "graph: remove members"
	there, err := c.memberships(ctx, op, id)
	if err != nil {
		return slices.Repeat([]error{err}, len(users)), err
	}
	outcome := make(map[org.UserID]error, len(users))
	var going []org.UserID
	ownersStay := allOwners(there, users)
	for _, user := range users {
		if _, known := outcome[user]; known {
			continue // named twice
		}
		outcome[user] = nil
		row, in := there[user]
		switch {
		case !in:
			outcome[user] = fault.Newf(fault.NotFound, op, "user %s is not in team %s by its own list", user, id)
		case ownersStay && row.role() == org.Owner:
			outcome[user] = lastOwner(op, id)
		default:
			going = append(going, user)
		}
	}
	for some := range slices.Chunk(going, removeLimit) {
		if err == nil {
			err = c.removeSome(ctx, op, id, there, some, outcome)
		}
		for _, user := range some {
			if err != nil {
				outcome[user] = err
			}
		}
	}
	results := make([]error, len(users))
	for i, user := range users {
		results[i] = outcome[user]
	}
	return results, err
}

// allOwners reports whether a team has owners and users has all of them.
func allOwners(there map[org.UserID]membership, users []org.UserID) bool {
	owned := false
	for user, row := range there {
		if row.role() != org.Owner {
			continue
		}
		if !slices.Contains(users, user) {
			return false
		}
		owned = true
	}
	return owned
}

// lastOwner is the refusal to leave a team without an owner.
func lastOwner(op string, id org.TeamID) error {
	return fault.Newf(fault.Conflict, op, "team %s would have no owner", id)
}

// removeSome removes up to removeLimit people who are in the team and notes in
// outcome how it went. The error is for all of them.
//
// The clouds without members/remove refuse it with 400, 404 or 501 and codes that
// mean other things too. So after any of these people are removed one by one. If
// it was another thing, that says which, person by person.
func (c *Client) removeSome(ctx context.Context, op string, id org.TeamID, there map[org.UserID]membership, users []org.UserID, outcome map[org.UserID]error) error {
	rows, err := c.postRemoval(ctx, op, id, users)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		rows, err = c.deleteEach(ctx, op, id, there, users), nil
	}
	if err != nil {
		return err
	}
	return c.confirmGone(ctx, op, id, users, rows, outcome)
}

// postRemoval makes one call and returns its answer row by row: nil or an error
// for each user the answer speaks of. A 204 speaks of all of them, and an empty
// 200 of nobody: the request is a raw one, because the SDK keeps the status to
// itself.
func (c *Client) postRemoval(ctx context.Context, op string, id org.TeamID, users []org.UserID) (map[org.UserID]error, error) {
	values := make([]models.ConversationMemberable, len(users))
	for i, user := range users {
		values[i] = c.conversationMember(orgsync.Person{User: user, Role: org.Member})
	}
	body := teams.NewItemMembersRemovePostRequestBody()
	body.SetValues(values)
	described, err := c.teams().ByTeamId(string(id)).Members().Remove().ToPostRequestInformation(ctx, body, nil)
	if err != nil {
		return nil, fault.New(fault.Internal, op, err)
	}
	req, err := c.out.NewRequest(ctx, http.MethodPost, "teams/"+url.PathEscape(string(id))+"/members/remove")
	if err != nil {
		return nil, during(op, err)
	}
	resp, err := c.sendJSON(req, op, described.Content)
	if err != nil {
		return nil, err
	}
	rows := make(map[org.UserID]error, len(users))
	if resp.StatusCode == http.StatusNoContent {
		for _, user := range users {
			rows[user] = nil
		}
		return rows, nil
	}
	var answer struct {
		Value []resultRow `json:"value"`
	}
	// What cannot be read confirms nobody, and they are looked for.
	_ = json.NewDecoder(resp.Body).Decode(&answer)
	for _, row := range answer.Value {
		if user, err := org.ParseUserID(row.User); err == nil {
			rows[user] = errors.Join(rows[user], row.fault(op))
		}
	}
	return rows, nil
}

// resultRow is an aadUserConversationMemberResult.
type resultRow struct {
	User  string `json:"userId"`
	Error *struct {
		Code string `json:"code"`
	} `json:"error"`
}

func (r resultRow) fault(op string) error {
	if r.Error == nil {
		return nil
	}
	return codeFault(op, r.Error.Code)
}

// deleteEach ends memberships one by one.
func (c *Client) deleteEach(ctx context.Context, op string, id org.TeamID, there map[org.UserID]membership, users []org.UserID) map[org.UserID]error {
	rows := make(map[org.UserID]error, len(users))
	for _, user := range users {
		row := there[user]
		rows[user] = during(op, c.teams().ByTeamId(string(id)).Members().ByConversationMemberId(row.ID).Delete(ctx,
			&teams.ItemMembersConversationMemberItemRequestBuilderDeleteRequestConfiguration{Headers: row.match()}))
	}
	return rows
}

// confirmGone turns an answer's rows into outcomes. Who is not confirmed gone is
// looked for in the team, once for all of them: a call repeated after a lost
// answer gets NotFound for whom it removed itself.
func (c *Client) confirmGone(ctx context.Context, op string, id org.TeamID, users []org.UserID, rows, outcome map[org.UserID]error) error {
	var doubtful []org.UserID
	for _, user := range users {
		err, answered := rows[user]
		switch {
		case !answered:
			err = fault.Newf(fault.Unavailable, op, "the answer has no row for %s", user)
		case fault.Is(err, fault.NotFound):
			// It says that they are not in the team. If a look finds them there,
			// one of the two is late.
			err = fault.New(fault.Unavailable, op, err)
		}
		if outcome[user] = err; err != nil {
			doubtful = append(doubtful, user)
		}
	}
	if len(doubtful) == 0 {
		return nil
	}
	there, err := c.memberships(ctx, op, id)
	if fault.Is(err, fault.NotFound) {
		return err // the team is gone
	}
	for _, user := range doubtful {
		_, in := there[user]
		switch {
		case err != nil:
			outcome[user] = errors.Join(outcome[user], err)
		case !in:
			outcome[user] = nil
		case allOwners(there, []org.UserID{user}):
			outcome[user] = lastOwner(op, id)
		}
	}
	return nil
}

// Demote implements orgsync.Teams.
func (c *Client) Demote(ctx context.Context, id org.TeamID, user org.UserID) error {
	const op = "graph: demote an owner"
	there, err := c.memberships(ctx, op, id)
	if err != nil {
		return err
	}
	row, in := there[user]
	switch {
	case !in:
		return fault.Newf(fault.NotFound, op, "user %s is not in team %s", user, id)
	case row.role() != org.Owner:
		return nil
	case allOwners(there, []org.UserID{user}):
		return lastOwner(op, id)
	}
	return c.setRoles(ctx, op, id, row, []string{})
}
