package graph_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

func TestNewWantsItsParts(t *testing.T) {
	base, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := graph.New(nil, base, graph.Options{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no outbound client: %v, want invalid", err)
	}
}

// TestRefusalsThroughTheSDK: what outbound.CheckStatus says reaches the caller
// unbent by what the SDK makes of an answer.
func TestRefusalsThroughTheSDK(t *testing.T) {
	const challenge = `Bearer error="insufficient_claims", claims="e30="`
	tests := map[string]struct {
		resp  func() *http.Response
		want  fault.Kind
		code  string
		sends int
	}{
		"refused":      {func() *http.Response { return refusal(403, "Forbidden", "request-id", "r-1") }, fault.Denied, "Forbidden", 1},
		"empty code":   {func() *http.Response { return refusal(403, "") }, fault.Denied, "", 1},
		"without body": {func() *http.Response { return answer(405, "") }, fault.Invalid, "", 1},
		"a gateway's page": {func() *http.Response {
			return answer(502, "<html>", "Content-Type", "text/html")
		}, fault.Unavailable, "", 6},
		"a token to be had elsewhere": {func() *http.Response {
			return refusal(401, "InvalidAuthenticationToken", "WWW-Authenticate", challenge)
		}, fault.Denied, "InvalidAuthenticationToken", 1},
		"a malformed challenge": {func() *http.Response {
			return refusal(401, "x", "WWW-Authenticate", "Bearer claims=e30")
		}, fault.Denied, "x", 1},
		"redirected":         {func() *http.Response { return answer(302, "", "Location", "http://evil.example/") }, fault.Invalid, "", 1},
		"redirected nowhere": {func() *http.Response { return answer(301, "") }, fault.Invalid, "", 1},
		"throttled to the end": {func() *http.Response {
			return refusal(429, "TooManyRequests", "Retry-After", "1")
		}, fault.Throttled, "TooManyRequests", 6},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sends := 0
				c := newClient(t, func(r *http.Request, _ string) *http.Response {
					sends++
					if r.URL.Host != "127.0.0.1:8080" {
						t.Errorf("went to %s", r.URL.Host)
					}
					return test.resp()
				})
				err := c.Rename(t.Context(), "g1", "x")
				var status *outbound.StatusError
				if !fault.Is(err, test.want) || !errors.As(err, &status) || status.Code != test.code {
					t.Fatalf("error %v of kind %v, want %v with code %q", err, fault.KindOf(err), test.want, test.code)
				}
				if sends != test.sends {
					t.Errorf("sent %d times, want %d", sends, test.sends)
				}
				for _, leak := range []string{"Secret", root} {
					if strings.Contains(err.Error(), leak) {
						t.Errorf("the error says too much: %v", err)
					}
				}
			})
		})
	}
}

func TestAnswersTheSDKCannotRead(t *testing.T) {
	for name, resp := range map[string]*http.Response{
		"cut off":   answer(200, `{"id":"g`),
		"no JSON":   answer(200, `<html>`, "Content-Type", "text/html"),
		"no object": answer(200, `[1]`),
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, func(*http.Request, string) *http.Response { return resp })
			if _, err := c.GroupByMarker(t.Context(), "m"); !fault.Is(err, fault.Unavailable) {
				t.Errorf("error %v of kind %v, want unavailable", err, fault.KindOf(err))
			}
		})
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newClient(t, one(200, `{}`))
	if err := c.Rename(ctx, "g1", "x"); !fault.Is(err, fault.Canceled) {
		t.Errorf("SDK: %v, want canceled", err)
	}
	if _, err := c.TeamMembers(ctx, "g1"); !fault.Is(err, fault.Canceled) {
		t.Errorf("raw: %v, want canceled", err)
	}
}

func TestCanceledWhileABatchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := newClient(t, inBatches(t, func(string) (int, string, string) {
			cancel()
			return 429, "null", `{"Retry-After":"100"}`
		}))
		if _, _, err := c.Groups(ctx, []org.TeamID{"g"}); !fault.Is(err, fault.Canceled) {
			t.Errorf("error %v, want canceled", err)
		}
	})
}
