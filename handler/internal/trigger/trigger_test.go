package trigger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// runs is a Runner that remembers what it ran. Run, if set, does the running.
type runs struct {
	run func(ctx context.Context, invocation string) error

	mu          sync.Mutex
	invocations []string
}

func (r *runs) Run(ctx context.Context, invocation string) error {
	r.mu.Lock()
	r.invocations = append(r.invocations, invocation)
	r.mu.Unlock()
	if r.run == nil {
		return nil
	}
	return r.run(ctx, invocation)
}

// ran returns the invocations so far, in order of their names.
func (r *runs) ran() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(slices.Values(r.invocations))
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(j, nil)) }

// whole returns the log.
func (j *journal) whole() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// lines returns the log's records with that message.
func (j *journal) lines(t *testing.T, message string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(j.whole()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("log line is not JSON: %s", line)
		}
		if record["msg"] == message {
			found = append(found, record)
		}
	}
	return found
}

// house is a handler with what it is connected to.
type house struct {
	functions trigger.Functions
	runs      *runs
	desk      *desk
	journal   *journal
}

func newHouse() house {
	r, d := &runs{}, &desk{}
	return house{
		functions: trigger.Functions{
			OrgSync:     r,
			TaskSweep:   r,
			TaskChanged: &messages{},

			OrgChanged: &messages{}, CommerceEvent: &messages{}, SubscriptionRenew: r, GraphNotification: &hook{},

			Operations: d,
			Jobs:       ledger.NewBook(new(memledger.Store), "test"),
			Document:   []byte("openapi: 3.1.0\n"),
		},
		runs:    r,
		desk:    d,
		journal: &journal{},
	}
}

// serve starts the handler on a loopback port for the length of the test.
func (h house) serve(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h.functions.Handler(h.journal.logger()))
	t.Cleanup(server.Close)
	return server
}

// response is an HTTP response read to its end.
type response struct {
	status int
	header http.Header
	body   string
}

// call sends one request. Headers are pairs of name and value.
func call(t *testing.T, server *httptest.Server, method, path string, body io.Reader, headers ...string) response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	// The transport alone: a client would follow redirects.
	answer, err := server.Client().Transport.RoundTrip(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return response{answer.StatusCode, answer.Header, string(text)}
}

// wantError checks an error response whole.
func (r response) wantError(t *testing.T, status int, code string) (message string) {
	t.Helper()
	var body struct {
		Error struct{ Code, Message string }
	}
	decoder := json.NewDecoder(strings.NewReader(r.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		t.Fatalf("status %d, body %q: %v", r.status, r.body, err)
	}
	if r.status != status || body.Error.Code != code || body.Error.Message == "" || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %q %s, want %d %q and a message", r.status, r.header.Get("Content-Type"), r.body, status, code)
	}
	return body.Error.Message
}

func TestProbeIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.functions = trigger.Functions{} // nothing of it may be needed
	got := call(t, h.serve(t), http.MethodGet, "/", nil)
	if got.status != http.StatusOK || got.body != "storeteams\n" {
		t.Errorf("got %d %q", got.status, got.body)
	}
}

func TestEveryAnswerIsPrivate(t *testing.T) {
	t.Parallel()
	h := newHouse()
	server := h.serve(t)
	for _, r := range append(trigger.Routes(), trigger.Route{Path: "/nowhere", Methods: []string{http.MethodGet}}) {
		for _, method := range append(r.Methods, http.MethodPatch) {
			got := call(t, server, method, r.Path, strings.NewReader("{}"))
			if got.header.Get("Cache-Control") != "no-store" || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s may be kept or guessed at: %v", method, r.Path, got.header)
			}
		}
	}
}
