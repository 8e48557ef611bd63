package trigger_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/trigger"
)

const (
	hash = "0123456789abcdef"
	user = "5f0c3a52-7f0e-4d0c-9b52-0a4f8c1d2e3f"
)

// desk is an Operations that remembers what was done at it.
type desk struct {
	run   any
	plan  trigger.Document
	lists any   // what Holds and Blocks return; nil means what was done
	err   error // what every method fails with
	slow  bool  // methods return when their context ends

	mu   sync.Mutex
	done []string
}

func newDesk() *desk {
	return &desk{run: map[string]int{"changes": 3}, plan: document{"nothing to do"}}
}

// did returns what was done so far: words, with a hyphen for no store.
func (d *desk) did() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.done)
}

func (d *desk) read(ctx context.Context) error {
	if d.slow {
		<-ctx.Done()
		return ctx.Err()
	}
	return d.err
}

func (d *desk) do(ctx context.Context, words ...string) (any, error) {
	if err := d.read(ctx); err != nil {
		return nil, err
	}
	line := strings.Join(words, " ")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, line)
	return line, nil
}

func (d *desk) list(ctx context.Context) (any, error) {
	if d.lists != nil {
		return d.lists, d.read(ctx)
	}
	return append([]string{}, d.did()...), d.read(ctx)
}

func (d *desk) LastRun(ctx context.Context) (any, error)           { return d.run, d.read(ctx) }
func (d *desk) Plan(ctx context.Context) (trigger.Document, error) { return d.plan, d.read(ctx) }
func (d *desk) Holds(ctx context.Context) (any, error)             { return d.list(ctx) }
func (d *desk) Blocks(ctx context.Context) (any, error)            { return d.list(ctx) }
func (d *desk) AcceptBaseline(ctx context.Context) (any, error)    { return d.do(ctx, "accept") }
func (d *desk) Rebuild(ctx context.Context) (any, error)           { return d.do(ctx, "rebuild") }

func (d *desk) Decide(ctx context.Context, hash string, allow bool) (any, error) {
	return d.do(ctx, map[bool]string{true: "allow", false: "refuse"}[allow], hash)
}

func (d *desk) Revoke(ctx context.Context, user string) (any, error) {
	return d.do(ctx, "revoke", user)
}

func (d *desk) Block(ctx context.Context, user, store string) error {
	_, err := d.do(ctx, "block", user, orHyphen(store))
	return err
}

func (d *desk) Unblock(ctx context.Context, user, store string) error {
	_, err := d.do(ctx, "unblock", user, orHyphen(store))
	return err
}

func orHyphen(store string) string {
	if store == "" {
		return "-"
	}
	return store
}

// document is a Document of one line.
type document struct {
	Line string `json:"line"`
}

func (d document) WriteText(w io.Writer) error {
	_, err := io.WriteString(w, d.Line+"\n")
	return err
}

// broken is a Document that has neither form.
type broken struct{}

func (broken) WriteText(io.Writer) error { return errors.New("disk of kim@contoso.com is full") }
func (broken) MarshalJSON() ([]byte, error) {
	return nil, errors.New("disk of kim@contoso.com is full")
}

// request is a request of an operator's. A body is JSON unless kind says else.
type request struct{ method, path, body, kind string }

func (r request) String() string { return r.method + " " + r.path + " " + r.body }

func (r request) send(t *testing.T, server *httptest.Server, headers ...string) response {
	t.Helper()
	kind := r.kind
	if kind == "" && r.body != "" {
		kind = "application/json"
	}
	return call(t, server, r.method, r.path, strings.NewReader(r.body), append(headers, "Content-Type", kind)...)
}

// requestTo makes a good request to a route.
func requestTo(method, path string) request {
	r := request{method: method, path: strings.Replace(path, "{hash}", hash, 1)}
	switch {
	case method == http.MethodDelete:
		r.path += "?user=" + user
	case path == "/OrgSync":
		r.body = "{}"
	case method == http.MethodPost && (path == "/api/ops/blocks" || path == "/api/ops/revoke"):
		r.body = `{"user":"` + user + `"}`
	}
	return r
}

// operatorRequests are good requests, one for each thing Operations can be
// asked for.
func operatorRequests() []request {
	var all []request
	for _, r := range trigger.Routes() {
		for _, method := range r.Methods {
			if r.Function == "Operations" && method != http.MethodHead {
				all = append(all, requestTo(method, r.Path))
			}
		}
	}
	return all
}
