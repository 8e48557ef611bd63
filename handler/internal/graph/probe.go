package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/batch"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
)

// probesAtOnce is how many requests a probe has under way at a time.
const probesAtOnce = 4

// question is a request of a probe. It is a raw one, for the Date header, but
// asks for what the package's other methods ask for.
type question struct {
	name   string // method and path, as doctor.Call has it
	needs  []string
	reason string // doctor.Call's For
	ref    string // relative to the API's root

	// batch makes it a $batch of this one request, relative to the root too, with
	// a slash.
	batch string

	// absent says that a 404 is an answer like any other: only who may look is
	// told that there is nothing.
	absent bool

	// answer reads the body of a 2xx answer. An error of a kind of its own stays
	// so, and any other says that the body is not what was asked for.
	answer func(io.Reader) error
}

// Probe implements doctor.Tenant. It begins by listing groups, to ask about a
// group and a team that are there: one of ours, if it sees any. In a tenant with
// none it asks about one that is nowhere, which tells as much about permissions.
// A request is given up on after half a minute.
func (c *Client) Probe(ctx context.Context) []doctor.Call {
	var s sample
	first := c.ask(ctx, s.question())
	questions := c.questions(s)
	calls := make([]doctor.Call, len(questions))
	var probes errgroup.Group
	probes.SetLimit(probesAtOnce)
	for i, q := range questions {
		probes.Go(func() error {
			calls[i] = c.ask(ctx, q)
			return nil
		})
	}
	_ = probes.Wait() // what went wrong is in calls
	return append([]doctor.Call{first}, calls...)
}

// Roles implements doctor.Tenant.
func (c *Client) Roles(ctx context.Context) (roles []string, known bool, err error) {
	roles, known, err = c.out.Roles(ctx)
	return roles, known, during("graph: read the app's permissions", err)
}

// ask sends a question and says what became of it.
func (c *Client) ask(ctx context.Context, q question) doctor.Call {
	ctx, cancel := outbound.Probing(ctx)
	defer cancel()
	call := doctor.Call{Name: q.name, Needs: q.needs, For: q.reason}
	asked := time.Now()
	resp, err := c.put(ctx, q)
	if err != nil {
		call.Err = during("graph: probe "+q.name, err)
		return call
	}
	call.Clock.Ahead, call.Clock.Known = outbound.Ahead(resp, asked)
	call.Err = q.judge(resp)
	return call
}

// put sends a question and returns the answer, of whatever status.
func (c *Client) put(ctx context.Context, q question) (*http.Response, error) {
	if q.batch != "" {
		return batch.Probe(ctx, c.out, q.batch)
	}
	req, err := c.out.NewRequest(ctx, http.MethodGet, q.ref)
	if err != nil {
		return nil, err
	}
	return c.out.Do(req)
}

// judge says what is wrong with an answer.
func (q question) judge(resp *http.Response) error {
	op := "graph: probe " + q.name
	if q.absent && resp.StatusCode == http.StatusNotFound {
		return nil
	}
	if err := outbound.CheckStatus(op, resp); err != nil {
		return err
	}
	err := q.answer(resp.Body)
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return fmt.Errorf("%s: %w", op, err)
	}
	return fault.New(fault.Incomplete, op, err)
}
