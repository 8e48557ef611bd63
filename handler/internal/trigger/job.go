package trigger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/progress"
)

// How jobs are kept.
const (
	// jobLife is how long after its last sign of life a job counts as lost. It
	// leaves room for renewals that fail and for clocks that differ.
	jobLife = 30 * time.Second

	renewEvery = 5 * time.Second
	askAgain   = "2" // seconds, until a caller should ask for a job's answer

	// lookAgain is askAgain for a job that is lost. Each such answer is an error
	// in the log.
	lookAgain = "10"

	// signTimeout ends a try to begin or renew a job, so that a ledger that hangs
	// does not keep up an answer that is there by then.
	signTimeout = 5 * time.Second

	// endTimeout ends a try to keep an answer, and endTries is how often that is
	// tried, renewEvery apart.
	endTimeout = 20 * time.Second
	endTries   = 6
)

// What tells the answer of a call that became a job from that of a poll which
// failed itself: a 503 may be either. desk/openapi.yaml has it, and package cli
// reads it.
const (
	jobHeader = "Storeteams-Job"
	jobEnded  = "ended"
)

// Jobs keeps calls that take longer than their caller waits, where every process
// of the app finds them. Methods are safe for concurrent use and classify their
// errors with package fault. A state is a JSON object that comes back with the
// same content; ids are letters and digits, different for every job.
//
// *ledger.Book is one.
type Jobs interface {
	// BeginJob notes a job with its state, and forgets those that began over a
	// day before now. After an error the job may be noted or not.
	BeginJob(ctx context.Context, id string, state []byte, now time.Time) error

	// RenewJob replaces the state of a job that has not ended.
	RenewJob(ctx context.Context, id string, state []byte) error

	// EndJob keeps the last state and the answer, of many megabytes maybe.
	// Whoever reads sees both or neither. After an error the same may be said
	// again.
	EndJob(ctx context.Context, id string, state, answer []byte) error

	// ReadJob returns the state and, once the job has ended, the answer; or a
	// fault.NotFound.
	ReadJob(ctx context.Context, id string) (state, answer []byte, err error)
}

// jobState is what is kept of a job beside its answer.
type jobState struct {
	Job     job       `json:"job"`
	Expires time.Time `json:"expires"`          // a job that runs has a later time here by then
	Status  int       `json:"status,omitempty"` // of the answer; 0 while there is none
}

// job is what is shown of a job while it runs.
type job struct {
	ID       string            `json:"id"`
	Started  time.Time         `json:"started"`
	Progress progress.Progress `json:"progress"`
}

// beginJob makes a job of work and answers where to ask for it.
func (f *front) beginJob(w *work) (answer, error) {
	id := rand.Text()
	err := w.write(id, 0, signTimeout, func(ctx context.Context, state []byte) error {
		return f.functions.Jobs.BeginJob(ctx, id, state, time.Now())
	})
	if err != nil {
		return answer{}, err
	}
	w.shift.work.Go(func() {
		if err := f.keep(w, id); err != nil {
			f.log(w.shift.ends, w.call, http.StatusInternalServerError, fmt.Errorf("keep the answer of job %s: %w", id, err))
		}
	})
	return w.job(id).running()
}

// job is how far the work is.
func (w *work) job(id string) job {
	return job{ID: id, Started: w.began.UTC(), Progress: *w.progress.Load()}
}

// running answers whoever asks for a job that runs.
func (j job) running() (answer, error) {
	result, err := jsonAnswer(http.StatusAccepted, map[string]any{"v": 1, "job": j})
	result.header = map[string]string{"Location": "/api/ops/jobs/" + j.ID, "Retry-After": askAgain}
	return result, err
}

// write has the work's state as it is now written, by one call to the ledger. It
// may be the last word of a process that is told to stop.
func (w *work) write(id string, status int, timeout time.Duration, write func(ctx context.Context, state []byte) error) error {
	state, err := json.Marshal(jobState{Job: w.job(id), Expires: time.Now().UTC().Add(jobLife), Status: status})
	if err != nil {
		return fault.New(fault.Internal, "trigger: write the state of a job", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.shift.ends), timeout)
	defer cancel()
	return write(ctx, state)
}

// keep gives signs of the job's life until the work ends, and then keeps its
// answer.
func (f *front) keep(w *work, id string) (err error) {
	defer recovered(&err)
	for {
		select {
		case o := <-w.done:
			if o.err != nil {
				o.answer = f.failed(w.shift.ends, w.call, o.err)
			}
			return f.end(w, id, o.answer)
		case <-time.After(renewEvery):
		}
		err := w.write(id, 0, signTimeout, func(ctx context.Context, state []byte) error {
			return f.functions.Jobs.RenewJob(ctx, id, state)
		})
		if err != nil {
			f.logger.LogAttrs(w.shift.ends, slog.LevelWarn, "job not renewed",
				slog.String("invocation", w.call.invocation), slog.String("job", id), slog.Any("err", err))
		}
	}
}

// end keeps what the job is answered, and tries that again while it can help.
func (f *front) end(w *work, id string, result answer) (err error) {
	for range endTries {
		err = w.write(id, result.status, endTimeout, func(ctx context.Context, state []byte) error {
			return f.functions.Jobs.EndJob(ctx, id, state, result.body)
		})
		if err == nil || w.shift.ends.Err() != nil {
			break
		}
		select {
		case <-time.After(renewEvery):
		case <-w.shift.ends.Done():
		}
	}
	return err
}

// poll answers what a job was answered or, while it runs, how far it is. It
// passes no gate.
func (f *front) poll(c call) (answer, error) {
	id, err := c.id()
	if err == nil {
		err = c.noFields()
	}
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), operationTimeout)
	defer cancel()
	return f.readJob(ctx, id)
}

func (f *front) readJob(ctx context.Context, id string) (answer, error) {
	text, body, err := f.functions.Jobs.ReadJob(ctx, id)
	if err != nil {
		return answer{}, err
	}
	var state jobState
	if err := json.Unmarshal(text, &state); err != nil {
		return answer{}, fault.New(fault.Internal, "trigger: read the state of a job", err)
	}
	switch {
	case state.Status != 0:
		return answer{status: state.Status, kind: jsonKind, body: body, header: map[string]string{jobHeader: jobEnded}}, nil
	case !time.Now().Before(state.Expires):
		return answer{}, lost(state.Expires.Add(-jobLife))
	}
	return state.Job.running()
}

// lost is said of a job whose last sign of life is from then. Whether its work
// goes on nobody knows: its process may be gone, or only cut off from the ledger.
func lost(then time.Time) error {
	return &refusal{
		status: http.StatusInternalServerError, code: "lost",
		message: "There has been no sign of life of this since " + then.UTC().Format(time.RFC3339) +
			": it may have ended halfway, or may go on. What it changed stays. " +
			"Ask for this job again in a minute, and look at `runs list` before you repeat the call.",
		header: map[string]string{"Retry-After": lookAgain},
	}
}
