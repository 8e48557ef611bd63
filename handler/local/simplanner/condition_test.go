package simplanner_test

import (
	"encoding/base64"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simplanner"
)

func TestConditionThatIsNone(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	made := r.task(plan, nil)
	encode := func(raw string) string { return `W/"` + base64.StdEncoding.EncodeToString([]byte(raw)) + `"` }
	path := "/planner/tasks/" + made.id()
	for name, tag := range map[string]string{
		"missing":         "",
		"any":             "*",
		"strong":          made.tag()[2:],
		"two":             made.tag() + ", " + made.tag(),
		"no base64":       `W/"-"`,
		"unquoted":        "W/abc",
		"of the details":  r.details(made.id()).tag(),
		"of another kind": r.bucket(plan, "x").tag(),
		"version 0":       encode("'1-Task  @@@@@@@@@@@@@@@@'"),
		"version to come": encode("'1-Task  @@@@@@@@@@@@@@@B'"),
		"too short":       encode("'1-Task  @@@@@@@@@@@@@@A'"),
		"not a digit":     encode("'1-Task  @@@@@@@@@@@@@@@C'"),
		"with a tail":     encode("'1-Task  @@@@@@@@@@@@@@@A' "),
	} {
		t.Run(name, func(t *testing.T) {
			in := &rig{t: t, url: r.url}
			headers := ifMatch(tag)
			if tag == "" {
				headers = nil
			}
			in.want(412, "PATCH", path, props{"title": "x"}, headers)
			in.want(412, "DELETE", path, nil, headers)
		})
	}
	equal(t, "tag as assumed", made.tag(), encode("'1-Task  @@@@@@@@@@@@@@@A'"))
	equal(t, "title", r.state(plan).Title, "Count the till")
	for _, path := range []string{"/planner/plans/" + plan, "/planner/plans/" + plan + "/details", path + "/details"} {
		r.want(412, "PATCH", path, props{})
	}
}

func TestStaleConditions(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	plan := r.plan()
	made := r.task(plan, nil)
	path := "/planner/tasks/" + made.id()
	second := r.want(200, "PATCH", path, props{"title": "By somebody else"}, ifMatch(made.tag()), whole)
	if second.tag() <= made.tag() {
		t.Errorf("the newer %s is not greater than %s", second.tag(), made.tag())
	}
	r.want(409, "PATCH", path, props{"title": "Mine"}, ifMatch(made.tag()))
	r.want(409, "PATCH", path, props{"priority": 1, "title": "Mine"}, ifMatch(made.tag()))
	r.want(409, "DELETE", path, nil, ifMatch(made.tag()))
	r.want(204, "PATCH", path, props{"priority": 1}, ifMatch(made.tag()))
	r.want(409, "PATCH", path, props{"priority": 2}, ifMatch(second.tag()))
	state := r.state(plan)
	equal(t, "title", state.Title, "By somebody else")
	equal(t, "priority", state.Priority, 1)
	r.want(204, "PATCH", path, props{"title": "Mine"}, ifMatch(state.ETag))
	equal(t, "title at last", r.state(plan).Title, "Mine")
}

func TestPreferences(t *testing.T) {
	r := newRig(t, simplanner.Options{})
	made := r.task(r.plan(), nil)
	path, tag := "/planner/tasks/"+made.id(), made.tag()
	for prefer, status := range map[string]int{
		"":                         204,
		"return=minimal":           204,
		"x, RETURN=representation": 200,
	} {
		got := r.want(status, "PATCH", path, props{"title": prefer + "!"}, ifMatch(tag), with{"Prefer": prefer})
		equal(t, "applied for "+prefer, got.header.Get("Preference-Applied") != "", status == 200)
		if status == 200 {
			equal(t, "title", got.text("title"), prefer+"!")
		}
		tag = r.want(200, "GET", path, nil).tag()
	}
}
