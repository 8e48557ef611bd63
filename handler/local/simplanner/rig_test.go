package simplanner_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simplanner"
)

// Ids of the groups' directory: anna belongs to the store, ben to nothing.
const (
	anna  = "aaaaaaaa-0000-4000-8000-000000000001"
	ben   = "aaaaaaaa-0000-4000-8000-000000000002"
	store = "bbbbbbbb-0000-4000-8000-000000000001"
	other = "bbbbbbbb-0000-4000-8000-000000000002"
	ghost = "cccccccc-0000-4000-8000-000000000009"
	app   = "dddddddd-0000-4000-8000-000000000001"
)

const assignmentType = "#microsoft.graph.plannerAssignment"

// props is a JSON object.
type props = map[string]any

// rig is a Planner behind a server, its clock and its groups.
type rig struct {
	t       *testing.T
	service *simplanner.Service
	url     string

	mu   sync.Mutex // guards what follows
	now  time.Time
	gone map[string]bool
}

func newRig(t *testing.T, opts simplanner.Options) *rig {
	t.Helper()
	r := &rig{t: t, now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), gone: map[string]bool{}}
	made := r.now
	opts.Now, opts.AppID = r.clock, app
	opts.Group = func(id string) (time.Time, bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		return made, (id == store || id == other) && !r.gone[id]
	}
	opts.Belongs = func(group, user string) bool { return group == store && user == anna }
	r.service = simplanner.New(opts)
	server := httptest.NewServer(r.service)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func (r *rig) setGone(group string, gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone[group] = gone
}

// answer is a response with its JSON body.
type answer struct {
	status int
	header http.Header
	raw    string
	body   props
}

// with are headers of a request.
type with map[string]string

// as acts as a user.
func as(user string) with { return with{"Authorization": "Bearer user:" + user} }

// ifMatch is a condition.
func ifMatch(tag string) with { return with{"If-Match": tag} }

// whole asks for the changed resource.
var whole = with{"Prefer": "return=representation"}

// do sends one request as the app, unless a header says otherwise. A target is
// a path below the root or a whole URL; a body that is a string goes as it is.
func (r *rig) do(method, target string, body any, headers ...with) answer {
	r.t.Helper()
	if !strings.HasPrefix(target, "http") {
		target = r.url + "/v1.0" + target
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
	request, err := http.NewRequestWithContext(r.t.Context(), method, target, payload)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer test")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, list := range headers {
		for name, value := range list {
			request.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	got := answer{status: response.StatusCode, header: response.Header, raw: string(raw)}
	if got.raw != "" {
		if err := json.Unmarshal(raw, &got.body); err != nil {
			r.t.Fatalf("%s %s: body is no JSON object: %v\n%s", method, target, err, raw)
		}
	}
	return got
}

// want sends a request and fails the test unless it gets this status. The code
// of an error must be empty.
func (r *rig) want(status int, method, target string, body any, headers ...with) answer {
	r.t.Helper()
	return r.refused(status, "", method, target, body, headers...)
}

// refused is want for an error with a code.
func (r *rig) refused(status int, code, method, target string, body any, headers ...with) answer {
	r.t.Helper()
	got := r.do(method, target, body, headers...)
	if got.status != status {
		r.t.Fatalf("%s %s: got %d, want %d\n%s", method, target, got.status, status, got.raw)
	}
	if status >= 400 {
		inner, is := got.body["error"].(props)
		if !is || inner["code"] != code || inner["message"] == "" {
			r.t.Fatalf("%s %s: got %s, want an error with code %q", method, target, got.raw, code)
		}
	}
	return got
}

func (a answer) text(name string) string {
	text, _ := a.body[name].(string)
	return text
}

func (a answer) id() string { return a.text("id") }

func (a answer) tag() string { return a.text("@odata.etag") }

func (a answer) rows() []props {
	list, _ := a.body["value"].([]any)
	rows := make([]props, 0, len(list))
	for _, item := range list {
		row, _ := item.(props)
		rows = append(rows, row)
	}
	return rows
}

// column is one property of all rows.
func column(rows []props, name string) []any {
	values := []any{}
	for _, row := range rows {
		values = append(values, row[name])
	}
	return values
}

// plan makes a plan of the store.
func (r *rig) plan() string {
	r.t.Helper()
	return r.want(201, "POST", "/planner/plans", planOf(store)).id()
}

func planOf(group string) props {
	return props{"title": "Store tasks", "container": props{"url": "https://graph.microsoft.com/v1.0/groups/" + group}}
}

// bucket makes a bucket.
func (r *rig) bucket(plan, name string) answer {
	r.t.Helper()
	return r.want(201, "POST", "/planner/buckets", props{"planId": plan, "name": name, "orderHint": " !"})
}

// task makes a task with more properties than plan and title.
func (r *rig) task(plan string, more props, headers ...with) answer {
	r.t.Helper()
	return r.want(201, "POST", "/planner/tasks", taskOf(plan, more), headers...)
}

func taskOf(plan string, more props) props {
	body := props{"planId": plan, "title": "Count the till"}
	for name, value := range more {
		body[name] = value
	}
	return body
}

// details reads a task's details.
func (r *rig) details(task string) answer {
	r.t.Helper()
	return r.want(200, "GET", "/planner/tasks/"+task+"/details", nil)
}

// state is the only task of a plan as it is.
func (r *rig) state(plan string) simplanner.Task {
	r.t.Helper()
	list := r.service.Tasks(plan)
	if len(list) != 1 {
		r.t.Fatalf("%d tasks in the plan, want 1", len(list))
	}
	return list[0]
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
