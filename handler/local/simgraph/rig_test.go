package simgraph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// rig is a tenant, its clock, and a client that talks to it in process.
type rig struct {
	t      *testing.T
	tenant *simgraph.Tenant
	clock  *clock
}

// clock is a tenant's clock, moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const root = "http://graph.test/v1.0"

// Ids of the small world. Anna and Ben are members of the store team, Olga owns
// it; Gus is a guest; the plain group has an owner and no team.
const (
	anna  = "aaaaaaaa-0000-4000-8000-000000000001"
	ben   = "aaaaaaaa-0000-4000-8000-000000000002"
	olga  = "aaaaaaaa-0000-4000-8000-000000000003"
	gus   = "aaaaaaaa-0000-4000-8000-000000000004"
	dora  = "aaaaaaaa-0000-4000-8000-000000000005"
	store = "bbbbbbbb-0000-4000-8000-000000000001"
	plain = "bbbbbbbb-0000-4000-8000-000000000002"
	ghost = "cccccccc-0000-4000-8000-000000000009"
)

const smallWorld = `{
  "users": [
    {"id":"` + anna + `","userPrincipalName":"anna@shop.example","displayName":"Anna","accountEnabled":true,"userType":"Member",
     "assignedPlans":[{"servicePlanId":"57ff2da0-773e-42df-b2af-ffb7a2317929","service":"TeamspaceAPI","capabilityStatus":"Enabled","assignedDateTime":"2025-01-01T00:00:00Z"}]},
    {"id":"` + ben + `","userPrincipalName":"ben@shop.example","displayName":"Ben","accountEnabled":true,"userType":"Member","assignedPlans":[]},
    {"id":"` + olga + `","userPrincipalName":"olga@shop.example","displayName":"Olga","accountEnabled":true,"userType":"Member","assignedPlans":[]},
    {"id":"` + gus + `","userPrincipalName":"gus@other.example","displayName":"Gus","accountEnabled":true,"userType":"Guest","assignedPlans":[]},
    {"id":"` + dora + `","userPrincipalName":"dora@shop.example","displayName":"Dora","accountEnabled":true,"userType":"Member","assignedPlans":[]}
  ],
  "groups": [
    {"id":"` + store + `","displayName":"Store 1","mailNickname":"store-1","uniqueName":"store-1","groupTypes":["Unified"],"mailEnabled":true,
     "securityEnabled":false,"visibility":"Private","resourceProvisioningOptions":["Team"],
     "members":[{"@odata.type":"#microsoft.graph.user","id":"` + anna + `"},{"@odata.type":"#microsoft.graph.user","id":"` + ben + `"}],
     "owners":[{"@odata.type":"#microsoft.graph.user","id":"` + olga + `"}]},
    {"id":"` + plain + `","displayName":"Plain","mailNickname":"plain","groupTypes":["Unified"],"mailEnabled":true,"securityEnabled":false,
     "visibility":"Private","resourceProvisioningOptions":[],"members":[],"owners":[{"@odata.type":"#microsoft.graph.user","id":"` + olga + `"}]}
  ]
}`

func newRig(t *testing.T, opts simgraph.Options) *rig {
	t.Helper()
	world, err := simgraph.ParseWorld([]byte(smallWorld))
	if err != nil {
		t.Fatal(err)
	}
	return rigOf(t, world, opts)
}

func rigOf(t *testing.T, world simgraph.World, opts simgraph.Options) *rig {
	t.Helper()
	clock := &clock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	opts.Now = clock.Now
	tenant, err := simgraph.New(world, opts)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t: t, tenant: tenant, clock: clock}
}

// answer is a response with its JSON body.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// header is a request header, or a list of them.
type header map[string]string

// do sends one request. A body that is no string is sent as JSON. A target may
// be a path below the root or a whole URL, as a link is.
func (r *rig) do(method, target string, body any, headers ...header) answer {
	r.t.Helper()
	if !strings.HasPrefix(target, "http") {
		target = root + target
	}
	var payload io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		payload = strings.NewReader(body)
	default:
		raw, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	request := httptest.NewRequestWithContext(r.t.Context(), method, target, payload)
	request.Header.Set("Authorization", "Bearer test")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, list := range headers {
		for name, value := range list {
			request.Header.Set(name, value)
		}
	}
	recorder := httptest.NewRecorder()
	r.tenant.ServeHTTP(recorder, request)
	got := answer{status: recorder.Code, header: recorder.Header(), raw: recorder.Body.String()}
	if got.raw != "" {
		if err := json.Unmarshal([]byte(got.raw), &got.body); err != nil {
			r.t.Fatalf("%s %s: body is no JSON object: %v\n%s", method, target, err, got.raw)
		}
	}
	return got
}

// want sends a request and fails the test unless it gets this status.
func (r *rig) want(status int, method, target string, body any, headers ...header) answer {
	r.t.Helper()
	got := r.do(method, target, body, headers...)
	if got.status != status {
		r.t.Fatalf("%s %s: got %d, want %d\n%s", method, target, got.status, status, got.raw)
	}
	if status >= 400 && got.code() == "" {
		r.t.Fatalf("%s %s: no error code in %s", method, target, got.raw)
	}
	return got
}

func (a answer) code() string {
	inner, _ := a.body["error"].(map[string]any)
	code, _ := inner["code"].(string)
	return code
}

func (a answer) text(name string) string {
	text, _ := a.body[name].(string)
	return text
}

func (a answer) rows() []map[string]any {
	list, _ := a.body["value"].([]any)
	rows := make([]map[string]any, 0, len(list))
	for _, item := range list {
		row, _ := item.(map[string]any)
		rows = append(rows, row)
	}
	return rows
}

// all follows nextLinks to the end and returns every row.
func (r *rig) all(target string) []map[string]any {
	r.t.Helper()
	var rows []map[string]any
	for target != "" {
		page := r.want(200, "GET", target, nil)
		rows = append(rows, page.rows()...)
		target = page.text("@odata.nextLink")
	}
	return rows
}

// column is one property of all rows, sorted.
func column(rows []map[string]any, name string) []string {
	values := make([]string, 0, len(rows))
	for _, row := range rows {
		values = append(values, fmt.Sprint(row[name]))
	}
	slices.Sort(values)
	return values
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	g, errG := json.Marshal(got)
	w, errW := json.Marshal(want)
	if errG != nil || errW != nil {
		t.Fatalf("%s: %v %v", what, errG, errW)
	}
	if string(g) != string(w) {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// state is the tenant's own view of one group.
func (r *rig) state(id string) simgraph.TeamState {
	r.t.Helper()
	for _, state := range r.tenant.Teams() {
		if state.ID == id {
			return state
		}
	}
	r.t.Fatalf("no group %s", id)
	return simgraph.TeamState{}
}

func user(id string) string { return "https://graph.microsoft.com/v1.0/users('" + id + "')" }

func object(id string) map[string]any {
	return map[string]any{"@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/" + id}
}

func member(id string, roles ...string) map[string]any {
	if roles == nil {
		roles = []string{}
	}
	return map[string]any{
		"@odata.type": "#microsoft.graph.aadUserConversationMember", "roles": roles, "user@odata.bind": user(id),
	}
}

// newGroup is a body that creates a group.
func newGroup(nickname string, more map[string]any) map[string]any {
	body := map[string]any{
		"displayName": "Group " + nickname, "mailNickname": nickname, "mailEnabled": true,
		"securityEnabled": false, "groupTypes": []string{"Unified"}, "visibility": "Private",
	}
	for name, value := range more {
		if value == nil {
			delete(body, name)
			continue
		}
		body[name] = value
	}
	return body
}
