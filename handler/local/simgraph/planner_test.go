package simgraph_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// echoPlanner answers with what it was asked, and asks the tenant about a group
// while it does.
type echoPlanner struct{ tenant *simgraph.Tenant }

func (p *echoPlanner) Operation(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, "/v1.0/planner/tasks") {
		return r.Method + " /planner/tasks"
	}
	return ""
}

func (p *echoPlanner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.tenant.Belongs(store, anna) {
		http.Error(w, "nobody", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Tasks-CorrelationId", "corr")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"path":"`+r.URL.RequestURI()+`","who":"`+r.Header.Get("Authorization")+
		`","match":"`+r.Header.Get("If-Match")+`","prefer":"`+r.Header.Get("Prefer")+`","size":`+string(rune('0'+len(body)))+`}`)
}

func newPlannerRig(t *testing.T, opts simgraph.Options) *rig {
	t.Helper()
	planner := &echoPlanner{}
	opts.Planner = planner
	r := newRig(t, opts)
	planner.tenant = r.tenant
	return r
}

func TestPlannerGetsWhatIsItsOwn(t *testing.T) {
	var writes []string
	r := newPlannerRig(t, simgraph.Options{Throttle: true, OnWrite: func(_ int, phase simgraph.Phase, r *http.Request) {
		if phase == simgraph.After {
			writes = append(writes, r.Method+" "+r.URL.Path)
		}
	}})
	got := r.want(201, "PATCH", "/planner/tasks/x?a=b", "{ }", header{"If-Match": "tag", "Authorization": "Bearer user:1"})
	equal(t, "request", got.body, map[string]any{
		"path": "/v1.0/planner/tasks/x?a=b", "who": "Bearer user:1", "match": "tag", "prefer": "", "size": 3,
	})
	equal(t, "header", got.header.Get("X-Tasks-CorrelationId"), "corr")
	equal(t, "plans", r.want(201, "GET", "/groups/"+store+"/planner/plans", nil).text("path"), "/v1.0/groups/"+store+"/planner/plans")
	equal(t, "requests", r.tenant.Requests(), map[string]int{"PATCH /planner/tasks": 1, "GET unknown": 1})
	equal(t, "writes", writes, []string{"PATCH /v1.0/planner/tasks/x"})
	for range 100 { // more than any of the tenant's own limits lets pass at once
		r.want(201, "GET", "/planner/tasks/x", nil)
	}
	r.want(401, "GET", "/planner/tasks/x", nil, header{"Authorization": ""})
	r.want(200, "GET", "/groups/"+store, nil)
}

func TestPlannerInBatch(t *testing.T) {
	r := newPlannerRig(t, simgraph.Options{})
	r.tenant.Inject(simgraph.Fault{Route: "DELETE /planner/tasks", Do: simgraph.Refuse(429, "TooManyRequests", 3)})
	got, _ := r.batch(
		part{"id": "a", "method": "PATCH", "url": "/planner/tasks/x", "body": map[string]any{},
			"headers": map[string]any{"If-Match": "tag", "Prefer": "return=representation", "Content-Type": "application/json"}},
		part{"id": "b", "method": "DELETE", "url": "/planner/tasks/x"},
	)
	body, _ := got["a"]["body"].(map[string]any)
	equal(t, "part", body, map[string]any{
		"path": "/v1.0/planner/tasks/x", "who": "Bearer test", "match": "tag", "prefer": "return=representation", "size": 2,
	})
	equal(t, "fault", got["b"]["status"], 429)
}

func TestWithoutPlanner(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.want(400, "GET", "/planner/tasks/x", nil)
	r.want(400, "GET", "/groups/"+store+"/planner/plans", nil)
}

func TestWhoBelongs(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	for name, each := range map[string]struct {
		group, user string
		want        bool
	}{
		"member":        {store, strings.ToUpper(anna), true},
		"owner":         {strings.ToUpper(store), olga, true},
		"somebody else": {store, dora, false},
		"no user":       {store, ghost, false},
		"no group":      {ghost, anna, false},
	} {
		equal(t, name, r.tenant.Belongs(each.group, each.user), each.want)
	}
	r.clock.Advance(time.Hour)
	made, exists := r.tenant.UnifiedGroup(store)
	equal(t, "group", exists, true)
	id := r.want(201, "POST", "/groups", newGroup("young", nil)).text("id")
	if young, exists := r.tenant.UnifiedGroup(id); !exists || !young.Equal(r.clock.Now()) || young.Equal(made) {
		t.Errorf("a group made now was made %v, %v", young, exists)
	}
	if err := r.tenant.DeleteGroup(store); err != nil {
		t.Fatal(err)
	}
	_, exists = r.tenant.UnifiedGroup(store)
	equal(t, "deleted group", exists, false)
	equal(t, "member of a deleted group", r.tenant.Belongs(store, anna), false)
}
