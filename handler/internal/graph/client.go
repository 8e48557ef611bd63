package graph

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	abstractions "github.com/microsoft/kiota-abstractions-go"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

var (
	_ orgsync.Directory   = (*Client)(nil)
	_ orgsync.Provisioner = (*Client)(nil)
	_ orgsync.Teams       = (*Client)(nil)
	_ doctor.Tenant       = (*Client)(nil)
)

// Options are what a Client may be told. The zero value is usable.
type Options struct {
	// TenantID is the tenant that Probe expects to be answered by. Empty: any.
	TenantID string

	// Log gets the few things that are wrong but stop nothing, such as an id
	// that is no GUID. Nil: they go unsaid.
	Log *slog.Logger
}

// Client talks to one tenant's Graph. It is safe for concurrent use. Its errors
// are classified with package fault.
type Client struct {
	out     *outbound.Client
	base    *url.URL
	root    string // base as text, without a slash at its end
	adapter abstractions.RequestAdapter
	tenant  string
	log     *slog.Logger
}

// New returns a client that sends through out. The base address, such as
// https://graph.microsoft.com/v1.0, must be the one out was made with.
func New(out *outbound.Client, base *url.URL, o Options) (*Client, error) {
	const op = "graph: new client"
	if out == nil || base == nil {
		return nil, fault.Newf(fault.Invalid, op, "an outbound client and a base address are needed")
	}
	root := strings.TrimRight(base.String(), "/")
	adapter, err := newAdapter(out.RoundTripper(), root)
	if err != nil {
		return nil, fault.New(fault.Internal, op, err)
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Client{out: out, base: base, root: root, adapter: adapter, tenant: o.TenantID, log: log}, nil
}

// link makes the absolute address of a thing, as Graph wants it in
// "…@odata.bind" and "@odata.id": the published examples have it under
// https://graph.microsoft.com/v1.0, which is the base address; a national
// cloud's own root stands in its place.
func (c *Client) link(path string) string { return c.root + path }

// send sends a raw request and returns a 2xx answer, its body in memory.
func (c *Client) send(req *policy.Request, op string) (*http.Response, error) {
	resp, err := c.out.Do(req)
	if err != nil {
		return nil, during(op, err)
	}
	if err := outbound.CheckStatus(op, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// call sends a raw request without a body.
func (c *Client) call(ctx context.Context, op, method, ref string) (*http.Response, error) {
	req, err := c.out.NewRequest(ctx, method, ref)
	if err != nil {
		return nil, during(op, err)
	}
	return c.send(req, op)
}

// sendJSON is send with a body.
func (c *Client) sendJSON(req *policy.Request, op string, body []byte) (*http.Response, error) {
	if err := req.SetBody(streaming.NopCloser(bytes.NewReader(body)), "application/json"); err != nil {
		return nil, fault.New(fault.Internal, op, err)
	}
	return c.send(req, op)
}

// during says what was being done when err came up. A classified error keeps
// its kind and loses what net/http and the SDK put around it; what nobody
// classified is an answer that the SDK could not read.
func during(op string, err error) error {
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return fault.New(known.Kind, op, known)
	case errors.Is(err, context.Canceled):
		return fault.New(fault.Canceled, op, err)
	}
	return fault.New(fault.Unavailable, op, err)
}
