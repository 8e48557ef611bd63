package simgraph

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// route is one operation of the service.
type route struct {
	name   string // "METHOD /template", the key of Requests
	method string
	path   []segment
	handle func(*call) (reply, error)
	budget budget // what it counts against when throttling
	write  bool
}

// segment is one step of a path. Keys in parentheses are steps of their own:
// teams('x') and teams/x are the same. Alternate names the property of an
// alternate key.
type segment struct {
	text      string
	alternate string
}

func (s segment) parameter() bool { return strings.HasPrefix(s.text, "{") }

// table lists the operations; of two that match, the first counts. It fails
// when a template is not well-formed.
func (t *Tenant) table() ([]route, error) {
	lists := [][]route{t.userRoutes(), t.groupRoutes(), t.teamRoutes(), t.memberRoutes(), t.deletedRoutes(), t.organizationRoutes(), t.subscriptionRoutes(), {
		at("POST /$batch", t.batch, budget{}),
	}}
	var all []route
	for _, list := range lists {
		for _, each := range list {
			_, template, _ := strings.Cut(each.name, " /")
			path, err := splitPath(template)
			if err != nil {
				return nil, fmt.Errorf("route %q: %w", each.name, err)
			}
			each.path = path
			all = append(all, each)
		}
	}
	return all, nil
}

// at describes an operation. A request that is no GET is a write, except a
// batch: its parts are.
func at(name string, handle func(*call) (reply, error), counts budget) route {
	method, _, _ := strings.Cut(name, " ")
	return route{
		name: name, method: method, handle: handle, budget: counts,
		write: method != http.MethodGet && counts.kind != free,
	}
}

// find looks up the operation for a request and what its parameters matched.
func (t *Tenant) find(r *http.Request) (route, []string, error) {
	rest, below := strings.CutPrefix(r.URL.EscapedPath(), t.opts.Root+"/")
	if !below {
		return route{}, nil, refuse(http.StatusNotFound, "BadRequest", "Invalid version.")
	}
	path, err := splitPath(rest)
	if err != nil {
		return route{}, nil, err
	}
	if planned, is := t.planned(r, path); is {
		return planned, nil, nil
	}
	known := false
	for _, candidate := range t.routes {
		args, fits := match(candidate.path, path)
		if fits && candidate.method == r.Method {
			return candidate, args, nil
		}
		known = known || fits
	}
	if known {
		return route{}, nil, refuse(http.StatusMethodNotAllowed, directoryBad, "Specified HTTP method is not allowed for the request target.")
	}
	return route{}, nil, refuse(http.StatusBadRequest, teamsBad, "Resource not found for the segment '%s'.", path[len(path)-1].text)
}

func match(template, path []segment) ([]string, bool) {
	if len(template) != len(path) {
		return nil, false
	}
	var args []string
	for i, want := range template {
		got := path[i]
		switch {
		case want.alternate != got.alternate:
			return nil, false
		case want.parameter():
			args = append(args, got.text)
		case want.text != got.text:
			return nil, false
		}
	}
	return args, true
}

// splitPath takes an escaped path apart. A function may be written with or
// without its parentheses and namespace.
func splitPath(escaped string) ([]segment, error) {
	var path []segment
	for raw := range strings.SplitSeq(strings.TrimSuffix(escaped, "/"), "/") {
		text, err := url.PathUnescape(raw)
		if err != nil {
			return nil, badDirectory("The path is not well-formed: %v.", err)
		}
		name, inner, keyed := strings.Cut(text, "(")
		name = strings.TrimPrefix(name, "microsoft.graph.")
		if name != "" {
			path = append(path, segment{text: name})
		}
		if !keyed || inner == ")" {
			continue
		}
		key, err := parseKey(inner)
		if err != nil {
			return nil, err
		}
		path = append(path, key)
	}
	if len(path) == 0 {
		return nil, badDirectory("The path names no resource.")
	}
	return path, nil
}

// parseKey reads 'x') or name='x'). A quote inside is doubled.
func parseKey(inner string) (segment, error) {
	bad := badDirectory("The key '(%s' is not well-formed.", inner)
	inner, closed := strings.CutSuffix(inner, "')")
	alternate, value, quoted := strings.Cut(inner, "'")
	if !closed || !quoted {
		return segment{}, bad
	}
	if alternate != "" {
		var named bool
		if alternate, named = strings.CutSuffix(alternate, "="); !named {
			return segment{}, bad
		}
	}
	if strings.Contains(strings.ReplaceAll(value, "''", ""), "'") {
		return segment{}, bad
	}
	return segment{text: strings.ReplaceAll(value, "''", "'"), alternate: alternate}, nil
}

// operationPath is how answers refer to an operation: relative to the service,
// without the version.
func operationPath(team, operation string) string {
	return fmt.Sprintf("/teams('%s')/operations('%s')", team, operation)
}
