package simplanner_test

import (
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simplanner"
)

func TestTaskAsMade(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	bucket := r.bucket(plan, "Opening")
	made := r.task(plan, props{
		"bucketId": bucket.id(), "dueDateTime": "2026-03-05T14:00:00+02:00", "startDateTime": "2026-03-04T00:00:00Z",
		"assignments":       props{anna: props{"@odata.type": assignmentType, "orderHint": " !"}},
		"appliedCategories": props{"category1": true, "category25": true, "category3": false}, "percentComplete": 50,
	})
	for name, want := range map[string]any{
		"title": "Count the till", "planId": plan, "bucketId": bucket.id(), "percentComplete": 50, "priority": 5,
		"startDateTime": "2026-03-04T00:00:00Z", "dueDateTime": "2026-03-05T12:00:00Z", "completedDateTime": nil,
		"completedBy": nil, "createdDateTime": "2026-03-01T08:00:00Z", "conversationThreadId": nil,
		"createdBy":         props{"application": props{"displayName": nil, "id": app}},
		"appliedCategories": props{"category1": true, "category25": true}, "previewType": "automatic",
		"hasDescription": false, "referenceCount": 0, "checklistItemCount": 0, "activeChecklistItemCount": 0,
	} {
		equal(t, name, made.body[name], want)
	}
	assignments, _ := made.body["assignments"].(props)
	one, _ := assignments[anna].(props)
	equal(t, "type", one["@odata.type"], assignmentType)
	equal(t, "assigned", one["assignedDateTime"], "2026-03-01T08:00:00Z")
	if hint, _ := one["orderHint"].(string); hint == "" || strings.ContainsAny(hint, " !") {
		t.Errorf("the order hint is still what was sent: %q", hint)
	}
	got := r.want(200, "GET", "/planner/tasks/"+made.id(), nil)
	delete(got.body, "@odata.context")
	delete(made.body, "@odata.context")
	equal(t, "read back", got.body, made.body)
	some := r.want(200, "GET", "/planner/tasks/"+made.id()+"?$select=title,%20priority&$expand=details", nil)
	delete(some.body, "@odata.context")
	details := r.details(made.id()).body
	delete(details, "@odata.context")
	equal(t, "selected", some.body, props{"@odata.etag": made.tag(), "title": "Count the till", "priority": 5, "details": details})
}

func TestTaskRefusals(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	foreign := r.bucket(r.plan(), "Of another plan")
	made := r.task(plan, nil)
	someone := func(value any) props { return props{"assignments": props{anna: value}} }
	for name, more := range map[string]props{
		"no title":                 {"title": nil},
		"blank title":              {"title": "  "},
		"empty title":              {"title": ""},
		"long title":               {"title": strings.Repeat("x", 256)},
		"long title in UTF-16":     {"title": strings.Repeat("𝄞", 128)},
		"over 100":                 {"percentComplete": 101},
		"below 0":                  {"percentComplete": -1},
		"half a percent":           {"percentComplete": 0.5},
		"percent as text":          {"percentComplete": "50"},
		"priority 11":              {"priority": 11},
		"priority below 0":         {"priority": -1},
		"start after due":          {"startDateTime": "2026-03-06T00:00:00Z", "dueDateTime": "2026-03-05T00:00:00Z"},
		"no zone":                  {"dueDateTime": "2026-03-05T00:00:00"},
		"no time":                  {"dueDateTime": "2026-03-05"},
		"no date":                  {"dueDateTime": "tomorrow"},
		"echoed order hint":        {"orderHint": made.text("orderHint")},
		"order hint without end":   {"orderHint": "a b"},
		"order hint null":          {"orderHint": nil},
		"echoed assigneePriority":  {"assigneePriority": made.text("assigneePriority")},
		"bucket of another plan":   {"bucketId": foreign.id()},
		"malformed bucket":         {"bucketId": "short"},
		"category 0":               {"appliedCategories": props{"category0": true}},
		"category 26":              {"appliedCategories": props{"category26": true}},
		"category 01":              {"appliedCategories": props{"category01": true}},
		"category as text":         {"appliedCategories": props{"category1": "yes"}},
		"no categories":            {"appliedCategories": props{}},
		"no assignments":           {"assignments": props{}},
		"assignments null":         {"assignments": nil},
		"assignment without type":  someone(props{"orderHint": " !"}),
		"assignment of other type": someone(props{"@odata.type": "microsoft.graph.plannerTask", "orderHint": " !"}),
		"assignment without hint":  someone(props{"@odata.type": assignmentType}),
		"empty assignment":         someone(props{}),
		"assignment with more":     someone(props{"@odata.type": assignmentType, "orderHint": " !", "assignedBy": nil}),
		"assignment is text":       someone("yes"),
		"assigned by name":         {"assignments": props{"anna": props{"@odata.type": assignmentType, "orderHint": " !"}}},
		"details":                  {"details": props{"description": "x"}},
		"completed by hand":        {"completedDateTime": "2026-03-05T00:00:00Z"},
		"creator":                  {"createdBy": props{}},
		"preview":                  {"previewType": "checklist"},
		"unknown":                  {"colour": "red"},
	} {
		t.Run(name, func(t *testing.T) {
			in := &rig{t: t, url: r.url}
			in.want(400, "POST", "/planner/tasks", taskOf(plan, more))
			in.want(400, "PATCH", "/planner/tasks/"+made.id(), more, ifMatch(made.tag()))
		})
	}
	r.want(400, "POST", "/planner/tasks", props{"planId": plan})
	r.want(400, "POST", "/planner/tasks", props{"title": "x"})
	r.want(400, "POST", "/planner/tasks", props{"planId": "short", "title": "x"})
	r.want(404, "POST", "/planner/tasks", props{"planId": made.id(), "title": "x"})
	r.want(404, "POST", "/planner/tasks", taskOf(plan, props{"bucketId": made.id()}))
	r.want(400, "PATCH", "/planner/tasks/"+made.id(), props{"planId": plan}, ifMatch(made.tag()))
	equal(t, "tag", r.state(plan).ETag, made.tag())
}

func TestTitleOfGreatestLength(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	title := strings.Repeat("ü", 255)
	equal(t, "title", r.task(r.plan(), props{"title": title}).text("title"), title)
}

func TestCompletion(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	made := r.task(plan, nil)
	path := "/planner/tasks/" + made.id()
	r.advance(time.Hour)
	done := r.want(200, "PATCH", path, props{"percentComplete": 100}, ifMatch(made.tag()), whole, as(anna))
	equal(t, "completed", done.text("completedDateTime"), "2026-03-01T09:00:00Z")
	equal(t, "by", r.state(plan).CompletedBy.User, anna)
	r.advance(time.Hour)
	again := r.want(200, "PATCH", path, props{"percentComplete": 100, "title": "x"}, ifMatch(done.tag()), whole)
	equal(t, "still completed", again.text("completedDateTime"), "2026-03-01T09:00:00Z")
	equal(t, "still by", r.state(plan).CompletedBy.User, anna)
	open := r.want(200, "PATCH", path, props{"percentComplete": 99}, ifMatch(again.tag()), whole)
	equal(t, "reopened", open.body["completedDateTime"], nil)
	equal(t, "by nobody", open.body["completedBy"], nil)
	r.want(204, "PATCH", path, props{"percentComplete": 100}, ifMatch(open.tag()))
	equal(t, "by the app", r.state(plan).CompletedBy, simplanner.Identity{Application: app})
	equal(t, "born completed", r.task(plan, props{"percentComplete": 100}).text("completedDateTime"), "2026-03-01T10:00:00Z")
}

func TestTaskChanges(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	bucket := r.bucket(plan, "Opening")
	made := r.task(plan, props{
		"dueDateTime": "2026-03-05T12:00:00Z", "startDateTime": "2026-03-04T12:00:00Z",
		"assignments":       props{anna: props{"@odata.type": assignmentType, "orderHint": " !"}},
		"appliedCategories": props{"category1": true},
	}, as(anna))
	path := "/planner/tasks/" + made.id()
	r.want(400, "PATCH", path, props{"startDateTime": "2026-03-05T12:00:01Z"}, ifMatch(made.tag()))
	first := r.state(plan).Assignments[anna]
	r.advance(time.Hour)
	got := r.want(204, "PATCH", path, props{
		"@odata.type": "#microsoft.graph.plannerTask", "dueDateTime": nil, "bucketId": bucket.id(), "priority": 0,
		"conversationThreadId": "thread", "appliedCategories": props{"category1": nil, "category2": true},
		"assignments": props{
			ben:  props{"@odata.type": "microsoft.graph.plannerAssignment", "orderHint": first.OrderHint + " !"},
			anna: props{"@odata.type": assignmentType, "orderHint": " !"},
		},
	}, ifMatch(made.tag()))
	equal(t, "body of a 204", got.raw, "")
	state := r.state(plan)
	equal(t, "due", state.Due.IsZero(), true)
	equal(t, "start", state.Start, "2026-03-04T12:00:00Z")
	equal(t, "bucket", state.Bucket, bucket.id())
	equal(t, "priority", state.Priority, 0)
	equal(t, "categories", state.Categories, map[string]bool{"category2": true})
	equal(t, "assigned first", state.Assignments[anna].At, first.At)
	equal(t, "assigned by", state.Assignments[anna].By.User, anna)
	equal(t, "assigned later", state.Assignments[ben].At, "2026-03-01T09:00:00Z")
	if state.Assignments[ben].OrderHint <= first.OrderHint {
		t.Errorf("put behind %q, got %q", first.OrderHint, state.Assignments[ben].OrderHint)
	}
	r.want(204, "PATCH", path, props{"assignments": props{anna: nil, ghost: nil}}, ifMatch(state.ETag))
	equal(t, "assigned", len(r.state(plan).Assignments), 1)
	equal(t, "not assigned any more", r.state(plan).Assignments[anna].OrderHint, "")

	before := r.state(plan).ETag
	r.want(204, "PATCH", path, props{}, ifMatch(before))
	equal(t, "after an empty change", r.state(plan).ETag, before)
	r.want(204, "PATCH", path, props{"priority": 0}, ifMatch(before))
	if after := r.state(plan).ETag; after <= before {
		t.Errorf("a change to the same value made %s of %s", after, before)
	}
}

func TestTaskDeleted(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	made := r.task(plan, nil)
	path := "/planner/tasks/" + made.id()
	r.want(412, "DELETE", path, nil)
	r.want(204, "DELETE", path, nil, ifMatch(made.tag()))
	r.want(404, "DELETE", path, nil, ifMatch(made.tag()))
	r.want(404, "GET", path, nil)
	r.want(404, "GET", path+"/details", nil)
	equal(t, "listed", len(r.want(200, "GET", "/planner/plans/"+plan+"/tasks", nil).rows()), 0)
	equal(t, "state", len(r.service.Tasks(plan)), 0)
}

func TestStateIsACopy(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	r.task(plan, props{"assignments": props{anna: props{"@odata.type": assignmentType, "orderHint": " !"}}})
	clear(r.state(plan).Assignments)
	equal(t, "assignments", len(r.state(plan).Assignments), 1)
}
