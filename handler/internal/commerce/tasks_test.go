package commerce_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

func TestListShowsARow(t *testing.T) {
	berlin, _ := commerce.Zone("W. Europe Standard Time")
	r := newTaskRig(t, simcommerce.Options{}, commerce.TaskOptions{Zone: func(org.StoreNumber) *time.Location { return berlin }},
		row(1, `"Process_Name":"Spring  window","Process_TargetDate":"2026-05-12T00:00:00Z","Process_Status":"InProgress",
			"AssignedWorker":"000002","DueDate":"2026-05-10T22:30:00Z","Name":" Clean\tthe window ","Notes":"  - inside\r\n  - outside \r\n","Status":"Completed"`))
	item := r.list(t)[taskID(1)]
	wantValues(t, item.State.Values, task.Values{
		task.Status: task.Completed, task.Assignees: eli, task.Title: "Clean the window",
		task.Due: "2026-05-11", task.Instructions: "  - inside\n  - outside",
	})
	if item.State.Takes != 0 || !item.State.Single || item.State.Ordered || !item.Whole || item.Cancelled {
		t.Errorf("item %+v: nothing can be written, one assignee, whole", item)
	}
	if item.Group != process || item.GroupName != "Spring window" || !item.Target.Equal(time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("process %q %q %v", item.Group, item.GroupName, item.Target)
	}
	if a := r.tasks.Abilities(); a != (tasksync.Abilities{}) {
		t.Errorf("abilities %+v, want none", a)
	}
}

func TestFields(t *testing.T) {
	tests := map[string]struct {
		attributes string
		field      task.Field
		want       string
		hidden     bool
	}{
		"not started":              {`"Status":"NotStarted"`, task.Status, task.NotStarted, false},
		"another spelling":         {`"Status":"In progress"`, task.Status, task.InProgress, false},
		"cancelled":                {`"Status":"Canceled"`, task.Status, task.Cancelled, false},
		"unknown status":           {`"Status":"Snoozed"`, task.Status, "", true},
		"status of no text":        {`"Status":{}`, task.Status, "", true},
		"nobody assigned":          {`"AssignedWorker":""`, task.Assignees, "", false},
		"worker without account":   {`"AssignedWorker":"000009"`, task.Assignees, "", true},
		"worker as number":         {`"AssignedWorker":2`, task.Assignees, "", true},
		"no due date":              {`"DueDate":"1900-01-01T00:00:00Z"`, task.Due, "", false},
		"no due date, moved":       {`"DueDate":"1900-01-01T12:00:00Z"`, task.Due, "", false},
		"due at midnight":          {`"DueDate":"2026-05-12T00:00:00Z"`, task.Due, "2026-05-12", false},
		"due at noon":              {`"DueDate":"2026-05-12T12:00:00Z"`, task.Due, "2026-05-12", false},
		"due before there was":     {`"DueDate":"1899-05-12T12:00:00Z"`, task.Due, "", false},
		"due on no date":           {`"DueDate":"soon"`, task.Due, "", true},
		"an evening elsewhere":     {`"DueDate":"2026-05-12T02:00:00Z"`, task.Due, "2026-05-11", false},
		"empty notes":              {`"Notes":""`, task.Instructions, "", false},
		"notes of no text":         {`"Notes":[]`, task.Instructions, "", true},
		"a title of two lines":     {`"Name":"a\nb"`, task.Title, "a b", false},
		"a title over the limit":   {`"Name":"` + strings.Repeat("x", 300) + `"`, task.Title, strings.Repeat("x", 255), false},
		"a field the report lacks": {``, task.Link, "", true},
	}
	chicago, _ := commerce.Zone("Central Standard Time")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newTaskRig(t, simcommerce.Options{}, commerce.TaskOptions{Zone: func(org.StoreNumber) *time.Location { return chicago }}, row(1, test.attributes))
			item, there := r.list(t)[taskID(1)]
			got, shown := item.State.Values[test.field]
			if !there || got != test.want || shown == test.hidden {
				t.Errorf("there %v, shown %v, value %q; want shown %v, %q", there, shown, got, !test.hidden, test.want)
			}
		})
	}
}

func TestUnknownStatusIsLoggedOnce(t *testing.T) {
	r := newTaskRig(t, simcommerce.Options{}, commerce.TaskOptions{}, row(1, `"Status":"Snoozed"`), row(2, `"Status":"Snoozed"`))
	r.list(t)
	r.list(t)
	if n := strings.Count(r.log.String(), "status=Snoozed"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, r.log)
	}
}

func TestCancelled(t *testing.T) {
	r := newTaskRig(t, simcommerce.Options{}, commerce.TaskOptions{},
		row(1, `"Status":"Completed","Process_Status":"Cancelled"`), row(2, `"Status":"Cancelled"`), row(3, `"Status":"NotStarted","Process_Status":"Whatever"`))
	items := r.list(t)
	for n, want := range map[int]bool{1: true, 2: true, 3: false} {
		if got := items[taskID(n)].Cancelled; got != want {
			t.Errorf("task %d: cancelled %v", n, got)
		}
	}
	if got := items[taskID(1)].State.Values[task.Status]; got != task.Completed {
		t.Errorf("a completed task of a cancelled process is %q", got)
	}
}

func TestPlacesAreApart(t *testing.T) {
	r := newTaskRig(t, simcommerce.Options{PageSize: 2}, commerce.TaskOptions{},
		row(1, ``), row(2, `"StoreNumber":"000200"`), row(3, `"StoreNumber":""`), row(4, ``), row(5, ``))
	if got, want := slices.Sorted(maps.Keys(r.list(t))), []string{taskID(1), taskID(4), taskID(5)}; !slices.Equal(got, want) {
		t.Errorf("tasks %v, want %v", got, want)
	}
	read, err := r.tasks.Read(t.Context(), here, []string{taskID(1), taskID(2), taskID(99)})
	if err != nil || len(read) != 1 || read[taskID(1)].ID != taskID(1) {
		t.Errorf("read %v, %v: only the store's own", read, err)
	}
	odd, err := r.tasks.List(t.Context(), tasksync.Place{Store: "it's"})
	if err != nil || len(odd) > 0 {
		t.Errorf("a number with a quote: %v, %v", odd, err)
	}
	_, err = r.tasks.Read(t.Context(), here, []string{"x' or 1 eq 1"})
	wantKind(t, err, fault.Invalid)
}

func TestReadAsksForTwentyAtOnce(t *testing.T) {
	var rows, ids []string
	for n := range 45 {
		rows, ids = append(rows, row(n, ``)), append(ids, taskID(n))
	}
	r := newTaskRig(t, simcommerce.Options{}, commerce.TaskOptions{}, rows...)
	r.list(t)
	r.calls()
	read, err := r.tasks.Read(t.Context(), here, ids)
	if asked := r.calls(); err != nil || len(read) != 45 || len(asked) != 3 {
		t.Errorf("%d tasks in %d calls, %v", len(read), len(asked), err)
	}
}

func TestVersionsFollowWhatIsShown(t *testing.T) {
	so, o := writable()
	r := newTaskRig(t, so, o, row(1, `"Name":"a"`), row(2, `"Name":"a"`))
	first := r.list(t)
	if again := r.list(t); again[taskID(1)].Version != first[taskID(1)].Version {
		t.Error("a version changed by itself")
	}
	r.byHand(t, http.MethodPatch, taskID(1), map[string]string{"Status": "Completed"})
	second := r.list(t)
	if second[taskID(1)].Version == first[taskID(1)].Version || second[taskID(2)].Version != first[taskID(2)].Version {
		t.Error("a version does not tell the change")
	}
	for item, err := range r.tasks.Tasks(t.Context(), time.Time{}) {
		if err != nil || item.Version != second[item.ID].Version || item.Store != here.Store {
			t.Errorf("stock has %s of store %s in version %q, the listing %q, %v", item.ID, item.Store, item.Version, second[item.ID].Version, err)
		}
	}
}
