package trigger_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// hook is a trigger.Hook that keeps what it was given.
type hook struct {
	mu    sync.Mutex
	fails error
	taken []string
	held  chan struct{} // if not nil, what is given waits for its end
}

func (h *hook) Accept(ctx context.Context, body []byte) error {
	if h.held != nil {
		select {
		case <-h.held:
		case <-ctx.Done():
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fails == nil {
		h.taken = append(h.taken, string(body))
	}
	return h.fails
}

// post posts to the open path as Graph does.
func (h house) post(t *testing.T, url, query, kind string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/graph/notifications"+query, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestValidationIsAnsweredWithTheDecodedToken(t *testing.T) {
	t.Parallel()
	h := newHouse()
	server := h.serve(t)
	for query, want := range map[string]string{
		"?validationToken=a+b%20c%26%3Cscript%3E": "a b c&<script>",
		"?x=1&validationToken=%C3%A9":             "é",
	} {
		resp, text := h.post(t, server.URL, query, "text/plain; charset=utf-8", nil)
		if resp.StatusCode != 200 || text != want || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") ||
			resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %q %v", query, resp.StatusCode, text, resp.Header)
		}
	}
	for _, query := range []string{"?validationToken=", "?validationToken=" + strings.Repeat("x", 5000)} {
		if resp, _ := h.post(t, server.URL, query, "text/plain", nil); resp.StatusCode != 400 {
			t.Errorf("%.30s: %d", query, resp.StatusCode)
		}
	}
}

func TestNotificationsAreTakenOrSentAgain(t *testing.T) {
	t.Parallel()
	const json = "application/json; charset=utf-8"
	for name, test := range map[string]struct {
		fails  error
		kind   string
		body   string
		status int
	}{
		"taken":           {nil, json, `{"value":[]}`, 202},
		"none of Graph's": {fault.Newf(fault.Invalid, "x", "no"), json, `{}`, 400},
		"no queue":        {fault.Newf(fault.Unavailable, "x", "no"), json, `{}`, 503},
		"we may not":      {fault.Newf(fault.Denied, "x", "no"), json, `{}`, 503},
		"anything":        {errors.New("x"), json, `{}`, 503},
		"another type":    {nil, "text/html", `{}`, 415},
		"no type":         {nil, "", `{}`, 415},
		"too long":        {nil, json, strings.Repeat(" ", 1<<20+1), 413},
	} {
		h := newHouse()
		h.functions.GraphNotification = &hook{fails: test.fails}
		server := h.serve(t)
		if resp, text := h.post(t, server.URL, "", test.kind, strings.NewReader(test.body)); resp.StatusCode != test.status {
			t.Errorf("%s: %d %s, want %d", name, resp.StatusCode, text, test.status)
		}
		// A body whose length nobody says.
		if resp, _ := h.post(t, server.URL, "", test.kind, io.MultiReader(strings.NewReader(test.body))); resp.StatusCode != test.status {
			t.Errorf("%s, in chunks: %d, want %d", name, resp.StatusCode, test.status)
		}
	}
}

// Only so many bodies are in memory at once; who comes too many is to come again.
func TestNotificationsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse()
	slow := &hook{held: make(chan struct{})}
	h.functions.GraphNotification = slow
	server := h.serve(t)
	statuses := make(chan int, 100)
	for range 100 {
		go func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/graph/notifications", bytes.NewReader([]byte(`{}`)))
			if err != nil {
				statuses <- 0
				return
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				statuses <- 0
				return
			}
			_ = resp.Body.Close()
			statuses <- resp.StatusCode
		}()
	}
	refused := 0
	for range 100 - 32 {
		if status := <-statuses; status == 503 {
			refused++
		} else {
			t.Errorf("status %d", status)
		}
	}
	close(slow.held)
	taken := 0
	for range 32 {
		if <-statuses == 202 {
			taken++
		}
	}
	if refused != 68 || taken != 32 {
		t.Errorf("%d refused, %d taken", refused, taken)
	}
}
