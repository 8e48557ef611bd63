package graph_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/graph"
)

func request(ctx context.Context, t *testing.T, method, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, root+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLabel(t *testing.T) {
	tests := map[string]string{
		"GET /groups/delta?$select=id":                      "GET /groups/delta",
		"GET /groups/delta()?$skiptoken=x":                  "GET /groups/delta",
		"GET /groups/microsoft.graph.delta()?$deltatoken=x": "GET /groups/delta",
		"GET /groups(uniqueName='storeteams-p-s-1')":        "GET /groups(uniqueName)",
		"POST /groups/" + guid(1) + "/owners/$ref":          "POST /groups/{id}/owners/$ref",
		"POST /teams": "POST /teams",
		"GET /teams('" + guid(1) + "')/operations('" + guid(2) + "')":        "GET /teams/{id}/operations/{id}",
		"GET /teams/" + guid(1) + "/operations/" + guid(2):                   "GET /teams/{id}/operations/{id}",
		"PATCH /teams/" + guid(1) + "/members/MCMjMSMjY2ZhY2U5MGYtY2M2Mg==":  "PATCH /teams/{id}/members/{id}",
		"PATCH /teams/" + guid(1) + "/members/M%2FMab":                       "PATCH /teams/{id}/members/{id}",
		"POST /teams/" + guid(1) + "/members/add":                            "POST /teams/{id}/members/add",
		"POST /teams/" + guid(1) + "/members/remove":                         "POST /teams/{id}/members/remove",
		"DELETE /teams/" + guid(1) + "/members/MCMjMSMjY2ZhY2U5MGYtY2M2Mg==": "DELETE /teams/{id}/members/{id}",
		"POST /teams/" + guid(1) + "/unarchive":                              "POST /teams/{id}/unarchive",
		"GET /directory/deletedItems/" + guid(1) + "?$select=id":             "GET /directory/deletedItems/{id}",
		"POST /directory/deletedItems/" + guid(1) + "/restore":               "POST /directory/deletedItems/{id}/restore",
		"POST /$batch": "POST /$batch",
		"GET /planner/plans/xqQg5FS2LkCp935s-FIFm2QAFkHM": "GET /planner/plans/{id}",
		"GET /planner/plans/abcdefghijklmnopqrstuvwxyzAB": "GET /planner/plans/{id}",
		"GET /": "GET /{id}",
	}
	rates := graph.NewRates(100)
	for line, want := range tests {
		var method, path string
		if _, err := fmt.Sscan(line, &method, &path); err != nil {
			t.Fatal(err)
		}
		if got := rates.Label(request(t.Context(), t, method, path)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestRatesStayBelowTheLimits(t *testing.T) {
	team := func(i int) string { return "/teams/" + guid(i) }
	group := func(i int) string { return "/groups/" + guid(i) }
	tests := map[string]struct {
		method string
		path   func(i int) string
		each   float64 // requests a second at 100 percent
		burst  int     // that may go at once, at 100 percent
	}{
		"create a team":     {"POST", func(int) string { return "/teams" }, 10, 1},
		"list members":      {"GET", func(i int) string { return team(i) + "/members" }, 60, 1},
		"read a team":       {"GET", func(i int) string { return team(i) + "?$select=id" }, 30, 1},
		"watch operations":  {"GET", func(i int) string { return "/teams('" + guid(i) + "')/operations('" + guid(1) + "')" }, 30, 1},
		"add members":       {"POST", func(i int) string { return team(i) + "/members/add" }, 30, 1},
		"remove members":    {"POST", func(i int) string { return team(i) + "/members/remove" }, 30, 1},
		"end memberships":   {"DELETE", func(i int) string { return team(i) + "/members/x==" }, 30, 1},
		"archive":           {"POST", func(i int) string { return team(i) + "/archive" }, 30, 1},
		"one team":          {"POST", func(int) string { return team(1) + "/members/add" }, 4, 1},
		"one team, spelt":   {"GET", func(i int) string { return []string{"/teams/ABC-1", "/teams('abc-1')/operations('x')"}[i%2] }, 4, 1},
		"directory writes":  {"PATCH", group, 20, 20},
		"restore groups":    {"POST", func(i int) string { return "/directory/deletedItems/" + guid(i) + "/restore" }, 20, 20},
		"deleted groups":    {"GET", func(i int) string { return "/directory/deletedItems/" + guid(i) }, 350, 350},
		"batches":           {"POST", func(int) string { return "/$batch" }, 350.0 / 24, 14},
		"users":             {"GET", func(int) string { return "/users" }, 175, 175},
		"users, selected":   {"GET", func(int) string { return "/users/delta?$select=id" }, 350, 350},
		"members, selected": {"GET", func(i int) string { return group(i) + "/members?$select=id&$top=999" }, 175, 175},
		"members, few":      {"GET", func(i int) string { return group(i) + "/members?$select=id&$top=5" }, 350, 350},
		"members, next":     {"GET", func(i int) string { return group(i) + "/members?$skiptoken=x" }, 350.0 / 3, 116},
		"members, expanded": {"GET", func(i int) string { return group(i) + "/members?$expand=x" }, 350.0 / 4, 87},
		"a group":           {"GET", group, 350, 350},
		"skus":              {"GET", func(int) string { return "/subscribedSkus" }, 350.0 / 3, 116},
	}
	for name, test := range tests {
		for _, percent := range []int{100, 50} {
			t.Run(fmt.Sprintf("%s/%d", name, percent), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					rates := graph.NewRates(percent)
					const n = 1000
					begin := time.Now()
					for i := range n {
						if err := rates.Admit(request(t.Context(), t, test.method, test.path(i))); err != nil {
							t.Fatal(err)
						}
					}
					share := float64(percent) / 100
					burst := max(1, float64(test.burst)*share)
					want := time.Duration((n - burst) / (test.each * share) * float64(time.Second))
					if took := time.Since(begin); took < want*98/100 || took > want*115/100 {
						t.Errorf("%d requests took %v, want about %v", n, took, want)
					}
				})
			})
		}
	}
}

func TestRatesLetOthersPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rates := graph.NewRates(0) // counts as 1 percent
		begin := time.Now()
		for i := range 100 {
			for _, path := range []string{"/planner/plans/" + guid(i), "/groups/" + guid(i) + "/planner/plans", "/subscriptions"} {
				if err := rates.Admit(request(t.Context(), t, "GET", path)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("what has no published limit waited %v", took)
		}
		if err := rates.Admit(request(t.Context(), t, "POST", "/$batch")); err != nil {
			t.Errorf("a batch does not fit into a small share: %v", err)
		}
	})
}

// TestRatesOfManyTeams keeps a queue at one team while more others come by than
// there is room for, and then joins the queue.
func TestRatesOfManyTeams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rates := graph.NewRates(100)
		busy := request(t.Context(), t, "GET", "/teams/"+guid(0)+"/channels")
		begin := time.Now()
		var queue errgroup.Group
		for range 200 { // 50 seconds' worth
			queue.Go(func() error { return rates.Admit(busy) })
		}
		synctest.Wait()
		for i := 1; i < 2000; i++ { // some 33 seconds' worth
			if err := rates.Admit(request(t.Context(), t, "GET", "/teams/"+guid(i)+"/members")); err != nil {
				t.Fatal(err)
			}
		}
		err := rates.Admit(busy)
		took := time.Since(begin)
		if err := errors.Join(err, queue.Wait()); err != nil {
			t.Fatal(err)
		}
		if took < 50*time.Second {
			t.Errorf("201 requests for one team took %v: it was forgotten while busy", took)
		}
	})
}

func TestAdmitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rates := graph.NewRates(1) // a team every ten seconds
		if err := rates.Admit(request(t.Context(), t, "POST", "/teams")); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := rates.Admit(request(ctx, t, "POST", "/teams")); !fault.Is(err, fault.Unavailable) {
			t.Errorf("too late: %v, want unavailable", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if err := rates.Admit(request(ctx, t, "PATCH", "/groups/"+guid(1))); !fault.Is(err, fault.Canceled) {
			t.Errorf("canceled: %v, want canceled", err)
		}
	})
}
