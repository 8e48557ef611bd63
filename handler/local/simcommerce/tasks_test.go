package simcommerce_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// The tasks of one process in two stores, one with a status nobody has heard of.
const (
	process    = "6b0d4c5e-0000-4000-8000-000000000001"
	windows    = "6b0d4c5e-0000-4000-8000-00000000000a"
	floors     = "6b0d4c5e-0000-4000-8000-00000000000b"
	openTasks  = `{"RetailTaskManagementReports":[` + windowsTask + `,` + floorsTask + `]}`
	report     = "/data/RetailTaskManagementReports"
	customers  = "/data/StoreTasks"
	windowsKey = "(Process_ProcessId=" + process + ",TaskId=" + windows + ")"
	floorsKey  = "(Process_ProcessId=" + process + ",TaskId=" + floors + ")"

	windowsTask = `{"Process_ProcessId":"` + process + `","TaskId":"` + windows + `","StoreNumber":"000101","Name":"Windows",` +
		`"Status":"NotStarted","DueDate":"2027-03-01T12:00:00Z"}`
	floorsTask = `{"Process_ProcessId":"` + process + `","TaskId":"` + floors + `","StoreNumber":"000102","Name":"Floors","Status":"Awaiting"}`
)

// hq is the header of what happens within Commerce.
func hq() []string { return []string{"Authorization", "Bearer hq"} }

// names reads the names of the tasks a collection shows.
func (s site) names(collection string, header ...string) string {
	s.t.Helper()
	return column(s.do("GET", collection+"?$orderby=Name", "", header...).document(s.t).Value, "Name")
}

const third = "6b0d4c5e-0000-4000-8000-00000000000c"

// thirdTask is a body that creates a task.
const thirdTask = `{"Process_ProcessId":"` + process + `","TaskId":"` + third + `","Name":"Doors"}`

func TestTheReportOfTasksIsReadOnly(t *testing.T) {
	s := newSite(t, openTasks, simcommerce.Options{Names: map[string]string{"Tasks": "RetailTaskManagementReports"},
		TaskEntity: simcommerce.TaskEntity{Name: "StoreTasks", Insert: true, Delete: true}})
	before := fmt.Sprintf("%s", s.Rows("RetailTaskManagementReports"))
	for _, collection := range []string{report, "/data/Tasks"} {
		s.do("POST", collection, thirdTask).refused(t, http.StatusMethodNotAllowed, "POST")
		s.do("PATCH", collection+windowsKey, `{"Status":"Completed"}`).refused(t, http.StatusMethodNotAllowed, "PATCH")
		s.do("DELETE", collection+windowsKey, "").refused(t, http.StatusMethodNotAllowed, "DELETE")
	}
	if after := fmt.Sprintf("%s", s.Rows("RetailTaskManagementReports")); after != before {
		t.Errorf("rows %s, want %s", after, before)
	}
	for _, a := range []answer{
		s.do("POST", report, thirdTask, hq()...),
		s.do("PATCH", report+windowsKey, `{"Name":"Shop windows"}`, hq()...),
		s.do("DELETE", report+floorsKey, "", hq()...),
	} {
		if a.status >= 300 {
			t.Errorf("from inside: %d %s", a.status, a.body)
		}
	}
	if got := s.names(report); got != "Doors Shop windows" {
		t.Errorf("tasks %q", got)
	}
}

func TestTaskEntityTakesWhatItWasMadeFor(t *testing.T) {
	for _, c := range []struct {
		entity simcommerce.TaskEntity
		want   string // the tasks at the end
	}{
		{simcommerce.TaskEntity{Name: "StoreTasks"}, "Floors Shop windows"},
		{simcommerce.TaskEntity{Name: "StoreTasks", Insert: true}, "Doors Floors Shop windows"},
		{simcommerce.TaskEntity{Name: "StoreTasks", Delete: true}, "Shop windows"},
		{simcommerce.TaskEntity{Name: "StoreTasks", Insert: true, Delete: true}, "Doors Shop windows"},
	} {
		t.Run(fmt.Sprintf("insert %t delete %t", c.entity.Insert, c.entity.Delete), func(t *testing.T) {
			s := newSite(t, openTasks, simcommerce.Options{TaskEntity: c.entity})
			changed := s.do("PATCH", customers+windowsKey, `{"Name":"Shop windows"}`)
			created := s.do("POST", customers, thirdTask)
			deleted := s.do("DELETE", customers+floorsKey, "")
			for _, got := range []struct {
				name  string
				took  bool
				works int
				answer
			}{
				{"change", true, http.StatusNoContent, changed},
				{"create", c.entity.Insert, http.StatusCreated, created},
				{"delete", c.entity.Delete, http.StatusNoContent, deleted},
			} {
				if want := map[bool]int{true: got.works, false: http.StatusMethodNotAllowed}[got.took]; got.status != want {
					t.Errorf("%s: %d, want %d", got.name, got.status, want)
				}
			}
			for _, collection := range []string{report, customers} {
				if got := s.names(collection); got != c.want {
					t.Errorf("%s shows %q, want %q", collection, got, c.want)
				}
			}
		})
	}
}

// A create whose answer was lost is told from one that did not happen: the same
// again is refused, and the row is there.
func TestTaskEntityTakesATaskOnce(t *testing.T) {
	s := newSite(t, openTasks, simcommerce.Options{TaskEntity: simcommerce.TaskEntity{Name: "StoreTasks", Insert: true}})
	s.Intercept(once(simcommerce.Fault{Truncate: true}))
	if a := s.do("POST", customers, thirdTask); a.readErr == nil {
		t.Fatal("the answer was not lost")
	}
	s.do("POST", customers, thirdTask).refused(t, http.StatusBadRequest, "already exists")
	if got := s.names(report); got != "Doors Floors Windows" {
		t.Errorf("tasks %q", got)
	}
}

func TestFurtherAttributesOfTheTaskEntity(t *testing.T) {
	s := newSite(t, `{"RetailTaskManagementReports":[`+strings.Replace(windowsTask, `{`, `{"Instructions":"Outside too",`, 1)+`]}`,
		simcommerce.Options{TaskEntity: simcommerce.TaskEntity{Name: "StoreTasks", Attributes: []string{"Instructions", "TaskLink"}}})
	if a := s.do("PATCH", customers+windowsKey, `{"TaskLink":"https://larkmoor.example/w","Notes":"By ten"}`); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	theirs := s.get(customers + windowsKey).row(t)
	if theirs["Instructions"] != "Outside too" || theirs["TaskLink"] != "https://larkmoor.example/w" || theirs["Notes"] != "By ten" {
		t.Errorf("in the entity: %v", theirs)
	}
	shown := s.get(report + windowsKey).row(t)
	for _, name := range []string{"Instructions", "TaskLink"} {
		if v, there := shown[name]; there {
			t.Errorf("the report shows %s: %v", name, v)
		}
		s.get(report, "$select", name).refused(t, http.StatusBadRequest, name)
		s.get(report, "$filter", name+" eq ''").refused(t, http.StatusBadRequest, name)
		s.get(report, "$orderby", name).refused(t, http.StatusBadRequest, name)
	}
	if shown["Notes"] != "By ten" || shown["StoreNumber"] != "000101" {
		t.Errorf("in the report: %v", shown)
	}
	if got := s.get(customers, "$filter", "Instructions eq '*outside*'").document(t).Value; len(got) != 1 {
		t.Errorf("%d tasks by their instructions", len(got))
	}
	if a := s.do("PATCH", report+windowsKey, `{"Instructions":"Inside only"}`, hq()...); a.status != http.StatusNoContent {
		t.Errorf("from inside: %d %s", a.status, a.body)
	}
	if row := string(s.Rows("StoreTasks")[0]); !strings.Contains(row, `"Instructions":"Inside only"`) {
		t.Errorf("the row: %s", row)
	}
}

func TestETagsOfTheTaskEntityAreItsOwn(t *testing.T) {
	s := newSite(t, openTasks, simcommerce.Options{TaskEntity: simcommerce.TaskEntity{Name: "StoreTasks", Insert: true, Delete: true}})
	tag := func(collection string) string {
		t.Helper()
		return fmt.Sprint(s.get(collection + windowsKey).row(t)["@odata.etag"])
	}
	stale, foreign := tag(customers), tag(report)
	s.do("PATCH", customers+windowsKey, `{"Notes":"a"}`, "If-Match", foreign).refused(t, http.StatusPreconditionFailed, "changed")
	if a := s.do("PATCH", customers+windowsKey, `{"Notes":"b"}`, "If-Match", stale); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if tag(report) == tag(customers) {
		t.Error("after a write both collections have one ETag")
	}
	s.do("PATCH", customers+windowsKey, `{"Notes":"c"}`, "If-Match", stale).refused(t, http.StatusPreconditionFailed, "changed")
	s.do("DELETE", customers+windowsKey, "", "If-Match", stale).refused(t, http.StatusPreconditionFailed, "changed")
	stale = tag(customers)
	s.do("PATCH", report+windowsKey, `{"AssignedWorker":"001007"}`, hq()...) // at the till
	s.do("PATCH", customers+windowsKey, `{"Notes":"d"}`, "If-Match", stale).refused(t, http.StatusPreconditionFailed, "changed")
	if got := s.get(report + windowsKey).row(t); got["Notes"] != "b" || got["AssignedWorker"] != "001007" {
		t.Errorf("the task: %v", got)
	}
	made := s.do("POST", customers, thirdTask).row(t)["@odata.etag"]
	if a := s.do("DELETE", customers+"(Process_ProcessId="+process+",TaskId="+third+")", "", "If-Match", fmt.Sprint(made)); a.status != http.StatusNoContent {
		t.Errorf("with the ETag of the create: %d %s", a.status, a.body)
	}
}

func TestTaskStatusIsAnEnumOfWhateverMembers(t *testing.T) {
	s := newSite(t, openTasks, simcommerce.Options{})
	if got := s.get(report + floorsKey).row(t); got["Status"] != "Awaiting" || got["DueDate"] != "1900-01-01T00:00:00Z" {
		t.Errorf("the task: %v", got)
	}
	const literal = "Microsoft.Dynamics.DataEntities.BusinessProcessTaskStatus"
	if got := column(s.get(report, "$filter", "Status ne "+literal+"'NotStarted'").document(t).Value, "Name"); got != "Floors" {
		t.Errorf("not NotStarted: %q", got)
	}
	s.get(report, "$filter", "Status eq 'NotStarted'").refused(t, http.StatusBadRequest, "incompatible")
	s.get(report, "$filter", "Status gt "+literal+"'NotStarted'").refused(t, http.StatusBadRequest, "Only eq and ne")
}

func TestReadingsOfTasksFailAsTold(t *testing.T) {
	s := newSite(t, openTasks, simcommerce.Options{TaskEntity: simcommerce.TaskEntity{Name: "StoreTasks"}})
	for _, collection := range []string{report, customers} {
		s.Intercept(once(simcommerce.Fault{DropRows: 100}))
		if got := s.names(collection); got != "" {
			t.Errorf("%s: an empty page has %q", collection, got)
		}
		s.Intercept(once(simcommerce.Fault{Status: http.StatusServiceUnavailable}))
		s.get(collection).refused(t, http.StatusServiceUnavailable, "")
		if got := s.names(collection); got != "Floors Windows" {
			t.Errorf("%s: then %q", collection, got)
		}
	}
	s.Publish("RetailTaskManagementReports", false)
	s.get(report).refused(t, http.StatusNotFound, "Reports")
	if got := s.names(customers) + ", " + s.names(report, hq()...); got != "Floors Windows, Floors Windows" {
		t.Errorf("in the entity, and inside: %s", got)
	}
}

func TestTaskEntitiesThatCannotBe(t *testing.T) {
	names := map[string]string{"Tills": "RetailStores"}
	for _, entity := range []simcommerce.TaskEntity{
		{Insert: true}, {Attributes: []string{"Instructions"}}, {Lag: time.Second},
		{Name: "RetailStores"}, {Name: "RetailTaskManagementReports"}, {Name: "Tills"},
		{Name: "StoreTasks", Attributes: []string{"Notes"}},
		{Name: "StoreTasks", Attributes: []string{"Instructions", "Instructions"}},
		{Name: "StoreTasks", Attributes: []string{"Task link"}},
	} {
		if _, err := simcommerce.New(nil, simcommerce.Options{Names: names, TaskEntity: entity}); err == nil {
			t.Errorf("%+v was taken", entity)
		}
	}
}
