package outbound

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Loopback reports whether u points at this machine: 127.0.0.0/8, ::1 or
// "localhost".
func Loopback(u *url.URL) bool {
	if u == nil {
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && addr.IsLoopback()
}

// ownHost lets a request pass only to the base address's scheme, host and port:
// it stands before the policy that attaches the token.
type ownHost struct{ base *url.URL }

// Do implements policy.Policy.
func (p ownHost) Do(req *policy.Request) (*http.Response, error) {
	if !sameOrigin(req.Raw().URL, p.base) {
		return nil, final{foreign(req.Raw().URL, p.base)}
	}
	return req.Next()
}

func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "http"):
		return "80"
	}
	return "443"
}

func foreign(u, base *url.URL) error {
	return fault.Newf(fault.Denied, "outbound: follow a link",
		"the link leads to %s://%s, and only %s://%s is ours to talk to", u.Scheme, u.Host, base.Scheme, base.Host)
}

// gate makes everybody wait when the server asked anybody to: requests sent
// while throttled still count against the limit (Graph throttling guidance).
type gate struct {
	mu   sync.Mutex
	open time.Time
}

// Do implements policy.Policy.
func (g *gate) Do(req *policy.Request) (*http.Response, error) {
	g.mu.Lock()
	wait := time.Until(g.open)
	g.mu.Unlock()
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-req.Raw().Context().Done():
			return nil, req.Raw().Context().Err()
		}
	}
	resp, err := req.Next()
	if err == nil && (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) {
		g.shut(resp.Header.Get("Retry-After"))
	}
	return resp, err
}

// shut closes the gate for as long as the server asked, in seconds or until a date.
func (g *gate) shut(retryAfter string) {
	until, err := http.ParseTime(retryAfter)
	if err != nil {
		seconds, err := strconv.Atoi(retryAfter)
		if err != nil {
			return
		}
		until = time.Now().Add(time.Duration(seconds) * time.Second)
	}
	if limit := time.Now().Add(longestWait); until.After(limit) {
		until = limit
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if until.After(g.open) {
		g.open = until
	}
}

// admission applies the caller's own rate to every attempt.
type admission struct{ admit func(*http.Request) error }

// Do implements policy.Policy.
func (a admission) Do(req *policy.Request) (*http.Response, error) {
	if a.admit != nil {
		if err := a.admit(req.Raw()); err != nil {
			return nil, final{err}
		}
	}
	return req.Next()
}

// tryLimit bounds one attempt, from sending to the last byte of the answer. It
// stands behind the policies that wait, whose time is not the server's.
type tryLimit struct{}

// Do implements policy.Policy.
func (tryLimit) Do(req *policy.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Raw().Context(), tryTimeout)
	defer cancel()
	return req.Clone(ctx).Next()
}

// counting counts attempts by class, and tells of them.
type counting struct {
	client  *Client
	label   func(*http.Request) string
	observe func(context.Context, string) (context.Context, func(int, error))
}

// Do implements policy.Policy.
func (p counting) Do(req *policy.Request) (*http.Response, error) {
	class := req.Raw().Method
	if p.label != nil {
		class = p.label(req.Raw())
	}
	p.client.mu.Lock()
	p.client.counts[class]++
	p.client.mu.Unlock()
	if p.observe == nil {
		return req.Next()
	}
	ctx, finish := p.observe(req.Raw().Context(), class)
	resp, err := req.Clone(ctx).Next()
	if err != nil {
		finish(0, transportFault(req.Raw(), err))
		return resp, err
	}
	finish(resp.StatusCode, nil)
	return resp, nil
}

// localToken sends the bearer that the local environment's servers expect.
type localToken struct{}

// Do implements policy.Policy.
func (localToken) Do(req *policy.Request) (*http.Response, error) {
	req.Raw().Header.Set("Authorization", "Bearer local")
	return req.Next()
}

// stayPut carries requests without following redirects: a redirect is a link
// like any other, and no endpoint we use has one.
func stayPut(t http.RoundTripper) policy.Transporter {
	return &http.Client{
		Transport:     bounded{t},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// maxBody bounds an answer. The largest we ask for, a page of 10,000 rows, has a
// few megabytes.
const maxBody = 256 << 20

// bounded makes reading an answer that has no end an error.
type bounded struct{ transport http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.transport.RoundTrip(r)
	if err == nil && resp.Body != nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxBody)
	}
	return resp, err
}

// final marks an error that azcore's retry policy must not retry: it looks for
// the method.
type final struct{ error }

// NonRetriable implements azcore's marker.
func (final) NonRetriable() {}

// Unwrap returns the cause.
func (f final) Unwrap() error { return f.error }
