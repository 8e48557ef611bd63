package world_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// one returns what all rows have in an attribute.
func one(t *testing.T, rows []record, attribute string) string {
	t.Helper()
	values := distinct(rows, attribute)
	if len(values) != 1 {
		t.Fatalf("%s is %q in %d rows", attribute, values, len(rows))
	}
	return values[0]
}

func TestSampleCampaigns(t *testing.T) {
	all := sampleWorld(t).commerce["RetailTaskManagementReports"]
	for _, c := range []struct {
		name, process string // its id is for documents to name
		stores, tasks int
		status        string
	}{
		{"Spring window", "63746617-356f-43e9-8b72-2551a56b99c9", 6, 5, "InProgress"},
		{"Autumn price labels", "", 3, 3, "Completed"},
		{"Mend the back door", "", 1, 1, "InProgress"},
	} {
		rows := with(all, "Process_Name", c.name)
		if id := one(t, rows, "Process_ProcessId"); len(id) != 36 || c.process != "" && id != c.process {
			t.Errorf("%s has the id %s, want %s", c.name, id, c.process)
		}
		one(t, rows, "Process_TargetDate")
		equal(t, c.name, one(t, rows, "Process_Status"), c.status)
		equal(t, c.name+" stores", len(distinct(rows, "StoreNumber")), c.stores)
		equal(t, c.name+" tasks", len(distinct(rows, "Name")), c.tasks)
		equal(t, c.name+" rows", len(rows), c.stores*c.tasks)
	}
	equal(t, "rows in all", len(all), 6*5+3*3+1)
	equal(t, "ids", len(distinct(all, "TaskId")), len(all))
}

func TestSampleShowsEveryCaseOfTasks(t *testing.T) {
	all := sampleWorld(t).commerce["RetailTaskManagementReports"]
	spring := with(all, "Process_Name", "Spring window")
	assigned := where(spring, func(r record) bool { return r.text("AssignedWorker") != "" })
	equal(t, "assigned", len(assigned), 1)
	shows(t, map[string]int{
		"not started": len(with(spring, "Status", "NotStarted")),
		"in progress": len(with(spring, "Status", "InProgress")),
		"completed":   len(with(spring, "Status", "Completed")),
		"no due date": len(with(spring, "DueDate", "1900-01-01T00:00:00Z")),
		"no notes":    len(with(spring, "Notes", "")),
		"long notes":  len(where(spring, func(r record) bool { return strings.Contains(r.text("Notes"), "\n") })),
	})
	for _, r := range all {
		if !slices.Contains([]string{"NotStarted", "InProgress", "Completed"}, r.text("Status")) {
			t.Errorf("status %s", r.text("Status"))
		}
		for _, name := range []string{"DueDate", "Process_TargetDate"} {
			if _, err := time.Parse(time.RFC3339, r.text(name)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		done := fmt.Sprint(r["CompletionDateTime"] != nil, r["ResolvedBy"] != nil)
		equal(t, r.text("Status")+" when and by whom", done, fmt.Sprint(r.text("Status") == "Completed", r.text("Status") == "Completed"))
	}
}
