package trigger_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// TestOperationsAnswer: each call asks for one thing and has its answer under
// its name.
func TestOperationsAnswer(t *testing.T) {
	t.Parallel()
	const (
		allow   = "/api/ops/holds/" + hash + "/allow"
		accept  = "/api/ops/baseline/accept"
		block   = "/api/ops/block"
		unblock = "/api/ops/unblock"
		revoke  = "/api/ops/revoke"
		explain = "/api/ops/explain"
		runs    = "/api/ops/runs"
		named   = `{"user":"` + user + `"}`
	)
	long256 := strings.Repeat("x", 256)
	for _, tc := range []struct {
		sent        request
		name, asked string
	}{
		{request{"GET", "/api/ops/status", "", ""}, "status", "status"},
		{request{"GET", "/api/ops/status?code=key", "ignored", ""}, "status", "status"},
		{request{"GET", "/api/ops/status?code=key&code=key", "", ""}, "status", "status"},
		{request{"GET", runs, "", ""}, "runs", "runs 20"},
		{request{"GET", runs + "?limit=1", "", ""}, "runs", "runs 1"},
		{request{"GET", runs + "?code=key&limit=100", "", ""}, "runs", "runs 100"},
		{request{"POST", runs, "", ""}, "run", "reconcile " + invocationID + " -"},
		{request{"POST", runs, "{}", ""}, "run", "reconcile " + invocationID + " -"},
		{request{"POST", runs, `{"store":"000135"}`, ""}, "run", "reconcile " + invocationID + " 000135"},
		{request{"GET", runs + "/last", "", ""}, "run", "run last"},
		{request{"GET", runs + "/20261123T120000.000000001Z-abcdefgh", "", ""}, "run", "run 20261123T120000.000000001Z-abcdefgh"},
		{request{"GET", runs + "/" + long256[:64], "", ""}, "run", "run " + long256[:64]},
		{request{"GET", "/api/ops/plan", "", ""}, "plan", "plan -"},
		{request{"GET", "/api/ops/plan?store=000135", "", ""}, "plan", "plan 000135"},
		{request{"GET", "/api/ops/plan?store=" + long256, "", ""}, "plan", "plan " + long256},
		{request{"GET", "/api/ops/plan?store=Nord%2F2", "", ""}, "plan", "plan Nord/2"},
		{request{"POST", explain, named, ""}, "explanation", "explain " + user + " - -"},
		{request{"POST", explain, `{"worker":"000042"}`, ""}, "explanation", "explain - 000042 -"},
		{request{"POST", explain, `{"store":"000135"}`, ""}, "explanation", "explain - - 000135"},
		{request{"POST", explain, `{"store":"000135","worker":"000042"}`, ""}, "explanation", "explain - 000042 000135"},
		{request{"POST", explain, `{"store":"000135","user":"kim@contoso.com"}`, ""}, "explanation", "explain kim@contoso.com - 000135"},
		{request{"GET", "/api/ops/holds", "", ""}, "holds", "holds"},
		{request{"GET", "/api/ops/holds/" + hash, "", ""}, "hold", "hold " + hash},
		{request{"POST", allow, "", ""}, "hold", "allow " + hash},
		{request{"POST", allow, "", "text/plain"}, "hold", "allow " + hash},
		{request{"POST", allow, "{}", ""}, "hold", "allow " + hash},
		{request{"POST", allow + "?code=key", "", ""}, "hold", "allow " + hash},
		{request{"POST", "/api/ops/holds/" + hash + "/refuse", "", ""}, "hold", "refuse " + hash},
		{request{"POST", "/api/ops/holds/0000000000000000/refuse", "", ""}, "hold", "refuse 0000000000000000"},
		{request{"GET", "/api/ops/unmapped", "", ""}, "unmapped", "unmapped"},
		{request{"GET", "/api/ops/extras", "", ""}, "extras", "extras"},
		{request{"GET", "/api/ops/hierarchy", "", ""}, "hierarchy", "hierarchy"},
		{request{"POST", "/api/ops/doctor", "", ""}, "doctor", "doctor"},
		{request{"GET", "/api/ops/baseline", "", ""}, "baseline", "baseline"},
		{request{"POST", accept, `{"readAt":"2026-11-23T12:00:00Z"}`, ""}, "baseline", "accept 2026-11-23T12:00:00Z"},
		{request{"POST", accept, `{"readAt":"2026-11-23T13:00:00.000000001+01:00"}`, ""}, "baseline", "accept 2026-11-23T12:00:00.000000001Z"},
		{request{"POST", "/api/ops/rebuild", "", ""}, "rebuild", "rebuild"},
		{request{"POST", "/api/ops/rebuild", padded("{}", 4<<10), ""}, "rebuild", "rebuild"},
		{request{"POST", block, named, ""}, "blocks", "block " + user + " - -"},
		{request{"POST", block, `{"worker":"000042"}`, ""}, "blocks", "block - 000042 -"},
		{request{"POST", block, `{"store":"000135","user":"` + user + `"}`, ""}, "blocks", "block " + user + " - 000135"},
		{request{"POST", block, `{"\u0075ser":"` + user + `"}`, ""}, "blocks", "block " + user + " - -"},
		{request{"POST", block, named, "Application/JSON; charset=utf-8"}, "blocks", "block " + user + " - -"},
		{request{"POST", block, padded(named, 4<<10), ""}, "blocks", "block " + user + " - -"},
		{request{"POST", block, `{"user":"no id at all"}`, ""}, "blocks", "block no id at all - -"}, // whose to judge
		{request{"POST", unblock, named, ""}, "blocks", "unblock " + user + " - -"},
		{request{"POST", unblock + "?code=key", `{"store":"000135","worker":"000042"}`, ""}, "blocks", "unblock - 000042 000135"},
		{request{"POST", revoke, named, ""}, "revoked", "revoke " + user + " - -"},
		{request{"POST", revoke, `{"worker":"000042"}`, ""}, "revoked", "revoke - 000042 -"},
	} {
		t.Run(tc.sent.String()[:min(len(tc.sent.String()), 120)], func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			got := tc.sent.send(t, h.serve(t), "Accept", "text/plain", invocationHeader, invocationID)
			want := fmt.Sprintf(`{"%s":%q,"v":1}`, tc.name, tc.asked)
			if tc.name == "blocks" { // those there are now
				want = fmt.Sprintf(`{"blocks":[%q],"v":1}`, tc.asked)
			}
			if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json" || got.body != want+"\n" {
				t.Errorf("got %d %q %q, want %q", got.status, got.header.Get("Content-Type"), got.body, want)
			}
			if did := h.desk.did(); !slices.Equal(did, []string{tc.asked}) {
				t.Errorf("asked for %q, want %q", did, tc.asked)
			}
		})
	}
}

func TestOperationsAnswerHead(t *testing.T) {
	t.Parallel()
	h := newHouse()
	server := h.serve(t)
	for _, sent := range operatorRequests() {
		if sent.method != http.MethodGet {
			continue
		}
		whole := sent.send(t, server)
		sent.method = http.MethodHead
		head := sent.send(t, server)
		if head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Length") != fmt.Sprint(len(whole.body)) {
			t.Errorf("%s: got %d %v %q", sent, head.status, head.header, head.body)
		}
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

// TestOperationsPanic: one call's bug does not take the others with it.
func TestOperationsPanic(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.desk.work = func(context.Context, string) error {
		var missing []string
		return errors.New(missing[len("kim@contoso.com")])
	}
	server := h.serve(t)
	for i, sent := range operatorRequests() {
		got := sent.send(t, server, invocationHeader, invocationID)
		if message := got.wantError(t, http.StatusInternalServerError, "internal"); strings.Contains(message, "nil map") {
			t.Errorf("the panic's value is in the answer: %s", message)
		}
		failed := h.journal.lines(t, "call failed")
		if len(failed) != i+1 || failed[i]["invocation"] != invocationID {
			t.Fatalf("%s: logged %v", sent, failed)
		}
		if stack, _ := failed[i]["stack"].(string); !strings.Contains(stack, "TestOperationsPanic") {
			t.Errorf("the stack does not lead to the panic:\n%s", stack)
		}
	}
}

func TestOperationsAnswersThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.desk.answer = broken{}
	server := h.serve(t)
	for _, path := range []string{"/api/ops/plan", "/api/ops/runs/last", "/api/ops/holds"} {
		call(t, server, http.MethodGet, path, nil).wantError(t, http.StatusInternalServerError, "internal")
	}
}

func TestOperationsAnswersThatAreTooLong(t *testing.T) {
	t.Parallel()
	const most = 32 << 20
	around := len(`{"plan":"","v":1}` + "\n")
	for extra, status := range map[int]int{0: http.StatusOK, 1: http.StatusInternalServerError} {
		h := newHouse()
		h.desk.answer = strings.Repeat("x", most-around+extra)
		got := requestTo(http.MethodGet, "/api/ops/plan").put(t.Context(), h.functions.Handler(h.journal.logger()))
		if got.status != status {
			t.Errorf("%d bytes over: %d", extra, got.status)
		}
		if status != http.StatusOK {
			got.wantError(t, status, "answer_too_long")
		} else if len(got.body) != most {
			t.Errorf("got %d bytes", len(got.body))
		}
	}
}
