package simcommerce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// clock is a time that only moves when told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestTheReportIsLate(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	s := newSite(t, openTasks, simcommerce.Options{Now: c.now, ReportLag: 10 * time.Minute,
		TaskEntity: simcommerce.TaskEntity{Name: "StoreTasks", Insert: true, Delete: true, Lag: time.Minute}})
	shows := func(when, inReport, inEntity string) {
		t.Helper()
		if got := s.names(report); got != inReport {
			t.Errorf("%s the report shows %q, want %q", when, got, inReport)
		}
		if got := s.names(customers); got != inEntity {
			t.Errorf("%s the entity shows %q, want %q", when, got, inEntity)
		}
	}
	shows("at first", "Floors Windows", "Floors Windows")
	s.do("PATCH", customers+windowsKey, `{"Name":"Panes"}`)
	shows("at once", "Floors Windows", "Floors Windows")
	if got := s.names(report, hq()...); got != "Floors Panes" {
		t.Errorf("at once those inside see %q", got)
	}
	c.at = c.at.Add(time.Minute)
	shows("after a minute", "Floors Windows", "Floors Panes")
	s.do("POST", customers, thirdTask)
	s.do("DELETE", customers+floorsKey, "")
	c.at = c.at.Add(9 * time.Minute)
	shows("after ten", "Floors Panes", "Doors Panes")
	if a := s.get(report + floorsKey); a.status != http.StatusOK {
		t.Errorf("the deleted task, by its key: %d", a.status)
	}
	c.at = c.at.Add(time.Minute)
	shows("after eleven", "Doors Panes", "Doors Panes")
	if a := s.get(report + floorsKey); a.status != http.StatusNotFound {
		t.Errorf("the deleted task, by its key: %d", a.status)
	}
}

// Whoever reads late and writes is told so.
func TestALateETagIsStale(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	s := newSite(t, openTasks, simcommerce.Options{Now: c.now, TaskEntity: simcommerce.TaskEntity{Name: "StoreTasks", Lag: time.Minute}})
	s.do("PATCH", report+windowsKey, `{"Status":"Completed"}`, hq()...)
	late := s.get(customers + windowsKey).row(t)
	if late["Status"] != "NotStarted" {
		t.Fatalf("not late: %v", late)
	}
	s.do("PATCH", customers+windowsKey, `{"Status":"InProgress"}`, "If-Match", fmt.Sprint(late["@odata.etag"])).
		refused(t, http.StatusPreconditionFailed, "changed")
	if got := s.get(report + windowsKey).row(t)["Status"]; got != "Completed" { // the report has no lag here
		t.Errorf("status %v", got)
	}
}

// What no client did waits for nothing, and an attribute that goes takes the
// past with it.
func TestLagEndsWithTheRowsItIsOf(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	s := newSite(t, openTasks, simcommerce.Options{Now: c.now, ReportLag: time.Hour, TaskEntity: simcommerce.TaskEntity{
		Name: "StoreTasks", Attributes: []string{"Instructions"}}})
	s.do("PATCH", customers+windowsKey, `{"Name":"Panes"}`)
	if err := s.SetRows("RetailTaskManagementReports", []json.RawMessage{json.RawMessage(floorsTask)}); err != nil {
		t.Fatal(err)
	}
	if got := s.names(report); got != "Floors" {
		t.Errorf("after SetRows: %q", got)
	}
	s.do("PATCH", customers+floorsKey, `{"Notes":"Mop","Name":"Floor"}`)
	for _, name := range []string{"Instructions", "AssignedWorker"} {
		if err := s.DropAttribute("StoreTasks", name); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.get(report + floorsKey).row(t); got["Notes"] != "Mop" || got["StoreNumber"] != "000102" || got["Name"] != "Floor" {
		t.Errorf("after attributes were dropped: %v", got)
	}
}

// A reading in pages is of one collection at one moment, its further attributes
// included.
func TestTasksInPages(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	s := newSite(t, openTasks, simcommerce.Options{Now: c.now, PageSize: 1, ReportLag: time.Minute,
		TaskEntity: simcommerce.TaskEntity{Name: "StoreTasks", Attributes: []string{"Instructions"}}})
	s.do("PATCH", customers+floorsKey, `{"Instructions":"Mop","Name":"Floor"}`)
	var got []string
	for _, collection := range []string{report, customers} {
		for next := collection + "?$orderby=Name"; next != ""; {
			d := s.do("GET", next, "").document(t)
			got, next = append(got, fmt.Sprint(d.Value[0]["Name"], d.Value[0]["Instructions"])), d.Next
		}
	}
	if want := []string{"Floors<nil>", "Windows<nil>", "FloorMop", "Windows"}; !slices.Equal(got, want) {
		t.Errorf("pages %q, want %q", got, want)
	}
}
