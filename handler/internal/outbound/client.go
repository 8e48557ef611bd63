// Package outbound is the one way out to servers that are not ours: Commerce
// and Microsoft Graph. It owns what every call needs whatever it asks for: the
// bearer token, the rule that the token leaves for one host only, patience with
// throttling, the count of calls. It refuses to know what a call means; that is
// the business of packages commerce and graph.
//
// It is azcore's pipeline with policies of our own. Azcore's retry policy
// is the only retry layer: nobody above it repeats a request. Bodies are
// downloaded inside it, so that an answer that breaks in the middle is asked
// for again too.
package outbound

import (
	"context"
	"crypto/tls"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// How patient a Client is. A server that asks for more than longestWait is not
// waited for; the caller gets its 429 or 503 and decides.
const (
	retries     = 5
	firstDelay  = time.Second
	longestWait = 5 * time.Minute
	tryTimeout  = 2 * time.Minute // Commerce takes its time over a page of 10,000 rows
)

// Options say where a Client may go and how.
type Options struct {
	// Name is the product token of the User-Agent's second part, e.g. "graph".
	Name string

	// Base is the address everything is relative to. Requests leave for its
	// scheme, host and port and for no other, whatever a server's links say.
	Base *url.URL

	// Credential gives tokens for Scope. Nil, which only a loopback Base may
	// have, sends the fixed bearer "local".
	Credential azcore.TokenCredential
	Scope      string

	// Label names the class of a request, for Counts. Nil: the method.
	Label func(*http.Request) string

	// Admit is asked before each attempt and may wait, for a rate of our own.
	// Its error ends the call. Nil admits at once.
	Admit func(*http.Request) error

	// Observe is told of each attempt as it is sent, with its class, and its
	// finish of the answer's status, or the error there was instead. The context
	// that comes back is the attempt's. Nil: nobody is told.
	Observe func(ctx context.Context, class string) (_ context.Context, finish func(status int, err error))

	// Transport carries the requests. Nil: a transport of our own.
	Transport http.RoundTripper
}

// Client sends requests to one server. It is safe for concurrent use.
type Client struct {
	base       *url.URL
	pipeline   runtime.Pipeline
	credential azcore.TokenCredential // nil: there are no tokens
	scope      string

	mu     sync.Mutex
	counts map[string]int
}

// New returns a client, or a fault.Invalid if it would send a real token
// unprotected or no token to a real server.
func New(o Options) (*Client, error) {
	const op = "outbound: new client"
	local := Loopback(o.Base)
	switch {
	case o.Base == nil || o.Base.Host == "":
		return nil, fault.Newf(fault.Invalid, op, "a base address is needed")
	case o.Credential == nil && !local:
		return nil, fault.Newf(fault.Invalid, op, "%s is not a loopback address and there is no credential for it", o.Base.Host)
	case o.Base.Scheme != "https" && !local:
		return nil, fault.Newf(fault.Invalid, op, "%s is not a loopback address and needs https", o.Base.Host)
	}
	c := &Client{base: o.Base, credential: o.Credential, scope: o.Scope, counts: map[string]int{}}
	authorize := policy.Policy(localToken{})
	if o.Credential != nil {
		authorize = runtime.NewBearerTokenPolicy(o.Credential, []string{o.Scope}, nil)
	}
	waiting := &gate{}
	transport := o.Transport
	if transport == nil {
		transport = newTransport()
	}
	c.pipeline = runtime.NewPipeline("storeteams-"+o.Name, "v1",
		runtime.PipelineOptions{PerRetry: []policy.Policy{
			ownHost{o.Base},
			waiting, // who waits for the gate has to take their turn again,
			admission{o.Admit},
			waiting, // and it may have shut while they did
			counting{client: c, label: o.Label, observe: o.Observe},
			authorize,
			tryLimit{},
		}},
		&policy.ClientOptions{
			Retry:     Retries(),
			Transport: stayPut(transport),
		})
	return c, nil
}

// Retries returns the patience of every call, for the few that change some of
// it with policy.WithRetryOptions.
func Retries() policy.RetryOptions {
	return policy.RetryOptions{MaxRetries: retries, RetryDelay: firstDelay, MaxRetryDelay: longestWait}
}

// NewRequest returns a request for ref, which is relative to the base address
// ("groups/delta?$select=id") or, as servers' links are, absolute.
func (c *Client) NewRequest(ctx context.Context, method, ref string) (*policy.Request, error) {
	target, err := c.resolve(ref)
	if err != nil {
		return nil, err
	}
	req, err := runtime.NewRequest(ctx, method, target)
	if err != nil {
		return nil, fault.New(fault.Invalid, "outbound: new request", err)
	}
	return req, nil
}

// resolve makes ref absolute. A foreign address is refused here already, where
// the caller can tell which link was wrong; the pipeline would refuse it too.
func (c *Client) resolve(ref string) (string, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return "", fault.New(fault.Invalid, "outbound: read a link", err)
	}
	if !u.IsAbs() && u.Host == "" {
		joined := c.base.JoinPath(u.EscapedPath())
		joined.RawQuery = u.RawQuery
		return joined.String(), nil
	}
	if !sameOrigin(u, c.base) {
		return "", foreign(u, c.base)
	}
	return ref, nil
}

// Do sends a request and returns the answer, its body read to memory, whatever
// its status. The error says the server could not be reached or answered
// nothing usable after all retries, or that the request may not be sent.
func (c *Client) Do(req *policy.Request) (*http.Response, error) {
	resp, err := c.pipeline.Do(req)
	if err != nil {
		return nil, transportFault(req.Raw(), err)
	}
	return resp, nil
}

// RoundTripper returns the pipeline in the shape that SDKs want, who bring no
// retries and no tokens of their own then.
func (c *Client) RoundTripper() http.RoundTripper { return roundTripper{c} }

type roundTripper struct{ client *Client }

// RoundTrip implements http.RoundTripper.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	req, err := runtime.NewRequestFromRequest(r)
	if err != nil {
		return nil, fault.New(fault.Invalid, "outbound: new request", err)
	}
	return t.client.Do(req)
}

// Counts returns how many requests were sent by class, retries included.
func (c *Client) Counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

func newTransport() http.RoundTripper {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 15 * time.Second,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
	}
}
