package trigger_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

func TestOperationsChooseAForm(t *testing.T) {
	t.Parallel()
	const (
		planJSON = `{"plan":{"line":"nothing to do"},"v":1}` + "\n"
		planText = "nothing to do\n"
		runJSON  = `{"run":{"changes":3},"v":1}` + "\n"

		holdsJSON = `{"holds":{"line":"one waits"},"v":1}` + "\n"
		holdsText = "one waits\n"
	)
	h := newHouse()
	h.desk.lists = document{"one waits"}
	server := h.serve(t)
	for _, tc := range []struct{ path, accept, kind, body string }{
		{"/api/ops/plan", "", "application/json", planJSON},
		{"/api/ops/plan", "*/*", "application/json", planJSON},
		{"/api/ops/plan", "application/json", "application/json", planJSON},
		{"/api/ops/plan", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json", planJSON},
		{"/api/ops/plan", "text/plain, application/json", "application/json", planJSON},
		{"/api/ops/plan", "text/plain;q=0.2, application/json;q=0.9", "application/json", planJSON},
		{"/api/ops/plan", "text/plain;q=0, */*", "application/json", planJSON},
		{"/api/ops/plan", "image/png, ;;", "application/json", planJSON},
		{"/api/ops/plan", "text/plain", "text/plain; charset=utf-8", planText},
		{"/api/ops/plan", "text/*, */*;q=0.5", "text/plain; charset=utf-8", planText},
		{"/api/ops/plan", "application/json;q=0.1, text/plain;q=0.5", "text/plain; charset=utf-8", planText},
		{"/api/ops/plan?format=text", "application/json", "text/plain; charset=utf-8", planText},
		{"/api/ops/plan?format=json", "text/plain", "application/json", planJSON},
		{"/api/ops/plan?code=key&format=", "", "application/json", planJSON},
		{"/api/ops/runs/last", "", "application/json", runJSON},
		{"/api/ops/runs/last", "text/plain", "application/json", runJSON},
		{"/api/ops/runs/last?format=json", "", "application/json", runJSON},
		{"/api/ops/holds", "", "application/json", holdsJSON},
		{"/api/ops/holds", "text/plain", "text/plain; charset=utf-8", holdsText},
		{"/api/ops/holds?format=text", "", "text/plain; charset=utf-8", holdsText},
		{"/api/ops/blocks", "text/plain", "text/plain; charset=utf-8", holdsText},
	} {
		t.Run(tc.path+" "+tc.accept, func(t *testing.T) {
			t.Parallel()
			got := call(t, server, http.MethodGet, tc.path, nil, "Accept", tc.accept)
			if got.status != http.StatusOK || got.header.Get("Content-Type") != tc.kind || got.body != tc.body {
				t.Errorf("got %d %q %q, want %q %q", got.status, got.header.Get("Content-Type"), got.body, tc.kind, tc.body)
			}
			head := call(t, server, http.MethodHead, tc.path, nil, "Accept", tc.accept)
			if head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Type") != tc.kind ||
				head.header.Get("Content-Length") != fmt.Sprint(len(tc.body)) {
				t.Errorf("HEAD: got %d %v %q", head.status, head.header, head.body)
			}
		})
	}
}

func TestOperationsRunsWithATextForm(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.desk.run = document{"added 3"}
	got := call(t, h.serve(t), http.MethodGet, "/api/ops/runs/last?format=text", nil)
	if got.status != http.StatusOK || got.body != "added 3\n" {
		t.Errorf("got %d %q", got.status, got.body)
	}
}

func TestOperationsRefuseUnknownForms(t *testing.T) {
	t.Parallel()
	h := newHouse()
	server := h.serve(t)
	for _, path := range []string{"/api/ops/plan?format=xml", "/api/ops/plan?format=TEXT", "/api/ops/runs/last?format=text"} {
		call(t, server, http.MethodGet, path, nil).wantError(t, http.StatusBadRequest, "invalid")
	}
}

func TestOperationsErrors(t *testing.T) {
	t.Parallel()
	hidden := errors.New("tls: key of kim@contoso.com")
	for _, tc := range []struct {
		err    error
		status int
		code   string
	}{
		{fault.Newf(fault.NotFound, "read run", "there was no run yet"), 404, "not_found"},
		{fault.Newf(fault.Conflict, "read plan", "somebody was first"), 409, "conflict"},
		{fault.Newf(fault.Invalid, "read plan", "this is wrong"), 400, "invalid"},
		{fault.Newf(fault.Denied, "read plan", "Group.Read.All is missing"), 502, "denied"},
		{fault.Newf(fault.Throttled, "read plan", "asked to wait"), 503, "throttled"},
		{fault.Newf(fault.Unavailable, "read plan", "no answer"), 503, "unavailable"},
		{fault.Newf(fault.Gone, "read plan", "the cursor died"), 503, "gone"},
		{fault.Newf(fault.Incomplete, "read plan", "page 3 is missing"), 503, "incomplete"},
		{fmt.Errorf("read plan: %w", context.Canceled), 503, "canceled"},
		{fmt.Errorf("read plan: %w", context.DeadlineExceeded), 503, "unavailable"},
		{fmt.Errorf("read plan: %w", fault.Newf(fault.NotFound, "read row", "it is not there")), 404, "not_found"},
		{hidden, 500, "internal"},
		{fault.New(fault.Internal, "read plan", hidden), 500, "internal"},
	} {
		t.Run(tc.code+" "+tc.err.Error(), func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			h.desk.err = tc.err
			server := h.serve(t)
			for i, sent := range operatorRequests() {
				want := tc.err.Error()
				if tc.status == http.StatusInternalServerError {
					want = "This failed for a reason that only the log has."
				}
				got := sent.send(t, server, invocationHeader, invocationID)
				if message := got.wantError(t, tc.status, tc.code); message != want {
					t.Errorf("%s: message %q, want %q", sent, message, want)
				}
				logged := len(h.journal.lines(t, "call failed"))
				if wantLogged := map[bool]int{true: i + 1}[tc.status >= 500]; logged != wantLogged {
					t.Errorf("%s: logged %d times in all, want %d", sent, logged, wantLogged)
				}
			}
		})
	}
}

func TestOperationsAnswersThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.desk.run, h.desk.plan, h.desk.lists = broken{}, broken{}, broken{}
	server := h.serve(t)
	for _, path := range []string{"/api/ops/plan", "/api/ops/plan?format=text", "/api/ops/runs/last", "/api/ops/holds"} {
		call(t, server, http.MethodGet, path, nil).wantError(t, http.StatusInternalServerError, "internal")
	}
}

// TestOperationsEndBeforeThePlatformDoes: at 230 s Azure's front end answers in
// our place, and nobody learns what happened.
func TestOperationsEndBeforeThePlatformDoes(t *testing.T) {
	t.Parallel()
	for _, sent := range operatorRequests() {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse()
			h.desk.slow = true
			began := time.Now()
			recorder := httptest.NewRecorder()
			request := httptest.NewRequestWithContext(t.Context(), sent.method, sent.path, strings.NewReader(sent.body))
			request.Header.Set("Content-Type", "application/json")
			h.functions.Handler(h.journal.logger()).ServeHTTP(recorder, request)
			if spent := time.Since(began); spent >= 230*time.Second || recorder.Code != http.StatusServiceUnavailable {
				t.Errorf("%s: %d after %v", sent, recorder.Code, spent)
			}
		})
	}
}
