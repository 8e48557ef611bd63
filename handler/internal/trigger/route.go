package trigger

import (
	"net/http"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Route says what the handler answers at one path. Paths are matched as they
// are, with no cleaning up and no redirects; a name in braces, as in
// /api/ops/jobs/{id}, stands for any one segment that is not empty. No path has
// two of them.
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

// takes reports whether the endpoint answers at the path, and what stands in
// the place of the name in braces.
func (e endpoint) takes(path string) (named string, ok bool) {
	before, rest, open := strings.Cut(e.Path, "{")
	if !open {
		return "", path == e.Path
	}
	_, after, _ := strings.Cut(rest, "}")
	tail, begins := strings.CutPrefix(path, before)
	named, ends := strings.CutSuffix(tail, after)
	return named, begins && ends && named != "" && !strings.Contains(named, "/")
}

// call is a request and what is known of it.
type call struct {
	*http.Request
	invocation string // its name in logs and records
	function   string // whose call it is
	named      string // what its path names, unchecked
}

// hostsOwn reports whether the host itself calls, not somebody whose request it
// passes on: those come below its prefix for routes.
func (c call) hostsOwn() bool { return !strings.HasPrefix(c.URL.Path, "/api/") }

// hash returns the hold's hash that the path names.
func (c call) hash() (string, error) {
	if len(c.named) != 16 || strings.Trim(c.named, "0123456789abcdef") != "" {
		return "", fault.Newf(fault.Invalid, "read path", "expected a hold's hash, 16 hex digits in lower case")
	}
	return c.named, nil
}

// id returns the id that the path names, of a run or a job.
func (c call) id() (string, error) {
	odd := func(r rune) bool { return r != '.' && !isNameRune(r) }
	if len(c.named) > maxName || strings.ContainsFunc(c.named, odd) {
		return "", fault.Newf(fault.Invalid, "read path", "expected an id: at most %d letters, digits, '.' and '-'", maxName)
	}
	return c.named, nil
}

// endpoints is the one list of routes. The host posts a timer's invocation to
// the function's name; requests to an HTTP function it passes on at their own
// path, as host.json's enableProxyingHttpRequest asks. What changes something,
// or says who it is about, is a POST: the platform logs addresses, query
// included.
func endpoints() []endpoint {
	const ops = "/api/ops/"
	read := []string{http.MethodGet, http.MethodHead}
	post := []string{http.MethodPost}
	at := func(path string, methods []string, answer func(*front, call) (answer, error)) endpoint {
		return endpoint{Route{"Operations", ops + path, methods}, answer}
	}
	return []endpoint{
		{Route{"", "/", read}, (*front).ready},
		{Route{"OrgSync", "/OrgSync", post}, (*front).orgSync},
		{Route{"TaskSweep", "/TaskSweep", post}, (*front).taskSweep},
		{Route{"TaskChanged", "/TaskChanged", post}, (*front).taskChanged},
		{Route{"OrgChanged", "/OrgChanged", post}, (*front).orgChanged},
		{Route{"CommerceEvent", "/CommerceEvent", post}, (*front).commerceEvent},
		{Route{"SubscriptionRenew", "/SubscriptionRenew", post}, (*front).subscriptionRenew},
		{Route{"GraphNotification", "/api/graph/notifications", post}, (*front).graphNotification},
		at("status", read, light((*front).status)),
		at("runs", slices.Concat(read, post), getOrPost(light((*front).runs), acting((*front).reconcile))),
		at("runs/{id}", read, light((*front).run)),
		at("plan", read, heavy((*front).plan)),
		at("explain", post, heavy((*front).explain)),
		at("holds", read, light((*front).holds)),
		at("holds/{hash}", read, light((*front).hold)),
		at("holds/{hash}/allow", post, light((*front).allow)),
		at("holds/{hash}/refuse", post, light((*front).refuse)),
		at("unmapped", read, heavy((*front).unmapped)),
		at("extras", read, heavy((*front).extras)),
		at("baseline", read, heavy((*front).baseline)),
		at("baseline/accept", post, heavy((*front).acceptBaseline)),
		at("blocks", read, light((*front).blocks)),
		at("block", post, light((*front).block)),
		at("unblock", post, light((*front).unblock)),
		at("revoke", post, light((*front).revoke)),
		at("rebuild", post, acting((*front).rebuild)),
		at("doctor", post, heavy((*front).doctor)),
		at("hierarchy", read, heavy((*front).hierarchy)),
		at("tasks", read, heavy((*front).taskStatus)),
		at("tasks/problems", read, heavy((*front).taskProblems)),
		at("tasks/allow", post, light((*front).allowTasks)),
		at("tasks/dead-letters", read, light((*front).deadLetters)),
		at("tasks/dead-letters/retry", post, light((*front).retryLetter)),
		at("tasks/dead-letters/drop", post, light((*front).dropLetter)),
		at("jobs/{id}", read, (*front).poll),
		at("openapi", read, (*front).document),
	}
}

// getOrPost answers a path at which a GET reads and a POST changes.
func getOrPost(get, post func(*front, call) (answer, error)) func(*front, call) (answer, error) {
	return func(f *front, c call) (answer, error) {
		if c.Method == http.MethodPost {
			return post(f, c)
		}
		return get(f, c)
	}
}
