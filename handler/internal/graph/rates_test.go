package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
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
			if err := rates.Admit(request(t.Context(), t, "GET", "/subscriptions/"+guid(i))); err != nil {
				t.Fatal(err)
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

// carrying is a $batch of reads.
func carrying(t *testing.T, urls ...string) *http.Request {
	t.Helper()
	type item struct {
		ID     string `json:"id"`
		Method string `json:"method"`
		URL    string `json:"url"`
	}
	var items []item
	for i, url := range urls {
		items = append(items, item{fmt.Sprint(i), "GET", url})
	}
	body, err := json.Marshal(map[string]any{"requests": items})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", root+"/$batch", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRateOfPlanner asks Planner for 1,000 things, which take as long as they
// are many, however they are packed.
func TestRateOfPlanner(t *testing.T) {
	const plan = "/planner/plans/xqQg5FS2LkCp935s-FIFm2QAFkHM"
	twenty := slices.Repeat([]string{plan + "/tasks?$select=id", "/groups/" + guid(1) + "/planner/plans"}, 10)
	tests := map[string]struct {
		request func(t *testing.T) *http.Request
		n       int
	}{
		"alone": {func(t *testing.T) *http.Request { return request(t.Context(), t, "PATCH", plan) }, 1000},
		"of a group": {func(t *testing.T) *http.Request {
			return request(t.Context(), t, "GET", "/groups/"+guid(1)+"/planner/plans")
		}, 1000},
		"batches":     {func(t *testing.T) *http.Request { return carrying(t, twenty...) }, 50},
		"small batch": {func(t *testing.T) *http.Request { return carrying(t, twenty[:5]...) }, 200},
	}
	for name, test := range tests {
		for _, rate := range []float64{0, 50} { // 0: the default, 20
			t.Run(fmt.Sprintf("%s/%v", name, rate), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					rates := graph.NewRates(1) // of others' limits
					rates.SetPlanner(rate)
					if limit := rates.Limits().Planner; limit != max(rate, 20) {
						t.Errorf("the limit is %v", limit)
					}
					begin := time.Now()
					for range test.n {
						if err := rates.Admit(test.request(t)); err != nil {
							t.Fatal(err)
						}
					}
					want := time.Duration(980 / rates.Limits().Planner * float64(time.Second))
					if took := time.Since(begin); took < want*98/100 || took > want*102/100 {
						t.Errorf("1,000 requests took %v, want about %v", took, want)
					}
				})
			})
		}
	}
}

// TestBatchesOfOthersAreTheDirectorys looks for Planner where it is not.
func TestBatchesOfOthersAreTheDirectorys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rates := graph.NewRates(100)
		odd := request(t.Context(), t, "POST", "/$batch")
		odd.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("<html>")), nil }
		lost := request(t.Context(), t, "POST", "/$batch")
		lost.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("lost") }
		begin := time.Now()
		for i := range 600 {
			batch := []*http.Request{odd, lost, carrying(t, "/groups/"+guid(1), "/groups/"+guid(1)+"/owners", "/users?$select=planner")}[i%3]
			if err := rates.Admit(batch); err != nil {
				t.Fatal(err)
			}
		}
		const want = 586 * 24 * time.Second / 350
		if took := time.Since(begin); took < want*98/100 || took > want*102/100 {
			t.Errorf("600 batches took %v, want about %v", took, want)
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

// TestAnAdmittedBatchIsSentWhole: looking into a batch's body leaves it to be sent,
// each time it is tried.
func TestAnAdmittedBatchIsSentWhole(t *testing.T) {
	const body = `{"requests":[{"id":"0","method":"GET","url":"/planner/tasks/xqQg5FS2LkCp935s-FIFm2QAFkHM"}]}`
	req, err := runtime.NewRequest(t.Context(), http.MethodPost, root+"/$batch")
	if err != nil {
		t.Fatal(err)
	}
	if err := req.SetBody(streaming.NopCloser(strings.NewReader(body)), "application/json"); err != nil {
		t.Fatal(err)
	}
	rates := graph.NewRates(100)
	for range 2 {
		if err := errors.Join(req.RewindBody(), rates.Admit(req.Raw())); err != nil {
			t.Fatal(err)
		}
		if sent, err := io.ReadAll(req.Raw().Body); err != nil || string(sent) != body {
			t.Errorf("%q (%v) is left to be sent", sent, err)
		}
	}
}
