package e2e

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// The tests of this file put storeteams before a tenant that refuses, throttles
// or lacks somebody.

// TestOneTeamRefused: what Graph forbids in one team fails with its reason, the
// others go on, and once the cause is gone the next run completes.
func TestOneTeamRefused(t *testing.T) {
	t.Parallel()
	const store = "000002"
	for _, test := range []struct{ name, route, change string }{
		{"its group", "PATCH /groups(uniqueName='{name}')", "create team"},
		{"its creation", "POST /teams", "create team"},
		{"its members", "POST /teams/{team}/members/add", "add member"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, chainSetup(t, chain(3, 3)))
			lift := s.refuse(test.route, store)

			run := s.sync(t)
			if run.Outcome != "partial" || run.Failed[test.change] == 0 {
				t.Errorf("outcome %s, failed %v", run.Outcome, run.Failed)
			}
			if !slices.ContainsFunc(run.Notes, func(n environment.Note) bool {
				return n.Kind == "failed" && strings.Contains(n.Team, store) && strings.Contains(n.Text, "403")
			}) {
				t.Errorf("no note says that store %s was refused: %+v", store, run.Notes)
			}
			if diff := difference(without(s.expected(t), store), s.rest(t, store)); diff != "" {
				t.Errorf("the other teams are not as they should be:\n%s", diff)
			}
			if again := s.sync(t); again.Outcome != "partial" {
				t.Errorf("the second try is %s", again.Outcome)
			}

			lift()
			s.check(t, s.settle(t))
			s.calm(t)
		})
	}
}

// refuse answers 403 to one kind of request, when it is about that store's
// group, until lift is called.
func (s *site) refuse(route, store string) (lift func()) {
	var lifted atomic.Bool
	marker := naive.StoreMarker(s.settings.Instance, store)
	forbid := simgraph.Refuse(http.StatusForbidden, "Authorization_RequestDenied", 0)
	s.Tenant.Inject(simgraph.Fault{Route: route, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			forbid(w, r, next)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		said := r.URL.Path + string(body)
		about := strings.Contains(said, marker)
		for _, team := range s.Tenant.Teams() {
			about = about || team.UniqueName == marker && strings.Contains(said, team.ID)
		}
		if about && !lifted.Load() {
			forbid(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}})
	return func() { lifted.Store(true) }
}

// without is a state's lines but for one store's.
func without(lines []string, store string) []string {
	return slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, "-s-"+store+"|") })
}

// stranger is somebody whom Commerce or a setting names and the tenant does not
// have.
type stranger struct {
	name     string
	change   func(*setup, *naive.World)
	unmapped int    // workers without an account
	finding  string // what is reported beside that
}

func strangers() []stranger {
	const nobody = "99999999-9999-4999-8999-999999999999"
	return []stranger{
		{"a worker", func(_ *setup, w *naive.World) {
			w.Commerce["RetailStaff"][1]["ExternalSubIdentifier"] = nobody
			w.Commerce["RetailStaff"][1]["ExternalIdentityAlias"] = "nobody@contoso.example"
		}, 1, ""},
		{"a manager", func(_ *setup, w *naive.World) {
			w.Commerce["RetailStaff"][0]["ExternalSubIdentifier"] = nobody
			w.Commerce["RetailStaff"][0]["ExternalIdentityAlias"] = nil
		}, 1, ""},
		{"a fallback owner", func(s *setup, _ *naive.World) {
			s.settings.FallbackOwners = []string{nobody, "office0@contoso.example"}
		}, 0, "bad owner setting"},
		{"every owner of the communications team", func(s *setup, _ *naive.World) {
			s.settings.FallbackOwners, s.settings.CommunicationsOwners = []string{nobody}, []string{"nobody@contoso.example"}
		}, 0, "bad owner setting"},
	}
}

// Strangers are reported, and everybody else gets their team.
func TestUsersWhoDoNotExist(t *testing.T) {
	t.Parallel()
	for _, test := range strangers() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := chain(5, 3)
			given := chainSetup(t, w)
			test.change(&given, &w)
			given.world = wire(t, w)
			s := start(t, given)
			run := s.settle(t)
			s.check(t, run)
			if unmapped := sum(run.Unmapped); unmapped != test.unmapped {
				t.Errorf("unmapped %v", run.Unmapped)
			}
			if test.finding != "" && run.Findings[test.finding] == 0 {
				t.Errorf("findings %v", run.Findings)
			}
			s.calm(t)
		})
	}
}

func sum(counts map[string]int) (total int) {
	for n := range maps.Values(counts) {
		total += n
	}
	return total
}

// A run that is throttled waits as long as it is told, and completes.
func TestGraphThrottles(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(3, 3)))
	busy := simgraph.Refuse(http.StatusTooManyRequests, "TooManyRequests", 1)
	for _, route := range []string{
		"GET /users/delta", "PATCH /groups(uniqueName='{name}')", "POST /teams", "POST /teams/{team}/members/add",
	} {
		s.Tenant.Inject(simgraph.Fault{Route: route, Times: 2, Do: busy})
	}
	run := s.sync(t)
	if run.Outcome != "done" {
		t.Errorf("outcome %s, failed %v", run.Outcome, run.Failed)
	}
	s.check(t, run)

	// A part of a batch is throttled by itself.
	if err := s.Tenant.AddMember(s.store(t, "000001").ID, spareID("newcomer.b")); err != nil {
		t.Fatal(err)
	}
	s.Tenant.Inject(simgraph.Fault{Route: "GET /groups/{group}/members", Times: 1, Do: busy})
	if run := s.sync(t); run.Outcome != "done" {
		t.Errorf("outcome %s, %s", run.Outcome, run.Error)
	}
	s.calm(t)
}

// Answers that get lost, and servers that break down for a moment, cost time
// and nothing else.
func TestGraphStumbles(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(3, 3)))
	down := simgraph.Refuse(http.StatusServiceUnavailable, "ServiceUnavailable", 1)
	for route, do := range map[string]func(http.ResponseWriter, *http.Request, http.Handler){
		"GET /groups/delta":                        down,
		"GET /groups(uniqueName='{name}')":         simgraph.Drop,
		"PATCH /groups(uniqueName='{name}')":       simgraph.Lose,
		"POST /teams":                              simgraph.Lose,
		"GET /teams/{team}/operations/{operation}": down,
		"POST /teams/{team}/members/add":           simgraph.Lose,
	} {
		s.Tenant.Inject(simgraph.Fault{Route: route, Times: 1, Do: do})
	}
	s.check(t, s.settle(t))
	s.calm(t)
}

// TestPlanMode: MODE=plan shows everything and changes nothing.
func TestPlanMode(t *testing.T) {
	t.Parallel()
	given := chainSetup(t, chain(3, 3))
	given.handler = map[string]string{"MODE": "plan"}
	s := start(t, given)
	before := s.tenant(t)
	for range 2 {
		run := s.sync(t)
		if run.Mode != "plan" || run.Outcome != "done" || len(run.Done) > 0 {
			t.Errorf("mode %s, outcome %s, done %v", run.Mode, run.Outcome, run.Done)
		}
		if run.Planned["create team"] != 4 || run.Planned["add member"] == 0 {
			t.Errorf("planned %v", run.Planned)
		}
		for _, line := range []string{"store 000001\n", `+ team "Shop 1 (000001)", first owner `, "worker 000003001: "} {
			if !strings.Contains(run.Plan, line) {
				t.Errorf("%q is not in the plan:\n%s", line, run.Plan)
			}
		}
	}
	if diff := difference(before, s.tenant(t)); diff != "" || s.Tenant.Writes() > 0 {
		t.Errorf("planning changed the tenant in %d writes:\n%s", s.Tenant.Writes(), diff)
	}

	// What was planned is what is done once it may be.
	s.Settings["MODE"] = "add"
	s.restart(t)
	s.check(t, s.settle(t))
}
