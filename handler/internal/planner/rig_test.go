package planner_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/planner"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simplanner"
)

const (
	root  = "http://127.0.0.1:8080/v1.0"
	app   = "a99a0000-0000-4000-8000-000000000001"
	store = "5702e000-0000-4000-8000-000000000135"
	anna  = "a77a0000-0000-4000-8000-000000000001"
	ben   = "be700000-0000-4000-8000-000000000002"
)

// tenant is a simulated Planner behind a simulated tenant, in which anna owns the
// store's group and ben is in it, and a client of it. No network is between them,
// so that synctest's clock can run ahead.
type tenant struct {
	*testing.T
	graph   *simgraph.Tenant
	service *simplanner.Service
	client  *planner.Client
	http    http.RoundTripper
	calls   *calls
}

func newTenant(t *testing.T, o simplanner.Options) *tenant {
	t.Helper()
	world, err := simgraph.ParseWorld([]byte(`{
	  "users": [{"id":"` + anna + `","userPrincipalName":"anna@shop.example","accountEnabled":true,"userType":"Member"},
	    {"id":"` + ben + `","userPrincipalName":"ben@shop.example","accountEnabled":true,"userType":"Member"}],
	  "groups": [{"id":"` + store + `","displayName":"Store 135","mailNickname":"store-135","groupTypes":["Unified"],"mailEnabled":true,
	    "securityEnabled":false,"visibility":"Private","resourceProvisioningOptions":["Team"],
	    "members":[{"@odata.type":"#microsoft.graph.user","id":"` + ben + `"}],
	    "owners":[{"@odata.type":"#microsoft.graph.user","id":"` + anna + `"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	w := &tenant{T: t, calls: &calls{}}
	if o.AppID == "" {
		o.AppID = app
	}
	o.Group = func(id string) (time.Time, bool) { return w.graph.UnifiedGroup(id) }
	o.Belongs = func(group, user string) bool { return w.graph.Belongs(group, user) }
	w.service = simplanner.New(o)
	if w.graph, err = simgraph.New(world, simgraph.Options{Planner: w.service}); err != nil {
		t.Fatal(err)
	}
	w.http = inProcess(w.graph)
	w.client = newClient(t, w.calls.note(w.http))
	return w
}

// place makes a plan for the store.
func (w *tenant) place() tasksync.Place {
	w.Helper()
	plan, err := w.client.CreatePlan(w.Context(), store, "Store tasks")
	if err != nil {
		w.Fatal(err)
	}
	return tasksync.Place{Store: "000135", Plan: plan.ID}
}

// newClient returns a client whose every request is checked against the published
// schema.
func newClient(t *testing.T, transport http.RoundTripper) *planner.Client {
	t.Helper()
	base, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	out, err := outbound.New(outbound.Options{Name: "graph", Base: base, Transport: checked(t, transport)})
	if err != nil {
		t.Fatal(err)
	}
	return planner.New(out, base, planner.Options{AppID: app})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// inProcess carries requests to a handler. A handler that aborts drops the
// connection.
func inProcess(h http.Handler) http.RoundTripper {
	return roundTrip(func(r *http.Request) (resp *http.Response, err error) {
		defer func() {
			switch aborted := recover(); aborted {
			case nil:
			case http.ErrAbortHandler:
				err = errors.New("connection reset")
			default:
				panic(aborted)
			}
		}()
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		w := httptest.NewRecorder()
		served := r.Clone(r.Context())
		served.Host = r.URL.Host
		h.ServeHTTP(w, served)
		return w.Result(), nil
	})
}

// as does something that a person does in Planner, and returns what there is then.
func (w *tenant) as(user, method, path string, version string, body any) map[string]any {
	w.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, root+path, bytes.NewReader(text))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer user:"+user)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Prefer", "return=representation")
	if version != "" {
		req.Header.Set("If-Match", version)
	}
	resp, err := w.http.RoundTrip(req)
	if err != nil {
		w.Fatal(err)
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode > 299 {
		w.Fatalf("%s %s %s: status %d %s (%v)", method, path, text, resp.StatusCode, answer, err)
	}
	var there map[string]any
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &there); err != nil {
			w.Fatal(err)
		}
	}
	return there
}

// makes lets anna make a task.
func (w *tenant) makes(plan string, v task.Values) (id string) {
	w.Helper()
	made := w.as(anna, "POST", "/planner/tasks", "", map[string]any{"planId": plan, "title": v[task.Title]})
	id, _ = made["id"].(string)
	w.edits(id, v)
	return id
}

// edits lets ben change a task, field by field, with his own way to encode links.
func (w *tenant) edits(id string, v task.Values) {
	w.Helper()
	own, details := map[string]any{}, map[string]any{}
	was := w.as(ben, "GET", "/planner/tasks/"+id, "", nil)
	had := w.as(ben, "GET", "/planner/tasks/"+id+"/details", "", nil)
	text, _ := had["description"].(string)
	described := task.ParseDescription(text)
	for f, value := range v {
		switch f {
		case task.Title:
			own["title"] = value
		case task.Status:
			own["percentComplete"] = map[string]int{task.NotStarted: 0, task.InProgress: 33, task.Completed: 100}[value]
		case task.Due:
			own["dueDateTime"] = nil
			if value != "" {
				own["dueDateTime"] = value + "T15:30:00Z"
			}
		case task.Assignees:
			own["assignments"] = assign(was["assignments"], value)
		case task.Link:
			details["references"] = refer(had["references"], value)
		default:
			described[f] = value
			details["description"] = task.ComposeDescription(described)
		}
	}
	if len(own) > 0 {
		w.as(ben, "PATCH", "/planner/tasks/"+id, fmt.Sprint(was["@odata.etag"]), own)
	}
	if len(details) > 0 {
		w.as(ben, "PATCH", "/planner/tasks/"+id+"/details", fmt.Sprint(had["@odata.etag"]), details)
	}
}

func assign(was any, ids string) map[string]any {
	changes := map[string]any{}
	if there, ok := was.(map[string]any); ok {
		for id := range there {
			changes[id] = nil
		}
	}
	for id := range strings.SplitSeq(ids, ",") {
		if id != "" {
			changes[strings.ToUpper(id)] = map[string]any{"@odata.type": "#microsoft.graph.plannerAssignment", "orderHint": " !"}
			delete(changes, id)
		}
	}
	if len(changes) == 0 {
		changes[anna] = nil // there has to be an entry
	}
	return changes
}

func refer(was any, link string) map[string]any {
	changes := map[string]any{}
	if there, ok := was.(map[string]any); ok {
		for key := range there {
			changes[key] = nil
		}
	}
	address, alias := link, "Link"
	if !strings.HasPrefix(link, "https://") {
		address, alias = "https://pos.invalid/"+url.PathEscape(link), "something else"
	}
	if link != "" {
		var key strings.Builder
		for _, c := range []byte(address) { // every character that may be encoded is
			fmt.Fprintf(&key, "%%%02x", c)
		}
		changes[key.String()] = map[string]any{"@odata.type": "#microsoft.graph.plannerExternalReference", "alias": alias}
	}
	if len(changes) == 0 {
		changes["https%3A//contoso%2Ecom"] = nil
	}
	return changes
}

// removes lets anna delete a task.
func (w *tenant) removes(id string) {
	w.Helper()
	was := w.as(anna, "GET", "/planner/tasks/"+id, "", nil)
	w.as(anna, "DELETE", "/planner/tasks/"+id, fmt.Sprint(was["@odata.etag"]), nil)
}

func user(t *testing.T, text string) org.UserID {
	t.Helper()
	id, err := org.ParseUserID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
