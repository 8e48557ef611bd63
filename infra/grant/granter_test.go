package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storeteams/storeteams/infra/permission"
)

// entra is as much of Graph as has to do with permissions. What was assigned
// comes in pages of two.
type entra struct {
	mu       sync.Mutex
	url      string
	assigned []assignment
	refuse   bool
}

func (e *entra) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	here := "/v1.0/servicePrincipals/me/appRoleAssignments"
	switch {
	case r.Header.Get("Authorization") != "Bearer admin":
		answer(http.StatusUnauthorized, nil)
	case r.Method == http.MethodGet && r.URL.Path == "/v1.0/servicePrincipals(appId='"+graphApp+"')":
		roles := []map[string]string{{"id": "id-of-Directory.ReadWrite.All", "value": "Directory.ReadWrite.All"}}
		for _, p := range permission.All() {
			roles = append(roles, map[string]string{"id": "id-of-" + p.Name, "value": p.Name})
		}
		answer(http.StatusOK, map[string]any{"id": "graph", "appRoles": roles})
	case r.Method == http.MethodGet && r.URL.Path == here:
		page := map[string]any{}
		rows := e.assigned
		if r.URL.Query().Get("skip") != "" {
			rows = rows[2:]
		} else if len(rows) > 2 {
			rows, page["@odata.nextLink"] = rows[:2], e.url+here+"?skip=2"
		}
		page["value"] = rows
		answer(http.StatusOK, page)
	case r.Method == http.MethodPost && r.URL.Path == here && !e.refuse:
		var a assignment
		if json.NewDecoder(r.Body).Decode(&a) != nil || a.PrincipalID != "me" || slices.Contains(e.assigned, a) {
			answer(http.StatusBadRequest, map[string]any{"error": map[string]string{"code": "Request_BadRequest"}})
			return
		}
		e.assigned = append(e.assigned, a)
		answer(http.StatusCreated, a)
	default:
		answer(http.StatusForbidden, map[string]any{"error": map[string]string{"code": "Authorization_RequestDenied"}})
	}
}

func (e *entra) names() string {
	var names []string
	for _, a := range e.assigned {
		names = append(names, strings.TrimPrefix(a.AppRoleID, "id-of-"))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

type admin struct{}

func (admin) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "admin", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func begin(t *testing.T, e *entra) (*granter, *strings.Builder) {
	t.Helper()
	server := httptest.NewTLSServer(e)
	t.Cleanup(server.Close)
	e.url = server.URL
	g := newGranter(server.URL+"/v1.0", admin{}, server.Client())
	out := &strings.Builder{}
	g.out = out
	return g, out
}

// TestGrant: the identity has what it needs afterwards, whatever it had before
// and however often this runs; nothing is taken away.
func TestGrant(t *testing.T) {
	t.Parallel()
	e := &entra{assigned: []assignment{
		{PrincipalID: "me", ResourceID: "graph", AppRoleID: "id-of-User.Read.All"},
		{PrincipalID: "me", ResourceID: "another", AppRoleID: "id-of-Team.Create"},
		{PrincipalID: "me", ResourceID: "graph", AppRoleID: "id-of-Directory.ReadWrite.All"},
	}}
	g, out := begin(t, e)
	g.dry = true
	if err := g.grant(t.Context(), "me", permission.For(permission.Full, true)); err != nil {
		t.Fatal(err)
	}
	if len(e.assigned) != 3 || !strings.Contains(out.String(), "lacks    Team.Create") {
		t.Fatalf("a dry run left %s and said %s", e.names(), out)
	}
	g.dry = false
	for range 2 {
		if err := g.grant(t.Context(), "me", permission.For(permission.Full, true)); err != nil {
			t.Fatal(err)
		}
		want := "Directory.ReadWrite.All Group.ReadWrite.All Organization.Read.All Tasks.ReadWrite.All Team.Create Team.Create " +
			"TeamMember.ReadWrite.All TeamSettings.ReadWrite.All User.Read.All"
		if e.names() != want {
			t.Errorf("the identity has %s, want %s", e.names(), want)
		}
	}
	if !strings.Contains(out.String(), "beyond   Directory.ReadWrite.All") {
		t.Errorf("what is beyond need is not named: %s", out)
	}
}

// TestRefused: who may not grant is told which permission failed.
func TestRefused(t *testing.T) {
	t.Parallel()
	g, _ := begin(t, &entra{refuse: true})
	err := g.grant(t.Context(), "me", permission.For(permission.Plan, false))
	if err == nil || !strings.Contains(err.Error(), "User.Read.All") || !strings.Contains(err.Error(), "Authorization_RequestDenied") {
		t.Errorf("error %v", err)
	}
}
