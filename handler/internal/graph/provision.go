package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/groupswithuniquename"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/teams"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/pages"
)

// EnsureGroup implements orgsync.Provisioner.
func (c *Client) EnsureGroup(ctx context.Context, g orgsync.NewGroup) (id org.TeamID, created bool, err error) {
	const op = "graph: ensure a group"
	id, err = c.idOf(ctx, op, g.Marker)
	if !fault.Is(err, fault.NotFound) {
		return id, false, err
	}
	headers := abstractions.NewRequestHeaders()
	headers.Add("Prefer", "create-if-missing") // without it a PATCH only updates
	made, err := c.marked(g.Marker).Patch(sentOnce(ctx), c.newGroup(g),
		&groupswithuniquename.GroupsWithUniqueNameRequestBuilderPatchRequestConfiguration{Headers: headers})
	if err == nil && made != nil {
		id, err = idIn(op, made)
		return id, err == nil, err
	}
	// 204: somebody else made it since. An error: a 400 or 409 says the same in
	// other words, and after a lost answer it may be there all the same.
	id, lookup := c.idOf(ctx, op, g.Marker)
	switch {
	case lookup == nil:
		return id, false, nil
	case err != nil:
		return "", false, during(op, err)
	case fault.Is(lookup, fault.NotFound):
		return "", false, fault.New(fault.Unavailable, op, lookup) // there, but not replicated yet
	}
	return "", false, lookup
}

// newGroup is the body that creates a group. The marker as uniqueName stands in
// the address alone; everything not set here keeps Graph's default.
func (c *Client) newGroup(g orgsync.NewGroup) models.Groupable {
	mail, security, private := true, false, "Private"
	group := models.NewGroup()
	group.SetDisplayName(&g.Name)
	group.SetMailNickname(&g.Marker)
	group.SetMailEnabled(&mail)
	group.SetSecurityEnabled(&security)
	group.SetGroupTypes([]string{"Unified"})
	group.SetVisibility(&private)
	group.SetAdditionalData(map[string]any{
		// Settable at creation only ("Set options for Microsoft 365 groups").
		"resourceBehaviorOptions": []string{"WelcomeEmailDisabled"},
		"owners@odata.bind":       []string{c.link("/users/" + g.Owner.String())},
	})
	return group
}

// sentOnce keeps the retry layer from repeating a call whose first try may have
// worked: a second upsert finds the group and writes name and owner over what
// is there. A 429 is a refusal and is waited for as always.
func sentOnce(ctx context.Context) context.Context {
	options := outbound.Retries()
	options.ShouldRetry = func(resp *http.Response, err error) bool {
		return err == nil && resp.StatusCode == http.StatusTooManyRequests
	}
	return policy.WithRetryOptions(ctx, options)
}

// idIn returns a group's id from an answer of the SDK's.
func idIn(op string, group models.Groupable) (org.TeamID, error) {
	if group == nil || group.GetId() == nil || *group.GetId() == "" {
		return "", fault.Newf(fault.Unavailable, op, "the answer has no group id")
	}
	return org.NormalTeamID(*group.GetId()), nil
}

// AddOwnerToGroup implements orgsync.Provisioner.
func (c *Client) AddOwnerToGroup(ctx context.Context, id org.TeamID, user org.UserID) error {
	const op = "graph: add an owner to a group"
	link := c.link("/users/" + user.String())
	reference := models.NewReferenceCreate()
	reference.SetOdataId(&link)
	err := during(op, c.groups().ByGroupId(string(id)).Owners().Ref().Post(ctx, reference, nil))
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	// A 400 is also how Graph says that the owner is there already, in words
	// that are not to be relied on. So look.
	owners := "groups/" + url.PathEscape(string(id)) + "/owners?" + peopleQuery
	there, strays := false, 0
	_, lookup := pages.Read(ctx, c.out, op, owners, func(item objectItem) error {
		owner, ok := item.user(&strays)
		there = there || ok && owner == user
		return nil
	})
	if there {
		return nil
	}
	return errors.Join(err, lookup)
}

// CreateTeam implements orgsync.Provisioner. The SDK makes the body; the
// request is a raw one, because the answer is in its headers.
func (c *Client) CreateTeam(ctx context.Context, id org.TeamID) (orgsync.Operation, error) {
	const op = "graph: create a team"
	team := models.NewTeam()
	team.SetAdditionalData(map[string]any{
		// Name, visibility and members beside a group are an error.
		"template@odata.bind": c.link("/teamsTemplates('standard')"),
		"group@odata.bind":    c.link("/groups('" + string(id) + "')"),
	})
	described, err := c.teams().ToPostRequestInformation(ctx, team, nil)
	if err != nil {
		return "", fault.New(fault.Internal, op, err)
	}
	req, err := c.out.NewRequest(ctx, http.MethodPost, "teams")
	if err != nil {
		return "", during(op, err)
	}
	resp, err := c.sendJSON(req, op, described.Content)
	if err != nil {
		return "", err
	}
	return c.operation(ctx, op, resp.Header.Get("Location"))
}

// operation makes a Location relative to the API's root. Graph gives
// "/teams('…')/operations('…')"; an absolute one must be on our own host.
func (c *Client) operation(ctx context.Context, op, location string) (orgsync.Operation, error) {
	if location == "" {
		return "", fault.Newf(fault.Unavailable, op, "the answer names no operation")
	}
	req, err := c.out.NewRequest(ctx, http.MethodGet, location)
	if err != nil {
		return "", during(op, err) // a foreign address
	}
	path, ours := strings.CutPrefix(req.Raw().URL.EscapedPath(), strings.TrimRight(c.base.EscapedPath(), "/"))
	if !ours {
		return "", fault.Newf(fault.Unavailable, op, "the operation is not below %s", c.base.Path)
	}
	return orgsync.Operation(path), nil
}

// OperationState implements orgsync.Provisioner.
func (c *Client) OperationState(ctx context.Context, op orgsync.Operation) (orgsync.OperationState, error) {
	const doing = "graph: watch an operation"
	address := c.link("/" + strings.TrimLeft(string(op), "/"))
	operation, err := teams.NewItemOperationsTeamsAsyncOperationItemRequestBuilder(address, c.adapter).Get(ctx, nil)
	if err != nil {
		return orgsync.OperationRunning, during(doing, err)
	}
	if operation == nil || operation.GetStatus() == nil {
		return orgsync.OperationRunning, nil
	}
	switch *operation.GetStatus() {
	case models.SUCCEEDED_TEAMSASYNCOPERATIONSTATUS:
		return orgsync.OperationSucceeded, nil
	case models.FAILED_TEAMSASYNCOPERATIONSTATUS:
		return orgsync.OperationFailed, nil
	default:
		return orgsync.OperationRunning, nil
	}
}

// TeamExists implements orgsync.Provisioner.
func (c *Client) TeamExists(ctx context.Context, id org.TeamID) (bool, error) {
	_, err := c.teams().ByTeamId(string(id)).Get(ctx, &teams.TeamItemRequestBuilderGetRequestConfiguration{
		QueryParameters: &teams.TeamItemRequestBuilderGetQueryParameters{Select: []string{"id"}},
	})
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, during("graph: look for a team", err)
}
