package e2e

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/world"
)

// taskStore is a store of the sample with an open campaign.
const taskStore = "000101"

// workplace is a site whose teams are made, and whose stores have tasks.
type workplace struct {
	*site
	pos world.PointOfSale
}

func startWork(t *testing.T, handler map[string]string) *workplace {
	t.Helper()
	s := sampleSetup(t)
	s.handler = map[string]string{"TASK_MODE": "sync", "TASK_SWEEP_SCHEDULE": "* * * * * *"}
	maps.Copy(s.handler, handler)
	w := &workplace{site: start(t, s)}
	w.settle(t)
	w.pos = world.PointOfSale{URL: w.CommerceURL}
	return w
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(look)
	defer again.Stop()
	for began := time.Now(); !holds(); <-again.C {
		if time.Since(began) > patience {
			t.Fatalf("still not so: %s", what)
		}
	}
}

// someone returns somebody in the store's team, an owner of it or not.
func (w *workplace) someone(t *testing.T, owner bool) world.Member {
	t.Helper()
	team := w.store(t, taskStore)
	people := team.Owners
	if !owner {
		people = slices.DeleteFunc(slices.Clone(team.Members), func(id string) bool { return slices.Contains(team.Owners, id) })
	}
	if len(people) == 0 {
		t.Fatalf("nobody such is in the team of store %s", taskStore)
	}
	return world.Member{URL: w.GraphURL, ID: people[0]}
}

// board returns the tasks on the store's board by title, none while there is no
// board.
func (w *workplace) board(t *testing.T) map[string]world.Task {
	t.Helper()
	m := w.someone(t, true)
	boards, err := m.Boards(t.Context(), w.store(t, taskStore).ID)
	if err != nil {
		t.Fatal(err)
	}
	byTitle := map[string]world.Task{}
	for _, b := range boards {
		if b.Title != "Store tasks" {
			continue
		}
		tasks, err := m.Tasks(t.Context(), b.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			if _, twice := byTitle[task.Title]; twice {
				t.Errorf("%q is on the board of store %s twice", task.Title, taskStore)
			}
			byTitle[task.Title] = task
		}
	}
	return byTitle
}

// commerceTask is a task as Commerce has it.
type commerceTask struct {
	Process string `json:"Process_ProcessId"`
	ID      string `json:"TaskId"`
	Store   string `json:"StoreNumber"`
	Name    string `json:"Name"`
	Status  string `json:"Status"`
}

// inCommerce returns the store's tasks in Commerce by name.
func (w *workplace) inCommerce(t *testing.T) map[string]commerceTask {
	t.Helper()
	byName := map[string]commerceTask{}
	for _, row := range w.Commerce.Rows("RetailTaskManagementReports") {
		var task commerceTask
		if err := json.Unmarshal(row, &task); err != nil {
			t.Fatal(err)
		}
		if task.Store == taskStore {
			byName[task.Name] = task
		}
	}
	return byName
}

// TestOneTaskListFromBothSides: what is done at the point of sale is on the
// board, and what is done there is in Commerce.
func TestOneTaskListFromBothSides(t *testing.T) {
	t.Parallel()
	w := startWork(t, nil)
	want := slices.Sorted(maps.Keys(w.inCommerce(t)))
	eventually(t, "the board has Commerce's tasks", func() bool {
		return slices.Equal(slices.Sorted(maps.Keys(w.board(t))), want)
	})
	if done := w.board(t)["Order the spring posters"]; done.PercentComplete != 100 {
		t.Errorf("what was completed before is at %d %%", done.PercentComplete)
	}
	worker, owner := w.someone(t, false), w.someone(t, true)

	window := w.inCommerce(t)["Clear the window"]
	if err := w.pos.SetStatus(t.Context(), window.Process, window.ID, world.Completed); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what the till completed is ticked on the board", func() bool {
		return w.board(t)["Clear the window"].PercentComplete == 100
	})

	var open world.Task
	for _, task := range w.board(t) {
		if task.PercentComplete == 0 {
			open = task
		}
	}
	if err := worker.Complete(t.Context(), open.ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what was ticked on the board is completed in Commerce", func() bool {
		return w.inCommerce(t)[open.Title].Status == world.Completed
	})

	own, err := owner.Create(t.Context(), open.PlanID, "", "Water the plants", time.Now().AddDate(0, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the manager's own task is in Commerce", func() bool {
		_, there := w.inCommerce(t)["Water the plants"]
		return there
	})
	if err := owner.Delete(t.Context(), own.ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the manager's task is gone from Commerce", func() bool {
		_, there := w.inCommerce(t)["Water the plants"]
		return !there
	})

	if err := worker.Delete(t.Context(), w.board(t)["Clear the window"].ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a task of Commerce that somebody deleted is back", func() bool {
		return w.board(t)["Clear the window"].PercentComplete == 100
	})
}
