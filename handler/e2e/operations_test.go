package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
)

// answer is what Operations answered.
type answer struct {
	status   int
	kind     string // media type
	allow    string
	location string
	body     string
}

// ask makes a GET request below the host's address, as an operator's browser would.
func (s *site) ask(t *testing.T, path string, header ...string) answer {
	t.Helper()
	return s.tell(t, http.MethodGet, path, "", header...)
}

// tell is ask with a body, which is JSON unless a header says otherwise.
func (s *site) tell(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.Host.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	closeBody(t, resp)
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return answer{
		status: resp.StatusCode, kind: kind, allow: resp.Header.Get("Allow"), location: resp.Header.Get("Location"), body: string(content),
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(3, 3)))
	for _, path := range []string{"runs/last", "plan"} {
		if got := s.ask(t, "/api/ops/"+path); got.status != http.StatusNotFound || !strings.Contains(got.body, `"not_found"`) {
			t.Errorf("before the first run, %s: %+v", path, got)
		}
	}
	run := s.sync(t)
	t.Run("the last run", func(t *testing.T) { s.tellsLastRun(t, run) })
	t.Run("the plan", func(t *testing.T) { s.tellsPlan(t) })
	for _, path := range []string{"/api/ops/runs/last?format=text", "/api/ops/plan?format=json"} {
		if got := s.ask(t, path); got.status != http.StatusBadRequest {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

// tellsLastRun checks the record of a run that has just been the first.
func (s *site) tellsLastRun(t *testing.T, first environment.Run) {
	t.Helper()
	got := s.ask(t, "/api/ops/runs/last")
	var said struct {
		V   int `json:"v"`
		Run struct {
			ID, Function, Outcome, Plan string
			Started, Ended              time.Time
			Rows, Done                  map[string]int
		} `json:"run"`
	}
	if err := json.Unmarshal([]byte(got.body), &said); err != nil || got.status != http.StatusOK || got.kind != "application/json" {
		t.Fatalf("%v: %+v", err, got)
	}
	run := said.Run
	if said.V != 1 || run.ID != first.ID || run.Function != "OrgSync" || run.Outcome != "done" || run.Plan != first.Plan {
		t.Errorf("version %d, run %+v", said.V, run)
	}
	if run.Rows["RetailStores"] != 3 || run.Done["create team"] != 4 {
		t.Errorf("rows %v, done %v", run.Rows, run.Done)
	}
	if run.Started.IsZero() || run.Ended.Before(run.Started) {
		t.Errorf("from %v to %v", run.Started, run.Ended)
	}
}

// tellsPlan checks the plan when there is nothing to do and when there is. It
// comes from the ledger: a change of Commerce is in it once a run has read it.
func (s *site) tellsPlan(t *testing.T) {
	t.Helper()
	check := func(path string, want ...string) {
		t.Helper()
		got := s.ask(t, "/api/ops/"+path)
		for _, text := range want {
			if got.status != http.StatusOK || got.kind != "application/json" || !strings.Contains(got.body, text) {
				t.Errorf("%s: %q is not in %+v", path, text, got)
			}
		}
	}
	check("plan", `"changes":[]`, `"summary":"nothing to do"`)

	s.assign(t, row{"RetailChannelId": "C000003", "PersonnelNumber": "000001001", "IsActive": "Yes"})
	check("plan", `"changes":[]`)
	lift := s.refuse("POST /teams/{team}/members/add", "000003")
	s.sync(t)
	check("plan", `"kind":"add member"`, `worker 000001001: active in the store"`)
	check("plan?store=000003", `"kind":"add member"`)
	check("plan?store=000001", `"changes":[]`)
	lift()
}

// What is not there is a 404, by the handler below /api/ops and by the host
// elsewhere, and what does not answer a method a 405. The host knows Operations
// for GET and POST: for any other method it has no function.
func TestOperationsRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, chainSetup(t, chain(1, 1)))
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodGet, "/api/ops", "", http.StatusNotFound},
		{http.MethodGet, "/api/ops/", "", http.StatusNotFound},
		{http.MethodGet, "/api/ops/run", "", http.StatusNotFound},
		{http.MethodGet, "/api/ops/runs/", "", http.StatusNotFound},
		{http.MethodGet, "/api/ops/runs/last/", "", http.StatusNotFound},
		{http.MethodGet, "/api/ops/plan/1", "", http.StatusNotFound},
		{http.MethodGet, "/api/ops/..%2f..%2fOrgSync", "", http.StatusNotFound},
		{http.MethodGet, "/OrgSync", "", http.StatusNotFound},
		{http.MethodPost, "/api/ops/plan", "", http.StatusMethodNotAllowed},
		{http.MethodPost, "/api/ops/blocks", "", http.StatusMethodNotAllowed},
		{http.MethodGet, "/api/ops/rebuild", "", http.StatusMethodNotAllowed},
		{http.MethodGet, "/api/ops/revoke", "", http.StatusMethodNotAllowed},
		{http.MethodGet, "/api/ops/explain", "", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/api/ops/blocks", "", http.StatusNotFound},
		{http.MethodPut, "/api/ops/blocks", "", http.StatusNotFound},
		{http.MethodGet, "/api/ops/holds/0123456789abcdef", "", http.StatusNotFound},
		{http.MethodPost, "/api/ops/holds/0123456789abcdef/allow", "", http.StatusNotFound},
		{http.MethodPost, "/api/ops/holds/hash/allow", "", http.StatusBadRequest},
		{http.MethodGet, "/api/ops/jobs/0123456789ABCDEF", "", http.StatusNotFound},
		{http.MethodPost, "/api/ops/baseline/accept", "", http.StatusBadRequest},
		// Nothing was read yet.
		{http.MethodGet, "/api/ops/baseline", "", http.StatusNotFound},
		{http.MethodGet, "/api/ops/unmapped", "", http.StatusNotFound},
		{http.MethodPost, "/api/ops/explain", `{"store":"000001"}`, http.StatusNotFound},
		{http.MethodPost, "/api/ops/baseline/accept", `{"readAt":"2026-01-01T00:00:00Z"}`, http.StatusNotFound},
	} {
		if got := s.tell(t, test.method, test.path, test.body); got.status != test.status {
			t.Errorf("%s %s %s: %+v", test.method, test.path, test.body, got)
		}
	}
}

// The handler by itself, which nobody but the host can reach, tells a wrong
// method from a wrong path.
func TestWrongMethod(t *testing.T) {
	t.Parallel()
	p := launch(t, usable(t))
	p.serves(t)
	for path, allowed := range map[string]string{
		"/api/ops/plan": "GET, HEAD", "/api/ops/runs": "GET, HEAD, POST", "/api/ops/block": "POST", "/OrgSync": "POST",
	} {
		resp, err := p.request(t.Context(), http.MethodPut, path, "{}")
		if err != nil {
			t.Fatal(err)
		}
		closeBody(t, resp)
		if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != allowed {
			t.Errorf("PUT %s: %s, Allow %q", path, resp.Status, resp.Header.Get("Allow"))
		}
	}
	p.terminate(t)
	if code := p.exit(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// Where the host asks for a key, nobody without it learns anything.
func TestOperationsKey(t *testing.T) {
	t.Parallel()
	const key = "open-sesame"
	given := chainSetup(t, chain(1, 1))
	given.key = key
	s := start(t, given)
	run := s.sync(t) // the environment gives the key

	const path = "/api/ops/runs/last"
	for name, got := range map[string]answer{
		"no key":           s.ask(t, path),
		"another key":      s.ask(t, path, "x-functions-key", "sesame"),
		"an empty key":     s.ask(t, path, "x-functions-key", ""),
		"another in query": s.ask(t, path+"?code=x"),
	} {
		if got.status != http.StatusUnauthorized || strings.Contains(got.body, run.ID) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, got := range map[string]answer{
		"in a header":  s.ask(t, path, "x-functions-key", key),
		"in the query": s.ask(t, path+"?code="+key),
	} {
		if got.status != http.StatusOK || !strings.Contains(got.body, run.ID) {
			t.Errorf("the key %s: %+v", name, got)
		}
	}
}
