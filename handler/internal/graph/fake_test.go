package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

const root = "http://127.0.0.1:8080/v1.0"

// server answers in process, so that synctest's clock can run ahead. It gets
// the request and its body; nil drops the connection.
type server func(r *http.Request, body string) *http.Response

// RoundTrip implements http.RoundTripper.
func (s server) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	resp := s(r, string(body))
	if resp == nil {
		return nil, errors.New("connection reset")
	}
	resp.Request = r
	return resp, nil
}

// answer makes a response. Headers come in pairs of name and value.
func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	if body != "" {
		h.Set("Content-Type", "application/json;odata.metadata=minimal")
	}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}
}

// refusal is an error in Graph's shape.
func refusal(status int, code string, header ...string) *http.Response {
	return answer(status, refusalBody(code), header...)
}

func refusalBody(code string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":"Ms. Secret <secret@contoso.com> is not welcome."}}`, code)
}

// newClient returns a client of s, every request of which is checked against
// the published schema.
func newClient(t *testing.T, s server) *graph.Client {
	t.Helper()
	return newLoggingClient(t, s, nil)
}

func newLoggingClient(t *testing.T, s http.RoundTripper, log *slog.Logger) *graph.Client {
	t.Helper()
	return newUncheckedClient(t, checked(t, s), log)
}

func newUncheckedClient(t *testing.T, s http.RoundTripper, log *slog.Logger) *graph.Client {
	t.Helper()
	base, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	out, err := outbound.New(outbound.Options{Name: "graph", Base: base, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	c, err := graph.New(out, base, graph.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask is a request by method and path below the root, its keys and spaces as
// people write them, without the query.
func ask(r *http.Request) string {
	return r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v1.0")
}

// inner is a request of a $batch.
type inner struct {
	ID     string
	Method string
	URL    string
}

// batched answers a $batch, item by item, in a random order. The serving
// function returns a status, a body and headers as JSON text.
func batched(t *testing.T, body string, serve func(url string) (status int, body, headers string)) *http.Response {
	t.Helper()
	var batch struct{ Requests []inner }
	if err := json.Unmarshal([]byte(body), &batch); err != nil {
		t.Errorf("the batch is no JSON: %v", err)
	}
	if n := len(batch.Requests); n == 0 || n > 20 {
		t.Errorf("the batch has %d requests, want 1 to 20", n)
	}
	items := make([]string, len(batch.Requests))
	for i, request := range batch.Requests {
		status, text, headers := serve(request.URL)
		if headers == "" {
			headers = "{}"
		}
		items[i] = fmt.Sprintf(`{"id":%q,"status":%d,"headers":%s,"body":%s}`, request.ID, status, headers, text)
	}
	rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return answer(200, `{"responses":[`+strings.Join(items, ",")+`]}`)
}

// guid is the text of the n-th user's id.
func guid(n int) string { return fmt.Sprintf("abcdef00-0000-4000-8000-%012d", n) }

func user(n int) org.UserID {
	id, err := org.ParseUserID(guid(n))
	if err != nil {
		panic(err)
	}
	return id
}

func member(n int) orgsync.Person { return orgsync.Person{User: user(n), Role: org.Member} }
func owner(n int) orgsync.Person  { return orgsync.Person{User: user(n), Role: org.Owner} }

// lines collects log lines.
type lines struct{ text strings.Builder }

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&l.text, nil)) }

func (l *lines) count() int { return strings.Count(l.text.String(), "\n") }
