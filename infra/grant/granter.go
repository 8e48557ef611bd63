package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/storeteams/storeteams/infra/permission"
)

// graphApp is Microsoft Graph itself in every tenant.
const graphApp = "00000003-0000-0000-c000-000000000000"

// granter grants application permissions: assignments of Graph's app roles to a
// service principal (Graph v1.0, serviceprincipal-post-approleassignments).
type granter struct {
	base     string
	pipeline runtime.Pipeline
	dry      bool
	out      io.Writer
}

func newGranter(base string, credential azcore.TokenCredential, transport policy.Transporter) *granter {
	scope := base
	if u, err := url.Parse(base); err == nil {
		scope = u.Scheme + "://" + u.Host + "/.default"
	}
	return &granter{
		base: strings.TrimSuffix(base, "/"),
		out:  io.Discard,
		pipeline: runtime.NewPipeline("storeteams-grant", "v1", runtime.PipelineOptions{
			PerRetry: []policy.Policy{runtime.NewBearerTokenPolicy(credential, []string{scope}, nil)},
		}, &policy.ClientOptions{Transport: transport}),
	}
}

type role struct{ ID, Value string }

type assignment struct {
	PrincipalID string `json:"principalId"`
	ResourceID  string `json:"resourceId"`
	AppRoleID   string `json:"appRoleId"`
}

// grant makes the assignments that are missing, and names those that nothing
// here needs.
func (g *granter) grant(ctx context.Context, principal string, wanted []permission.Permission) error {
	var graph struct {
		ID       string
		AppRoles []role
	}
	if err := g.call(ctx, http.MethodGet, "/servicePrincipals(appId='"+graphApp+"')?$select=id,appRoles", nil, &graph); err != nil {
		return fmt.Errorf("grant: read Microsoft Graph's permissions: %w", err)
	}
	ids, names := map[string]string{}, map[string]string{}
	for _, r := range graph.AppRoles {
		ids[r.Value], names[r.ID] = r.ID, r.Value
	}
	here := "/servicePrincipals/" + url.PathEscape(principal) + "/appRoleAssignments"
	held, err := g.held(ctx, here, graph.ID)
	if err != nil {
		return fmt.Errorf("grant: read what the identity has: %w", err)
	}
	for _, p := range wanted {
		id := ids[p.Name]
		switch {
		case id == "":
			return fmt.Errorf("grant: this cloud's Microsoft Graph has no permission %s", p.Name)
		case held[id]:
			fmt.Fprintf(g.out, "has      %s\n", p.Name)
		case g.dry:
			fmt.Fprintf(g.out, "lacks    %s\n", p.Name)
		default:
			given := assignment{PrincipalID: principal, ResourceID: graph.ID, AppRoleID: id}
			if err := g.call(ctx, http.MethodPost, here, given, nil); err != nil {
				return fmt.Errorf("grant: %s: %w", p.Name, err)
			}
			fmt.Fprintf(g.out, "granted  %s\n", p.Name)
		}
		delete(held, id)
	}
	for id := range held {
		fmt.Fprintf(g.out, "beyond   %s: nothing here needs it; take it away in Entra under Enterprise applications\n", names[id])
	}
	return nil
}

// held are the roles of Graph that are assigned.
func (g *granter) held(ctx context.Context, at, graph string) (map[string]bool, error) {
	held := map[string]bool{}
	for at != "" {
		var page struct {
			Value []assignment
			Next  string `json:"@odata.nextLink"`
		}
		if err := g.call(ctx, http.MethodGet, at, nil, &page); err != nil {
			return nil, err
		}
		for _, a := range page.Value {
			if a.ResourceID == graph {
				held[a.AppRoleID] = true
			}
		}
		if page.Next != "" && !strings.HasPrefix(page.Next, g.base+"/") {
			return nil, fmt.Errorf("the next page is elsewhere")
		}
		at = strings.TrimPrefix(page.Next, g.base)
	}
	return held, nil
}

func (g *granter) call(ctx context.Context, method, at string, body, into any) error {
	req, err := runtime.NewRequest(ctx, method, g.base+strings.ReplaceAll(at, " ", "%20"))
	if err != nil {
		return err
	}
	if body != nil {
		if err := runtime.MarshalAsJSON(req, body); err != nil {
			return err
		}
	}
	resp, err := g.pipeline.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if !runtime.HasStatusCode(resp, http.StatusOK, http.StatusCreated) {
		return runtime.NewResponseError(resp)
	}
	if into == nil {
		return nil
	}
	return runtime.UnmarshalAsJSON(resp, into)
}
