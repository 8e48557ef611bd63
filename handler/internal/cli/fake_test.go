package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// fakeApp speaks Operations' table of routes and nothing else: an unknown path,
// field or method fails the test.
type fakeApp struct {
	t       *testing.T
	key     string                      // the key that is asked for; empty: none
	answers map[string]string           // values by the answer's name
	instead map[string]http.HandlerFunc // what answers in place of a route, by "METHOD path"
	asked   []string                    // "METHOD path?query body" of each request
	keys    []string                    // the key each came with
}

// fakeRoute is a line of the table: {} in its path stands for one segment.
type fakeRoute struct {
	method, path, name string
	query, fields      []string
}

func fakeRoutes() []fakeRoute {
	return []fakeRoute{
		{"GET", "status", "status", nil, nil},
		{"GET", "runs", "runs", []string{"limit"}, nil},
		{"POST", "runs", "run", nil, []string{"store"}},
		{"GET", "runs/{}", "run", nil, nil},
		{"GET", "plan", "plan", []string{"store"}, nil},
		{"POST", "explain", "explanation", nil, []string{"store", "worker", "user"}},
		{"GET", "holds", "holds", nil, nil},
		{"GET", "holds/{}", "hold", nil, nil},
		{"POST", "holds/{}/allow", "hold", nil, nil},
		{"POST", "holds/{}/refuse", "hold", nil, nil},
		{"GET", "unmapped", "unmapped", nil, nil},
		{"GET", "extras", "extras", nil, nil},
		{"GET", "baseline", "baseline", nil, nil},
		{"POST", "baseline/accept", "baseline", nil, []string{"readAt"}},
		{"GET", "blocks", "blocks", nil, nil},
		{"POST", "block", "blocks", nil, []string{"user", "worker", "store"}},
		{"POST", "unblock", "blocks", nil, []string{"user", "worker", "store"}},
		{"POST", "revoke", "revoked", nil, []string{"user", "worker"}},
		{"POST", "rebuild", "rebuild", nil, nil},
		{"POST", "doctor", "doctor", nil, nil},
		{"GET", "hierarchy", "hierarchy", nil, nil},
		{"GET", "tasks", "tasks", []string{"campaign", "region"}, nil},
		{"GET", "tasks/problems", "problems", []string{"store"}, nil},
		{"POST", "tasks/allow", "problems", nil, []string{"store"}},
		{"GET", "tasks/dead-letters", "deadLetters", nil, nil},
		{"POST", "tasks/dead-letters/retry", "deadLetters", nil, []string{"letter"}},
		{"POST", "tasks/dead-letters/drop", "deadLetters", nil, []string{"letter"}},
	}
}

func (r fakeRoute) takes(req *http.Request) bool {
	have, want := strings.Split(strings.TrimPrefix(req.URL.Path, prefix), "/"), strings.Split(r.path, "/")
	return req.Method == r.method && slices.EqualFunc(have, want, func(a, b string) bool { return a == b || b == "{}" })
}

// ServeHTTP implements http.Handler.
func (f *fakeApp) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		f.t.Error(err)
	}
	f.asked = append(f.asked, strings.TrimSpace(req.Method+" "+strings.TrimPrefix(req.URL.RequestURI(), prefix)+" "+string(body)))
	f.keys = append(f.keys, req.Header.Get("x-functions-key"))
	if f.key != "" && req.Header.Get("x-functions-key") != f.key {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if instead := f.instead[req.Method+" "+strings.TrimPrefix(req.URL.Path, prefix)]; instead != nil {
		instead(w, req)
		return
	}
	for _, route := range fakeRoutes() {
		if route.takes(req) {
			f.check(route, req, body)
			reply(w, http.StatusOK, route.name, f.answers[route.name])
			return
		}
	}
	f.t.Errorf("%s %s is no route of Operations", req.Method, req.URL)
	refuse(w, http.StatusNotFound, "not_found", "There is nothing at this path.")
}

func (f *fakeApp) check(route fakeRoute, req *http.Request, body []byte) {
	for name := range req.URL.Query() {
		if !slices.Contains(route.query, name) {
			f.t.Errorf("%s %s asks with %s", route.method, route.path, name)
		}
	}
	if route.method == http.MethodGet {
		if len(body) > 0 {
			f.t.Errorf("GET %s has a body", route.path)
		}
		return
	}
	var fields map[string]string
	if err := json.Unmarshal(body, &fields); err != nil || req.Header.Get("Content-Type") != "application/json" {
		f.t.Errorf("%s %s: body %q of type %q", route.method, route.path, body, req.Header.Get("Content-Type"))
	}
	for name, value := range fields {
		if !slices.Contains(route.fields, name) || value == "" {
			f.t.Errorf("%s %s says %s=%q", route.method, route.path, name, value)
		}
	}
}

// reply writes an answer as Operations does.
func reply(w http.ResponseWriter, status int, name, value string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"v":1,"`+name+`":`+value+`}`)
}

// refuse writes an error as Operations does.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}})
}

// inProcess carries requests to handlers by host, without a network.
type inProcess map[string]http.Handler

// RoundTrip implements http.RoundTripper. It answers as the network does: not
// at all once the request's context has ended.
func (p inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	handler, there := p[req.URL.Host]
	if !there {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	served := req.Clone(req.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, served)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	resp := recorder.Result()
	resp.Request = req
	return resp, nil
}

// outcome is what a command came to.
type outcome struct {
	code        int
	out, errout string
}

// place is a command line and its surroundings.
type place struct {
	app       *fakeApp
	hosts     inProcess
	variables map[string]string
	stdin     string
	terminals string // which of "in", "out", "err" are terminals
}

const localHost = "127.0.0.1:7071"

func newPlace(t *testing.T) *place {
	app := &fakeApp{t: t, answers: maps.Clone(samples()), instead: map[string]http.HandlerFunc{}}
	return &place{app: app, hosts: inProcess{localHost: app}, variables: map[string]string{}}
}

func (p *place) run(ctx context.Context, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	stdin := strings.NewReader(p.stdin)
	code := Run(ctx, args, Env{
		Getenv: func(name string) string { return p.variables[name] },
		Stdin:  stdin, Stdout: &stdout, Stderr: &stderr, Version: "v0.5.0", Transport: p.hosts,
		IsTerminal: func(stream any) bool {
			return stream == any(stdin) && strings.Contains(p.terminals, "in") ||
				stream == any(&stdout) && strings.Contains(p.terminals, "out") ||
				stream == any(&stderr) && strings.Contains(p.terminals, "err")
		},
	})
	return outcome{code, stdout.String(), stderr.String()}
}

func (o outcome) expect(t *testing.T, code int, out, errout string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d", o.code, code)
	}
	if o.out != out {
		t.Errorf("stdout:\n%s\nwant:\n%s", o.out, out)
	}
	if o.errout != errout {
		t.Errorf("stderr:\n%s\nwant:\n%s", o.errout, errout)
	}
}

// holds fails the test unless the exit code is that and the two streams contain
// those texts.
func (o outcome) holds(t *testing.T, code int, out, errout string) {
	t.Helper()
	if o.code != code || !strings.Contains(o.out, out) || !strings.Contains(o.errout, errout) {
		t.Errorf("exit code %d, want %d\nstdout:\n%s\nwant in it: %s\nstderr:\n%s\nwant in it: %s", o.code, code, o.out, out, o.errout, errout)
	}
}
