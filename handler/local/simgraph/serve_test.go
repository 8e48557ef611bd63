package simgraph_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

func TestTokenRequired(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	for _, value := range []string{"", "Bearer", "Bearer  ", "Basic abc"} {
		got := r.want(401, "GET", "/users", nil, header{"Authorization": value})
		equal(t, "code", got.code(), "InvalidAuthenticationToken")
	}
	r.want(401, "GET", "/nothing", nil, header{"Authorization": ""})
	r.want(200, "GET", "/users", nil, header{"Authorization": "bearer x"})
}

func TestErrorShape(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	got := r.want(404, "GET", "/groups/"+ghost, nil, header{"client-request-id": "mine"})
	inner, _ := got.body["error"].(map[string]any)["innerError"].(map[string]any)
	equal(t, "client-request-id", []any{inner["client-request-id"], got.header.Get("client-request-id")}, []any{"mine", "mine"})
	equal(t, "request-id", inner["request-id"], got.header.Get("request-id"))
	equal(t, "date", inner["date"], "2026-03-01T08:00:00")
	equal(t, "code", got.code(), "Request_ResourceNotFound")
	other := r.want(200, "GET", "/users", nil)
	if id := other.header.Get("request-id"); id == "" || id == got.header.Get("request-id") {
		t.Errorf("request-id %q is empty or not new", id)
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	tests := []struct {
		method, path string
		status       int
	}{
		{"GET", "/nothing", 400},
		{"GET", "/groups/x/y/z", 400},
		{"GET", "/", 400},
		{"GET", "/groups(uniqueName=x)", 400},
		{"GET", "/groups(other='x')", 400},
		{"GET", "/groups('a'b')", 400},
		{"PUT", "/groups", 405},
		{"DELETE", "/teams/" + store, 405},
		{"POST", "/groups(uniqueName='store-1')", 405},
		{"GET", "http://graph.test/beta/users", 404},
		{"GET", "http://graph.test/v1.0", 404},
	}
	for _, test := range tests {
		r.want(test.status, test.method, test.path, nil)
	}
	equal(t, "writes", r.tenant.Writes(), 0)
}

func TestQuotesInKeys(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	made := r.want(201, "PATCH", "/groups(uniqueName='o''hara%2Fx')", newGroup("ohara", nil), ifMissing)
	equal(t, "name", made.text("uniqueName"), "o'hara/x")
	equal(t, "id", r.want(200, "GET", "/groups(uniqueName='o''hara%2fx')", nil).text("id"), made.text("id"))
}

func TestRootAndBase(t *testing.T) {
	r := newRig(t, simgraph.Options{Root: "/graph/v1.0", BaseURL: "https://sim.example/", PageSize: 1})
	page := r.want(200, "GET", "http://other.test/graph/v1.0/users?$select=id", nil)
	if next := page.text("@odata.nextLink"); !strings.HasPrefix(next, "https://sim.example/graph/v1.0/users?$select=id&$skiptoken=") {
		t.Errorf("nextLink %q", next)
	}
	equal(t, "users", len(r.all("https://sim.example/graph/v1.0/users")), 5)
	r.want(404, "GET", "http://other.test/v1.0/users", nil)
}

func TestBodies(t *testing.T) {
	pack := func(text string) string {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write([]byte(text))
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return packed.String()
	}
	const body = `{"displayName":"Packed"}`
	tests := []struct {
		name, body string
		header     header
		status     int
	}{
		{"plain", body, nil, 204},
		{"gzip", pack(body), header{"Content-Encoding": "gzip"}, 204},
		{"identity", body, header{"Content-Encoding": "identity"}, 204},
		{"said to be gzip", body, header{"Content-Encoding": "gzip"}, 400},
		{"cut off gzip", pack(body)[:20], header{"Content-Encoding": "gzip"}, 400},
		{"another encoding", body, header{"Content-Encoding": "br"}, 415},
		{"another type", body, header{"Content-Type": "text/plain"}, 415},
		{"with charset", body, header{"Content-Type": "application/json; charset=utf-8"}, 204},
		{"an array", `[]`, nil, 400},
		{"null", `null`, nil, 400},
		{"two values", body + body, nil, 400},
		{"empty", ``, nil, 400},
		{"too large", pack(strings.Repeat(" ", 5<<20)), header{"Content-Encoding": "gzip"}, 413},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{})
			r.want(test.status, "PATCH", "/groups/"+store, test.body, test.header)
			equal(t, "changed", r.state(store).Name == "Packed", test.status == 204)
		})
	}
}

func TestRecordAndCounts(t *testing.T) {
	var seen []simgraph.Exchange
	r := newRig(t, simgraph.Options{Record: func(e simgraph.Exchange) { seen = append(seen, e) }})
	r.want(200, "GET", "/users?$select=id", nil)
	r.want(204, "PATCH", "/groups/"+store, `{"displayName":"x"}`)
	r.want(200, "POST", "/$batch", map[string]any{"requests": []any{
		map[string]any{"id": "1", "method": "GET", "url": "/users/" + anna},
	}})
	r.want(400, "GET", "/nothing", nil)
	var lines []string
	for _, e := range seen {
		lines = append(lines, fmt.Sprint(e.Method, " ", e.URL, " ", e.Status))
	}
	equal(t, "recorded", lines, []string{
		"GET /v1.0/users?$select=id 200", "PATCH /v1.0/groups/" + store + " 204",
		"GET /v1.0/users/" + anna + " 200", "POST /v1.0/$batch 200", "GET /v1.0/nothing 400",
	})
	equal(t, "body", string(seen[1].Body), `{"displayName":"x"}`)
	equal(t, "counts", r.tenant.Requests(), map[string]int{
		"GET /users": 1, "PATCH /groups/{group}": 1, "POST /$batch": 1, "GET /users/{user}": 1, "GET unknown": 1,
	})
	equal(t, "writes", r.tenant.Writes(), 1)
}

// watchedWriter tells whether an answer has begun.
type watchedWriter struct {
	http.ResponseWriter
	begun bool
}

func (w *watchedWriter) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func TestOnWriteSeesTheEffectBeforeTheAnswer(t *testing.T) {
	type moment struct {
		Seq      int
		Phase    simgraph.Phase
		Path     string
		Name     string
		Answered bool
	}
	var moments []moment
	var r *rig
	writer := &watchedWriter{ResponseWriter: httptest.NewRecorder()}
	r = newRig(t, simgraph.Options{OnWrite: func(seq int, phase simgraph.Phase, req *http.Request) {
		moments = append(moments, moment{seq, phase, req.URL.Path, r.state(store).Name, writer.begun})
	}})
	request := httptest.NewRequestWithContext(t.Context(), "PATCH", root+"/groups/"+store, strings.NewReader(`{"displayName":"New"}`))
	request.Header.Set("Authorization", "Bearer x")
	request.Header.Set("Content-Type", "application/json")
	r.tenant.ServeHTTP(writer, request)
	equal(t, "answered in the end", writer.begun, true)
	path := "/v1.0/groups/" + store
	equal(t, "moments", moments, []moment{
		{1, simgraph.Before, path, "Store 1", false}, {1, simgraph.After, path, "New", false},
	})
	r.want(400, "PATCH", "/groups/"+store, map[string]any{"mail": "x"})
	r.want(200, "GET", "/groups/"+store, nil)
	r.want(401, "PATCH", "/groups/"+store, map[string]any{"displayName": "x"}, header{"Authorization": ""})
	equal(t, "a refused write counts", []int{len(moments), moments[3].Seq, r.tenant.Writes()}, []int{4, 2, 2})
}
