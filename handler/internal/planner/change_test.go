package planner_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/local/simplanner"
)

// read reads one task that is there.
func read(t *testing.T, side tasksync.Side, name string) tasksync.Item {
	t.Helper()
	items, err := side.Read(t.Context(), tasksync.Place{}, []string{name})
	if err != nil {
		t.Fatal(err)
	}
	item, there := items[name]
	if !there {
		t.Fatalf("%s is not there", name)
	}
	return item
}

// TestChangeWritesWhatDiffers compares requests with those wanted, by field.
func TestChangeWritesWhatDiffers(t *testing.T) {
	own, details := "PATCH /planner/tasks/"+id(1), "PATCH /planner/tasks/"+id(1)+"/details"
	get, getDetails := "GET /planner/tasks/"+id(1), "GET /planner/tasks/"+id(1)+"/details"
	const typed = `"@odata.type":"#microsoft.graph.`
	tests := map[string]struct {
		to   task.Values
		want []string
	}{
		"nothing":                {task.Values{}, nil},
		"the same":               {task.Values{task.Title: "Window summer", task.Status: task.InProgress, task.Due: "2026-05-12", task.Contact: "Anna"}, nil},
		"the same in other form": {task.Values{task.Title: " Window  summer", task.Assignees: strings.ToUpper(ben) + "," + anna}, nil},
		"title and status": {
			task.Values{task.Title: "W", task.Status: task.Completed, task.Due: "2026-05-12"},
			[]string{own + ` {"percentComplete":100,"title":"W"}`},
		},
		"not started": {task.Values{task.Status: task.NotStarted}, []string{own + ` {"percentComplete":0}`}},
		"a due date":  {task.Values{task.Due: "2026-05-13"}, []string{own + ` {"dueDateTime":"2026-05-13T12:00:00Z"}`}},
		"no due date": {task.Values{task.Due: ""}, []string{own + ` {"dueDateTime":null}`}},
		"one assignee for another": {
			task.Values{task.Assignees: anna + ",c0000000-0000-4000-8000-000000000003"},
			[]string{own + ` {"assignments":{"be700000-0000-4000-8000-000000000002":null,` +
				`"c0000000-0000-4000-8000-000000000003":{` + typed + `plannerAssignment","orderHint":" !"}}}`},
		},
		"no assignees": {
			task.Values{task.Assignees: ""},
			[]string{own + ` {"assignments":{"a77a0000-0000-4000-8000-000000000001":null,"be700000-0000-4000-8000-000000000002":null}}`},
		},
		"progress": {
			task.Values{task.Progress: "done"},
			[]string{details + ` {"description":"Take it down.\n\nContact: Anna\n\n--- Progress ---\ndone"}`},
		},
		"no text at all": {
			task.Values{task.Progress: "", task.Instructions: "", task.Contact: ""},
			[]string{details + ` {"description":""}`, get},
		},
		"another link": {
			task.Values{task.Link: "https://contoso.com/c.d"},
			[]string{getDetails, details + ` {"references":{"https%3A//contoso%2Ecom/a%2520b":null,"https%3A//contoso%2Ecom/c%2Ed":{` +
				typed + `plannerExternalReference","alias":"Link","type":"Other","previewPriority":" !"}}}`, get},
		},
		"the link of people's": {
			task.Values{task.Link: "https://contoso.com/manual.pdf"},
			[]string{getDetails, details + ` {"references":{"https%3A//contoso%2Ecom/a%2520b":null,"https%3A//contoso%2Ecom/manual%2Epdf":{` +
				typed + `plannerExternalReference","alias":"Link","type":"Other"}}}`, get},
		},
		"no link": {
			task.Values{task.Link: ""},
			[]string{getDetails, details + ` {"references":{"https%3A//contoso%2Ecom/a%2520b":null}}`, get},
		},
		"the task and its details": {
			task.Values{task.Title: "W", task.Contact: "Ben"},
			[]string{
				details + ` {"description":"Take it down.\n\nContact: Ben\n\n--- Progress ---\nhalf done"}`,
				own + ` {"title":"W"}`,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			made := &calls{}
			c := newClient(t, made.note(server(func(r *http.Request, text string) *http.Response {
				if want := map[bool]string{true: `W/"d"`, false: `W/"t"`}[strings.HasSuffix(r.URL.Path, "/details")]; r.Method == http.MethodPatch &&
					r.Header.Get("If-Match") != want {
					t.Errorf("If-Match is %q", r.Header.Get("If-Match"))
				}
				return scripted(map[string]string{own: fullTask, get: fullTask, details: fullDetails, getDetails: fullDetails})(r, text)
			})))
			item := read(t, c, id(1))
			made.all()
			got, err := c.Change(t.Context(), tasksync.Place{}, item, test.to)
			if err != nil || got.ID != item.ID {
				t.Errorf("change: %+v, %v", got, err)
			}
			if calls := made.all(); !slices.Equal(calls, test.want) {
				t.Errorf("asked\n%s\nwant\n%s", strings.Join(calls, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestChangeRefusesWhatPlannerCannotShow(t *testing.T) {
	tests := map[string]task.Values{
		"cancelled":          {task.Status: task.Cancelled},
		"no status":          {task.Status: ""},
		"an unknown status":  {task.Status: "half done"},
		"no title":           {task.Title: " \n "},
		"no date":            {task.Due: "12.05.2026"},
		"a day that is none": {task.Due: "2026-02-30"},
		"nobody":             {task.Assignees: anna + ",ben"},
		"an unknown field":   {task.Field(99): "x"},
	}
	for name, to := range tests {
		t.Run(name, func(t *testing.T) {
			w := newTenant(t, simplanner.Options{})
			at := w.place()
			item := read(t, w.client, w.makes(at.Plan, task.Values{task.Title: "T"}))
			w.calls.all()
			to[task.Progress] = "half of it"
			if _, err := w.client.Change(t.Context(), at, item, to); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v, want invalid", err)
			}
			if made := w.calls.all(); len(made) != 0 {
				t.Errorf("asked %v", made)
			}
		})
	}
}

// TestChangeTakesAnswersWithoutContent has a service that ignores Prefer.
func TestChangeTakesAnswersWithoutContent(t *testing.T) {
	w := newTenant(t, simplanner.Options{})
	at := w.place()
	name := w.makes(at.Plan, task.Values{task.Title: "T", task.Instructions: "Do it"})
	c := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		plain := r.Clone(r.Context())
		plain.Header.Del("Prefer")
		return w.http.RoundTrip(plain)
	}))
	got, err := c.Change(t.Context(), at, read(t, c, name), task.Values{task.Title: "New", task.Progress: "well"})
	if err != nil {
		t.Fatal(err)
	}
	now := read(t, c, name)
	if got.Version != now.Version || got.DetailsVersion != now.DetailsVersion || !maps.Equal(got.State.Values, now.State.Values) ||
		got.State.Values[task.Title] != "New" || got.State.Values[task.Progress] != "well" {
		t.Errorf("returned %+v, there is %+v", got, now)
	}
}

// TestChangeKeepsWhatPeopleDid changes every field of a task that people gave
// references, a checklist, labels, order and a priority.
func TestChangeKeepsWhatPeopleDid(t *testing.T) {
	w := newTenant(t, simplanner.Options{})
	at := w.place()
	name := w.makes(at.Plan, task.Values{task.Title: "T", task.Assignees: anna})
	version := func(path string) string { return fmt.Sprint(w.as(anna, "GET", path, "", nil)["@odata.etag"]) }
	path := "/planner/tasks/" + name
	w.as(anna, "PATCH", path, version(path), map[string]any{
		"priority": 1, "appliedCategories": map[string]any{"category3": true}, "startDateTime": "2026-05-01T08:00:00Z",
	})
	w.as(anna, "PATCH", path+"/details", version(path+"/details"), map[string]any{
		"references": map[string]any{"https%3A//contoso%2Ecom/manual": map[string]any{
			"@odata.type": "#microsoft.graph.plannerExternalReference", "alias": "Manual"}},
		"checklist": map[string]any{anna: map[string]any{"@odata.type": "#microsoft.graph.plannerChecklistItem", "title": "Glue"}},
	})
	before := w.service.Tasks(at.Plan)[0]
	item := read(t, w.client, name)
	for _, to := range []task.Values{
		{task.Title: "N", task.Status: task.Completed, task.Due: "2026-06-01", task.Assignees: anna + "," + ben, task.Instructions: "I",
			task.Contact: "C", task.Progress: "P", task.Link: "https://contoso.com/x"},
		{task.Link: "Open drawer"},
		{task.Link: "", task.Instructions: "", task.Contact: "", task.Progress: "", task.Assignees: anna},
	} {
		var err error
		if item, err = w.client.Change(t.Context(), at, item, to); err != nil {
			t.Fatal(err)
		}
	}
	after := w.service.Tasks(at.Plan)[0]
	if after.Title != "N" || after.PercentComplete != 100 || len(after.Assignments) != 1 || after.Assignments[anna] != before.Assignments[anna] {
		t.Errorf("there is %+v", after)
	}
	if after.Priority != 1 || !after.Categories["category3"] || !after.Start.Equal(before.Start) || after.OrderHint != before.OrderHint ||
		!maps.Equal(after.Details.Checklist, before.Details.Checklist) || !maps.Equal(after.Details.References, before.Details.References) {
		t.Errorf("there is %+v, want what people did as it was in %+v", after, before)
	}
}

// TestADueDateBeforeTheStart writes a date that Planner refuses beside a starting
// date of people's.
func TestADueDateBeforeTheStart(t *testing.T) {
	w := newTenant(t, simplanner.Options{})
	at := w.place()
	name := w.makes(at.Plan, task.Values{task.Title: "T"})
	path := "/planner/tasks/" + name
	w.as(anna, "PATCH", path, fmt.Sprint(w.as(anna, "GET", path, "", nil)["@odata.etag"]), map[string]any{"startDateTime": "2026-06-01T08:00:00Z"})
	item, err := w.client.Change(t.Context(), at, read(t, w.client, name), task.Values{task.Due: "2026-05-12", task.Status: task.Completed})
	if err != nil || item.State.Values[task.Due] != "2026-05-12" {
		t.Fatalf("%+v, %v", item, err)
	}
	if there := w.service.Tasks(at.Plan)[0]; there.PercentComplete != 100 || there.Start.Format("2006-01-02") != "2026-05-12" {
		t.Errorf("there is %+v", there)
	}
}

func TestChangeErrors(t *testing.T) {
	own, details := "PATCH /planner/tasks/"+id(1), "PATCH /planner/tasks/"+id(1)+"/details"
	tests := map[string]struct {
		asked  string
		answer string
		want   fault.Kind
		full   bool
	}{
		"conflict":                 {own, "409 " + refusalBody(""), fault.Conflict, false},
		"stale":                    {own, "412 " + refusalBody(""), fault.Conflict, false},
		"gone":                     {own, "404 " + refusalBody(""), fault.NotFound, false},
		"refused":                  {own, "400 " + refusalBody(""), fault.Invalid, false},
		"no permission":            {own, "403 " + refusalBody(""), fault.Denied, false},
		"reopened on a full board": {own, "403 " + refusalBody("MaximumActiveTasksInProject"), fault.Denied, true},
		"too many assignees":       {own, "403 " + refusalBody("MaximumAssigneesInTasks"), fault.Denied, false},
		"an answer without id":     {own, `{"@odata.etag":"t"}`, fault.Incomplete, false},
		"an answer cut off":        {own, `{"@odata.etag":"t"`, fault.Incomplete, false},
		"details conflict":         {details, "409 " + refusalBody(""), fault.Conflict, false},
		"details stale":            {details, "412 " + refusalBody(""), fault.Conflict, false},
		"details gone":             {details, "404 " + refusalBody(""), fault.NotFound, false},
		"details without ETag":     {details, `{}`, fault.Incomplete, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			script := map[string]string{
				"GET /planner/tasks/" + id(1): fullTask, "GET /planner/tasks/" + id(1) + "/details": fullDetails,
				own: fullTask, details: fullDetails,
			}
			script[test.asked] = test.answer
			c := newClient(t, scripted(script))
			got, err := c.Change(t.Context(), tasksync.Place{}, read(t, c, id(1)), task.Values{task.Due: "", task.Title: "N", task.Progress: "P"})
			if !fault.Is(err, test.want) || errors.Is(err, tasksync.ErrFull) != test.full || got.ID != "" {
				t.Errorf("%+v, %v, want %v", got, err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "Secret") {
				t.Errorf("the error quotes the server: %v", err)
			}
		})
	}
}

// TestChangeOfAListedTask writes a description where a listing said that there is
// none, which was true, or no longer is.
func TestChangeOfAListedTask(t *testing.T) {
	w := newTenant(t, simplanner.Options{})
	at := w.place()
	name := w.makes(at.Plan, task.Values{task.Title: "T"})
	listed, err := w.client.List(t.Context(), at)
	if err != nil || len(listed) != 1 || !listed[0].Whole {
		t.Fatalf("listed %+v, %v", listed, err)
	}
	got, err := w.client.Change(t.Context(), at, listed[0], task.Values{task.Progress: "ours"})
	if now := read(t, w.client, name); err != nil || !maps.Equal(got.State.Values, now.State.Values) || got.Version != now.Version {
		t.Errorf("returned %+v, %v, there is %+v", got, err, now)
	}
	if _, err := w.client.Change(t.Context(), at, listed[0], task.Values{task.Progress: "again"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("over somebody's description: %v, want conflict", err)
	}
	partly, err := w.client.List(t.Context(), at)
	if err != nil || partly[0].Whole {
		t.Fatalf("listed %+v, %v", partly, err)
	}
	got, err = w.client.Change(t.Context(), at, partly[0], task.Values{task.Contact: "Ben"})
	if err != nil || got.State.Values[task.Progress] != "ours" || got.State.Values[task.Contact] != "Ben" || !got.Whole {
		t.Errorf("%+v, %v, want both fields", got, err)
	}
}

func TestDeleteErrors(t *testing.T) {
	for status, want := range map[string]fault.Kind{"409": fault.Conflict, "412": fault.Conflict, "403": fault.Denied} {
		c := newClient(t, scripted(map[string]string{"DELETE /planner/tasks/" + id(1): status + " " + refusalBody("")}))
		if err := c.Delete(t.Context(), tasksync.Place{}, tasksync.Item{ID: id(1), Version: "v"}); !fault.Is(err, want) {
			t.Errorf("status %s: %v, want %v", status, err, want)
		}
	}
}
