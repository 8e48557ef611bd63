package world_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simplanner"
	"github.com/storeteams/storeteams/handler/local/world"
)

const (
	team     = "8c5a2d0e-1111-4111-8111-000000000001"
	ada      = "8c5a2d0e-2222-4222-8222-000000000001"
	ben      = "8c5a2d0e-2222-4222-8222-000000000002"
	stranger = "8c5a2d0e-2222-4222-8222-000000000009"
)

// wall is a team's board in a Planner of its own, and who works with it.
type wall struct {
	world.Member
	planner *simplanner.Service
	plan    string
	before  func(*http.Request) // told of every request before it is answered
}

func newWall(t *testing.T) *wall {
	t.Helper()
	w := &wall{planner: simplanner.New(simplanner.Options{
		PageSize: 2, Belongs: func(_, user string) bool { return user == ada || user == ben },
	})}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.before != nil {
			w.before(r)
		}
		w.planner.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.Member = world.Member{URL: server.URL + "/v1.0/", ID: ada, HTTP: server.Client()}
	w.plan = w.newPlan(t, server.URL)
	return w
}

// newPlan makes the team's board, as the app does.
func (w *wall) newPlan(t *testing.T, server string) string {
	t.Helper()
	body := `{"title":"Store tasks","container":{"url":"https://graph.microsoft.com/v1.0/groups/` + team + `"}}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server+"/v1.0/planner/plans", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer local")
	r.Header.Set("Content-Type", "application/json")
	resp, err := w.HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var made struct{ ID string }
	if err := json.NewDecoder(resp.Body).Decode(&made); err != nil || made.ID == "" {
		t.Fatalf("no plan: %d %v", resp.StatusCode, err)
	}
	return made.ID
}

// task makes a task on the board.
func (w *wall) task(t *testing.T, title string) string {
	t.Helper()
	made, err := w.Create(t.Context(), w.plan, "", title, target())
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// find returns a task as Planner has it.
func (w *wall) find(t *testing.T, id string) simplanner.Task {
	t.Helper()
	for _, task := range w.planner.Tasks(w.plan) {
		if task.ID == id {
			return task
		}
	}
	t.Fatalf("no task %s", id)
	return simplanner.Task{}
}

func TestMemberLooksAtBoards(t *testing.T) {
	w := newWall(t)
	boards, err := w.Boards(t.Context(), team)
	if err != nil || len(boards) != 1 || boards[0] != (world.Board{ID: w.plan, Title: "Store tasks"}) {
		t.Fatalf("boards %v, %v", boards, err)
	}
	bucket, err := w.Bucket(t.Context(), w.plan, "Easter & co")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for i := range 5 {
		made, err := w.Create(t.Context(), w.plan, bucket, fmt.Sprint("Task ", i), target())
		if err != nil {
			t.Fatal(err)
		}
		want[made.ID] = true
	}
	seen, err := w.Tasks(t.Context(), w.plan)
	if err != nil || len(seen) != len(want) {
		t.Fatalf("%d tasks over pages, %v; want %d", len(seen), err, len(want))
	}
	for _, task := range seen {
		if !want[task.ID] || task.PlanID != w.plan || task.BucketID != bucket || len(task.Assignees()) != 0 {
			t.Errorf("listed %+v", task)
		}
		equal(t, "due", task.Due.Format("2006-01-02T15:04:05Z07:00"), "2027-03-01T12:00:00Z")
	}
	equal(t, "bucket", w.planner.Plans(team)[0].Buckets[0].Name, "Easter & co")
	equal(t, "created by", w.planner.Tasks(w.plan)[0].CreatedBy.User, ada)
}

func TestMemberEditsATask(t *testing.T) {
	w := newWall(t)
	id := w.task(t, "Sweep")
	type edit struct {
		name string
		do   func() error
		got  func(simplanner.Task) string
		want string
	}
	ctx := t.Context()
	by := world.Member{URL: w.URL, ID: ben, HTTP: w.HTTP}
	done := func(task simplanner.Task) string { return fmt.Sprint(task.PercentComplete, " ", task.CompletedBy.User) }
	assigned := func(task simplanner.Task) string {
		var ids []string
		for user := range task.Assignments {
			ids = append(ids, user)
		}
		return strings.Join(ids, " ")
	}
	for _, c := range []edit{
		{"complete", func() error { return by.Complete(ctx, id) }, done, "100 " + ben},
		{"reopen", func() error { return w.Reopen(ctx, id) }, done, "0 "},
		{"rename", func() error { return w.Rename(ctx, id, "Sweep twice") }, func(task simplanner.Task) string { return task.Title }, "Sweep twice"},
		{"describe", func() error { return w.Describe(ctx, id, "Under the till too") },
			func(task simplanner.Task) string { return task.Details.Description }, "Under the till too"},
		{"describe again", func() error { return by.Describe(ctx, id, "") }, func(task simplanner.Task) string { return task.Details.Description }, ""},
		{"assign", func() error { return w.Reassign(ctx, id, ada) }, assigned, ada},
		{"reassign", func() error { return w.Reassign(ctx, id, ben) }, assigned, ben},
		{"assign to nobody", func() error { return w.Reassign(ctx, id, "") }, assigned, ""},
	} {
		if err := c.do(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		equal(t, c.name, c.got(w.find(t, id)), c.want)
	}
	for _, users := range [][2]string{{ada, strings.ToUpper(ada)}, {"", ""}} {
		if err := w.Reassign(ctx, id, users[0]); err != nil {
			t.Error(err)
		}
		before := w.find(t, id).ETag
		if err := w.Reassign(ctx, id, users[1]); err != nil {
			t.Error(err)
		}
		equal(t, "assigned to whom it is", w.find(t, id).ETag, before)
	}
	other := w.task(t, "Mop")
	if err := w.Delete(ctx, id); err != nil {
		t.Fatal(err)
	}
	if left := w.planner.Tasks(w.plan); len(left) != 1 || left[0].ID != other {
		t.Errorf("left: %v", left)
	}
	refused(t, w.Delete(ctx, id), "delete a task: graph answered 404")
}

// Each change says which state it is of, so that Planner refuses one that
// somebody else was faster with, and says so.
func TestMemberIsToldOfConflicts(t *testing.T) {
	for name, c := range map[string]struct {
		change func(ctx context.Context, m world.Member, id string) error
		want   string
	}{
		"rename":   {func(ctx context.Context, m world.Member, id string) error { return m.Rename(ctx, id, "Mine") }, "rename a task: graph answered 409"},
		"describe": {func(ctx context.Context, m world.Member, id string) error { return m.Describe(ctx, id, "Mine") }, "describe a task: graph answered 409"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWall(t)
			id := w.task(t, "Sweep")
			faster := world.Member{URL: w.URL, ID: ben, HTTP: w.HTTP}
			w.before = func(r *http.Request) {
				if r.Method != http.MethodPatch {
					return
				}
				if r.Header.Get("If-Match") == "" {
					t.Error("a change without If-Match")
				}
				w.before = nil // the requests of the faster are served while this one waits
				if err := faster.Rename(r.Context(), id, "Theirs"); err != nil {
					t.Error(err)
				}
				if err := faster.Describe(r.Context(), id, "Theirs"); err != nil {
					t.Error(err)
				}
			}
			refused(t, c.change(t.Context(), w.Member, id), c.want)
			task := w.find(t, id)
			equal(t, "the task", task.Title+", "+task.Details.Description, "Theirs, Theirs")
		})
	}
}

func TestMembersOnly(t *testing.T) {
	w := newWall(t)
	id := w.task(t, "Sweep")
	w.ID = stranger
	_, err := w.Boards(t.Context(), team)
	refused(t, err, "graph answered 403")
	_, err = w.Tasks(t.Context(), w.plan)
	refused(t, err, "graph answered 403")
	_, err = w.Create(t.Context(), w.plan, "", "Mop", target())
	refused(t, err, "create a task: graph answered 403")
	_, err = w.Bucket(t.Context(), w.plan, "Mine")
	refused(t, err, "create a bucket: graph answered 403")
	refused(t, w.Complete(t.Context(), id), "complete a task: graph answered 403")
	refused(t, w.Reassign(t.Context(), id, ada), "reassign a task: graph answered 403")
	refused(t, w.Delete(t.Context(), id), "delete a task: graph answered 403")
	equal(t, "percent", w.find(t, id).PercentComplete, 0)
	equal(t, "tasks", len(w.planner.Tasks(w.plan)), 1)
}

// What is no Planner is not taken for one.
func TestMemberMeetsSomethingElse(t *testing.T) {
	answer := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if answer == "" {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = io.WriteString(w, answer+"out to lunch")
	}))
	m := world.Member{URL: server.URL, ID: ada}
	refused(t, m.Complete(t.Context(), "x"), "graph answered 502: out to lunch")
	answer = `{"id":"x"}`
	refused(t, m.Complete(t.Context(), "x"), "invalid character")
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":"x","@odata.nextLink":"https://elsewhere.example/v1.0/planner/plans/x/tasks?$skiptoken=1"}`)
	})
	refused(t, m.Complete(t.Context(), "x"), "no ETag")
	_, err := m.Tasks(t.Context(), "x")
	refused(t, err, "outside of Graph")
	server.Close()
	if _, err := m.Boards(t.Context(), team); err == nil {
		t.Error("nobody answered, and that was fine")
	}
}
