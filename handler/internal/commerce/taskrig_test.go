package commerce_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

const (
	process = "5a0c7d5e-0000-4000-8000-000000000001"
	report  = "RetailTaskManagementReports"
	entity  = "ContosoTasks"
	dana    = "0d000000-0000-4000-8000-000000000001"
	eli     = "0e000000-0000-4000-8000-000000000002"
)

// taskID is the id of the task with that number in the test's one process.
func taskID(n int) string { return fmt.Sprintf("%s/7a500000-0000-4000-8000-%012d", process, n) }

// crew is who is which worker.
type crew map[string]org.PersonnelNumber // by object id

func (c crew) Worker(user org.UserID) (org.PersonnelNumber, bool) {
	number, known := c[user.String()]
	return number, known
}

func (c crew) User(worker org.PersonnelNumber) (user org.UserID, known bool) {
	for text, number := range c {
		if number == worker {
			user, err := org.ParseUserID(text)
			return user, err == nil
		}
	}
	return user, false
}

// taskRig is a simulated environment and the tasks in it.
type taskRig struct {
	env   *simcommerce.Environment
	url   string
	tasks *commerce.Tasks
	log   *bytes.Buffer

	mu    sync.Mutex
	clock time.Time
	asked []string // method and address, without the host
}

func (r *taskRig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clock
}

func (r *taskRig) wait(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock = r.clock.Add(d)
}

// calls returns what was asked since the last call of it.
func (r *taskRig) calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := r.asked
	r.asked = nil
	return asked
}

func newTaskRig(t *testing.T, so simcommerce.Options, o commerce.TaskOptions, rows ...string) *taskRig {
	t.Helper()
	r := &taskRig{log: &bytes.Buffer{}, clock: time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)}
	so.Now = r.now
	so.Record = func(method, url string, _ []byte) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked = append(r.asked, method+" "+url)
	}
	env, err := simcommerce.New(nil, so)
	if err != nil {
		t.Fatal(err)
	}
	r.env = env
	r.set(t, rows...)
	server := httptest.NewServer(env)
	t.Cleanup(server.Close)
	r.url = server.URL
	o.Log = slog.New(slog.NewTextHandler(r.log, nil))
	if o.People == nil {
		o.People = func(context.Context) (commerce.People, error) {
			return crew{dana: "000001", eli: "000002"}, nil
		}
	}
	r.tasks = commerce.NewTasks(serverClient(t, server.URL), o)
	return r
}

// set puts rows into the report, as if they had always been there.
func (r *taskRig) set(t *testing.T, rows ...string) {
	t.Helper()
	all := make([]json.RawMessage, len(rows))
	for i, row := range rows {
		all[i] = json.RawMessage(row)
	}
	if err := r.env.SetRows(report, all); err != nil {
		t.Fatal(err)
	}
}

// row is a row of the report with the number n, in store 000135.
func row(n int, attributes string) string {
	keys := strings.Split(taskID(n), "/")
	if attributes != "" {
		attributes = "," + attributes
	}
	if !strings.Contains(attributes, `"StoreNumber"`) {
		attributes += `,"StoreNumber":"000135"`
	}
	return fmt.Sprintf(`{"Process_ProcessId":%q,"TaskId":%q%s}`, keys[0], keys[1], attributes)
}

// stored returns the attributes of a row as Commerce has it.
func (r *taskRig) stored(t *testing.T, id string) map[string]any {
	t.Helper()
	for _, raw := range r.env.Rows(report) {
		var row map[string]any
		if err := json.Unmarshal(raw, &row); err != nil {
			t.Fatal(err)
		}
		if row["Process_ProcessId"].(string)+"/"+row["TaskId"].(string) == id {
			return row
		}
	}
	return nil
}

var here = tasksync.Place{Store: "000135"}

// list reads the store's tasks by id.
func (r *taskRig) list(t *testing.T) map[string]tasksync.Item {
	t.Helper()
	items, err := r.tasks.List(t.Context(), here)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]tasksync.Item{}
	for _, item := range items {
		all[item.ID] = item
	}
	return all
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("error %v of kind %v, want kind %v", err, fault.KindOf(err), kind)
	}
}

func wantValues(t *testing.T, got, want task.Values) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("values %v\nwant   %v", got, want)
	}
}

// full are an entity's attributes beyond the report's.
var full = []string{"Instructions", "ContactPerson", "TaskLink"}

func writable(attributes ...string) (simcommerce.Options, commerce.TaskOptions) {
	return simcommerce.Options{TaskEntity: simcommerce.TaskEntity{Name: entity, Insert: true, Delete: true, Attributes: attributes}},
		commerce.TaskOptions{Write: entity, Inserts: true, Deletes: true}
}
