package trigger_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// padded makes the body so many bytes long.
func padded(body string, size int) string { return body + strings.Repeat(" ", size-len(body)) }

// TestCallsThatAreNotUnderstood: nothing is done that was not asked for in
// full, and what was written stays out of the log.
func TestCallsThatAreNotUnderstood(t *testing.T) {
	t.Parallel()
	const (
		ops     = "/api/ops/"
		block   = ops + "block"
		unblock = ops + "unblock"
		revoke  = ops + "revoke"
		explain = ops + "explain"
		accept  = ops + "baseline/accept"
		runs    = ops + "runs"
		plan    = ops + "plan"
		named   = `{"user":"` + user + `"}`
		both    = `{"user":"` + user + `","worker":"000042"}`
	)
	long257 := strings.Repeat("x", 257)
	for _, tc := range []struct {
		sent   request
		status int
		says   string
	}{
		{request{"POST", block, "", ""}, 400, "say whom: a user or a worker"},
		{request{"POST", block, "{}", ""}, 400, "say whom"},
		{request{"POST", block, `{"store":"000135"}`, ""}, 400, "say whom"},
		{request{"POST", unblock, `{"store":"000135"}`, ""}, 400, "say whom"},
		{request{"POST", revoke, "", ""}, 400, "say whom"},
		{request{"POST", block, both, ""}, 400, "not both"},
		{request{"POST", unblock, both, ""}, 400, "not both"},
		{request{"POST", revoke, both, ""}, 400, "not both"},
		{request{"POST", explain, both, ""}, 400, "not both"},
		{request{"POST", explain, "", ""}, 400, "say what to explain"},
		{request{"POST", explain, "{}", ""}, 400, "say what to explain"},
		{request{"POST", accept, "", ""}, 400, `expected in the field "readAt" the time`},
		{request{"POST", accept, `{"readAt":"yesterday"}`, ""}, 400, `"readAt"`},
		{request{"POST", accept, `{"readAt":"2026-11-23 12:00:00Z"}`, ""}, 400, `"readAt"`},
		{request{"POST", accept, `{"readAt":"2026-11-23T12:00:00"}`, ""}, 400, `"readAt"`},
		{request{"POST", accept, `{"readAt":1795435200}`, ""}, 400, `"readAt" is no text`},

		{request{"POST", block, `{"user":"` + user + `","stores":"000135"}`, ""}, 400, `"stores" is unknown here, expected user or worker or store`},
		{request{"POST", block, `{"user":"` + user + `","Store":"000135"}`, ""}, 400, `"Store" is unknown`},
		{request{"POST", block, `{"user":"` + user + `","stores":{"a":1}}`, ""}, 400, `"stores" is unknown`},
		{request{"POST", revoke, `{"user":"` + user + `","store":"000135"}`, ""}, 400, `"store" is unknown here, expected user or worker`},
		{request{"POST", runs, named, ""}, 400, `"user" is unknown here, expected store`},
		{request{"POST", ops + "rebuild", named, ""}, 400, `"user" is unknown here, expected none`},
		{request{"POST", ops + "doctor", named, ""}, 400, `"user" is unknown here, expected none`},
		{request{"POST", accept, named, ""}, 400, `"user" is unknown`},
		{request{"POST", ops + "holds/" + hash + "/allow", named, ""}, 400, `"user" is unknown`},
		{request{"POST", block + "?store=000135", named, ""}, 400, `"store" is unknown`},
		{request{"POST", revoke + "?store=000135", named, ""}, 400, `"store" is unknown`},
		{request{"POST", explain + "?user=" + user, named, ""}, 400, `"user" is unknown`},
		{request{"POST", runs + "?store=000135", "", ""}, 400, `"store" is unknown`},
		{request{"POST", ops + "rebuild?store=000135", "", ""}, 400, `"store" is unknown`},
		{request{"POST", ops + "rebuild?format=json", "", ""}, 400, `"format" is unknown`},
		{request{"GET", plan + "?format=text", "", ""}, 400, `"format" is unknown here, expected store`},
		{request{"GET", plan + "?stores=000135", "", ""}, 400, `"stores" is unknown`},
		{request{"GET", plan + "?limit=5", "", ""}, 400, `"limit" is unknown`},
		{request{"GET", plan + "?Code=key", "", ""}, 400, `"Code" is unknown`},
		{request{"GET", runs + "?store=000135", "", ""}, 400, `"store" is unknown here, expected limit`},
		{request{"GET", runs + "/last?limit=1", "", ""}, 400, `"limit" is unknown here, expected none`},
		{request{"GET", ops + "status?user=" + user, "", ""}, 400, `"user" is unknown here, expected none`},
		{request{"GET", ops + "jobs/" + jobID + "?limit=1", "", ""}, 400, `"limit" is unknown here, expected none`},

		{request{"POST", block, `{"user":"` + user + `","store":""}`, ""}, 400, `"store" is empty`},
		{request{"POST", block, `{"user":"` + user + `","store":" \t"}`, ""}, 400, `"store" is empty`},
		{request{"POST", block, `{"user":""}`, ""}, 400, `"user" is empty`},
		{request{"POST", runs, `{"store":""}`, ""}, 400, `"store" is empty`},
		{request{"GET", plan + "?store=", "", ""}, 400, `"store" is empty`},
		{request{"GET", plan + "?store", "", ""}, 400, `"store" is empty`},
		{request{"GET", runs + "?limit=+", "", ""}, 400, `"limit" is empty`},
		{request{"POST", block, `{"user":"` + user + `","store":null}`, ""}, 400, `"store" is no text`},
		{request{"POST", block, `{"user":"` + user + `","store":135}`, ""}, 400, `"store" is no text`},
		{request{"POST", block, `{"user":"` + user + `","store":["000135"]}`, ""}, 400, `"store" is no text`},
		{request{"POST", block, `{"user":"` + user + `","store":1e999}`, ""}, 400, `"store" cannot be read`},
		{request{"POST", block, `{"store":"1","user":"` + user + `","store":"2"}`, ""}, 400, `"store" is there twice`},
		{request{"GET", plan + "?store=1&store=2", "", ""}, 400, `"store" is there twice`},
		{request{"GET", plan + "?store=%zz", "", ""}, 400, "read query"},
		{request{"GET", plan + "?store=1;limit=2", "", ""}, 400, "read query"},
		{request{"GET", plan + "?store=%ff", "", ""}, 400, `"store" is not in UTF-8`},
		{request{"GET", plan + "?store=" + long257, "", ""}, 400, `"store" is longer than 256 bytes`},
		{request{"GET", plan + "?code=" + strings.Repeat("x", 4<<10-4), "", ""}, 400, "longer than 4096 bytes"},
		{request{"POST", block, `{"user":"` + long257 + `"}`, ""}, 400, `"user" is longer than 256 bytes`},
		{request{"POST", explain, `{"worker":"` + long257 + `"}`, ""}, 400, `"worker" is longer than 256 bytes`},

		{request{"GET", runs + "?limit=0", "", ""}, 400, "a number from 1 to 100"},
		{request{"GET", runs + "?limit=101", "", ""}, 400, "a number from 1 to 100"},
		{request{"GET", runs + "?limit=-1", "", ""}, 400, "a number from 1 to 100"},
		{request{"GET", runs + "?limit=%2B5", "", ""}, 400, "a number from 1 to 100"},
		{request{"GET", runs + "?limit=05", "", ""}, 400, "a number from 1 to 100"},
		{request{"GET", runs + "?limit=5.0", "", ""}, 400, "a number from 1 to 100"},
		{request{"GET", runs + "?limit=many", "", ""}, 400, "a number from 1 to 100"},
		{request{"GET", runs + "?limit=99999999999999999999", "", ""}, 400, "a number from 1 to 100"},

		{request{"POST", block, "hello", ""}, 400, "expected a JSON object"},
		{request{"POST", block, "null", ""}, 400, "expected a JSON object"},
		{request{"POST", block, " ", ""}, 400, "expected a JSON object"},
		{request{"POST", block, "[" + named + "]", ""}, 400, "expected a JSON object"},
		{request{"POST", block, named[:len(named)-1], ""}, 400, "expected a JSON object"},
		{request{"POST", block, strings.Replace(named, "}", ",}", 1), ""}, 400, "expected a JSON object"},
		{request{"POST", block, "{\"user\":\"\xff\"}", ""}, 400, "expected a JSON object in UTF-8"},
		{request{"POST", block, named + named, ""}, 400, "expected nothing after the JSON object"},
		{request{"POST", block, named + "}", ""}, 400, "expected nothing after the JSON object"},

		{request{"POST", block, "user=" + user, "application/x-www-form-urlencoded"}, 415, "expected application/json"},
		{request{"POST", block, named, "text/plain"}, 415, "expected application/json"},
		{request{"POST", block, named, "application/"}, 415, "expected application/json"},
		{request{"POST", block, named, " "}, 415, "expected application/json"},
		{request{"POST", block, padded(named, 4<<10+1), ""}, 413, "longer than 4096 bytes"},
		{request{"POST", ops + "rebuild", padded("{}", 4<<10+1), ""}, 413, "longer than 4096 bytes"},

		{request{"GET", ops + "holds/0123456789ABCDEF", "", ""}, 400, "16 hex digits"},
		{request{"GET", ops + "holds/last", "", ""}, 400, "16 hex digits"},
		{request{"POST", ops + "holds/0123456789ABCDEF/allow", "", ""}, 400, "16 hex digits"},
		{request{"POST", ops + "holds/0123456789abcde/allow", "", ""}, 400, "16 hex digits"},
		{request{"POST", ops + "holds/0123456789abcdef0/refuse", "", ""}, 400, "16 hex digits"},
		{request{"POST", ops + "holds/0123456x89abcdef/refuse", "", ""}, 400, "16 hex digits"},
		{request{"GET", runs + "/" + long257[:65], "", ""}, 400, "expected an id"},
		{request{"GET", runs + "/kim@contoso.com", "", ""}, 400, "expected an id"},
		{request{"GET", runs + "/a_b", "", ""}, 400, "expected an id"},
		{request{"GET", runs + "/%C3%A4", "", ""}, 400, "expected an id"},
		{request{"GET", ops + "jobs/" + long257[:65], "", ""}, 400, "expected an id"},
		{request{"GET", ops + "jobs/a%20b", "", ""}, 400, "expected an id"},
	} {
		t.Run(tc.sent.String()[:min(len(tc.sent.String()), 120)], func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			got := tc.sent.send(t, h.serve(t))
			code := map[int]string{400: "invalid", 413: "too_long", 415: "unsupported_media_type"}[tc.status]
			if message := got.wantError(t, tc.status, code); !strings.Contains(message, tc.says) {
				t.Errorf("message %q, want %q in it", message, tc.says)
			}
			if did := h.desk.did(); len(did) != 0 {
				t.Errorf("did %q", did)
			}
			if logged := h.journal.whole(); logged != "" {
				t.Errorf("logged %s", logged)
			}
		})
	}
}

// TestWhatOperatorsWriteIsNotLogged even where a failure is.
func TestWhatOperatorsWriteIsNotLogged(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.desk.err = fault.Newf(fault.Unavailable, "write block", "no answer")
	server := h.serve(t)
	for _, sent := range []request{
		{"POST", "/api/ops/block", `{"user":"kim@contoso.com"}`, ""},
		{"POST", "/api/ops/revoke?code=kim@contoso.com", `{"user":"kim@contoso.com"}`, ""},
		{"GET", "/api/ops/plan?store=kim@contoso.com", "", ""},
	} {
		sent.send(t, server).wantError(t, http.StatusServiceUnavailable, "unavailable")
	}
	if failed := h.journal.lines(t, "call failed"); len(failed) != 3 {
		t.Errorf("logged %d failures, want 3", len(failed))
	}
	h.desk.err = nil
	for _, sent := range []request{
		{"POST", "/api/ops/kim@contoso.com", "", ""},
		{"POST", "/api/ops/holds/kim@contoso.com/allow", "", ""},
		{"GET", "/api/ops/runs/kim@contoso.com", "", ""},
		{"GET", "/api/ops/jobs/kim@contoso.com", "", ""},
	} {
		if got := sent.send(t, server); got.status != http.StatusNotFound && got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", sent, got.status)
		}
	}
	if logged := h.journal.whole(); strings.Contains(logged, "kim") {
		t.Errorf("it is in the log: %s", logged)
	}
}

func TestBlockSaysThatItWasMadeThoughNotShown(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.desk.work = func(_ context.Context, asked string) error {
		if asked == "blocks" {
			return fault.Newf(fault.Unavailable, "read blocks", "no answer")
		}
		return nil
	}
	got := requestTo("POST", "/api/ops/block").send(t, h.serve(t))
	if message := got.wantError(t, http.StatusServiceUnavailable, "unavailable"); !strings.Contains(message, "the change was made") {
		t.Errorf("message %q", message)
	}
	if did := h.desk.did(); !slices.Equal(did, []string{"block " + user + " - -"}) {
		t.Errorf("did %q", did)
	}
}
