package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/batch"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

const root = "http://127.0.0.1:8080/v1.0"

// transport answers in process, so that synctest's clock can run ahead.
type transport func(r *http.Request, body string) *http.Response

// RoundTrip implements http.RoundTripper.
func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	resp := f(r, string(body))
	if resp == nil {
		return nil, errors.New("connection reset")
	}
	resp.Request = r
	return resp, nil
}

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}
}

func refusal(code string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":"Ms. Secret <secret@contoso.com> is not welcome."}}`, code)
}

func newOut(t *testing.T, f transport) *outbound.Client {
	t.Helper()
	base, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	out, err := outbound.New(outbound.Options{Name: "graph", Base: base, Transport: f})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// items serves a $batch item by item, in a random order. The serving function
// returns a status, a body and headers as JSON text.
func items(t *testing.T, serve func(url string) (status int, body, headers string)) transport {
	return func(r *http.Request, body string) *http.Response {
		var asked struct {
			Requests []struct{ ID, Method, URL string }
		}
		if err := json.Unmarshal([]byte(body), &asked); err != nil {
			t.Errorf("the batch is no JSON: %v", err)
		}
		if n := len(asked.Requests); n == 0 || n > batch.Limit || r.URL.Path != "/v1.0/$batch" || r.Method != http.MethodPost {
			t.Errorf("%s %s with %d requests", r.Method, r.URL, n)
		}
		answers := make([]string, len(asked.Requests))
		for i, request := range asked.Requests {
			if request.Method != http.MethodGet {
				t.Errorf("an item is a %s", request.Method)
			}
			status, text, headers := serve(request.URL)
			answers[i] = fmt.Sprintf(`{"id":%q,"status":%d,"headers":%s,"body":%s}`, request.ID, status, headers, text)
		}
		rand.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
		return answer(200, `{"responses":[`+strings.Join(answers, ",")+`]}`)
	}
}

func ok(url string) (int, string, string) { return 200, strconv.Quote(url), "{}" }

func addresses(n int) []string {
	urls := make([]string, n)
	for i := range urls {
		urls[i] = fmt.Sprintf("/things/%d?$select=id", i)
	}
	return urls
}

func TestGetAnswersInOrder(t *testing.T) {
	for _, n := range []int{0, 1, batch.Limit} {
		got, err := batch.Get(t.Context(), newOut(t, items(t, ok)), "test", addresses(n))
		if err != nil || len(got) != n {
			t.Fatalf("%d answers, %v; want %d", len(got), err, n)
		}
		for i, url := range addresses(n) {
			if got[i].Status != 200 || string(got[i].Body) != strconv.Quote(url) {
				t.Errorf("answer %d is %d %s, want that to %s", i, got[i].Status, got[i].Body, url)
			}
		}
	}
}

func TestThrottledItemsAreAskedForAgain(t *testing.T) {
	tests := map[string]struct {
		status  int
		headers string
		times   int
		least   time.Duration
		want    fault.Kind // when they never stop
	}{
		"as told":              {429, `{"Retry-After":"7"}`, 2, 14 * time.Second, fault.Throttled},
		"header in lower case": {429, `{"retry-after":"7"}`, 1, 7 * time.Second, fault.Throttled},
		"a number":             {503, `{"Retry-After":7}`, 1, 7 * time.Second, fault.Unavailable},
		"until a date":         {503, `{"Retry-After":"Sat, 01 Jan 2000 00:00:30 GMT"}`, 1, 30 * time.Second, fault.Unavailable},
		"without saying when":  {504, `{}`, 3, 3 * time.Second, fault.Unavailable},
		"nonsense":             {429, `{"Retry-After":"soon"}`, 1, time.Second / 2, fault.Throttled},
		"in the past":          {429, `{"Retry-After":"-5"}`, 1, time.Second / 2, fault.Throttled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				left, others := test.times, 0
				out := newOut(t, items(t, func(url string) (int, string, string) {
					switch {
					case url != "/things/1?$select=id":
						others++
					case left > 0:
						left--
						return test.status, refusal("TooManyRequests"), test.headers
					}
					return ok(url)
				}))
				begin := time.Now()
				got, err := batch.Get(t.Context(), out, "test", addresses(3))
				if err != nil || got[0].Status != 200 || got[1].Status != 200 || got[2].Status != 200 || others != 2 {
					t.Fatalf("got %v, %v, others asked for %d times", got, err, others)
				}
				if took := time.Since(begin); took < test.least {
					t.Errorf("asked again after %v, want at least %v", took, test.least)
				}
				left = 1000
				got, err = batch.Get(t.Context(), out, "test", addresses(3))
				if err != nil || got[0].Status != 200 || !fault.Is(got[1].Fault("test"), test.want) {
					t.Errorf("throttled for ever: %v, %v; want %v", got, err, test.want)
				}
				if asked := 1000 - left; asked < 2 || asked > 10 {
					t.Errorf("asked %d times, want a few", asked)
				}
			})
		})
	}
}

func TestAVeryLongWaitIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newOut(t, items(t, func(string) (int, string, string) {
			return 429, refusal("TooManyRequests"), `{"Retry-After":"86400"}`
		}))
		begin := time.Now()
		got, err := batch.Get(t.Context(), out, "test", addresses(1))
		if err != nil || !fault.Is(got[0].Fault("test"), fault.Throttled) {
			t.Errorf("got %v, %v, want throttled", got, err)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("waited %v", took)
		}
	})
}

func TestAContextThatEndsWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newOut(t, items(t, func(string) (int, string, string) {
			return 429, refusal("TooManyRequests"), `{"Retry-After":"60"}`
		}))
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := batch.Get(late, out, "test", addresses(1)); !fault.Is(err, fault.Unavailable) {
			t.Errorf("too late: %v, want unavailable", err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := batch.Get(canceled, out, "test", addresses(1)); !fault.Is(err, fault.Canceled) {
			t.Errorf("canceled: %v, want canceled", err)
		}
	})
}

func TestGetErrors(t *testing.T) {
	tests := map[string]struct {
		serve transport
		want  fault.Kind
	}{
		"no JSON":             {func(*http.Request, string) *http.Response { return answer(200, `<html>`) }, fault.Incomplete},
		"half an answer":      {func(*http.Request, string) *http.Response { return answer(200, `{"responses":[{"id":"0"`) }, fault.Incomplete},
		"refused as a whole":  {func(*http.Request, string) *http.Response { return answer(400, refusal("BadRequest")) }, fault.Invalid},
		"denied":              {func(*http.Request, string) *http.Response { return answer(403, refusal("x")) }, fault.Denied},
		"nobody there at all": {func(*http.Request, string) *http.Response { return nil }, fault.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := batch.Get(t.Context(), newOut(t, test.serve), "test", addresses(2))
				if !fault.Is(err, test.want) || got != nil {
					t.Errorf("got %v, %v, want %v", got, err, test.want)
				}
			})
		})
	}
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		item string
		want fault.Kind
		code string
	}{
		"gone":            {`{"id":"0","status":404,"body":` + refusal("NotFound") + `}`, fault.NotFound, "NotFound"},
		"denied silently": {`{"id":"0","status":403,"headers":{"REQUEST-ID":"r-1"},"body":` + refusal("") + `}`, fault.Denied, ""},
		"denied in HTML":  {`{"id":"0","status":403,"body":"PGh0bWw+"}`, fault.Denied, ""},
		"no content":      {`{"id":"0","status":204}`, fault.Incomplete, ""},
		"left out":        {`{"id":"1","status":200}`, fault.Incomplete, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out := newOut(t, func(*http.Request, string) *http.Response { return answer(200, `{"responses":[`+test.item+`]}`) })
			got, err := batch.Get(t.Context(), out, "test", addresses(1))
			if err != nil {
				t.Fatal(err)
			}
			err = got[0].Fault("test")
			var status *outbound.StatusError
			if errors.As(err, &status) && (status.Code != test.code || strings.Contains(test.item, "r-1") && status.RequestID != "r-1") {
				t.Errorf("%+v, want the code %q", status, test.code)
			}
			if !fault.Is(err, test.want) || strings.Contains(err.Error(), "Secret") {
				t.Errorf("%v, want %v and no text of the server's", err, test.want)
			}
		})
	}
}

func TestProbe(t *testing.T) {
	out := newOut(t, items(t, ok))
	resp, err := batch.Probe(t.Context(), out, "/things")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := batch.Answered(resp.Body); err != nil || got.Status != 200 || string(got.Body) != `"/things"` {
		t.Errorf("answered %+v, %v", got, err)
	}
	if got, err := batch.Answered(strings.NewReader(`{"responses":[]}`)); err != nil || got.Status != 0 {
		t.Errorf("nothing answered: %+v, %v", got, err)
	}
	if _, err := batch.Answered(strings.NewReader(`<html>`)); err == nil {
		t.Error("HTML is an answer")
	}
}
