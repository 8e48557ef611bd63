package commerce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

const root = "http://127.0.0.1:8080"

// environment answers in process for one of F&O: it serves rows that are given
// as JSON, in pages, and refuses what F&O refuses. Tests fill it before its
// first request.
type environment struct {
	documented map[string][]string // attributes by collection
	rows       map[string][]string
	pageSize   int

	// intercept may answer in the environment's place. It is called for one
	// request at a time.
	intercept func(*http.Request) *http.Response

	mu       sync.Mutex
	requests []*http.Request
}

// newEnvironment returns an environment with every collection, all of them empty.
func newEnvironment(t testing.TB) *environment {
	t.Helper()
	data, err := os.ReadFile("testdata/attributes.json")
	if err != nil {
		t.Fatal(err)
	}
	e := &environment{rows: map[string][]string{}, pageSize: 10_000}
	if err := json.Unmarshal(data, &e.documented); err != nil {
		t.Fatal(err)
	}
	for name := range e.documented {
		e.rows[name] = nil
	}
	return e
}

// RoundTrip implements http.RoundTripper.
func (e *environment) RoundTrip(r *http.Request) (*http.Response, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, r)
	var resp *http.Response
	if e.intercept != nil {
		resp = e.intercept(r)
	}
	if resp == nil {
		resp = e.serve(r)
	}
	resp.Request = r
	return resp, nil
}

func (e *environment) serve(r *http.Request) *http.Response {
	name, query := path.Base(r.URL.Path), r.URL.Query()
	rows, published := e.rows[name]
	if !published || r.URL.Path != "/data/"+name {
		return answer(http.StatusNotFound, `{"error":{"code":"","message":"No HTTP resource was found"}}`)
	}
	for _, attribute := range strings.Split(query.Get("$select"), ",") {
		if query.Has("$select") && !slices.Contains(e.documented[name], attribute) {
			return answer(http.StatusBadRequest, `{"error":{"code":"","message":"Could not find a property"}}`)
		}
	}
	if query.Get("cross-company") != "true" {
		return answer(http.StatusOK, `{"value":[]}`)
	}
	from, _ := strconv.Atoi(query.Get("$skiptoken"))
	to := min(from+e.pageSize, len(rows))
	link := ""
	if to < len(rows) {
		first, _, _ := strings.Cut(r.URL.RawQuery, "&$skiptoken")
		link = fmt.Sprintf(`,"@odata.nextLink":"%s%s?%s&$skiptoken=%d"`, root, r.URL.Path, first, to)
	}
	return answer(http.StatusOK, fmt.Sprintf(`{"@odata.context":"%s/data/$metadata#%s","value":[%s]%s}`,
		root, name, strings.Join(rows[from:to], ","), link))
}

// collections returns the default names, sorted.
func (e *environment) collections() []string { return slices.Sorted(maps.Keys(e.documented)) }

func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader([]byte(body)))}
}

// newClient returns a client of the environment that transport leads to.
func newClient(t testing.TB, transport http.RoundTripper, o commerce.Options) *commerce.Client {
	t.Helper()
	base, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	client, err := outbound.New(outbound.Options{Name: "commerce", Base: base, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return commerce.New(client, o)
}

// read returns the snapshot of an environment that must be readable.
func read(t testing.TB, e *environment) org.Snapshot {
	t.Helper()
	s, err := newClient(t, e, commerce.Options{}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readServer reads a server on this machine, over the wire.
func readServer(t *testing.T, address string) org.Snapshot {
	t.Helper()
	s, err := serverClient(t, address).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serverClient returns a client of a server on this machine.
func serverClient(t *testing.T, address string) *commerce.Client {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	client, err := outbound.New(outbound.Options{Name: "commerce", Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return commerce.New(client, commerce.Options{})
}
