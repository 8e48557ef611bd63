package commerce_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// stock reads the whole stock: the store of each task by its id.
func stock(t *testing.T, tasks *commerce.Tasks, since time.Time) (map[string]org.StoreNumber, error) {
	t.Helper()
	all := map[string]org.StoreNumber{}
	for item, err := range tasks.Tasks(t.Context(), since) {
		if err != nil {
			return nil, err
		}
		all[item.ID] = item.Store
	}
	return all, nil
}

func TestStockIsWhatIsNotPast(t *testing.T) {
	zone, _ := commerce.Zone("New Zealand Standard Time")
	r := newTaskRig(t, simcommerce.Options{PageSize: 3}, commerce.TaskOptions{Zone: func(org.StoreNumber) *time.Location { return zone }},
		row(1, `"DueDate":"2026-05-10T00:00:00Z","Process_TargetDate":"2020-01-01T00:00:00Z"`),
		row(2, `"DueDate":"2020-01-01T00:00:00Z","Process_TargetDate":"2026-05-12T00:00:00Z","StoreNumber":"000200"`),
		row(3, `"DueDate":"1900-01-01T00:00:00Z","Process_TargetDate":"1900-01-01T00:00:00Z"`),
		row(4, `"DueDate":"2026-05-09T00:00:00Z","Process_TargetDate":"1900-01-01T00:00:00Z"`),
		row(5, `"DueDate":"1900-01-01T00:00:00Z","Process_TargetDate":"2020-01-01T00:00:00Z"`),
		row(6, `"DueDate":"2026-05-09T13:00:00Z","Process_TargetDate":"1900-01-01T00:00:00Z"`), // the 10th in that zone
		row(7, `"StoreNumber":""`))
	got, err := stock(t, r.tasks, time.Date(2026, 5, 10, 15, 0, 0, 0, time.UTC))
	want := map[string]org.StoreNumber{taskID(1): "000135", taskID(2): "000200", taskID(3): "000135", taskID(6): "000135"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, stock %v\nwant %v", err, got, want)
	}
	if !strings.Contains(r.log.String(), "without_store=1") {
		t.Errorf("the task of no store is not counted: %s", r.log)
	}
	for _, err := range r.tasks.Tasks(t.Context(), time.Time{}) {
		if err != nil {
			t.Error(err)
		}
		break // a reader may stop
	}
}

// TestStockAsksForLittle: what is past does not travel.
func TestStockAsksForLittle(t *testing.T) {
	r := newTaskRig(t, simcommerce.Options{}, commerce.TaskOptions{}, row(1, `"DueDate":"2020-01-01T00:00:00Z"`))
	if _, err := stock(t, r.tasks, time.Time{}); err != nil {
		t.Fatal(err)
	}
	r.calls()
	if _, err := stock(t, r.tasks, time.Date(2026, 5, 10, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	asked := r.calls()
	want := "DueDate%20ge%202026-05-08T00%3A00%3A00Z%20or%20Process_TargetDate%20ge%202026-05-08T00%3A00%3A00Z%20or%20%28DueDate%20lt%201900"
	if len(asked) != 1 || !strings.Contains(asked[0], want) {
		t.Errorf("asked %q", asked)
	}
}

// taskServer answers every question with the rows given, whatever was asked.
func taskServer(t *testing.T, rows ...string) *commerce.Tasks {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"value":[` + strings.Join(rows, ",") + `]}`))
	}))
	t.Cleanup(server.Close)
	return commerce.NewTasks(serverClient(t, server.URL), commerce.TaskOptions{})
}

func TestBadTaskRows(t *testing.T) {
	good := row(1, `"Name":"a"`)
	tests := map[string]struct {
		bad             string
		listed, stocked bool // or else fault.Incomplete
	}{
		"an attribute of no type":  {row(2, `"DueDate":{},"Name":7,"Status":[]`), true, true},
		"no process":               {`{"StoreNumber":"000135","TaskId":"7a500000-0000-4000-8000-000000000009"}`, false, true},
		"a task that is no GUID":   {`{"StoreNumber":"000135","TaskId":"x","Process_ProcessId":"` + process + `"}`, false, true},
		"no keys in another store": {`{"StoreNumber":"000200"}`, true, true},
		"a store of no type":       {row(2, `"StoreNumber":[]`), false, false},
		"no object":                {`7`, false, false},
		"a row twice":              {good, false, true},
		"a page that breaks off":   {good + `],"@odata.nextLink":"`, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tasks := taskServer(t, good, test.bad)
			items, err := tasks.List(t.Context(), here)
			switch {
			case !test.listed:
				wantKind(t, err, fault.Incomplete)
			case err != nil || len(items) == 0 || items[0].State.Values[task.Title] != "a":
				t.Errorf("listed %v, %v", items, err)
			}
			got, err := stock(t, tasks, time.Time{})
			switch {
			case !test.stocked:
				wantKind(t, err, fault.Incomplete)
			case err != nil || got[taskID(1)] != "000135" || got[""] != "":
				t.Errorf("stock %v, %v", got, err)
			}
		})
	}
}

func TestReadingFails(t *testing.T) {
	rows := []string{row(1, ``), row(2, ``), row(3, ``)}
	tests := map[string]struct {
		spoil func(*testing.T, *taskRig)
		kind  fault.Kind
	}{
		"no such collection": {func(_ *testing.T, r *taskRig) { r.env.Publish(report, false) }, fault.Invalid},
		"no permission": {func(_ *testing.T, r *taskRig) {
			r.env.Intercept(func(*http.Request) simcommerce.Fault { return simcommerce.Fault{Status: http.StatusForbidden} })
		}, fault.Denied},
		"no store numbers": {func(t *testing.T, r *taskRig) {
			if err := r.env.DropAttribute(report, "StoreNumber"); err != nil {
				t.Fatal(err)
			}
		}, fault.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newTaskRig(t, simcommerce.Options{PageSize: 2}, commerce.TaskOptions{}, rows...)
			test.spoil(t, r)
			_, err := r.tasks.List(t.Context(), here)
			wantKind(t, err, test.kind)
			_, err = stock(t, r.tasks, time.Time{})
			wantKind(t, err, test.kind)
		})
	}
}

// TestAttributesComeAndGo: one that is refused is asked about anew.
func TestAttributesComeAndGo(t *testing.T) {
	r := newTaskRig(t, simcommerce.Options{}, commerce.TaskOptions{}, row(1, `"Name":"a","Notes":"b"`))
	r.list(t)
	if err := r.env.DropAttribute(report, "Notes"); err != nil {
		t.Fatal(err)
	}
	_, err := r.tasks.List(t.Context(), here)
	wantKind(t, err, fault.Invalid)
	item := r.list(t)[taskID(1)]
	if _, shown := item.State.Values[task.Instructions]; shown || item.State.Values[task.Title] != "a" {
		t.Errorf("values %v", item.State.Values)
	}
}

func TestClassesOfCalls(t *testing.T) {
	for address, want := range map[string]string{
		"http://x/data/ContosoTasks(Process_ProcessId=1,TaskId=2)?cross-company=true": "ContosoTasks",
		"http://x/data/ContosoTasks?$top=1":                                           "ContosoTasks",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := commerce.Label(req); got != want {
			t.Errorf("%s is of class %q", address, got)
		}
	}
}

func TestZones(t *testing.T) {
	for id, want := range map[string]string{
		"Central Standard Time": "America/Chicago", "W. Europe Standard Time": "Europe/Berlin", "utc": "Etc/UTC",
		" India Standard Time ": "Asia/Kolkata", "Pacific Standard Time (Mexico)": "America/Tijuana", "UTC-11": "Etc/GMT+11",
	} {
		zone, known := commerce.Zone(id)
		if !known || zone.String() != want {
			t.Errorf("%q is %v, want %s", id, zone, want)
		}
	}
	for _, id := range []string{"", "America/Chicago", "Central Standard", "Central Standard Time=America/Chicago"} {
		if zone, known := commerce.Zone(id); known {
			t.Errorf("%q is %v", id, zone)
		}
	}
	table, err := os.ReadFile("windowszones.txt")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for line := range strings.Lines(string(table)) {
		id, _, _ := strings.Cut(line, "=")
		ids = append(ids, id)
		if _, known := commerce.Zone(id); !known {
			t.Errorf("%q has no zone", id)
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != strings.Count(string(table), "\n") {
		t.Errorf("a zone is there twice")
	}
}

// TestStoresWithoutZones: an environment that lacks the attribute is read.
func TestStoresWithoutZones(t *testing.T) {
	e := newEnvironment(t)
	e.documented["RetailStores"] = slices.DeleteFunc(slices.Clone(e.documented["RetailStores"]),
		func(a string) bool { return a == "ChannelTimeZoneInfoId" })
	e.rows["RetailStores"] = []string{`{"StoreNumber":"1"}`}
	if got := read(t, e).Stores; !slices.Equal(got, []org.Store{{Number: "1"}}) {
		t.Errorf("stores %v", got)
	}
}
