// Package trigger is the side of storeteams that faces the Azure Functions
// host: an HTTP server on loopback that the host calls for each trigger that
// fires and to which it passes on HTTP requests as they came.
//
// It owns the host's protocol, which differs from plain HTTP in what an answer
// does, and it is the only place where an error becomes a status. It decodes,
// calls one method, and answers; it refuses to know what a run or a plan is.
//
// What the host makes of an answer (see its DefaultHttpWorkerService.cs):
//
//   - 2xx with a JSON object is a success. 2xx with no body or with null never
//     ends the invocation, so nothing here answers so.
//   - Any other status is a failure. Its body is not read, so the reason is
//     logged as well.
//   - Redirects are followed and turn POST into GET, so paths match exactly and
//     nothing is redirected.
package trigger

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// How long calls may take.
const (
	// DefaultTimeout ends a run. It is host.json's functionTimeout, after which
	// the host restarts the process with every other call in it, less a margin
	// in which the run can still write down how far it came.
	DefaultTimeout = 29 * time.Minute

	// operationTimeout ends an HTTP call, before the host's proxy (240 s idle)
	// and Azure's front end (230 s) give up with an answer of their own.
	operationTimeout = 200 * time.Second
)

// Runner carries out a timer's work.
type Runner interface {
	// Run does the work, or an error says why the run could not be carried out;
	// the host then counts the invocation as failed. ctx has a deadline.
	// invocation names the call in logs and records: at most 64 letters, digits
	// and hyphens, different for every call. Calls may overlap.
	Run(ctx context.Context, invocation string) error
}

// Functions are what the host can call. Every field that has no default in its
// comment is needed.
type Functions struct {
	OrgSync    Runner
	Operations Operations

	// Timeout ends a Run. Zero means DefaultTimeout.
	Timeout time.Duration
}

// Route says what the handler answers at one path. Paths are matched as they
// are, with no cleaning up and no redirects; {hash} stands for any one segment.
type Route struct {
	Function string   // the folder under functions/; empty for the host's probe
	Path     string   // e.g. /OrgSync, or with the host's prefix /api/ops/plan
	Methods  []string // what the path answers; anything else is a 405
}

// Routes lists every path the handler answers.
func Routes() []Route {
	var all []Route
	for _, e := range endpoints() {
		all = append(all, e.Route)
	}
	return all
}

// endpoint is a route and what answers it. Answers are whole before the first
// byte is written, so that a failure halfway can still become a status.
type endpoint struct {
	Route
	answer func(*front, call) (answer, error)
}

// hole is the part of a path that differs from request to request.
const hole = "{hash}"

// takes reports whether the endpoint answers at the path, and what is in its
// path's hole.
func (e endpoint) takes(path string) (hash string, ok bool) {
	before, after, open := strings.Cut(e.Path, hole)
	if !open {
		return "", path == e.Path
	}
	rest, begins := strings.CutPrefix(path, before)
	hash, ends := strings.CutSuffix(rest, after)
	return hash, begins && ends && !strings.Contains(hash, "/")
}

// call is a request and what is known of it.
type call struct {
	*http.Request
	invocation string // its name in logs and records
	hash       string // what was in the hole of its path, unchecked
}

// reads reports whether the call changes nothing.
func (c call) reads() bool { return c.Method == http.MethodGet || c.Method == http.MethodHead }

// hostsOwn reports whether the host itself calls, not somebody whose request it
// passes on: those come below its prefix for routes.
func (c call) hostsOwn() bool { return !strings.HasPrefix(c.URL.Path, "/api/") }

// endpoints is the one list of routes. The host posts a timer's invocation to
// the function's name; requests to an HTTP function it passes on at their own
// path, as host.json's enableProxyingHttpRequest asks.
func endpoints() []endpoint {
	read := []string{http.MethodGet, http.MethodHead}
	post := []string{http.MethodPost}
	readOrChange := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete}
	return []endpoint{
		{Route{"", "/", read}, (*front).ready},
		{Route{"OrgSync", "/OrgSync", post}, (*front).orgSync},
		{Route{"Operations", "/api/ops/runs/last", read}, (*front).lastRun},
		{Route{"Operations", "/api/ops/plan", read}, (*front).plan},
		{Route{"Operations", "/api/ops/holds", read}, (*front).holds},
		{Route{"Operations", "/api/ops/holds/" + hole + "/allow", post}, (*front).allow},
		{Route{"Operations", "/api/ops/holds/" + hole + "/refuse", post}, (*front).refuse},
		{Route{"Operations", "/api/ops/baseline/accept", post}, (*front).acceptBaseline},
		{Route{"Operations", "/api/ops/rebuild", post}, (*front).rebuild},
		{Route{"Operations", "/api/ops/blocks", readOrChange}, (*front).blocks},
		{Route{"Operations", "/api/ops/revoke", post}, (*front).revoke},
	}
}

// Handler answers the host. It logs each failure once, with the invocation,
// unless it is the mistake of somebody who reads the answer.
func (f Functions) Handler(logger *slog.Logger) http.Handler {
	if f.Timeout == 0 {
		f.Timeout = DefaultTimeout
	}
	return &front{functions: f, logger: logger, endpoints: endpoints()}
}

// front finds the endpoint for a request and turns what comes back, be it an
// answer, an error or a panic, into a response.
type front struct {
	functions Functions
	logger    *slog.Logger
	endpoints []endpoint
}

// ServeHTTP implements [http.Handler].
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{Request: r, invocation: invocationOf(r)}
	result, err := f.dispatch(c)
	if err != nil {
		result = f.failed(r.Context(), c, err)
	}
	result.write(w)
}

func (f *front) dispatch(c call) (result answer, err error) {
	e, hash, ok := f.find(c.URL.Path)
	switch {
	case !ok:
		return answer{}, noRoute()
	case !slices.Contains(e.Methods, c.Method):
		return answer{}, notAllowed(e.Methods)
	}
	c.hash = hash
	defer recovered(&err)
	return e.answer(f, c)
}

func (f *front) find(path string) (e endpoint, hash string, ok bool) {
	for _, e := range f.endpoints {
		if hash, ok := e.takes(path); ok {
			return e, hash, true
		}
	}
	return endpoint{}, "", false
}

// ready answers the host's probe, which comes while the process starts and
// again and again afterwards. It does no work.
func (f *front) ready(call) (answer, error) {
	return textAnswer([]byte("storeteams\n")), nil
}
