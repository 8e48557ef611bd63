package trigger_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/trigger"
)

const (
	hash  = "0123456789abcdef"
	user  = "5f0c3a52-7f0e-4d0c-9b52-0a4f8c1d2e3f"
	jobID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// desk is an Operations that remembers what it was asked for, and answers with
// that.
type desk struct {
	answer any                                           // what reading methods return; nil means what they were asked
	err    error                                         // what every method fails with
	work   func(ctx context.Context, asked string) error // what every method does first

	mu   sync.Mutex // for done, and for work and err while calls are under way
	done []string
}

// nowDoes changes what the desk does while calls may be under way.
func (d *desk) nowDoes(work func(ctx context.Context, asked string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.work, d.err = work, nil
}

// labor does what every method does first.
func (d *desk) labor(ctx context.Context, asked string) error {
	d.mu.Lock()
	work, err := d.work, d.err
	d.mu.Unlock()
	if work != nil {
		if err := work(ctx, asked); err != nil {
			return err
		}
	}
	return err
}

// did returns what was asked for so far, but for the blocks: words, with a
// hyphen for what was left out.
func (d *desk) did() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.done)
}

func (d *desk) do(ctx context.Context, words ...string) (any, error) {
	for i, word := range words {
		if word == "" {
			words[i] = "-"
		}
	}
	line := strings.Join(words, " ")
	d.mu.Lock()
	d.done = append(d.done, line)
	d.mu.Unlock()
	if err := d.labor(ctx, line); err != nil {
		return nil, err
	}
	if d.answer != nil {
		return d.answer, nil
	}
	return line, nil
}

func (d *desk) about(ctx context.Context, what string, s trigger.Subject) (any, error) {
	return d.do(ctx, what, s.User, s.Worker, s.Store)
}

func (d *desk) Status(ctx context.Context) (any, error) { return d.do(ctx, "status") }
func (d *desk) Runs(ctx context.Context, limit int) (any, error) {
	return d.do(ctx, "runs", fmt.Sprint(limit))
}
func (d *desk) Run(ctx context.Context, id string) (any, error)     { return d.do(ctx, "run", id) }
func (d *desk) Plan(ctx context.Context, store string) (any, error) { return d.do(ctx, "plan", store) }
func (d *desk) Unmapped(ctx context.Context) (any, error)           { return d.do(ctx, "unmapped") }
func (d *desk) Extras(ctx context.Context) (any, error)             { return d.do(ctx, "extras") }
func (d *desk) Hierarchy(ctx context.Context) (any, error)          { return d.do(ctx, "hierarchy") }
func (d *desk) Doctor(ctx context.Context) (any, error)             { return d.do(ctx, "doctor") }
func (d *desk) Holds(ctx context.Context) (any, error)              { return d.do(ctx, "holds") }
func (d *desk) Baseline(ctx context.Context) (any, error)           { return d.do(ctx, "baseline") }
func (d *desk) Rebuild(ctx context.Context) (any, error)            { return d.do(ctx, "rebuild") }
func (d *desk) Hold(ctx context.Context, hash string) (any, error)  { return d.do(ctx, "hold", hash) }

func (d *desk) Explain(ctx context.Context, s trigger.Subject) (any, error) {
	return d.about(ctx, "explain", s)
}

func (d *desk) Decide(ctx context.Context, hash string, allow bool) (any, error) {
	return d.do(ctx, map[bool]string{true: "allow", false: "refuse"}[allow], hash)
}

func (d *desk) AcceptBaseline(ctx context.Context, readAt time.Time) (any, error) {
	return d.do(ctx, "accept", readAt.UTC().Format(time.RFC3339Nano))
}

// Blocks returns what was done so far.
func (d *desk) Blocks(ctx context.Context) (any, error) {
	if err := d.labor(ctx, "blocks"); err != nil {
		return nil, err
	}
	return append([]string{}, d.did()...), nil
}

func (d *desk) Block(ctx context.Context, s trigger.Subject) error {
	_, err := d.about(ctx, "block", s)
	return err
}

func (d *desk) Unblock(ctx context.Context, s trigger.Subject) error {
	_, err := d.about(ctx, "unblock", s)
	return err
}

func (d *desk) Revoke(ctx context.Context, s trigger.Subject) (any, error) {
	return d.about(ctx, "revoke", s)
}

func (d *desk) TaskStatus(ctx context.Context, campaign, region string) (any, error) {
	return d.do(ctx, "tasks", campaign, region)
}

func (d *desk) TaskProblems(ctx context.Context, store string) (any, error) {
	return d.do(ctx, "problems", store)
}

func (d *desk) AllowTasks(ctx context.Context, store string) (any, error) {
	return d.do(ctx, "allow", store)
}

func (d *desk) DeadLetters(ctx context.Context) (any, error) { return d.do(ctx, "letters") }

func (d *desk) RetryDeadLetter(ctx context.Context, id string) (any, error) {
	return d.do(ctx, "retry", id)
}

func (d *desk) DropDeadLetter(ctx context.Context, id string) (any, error) {
	return d.do(ctx, "drop", id)
}

func (d *desk) Reconcile(ctx context.Context, invocation, store string) (any, error) {
	return d.do(ctx, "reconcile", invocation, store)
}

// inItsTime runs a test on a clock of its own, until all work in it had to end.
func inItsTime(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		defer func() { <-time.After(time.Hour) }()
		test(t)
	})
}

// untilEnded is work that takes as long as it may.
func untilEnded(ctx context.Context, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

// lasting is work that takes so long, if it may.
func lasting(d time.Duration) func(context.Context, string) error {
	return func(ctx context.Context, _ string) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// broken cannot be written as JSON.
type broken struct{}

func (broken) MarshalJSON() ([]byte, error) {
	return nil, errors.New("disk of kim@contoso.com is full")
}

// request is a request of an operator's. A body is JSON unless kind says else.
type request struct{ method, path, body, kind string }

func (r request) String() string { return r.method + " " + r.path + " " + r.body }

func (r request) contentType() string {
	if r.kind == "" && r.body != "" {
		return "application/json"
	}
	return r.kind
}

func (r request) send(t *testing.T, server *httptest.Server, headers ...string) response {
	t.Helper()
	headers = append(headers, "Content-Type", r.contentType())
	return call(t, server, r.method, r.path, strings.NewReader(r.body), headers...)
}

// put puts the request to a handler without a server between them. The caller
// leaves when ctx ends.
func (r request) put(ctx context.Context, handler http.Handler) response {
	recorder := httptest.NewRecorder()
	sent := httptest.NewRequestWithContext(ctx, r.method, r.path, strings.NewReader(r.body))
	sent.Header.Set("Content-Type", r.contentType())
	sent.Header.Set(invocationHeader, invocationID)
	handler.ServeHTTP(recorder, sent)
	return response{recorder.Code, recorder.Header(), recorder.Body.String()}
}

// requestTo makes a good request to a route.
func requestTo(method, path string) request {
	r := request{method: method, path: strings.NewReplacer("{hash}", hash, "runs/{id}", "runs/last", "{id}", jobID).Replace(path)}
	if method != http.MethodPost {
		return r
	}
	switch path {
	case "/OrgSync", "/TaskSweep", "/TaskChanged", "/OrgChanged", "/CommerceEvent", "/SubscriptionRenew":
		r.body = "{}"
	case "/api/graph/notifications":
		r.path += "?validationToken=x"
	case "/api/ops/explain", "/api/ops/block", "/api/ops/unblock", "/api/ops/revoke":
		r.body = `{"user":"` + user + `"}`
	case "/api/ops/tasks/dead-letters/retry", "/api/ops/tasks/dead-letters/drop":
		r.body = `{"letter":"all"}`
	case "/api/ops/baseline/accept":
		r.body = `{"readAt":"2026-11-23T12:00:00Z"}`
	}
	return r
}

// operatorRequests are good requests, one for each thing Operations can be
// asked for.
func operatorRequests() []request {
	var all []request
	for _, r := range trigger.Routes() {
		for _, method := range r.Methods {
			own := r.Path == "/api/ops/jobs/{id}" || r.Path == "/api/ops/openapi"
			if r.Function == "Operations" && method != http.MethodHead && !own {
				all = append(all, requestTo(method, r.Path))
			}
		}
	}
	return all
}
