package simplanner

import (
	"net/http"
	"net/url"
	"strings"
)

// route is one operation.
type route struct {
	name   string // "METHOD /template"
	method string
	path   []string
	handle func(*call) (reply, error)
}

// table lists the operations.
func (s *Service) table() []route {
	const plans, buckets, tasks = "/planner/plans", "/planner/buckets", "/planner/tasks"
	list := []route{
		{name: "GET /groups/{group}/planner/plans", handle: s.listPlans},
		{name: "POST " + plans, handle: s.postPlan},
		{name: "GET " + plans + "/{plan}", handle: s.getPlan},
		{name: "PATCH " + plans + "/{plan}", handle: s.patchPlan},
		{name: "DELETE " + plans + "/{plan}", handle: s.deletePlan},
		{name: "GET " + plans + "/{plan}/details", handle: s.getPlanDetails},
		{name: "PATCH " + plans + "/{plan}/details", handle: s.patchPlanDetails},
		{name: "GET " + plans + "/{plan}/tasks", handle: s.planTasks},
		{name: "GET " + plans + "/{plan}/buckets", handle: s.planBuckets},
		{name: "POST " + buckets, handle: s.postBucket},
		{name: "GET " + buckets + "/{bucket}", handle: s.getBucket},
		{name: "PATCH " + buckets + "/{bucket}", handle: s.patchBucket},
		{name: "DELETE " + buckets + "/{bucket}", handle: s.deleteBucket},
		{name: "GET " + buckets + "/{bucket}/tasks", handle: s.bucketTasks},
		{name: "POST " + tasks, handle: s.postTask},
		{name: "GET " + tasks + "/{task}", handle: s.getTask},
		{name: "PATCH " + tasks + "/{task}", handle: s.patchTask},
		{name: "DELETE " + tasks + "/{task}", handle: s.deleteTask},
		{name: "GET " + tasks + "/{task}/details", handle: s.getDetails},
		{name: "PATCH " + tasks + "/{task}/details", handle: s.patchDetails},
	}
	for i, each := range list {
		method, template, _ := strings.Cut(each.name, " /")
		list[i].method, list[i].path = method, strings.Split(template, "/")
	}
	return list
}

// Operation names what a request asks for, e.g. "PATCH /planner/tasks/{task}";
// empty if Planner does no such thing.
func (s *Service) Operation(r *http.Request) string {
	found, _, err := s.find(r)
	if err != nil {
		return ""
	}
	return found.name
}

// find looks up the operation for a request and what its parameters matched.
func (s *Service) find(r *http.Request) (route, []string, error) {
	path, below := strings.CutPrefix(r.URL.EscapedPath(), s.opts.Root+"/")
	if !below {
		return route{}, nil, invalid("the path is not below %s.", s.opts.Root)
	}
	steps, err := split(path)
	if err != nil {
		return route{}, nil, err
	}
	known := false
	for _, each := range s.routes {
		args, fits := match(each.path, steps)
		if fits && each.method == r.Method {
			return each, args, nil
		}
		known = known || fits
	}
	if known {
		return route{}, nil, refuse(http.StatusMethodNotAllowed, "The HTTP method is not allowed for the request target.")
	}
	return route{}, nil, invalid("resource not found for the segment '%s'.", steps[len(steps)-1])
}

func match(template, path []string) ([]string, bool) {
	if len(template) != len(path) {
		return nil, false
	}
	var args []string
	for i, want := range template {
		switch {
		case strings.HasPrefix(want, "{"):
			args = append(args, path[i])
		case want != path[i]:
			return nil, false
		}
	}
	return args, true
}

// split takes an escaped path apart: plans('x') and plans/x are the same.
func split(escaped string) ([]string, error) {
	var steps []string
	for raw := range strings.SplitSeq(strings.TrimSuffix(escaped, "/"), "/") {
		step, err := url.PathUnescape(raw)
		if err != nil {
			return nil, invalid("the path is not well-formed.")
		}
		name, key, keyed := strings.Cut(step, "('")
		steps = append(steps, name)
		if !keyed {
			continue
		}
		key, closed := strings.CutSuffix(key, "')")
		if !closed {
			return nil, invalid("the key in '%s' is not well-formed.", step)
		}
		steps = append(steps, key)
	}
	return steps, nil
}
