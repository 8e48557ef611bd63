package graph

import (
	"net/http"
	"net/url"
	"strings"
)

// route is what a request asks for: the method and the path's segments below
// the API's version, with the ids taken out.
type route struct {
	method string
	parts  []string // "teams", "{id}", "members"
	id     string   // the first id, in lower case; "" if there is none
}

// routeOf reads a request's path. Both of OData's spellings of a key become a
// segment of their own ("teams/7" and "teams('7')"); an alternate key stays
// with its collection ("groups(uniqueName)"), and a function's empty brackets,
// which links of the server's may have, go ("microsoft.graph.delta()").
func routeOf(r *http.Request) route { return routeTo(r.Method, r.URL.EscapedPath()) }

// routeTo is routeOf for a method and an escaped path, with or without version.
func routeTo(method, path string) route {
	rt := route{method: method}
	path = strings.Trim(path, "/")
	for _, version := range []string{"v1.0", "beta"} {
		if _, below, found := strings.Cut(path, version+"/"); found {
			path = below
			break
		}
	}
	for segment := range strings.SplitSeq(path, "/") {
		if text, err := url.PathUnescape(segment); err == nil {
			segment = text
		}
		segment = strings.TrimSuffix(strings.TrimPrefix(segment, "microsoft.graph."), "()")
		name, key, keyed := strings.Cut(strings.TrimSuffix(segment, ")"), "(")
		switch alternate, _, named := strings.Cut(key, "="); {
		case named:
			rt.parts = append(rt.parts, name+"("+alternate+")")
		case keyed:
			rt.parts = append(rt.parts, name)
			rt.addID(strings.Trim(key, "'"))
		case isWord(segment):
			rt.parts = append(rt.parts, segment)
		default:
			rt.addID(segment)
		}
	}
	return rt
}

func (rt *route) addID(id string) {
	rt.parts = append(rt.parts, "{id}")
	if rt.id == "" {
		rt.id = strings.ToLower(id)
	}
}

// isWord tells Graph's own segments from ids: they are letters only, short, and
// may begin with a dollar. GUIDs have hyphens, Planner's ids 28 characters, ids
// of memberships more.
func isWord(segment string) bool {
	const longest = 24
	letters := strings.TrimPrefix(segment, "$")
	return letters != "" && len(letters) <= longest && !strings.ContainsFunc(letters, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// label is the route in one line: "POST /teams/{id}/members/add".
func (rt route) label() string { return rt.method + " /" + strings.Join(rt.parts, "/") }

// is reports whether the path is exactly these segments.
func (rt route) is(path string) bool { return strings.Join(rt.parts, "/") == path }

// isTeams reports whether the Teams service answers, with limits of its own.
func (rt route) isTeams() bool { return rt.parts[0] == "teams" || rt.is("groups/{id}/team") }

// isPlanner reports whether Planner answers.
func (rt route) isPlanner() bool {
	return rt.parts[0] == "planner" || len(rt.parts) > 2 && rt.parts[0] == "groups" && rt.parts[2] == "planner"
}

// isDirectory reports whether the directory answers: users, groups, and batches,
// unless they are Planner's.
func (rt route) isDirectory() bool {
	switch rt.parts[0] {
	case "groups", "groups(uniqueName)":
		return !rt.isPlanner()
	case "users", "directoryObjects", "directory", "organization", "subscribedSkus", "$batch":
		return true
	}
	return false
}
