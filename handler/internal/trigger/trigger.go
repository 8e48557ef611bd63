// Package trigger is the side of storeteams that faces the Azure Functions
// host: an HTTP server on loopback that the host calls for each trigger that
// fires and to which it passes on HTTP requests as they came.
//
// It owns the host's protocol, which differs from plain HTTP in what an answer
// does, and it is the only place where an error becomes a status. It decodes,
// calls one method, and answers; it refuses to know what a run or a plan is.
//
// What the host makes of an answer (see its DefaultHttpWorkerService.cs):
//
//   - 2xx with a JSON object is a success. 2xx with no body or with null never
//     ends the invocation, so nothing here answers so.
//   - Any other status is a failure. Its body is not read, so the reason is
//     logged as well.
//   - Redirects are followed and turn POST into GET, so paths match exactly and
//     nothing is redirected.
//
// # An operator's call
//
// Calls below /api/ops/ are passed on by the host, which has checked their key.
// Each goes through this:
//
//   - Its path, method, query and body are understood in full or refused (400,
//     404, 405, 413, 415): a field that is misspelled must not count as none. A
//     query or body has at most 4 KiB, a field of it 256 bytes.
//   - It gets a place or is refused (429). In each process one heavy question is
//     worked on at a time and four wait in line for it; one call acts and four
//     wait in line for that; and eight light ones work beside them. Heavy is what
//     reads Commerce, the tenant or the whole snapshot. Acting is a run or a
//     rebuild, which may wait long for the timer's run. All else is light, and so
//     is a revocation: it is rare, and whoever is to be out now waits for no run
//     and no question. See endpoints. Never refused are the host's own calls, for
//     an operator does not keep the timers waiting, and those that ask for a job,
//     which cost a row and would else add to what they wait for.
//   - It is carried out apart from its request, for at most 25 minutes, time in
//     line included. A caller who leaves ends a call that only reads, or that
//     still waits in line; a change under way goes on to its end.
//   - If that ends within [Functions].Patience, its answer is the call's. Else it
//     goes on as a job: the call is answered 202 with the job's path, at which
//     every process of the app knows how far it is and, for a day, what came of
//     it ([Jobs]). An answer there is the call's own if its header Storeteams-Job
//     is "ended"; any other failure is that of the asking. A job without a sign
//     of life for 30 s is answered as lost: its process was killed, or cannot
//     reach the ledger and may come back.
//   - Answers are JSON with the version of their form: {"v":1,"plan":…}, and
//     {"error":{"code":…,"message":…}} for all failures. They have at most 32 MiB.
package trigger

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"
)

// How long calls may take.
const (
	// DefaultTimeout ends a run. It is host.json's functionTimeout, after which
	// the host restarts the process with every other call in it, less a margin
	// in which the run can still write down how far it came.
	DefaultTimeout = 29 * time.Minute

	// DefaultPatience is how long a caller waits for an answer before they are
	// told where to ask for it. It is below the 30 s at which impatient clients
	// and proxies give up.
	DefaultPatience = 25 * time.Second
)

// Runner carries out a timer's work.
type Runner interface {
	// Run does the work, or an error says why the run could not be carried out;
	// the host then counts the invocation as failed. ctx has a deadline.
	// invocation names the call in logs and records: at most 64 letters, digits
	// and hyphens, different for every call. Calls may overlap.
	Run(ctx context.Context, invocation string) error
}

// Functions are what the host can call. Every field that has no default in its
// comment is needed.
type Functions struct {
	OrgSync     Runner
	TaskSweep   Runner
	TaskChanged Receiver

	OrgChanged        Receiver
	CommerceEvent     Receiver
	SubscriptionRenew Runner
	GraphNotification Hook

	Operations Operations
	Jobs       Jobs

	// Observer is told of every call. Nil: nobody is.
	Observer Observer

	// Document describes the operators' calls in OpenAPI, as YAML or JSON. With
	// none, who asks for it gets a 404.
	Document []byte

	// Timeout ends a Run. Zero means DefaultTimeout.
	Timeout time.Duration

	// Patience is how long an operator's call waits before it becomes a job.
	// Zero means DefaultPatience.
	Patience time.Duration
}

// Handler answers the host. It logs each failure once, with the invocation,
// unless it is the mistake of somebody who reads the answer. Served by a
// [Server], work that goes on after its call ends with the server.
func (f Functions) Handler(logger *slog.Logger) http.Handler {
	if f.Timeout == 0 {
		f.Timeout = DefaultTimeout
	}
	if f.Patience == 0 {
		f.Patience = DefaultPatience
	}
	return &front{
		functions: f,
		logger:    logger,
		endpoints: endpoints(),
		light:     newGate(lightAtOnce, 0),
		heavy:     newGate(heavyAtOnce, heavyInLine),
		acting:    newGate(actingAtOnce, actingInLine),
		notices:   newNotices(),
	}
}

// front finds the endpoint for a request and turns what comes back, be it an
// answer, an error or a panic, into a response.
type front struct {
	functions            Functions
	logger               *slog.Logger
	endpoints            []endpoint
	light, heavy, acting *gate
	notices              *semaphore.Weighted // of notifications under way
}

// ServeHTTP implements [http.Handler].
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{Request: r, invocation: invocationOf(r)}
	e, named, ok := f.find(c.URL.Path)
	finish := func(int) {}
	if ok && e.Function != "" {
		c, finish = f.observed(c, e.Function) //nolint:contextcheck // it goes on from the call's own
	}
	c.named = named
	result, err := f.dispatch(c, e, ok)
	if err != nil {
		result = f.failed(c.Context(), c, err) //nolint:contextcheck // r's, with what the observer added
	}
	finish(result.status)
	result.write(w)
}

func (f *front) dispatch(c call, e endpoint, found bool) (result answer, err error) {
	switch {
	case !found:
		return answer{}, noRoute()
	case !slices.Contains(e.Methods, c.Method):
		return answer{}, notAllowed(e.Methods)
	}
	defer recovered(&err)
	return e.answer(f, c)
}

func (f *front) find(path string) (e endpoint, named string, ok bool) {
	for _, e := range f.endpoints {
		if named, ok := e.takes(path); ok {
			return e, named, true
		}
	}
	return endpoint{}, "", false
}

// ready answers the host's probe, which comes while the process starts and
// again and again afterwards. It does no work.
func (f *front) ready(call) (answer, error) {
	return answer{status: http.StatusOK, kind: "text/plain; charset=utf-8", body: []byte("storeteams\n")}, nil
}

// document answers with what describes the operators' calls.
func (f *front) document(c call) (answer, error) {
	if err := c.noFields(); err != nil {
		return answer{}, err
	}
	text := f.functions.Document
	if len(text) == 0 {
		return answer{}, &refusal{status: http.StatusNotFound, code: "not_found", message: "This app has no description of its calls."}
	}
	kind := "application/yaml" // RFC 9512
	if bytes.HasPrefix(text, []byte("{")) {
		kind = "application/json"
	}
	return answer{status: http.StatusOK, kind: kind, body: text}, nil
}
