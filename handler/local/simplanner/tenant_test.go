package simplanner_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simplanner"
)

// newTenant is a Planner behind a simulated tenant in which anna owns the store.
func newTenant(t *testing.T) (*rig, *simgraph.Tenant) {
	t.Helper()
	world, err := simgraph.ParseWorld([]byte(`{
	  "users": [
	    {"id":"` + anna + `","userPrincipalName":"anna@shop.example","displayName":"Anna","accountEnabled":true,"userType":"Member","assignedPlans":[]},
	    {"id":"` + ben + `","userPrincipalName":"ben@shop.example","displayName":"Ben","accountEnabled":true,"userType":"Member","assignedPlans":[]}
	  ],
	  "groups": [{"id":"` + store + `","displayName":"Store 1","mailNickname":"store-1","groupTypes":["Unified"],"mailEnabled":true,
	     "securityEnabled":false,"visibility":"Private","resourceProvisioningOptions":["Team"],"members":[],
	     "owners":[{"@odata.type":"#microsoft.graph.user","id":"` + anna + `"}]}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	var tenant *simgraph.Tenant
	service := simplanner.New(simplanner.Options{
		AppID: app,
		// The two know each other: the tenant is there once the first request is.
		Group:   func(id string) (made time.Time, exists bool) { return tenant.UnifiedGroup(id) },
		Belongs: func(group, user string) bool { return tenant.Belongs(group, user) },
	})
	if tenant, err = simgraph.New(world, simgraph.Options{Planner: service}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(tenant)
	t.Cleanup(server.Close)
	return &rig{t: t, service: service, url: server.URL}, tenant
}

func TestBehindATenant(t *testing.T) {
	r, tenant := newTenant(t)
	plan := r.plan()
	made := r.task(plan, nil, as(anna))
	path := "/planner/tasks/" + made.id()
	r.want(403, "PATCH", path, props{"title": "x"}, as(ben), ifMatch(made.tag()))
	if err := tenant.AddMember(store, ben); err != nil {
		t.Fatal(err)
	}
	r.want(204, "PATCH", path, props{"title": "Ben's"}, as(ben), ifMatch(made.tag()))
	equal(t, "title", r.state(plan).Title, "Ben's")
	equal(t, "requests", tenant.Requests(), map[string]int{
		"POST /planner/plans": 1, "POST /planner/tasks": 1, "PATCH /planner/tasks/{task}": 2,
	})
	equal(t, "writes", tenant.Writes(), 4)
	tenant.Inject(simgraph.Fault{Route: "GET /planner/tasks/{task}", Times: 1, Do: simgraph.Refuse(http.StatusTooManyRequests, "TooManyRequests", 7)})
	throttled := r.refused(429, "TooManyRequests", "GET", path, nil)
	equal(t, "Retry-After", throttled.header.Get("Retry-After"), "7")

	r.want(204, "DELETE", "/groups/"+store, nil)
	r.want(404, "GET", path, nil)
	r.want(200, "POST", "/directory/deletedItems/"+store+"/restore", nil)
	back := r.want(200, "GET", path, nil)
	equal(t, "title after the restoration", back.text("title"), "Ben's")
	r.want(400, "GET", "/planner/nothing", nil)
	equal(t, "unknown", tenant.Requests()["GET unknown"], 1)
}

func TestInABatch(t *testing.T) {
	r, _ := newTenant(t)
	plan := r.plan()
	made := r.task(plan, nil)
	path := "/planner/tasks/" + made.id()
	typed := props{"Content-Type": "application/json", "If-Match": made.tag(), "Prefer": "return=representation"}
	got := r.want(200, "POST", "/$batch", props{"requests": []props{
		{"id": "list", "method": "GET", "url": "/groups/" + store + "/planner/plans"},
		{"id": "lost", "method": "PATCH", "url": path, "headers": props{"Content-Type": "application/json"}, "body": props{"priority": 1}},
		{"id": "done", "method": "PATCH", "url": path, "headers": typed, "body": props{"percentComplete": 100}},
		{"id": "tasks", "method": "GET", "url": "/planner/plans/" + plan + "/tasks", "dependsOn": []string{"done"}},
	}}, as(anna))
	var parts struct {
		Responses []struct {
			ID     string
			Status int
			Body   props
		}
	}
	if err := json.Unmarshal([]byte(got.raw), &parts); err != nil {
		t.Fatal(err)
	}
	statuses := map[string]int{}
	for _, part := range parts.Responses {
		statuses[part.ID] = part.Status
		if part.ID == "done" {
			equal(t, "percent in the answer", part.Body["percentComplete"], 100)
		}
		if part.ID == "tasks" {
			equal(t, "listed", len(answer{body: part.Body}.rows()), 1)
		}
	}
	equal(t, "statuses", statuses, map[string]int{"list": 200, "lost": 412, "done": 200, "tasks": 200})
	equal(t, "completed by", r.state(plan).CompletedBy.User, anna)
}
