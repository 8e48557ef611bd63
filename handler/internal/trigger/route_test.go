package trigger_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/trigger"
)

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	h := newHouse()
	server := h.serve(t)
	for _, tc := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{http.MethodGet, "/api/ops", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/holds/", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/runs/", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/runs/last/", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/runs/a/b", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/jobs", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/jobs/", 404, "not_found", ""},
		{http.MethodPost, "/api/ops/holds//allow", 404, "not_found", ""},
		{http.MethodPost, "/api/ops/holds/0123456789abcdef/forget", 404, "not_found", ""},
		{http.MethodPost, "/api/ops/holds/0123456789abcdef/allow/", 404, "not_found", ""},
		{http.MethodPost, "/api/ops/holds/01234567/89abcdef/allow", 404, "not_found", ""},
		{http.MethodPost, "/api/ops/holds/01234567%2F89abcdef/allow", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/holds/%7Bhash%7D/allow/{hash}", 404, "not_found", ""},
		{http.MethodPost, "/api/ops/job", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/plan/", 404, "not_found", ""},
		{http.MethodGet, "//api/ops/plan", 404, "not_found", ""},
		{http.MethodGet, "/api/ops/../ops/plan", 404, "not_found", ""},
		{http.MethodPost, "/orgsync", 404, "not_found", ""},
		{http.MethodPost, "/OrgSync/", 404, "not_found", ""},
		{http.MethodPost, "//OrgSync", 404, "not_found", ""},
		{http.MethodPost, "/Operations", 404, "not_found", ""},
		{http.MethodGet, "/OrgSync", 405, "method_not_allowed", "POST"},
		{http.MethodPut, "/OrgSync", 405, "method_not_allowed", "POST"},
		{http.MethodPost, "/api/ops/status", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodPost, "/api/ops/plan", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodDelete, "/api/ops/runs", 405, "method_not_allowed", "GET, HEAD, POST"},
		{http.MethodDelete, "/api/ops/runs/last", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodPost, "/api/ops/holds", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodPost, "/api/ops/holds/allow", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodGet, "/api/ops/holds/0123456789abcdef/allow", 405, "method_not_allowed", "POST"},
		{http.MethodDelete, "/api/ops/holds/0123456789abcdef/refuse", 405, "method_not_allowed", "POST"},
		{http.MethodPost, "/api/ops/baseline", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodGet, "/api/ops/baseline/accept", 405, "method_not_allowed", "POST"},
		{http.MethodGet, "/api/ops/rebuild", 405, "method_not_allowed", "POST"},
		{http.MethodGet, "/api/ops/doctor", 405, "method_not_allowed", "POST"},
		{http.MethodGet, "/api/ops/explain", 405, "method_not_allowed", "POST"},
		{http.MethodPost, "/api/ops/blocks", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodDelete, "/api/ops/blocks", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodGet, "/api/ops/block", 405, "method_not_allowed", "POST"},
		{http.MethodDelete, "/api/ops/revoke", 405, "method_not_allowed", "POST"},
		{http.MethodDelete, "/api/ops/jobs/x", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodPost, "/api/ops/openapi", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodPost, "/", 405, "method_not_allowed", "GET, HEAD"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			got := call(t, server, tc.method, tc.path, strings.NewReader("{}"))
			got.wantError(t, tc.status, tc.code)
			if allow := got.header.Get("Allow"); allow != tc.allow {
				t.Errorf("Allow is %q, want %q", allow, tc.allow)
			}
		})
	}
	t.Cleanup(func() {
		if ran := h.runs.ran(); len(ran) != 0 {
			t.Errorf("one of them ran OrgSync: %q", ran)
		}
		if did := h.desk.did(); len(did) != 0 {
			t.Errorf("one of them did %q", did)
		}
	})
}

// TestRoutesAreAnswered holds Routes to what the handler does.
func TestRoutesAreAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse()
	began := time.Now()
	state := fmt.Sprintf(`{"job":{},"expires":%q,"status":200}`, began.Format(time.RFC3339))
	if err := errors.Join(
		h.functions.Jobs.BeginJob(t.Context(), jobID, []byte("{}"), began),
		h.functions.Jobs.EndJob(t.Context(), jobID, []byte(state), []byte("{}")),
	); err != nil {
		t.Fatal(err)
	}
	server := h.serve(t)
	for _, r := range trigger.Routes() {
		for _, method := range r.Methods {
			sent := requestTo(method, r.Path)
			if got := sent.send(t, server); got.status != http.StatusOK {
				t.Errorf("%s %s: %d %s", method, r.Path, got.status, got.body)
			}
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		kind string // "" for no document
	}{
		"YAML": {"openapi: 3.1.0\n", "application/yaml"},
		"JSON": {`{"openapi":"3.1.0"}`, "application/json"},
		"none": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			h.functions.Document = []byte(tc.text)
			server := h.serve(t)
			got := call(t, server, http.MethodGet, "/api/ops/openapi?code=key", nil)
			if tc.kind == "" {
				got.wantError(t, http.StatusNotFound, "not_found")
				return
			}
			if got.status != http.StatusOK || got.header.Get("Content-Type") != tc.kind || got.body != tc.text {
				t.Errorf("got %d %q %q", got.status, got.header.Get("Content-Type"), got.body)
			}
			call(t, server, http.MethodGet, "/api/ops/openapi?format=json", nil).wantError(t, http.StatusBadRequest, "invalid")
		})
	}
}
