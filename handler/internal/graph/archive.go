package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/microsoftgraph/msgraph-sdk-go/teams"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// TeamArchived implements orgsync.Directory. A team that does not say is active.
func (c *Client) TeamArchived(ctx context.Context, id org.TeamID) (bool, error) {
	team, err := c.teams().ByTeamId(string(id)).Get(ctx, &teams.TeamItemRequestBuilderGetRequestConfiguration{
		QueryParameters: &teams.TeamItemRequestBuilderGetQueryParameters{Select: []string{"id", "isArchived"}},
	})
	if err != nil {
		return false, during("graph: look whether a team is archived", err)
	}
	return team != nil && team.GetIsArchived() != nil && *team.GetIsArchived(), nil
}

// Archive implements orgsync.Teams. The team's site is left as it is: its
// members may still write to it.
func (c *Client) Archive(ctx context.Context, id org.TeamID) (orgsync.Operation, error) {
	return c.setArchived(ctx, "graph: archive a team", id, "archive", true)
}

// Unarchive implements orgsync.Teams.
func (c *Client) Unarchive(ctx context.Context, id org.TeamID) (orgsync.Operation, error) {
	return c.setArchived(ctx, "graph: make an archived team active", id, "unarchive", false)
}

// setArchived begins the action. What it says to a team that is in that state
// already is not published, so after a refusal the team is looked at.
func (c *Client) setArchived(ctx context.Context, op string, id org.TeamID, action string, archived bool) (orgsync.Operation, error) {
	resp, err := c.call(ctx, op, http.MethodPost, "teams/"+url.PathEscape(string(id))+"/"+action)
	if err == nil {
		return c.operation(ctx, op, resp.Header.Get("Location"))
	}
	if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
		return "", err
	}
	is, lookup := c.TeamArchived(ctx, id)
	if lookup == nil && is == archived {
		return "", nil
	}
	return "", errors.Join(err, lookup)
}
