package trigger_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

const (
	invocationHeader = "X-Azure-Functions-InvocationId"
	invocationID     = "8f0f5a1e-0b3c-4a58-9a6e-2f4f1a7d9c11"
	success          = `{"Outputs":null,"Logs":null,"ReturnValue":null}`

	// tick is an invocation as the host sends it for a timer.
	tick = `{"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-05-12T08:15:00.0000342+00:00",` +
		`"Next":"2026-05-12T08:30:00+00:00","LastUpdated":"2026-05-12T08:15:00.0000342+00:00"},"IsPastDue":false}},` +
		`"Metadata":{"sys":{"MethodName":"OrgSync","UtcNow":"2026-05-12T08:30:00.0123456Z","RandGuid":"5e3c2c9e-61f5-4b0e-8a70-0f6a5c5b8a11"}}}`
)

func TestOrgSyncRunsWhateverTheEncoding(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body    string
		pastDue bool
	}{
		"as the host sends it":     {tick, false},
		"past due":                 {strings.Replace(tick, `"IsPastDue":false`, `"IsPastDue":true`, 1), true},
		"object in a string":       {`{"Data":{"timer":"{\"IsPastDue\":true}"}}`, true},
		"object in two strings":    {`{"Data":{"timer":"\"{\\\"IsPastDue\\\":true}\""}}`, true},
		"data in a string":         {`{"Data":"{\"timer\":{\"IsPastDue\":true}}"}`, true},
		"names in another case":    {`{"data":{"timer":{"isPastDue":true}}}`, true},
		"never ran":                {`{"Data":{"timer":{"ScheduleStatus":{"Last":"0001-01-01T00:00:00"},"IsPastDue":true}}}`, true},
		"no monitor":               {`{"Data":{"timer":{"ScheduleStatus":null,"IsPastDue":false}}}`, false},
		"no data":                  {`{"Metadata":{}}`, false},
		"nothing at all":           {`{}`, false},
		"null data":                {`{"Data":null}`, false},
		"null value":               {`{"Data":{"timer":"null"}}`, false},
		"data of another shape":    {`{"Data":["timer"]}`, false},
		"value of another shape":   {`{"Data":{"timer":"soon"}}`, false},
		"unknown fields":           {`{"Data":{"timer":{"IsPastDue":true,"New":{}}},"Trace":[1]}`, true},
		"retried":                  {`{"Data":{},"Metadata":{"RetryContext":{"RetryCount":1,"MaxRetryCount":3,"Exception":{}}}}`, false},
		"blanks around":            {"\r\n " + tick + "\n", false},
		"invocation of the admin":  {`{"Data":{"timer":{"IsPastDue":false}},"Metadata":{"sys":{}}}`, false},
		"a flag that is no flag":   {`{"Data":{"timer":{"IsPastDue":"maybe"}}}`, false},
		"another binding's name":   {`{"Data":{"other":{"IsPastDue":true}}}`, false},
		"broken JSON in a string":  {`{"Data":{"timer":"{\"IsPastDue\":tr"}}`, false},
		"string of a plain string": {`{"Data":{"timer":"\"soon\""}}`, false},
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/chunked=%t", name, chunked), func(t *testing.T) {
				t.Parallel()
				h := newHouse()
				var body io.Reader = strings.NewReader(tc.body)
				if chunked {
					body = io.MultiReader(body) // hides the length
				}
				got := call(t, h.serve(t), http.MethodPost, "/OrgSync", body, invocationHeader, invocationID)
				if got.status != http.StatusOK || got.body != success || got.header.Get("Content-Type") != "application/json" {
					t.Errorf("got %d %q %s", got.status, got.header.Get("Content-Type"), got.body)
				}
				if ran := h.runs.ran(); !slices.Equal(ran, []string{invocationID}) {
					t.Errorf("ran %q", ran)
				}
				began := h.journal.lines(t, "OrgSync began")
				if len(began) != 1 || began[0]["past_due"] != tc.pastDue || began[0]["invocation"] != invocationID {
					t.Errorf("logged %v, want past_due %t", began, tc.pastDue)
				}
			})
		}
	}
}

func TestOrgSyncRefusesWhatIsNoInvocation(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"no body":       {"", 400, "invalid"},
		"text":          {"hello", 400, "invalid"},
		"half":          {tick[:len(tick)-1], 400, "invalid"},
		"two":           {tick + tick, 400, "invalid"},
		"null":          {"null", 400, "invalid"},
		"list":          {"[" + tick + "]", 400, "invalid"},
		"string":        {`"{}"`, 400, "invalid"},
		"as long as ok": {`{"Data":{}` + strings.Repeat(" ", 1<<20-11) + "?", 400, "invalid"},
		"over-long":     {`{"Data":{}` + strings.Repeat(" ", 1<<20-10) + "}", 413, "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			got := call(t, h.serve(t), http.MethodPost, "/OrgSync", strings.NewReader(tc.body), invocationHeader, invocationID)
			got.wantError(t, tc.status, tc.code)
			if ran := h.runs.ran(); len(ran) != 0 {
				t.Errorf("ran %q", ran)
			}
			failed := h.journal.lines(t, "call failed")
			if len(failed) != 1 || failed[0]["invocation"] != invocationID || failed[0]["status"] != float64(tc.status) {
				t.Errorf("the host does not read why, and the log has %v", failed)
			}
		})
	}
}

// TestOrgSyncFailure: whatever the kind of an error, the host must count the
// invocation as failed, and the reason must be in the log once.
func TestOrgSyncFailure(t *testing.T) {
	t.Parallel()
	for code, err := range map[string]error{
		"not_found":   fault.Newf(fault.NotFound, "orgsync: read plan", "row is gone"),
		"conflict":    fault.Newf(fault.Conflict, "orgsync: take lease", "row has changed"),
		"incomplete":  fault.Newf(fault.Incomplete, "orgsync: read plan", "page 3 is missing"),
		"throttled":   fault.Newf(fault.Throttled, "orgsync: read plan", "asked to wait"),
		"unavailable": fmt.Errorf("orgsync: read plan: %w", context.DeadlineExceeded),
		"canceled":    fmt.Errorf("orgsync: read plan: %w", context.Canceled),
		"internal":    errors.New("orgsync: read plan: odd"),
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			h.runs.run = func(context.Context, string) error { return err }
			got := call(t, h.serve(t), http.MethodPost, "/OrgSync", strings.NewReader(tick), invocationHeader, invocationID)
			if message := got.wantError(t, http.StatusInternalServerError, code); message != err.Error() {
				t.Errorf("message %q", message)
			}
			failed := h.journal.lines(t, "call failed")
			if len(failed) != 1 || failed[0]["invocation"] != invocationID || failed[0]["err"] != err.Error() {
				t.Errorf("logged %v", failed)
			}
		})
	}
}

func TestOrgSyncPanic(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.runs.run = func(ctx context.Context, invocation string) error {
		var missing trigger.Runner
		return missing.Run(ctx, invocation)
	}
	server := h.serve(t)
	got := call(t, server, http.MethodPost, "/OrgSync", strings.NewReader(tick), invocationHeader, invocationID)
	if message := got.wantError(t, http.StatusInternalServerError, "internal"); strings.Contains(message, "nil pointer") {
		t.Errorf("the panic's value is in the answer: %s", message)
	}
	failed := h.journal.lines(t, "call failed")
	if len(failed) != 1 || failed[0]["invocation"] != invocationID {
		t.Fatalf("logged %v", failed)
	}
	if stack, _ := failed[0]["stack"].(string); !strings.Contains(stack, "TestOrgSyncPanic") {
		t.Errorf("the stack does not lead to the panic:\n%s", stack)
	}
	if got := call(t, server, http.MethodGet, "/", nil); got.status != http.StatusOK {
		t.Errorf("after a panic the handler answers %d", got.status)
	}
}

func TestOrgSyncNamesItsInvocation(t *testing.T) {
	t.Parallel()
	h := newHouse()
	server := h.serve(t)
	for _, header := range []string{"", "a/b", "two words", strings.Repeat("x", 65)} {
		call(t, server, http.MethodPost, "/OrgSync", strings.NewReader(tick), invocationHeader, header)
	}
	ran := h.runs.ran()
	if len(slices.Compact(slices.Clone(ran))) != 4 {
		t.Errorf("names are not unique: %q", ran)
	}
	for _, name := range ran {
		if len(name) < 20 || len(name) > 64 || strings.ContainsAny(name, "/ ") {
			t.Errorf("%q is no name for a record", name)
		}
	}
}

func TestOrgSyncHasADeadline(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]time.Duration{0: trigger.DefaultTimeout, time.Minute: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse()
			h.functions.Timeout = timeout
			began := time.Now()
			h.runs.run = func(ctx context.Context, _ string) error {
				<-ctx.Done()
				return ctx.Err()
			}
			recorder := httptest.NewRecorder()
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/OrgSync", strings.NewReader(tick))
			h.functions.Handler(h.journal.logger()).ServeHTTP(recorder, request)
			if spent := time.Since(began); spent != want || recorder.Code != http.StatusInternalServerError {
				t.Errorf("timeout %v: %d after %v, want 500 after %v", timeout, recorder.Code, spent, want)
			}
		})
	}
}

// TestOrgSyncCallsOverlap holds every call until all of them are running.
func TestOrgSyncCallsOverlap(t *testing.T) {
	t.Parallel()
	const calls = 16
	h := newHouse()
	h.functions.Timeout = 10 * time.Second // ends the test should they run one by one
	var arrived atomic.Int32
	all := make(chan struct{})
	h.runs.run = func(ctx context.Context, _ string) error {
		if arrived.Add(1) == calls {
			close(all)
		}
		select {
		case <-all:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	server := h.serve(t)
	var sent sync.WaitGroup
	for i := range calls {
		sent.Go(func() {
			got := call(t, server, http.MethodPost, "/OrgSync", strings.NewReader(tick), invocationHeader, fmt.Sprintf("call-%02d", i))
			if got.status != http.StatusOK || got.body != success {
				t.Errorf("call %d: %d %s", i, got.status, got.body)
			}
		})
	}
	sent.Wait()
	if ran := h.runs.ran(); len(slices.Compact(ran)) != calls {
		t.Errorf("ran %q", ran)
	}
}
