package trigger_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// watcher is an Observer that writes down what it was told.
type watcher struct {
	mu   sync.Mutex
	told []string
}

type watchedKey struct{}

func (w *watcher) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, fmt.Sprintf(format, args...))
}

func (w *watcher) Call(ctx context.Context, function, invocation string) (context.Context, func(int)) {
	w.say("%s %s", function, invocation)
	return context.WithValue(ctx, watchedKey{}, function), func(status int) { w.say("answered %d", status) }
}

func (w *watcher) Message(_ context.Context, _ string, queued time.Time) func() {
	w.say("queued %s", queued.Format(time.RFC3339))
	return func() { w.say("done") }
}

// inside is a Receiver that wants the context that the observer gave.
type inside struct{ fail error }

func (i inside) Receive(ctx context.Context, body []byte) error {
	if ctx.Value(watchedKey{}) != "TaskChanged" {
		return fmt.Errorf("the context is not the observer's")
	}
	if string(body) == "panic" {
		panic("a bug")
	}
	return i.fail
}

// TestObserver: it is told of every call and how it ended, of a message how old
// it is, in every way hosts write that, and that it was dealt with only if it was.
func TestObserver(t *testing.T) {
	t.Parallel()
	const queued = "queued 2026-11-24T09:30:00Z"
	for name, tc := range map[string]struct {
		body string
		fail error
		want []string
	}{
		"as text":         {`{"Data":{"message":"x"},"Metadata":{"EnqueuedTimeUtc":"2026-11-24T09:30:00Z"}}`, nil, []string{queued, "done", "answered 200"}},
		"as text in text": {`{"Data":{"message":"x"},"Metadata":{"EnqueuedTimeUtc":"\"2026-11-24T09:30:00\""}}`, nil, []string{queued, "done", "answered 200"}},
		"unknown":         {`{"Data":{"message":"x"},"Metadata":{"EnqueuedTimeUtc":7}}`, nil, []string{"answered 200"}},
		"none":            {`{"Data":{"message":"x"}}`, nil, []string{"answered 200"}},
		"failed":          {`{"Data":{"message":"x"},"Metadata":{"EnqueuedTimeUtc":"2026-11-24T09:30:00Z"}}`, fmt.Errorf("no"), []string{queued, "answered 500"}},
		"a panic":         {`{"Data":{"message":"panic"},"Metadata":{"EnqueuedTimeUtc":"2026-11-24T09:30:00Z"}}`, nil, []string{queued, "answered 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, w := newHouse(), &watcher{}
			h.functions.TaskChanged, h.functions.Observer = inside{tc.fail}, w
			call(t, h.serve(t), http.MethodPost, "/TaskChanged", strings.NewReader(tc.body))
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.told) == 0 || !strings.HasPrefix(w.told[0], "TaskChanged ") || !slices.Equal(w.told[1:], tc.want) {
				t.Errorf("told %q, want the call and %q", w.told, tc.want)
			}
		})
	}
}

// TestObserverAndTheProbe: the host's probe, which comes again and again, is no
// call of a function.
func TestObserverAndTheProbe(t *testing.T) {
	t.Parallel()
	h, w := newHouse(), &watcher{}
	h.functions.Observer = w
	server := h.serve(t)
	for _, path := range []string{"/", "/nowhere"} {
		call(t, server, http.MethodGet, path, nil)
	}
	if len(w.told) > 0 {
		t.Errorf("told %q", w.told)
	}
}
