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

// lostPatience is how long a job may be said to be lost before that is believed:
// an app that was only cut off from its ledger gives signs of life again.
const lostPatience = time.Minute

// jobs is where jobs are, below prefix.
const jobs = "jobs/"

// jobID is what names a job.
var jobID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// await asks after a job, of which resp is the first that was heard, until the
// app answers what was asked first, and returns that answer. An answer to the
// asking alone, such as that the ledger cannot be read now, is no end of the work.
func (c *client) await(ctx context.Context, job string, resp *http.Response) (*http.Response, error) {
	defer c.watch.end()
	var lost time.Time // when it was first said
	for isOpen(resp) {
		switch {
		case resp.StatusCode == http.StatusAccepted:
			lost = time.Time{}
		case !isLost(resp):
		case lost.IsZero():
			lost = time.Now()
		case time.Since(lost) >= lostPatience:
			return resp, nil
		}
		c.watch.show(progressOf(resp))
		next, err := c.askAgain(ctx, job, resp)
		switch {
		case ctx.Err() != nil:
			return nil, c.stopped(ctx, job, resp)
		case err != nil:
			return nil, err
		}
		resp = next
	}
	return resp, nil
}

// askAgain asks after a job when it is time to.
func (c *client) askAgain(ctx context.Context, job string, last *http.Response) (*http.Response, error) {
	if err := c.pause(ctx, last); err != nil {
		return nil, err
	}
	return c.send(ctx, get(jobs+job, ""), job)
}

// isEnded reports whether the answer is that of a job that has ended, whatever
// its status, and not only that of a question after it.
func isEnded(resp *http.Response) bool { return resp.Header.Get("Storeteams-Job") == "ended" }

// isOpen reports whether what came of the job is yet to be heard: it works, or
// the app could not say.
func isOpen(resp *http.Response) bool {
	switch status := resp.StatusCode; {
	case status == http.StatusAccepted:
		return true
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return !isEnded(resp)
	}
	return false
}

// isLost reports whether the app has no sign of life of the job.
func isLost(resp *http.Response) bool {
	body, err := runtime.Payload(resp) // in memory since the pipeline
	return err == nil && saidBy(body).Code == "lost"
}

// jobOf returns the job that is waited for after a call's first answer, if any:
// the one it names, or the one that was asked after.
func (c *client) jobOf(what call, first *http.Response) (string, error) {
	if first.StatusCode == http.StatusAccepted {
		return c.jobNamed(first)
	}
	if job, asked := strings.CutPrefix(what.path, jobs); asked {
		return job, nil
	}
	return "", nil
}

// jobNamed returns the id of the job an answer's Location names. It has to be a
// job of this app: the key goes where it points.
func (c *client) jobNamed(accepted *http.Response) (string, error) {
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

// progressOf returns how far the job is, or why that is not known. What cannot be
// read is no reason to stop waiting.
func progressOf(resp *http.Response) progress.Progress {
	switch {
	case resp.StatusCode == http.StatusAccepted:
	case isLost(resp):
		return progress.Progress{Doing: "waiting for a sign of life"}
	default:
		return progress.Progress{Doing: "asking again after " + statusText(resp.StatusCode)}
	}
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

// interrupted says that the waiting ended early, what that leaves behind, and
// what to do about it.
func interrupted(ctx context.Context, left, hint string) *failure {
	f := &failure{kind: fault.Canceled, text: "stopped waiting", hint: hint, err: ctx.Err()}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		f.text = "no answer within the time of --timeout"
	}
	f.text += left
	return f
}

// stopped is interrupted for a job, of which last was the last that was heard.
func (c *client) stopped(ctx context.Context, job string, last *http.Response) *failure {
	hint := fmt.Sprintf("Wait for its answer with: %s job %s", program, job)
	if last.StatusCode == http.StatusAccepted {
		return interrupted(ctx, "; the work goes on in the app as job "+job, hint)
	}
	body, _ := runtime.Payload(last) // in memory since the pipeline
	said := "The app's last answer: " + c.refused(last, body).text
	return interrupted(ctx, "; the work may go on in the app as job "+job, said+"\n"+hint)
}

// leaving adds to a failure what is left behind if it ends the waiting for a job,
// and not the job.
func (c *client) leaving(job string, last *http.Response, f *failure) *failure {
	if job == "" || isEnded(last) || f.kind == fault.NotFound && isJSON(last) { // there is no such job, or no more
		return f
	}
	f.hint = strings.TrimPrefix(f.hint+"\n"+goesOn(job), "\n")
	return f
}

// goesOn says how to look again at work that nobody waits for.
func goesOn(job string) string {
	return "The work may go on in the app: " + program + " job " + job
}
