package world_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/world"
)

// tasks decodes the tasks of all stores as they are now.
func tasks(t *testing.T, env *simcommerce.Environment) []record {
	t.Helper()
	return now(t, env, "RetailTaskManagementReports")
}

// ofProcess returns the tasks of a process.
func ofProcess(t *testing.T, env *simcommerce.Environment, process string) []record {
	t.Helper()
	return with(tasks(t, env), "Process_ProcessId", process)
}

// distinct lists the values an attribute has, sorted.
func distinct(rows []record, attribute string) []string {
	var values []string
	for _, r := range rows {
		values = append(values, r.text(attribute))
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// target is a date with a time of day, which does not count.
func target() time.Time { return time.Date(2027, 3, 1, 23, 30, 0, 0, time.UTC) }

func TestStartCampaign(t *testing.T) {
	hq, env := running(t)
	before := len(tasks(t, env))
	process, err := hq.StartCampaign(t.Context(), "Easter", target(), []string{"000101", "B-12/3"}, []world.NewTask{
		{Name: "Hang the eggs", Notes: "Eye height", Days: -2}, {Name: "Take them down", Days: 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	made := ofProcess(t, env, process)
	if len(made) != 4 || len(tasks(t, env)) != before+4 {
		t.Fatalf("%d tasks, of %d; want 4 more than %d", len(made), len(tasks(t, env)), before)
	}
	if ids := distinct(made, "TaskId"); len(ids) != 4 {
		t.Errorf("ids %q", ids)
	}
	for attribute, want := range map[string]string{
		"StoreNumber": "000101 B-12/3", "Process_Name": "Easter", "Process_TargetDate": "2027-03-01T12:00:00Z",
		"Process_Status": "InProgress", "Status": "NotStarted", "DueDate": "2027-02-27T12:00:00Z 2027-03-31T12:00:00Z",
	} {
		equal(t, attribute, strings.Join(distinct(made, attribute), " "), want)
	}
	eggs := with(with(made, "Name", "Hang the eggs"), "StoreNumber", "B-12/3")
	if len(eggs) != 1 || eggs[0].text("Notes") != "Eye height" || eggs[0].text("DueDate") != "2027-02-27T12:00:00Z" {
		t.Errorf("the eggs of B-12/3: %v", eggs)
	}
	other, err := hq.StartCampaign(t.Context(), "Easter", target(), []string{"000101"}, []world.NewTask{{Name: "Hang the eggs"}})
	if err != nil || other == process {
		t.Errorf("the same again: %s, %v", other, err)
	}
}

func TestCampaignsThatCannotStart(t *testing.T) {
	hq, env := running(t)
	before := len(tasks(t, env))
	one := []world.NewTask{{Name: "Sweep"}}
	for _, c := range []struct {
		name   string
		target time.Time
		stores []string
		tasks  []world.NewTask
		want   string
	}{
		{" ", target(), []string{"000101"}, one, "a name and a target date"},
		{"Easter", time.Time{}, []string{"000101"}, one, "a name and a target date"},
		{"Easter", target(), nil, one, "stores and tasks"},
		{"Easter", target(), []string{"000101"}, nil, "stores and tasks"},
		{"Easter", target(), []string{"000101"}, []world.NewTask{{Name: "Sweep"}, {}}, "a task has no name"},
		{"Easter", target(), []string{"000101", "nowhere"}, one, "no store has the number nowhere"},
		{"Easter", target(), []string{"000101", "000102", "000101"}, one, "store 000101 is named twice"},
	} {
		process, err := hq.StartCampaign(t.Context(), c.name, c.target, c.stores, c.tasks)
		refused(t, err, c.want)
		equal(t, c.want, process, "")
	}
	if n := len(tasks(t, env)); n != before {
		t.Errorf("%d tasks, want the %d from before", n, before)
	}
}

// Who starts a campaign and is told of a failure can tell which process it is.
func TestACampaignThatStartsHalf(t *testing.T) {
	hq, env := running(t)
	posts := 0
	env.Intercept(func(r *http.Request) simcommerce.Fault {
		if r.Method == http.MethodPost {
			posts++
		}
		if posts == 2 {
			return simcommerce.Fault{Status: http.StatusServiceUnavailable}
		}
		return simcommerce.Fault{}
	})
	process, err := hq.StartCampaign(t.Context(), "Easter", target(), []string{"000101", "000102"}, []world.NewTask{{Name: "Sweep"}})
	refused(t, err, `start "Easter" in 000102`)
	if made := ofProcess(t, env, process); len(made) != 1 || made[0].text("StoreNumber") != "000101" {
		t.Errorf("the half of %q: %v", process, made)
	}
}

func TestCancelCampaign(t *testing.T) {
	hq, env := running(t)
	spring := with(tasks(t, env), "Process_Name", "Spring window")[0].text("Process_ProcessId")
	others := len(with(tasks(t, env), "Process_Status", "Cancelled"))
	done := len(with(ofProcess(t, env, spring), "Status", "Completed"))
	if err := hq.CancelCampaign(t.Context(), spring); err != nil {
		t.Fatal(err)
	}
	after := ofProcess(t, env, spring)
	equal(t, "process", strings.Join(distinct(after, "Process_Status"), " "), "Cancelled")
	equal(t, "tasks", strings.Join(distinct(after, "Status"), " "), "Cancelled Completed")
	if n := len(with(after, "Status", "Completed")); n != done || done == 0 {
		t.Errorf("%d tasks are done, want %d as before", n, done)
	}
	if n := len(with(tasks(t, env), "Process_Status", "Cancelled")); n != others+len(after) {
		t.Errorf("%d cancelled, want %d", n, others+len(after))
	}
	refused(t, hq.CancelCampaign(t.Context(), "00000000-0000-4000-8000-000000000000"), "no such process")
	refused(t, hq.CancelCampaign(t.Context(), spring+" or Name ne ''"), "is no process")
}
