package planner_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simplanner"
)

// TestCreateInOneCall makes tasks that need no details.
func TestCreateInOneCall(t *testing.T) {
	tests := map[string]struct {
		item tasksync.NewItem
		want string
	}{
		"a title": {tasksync.NewItem{State: task.Values{task.Title: "T", task.Status: "", task.Due: "", task.Instructions: ""}},
			`{"planId":"p","title":"T"}`},
		"a title like a status": {tasksync.NewItem{State: task.Values{task.Title: task.NotStarted, task.Status: task.NotStarted}},
			`{"planId":"p","title":"not started"}`},
		"everything": {tasksync.NewItem{Group: "b", State: task.Values{
			task.Title: "T", task.Status: task.InProgress, task.Due: "2026-05-12", task.Assignees: anna,
		}}, `{"assignments":{"a77a0000-0000-4000-8000-000000000001":{"@odata.type":"#microsoft.graph.plannerAssignment","orderHint":" !"}},` +
			`"bucketId":"b","dueDateTime":"2026-05-12T12:00:00Z","percentComplete":50,"planId":"p","title":"T"}`},
		"too long a title": {tasksync.NewItem{State: task.Values{task.Title: strings.Repeat("x", 300)}},
			`{"planId":"p","title":"` + strings.Repeat("x", 255) + `"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			made := &calls{}
			c := newClient(t, made.note(scripted(map[string]string{"POST /planner/tasks": "201 " + fullTask})))
			got, err := c.Create(t.Context(), tasksync.Place{Plan: "p"}, test.item)
			if err != nil || got.ID != id(1) {
				t.Errorf("created %+v, %v", got, err)
			}
			if calls := made.all(); !slices.Equal(calls, []string{"POST /planner/tasks " + test.want}) {
				t.Errorf("asked %v", calls)
			}
		})
	}
}

func TestCreateRefuses(t *testing.T) {
	c := newClient(t, scripted(nil))
	for name, test := range map[string]struct {
		plan  string
		state task.Values
	}{
		"without a plan":       {"", task.Values{task.Title: "T"}},
		"without a title":      {"p", task.Values{task.Due: "2026-05-12"}},
		"what is no date":      {"p", task.Values{task.Title: "T", task.Due: "soon"}},
		"what is cancelled":    {"p", task.Values{task.Title: "T", task.Status: task.Cancelled}},
		"somebody who is none": {"p", task.Values{task.Title: "T", task.Assignees: "ben"}},
	} {
		if _, err := c.Create(t.Context(), tasksync.Place{Plan: test.plan}, tasksync.NewItem{State: test.state}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

// TestCreateOnFullBoards meets each limit, ours to age tasks out for or not.
func TestCreateOnFullBoards(t *testing.T) {
	full := map[string]bool{
		"MaximumActiveTasksInProject": true, "MaximumTasksInProject": true, "MaximumBucketsInProject": true,
		"MaximumTasksAssignedToUser": false, "MaximumPlannerPlans": false, "": false,
	}
	for code, want := range full {
		refused := "403 " + refusalBody(code)
		c := newClient(t, scripted(map[string]string{"POST /planner/tasks": refused, "POST /planner/buckets": refused, "POST /planner/plans": refused}))
		_, task := c.Create(t.Context(), tasksync.Place{Plan: "p"}, tasksync.NewItem{State: task.Values{task.Title: "T"}})
		_, bucket := c.CreateBucket(t.Context(), "p", "B")
		_, plan := c.CreatePlan(t.Context(), store, "P")
		for _, err := range []error{task, bucket, plan} {
			if !fault.Is(err, fault.Denied) || errors.Is(err, tasksync.ErrFull) != want {
				t.Errorf("%q: %v, want denied, and full: %t", code, err, want)
			}
		}
	}
	w := newTenant(t, simplanner.Options{Limits: simplanner.Limits{ActiveTasks: 1}})
	at := w.place()
	for i := range 2 {
		_, err := w.client.Create(t.Context(), at, tasksync.NewItem{State: task.Values{task.Title: "T"}})
		if errors.Is(err, tasksync.ErrFull) != (i == 1) {
			t.Errorf("task %d: %v", i, err)
		}
	}
}

// TestCreateIsNotRepeated loses the answer to each creation.
func TestCreateIsNotRepeated(t *testing.T) {
	tests := map[string]func(w *tenant, at tasksync.Place) error{
		"POST /planner/tasks": func(w *tenant, at tasksync.Place) error {
			_, err := w.client.Create(w.Context(), at, tasksync.NewItem{State: task.Values{task.Title: "T"}})
			return err
		},
		"POST /planner/buckets": func(w *tenant, at tasksync.Place) error {
			_, err := w.client.CreateBucket(w.Context(), at.Plan, "B")
			return err
		},
		"POST /planner/plans": func(w *tenant, _ tasksync.Place) error {
			_, err := w.client.CreatePlan(w.Context(), store, "Second")
			return err
		},
	}
	for route, create := range tests {
		t.Run(route, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTenant(t, simplanner.Options{})
				at := w.place()
				w.graph.Inject(simgraph.Fault{Route: route, Times: 1, Do: simgraph.Lose})
				if err := create(w, at); !fault.Is(err, fault.Unavailable) {
					t.Errorf("%v, want unavailable", err)
				}
				plans := w.service.Plans(store)
				if n := len(w.service.Tasks(at.Plan)) + len(plans[0].Buckets) + len(plans) - 1; n != 1 {
					t.Errorf("%d things were made, want the one", n)
				}
				w.graph.Inject(simgraph.Fault{Route: route, Times: 1, Do: simgraph.Refuse(http.StatusTooManyRequests, "TooManyRequests", 3)})
				if err := create(w, at); err != nil {
					t.Errorf("throttled once: %v", err)
				}
			})
		})
	}
}

// TestCreateWithLateDetails lets the details of fresh tasks come a little late, or
// so late that nobody waits for them.
func TestCreateWithLateDetails(t *testing.T) {
	for _, delay := range []time.Duration{time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := newTenant(t, simplanner.Options{DetailsDelay: delay})
			at := w.place()
			want := task.Values{task.Title: "T", task.Instructions: "Do it", task.Link: "Open drawer"}
			begin := time.Now()
			item, err := w.client.Create(t.Context(), at, tasksync.NewItem{State: want})
			if err != nil || item.ID == "" || time.Since(begin) > time.Minute {
				t.Fatalf("%+v, %v after %v", item, err, time.Since(begin))
			}
			there := w.service.Tasks(at.Plan)
			if len(there) != 1 || item.Whole != (delay == time.Second) || (there[0].Details.Description == "Do it") != item.Whole {
				t.Errorf("created %+v, there is %+v", item, there)
			}
			if _, shown := item.State.Values[task.Instructions]; shown != item.Whole {
				t.Errorf("shows %v", item.State.Values)
			}
			<-time.After(delay) // on synctest's clock
			item, err = w.client.Change(t.Context(), at, item, want)
			if err != nil || w.service.Tasks(at.Plan)[0].Details.Description != "Do it" || item.State.Values[task.Link] != "Open drawer" {
				t.Errorf("in the end %+v, %v", item, err)
			}
		})
	}
}

// TestCreateNeverLosesTheTask lets everything go wrong once the task is there.
func TestCreateNeverLosesTheTask(t *testing.T) {
	for _, route := range []string{"GET /planner/tasks/{task}/details", "PATCH /planner/tasks/{task}/details", "GET /planner/tasks/{task}"} {
		for _, status := range []int{400, 403, 409, 412, 500} {
			synctest.Test(t, func(t *testing.T) {
				w := newTenant(t, simplanner.Options{})
				at := w.place()
				w.graph.Inject(simgraph.Fault{Route: route, Do: simgraph.Refuse(status, "", 0)})
				item, err := w.client.Create(t.Context(), at, tasksync.NewItem{State: task.Values{task.Title: "T", task.Contact: "Anna"}})
				there := w.service.Tasks(at.Plan)
				if err != nil || len(there) != 1 || item.ID != there[0].ID {
					t.Errorf("%s %d: %+v, %v, there is %+v", route, status, item, err, there)
				}
				if item.Whole && there[0].Details.Description == "" || item.Whole != (item.DetailsVersion != "") {
					t.Errorf("%s %d: %+v, there is %+v", route, status, item, there)
				}
			})
		}
	}
}

// TestDetailsThatAreMissing tells details that are late from a task that has gone.
func TestDetailsThatAreMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTenant(t, simplanner.Options{DetailsDelay: time.Hour})
		at := w.place()
		item, err := w.client.Create(t.Context(), at, tasksync.NewItem{State: task.Values{task.Title: "T"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.Change(t.Context(), at, item, task.Values{task.Contact: "Anna"}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("young: %v, want unavailable", err)
		}
		w.removes(item.ID)
		if _, err := w.client.Change(t.Context(), at, item, task.Values{task.Contact: "Anna"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("gone: %v, want not found", err)
		}
	})
}
