package outbound_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// probe sends a request the way probes do.
func probe(t *testing.T, c *outbound.Client) error {
	t.Helper()
	ctx, cancel := outbound.Probing(t.Context())
	defer cancel()
	req, err := c.NewRequest(ctx, http.MethodGet, "a")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return outbound.CheckStatus("test", resp)
}

func TestProbingGivesUpEarly(t *testing.T) {
	tests := map[string]struct {
		serve func(tries int) *http.Response
		want  fault.Kind
		tries int
	}{
		"keeps failing":      {func(int) *http.Response { return answer(503, "") }, fault.Unavailable, 2},
		"is not reached":     {func(int) *http.Response { return nil }, fault.Unavailable, 2},
		"asks for a minute":  {func(int) *http.Response { return answer(429, "", "Retry-After", "60") }, fault.Throttled, 1},
		"asks for a second":  {func(int) *http.Response { return answer(429, "", "Retry-After", "1") }, fault.Throttled, 2},
		"is there the other": {func(tries int) *http.Response { return answer(map[int]int{1: 503, 2: 404}[tries], "") }, fault.NotFound, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				c := newClient(t, func(*http.Request) *http.Response {
					tries++
					return test.serve(tries)
				})
				if err := probe(t, c); !fault.Is(err, test.want) {
					t.Errorf("error %v of kind %v, want %v", err, fault.KindOf(err), test.want)
				}
				if tries != test.tries || c.Counts()["GET"] != test.tries {
					t.Errorf("tried %d times, counted %d, want %d", tries, c.Counts()["GET"], test.tries)
				}
			})
		})
	}
}

// TestProbingWaitsHalfAMinute: for a server that accepts and says nothing, and
// for a gate that is shut.
func TestProbingWaitsHalfAMinute(t *testing.T) {
	tests := map[string]roundTrip{
		"a silent server": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"a gate that is shut": func(*http.Request) (*http.Response, error) {
			return answer(503, "", "Retry-After", "300"), nil
		},
	}
	for name, serve := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClientOver(t, serve)
				began := time.Now()
				for range 2 {
					if err := probe(t, c); !fault.Is(err, fault.Unavailable) {
						t.Errorf("error %v, want Unavailable", err)
					}
				}
				if took := time.Since(began); took > time.Minute { // of the bubble's clock
					t.Errorf("two calls took %v", took)
				}
			})
		})
	}
}

func TestProbingEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	probing, done := outbound.Probing(ctx)
	defer done()
	c := newClient(t, func(*http.Request) *http.Response { return answer(200, "") })
	req, err := c.NewRequest(probing, http.MethodGet, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(req); !fault.Is(err, fault.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
}

func TestAhead(t *testing.T) {
	tests := map[string]struct {
		late time.Duration // how far into a second it is asked
		date time.Duration // what the server's clock shows when it answers, from when it was asked
		took time.Duration // what the answer took
		want time.Duration
	}{
		"agrees":                            {0, 0, 0, 0},
		"agrees within the second":          {0, 900 * time.Millisecond, time.Second, 0},
		"agrees, and took long":             {0, 15 * time.Second, 20 * time.Second, 0},
		"ahead":                             {0, 6 * time.Minute, 0, 6 * time.Minute},
		"behind":                            {0, -6 * time.Minute, 0, -6 * time.Minute},
		"agrees, in the middle of a second": {900 * time.Millisecond, 50 * time.Millisecond, 0, 0},
		"ahead of a slow answer":            {0, 6 * time.Minute, time.Minute, 5 * time.Minute},
		"behind before a slow answer":       {0, -6 * time.Minute, time.Minute, -6 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				<-time.After(test.late) // the bubble begins at a full second
				asked := time.Now()
				date := asked.Add(test.date).UTC().Format(http.TimeFormat)
				<-time.After(test.took)
				ahead, known := outbound.Ahead(answer(200, "", "Date", date), asked)
				if ahead != test.want || !known {
					t.Errorf("ahead %v, known %v; want %v", ahead, known, test.want)
				}
			})
		})
	}
	for name, resp := range map[string]*http.Response{"none": answer(200, ""), "none that can be read": answer(200, "", "Date", "today")} {
		if ahead, known := outbound.Ahead(resp, time.Now()); known || ahead != 0 {
			t.Errorf("%s: ahead %v, known %v", name, ahead, known)
		}
	}
}
