package simhost_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simhost"
)

// patience is how long a test waits for what must come; only a failure takes
// that long.
const patience = 30 * time.Second

// never is a schedule that does not come due while a test runs, on any day a
// test is likely to be run.
const never = "0 0 0 29 2 *"

// rig is a script root with the fake handler, before it is started.
type rig struct {
	root     string
	hostJSON map[string]any
	env      []string
	key      string
	log      *lines
}

// newRig makes a script root without functions.
func newRig(t *testing.T) *rig {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &rig{
		root: t.TempDir(),
		env:  append(os.Environ(), fakeSwitch+"=yes"),
		log:  &lines{changed: make(chan struct{})},
		hostJSON: map[string]any{
			"version": "2.0",
			"customHandler": map[string]any{
				"description":               map[string]any{"defaultExecutablePath": self},
				"enableProxyingHttpRequest": true,
			},
		},
	}
}

// file writes a JSON file into the script root.
func (r *rig) file(t *testing.T, name string, content any) {
	t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

type bindings []map[string]any

func (r *rig) function(t *testing.T, name string, b bindings) {
	t.Helper()
	r.file(t, name+"/function.json", map[string]any{"bindings": b})
}

// timers adds timer functions that run only when asked to.
func (r *rig) timers(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		r.function(t, name, bindings{{"name": "timer", "type": "timerTrigger", "direction": "in", "schedule": never}})
	}
}

// http adds an HTTP function.
func (r *rig) http(t *testing.T, name, route, level string, methods ...string) {
	t.Helper()
	r.function(t, name, bindings{
		{"name": "req", "type": "httpTrigger", "direction": "in", "authLevel": level, "route": route, "methods": methods},
		{"name": "res", "type": "http", "direction": "out"},
	})
}

// start writes host.json and starts the host; the test's end closes it.
func (r *rig) start(t *testing.T) *simhost.Host {
	t.Helper()
	r.file(t, "host.json", r.hostJSON)
	h, err := simhost.Start(t.Context(), simhost.Options{ScriptRoot: r.root, Env: r.env, Key: r.key, Log: r.log.add})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// starts makes the fake count its starts, and returns the counter.
func (r *rig) starts(t *testing.T) func() int {
	t.Helper()
	dir := t.TempDir()
	r.env = append(r.env, fakeStarts+"="+dir)
	return func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
}

// lines keeps what the host logged.
type lines struct {
	mu      sync.Mutex
	all     []simhost.Line
	changed chan struct{}
}

func (l *lines) add(line simhost.Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *lines) snapshot() ([]simhost.Line, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all[:len(l.all):len(l.all)], l.changed
}

// wait returns the first line that is as wanted, now or later.
func (l *lines) wait(t *testing.T, wanted func(simhost.Line) bool) simhost.Line {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		all, changed := l.snapshot()
		for _, line := range all {
			if wanted(line) {
				return line
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("the line never came; the log holds %+v", all)
		}
	}
}

func says(text string) func(simhost.Line) bool {
	return func(l simhost.Line) bool { return strings.Contains(l.Text, text) }
}

// invoke runs a function that must succeed.
func invoke(t *testing.T, h *simhost.Host, name string) simhost.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	result, err := h.Invoke(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// echo invokes Echo and returns what the handler saw.
func echo(t *testing.T, h *simhost.Host) seen {
	t.Helper()
	return decodeSeen(t, invoke(t, h, "Echo").Logs[0])
}

func decodeSeen(t *testing.T, text string) seen {
	t.Helper()
	var s seen
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return s
}
