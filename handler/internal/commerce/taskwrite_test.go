package commerce_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

func TestChangeWritesEveryField(t *testing.T) {
	for progress, attributes := range map[string][]string{"Notes": full, "ProgressNotes": append([]string{"ProgressNotes"}, full...)} {
		t.Run("progress in "+progress, func(t *testing.T) {
			so, o := writable(attributes...)
			r := newTaskRig(t, so, o, row(1, `"Name":"a","Status":"NotStarted"`))
			item := r.list(t)[taskID(1)]
			if item.State.Takes != task.AllFields() || r.tasks.Abilities().Writes != task.AllFields() || !item.Whole {
				t.Fatalf("takes %b, whole %v", item.State.Takes, item.Whole)
			}
			to := task.Values{
				task.Status: task.Completed, task.Assignees: dana, task.Progress: "half\ndone", task.Title: "b", task.Instructions: "  how\nto",
				task.Due: "2026-05-12", task.Link: "https://example.com/x", task.Contact: "Kim",
			}
			changed, err := r.tasks.Change(t.Context(), here, item, to)
			if err != nil {
				t.Fatal(err)
			}
			wantValues(t, changed.State.Values, to)
			listed := r.list(t)[taskID(1)]
			wantValues(t, listed.State.Values, to)
			if changed.Version != listed.Version || changed.DetailsVersion != listed.DetailsVersion || listed.DetailsVersion == item.DetailsVersion {
				t.Errorf("versions %q, %q, listed %q, %q", changed.Version, changed.DetailsVersion, listed.Version, listed.DetailsVersion)
			}
			if item.State.Values[task.Title] != "a" {
				t.Error("the item that was given has changed")
			}
			stored := r.stored(t, taskID(1))
			if stored["AssignedWorker"] != "000001" || stored["DueDate"] != "2026-05-12T12:00:00Z" || stored["Status"] != "Completed" {
				t.Errorf("stored %v", stored)
			}
			if stored[progress] != "half\ndone" {
				t.Errorf("%s is %v", progress, stored[progress])
			}
			cleared := task.Values{task.Assignees: "", task.Due: "", task.Instructions: ""}
			if _, err := r.tasks.Change(t.Context(), here, changed, cleared); err != nil {
				t.Fatal(err)
			}
			for f := range cleared {
				if value, shown := r.list(t)[taskID(1)].State.Values[f]; value != "" || !shown {
					t.Errorf("%s is %q, shown %v", f, value, shown)
				}
			}
		})
	}
}

func TestReportAndEntityApart(t *testing.T) {
	so, o := writable(full...)
	r := newTaskRig(t, so, o, row(1, `"Name":"a","Notes":"went well","Instructions":"wipe"`))
	item := r.list(t)[taskID(1)]
	if item.State.Values[task.Instructions] != "wipe" || item.State.Values[task.Progress] != "went well" {
		t.Errorf("values %v", item.State.Values)
	}
	so, o = writable()
	r = newTaskRig(t, so, o, row(1, `"Name":"a","Notes":"wipe"`))
	item = r.list(t)[taskID(1)]
	if _, shown := item.State.Values[task.Progress]; shown || item.State.Values[task.Instructions] != "wipe" {
		t.Errorf("values %v: without instructions of their own, notes are", item.State.Values)
	}
	wantTakes := task.FieldsOf(task.Status, task.Assignees, task.Title, task.Instructions, task.Due)
	if item.State.Takes != wantTakes || r.tasks.Abilities().Writes != wantTakes {
		t.Errorf("takes %b, want %b", item.State.Takes, wantTakes)
	}
	_, err := r.tasks.Change(t.Context(), here, item, task.Values{task.Link: "x"})
	wantKind(t, err, fault.Invalid)
}

// TestNothingNewerIsOverwritten lets the till complete a task that the report
// still shows as not started.
func TestNothingNewerIsOverwritten(t *testing.T) {
	for name, read := range map[string]string{"report": "", "entity": entity} {
		t.Run(name, func(t *testing.T) {
			so, o := writable()
			so.ReportLag, o.Read = time.Hour, read
			r := newTaskRig(t, so, o, row(1, `"Name":"a","Status":"NotStarted"`))
			item := r.list(t)[taskID(1)]
			r.byHand(t, http.MethodPatch, taskID(1), map[string]string{"Status": "Completed"})
			_, err := r.tasks.Change(t.Context(), here, item, task.Values{task.Status: task.InProgress})
			wantKind(t, err, fault.Conflict)
			_, err = r.tasks.Change(t.Context(), here, item, task.Values{task.Title: "b"})
			wantKind(t, err, fault.Conflict)
			wantKind(t, r.tasks.Delete(t.Context(), here, item), fault.Conflict)
			if stored := r.stored(t, taskID(1)); stored["Status"] != "Completed" || stored["Name"] != "a" {
				t.Errorf("stored %v", stored)
			}
		})
	}
}

func TestAWriteTheReportDoesNotShowYet(t *testing.T) {
	so, o := writable()
	so.ReportLag = time.Hour
	r := newTaskRig(t, so, o, row(1, `"Name":"a","Status":"NotStarted"`))
	item := r.list(t)[taskID(1)]
	done, err := r.tasks.Change(t.Context(), here, item, task.Values{task.Status: task.Completed})
	if err != nil {
		t.Fatal(err)
	}
	stale := r.list(t)[taskID(1)]
	if stale.State.Values[task.Status] != task.NotStarted || stale.Version == done.Version {
		t.Fatalf("the report shows %v at once", stale.State.Values)
	}
	if _, err := r.tasks.Change(t.Context(), here, stale, task.Values{task.Status: task.Completed}); err != nil {
		t.Errorf("the same again: %v", err)
	}
	r.wait(2 * time.Hour)
	if shown := r.list(t)[taskID(1)]; shown.Version != done.Version {
		t.Errorf("version %q once shown, %q when written", shown.Version, done.Version)
	}
}

func TestOneCallWhereTheEntityIsRead(t *testing.T) {
	so, o := writable(full...)
	o.Read = entity
	r := newTaskRig(t, so, o, row(1, `"Name":"a"`))
	item := r.list(t)[taskID(1)]
	r.calls()
	r.list(t)
	if asked := r.calls(); len(asked) != 1 {
		t.Errorf("a listing asked %q", asked)
	}
	if _, err := r.tasks.Change(t.Context(), here, item, task.Values{task.Title: "b"}); err != nil {
		t.Fatal(err)
	}
	if asked := r.calls(); len(asked) != 1 || !strings.HasPrefix(asked[0], http.MethodPatch) {
		t.Errorf("a change asked %q", asked)
	}
}

func TestMembersAreLearned(t *testing.T) {
	so, o := writable()
	r := newTaskRig(t, so, o, row(1, `"Status":"NotStarted"`), row(2, `"Status":"Done"`))
	items := r.list(t)
	for status, want := range map[string]string{task.Completed: "Done", task.InProgress: "InProgress"} {
		if _, err := r.tasks.Change(t.Context(), here, items[taskID(1)], task.Values{task.Status: status}); err != nil {
			t.Fatal(err)
		}
		if got := r.stored(t, taskID(1))["Status"]; got != want {
			t.Errorf("%s was written as %v, want %s", status, got, want)
		}
		r.set(t, row(1, `"Status":"NotStarted"`), row(2, `"Status":"Done"`))
	}
}

func TestAssigneesThatCommerceKnows(t *testing.T) {
	so, o := writable()
	tests := map[string]struct{ to, stored, shown string }{
		"a worker":              {eli, "000002", eli},
		"the first of two":      {dana + "," + eli, "000001", dana},
		"somebody of no store":  {"0f000000-0000-4000-8000-000000000003", "000002", eli},
		"nobody":                {"", "", ""},
		"not even an object id": {"kim", "000002", eli},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newTaskRig(t, so, o, row(1, `"AssignedWorker":"000002"`))
			changed, err := r.tasks.Change(t.Context(), here, r.list(t)[taskID(1)], task.Values{task.Assignees: test.to})
			if err != nil || changed.State.Values[task.Assignees] != test.shown || r.stored(t, taskID(1))["AssignedWorker"] != test.stored {
				t.Errorf("%v, shows %q, stored %v", err, changed.State.Values[task.Assignees], r.stored(t, taskID(1))["AssignedWorker"])
			}
		})
	}
}

func TestCreateTwice(t *testing.T) {
	so, o := writable()
	r := newTaskRig(t, so, o, row(1, `"Name":"a"`))
	n := tasksync.NewItem{
		ID: taskID(7), Group: process, Name: "Own tasks",
		State: task.Values{task.Title: "new", task.Due: "2026-05-12", task.Status: task.InProgress, task.Assignees: dana, task.Link: "dropped"},
	}
	want := task.Values{task.Title: "new", task.Due: "2026-05-12", task.Status: task.InProgress, task.Assignees: dana, task.Instructions: ""}
	created, err := r.tasks.Create(t.Context(), here, n)
	if err != nil {
		t.Fatal(err)
	}
	wantValues(t, created.State.Values, want)
	if stored := r.stored(t, taskID(7)); stored["StoreNumber"] != "000135" || stored["Process_Name"] != "Own tasks" {
		t.Errorf("stored %v", stored)
	}
	if listed := r.list(t)[taskID(7)]; listed.Version != created.Version {
		t.Errorf("created in version %q, listed in %q", created.Version, listed.Version)
	}
	r.byHand(t, http.MethodPatch, taskID(7), map[string]string{"Name": "renamed"})
	again, err := r.tasks.Create(t.Context(), here, n)
	want[task.Title] = "renamed"
	if err != nil || len(r.env.Rows(report)) != 2 {
		t.Errorf("%v, %d rows", err, len(r.env.Rows(report)))
	}
	wantValues(t, again.State.Values, want)
	_, err = r.tasks.Create(t.Context(), here, tasksync.NewItem{ID: "mine"})
	wantKind(t, err, fault.Invalid)
}

// TestCreateIntoNothing: an empty collection does not tell what it has.
func TestCreateIntoNothing(t *testing.T) {
	so, o := writable(full...)
	r := newTaskRig(t, so, o)
	if got := r.list(t); len(got) != 0 {
		t.Fatalf("tasks %v", got)
	}
	_, err := r.tasks.Create(t.Context(), here, tasksync.NewItem{ID: taskID(1), State: task.Values{task.Title: "first"}})
	if err != nil || r.list(t)[taskID(1)].State.Values[task.Title] != "first" {
		t.Errorf("%v, %v", err, r.list(t))
	}
	if takes := r.list(t)[taskID(1)].State.Takes; takes != task.AllFields() {
		t.Errorf("takes %b now that there is a row", takes)
	}
}

func TestDelete(t *testing.T) {
	so, o := writable()
	r := newTaskRig(t, so, o, row(1, `"Name":"a"`), row(2, ``))
	item := r.list(t)[taskID(1)]
	for range 2 { // one that has gone is fine
		if err := r.tasks.Delete(t.Context(), here, item); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.list(t)) != 1 {
		t.Errorf("tasks %v", r.list(t))
	}
	_, err := r.tasks.Change(t.Context(), here, item, task.Values{task.Title: "b"})
	wantKind(t, err, fault.NotFound)
}

func TestRefusals(t *testing.T) {
	so, _ := writable()
	tests := map[string]struct {
		so      simcommerce.Options
		o       commerce.TaskOptions
		refuses []string
	}{
		"nothing can be written": {so, commerce.TaskOptions{}, []string{"change", "create", "delete"}},
		"update only":            {so, commerce.TaskOptions{Write: entity}, []string{"create", "delete"}},
		"the report itself":      {so, commerce.TaskOptions{Write: report, Inserts: true, Deletes: true}, []string{"change", "create", "delete"}},
		"no such collection":     {simcommerce.Options{}, commerce.TaskOptions{Write: entity, Inserts: true, Deletes: true}, []string{"change", "create", "delete"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newTaskRig(t, test.so, test.o, row(1, `"Name":"a"`))
			item := tasksync.Item{ID: taskID(1), State: task.State{Values: task.Values{task.Title: "a"}}}
			errs := map[string]error{}
			_, errs["change"] = r.tasks.Change(t.Context(), here, item, task.Values{task.Title: "b"})
			_, errs["create"] = r.tasks.Create(t.Context(), here, tasksync.NewItem{ID: taskID(2)})
			errs["delete"] = r.tasks.Delete(t.Context(), here, item)
			for what, err := range errs {
				if slices.Contains(test.refuses, what) {
					wantKind(t, err, fault.Invalid)
				} else if err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}
