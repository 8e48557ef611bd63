package simgraph_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// server serves the tenant on a real connection, for answers that get lost.
func (r *rig) server() *httptest.Server {
	server := httptest.NewServer(r.tenant)
	r.t.Cleanup(server.Close)
	return server
}

func send(ctx context.Context, server *httptest.Server, method, path, body string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, method, server.URL+"/v1.0"+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer x")
	request.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

func TestLostAnswers(t *testing.T) {
	var seen []int
	var mu sync.Mutex
	r := newRig(t, simgraph.Options{Record: func(e simgraph.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, e.Status)
	}})
	server := r.server()
	r.tenant.Inject(simgraph.Fault{Route: "PATCH /groups/{group}", Times: 1, Do: simgraph.Lose})
	r.tenant.Inject(simgraph.Fault{Route: "PATCH /groups/{group}", Times: 1, Do: simgraph.Drop})
	for i, want := range []string{"one", "one"} {
		if _, err := send(t.Context(), server, "PATCH", "/groups/"+store, `{"displayName":"`+[]string{"one", "two"}[i]+`"}`); err == nil {
			t.Fatal("the answer was not lost")
		}
		equal(t, "name", r.state(store).Name, want)
	}
	status, err := send(t.Context(), server, "PATCH", "/groups/"+store, `{"displayName":"three"}`)
	equal(t, "third", []any{status, err == nil, r.state(store).Name}, []any{204, true, "three"})
	mu.Lock()
	defer mu.Unlock()
	equal(t, "recorded", seen, []int{0, 0, 204})
	equal(t, "writes", r.tenant.Writes(), 2)
}

func TestInjectedRefusals(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.tenant.Inject(simgraph.Fault{Route: "GET /users", Skip: 1, Times: 2, Do: simgraph.Refuse(503, "serviceNotAvailable", 7)})
	var statuses []int
	for range 4 {
		got := r.do("GET", "/users", nil)
		statuses = append(statuses, got.status)
		if got.status == 503 {
			equal(t, "answer", []string{got.code(), got.header.Get("Retry-After")}, []string{"serviceNotAvailable", "7"})
		}
	}
	equal(t, "statuses", statuses, []int{200, 503, 503, 200})
	r.tenant.Inject(simgraph.Fault{Do: func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		w.Header().Set("X-Seen", req.Method)
		next.ServeHTTP(w, req)
	}})
	for range 2 {
		equal(t, "any request, for ever", r.want(200, "GET", "/groups", nil).header.Get("X-Seen"), "GET")
	}
}
