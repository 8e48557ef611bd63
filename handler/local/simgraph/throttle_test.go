package simgraph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// burst sends requests at one moment until one is throttled.
func (r *rig) burst(method, path string, body any) (passed int, refused answer) {
	r.t.Helper()
	for passed = range 10_000 {
		if got := r.do(method, path, body); got.status == 429 {
			return passed, got
		}
	}
	r.t.Fatalf("%s %s: never throttled", method, path)
	return 0, answer{}
}

func TestThrottling(t *testing.T) {
	tests := []struct {
		name, method, path string
		body               any
		passed             int
	}{
		{"create team", "POST", "/teams", map[string]any{}, 10},
		{"one team", "GET", "/teams/" + store, nil, 4},
		{"one team, its members", "POST", "/teams/" + store + "/members/add", map[string]any{}, 4},
		{"directory reads by unit", "GET", "/groups/" + store + "/members", nil, 3500/3 + 0},
		{"directory reads, cheap", "GET", "/groups/" + store + "/members?$select=id&$top=5", nil, 3500},
		{"directory writes", "PATCH", "/groups/" + store, map[string]any{"displayName": "x"}, 3000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{Throttle: true})
			passed, refused := r.burst(test.method, test.path, test.body)
			equal(t, "passed", passed, test.passed)
			equal(t, "shape", []bool{refused.code() != "", refused.header.Get("x-ms-throttle-scope") != ""}, []bool{true, true})
			wait, err := time.ParseDuration(refused.header.Get("Retry-After") + "s")
			if err != nil || wait <= 0 {
				t.Fatalf("Retry-After: %q", refused.header.Get("Retry-After"))
			}
			r.clock.Advance(wait + time.Second) // the refused request counted too
			if again := r.do(test.method, test.path, test.body); again.status == 429 {
				t.Error("still throttled after the wait")
			}
		})
	}
}

func TestHammeringIsPunished(t *testing.T) {
	r := newRig(t, simgraph.Options{Throttle: true})
	r.burst("POST", "/teams", map[string]any{})
	var waits []string
	for range 15 {
		waits = append(waits, r.want(429, "POST", "/teams", map[string]any{}).header.Get("Retry-After"))
	}
	equal(t, "the first and the last wait", []string{waits[0], waits[14]}, []string{"1", "2"})
}

func TestManyTeamsShareALimit(t *testing.T) {
	r := rigOf(t, crowd(40, 1), simgraph.Options{Throttle: true})
	passed := func(method, suffix string, body any) (n int) {
		for i := range 40 {
			if r.do(method, fmt.Sprintf("/teams/bbbbbbbb-0000-4000-8000-%012d%s", i, suffix), body).status != 429 {
				n++
			}
		}
		return n
	}
	equal(t, "GET team", passed("GET", "", nil), 30)
	equal(t, "GET members", passed("GET", "/members", nil), 40)
	equal(t, "add members", passed("POST", "/members/add", map[string]any{}), 30)
	puts := 0
	for i := range 20 {
		if r.do("PUT", fmt.Sprintf("/groups/bbbbbbbb-0000-4000-8000-%012d/team", i), map[string]any{}).status != 429 {
			puts++
		}
	}
	equal(t, "PUT team", puts, 6)
}

func TestUnitsAreTold(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	for path, units := range map[string]string{
		"/groups/" + store + "/members":                   "3",
		"/groups/" + store + "/members?$select=id":        "2",
		"/groups/" + store + "/members?$select=id&$top=5": "1",
		"/users": "2",
	} {
		equal(t, path, r.want(200, "GET", path, nil).header.Get("x-ms-resource-unit"), units)
	}
	equal(t, "a team", strings.Join(r.want(200, "GET", "/teams/"+store, nil).header.Values("x-ms-resource-unit"), ""), "")
}
