package trigger_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/progress"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// shaky is a Jobs whose calls can fail. What fails has no effect.
type shaky struct {
	trigger.Jobs
	begin, renew, end, read func(ctx context.Context) error // asked before each; nil is no failure
}

func ask(ctx context.Context, failing func(context.Context) error) error {
	if failing == nil {
		return nil
	}
	return failing(ctx)
}

func (s *shaky) BeginJob(ctx context.Context, id string, state []byte, now time.Time) error {
	if err := ask(ctx, s.begin); err != nil {
		return err
	}
	return s.Jobs.BeginJob(ctx, id, state, now)
}

func (s *shaky) RenewJob(ctx context.Context, id string, state []byte) error {
	if err := ask(ctx, s.renew); err != nil {
		return err
	}
	return s.Jobs.RenewJob(ctx, id, state)
}

func (s *shaky) EndJob(ctx context.Context, id string, state, answer []byte) error {
	if err := ask(ctx, s.end); err != nil {
		return err
	}
	return s.Jobs.EndJob(ctx, id, state, answer)
}

func (s *shaky) ReadJob(ctx context.Context, id string) (state, answer []byte, err error) {
	if err := ask(ctx, s.read); err != nil {
		return nil, nil, err
	}
	return s.Jobs.ReadJob(ctx, id)
}

func down(context.Context) error { return fault.Newf(fault.Unavailable, "write row", "no answer") }

// firstTries are failures of the first so many tries.
func firstTries(n int32) func(context.Context) error {
	var tries atomic.Int32
	return func(ctx context.Context) error {
		if tries.Add(1) <= n {
			return down(ctx)
		}
		return nil
	}
}

// job is what is shown of one while it runs.
type job struct {
	ID       string
	Started  time.Time
	Progress progress.Progress
}

// wantJob checks the answer for a call that goes on as a job.
func (r response) wantJob(t *testing.T) job {
	t.Helper()
	var body struct {
		V   int
		Job job
	}
	decoder := json.NewDecoder(strings.NewReader(r.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil || r.status != http.StatusAccepted || body.V != 1 || len(body.Job.ID) < 20 ||
		r.header.Get("Location") != "/api/ops/jobs/"+body.Job.ID || r.header.Get("Retry-After") != "2" {
		t.Fatalf("got %d %v %s (%v), want a job", r.status, r.header, r.body, err)
	}
	return body.Job
}

// wantEnded checks whether this is said to be the answer of a job that has ended.
func (r response) wantEnded(t *testing.T, want bool) {
	t.Helper()
	if said := r.header.Get("Storeteams-Job"); (said == "ended") != want || !want && said != "" {
		t.Errorf("%d %s says the job is %q; has it ended: %t", r.status, r.body, said, want)
	}
}

// poll asks for a job's answer.
func (j job) poll(ctx context.Context, handler http.Handler) response {
	return request{method: http.MethodGet, path: "/api/ops/jobs/" + j.ID}.put(ctx, handler)
}

// handler makes a process of the house.
func (h house) handler() http.Handler { return h.functions.Handler(h.journal.logger()) }
