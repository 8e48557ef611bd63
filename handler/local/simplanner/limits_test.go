package simplanner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simplanner"
)

func TestLimitsOfPlansAndTasks(t *testing.T) {
	r := newRig(t, simplanner.Options{Limits: simplanner.Limits{Plans: 1, Buckets: 1, Tasks: 3, ActiveTasks: 1}})
	plan := r.plan()
	r.refused(403, "MaximumPlannerPlans", "POST", "/planner/plans", planOf(store))
	r.want(201, "POST", "/planner/plans", planOf(other))
	bucket := r.bucket(plan, "x")
	r.refused(403, "MaximumBucketsInProject", "POST", "/planner/buckets", props{"planId": plan, "name": "y"})
	r.want(204, "DELETE", "/planner/buckets/"+bucket.id(), nil, ifMatch(bucket.tag()))
	r.bucket(plan, "y")

	active := r.task(plan, nil)
	r.refused(403, "MaximumActiveTasksInProject", "POST", "/planner/tasks", taskOf(plan, nil))
	done := r.task(plan, props{"percentComplete": 100})
	r.refused(403, "MaximumActiveTasksInProject", "PATCH", "/planner/tasks/"+done.id(), props{"percentComplete": 50}, ifMatch(done.tag()))
	r.want(204, "PATCH", "/planner/tasks/"+active.id(), props{"percentComplete": 50}, ifMatch(active.tag()))
	r.want(204, "PATCH", "/planner/tasks/"+done.id(), props{"title": "still done"}, ifMatch(done.tag()))
	last := r.task(plan, props{"percentComplete": 100})
	r.want(204, "PATCH", "/planner/tasks/"+last.id(), props{"title": "edited in a full plan"}, ifMatch(last.tag()))
	r.refused(403, "MaximumTasksInProject", "POST", "/planner/tasks", taskOf(plan, props{"percentComplete": 100}))
	r.want(204, "DELETE", "/planner/tasks/"+last.id(), nil, ifMatch(r.service.Tasks(plan)[2].ETag))
	r.task(plan, props{"percentComplete": 100})
	equal(t, "tasks", len(r.service.Tasks(plan)), 3)
}

func TestLimitsOfATask(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	people, list, links := props{}, props{}, props{}
	for n := range 20 {
		people[item(n)] = props{"@odata.type": assignmentType, "orderHint": " !"}
		list[item(n)] = props{"@odata.type": itemType, "title": "x"}
		if n < 10 {
			links[fmt.Sprintf("https%%3A//shop%%2Eexample/%d", n)] = props{"@odata.type": linkType, "alias": "x"}
		}
	}
	task := r.task(plan, props{"assignments": people})
	r.refused(403, "MaximumAssigneesInTasks", "PATCH", "/planner/tasks/"+task.id(),
		props{"assignments": props{item(20): people[item(0)]}}, ifMatch(task.tag()))
	r.want(204, "PATCH", "/planner/tasks/"+task.id(),
		props{"assignments": props{item(20): people[item(0)], item(0): nil}}, ifMatch(task.tag()))
	path := "/planner/tasks/" + task.id() + "/details"
	full := r.want(200, "PATCH", path, props{"checklist": list, "references": links}, ifMatch(r.details(task.id()).tag()), whole)
	r.refused(403, "MaximumChecklistItemsOnTask", "PATCH", path, props{"checklist": props{item(20): list[item(0)]}}, ifMatch(full.tag()))
	r.refused(403, "MaximumReferencesOnTask", "PATCH", path,
		props{"references": props{page: props{"@odata.type": linkType, "alias": "x"}}}, ifMatch(full.tag()))
	state := r.state(plan)
	equal(t, "people", len(state.Assignments), 20)
	equal(t, "items", len(state.Details.Checklist), 20)
	equal(t, "links", len(state.Details.References), 10)
}

func TestReadsLag(t *testing.T) {
	r := newRig(t, simplanner.Options{ReadLag: time.Minute})
	plan := r.plan()
	r.want(404, "GET", "/planner/plans/"+plan, nil)
	equal(t, "plans", len(r.want(200, "GET", "/groups/"+store+"/planner/plans", nil).rows()), 0)
	r.advance(time.Minute)
	made := r.task(plan, nil)
	path, tasks := "/planner/tasks/"+made.id(), "/planner/plans/"+plan+"/tasks"
	r.want(404, "GET", path, nil)
	r.want(404, "GET", path+"/details", nil)
	equal(t, "tasks", len(r.want(200, "GET", tasks, nil).rows()), 0)
	second := r.want(200, "PATCH", path, props{"title": "Second"}, ifMatch(made.tag()), whole)
	equal(t, "what a write shows", second.text("title"), "Second")
	r.advance(30 * time.Second)
	r.want(204, "PATCH", path, props{"title": "Third"}, ifMatch(second.tag()))
	r.advance(30 * time.Second)
	seen := r.want(200, "GET", path, nil)
	equal(t, "title a minute later", seen.text("title"), "Second")
	r.want(409, "PATCH", path, props{"title": "Mine"}, ifMatch(seen.tag()))
	r.want(204, "DELETE", path, nil, ifMatch(r.state(plan).ETag))
	equal(t, "state", len(r.service.Tasks(plan)), 0)
	r.want(404, "PATCH", path, props{"title": "x"}, ifMatch(seen.tag()))
	r.advance(30 * time.Second)
	equal(t, "title before the deletion", column(r.want(200, "GET", tasks, nil).rows(), "title"), []string{"Third"})
	r.advance(30 * time.Second)
	r.want(404, "GET", path, nil)
	equal(t, "tasks after the deletion", len(r.want(200, "GET", tasks, nil).rows()), 0)
}

func TestReadsLagBehindManyChanges(t *testing.T) {
	r := newRig(t, simplanner.Options{ReadLag: time.Minute})
	plan := r.plan()
	path := "/planner/tasks/" + r.task(plan, props{"title": "At 0 s"}).id()
	for _, step := range []struct {
		wait  time.Duration
		title string
	}{{90 * time.Second, "At 90 s"}, {50 * time.Second, "At 140 s"}} {
		r.advance(step.wait)
		r.want(204, "PATCH", path, props{"title": step.title}, ifMatch(r.state(plan).ETag))
	}
	r.advance(9 * time.Second)
	equal(t, "at 149 s", r.want(200, "GET", path, nil).text("title"), "At 0 s")
	r.advance(time.Second)
	equal(t, "at 150 s", r.want(200, "GET", path, nil).text("title"), "At 90 s")
	r.advance(time.Minute)
	equal(t, "at 210 s", r.want(200, "GET", path, nil).text("title"), "At 140 s")
}
