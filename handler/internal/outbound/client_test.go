package outbound_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// server answers in process, so that synctest's clock can run ahead.
type server func(*http.Request) *http.Response

func (s server) RoundTrip(r *http.Request) (*http.Response, error) {
	if resp := s(r); resp != nil {
		resp.Request = r
		return resp, nil
	}
	return nil, errors.New("connection reset")
}

func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// roundTrip is a transport that may fail in its own way.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func newClient(t *testing.T, s server) *outbound.Client {
	t.Helper()
	return newClientOver(t, s)
}

func newClientOver(t *testing.T, s http.RoundTripper) *outbound.Client {
	t.Helper()
	base, err := url.Parse("http://127.0.0.1:8080/data")
	if err != nil {
		t.Fatal(err)
	}
	c, err := outbound.New(outbound.Options{Name: "test", Base: base, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func get(t *testing.T, c *outbound.Client, ref string) (*http.Response, error) {
	t.Helper()
	req, err := c.NewRequest(t.Context(), http.MethodGet, ref)
	if err != nil {
		return nil, err
	}
	return c.Do(req)
}

func TestTokenStaysWithItsHost(t *testing.T) {
	visited := map[string]bool{}
	c := newClient(t, func(r *http.Request) *http.Response {
		visited[r.URL.Host] = true
		return answer(200, "{}")
	})
	own := []string{"Workers?$select=x", "http://127.0.0.1:8080/data/Workers?$skiptoken=2", "HTTP://127.0.0.1:8080/other"}
	for _, link := range own {
		if _, err := get(t, c, link); err != nil {
			t.Errorf("%s: %v", link, err)
		}
	}
	foreign := []string{
		"http://127.0.0.1:8081/data/Workers", "https://127.0.0.1:8080/data", "http://evil.example/data",
		"http://127.0.0.1:8080@evil.example/", "//evil.example/data", "http://127.0.0.1.evil.example:8080/",
	}
	for _, link := range foreign {
		if _, err := get(t, c, link); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: error %v, want Denied", link, err)
		}
		// Packages that build their own requests meet the pipeline's rule.
		u, err := url.Parse(link)
		if err != nil || u.Scheme == "" {
			continue
		}
		req := (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}).WithContext(t.Context())
		if _, err := c.RoundTripper().RoundTrip(req); !fault.Is(err, fault.Denied) {
			t.Errorf("round trip to %s: error %v, want Denied", link, err)
		}
	}
	if len(visited) != 1 {
		t.Errorf("requests went to %v", visited)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	c := newClient(t, func(r *http.Request) *http.Response {
		if r.URL.Path != "/data/a" {
			t.Errorf("followed to %s", r.URL)
		}
		return answer(302, "", "Location", "http://127.0.0.1:8080/data/b")
	})
	resp, err := get(t, c, "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := outbound.CheckStatus("test", resp); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v, want Invalid", err)
	}
}

func TestRetryWaitsAsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		c := newClient(t, func(*http.Request) *http.Response {
			at = append(at, time.Since(start))
			if len(at) < 3 {
				return answer(429, "", "Retry-After", "17")
			}
			return answer(200, "ok")
		})
		resp, err := get(t, c, "a")
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("got %v, %v", resp, err)
		}
		if at[1] < 17*time.Second || at[2] < 34*time.Second {
			t.Errorf("tried at %v, told to wait 17s each time", at)
		}
		if n := c.Counts()["GET"]; n != 3 {
			t.Errorf("counted %d requests, sent 3", n)
		}
	})
}

func TestThrottlingHoldsEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		first := true
		var early []string
		c := newClient(t, func(r *http.Request) *http.Response {
			if first {
				first = false
				return answer(429, "", "Retry-After", "30")
			}
			if time.Since(start) < 30*time.Second {
				early = append(early, r.URL.Path)
			}
			return answer(200, "ok")
		})
		done := make(chan error)
		go func() { _, err := get(t, c, "a"); done <- err }()
		synctest.Wait() // the first request has been refused, its retry is waiting
		go func() { _, err := get(t, c, "b"); done <- err }()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if len(early) > 0 {
			t.Errorf("sent while throttled: %v", early)
		}
	})
}

func TestGivesUp(t *testing.T) {
	cases := map[string]struct {
		serve server
		want  fault.Kind
	}{
		"never answers":     {func(*http.Request) *http.Response { return nil }, fault.Unavailable},
		"keeps failing":     {func(*http.Request) *http.Response { return answer(503, "") }, fault.Unavailable},
		"keeps throttling":  {func(*http.Request) *http.Response { return answer(429, "", "Retry-After", "1") }, fault.Throttled},
		"asks for an hour":  {func(*http.Request) *http.Response { return answer(429, "", "Retry-After", "3600") }, fault.Throttled},
		"is not authorized": {func(*http.Request) *http.Response { return answer(403, `{"error":{"code":"x"}}`) }, fault.Denied},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				resp, err := get(t, newClient(t, c.serve), "a")
				if err == nil {
					err = outbound.CheckStatus("test", resp)
				}
				if !fault.Is(err, c.want) {
					t.Errorf("error %v of kind %v, want %v", err, fault.KindOf(err), c.want)
				}
			})
		})
	}
}

func TestWaitingForAdmissionIsNotTheServersTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, _ := url.Parse("http://127.0.0.1")
		c, err := outbound.New(outbound.Options{
			Name: "test", Base: base,
			Admit: func(r *http.Request) error {
				select {
				case <-time.After(time.Hour):
					return nil
				case <-r.Context().Done():
					return r.Context().Err()
				}
			},
			Transport: server(func(*http.Request) *http.Response { return answer(200, "ok") }),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := get(t, c, "a"); err != nil {
			t.Errorf("a request that waited its turn for an hour: %v", err)
		}
	})
}

func TestSilentServerIsGivenUpOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClientOver(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done() // accepts, and says nothing
			return nil, r.Context().Err()
		}))
		if _, err := get(t, c, "a"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("error %v, want Unavailable", err)
		}
	})
}

func TestErrorKeepsTheLinkToItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, func(*http.Request) *http.Response { return nil })
		if _, err := get(t, c, "Workers?$skiptoken=000123"); err == nil || strings.Contains(err.Error(), "000123") {
			t.Errorf("error %v quotes the link's query", err)
		}
	})
}

func TestBodyThatBreaksIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c := newClient(t, func(*http.Request) *http.Response {
			tries++
			resp := answer(200, `{"value":[1,2,3]}`)
			if tries == 1 {
				resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"value":[1,`), brokenReader{}))
			}
			return resp
		})
		resp, err := get(t, c, "a")
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != `{"value":[1,2,3]}` {
			t.Errorf("body %q, %v", body, err)
		}
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestStatusErrorTellsCodeNotText(t *testing.T) {
	body := `{"error":{"code":"Request_BadRequest","message":"user jane.doe@example.com is odd",
		"innererror":{"date":"2026-01-01","innerError":{"code":"resyncRequired"}}}}`
	err := outbound.CheckStatus("graph: add", answer(400, body, "request-id", "r-1"))
	var status *outbound.StatusError
	if !errors.As(err, &status) || status.Status != 400 || status.Code != "Request_BadRequest" || status.InnerCode != "resyncRequired" || status.RequestID != "r-1" {
		t.Fatalf("got %#v", err)
	}
	if strings.Contains(err.Error(), "jane") {
		t.Errorf("the server's text got into the error: %v", err)
	}
}

func TestAdmissionEndsTheCall(t *testing.T) {
	base, _ := url.Parse("http://localhost:1")
	refusal := fault.New(fault.Unavailable, "test", errors.New("no time left"))
	c, err := outbound.New(outbound.Options{
		Name: "test", Base: base,
		Admit: func(*http.Request) error { return refusal },
		Transport: server(func(*http.Request) *http.Response {
			t.Error("sent although not admitted")
			return answer(200, "")
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, c, "a"); !errors.Is(err, refusal) {
		t.Errorf("error %v, want the refusal", err)
	}
}

func TestNewRefusesUnsafeAddresses(t *testing.T) {
	for _, address := range []string{"https://graph.microsoft.com/v1.0", "http://graph.microsoft.com", "http://10.0.0.1", ""} {
		base, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := outbound.New(outbound.Options{Base: base}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q without a credential: error %v, want Invalid", address, err)
		}
	}
}
