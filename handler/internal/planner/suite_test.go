package planner_test

import (
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/internal/tasksync/taskstest"
	"github.com/storeteams/storeteams/handler/local/simplanner"
)

// TestConformance runs the contract of both ends of the task list against the
// simulated Planner, with small pages.
func TestConformance(t *testing.T) {
	taskstest.Run(t, func(t *testing.T) taskstest.Rig {
		w := newTenant(t, simplanner.Options{PageSize: 7})
		at := w.place()
		bucket, err := w.client.CreateBucket(t.Context(), at.Plan, "Summer")
		if err != nil {
			t.Fatal(err)
		}
		return taskstest.Rig{
			Side: w.client, Place: at,
			Gone:    &tasksync.Place{Plan: strings.Repeat("A", 28)},
			Unknown: strings.Repeat("B", 27) + "A",
			Group:   bucket.ID,
			Users:   [2]org.UserID{user(t, anna), user(t, ben)},
			Make:    func(_ *testing.T, v task.Values) string { return w.makes(at.Plan, v) },
			Edit:    func(_ *testing.T, id string, v task.Values) { w.edits(id, v) },
			Remove:  func(_ *testing.T, id string) { w.removes(id) },
		}
	})
}
