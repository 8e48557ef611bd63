package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/progress"
)

// How often a job is asked after: as the app says, within these.
const (
	defaultPause = 2 * time.Second
	longestPause = 30 * time.Second
)

// jobs is where jobs are, below prefix.
const jobs = "jobs/"

// jobID is what names a job.
var jobID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// await asks after the job of a 202 until the app answers what was asked first.
// It returns that answer, and the job's id.
func (c *client) await(ctx context.Context, accepted *http.Response) (*http.Response, string, error) {
	job, err := c.jobOf(accepted)
	if err != nil {
		return nil, "", err
	}
	defer c.watch.end()
	resp := accepted
	for resp.StatusCode == http.StatusAccepted {
		c.watch.show(progressOf(resp))
		if err := c.pause(ctx, resp); err != nil {
			return nil, "", interrupted(ctx, job, false)
		}
		if resp, err = c.send(ctx, get(jobs+job, ""), job); err != nil {
			return nil, "", err
		}
	}
	return resp, job, nil
}

// jobOf returns the id of the job an answer's Location names. It has to be a job
// of this app: the key goes where it points.
func (c *client) jobOf(accepted *http.Response) (string, error) {
	foreign := &failure{kind: fault.Unavailable, text: "the app names no job of its own to wait for"}
	location, err := url.Parse(accepted.Header.Get("Location"))
	if err != nil {
		return "", foreign
	}
	there := c.target.base.ResolveReference(location)
	job, below := strings.CutPrefix(there.Path, prefix+jobs)
	if there.Scheme != c.target.base.Scheme || there.Host != c.target.base.Host || !below || !jobID.MatchString(job) {
		return "", foreign
	}
	return job, nil
}

// progressOf returns how far the job is. What cannot be read is no reason to
// stop waiting.
func progressOf(resp *http.Response) progress.Progress {
	var envelope struct {
		Job struct {
			Progress progress.Progress `json:"progress"`
		} `json:"job"`
	}
	body, err := runtime.Payload(resp) // in memory since the pipeline
	if err != nil || json.Unmarshal(body, &envelope) != nil {
		return progress.Progress{}
	}
	harmless(&envelope)
	return envelope.Job.Progress
}

// pause waits as long as the app asks for, while the clock on the screen goes on.
func (c *client) pause(ctx context.Context, resp *http.Response) error {
	wait := defaultPause
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		wait = min(max(time.Duration(seconds)*time.Second, time.Second), longestPause)
	}
	for left := wait; left > 0; left -= time.Second {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		if left > time.Second { // the last beat is the answer's
			c.watch.beat()
		}
	}
	return nil
}

// interrupted says what is left behind when the waiting ends early.
func interrupted(ctx context.Context, job string, harmless bool) *failure {
	f := &failure{kind: fault.Canceled, text: "stopped waiting", err: ctx.Err()}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		f.text = "no answer within the time of --timeout"
	}
	switch {
	case job != "":
		f.text += "; the work goes on in the app as job " + job
		f.hint = fmt.Sprintf("Wait for its answer with: %s job %s", program, job)
	case !harmless:
		f.text += "; the app may carry it out all the same"
		f.hint = fmt.Sprintf("Look at: %s status", program)
	}
	return f
}
