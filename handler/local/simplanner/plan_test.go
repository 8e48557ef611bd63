package simplanner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simplanner"
)

func TestPlanOfAGroup(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plans := "/groups/" + store + "/planner/plans"
	equal(t, "before", r.want(200, "GET", plans, nil).body["value"], []any{})
	made := r.want(201, "POST", "/planner/plans", planOf(store), as(anna))
	equal(t, "length of the id", len(made.id()), 28)
	equal(t, "container", made.body["container"], props{
		"containerId": store, "type": "group", "url": "https://graph.microsoft.com/v1.0/groups/" + store,
	})
	by, _ := made.body["createdBy"].(props)
	user, _ := by["user"].(props)
	equal(t, "creator", user["id"], anna)
	equal(t, "created", made.text("createdDateTime"), "2026-03-01T08:00:00Z")
	equal(t, "listed", column(r.want(200, "GET", plans, nil).rows(), "id"), []string{made.id()})
	equal(t, "elsewhere", r.want(200, "GET", "/groups/"+other+"/planner/plans", nil).rows(), []props{})

	renamed := r.want(200, "PATCH", "/planner/plans('"+made.id()+"')", props{"title": "Tasks"}, ifMatch(made.tag()), whole)
	equal(t, "title", renamed.text("title"), "Tasks")
	details := r.want(200, "GET", "/planner/plans/"+made.id()+"/details", nil)
	r.want(204, "PATCH", "/planner/plans/"+made.id()+"/details", props{
		"categoryDescriptions": props{"category1": "Stock", "category2": nil}, "sharedWith": props{anna: true, ben: false},
	}, ifMatch(details.tag()))
	state := r.service.Plans(store)[0]
	equal(t, "categories", state.Details.Categories, map[string]string{"category1": "Stock"})
	equal(t, "shared with", state.Details.SharedWith, map[string]bool{anna: true})
	equal(t, "plan's own tag", state.ETag, renamed.tag())

	r.bucket(made.id(), "Opening")
	task := r.task(made.id(), nil)
	r.want(204, "DELETE", "/planner/plans/"+made.id(), nil, ifMatch(renamed.tag()))
	for _, path := range []string{"/planner/plans/" + made.id(), "/planner/plans/" + made.id() + "/tasks", "/planner/tasks/" + task.id()} {
		r.want(404, "GET", path, nil)
	}
	equal(t, "left", len(r.service.Plans(store)), 0)
}

func TestContainers(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	for name, each := range map[string]struct {
		container any
		status    int
	}{
		"url":              {props{"url": "https://graph.microsoft.com/v1.0/groups/" + store}, 201},
		"url of beta":      {props{"url": "https://graph.microsoft.com/beta/groups/" + store}, 201},
		"url of ours":      {props{"url": r.url + "/v1.0/groups/" + store}, 201},
		"id and type":      {props{"containerId": store, "type": "group"}, 201},
		"all":              {props{"containerId": store, "type": "group", "url": "https://graph.microsoft.com/v1.0/groups/" + store}, 201},
		"id without type":  {props{"containerId": store}, 400},
		"a roster":         {props{"containerId": store, "type": "roster"}, 400},
		"two groups":       {props{"containerId": other, "type": "group", "url": "https://graph.microsoft.com/v1.0/groups/" + store}, 400},
		"url of a user":    {props{"url": "https://graph.microsoft.com/v1.0/users/" + store}, 400},
		"url with more":    {props{"url": "https://graph.microsoft.com/v1.0/groups/" + store + "/x"}, 400},
		"relative":         {props{"url": "/groups/" + store}, 400},
		"nothing":          {nil, 400},
		"unknown property": {props{"url": "https://graph.microsoft.com/v1.0/groups/" + store, "id": "x"}, 400},
		"group not there":  {props{"url": "https://graph.microsoft.com/v1.0/groups/" + ghost}, 404},
	} {
		t.Run(name, func(t *testing.T) {
			(&rig{t: t, url: r.url}).want(each.status, "POST", "/planner/plans", props{"title": "x", "container": each.container})
		})
	}
	r.want(400, "POST", "/planner/plans", props{"title": "x"})
	r.want(400, "POST", "/planner/plans", props{"container": props{"containerId": store, "type": "group"}})
	r.want(400, "POST", "/planner/plans", props{"title": "x", "owner": store})
	equal(t, "made", len(r.service.Plans(store)), 5)
}

func TestWhoMay(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	task := r.task(plan, nil)
	bucket := r.bucket(plan, "Opening")
	for _, path := range []string{
		"/groups/" + store + "/planner/plans", "/planner/plans/" + plan, "/planner/plans/" + plan + "/details",
		"/planner/plans/" + plan + "/tasks", "/planner/plans/" + plan + "/buckets", "/planner/buckets/" + bucket.id(),
		"/planner/buckets/" + bucket.id() + "/tasks", "/planner/tasks/" + task.id(), "/planner/tasks/" + task.id() + "/details",
	} {
		r.want(200, "GET", path, nil, as(anna))
		refused := r.want(403, "GET", path, nil, as(ben))
		if refused.header.Get("X-Tasks-CorrelationId") == "" || refused.header.Get("request-id") == "" {
			t.Errorf("GET %s: the refusal does not carry the ids of the request", path)
		}
	}
	r.want(403, "POST", "/planner/plans", planOf(store), as(ben))
	r.want(403, "POST", "/planner/tasks", taskOf(plan, nil), as(ben))
	r.want(403, "POST", "/planner/buckets", props{"planId": plan, "name": "x"}, as(ben))
	r.want(403, "PATCH", "/planner/tasks/"+task.id(), props{"title": "x"}, as(ben), ifMatch(task.tag()))
	r.want(403, "DELETE", "/planner/tasks/"+task.id(), nil, as(ben), ifMatch(task.tag()))
	for _, token := range []string{"", "Bearer", "Bearer user:", "Basic x"} {
		r.refused(401, "InvalidAuthenticationToken", "GET", "/planner/plans/"+plan, nil, with{"Authorization": token})
	}
	equal(t, "title", r.state(plan).Title, "Count the till")
}

func TestGroupGoneAndBack(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	task := r.task(plan, nil)
	r.setGone(store, true)
	r.want(404, "GET", "/groups/"+store+"/planner/plans", nil)
	r.want(404, "GET", "/planner/plans/"+plan, nil)
	r.want(404, "PATCH", "/planner/tasks/"+task.id(), props{"title": "x"}, ifMatch(task.tag()))
	r.setGone(store, false)
	equal(t, "tasks", column(r.want(200, "GET", "/planner/plans/"+plan+"/tasks", nil).rows(), "id"), []string{task.id()})
}

func TestYoungGroup(t *testing.T) {
	for status, want := range map[int]int{0: 404, 403: 403, 404: 404} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			r := newRig(t, simplanner.Options{GroupDelay: time.Minute, GroupDelayStatus: status})
			r.advance(59 * time.Second)
			r.want(want, "GET", "/groups/"+store+"/planner/plans", nil)
			r.want(want, "POST", "/planner/plans", planOf(store))
			r.advance(time.Second)
			r.want(201, "POST", "/planner/plans", planOf(store))
		})
	}
}

func TestPathsAndQueries(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	task := r.task(plan, nil).id()
	for path, status := range map[string]int{
		"/planner/tasks/" + task + "?$filter=x":                     400,
		"/planner/tasks/" + task + "?$select=nothing":               400,
		"/planner/tasks/" + task + "?$expand=bucketTaskBoardFormat": 400,
		"/planner/tasks/" + task + "?x=y":                           400,
		"/planner/tasks/" + task + "/details?$expand=details":       400,
		"/planner/plans/" + plan + "/tasks?$top=5":                  400,
		"/planner/plans/" + plan + "/tasks?$expand=details":         400,
		"/planner/plans/" + plan + "/tasks?$skiptoken=%21":          400,
		"/planner/plans/" + plan + "/tasks?%zz":                     400,
		"/planner/tasks/short":                                      400,
		"/planner/tasks/" + strings.Repeat("x", 27) + "*":           400,
		"/planner/tasks/" + strings.Repeat("x", 28):                 404,
		"/planner/tasks/" + swapCase(task):                          404,
		"/planner/plans/" + task:                                    404,
		"/planner/tasks/" + task + "/progressTaskBoardFormat":       400,
		"/planner/tasks('" + task:                                   400,
		"/planner/rosters":                                          400,
		"/planner/tasks":                                            405,
		"/groups/" + ghost + "/planner/plans":                       404,
		"/planner/tasks('" + task + "')":                            200,
	} {
		r.want(status, "GET", path, nil)
	}
	r.want(400, "GET", r.url+"/beta/planner/tasks/"+task, nil)
	r.want(400, "POST", "/planner/tasks?$select=id", taskOf(plan, nil))
	r.want(415, "POST", "/planner/tasks", taskOf(plan, nil), with{"Content-Type": "text/plain"})
	for _, body := range []string{"", "[]", "null", `{"title":`, `"x"`} {
		r.want(400, "POST", "/planner/tasks", body)
	}
	r.want(413, "POST", "/planner/tasks", strings.Repeat(" ", 4<<20+1))
	r.state(plan)
}

// swapCase turns small letters into capitals and the other way round.
func swapCase(s string) string {
	return strings.Map(func(letter rune) rune {
		if small := letter | 0x20; small >= 'a' && small <= 'z' {
			return letter ^ 0x20
		}
		return letter
	}, s)
}

func TestPages(t *testing.T) {
	r := newRig(t, simplanner.Options{PageSize: 2})
	plan := r.plan()
	var tasks []answer
	for range 5 {
		tasks = append(tasks, r.task(plan, nil))
	}
	target := "/planner/plans/" + plan + "/tasks?$select=id,title"
	var ids []any
	for n := range 3 {
		got := r.want(200, "GET", target, nil)
		ids = append(ids, column(got.rows(), "id")...)
		for _, row := range got.rows() {
			equal(t, "properties", len(row), 3)
		}
		target = got.text("@odata.nextLink")
		if n == 0 { // a page is not spoilt by what vanishes behind it
			r.want(204, "DELETE", "/planner/tasks/"+tasks[0].id(), nil, ifMatch(tasks[0].tag()))
		}
		if n < 2 && !strings.HasPrefix(target, r.url+"/v1.0/planner/plans/") {
			t.Fatalf("page %d links to %q", n, target)
		}
	}
	equal(t, "after the last", target, "")
	equal(t, "ids", ids, []string{tasks[0].id(), tasks[1].id(), tasks[2].id(), tasks[3].id(), tasks[4].id()})
}

func TestPagesLinkToBaseURL(t *testing.T) {
	r := newRig(t, simplanner.Options{PageSize: 1, BaseURL: "https://graph.example/"})
	plan := r.plan()
	r.task(plan, nil)
	r.task(plan, nil)
	link := r.want(200, "GET", "/planner/plans/"+plan+"/tasks", nil).text("@odata.nextLink")
	if !strings.HasPrefix(link, "https://graph.example/v1.0/planner/plans/"+plan+"/tasks?$skiptoken=") {
		t.Errorf("link is %s", link)
	}
}
