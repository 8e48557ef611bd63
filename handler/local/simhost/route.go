package simhost

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// route is where an HTTP function is found, and who may call it.
type route struct {
	segments []segment
	methods  []string // upper case; empty means all
	keyed    bool     // authLevel function
}

// segment is one part of a route between slashes: a literal, or one of the two
// kinds of parameters.
type segment struct {
	kind    segmentKind
	literal string
}

// segmentKind orders segments by how exactly they match: ASP.NET tries the
// most exact route first.
type segmentKind byte

const (
	literal   segmentKind = iota
	parameter             // {name}: any one segment
	rest                  // {*name}: all the segments that are left, also none
)

// newRoute reads an httpTrigger binding. The template is below prefix.
func newRoute(prefix, template, authLevel string, methods []string) (*route, error) {
	r := &route{}
	switch strings.ToLower(authLevel) {
	case "anonymous":
	case "", "function":
		r.keyed = true
	default:
		return nil, fmt.Errorf("authLevel %q is not simulated", authLevel)
	}
	for _, m := range methods {
		r.methods = append(r.methods, strings.ToUpper(m))
	}
	parts := splitPath(prefix + "/" + template)
	for i, part := range parts {
		s, err := newSegment(part)
		if err == nil && s.kind == rest && i < len(parts)-1 {
			err = fmt.Errorf("%s must come last", part)
		}
		if err != nil {
			return nil, fmt.Errorf("route %q: %w", template, err)
		}
		r.segments = append(r.segments, s)
	}
	return r, nil
}

func newSegment(part string) (segment, error) {
	if !strings.ContainsAny(part, "{}") {
		return segment{kind: literal, literal: part}, nil
	}
	form := regexp.MustCompile(`^\{(\*?)[A-Za-z][A-Za-z0-9_]*\}$`).FindStringSubmatch(part)
	switch {
	case form == nil:
		return segment{}, fmt.Errorf("%s is not simulated: a segment is a literal, {name} or {*name}", part)
	case form[1] != "":
		return segment{kind: rest}, nil
	}
	return segment{kind: parameter}, nil
}

func splitPath(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// matches reports whether a request is this route's. Literals match without
// case.
func (r *route) matches(method string, path *url.URL) bool {
	if len(r.methods) > 0 && !slices.Contains(r.methods, method) {
		return false
	}
	// Split before decoding: an escaped slash separates nothing.
	parts := splitPath(path.EscapedPath())
	for _, s := range r.segments {
		if s.kind == rest {
			return true
		}
		if len(parts) == 0 {
			return false
		}
		text, err := url.PathUnescape(parts[0])
		if err != nil || s.kind == literal && !strings.EqualFold(text, s.literal) {
			return false
		}
		parts = parts[1:]
	}
	return len(parts) == 0
}

// compare orders routes by what ASP.NET tries first.
func (r *route) compare(other *route) int {
	return slices.CompareFunc(r.segments, other.segments, func(a, b segment) int {
		return int(a.kind) - int(b.kind)
	})
}

// admits reports whether a request may call the function. An empty key admits
// everybody, as Core Tools does.
func (r *route) admits(req *http.Request, key string) bool {
	if !r.keyed || key == "" {
		return true
	}
	given := req.Header.Get("x-functions-key")
	if given == "" {
		given = req.URL.Query().Get("code")
	}
	return subtle.ConstantTimeCompare([]byte(given), []byte(key)) == 1
}
