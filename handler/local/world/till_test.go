package world_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/world"
)

// till is a point of sale with somebody signed in, and a task of the sample that
// nobody has begun.
func till(t *testing.T) (pos world.PointOfSale, env *simcommerce.Environment, process, task string) {
	t.Helper()
	hq, env := running(t)
	open := with(with(with(tasks(t, env), "Process_Name", "Spring window"), "StoreNumber", "000101"), "Name", "Clear the window")
	if len(open) != 1 || open[0].text("Status") != world.NotStarted {
		t.Fatalf("the sample's task: %v", open)
	}
	return world.PointOfSale{URL: hq.URL, HTTP: hq.HTTP, Worker: deputy}, env,
		open[0].text("Process_ProcessId"), open[0].text("TaskId")
}

// theTask is the row of a task, nil if there is none.
func theTask(t *testing.T, env *simcommerce.Environment, process, task string) record {
	t.Helper()
	if found := with(ofProcess(t, env, process), "TaskId", task); len(found) == 1 {
		return found[0]
	}
	return nil
}

func TestSetStatus(t *testing.T) {
	pos, env, process, task := till(t)
	begun := time.Now().Add(-time.Second)
	for _, c := range []struct{ status, resolvedBy string }{
		{world.InProgress, ""}, {world.Completed, deputy}, {world.NotStarted, ""}, {"Awaiting", ""},
	} {
		if err := pos.SetStatus(t.Context(), process, task, c.status); err != nil {
			t.Fatal(err)
		}
		row := theTask(t, env, process, task)
		equal(t, "status", row.text("Status"), c.status)
		equal(t, c.status+" by", row.text("ResolvedBy"), c.resolvedBy)
		when, err := time.Parse(time.RFC3339, row.text("CompletionDateTime"))
		if done := when.After(begun); err != nil || done != (c.status == world.Completed) || !done && when.Year() != 1900 {
			t.Errorf("%s at %v, %v", c.status, when, err)
		}
		equal(t, "name", row.text("Name"), "Clear the window")
	}
}

func TestAssign(t *testing.T) {
	pos, env, process, task := till(t)
	for _, worker := range []string{deputy, named, ""} {
		if err := pos.Assign(t.Context(), process, task, worker); err != nil {
			t.Fatal(err)
		}
		equal(t, "assigned", theTask(t, env, process, task).text("AssignedWorker"), worker)
	}
	refused(t, pos.Assign(t.Context(), process, task, "999999"), "no worker has the number 999999")
}

func TestEdit(t *testing.T) {
	pos, env, process, task := till(t)
	changes := map[string]any{"Name": "Clear both windows", "Notes": "Today", "DueDate": "2027-02-20T12:00:00Z"}
	if err := pos.Edit(t.Context(), process, task, changes); err != nil {
		t.Fatal(err)
	}
	row := theTask(t, env, process, task)
	for name, want := range changes {
		equal(t, name, row.text(name), want.(string))
	}
	equal(t, "status", row.text("Status"), world.NotStarted)
	refused(t, pos.Edit(t.Context(), process, task, map[string]any{"Colour": "x"}), "Colour")
	refused(t, pos.Edit(t.Context(), process, task, map[string]any{"StoreNumber": 7}), "StoreNumber")
}

func TestDeleteAtTheTill(t *testing.T) {
	pos, env, process, task := till(t)
	before := len(tasks(t, env))
	if err := pos.Delete(t.Context(), process, task); err != nil {
		t.Fatal(err)
	}
	if row := theTask(t, env, process, task); row != nil || len(tasks(t, env)) != before-1 {
		t.Errorf("left: %v, and %d tasks of %d", row, len(tasks(t, env)), before)
	}
	gone := "process " + process + " has no task " + task
	refused(t, pos.Delete(t.Context(), process, task), gone)
	refused(t, pos.SetStatus(t.Context(), process, task, world.Completed), gone)
	refused(t, pos.Assign(t.Context(), process, task, ""), gone)
	refused(t, pos.Edit(t.Context(), process, task, map[string]any{"Name": "x"}), gone)
	refused(t, pos.Delete(t.Context(), "no GUID", task), "commerce answered 400")
}

func TestCreateAtTheTill(t *testing.T) {
	pos, env, _, _ := till(t)
	for due, want := range map[time.Time]string{target(): "2027-03-01T12:00:00Z", {}: "1900-01-01T00:00:00Z"} {
		process, task, err := pos.Create(t.Context(), "B-12/3", "Feed the cat", due)
		if err != nil {
			t.Fatal(err)
		}
		row := theTask(t, env, process, task)
		for name, want := range map[string]string{"StoreNumber": "B-12/3", "Name": "Feed the cat", "Process_Name": "Feed the cat",
			"Status": world.NotStarted, "DueDate": want} {
			equal(t, name, row.text(name), want)
		}
		if n := len(ofProcess(t, env, process)); n != 1 {
			t.Errorf("its process has %d tasks", n)
		}
	}
	_, _, err := pos.Create(t.Context(), "nowhere", "Feed the cat", time.Time{})
	refused(t, err, "no store has the number nowhere")
	_, _, err = pos.Create(t.Context(), "000101", " ", time.Time{})
	refused(t, err, "a title")
}

// What people do does not wait for the report, nor for what is published.
func TestTheTillIsWithinCommerce(t *testing.T) {
	pos, env, process, task := till(t)
	env.Publish("RetailTaskManagementReports", false)
	if err := pos.SetStatus(t.Context(), process, task, world.Completed); err != nil {
		t.Fatal(err)
	}
	equal(t, "status", theTask(t, env, process, task).text("Status"), world.Completed)
}
