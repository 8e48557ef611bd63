package trigger_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// long makes the body so many bytes long.
func long(body string, size int) string { return body + strings.Repeat(" ", size-len(body)) }

func TestChangesAreMade(t *testing.T) {
	t.Parallel()
	const (
		allow  = "/api/ops/holds/" + hash + "/allow"
		blocks = "/api/ops/blocks"
		revoke = "/api/ops/revoke"
		named  = `{"user":"` + user + `"}`
	)
	for _, tc := range []struct {
		sent       request
		name, done string
	}{
		{request{"POST", allow, "", ""}, "hold", "allow " + hash},
		{request{"POST", allow, "", "text/plain"}, "hold", "allow " + hash},
		{request{"POST", allow, "{}", ""}, "hold", "allow " + hash},
		{request{"POST", allow + "?code=key&format=json", "", ""}, "hold", "allow " + hash},
		{request{"POST", "/api/ops/holds/" + hash + "/refuse", "", ""}, "hold", "refuse " + hash},
		{request{"POST", "/api/ops/holds/0000000000000000/refuse", "", ""}, "hold", "refuse 0000000000000000"},
		{request{"POST", "/api/ops/baseline/accept", "", ""}, "baseline", "accept"},
		{request{"POST", "/api/ops/rebuild", "", ""}, "rebuild", "rebuild"},
		{request{"POST", "/api/ops/rebuild", long("{}", 4<<10), ""}, "rebuild", "rebuild"},
		{request{"POST", blocks, named, ""}, "blocks", "block " + user + " -"},
		{request{"POST", blocks, `{"store":"000135","user":"` + user + `"}`, ""}, "blocks", "block " + user + " 000135"},
		{request{"POST", blocks, `{"\u0075ser":"` + user + `"}`, ""}, "blocks", "block " + user + " -"},
		{request{"POST", blocks, named, "Application/JSON; charset=utf-8"}, "blocks", "block " + user + " -"},
		{request{"POST", blocks, long(named, 4<<10), ""}, "blocks", "block " + user + " -"},
		{request{"POST", blocks, `{"user":"no id at all"}`, ""}, "blocks", "block no id at all -"}, // whose to judge
		{request{"DELETE", blocks + "?user=" + user, "", ""}, "blocks", "unblock " + user + " -"},
		{request{"DELETE", blocks + "?store=000135&user=" + user + "&code=key", "", ""}, "blocks", "unblock " + user + " 000135"},
		{request{"DELETE", blocks + "?user=" + user, "{}", ""}, "blocks", "unblock " + user + " -"},
		{request{"POST", revoke, named, ""}, "revoked", "revoke " + user},
		{request{"POST", revoke + "?format=text", named, ""}, "revoked", "revoke " + user}, // has no text, and is done
	} {
		t.Run(tc.sent.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse()
			got := tc.sent.send(t, h.serve(t), "Accept", "text/plain")
			want := `{"` + tc.name + `":"` + tc.done + `","v":1}` + "\n"
			if tc.name == "blocks" { // those there are now
				want = `{"blocks":["` + tc.done + `"],"v":1}` + "\n"
			}
			if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json" || got.body != want {
				t.Errorf("got %d %q %q, want %q", got.status, got.header.Get("Content-Type"), got.body, want)
			}
			if did := h.desk.did(); !slices.Equal(did, []string{tc.done}) {
				t.Errorf("did %q, want %q", did, tc.done)
			}
		})
	}
}

// TestChangesThatAreNotUnderstood: nothing is done that was not asked for in
// full, and what was written stays out of the log.
func TestChangesThatAreNotUnderstood(t *testing.T) {
	t.Parallel()
	const (
		blocks = "/api/ops/blocks"
		revoke = "/api/ops/revoke"
		named  = `{"user":"` + user + `"}`
	)
	for _, tc := range []struct {
		sent   request
		status int
		says   string
	}{
		{request{"POST", blocks, "", ""}, 400, `"user" is missing`},
		{request{"POST", blocks, "{}", ""}, 400, `"user" is missing`},
		{request{"POST", blocks, `{"store":"000135"}`, ""}, 400, `"user" is missing`},
		{request{"POST", revoke, "", ""}, 400, `"user" is missing`},
		{request{"DELETE", blocks, "", ""}, 400, `"user" is missing`},
		{request{"DELETE", blocks + "?store=000135", "", ""}, 400, `"user" is missing`},

		{request{"POST", blocks, `{"user":"` + user + `","stores":"000135"}`, ""}, 400, `"stores" is unknown here, expected user or store`},
		{request{"POST", blocks, `{"user":"` + user + `","Store":"000135"}`, ""}, 400, `"Store" is unknown`},
		{request{"POST", blocks, `{"user":"` + user + `","stores":{"a":1}}`, ""}, 400, `"stores" is unknown`},
		{request{"POST", revoke, `{"user":"` + user + `","store":"000135"}`, ""}, 400, `"store" is unknown here, expected user`},
		{request{"POST", "/api/ops/rebuild", named, ""}, 400, `"user" is unknown here, expected none`},
		{request{"POST", "/api/ops/baseline/accept", named, ""}, 400, `"user" is unknown`},
		{request{"POST", "/api/ops/holds/" + hash + "/allow", named, ""}, 400, `"user" is unknown`},
		{request{"DELETE", blocks + "?user=" + user + "&Store=000135", "", ""}, 400, `"Store" is unknown`},
		{request{"DELETE", blocks + "?user=" + user, `{"store":"000135"}`, ""}, 400, `"store" is unknown`},
		{request{"POST", blocks + "?store=000135", named, ""}, 400, `"store" is unknown`},
		{request{"POST", revoke + "?store=000135", named, ""}, 400, `"store" is unknown`},
		{request{"POST", "/api/ops/rebuild?store=000135", "", ""}, 400, `"store" is unknown`},

		{request{"POST", blocks, `{"user":"` + user + `","store":""}`, ""}, 400, `"store" is empty`},
		{request{"POST", blocks, `{"user":"` + user + `","store":" \t"}`, ""}, 400, `"store" is empty`},
		{request{"POST", blocks, `{"user":""}`, ""}, 400, `"user" is empty`},
		{request{"DELETE", blocks + "?user=" + user + "&store=", "", ""}, 400, `"store" is empty`},
		{request{"POST", blocks, `{"user":"` + user + `","store":null}`, ""}, 400, `"store" is no text`},
		{request{"POST", blocks, `{"user":"` + user + `","store":135}`, ""}, 400, `"store" is no text`},
		{request{"POST", blocks, `{"user":"` + user + `","store":["000135"]}`, ""}, 400, `"store" is no text`},
		{request{"POST", blocks, `{"user":"` + user + `","store":1e999}`, ""}, 400, `"store" cannot be read`},
		{request{"POST", blocks, `{"store":"1","user":"` + user + `","store":"2"}`, ""}, 400, `"store" is there twice`},
		{request{"DELETE", blocks + "?user=" + user + "&store=1&store=2", "", ""}, 400, `"store" is there twice`},
		{request{"DELETE", blocks + "?user=" + user + "&store=%zz", "", ""}, 400, "read query"},
		{request{"DELETE", blocks + "?user=" + user + ";store=000135", "", ""}, 400, "read query"},

		{request{"POST", blocks, "hello", ""}, 400, "expected a JSON object"},
		{request{"POST", blocks, "null", ""}, 400, "expected a JSON object"},
		{request{"POST", blocks, " ", ""}, 400, "expected a JSON object"},
		{request{"POST", blocks, "[" + named + "]", ""}, 400, "expected a JSON object"},
		{request{"POST", blocks, named[:len(named)-1], ""}, 400, "expected a JSON object"},
		{request{"POST", blocks, strings.Replace(named, "}", ",}", 1), ""}, 400, "expected a JSON object"},
		{request{"POST", blocks, "{\"user\":\"\xff\"}", ""}, 400, "expected a JSON object in UTF-8"},
		{request{"POST", blocks, named + named, ""}, 400, "expected nothing after the JSON object"},
		{request{"POST", blocks, named + "}", ""}, 400, "expected nothing after the JSON object"},

		{request{"POST", blocks, "user=" + user, "application/x-www-form-urlencoded"}, 415, "expected application/json"},
		{request{"POST", blocks, named, "text/plain"}, 415, "expected application/json"},
		{request{"POST", revoke, named, "application/json; ="}, 415, "expected application/json"},
		{request{"POST", "/api/ops/rebuild", "{}", "text/plain"}, 415, "expected application/json"},

		{request{"POST", blocks, long(named, 4<<10+1), ""}, 413, "longer than 4096 bytes"},
		{request{"POST", revoke, long(named, 4<<10+1), "text/plain"}, 413, "longer than 4096 bytes"},
		{request{"POST", "/api/ops/rebuild", long("{}", 4<<10+1), ""}, 413, "longer than 4096 bytes"},
		{request{"DELETE", blocks + "?user=" + user, long("{}", 4<<10+1), ""}, 413, "longer than 4096 bytes"},

		{request{"POST", "/api/ops/holds/0123456789ABCDEF/allow", "", ""}, 400, "16 hex digits"},
		{request{"POST", "/api/ops/holds/0123456789abcde/allow", "", ""}, 400, "16 hex digits"},
		{request{"POST", "/api/ops/holds/0123456789abcdef0/refuse", "", ""}, 400, "16 hex digits"},
		{request{"POST", "/api/ops/holds/0123456x89abcdef/refuse", "", ""}, 400, "16 hex digits"},
		{request{"POST", "/api/ops/holds//allow", "", ""}, 400, "16 hex digits"},
		{request{"POST", "/api/ops/rebuild?format=xml", "", ""}, 400, "format is unknown"},
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
		{"POST", "/api/ops/blocks", `{"user":"kim@contoso.com"}`, ""},
		{"POST", "/api/ops/revoke?code=kim@contoso.com", `{"user":"kim@contoso.com"}`, ""},
		{"DELETE", "/api/ops/blocks?user=kim@contoso.com", "", ""},
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
	} {
		if got := sent.send(t, server); got.status != http.StatusNotFound && got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", sent, got.status)
		}
	}
	if logged := h.journal.whole(); strings.Contains(logged, "kim") {
		t.Errorf("it is in the log: %s", logged)
	}
}

// unlisted is a desk that cannot say who is blocked.
type unlisted struct{ *desk }

func (unlisted) Blocks(context.Context) (any, error) {
	return nil, fault.Newf(fault.Unavailable, "read blocks", "no answer")
}

func TestBlockSaysThatItWasMadeThoughNotShown(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.functions.Operations = unlisted{h.desk}
	got := requestTo("POST", "/api/ops/blocks").send(t, h.serve(t))
	if message := got.wantError(t, http.StatusServiceUnavailable, "unavailable"); !strings.Contains(message, "the change was made") {
		t.Errorf("message %q", message)
	}
	if did := h.desk.did(); !slices.Equal(did, []string{"block " + user + " -"}) {
		t.Errorf("did %q", did)
	}
}

// TestChangesWithATextForm: what came of a change is shown as text to who asks.
func TestChangesWithATextForm(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.desk.lists = document{"kept out: 1"}
	got := requestTo("POST", "/api/ops/blocks").send(t, h.serve(t), "Accept", "text/plain")
	if got.status != http.StatusOK || got.body != "kept out: 1\n" {
		t.Errorf("got %d %q", got.status, got.body)
	}
}
