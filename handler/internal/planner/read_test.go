package planner_test

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/planner"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simplanner"
)

// fullTask is a task with all that people may put into one.
const fullTask = `{"@odata.etag":"W/\"t\"","id":"id-0000000000000000000000001","bucketId":"b","title":" Window \n summer ","percentComplete":70,
	"dueDateTime":"2026-05-12T23:30:00Z","startDateTime":"2026-05-01T00:00:00Z","hasDescription":true,"referenceCount":2,
	"assignments":{"@odata.type":"#microsoft.graph.plannerAssignments","BE700000-0000-4000-8000-000000000002":{"orderHint":"8587P]"},
		"a77a0000-0000-4000-8000-000000000001":{"orderHint":"8588P]"},"someone":{},"be700000-0000-4000-8000-000000000009":null},
	"createdBy":{"application":{"id":"09abbdfd-ed23-44ee-a2d9-a627aa1c90f3"},"user":{"id":"A77A0000-0000-4000-8000-000000000001"}},
	"createdDateTime":"2026-05-01T08:00:00Z","completedBy":null,"completedDateTime":null}`

const fullDetails = `{"@odata.etag":"W/\"d\"","id":"id-0000000000000000000000001","description":"Take it down.\r\n\r\ncontact: Anna\r\n— progress —\r\nhalf done",
	"references":{"https%3A//contoso%2Ecom/manual%2Epdf":{"alias":"Manual"},"https%3A//contoso%2Ecom/a%2520b":{"alias":"Link","type":"Other"}},
	"checklist":{},"previewType":"automatic"}`

func TestReadUnderstandsWhatPeopleDo(t *testing.T) {
	c := newClient(t, scripted(map[string]string{
		"GET /planner/tasks/" + id(1): fullTask, "GET /planner/tasks/" + id(1) + "/details": fullDetails,
	}))
	got, err := c.Read(t.Context(), tasksync.Place{}, []string{id(1), "", "x", id(2), "../" + id(3)[3:], id(1)})
	if err != nil || len(got) != 1 {
		t.Fatalf("read %v, %v", got, err)
	}
	item := got[id(1)]
	want := task.Values{
		task.Title: "Window summer", task.Status: task.InProgress, task.Due: "2026-05-12", task.Assignees: anna + "," + ben,
		task.Instructions: "Take it down.", task.Contact: "Anna", task.Progress: "half done", task.Link: "https://contoso.com/a%20b",
	}
	if !maps.Equal(item.State.Values, want) {
		t.Errorf("values %v, want %v", item.State.Values, want)
	}
	if item.Version != `W/"t"` || item.DetailsVersion != `W/"d"` || !item.Whole || !item.State.Ordered || item.Group != "b" ||
		item.CreatedBy.String() != anna || item.ByUs || !item.CompletedBy.IsZero() || !item.CompletedAt.IsZero() ||
		!item.CreatedAt.Equal(time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("read %+v", item)
	}
}

func TestListShowsDetailsOnlyIfThereAreNone(t *testing.T) {
	tests := map[string]struct {
		task  string
		whole bool
	}{
		"nothing":       {`"hasDescription":false,"referenceCount":0,"checklistItemCount":3`, true},
		"a description": {`"hasDescription":true,"referenceCount":0`, false},
		"a reference":   {`"hasDescription":false,"referenceCount":1`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, scripted(map[string]string{
				"GET /planner/plans/" + id(9) + "/tasks": `{"value":[{"@odata.etag":"t","id":"x","title":"T","dueDateTime":null,"assignments":{},` + test.task + `}]}`,
			}))
			got, err := c.List(t.Context(), tasksync.Place{Plan: id(9)})
			if err != nil || len(got) != 1 {
				t.Fatalf("list %v, %v", got, err)
			}
			want := task.Values{task.Title: "T", task.Status: task.NotStarted, task.Due: "", task.Assignees: ""}
			if test.whole {
				maps.Copy(want, task.Values{task.Instructions: "", task.Contact: "", task.Progress: "", task.Link: ""})
			}
			if got[0].Whole != test.whole || !maps.Equal(got[0].State.Values, want) {
				t.Errorf("whole %t, %v", got[0].Whole, got[0].State.Values)
			}
		})
	}
}

// TestWhoMadeIt knows our app, with and without being told its id.
func TestWhoMadeIt(t *testing.T) {
	tests := map[string]struct {
		by           string
		told, untold bool
	}{
		"our app":                       {`{"application":{"id":"` + strings.ToUpper(app) + `"},"user":null}`, true, true},
		"another app":                   {`{"application":{"id":"` + ben + `"}}`, false, true},
		"a user in Planner's app":       {`{"application":{"id":"` + ben + `"},"user":{"id":"` + anna + `"}}`, false, false},
		"a user in our app":             {`{"application":{"id":"` + app + `"},"user":{"id":"` + anna + `"}}`, true, false},
		"an app, and a user without id": {`{"application":{"id":"` + app + `"},"user":{"id":null}}`, true, true},
		"nobody":                        {`null`, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			serve := scripted(map[string]string{
				"GET /planner/plans/" + id(9) + "/tasks":  `{"value":[{"@odata.etag":"t","id":"x","createdBy":` + test.by + `}]}`,
				"GET /groups/" + store + "/planner/plans": `{"value":[{"id":"p","title":"P","createdBy":` + test.by + `}]}`,
			})
			base, err := url.Parse(root)
			if err != nil {
				t.Fatal(err)
			}
			out, err := outbound.New(outbound.Options{Name: "graph", Base: base, Transport: serve})
			if err != nil {
				t.Fatal(err)
			}
			for appID, want := range map[string]bool{app: test.told, "": test.untold} {
				c := planner.New(out, base, planner.Options{AppID: appID})
				items, err := c.List(t.Context(), tasksync.Place{Plan: id(9)})
				if err != nil || len(items) != 1 || items[0].ByUs != want {
					t.Errorf("told %q: %+v, %v, want %t", appID, items, err, want)
				}
				plans, err := c.Plans(t.Context(), store)
				if err != nil || len(plans) != 1 || plans[0] != (tasksync.Plan{ID: "p", Title: "P", ByUs: want}) {
					t.Errorf("told %q: %+v, %v, want %t", appID, plans, err, want)
				}
			}
		})
	}
}

func TestYoungDetailsAreNotConcludedFrom(t *testing.T) {
	w := newTenant(t, simplanner.Options{DetailsDelay: time.Hour})
	at := w.place()
	made := w.as(anna, "POST", "/planner/tasks", "", map[string]any{"planId": at.Plan, "title": "T"})
	name, _ := made["id"].(string)
	got, err := w.client.Read(t.Context(), at, []string{name})
	if err != nil {
		t.Fatal(err)
	}
	item := got[name]
	if _, shown := item.State.Values[task.Instructions]; item.Whole || shown || item.State.Values[task.Title] != "T" {
		t.Errorf("read %+v, want a title and no details", item)
	}
}

func TestReadErrors(t *testing.T) {
	theTask, theDetails := "GET /planner/tasks/"+id(1), "GET /planner/tasks/"+id(1)+"/details"
	tests := map[string]struct {
		script map[string]string
		want   fault.Kind
	}{
		"a task denied":         {map[string]string{theTask: "403 " + refusalBody("")}, fault.Denied},
		"details denied":        {map[string]string{theTask: fullTask, theDetails: "403 " + refusalBody("")}, fault.Denied},
		"a bad request":         {map[string]string{theTask: "400 " + refusalBody("")}, fault.Invalid},
		"a task without id":     {map[string]string{theTask: `{"@odata.etag":"t"}`}, fault.Incomplete},
		"a task without ETag":   {map[string]string{theTask: `{"id":"t"}`}, fault.Incomplete},
		"details without ETag":  {map[string]string{theTask: fullTask, theDetails: `{"description":"x"}`}, fault.Incomplete},
		"another shape":         {map[string]string{theTask: `[]`}, fault.Incomplete},
		"a date that is none":   {map[string]string{theTask: `{"@odata.etag":"t","id":"x","dueDateTime":"soon"}`}, fault.Incomplete},
		"no content":            {map[string]string{theTask: `204 null`}, fault.Incomplete},
		"details without words": {map[string]string{theTask: fullTask, theDetails: `204 null`}, fault.Incomplete},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := newClient(t, scripted(test.script)).Read(t.Context(), tasksync.Place{}, []string{id(1), id(2)})
			if !fault.Is(err, test.want) || got != nil {
				t.Errorf("read %v, %v, want %v", got, err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "Secret") {
				t.Errorf("the error quotes the server: %v", err)
			}
		})
	}
}

func TestListErrors(t *testing.T) {
	listing := "GET /planner/plans/" + id(9) + "/tasks"
	tests := map[string]struct {
		page string
		want fault.Kind
	}{
		"elsewhere":       {`{"value":[{"@odata.etag":"t","id":"x"}],"@odata.nextLink":"https://evil.example/v1.0/planner"}`, fault.Denied},
		"denied":          {"403 " + refusalBody(""), fault.Denied},
		"half a page":     {`{"value":[{"@odata.etag":"t","id":"x"}`, fault.Incomplete},
		"no list":         {`{}`, fault.Incomplete},
		"without an id":   {`{"value":[{"@odata.etag":"t"}]}`, fault.Incomplete},
		"without an ETag": {`{"value":[{"id":"t"}]}`, fault.Incomplete},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := newClient(t, scripted(map[string]string{listing: test.page})).List(t.Context(), tasksync.Place{Plan: id(9)})
			if !fault.Is(err, test.want) || got != nil {
				t.Errorf("list %v, %v, want %v", got, err, test.want)
			}
		})
	}
	if _, err := newClient(t, scripted(nil)).List(t.Context(), tasksync.Place{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a plan: %v, want invalid", err)
	}
}

// TestVersions lists 45 plans, of which two are gone and one is denied; pages are
// small, so that some links are followed.
func TestVersions(t *testing.T) {
	w := newTenant(t, simplanner.Options{PageSize: 2})
	want := map[string]map[string]string{}
	var plans []string
	for i := range 45 {
		plan := w.place().Plan
		plans = append(plans, plan)
		want[plan] = map[string]string{}
		for range i % 6 {
			made := w.as(anna, "POST", "/planner/tasks", "", map[string]any{"planId": plan, "title": "T"})
			want[plan][fmt.Sprint(made["id"])] = fmt.Sprint(made["@odata.etag"])
		}
	}
	gone := []string{strings.Repeat("A", 28), strings.Repeat("B", 27) + "A"}
	w.calls.all()
	listed, failed, err := w.client.Versions(t.Context(), append(append(plans, gone...), plans[7]))
	if err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(listed, want, maps.Equal[map[string]string, map[string]string]) {
		t.Errorf("listed %v, want %v", listed, want)
	}
	for _, plan := range gone {
		if err := failed[plan]; !fault.Is(err, fault.NotFound) || len(failed) != len(gone) {
			t.Errorf("failed %v", failed)
		}
	}
	batches := 0
	for _, call := range w.calls.all() {
		if strings.HasPrefix(call, "POST /$batch") {
			batches++
		}
	}
	if batches != 3 {
		t.Errorf("%d batches, want 3", batches)
	}
}

func TestVersionsCostNoOther(t *testing.T) {
	at := func(n int) string { return "GET /planner/plans/" + id(n) + "/tasks" }
	good := `{"value":[{"@odata.etag":"v","id":"t"}]}`
	c := newClient(t, scripted(map[string]string{
		at(1): good, at(3): "403 " + refusalBody(""), at(4): `{}`, at(5): `{"value":[{"id":"t"}]}`, at(6): "204 null",
		at(7): `{"value":[],"@odata.nextLink":"` + root + `/planner/plans/` + id(2) + `/tasks"}`,
		at(8): `{"value":[],"@odata.nextLink":"http://evil.example/"}`, at(9): good,
	}))
	var plans []string
	for n := range 9 {
		plans = append(plans, id(n+1))
	}
	listed, failed, err := c.Versions(t.Context(), plans)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]fault.Kind{
		2: fault.NotFound, 3: fault.Denied, 4: fault.Incomplete, 5: fault.Incomplete, 6: fault.Incomplete,
		7: fault.NotFound, 8: fault.Denied,
	}
	for n, kind := range want {
		if !fault.Is(failed[id(n)], kind) {
			t.Errorf("plan %d: %v, want %v", n, failed[id(n)], kind)
		}
	}
	if len(failed) != len(want) || len(listed) != 2 || listed[id(1)]["t"] != "v" || listed[id(9)]["t"] != "v" {
		t.Errorf("listed %v, failed %v", listed, failed)
	}
	whole := newClient(t, scripted(map[string]string{}))
	if listed, failed, err := whole.Versions(t.Context(), nil); err != nil || len(listed)+len(failed) != 0 {
		t.Errorf("no plans: %v, %v, %v", listed, failed, err)
	}
}
