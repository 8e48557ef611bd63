package simplanner_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/local/simplanner"
)

func TestBuckets(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	first := r.want(201, "POST", "/planner/buckets", props{"planId": plan, "name": "Opening"})
	last := r.want(201, "POST", "/planner/buckets", props{"planId": plan, "name": "Closing", "orderHint": first.text("orderHint") + " !"})
	if last.text("orderHint") <= first.text("orderHint") {
		t.Errorf("put behind %q, got %q", first.text("orderHint"), last.text("orderHint"))
	}
	equal(t, "listed", column(r.want(200, "GET", "/planner/plans/"+plan+"/buckets", nil).rows(), "name"), []string{"Opening", "Closing"})

	path := "/planner/buckets/" + first.id()
	moved := r.want(200, "PATCH", path, props{"name": "Morning", "orderHint": last.text("orderHint") + " !"}, ifMatch(first.tag()), whole)
	equal(t, "name", r.want(200, "GET", path, nil).text("name"), "Morning")
	if moved.text("orderHint") <= last.text("orderHint") {
		t.Errorf("moved behind %q, got %q", last.text("orderHint"), moved.text("orderHint"))
	}
	r.want(409, "DELETE", path, nil, ifMatch(first.tag()))
	r.want(412, "DELETE", path, nil)

	kept := r.task(plan, props{"bucketId": last.id()})
	taken := r.task(plan, props{"bucketId": first.id()})
	equal(t, "its tasks", column(r.want(200, "GET", path+"/tasks", nil).rows(), "id"), []string{taken.id()})
	r.want(204, "DELETE", path, nil, ifMatch(moved.tag()))
	r.want(404, "GET", path, nil)
	r.want(404, "GET", path+"/tasks", nil)
	r.want(404, "GET", "/planner/tasks/"+taken.id(), nil)
	r.want(404, "PATCH", "/planner/tasks/"+taken.id(), props{"title": "x"}, ifMatch(taken.tag()))
	equal(t, "left", column(r.want(200, "GET", "/planner/plans/"+plan+"/tasks", nil).rows(), "id"), []string{kept.id()})
	equal(t, "left in the state", r.state(plan).ID, kept.id())
}

func TestBucketRefusals(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	made := r.bucket(plan, "Opening")
	for _, body := range []props{
		{"name": "x"}, {"planId": plan}, {"planId": "short", "name": "x"}, {"planId": plan, "name": " "},
		{"planId": plan, "name": "x", "id": made.id()}, {"planId": plan, "name": "x", "orderHint": made.text("orderHint")},
		{"planId": plan, "name": 7},
	} {
		r.want(400, "POST", "/planner/buckets", body)
	}
	r.want(404, "POST", "/planner/buckets", props{"planId": made.id(), "name": "x"})
	r.want(400, "PATCH", "/planner/buckets/"+made.id(), props{"planId": plan}, ifMatch(made.tag()))
	equal(t, "buckets", len(r.service.Plans(store)[0].Buckets), 1)
}
