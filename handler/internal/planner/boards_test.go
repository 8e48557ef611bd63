package planner_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simplanner"
)

func TestPlans(t *testing.T) {
	w := newTenant(t, simplanner.Options{PageSize: 2})
	w.as(anna, "POST", "/planner/plans", "", map[string]any{
		"title": "Anna's", "container": map[string]any{"url": "https://graph.microsoft.com/v1.0/groups/" + store},
	})
	var want []tasksync.Plan
	for _, title := range []string{"Store tasks", "店舗 / a&b", "Third"} {
		made, err := w.client.CreatePlan(t.Context(), org.TeamID(store), title)
		if err != nil || made.Title != title || !made.ByUs {
			t.Fatalf("created %+v, %v", made, err)
		}
		want = append(want, made)
	}
	got, err := w.client.Plans(t.Context(), org.TeamID(store))
	if err != nil || len(got) != 4 || got[0].Title != "Anna's" || got[0].ByUs || !slices.Equal(got[1:], want) {
		t.Errorf("plans %+v, %v, want Anna's and %+v", got, err, want)
	}
}

func TestPlansOfGroupsThatPlannerDoesNotKnow(t *testing.T) {
	for status, want := range map[int]fault.Kind{404: fault.NotFound, 403: fault.Denied} {
		synctest.Test(t, func(t *testing.T) {
			w := newTenant(t, simplanner.Options{GroupDelay: 24 * 365 * 100 * time.Hour, GroupDelayStatus: status})
			if _, err := w.client.Plans(t.Context(), org.TeamID(store)); !fault.Is(err, want) {
				t.Errorf("too young, %d: %v, want %v", status, err, want)
			}
			if _, err := w.client.CreatePlan(t.Context(), org.TeamID(store), "T"); !fault.Is(err, want) {
				t.Errorf("too young, %d: %v, want %v", status, err, want)
			}
			if _, err := w.client.Plans(t.Context(), "00000000-0000-4000-8000-000000000000"); !fault.Is(err, fault.NotFound) {
				t.Errorf("no such group: %v, want not found", err)
			}
		})
	}
}

func TestBuckets(t *testing.T) {
	w := newTenant(t, simplanner.Options{PageSize: 2})
	at := w.place()
	var want []tasksync.Bucket
	for _, name := range []string{"Summer", "Cancelled", "Größe"} {
		made, err := w.client.CreateBucket(t.Context(), at.Plan, name)
		if err != nil || made.Name != name {
			t.Fatalf("created %+v, %v", made, err)
		}
		want = append(want, made)
	}
	got, err := w.client.Buckets(t.Context(), at.Plan)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("buckets %+v, %v, want %+v", got, err, want)
	}
	item, err := w.client.Create(t.Context(), at, tasksync.NewItem{Group: want[0].ID, State: task.Values{task.Title: "T", task.Contact: "Anna"}})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := w.client.Move(t.Context(), item, want[1].ID)
	if now := read(t, w.client, item.ID); err != nil || moved.Group != want[1].ID || now.Group != want[1].ID || now.Version != moved.Version ||
		moved.State.Values[task.Contact] != "Anna" || !moved.Whole {
		t.Errorf("moved to %+v, %v, there is %+v", moved, err, now)
	}
	w.calls.all()
	if again, err := w.client.Move(t.Context(), moved, want[1].ID); err != nil || again.Version != moved.Version || len(w.calls.all()) != 0 {
		t.Errorf("moved to where it is: %+v, %v", again, err)
	}
	for range 2 {
		if err := w.client.DeleteBucket(t.Context(), got[1]); err != nil {
			t.Errorf("delete a bucket: %v", err)
		}
	}
	if left := w.service.Tasks(at.Plan); len(left) != 0 || len(w.service.Plans(store)[0].Buckets) != 2 {
		t.Errorf("left are %+v", left)
	}
}

func TestBoardsThatAreGone(t *testing.T) {
	w := newTenant(t, simplanner.Options{})
	at := w.place()
	item := read(t, w.client, w.makes(at.Plan, task.Values{task.Title: "T"}))
	bucket, err := w.client.CreateBucket(t.Context(), at.Plan, "B")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.client.DeleteBucket(t.Context(), bucket); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.Move(t.Context(), item, bucket.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("move to a bucket that is gone: %v, want not found", err)
	}
	if _, err := w.client.Create(t.Context(), at, tasksync.NewItem{Group: bucket.ID, State: task.Values{task.Title: "T"}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("create in a bucket that is gone: %v, want not found", err)
	}
	plan := w.service.Plans(store)[0]
	w.as(anna, "DELETE", "/planner/plans/"+plan.ID, plan.ETag, nil)
	if _, err := w.client.Buckets(t.Context(), at.Plan); !fault.Is(err, fault.NotFound) {
		t.Errorf("buckets of a plan that is gone: %v, want not found", err)
	}
	if _, err := w.client.CreateBucket(t.Context(), at.Plan, "B"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a bucket of a plan that is gone: %v, want not found", err)
	}
}

func TestBoardsErrors(t *testing.T) {
	c := newClient(t, scripted(map[string]string{
		"GET /groups/" + store + "/planner/plans":  `{"value":[{"title":"no id"}]}`,
		"GET /planner/plans/" + id(1) + "/buckets": `{"value":[{"id":"b","name":"no ETag"}]}`,
		"POST /planner/plans":                      `201 {"title":"no id"}`,
		"POST /planner/buckets":                    `201 {"id":"b"}`,
		"DELETE /planner/buckets/b":                "409 " + refusalBody(""),
	}))
	_, plans := c.Plans(t.Context(), store)
	_, buckets := c.Buckets(t.Context(), id(1))
	_, plan := c.CreatePlan(t.Context(), store, "T")
	_, bucket := c.CreateBucket(t.Context(), id(1), "B")
	for name, err := range map[string]error{"plans": plans, "buckets": buckets, "a plan": plan, "a bucket": bucket} {
		if !fault.Is(err, fault.Incomplete) {
			t.Errorf("%s without names: %v, want incomplete", name, err)
		}
	}
	if err := c.DeleteBucket(t.Context(), tasksync.Bucket{ID: "b", Version: "v"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("delete a changed bucket: %v, want conflict", err)
	}
}
