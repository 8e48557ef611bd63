package simplanner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simplanner"
)

const (
	itemType = "#microsoft.graph.plannerChecklistItem"
	linkType = "microsoft.graph.plannerExternalReference"
	page     = "https%3A//shop%2Eexample/a%2520b"
)

func item(n int) string { return fmt.Sprintf("eeeeeeee-0000-4000-8000-%012d", n) }

func TestDetailsHaveTheirOwnVersions(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	task := r.task(plan, nil)
	path := "/planner/tasks/" + task.id() + "/details"
	fresh := r.details(task.id())
	equal(t, "description", fresh.body["description"], "")
	tag, whole := fresh.tag(), task.tag()
	for _, step := range []struct {
		name  string
		body  props
		shows bool // whether the task itself changes
	}{
		{"a first description", props{"description": "Twice"}, true},
		{"another description", props{"description": "Thrice"}, false},
		{"a checklist", props{"checklist": props{item(1): props{"@odata.type": itemType, "title": "Coins"}}}, true},
		{"another title", props{"checklist": props{item(1): props{"@odata.type": itemType, "title": "Notes"}}}, false},
		{"a tick", props{"checklist": props{item(1): props{"@odata.type": itemType, "isChecked": true}}}, true},
		{"a link", props{"references": props{page: props{"@odata.type": linkType, "alias": "How", "type": "Other"}}}, true},
		{"another alias", props{"references": props{page: props{"@odata.type": linkType, "alias": "Why", "previewPriority": " !"}}}, false},
		{"a preview", props{"previewType": "checklist"}, true},
		{"no description", props{"description": nil}, true},
		{"no link", props{"references": props{page: nil}}, true},
	} {
		r.want(204, "PATCH", path, step.body, ifMatch(tag), as(anna))
		state := r.state(plan)
		if state.Details.ETag <= tag {
			t.Errorf("%s: the details' tag %s does not come after %s", step.name, state.Details.ETag, tag)
		}
		equal(t, step.name+": the task's tag is newer", state.ETag > whole, step.shows)
		tag, whole = state.Details.ETag, state.ETag
	}
	got := r.want(200, "GET", "/planner/tasks/"+task.id(), nil)
	for name, want := range map[string]any{
		"hasDescription": false, "referenceCount": 0, "checklistItemCount": 1, "activeChecklistItemCount": 0, "previewType": "checklist",
	} {
		equal(t, name, got.body[name], want)
	}
	one := r.state(plan).Details.Checklist[item(1)]
	equal(t, "title", one.Title, "Notes")
	equal(t, "by", one.ModifiedBy.User, anna)
	r.want(204, "PATCH", "/planner/tasks/"+task.id(), props{"title": "x"}, ifMatch(task.tag()))
	equal(t, "tag after a change of the task", r.details(task.id()).tag(), tag)
}

func TestDetailsConflict(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	task := r.task(r.plan(), nil)
	path := "/planner/tasks/" + task.id() + "/details"
	tag := r.details(task.id()).tag()
	add := func(n int) props {
		return props{"checklist": props{item(n): props{"@odata.type": itemType, "title": "x"}}}
	}
	got := r.want(200, "PATCH", path, add(1), ifMatch(tag), whole)
	list, _ := got.body["checklist"].(props)
	one, _ := list[item(1)].(props)
	equal(t, "type", one["@odata.type"], itemType)
	equal(t, "checked", one["isChecked"], false)
	r.want(409, "PATCH", path, add(2), ifMatch(tag))
	r.want(204, "PATCH", path, props{"description": "x"}, ifMatch(tag))
	r.want(412, "PATCH", path, props{"description": "y"}, ifMatch(task.tag()))
	equal(t, "items", len(r.details(task.id()).body["checklist"].(props)), 1)
}

func TestDetailsRefusals(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	task := r.task(plan, nil)
	tag := r.details(task.id()).tag()
	items := func(id string, value any) props { return props{"checklist": props{id: value}} }
	links := func(key string) props {
		return props{"references": props{key: props{"@odata.type": linkType, "alias": "x"}}}
	}
	for name, body := range map[string]props{
		"item without type":      items(item(1), props{"title": "x"}),
		"item without title":     items(item(1), props{"@odata.type": itemType, "isChecked": true}),
		"item with blank title":  items(item(1), props{"@odata.type": itemType, "title": " "}),
		"item with a long title": items(item(1), props{"@odata.type": itemType, "title": strings.Repeat("x", 101)}),
		"item with read-only":    items(item(1), props{"@odata.type": itemType, "title": "x", "lastModifiedDateTime": "x"}),
		"item with plain hint":   items(item(1), props{"@odata.type": itemType, "title": "x", "orderHint": "abc"}),
		"empty item":             items(item(1), props{"@odata.type": itemType}),
		"item without GUID":      items("one", props{"@odata.type": itemType, "title": "x"}),
		"no items":               {"checklist": props{}},
		"checklist null":         {"checklist": nil},
		"link not encoded":       links("https://shop.example"),
		"link with a dot":        links("https%3A//shop.example"),
		"link with a fragment":   links("https%3A//shop%2Eexample/#a"),
		"link with an at":        links("https%3A//anna@shop%2Eexample"),
		"link badly encoded":     links("https%3A//shop%2"),
		"link to mail":           links("mailto%3Aanna%40shop%2Eexample"),
		"link to nowhere":        links("https%3A//"),
		"link without type":      {"references": props{page: props{"alias": "x"}}},
		"no links":               {"references": props{}},
		"unknown preview":        {"previewType": "picture"},
		"description is number":  {"description": 1},
		"unknown property":       {"notes": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{t: t, url: r.url}).want(400, "PATCH", "/planner/tasks/"+task.id()+"/details", body, ifMatch(tag))
		})
	}
	equal(t, "tag", r.state(plan).Details.ETag, tag)
	equal(t, "task", r.state(plan).ETag, task.tag())
}

func TestDetailsComeLate(t *testing.T) {
	r := newRig(t, simplanner.Options{DetailsDelay: time.Second})
	task := r.task(r.plan(), nil)
	tag := task.tag()
	r.want(404, "GET", "/planner/tasks/"+task.id()+"/details", nil)
	r.want(404, "PATCH", "/planner/tasks/"+task.id()+"/details", props{"description": "x"}, ifMatch(tag))
	got := r.want(200, "GET", "/planner/tasks/"+task.id()+"?$expand=details", nil)
	details, there := got.body["details"]
	equal(t, "expanded", there && details == nil, true)
	r.advance(time.Second)
	r.details(task.id())
}
