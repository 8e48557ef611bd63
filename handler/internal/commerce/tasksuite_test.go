package commerce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync/taskstest"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// TestSide runs the contract of a side in every way that Commerce can be set up.
func TestSide(t *testing.T) {
	everything := append([]string{"ProgressNotes"}, full...)
	tests := map[string]struct {
		entity  simcommerce.TaskEntity
		options commerce.TaskOptions
	}{
		"read only":                {options: commerce.TaskOptions{}},
		"update only":              {entity: simcommerce.TaskEntity{Name: entity}, options: commerce.TaskOptions{Write: entity}},
		"update only, all fields":  {entity: simcommerce.TaskEntity{Name: entity, Attributes: full}, options: commerce.TaskOptions{Write: entity}},
		"insert and delete":        {entity: simcommerce.TaskEntity{Name: entity, Insert: true, Delete: true, Attributes: everything}, options: commerce.TaskOptions{Write: entity, Inserts: true, Deletes: true}},
		"the entity read as well":  {entity: simcommerce.TaskEntity{Name: entity, Insert: true, Delete: true, Attributes: everything}, options: commerce.TaskOptions{Read: entity, Write: entity, Inserts: true, Deletes: true}},
		"with the report's fields": {entity: simcommerce.TaskEntity{Name: entity, Insert: true, Delete: true}, options: commerce.TaskOptions{Write: entity, Inserts: true, Deletes: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taskstest.Run(t, func(t *testing.T) taskstest.Rig {
				return taskHands(t, newTaskRig(t, simcommerce.Options{TaskEntity: test.entity}, test.options,
					// A row of another store tells what the collections have.
					row(0, `"StoreNumber":"000200","Name":"other"`)), test.entity.Attributes)
			})
		})
	}
}

// taskHands makes of an environment what the contract is tested with.
func taskHands(t *testing.T, r *taskRig, further []string) taskstest.Rig {
	t.Helper()
	var last atomic.Int64
	next := func() string { return taskID(int(last.Add(1))) }
	return taskstest.Rig{
		Side: r.tasks, Place: here, NewID: next, Unknown: taskID(999_999), Group: process, Name: "Own tasks",
		Users: [2]org.UserID{userID(t, dana), userID(t, eli)},
		Make: func(t *testing.T, v task.Values) string {
			id := next()
			keys := strings.Split(id, "/")
			body := attributesOf(v, further)
			body["Process_ProcessId"], body["TaskId"], body["StoreNumber"] = keys[0], keys[1], string(here.Store)
			r.byHand(t, http.MethodPost, "", body)
			return id
		},
		Edit: func(t *testing.T, id string, v task.Values) {
			r.byHand(t, http.MethodPatch, id, attributesOf(v, further))
		},
		Remove: func(t *testing.T, id string) { r.byHand(t, http.MethodDelete, id, nil) },
	}
}

// attributesOf writes fields as an environment with these further attributes
// does, by a table of its own.
func attributesOf(v task.Values, further []string) map[string]string {
	has := strings.Join(further, " ")
	notes := task.Instructions
	if strings.Contains(has, "Instructions") {
		notes = task.Progress
	}
	body := map[string]string{}
	for f, value := range v {
		switch f {
		case task.Status:
			body["Status"] = map[string]string{task.NotStarted: "NotStarted", task.InProgress: "InProgress", task.Completed: "Completed"}[value]
		case task.Assignees:
			body["AssignedWorker"] = map[string]string{dana: "000001", eli: "000002"}[value]
		case task.Title:
			body["Name"] = value
		case task.Link:
			body["TaskLink"] = value
		case task.Contact:
			body["ContactPerson"] = value
		case task.Due:
			body["DueDate"] = "1900-01-01T00:00:00Z"
			if value != "" {
				body["DueDate"] = value + "T00:00:00Z"
			}
		case task.Progress, task.Instructions:
			switch {
			case f == task.Progress && strings.Contains(has, "ProgressNotes"):
				body["ProgressNotes"] = value
			case f == notes:
				body["Notes"] = strings.ReplaceAll(value, "\n", "\r\n")
			default:
				body["Instructions"] = value
			}
		}
	}
	return body
}

// byHand writes a row as people in headquarters and in the store do.
func (r *taskRig) byHand(t *testing.T, method, id string, values map[string]string) {
	t.Helper()
	url := r.url + "/data/" + report
	if keys := strings.Split(id, "/"); len(keys) == 2 {
		url += fmt.Sprintf("(Process_ProcessId=%s,TaskId=%s)", keys[0], keys[1])
	}
	body, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer hq")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode > 299 {
		t.Fatalf("%s of %v by hand: status %d", method, values, resp.StatusCode)
	}
}

func userID(t *testing.T, text string) org.UserID {
	t.Helper()
	id, err := org.ParseUserID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
