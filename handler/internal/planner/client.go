package planner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

var (
	_ tasksync.Side   = (*Client)(nil)
	_ tasksync.Boards = (*Client)(nil)
)

// Options are what a Client may be told. The zero value is usable.
type Options struct {
	// AppID is our app's client id: what it created is ByUs. Empty: what any app
	// created that did not act for a user.
	AppID string
}

// Client talks to one tenant's Planner. It is safe for concurrent use. Its errors
// are classified with package fault; those of a full board have tasksync.ErrFull
// in their chain.
type Client struct {
	out   *outbound.Client
	root  string // the API's address, without a slash at its end
	appID string
}

// New returns a client that sends through out. The base address, such as
// https://graph.microsoft.com/v1.0, must be the one out was made with.
func New(out *outbound.Client, base *url.URL, o Options) *Client {
	return &Client{out: out, root: strings.TrimRight(base.String(), "/"), appID: o.AppID}
}

// Abilities implements tasksync.Side.
func (c *Client) Abilities() tasksync.Abilities {
	return tasksync.Abilities{Writes: task.AllFields(), Creates: true, Deletes: true, OwnsIDs: true, Versions: true}
}

// get reads one thing into an entity.
func (c *Client) get(ctx context.Context, op, ref string, into any) error {
	req, err := c.out.NewRequest(ctx, http.MethodGet, ref)
	if err != nil {
		return fault.New(fault.KindOf(err), op, err)
	}
	_, err = c.send(req, op, into)
	return err
}

// post creates something. A lost answer is not asked for again, since nothing
// would keep Planner from making a second one; a 429 is a refusal and waited for.
func (c *Client) post(ctx context.Context, op, ref string, body, into any) error {
	options := outbound.Retries()
	options.ShouldRetry = func(resp *http.Response, err error) bool {
		return err == nil && resp.StatusCode == http.StatusTooManyRequests
	}
	req, err := c.out.NewRequest(policy.WithRetryOptions(ctx, options), http.MethodPost, ref)
	if err != nil {
		return fault.New(fault.KindOf(err), op, err)
	}
	if err := runtime.MarshalAsJSON(req, body); err != nil {
		return fault.New(fault.Invalid, op, err)
	}
	_, err = c.send(req, op, into)
	return err
}

// patch changes what had that version and reads what it is then, with a second
// request if the answer does not say (204).
func (c *Client) patch(ctx context.Context, op, ref, version string, body, into any) error {
	req, err := c.out.NewRequest(ctx, http.MethodPatch, ref)
	if err != nil {
		return fault.New(fault.KindOf(err), op, err)
	}
	req.Raw().Header.Set("If-Match", version)
	req.Raw().Header.Set("Prefer", "return=representation")
	if err := runtime.MarshalAsJSON(req, body); err != nil {
		return fault.New(fault.Invalid, op, err)
	}
	status, err := c.send(req, op, into)
	if err == nil && status == http.StatusNoContent {
		err = c.get(ctx, op, ref, into)
	}
	return err
}

// remove deletes what had that version. What has gone is fine.
func (c *Client) remove(ctx context.Context, op, ref, version string) error {
	req, err := c.out.NewRequest(ctx, http.MethodDelete, ref)
	if err != nil {
		return fault.New(fault.KindOf(err), op, err)
	}
	req.Raw().Header.Set("If-Match", version)
	_, err = c.send(req, op, nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// entity is something of Planner's that has to have an id or an ETag.
type entity interface{ valid() bool }

// send sends a request and reads the answer into an entity, if both there are.
func (c *Client) send(req *policy.Request, op string, into any) (status int, err error) {
	resp, err := c.out.Do(req) //nolint:bodyclose // in memory since the pipeline
	if err != nil {
		return 0, fault.New(fault.KindOf(err), op, err)
	}
	if err := check(op, resp); err != nil {
		return 0, err
	}
	if into == nil || resp.StatusCode == http.StatusNoContent {
		return resp.StatusCode, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return 0, fault.New(fault.Incomplete, op, err)
	}
	if e, is := into.(entity); is && !e.valid() {
		return 0, fault.Newf(fault.Incomplete, op, "the answer has no id or no ETag")
	}
	return resp.StatusCode, nil
}

// check is outbound.CheckStatus; a limit of the board's has tasksync.ErrFull in
// its error's chain. Other limits, and a 403 without a code, which is how Planner
// says that a permission is missing, are fault.Denied and no more.
func check(op string, resp *http.Response) error {
	err := outbound.CheckStatus(op, resp)
	var status *outbound.StatusError
	if !errors.As(err, &status) || status.Status != http.StatusForbidden {
		return err
	}
	limits := []string{"MaximumActiveTasksInProject", "MaximumTasksInProject", "MaximumBucketsInProject"}
	if slices.Contains(limits, status.Code) || slices.Contains(limits, status.InnerCode) {
		return fault.New(fault.Denied, op, fmt.Errorf("%w: %w", tasksync.ErrFull, status))
	}
	return err
}

// Where things are, relative to the API's root.

func planAt(id string) string    { return "planner/plans/" + url.PathEscape(id) }
func bucketAt(id string) string  { return "planner/buckets/" + url.PathEscape(id) }
func taskAt(id string) string    { return "planner/tasks/" + url.PathEscape(id) }
func detailsAt(id string) string { return taskAt(id) + "/details" }

// isID reports whether an id has the form of Planner's: 28 characters of the
// base64 for addresses (plannerTask's page: "28 characters long and
// case-sensitive. Format validation is done on the service").
func isID(id string) bool {
	const length = 28
	return len(id) == length && !strings.ContainsFunc(id, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
