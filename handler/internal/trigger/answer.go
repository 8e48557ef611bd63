package trigger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

const jsonKind = "application/json"

// answer is a response that is complete, but not yet written.
type answer struct {
	status int
	kind   string            // content type
	header map[string]string // more headers
	body   []byte
}

func jsonAnswer(status int, value any) (answer, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return answer{}, fault.New(fault.Internal, "trigger: write answer as JSON", err)
	}
	return answer{status: status, kind: jsonKind, body: append(body, '\n')}, nil
}

// write sends the answer. What it says is about an organization's people and
// changes with each run, so nobody keeps it, and no browser guesses its type.
func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	for name, value := range a.header {
		h.Set(name, value)
	}
	w.WriteHeader(a.status)
	// A caller that is gone cannot be told, and nothing is lost with it.
	_, _ = w.Write(a.body)
}

// refusal is an error whose status this package knows better than its kind.
type refusal struct {
	status  int
	code    string
	message string
	header  map[string]string
}

func (r *refusal) Error() string { return r.message }

func noRoute() error {
	return &refusal{status: http.StatusNotFound, code: "not_found", message: "There is nothing at this path."}
}

func notAllowed(methods []string) error {
	allow := strings.Join(methods, ", ")
	return &refusal{
		status: http.StatusMethodNotAllowed, code: "method_not_allowed",
		message: "This path answers " + allow + " only.",
		header:  map[string]string{"Allow": allow},
	}
}

func notJSON() error {
	return &refusal{
		status: http.StatusUnsupportedMediaType, code: "unsupported_media_type",
		message: "The body is of another type, expected application/json.",
	}
}

func answerTooLong() error {
	return &refusal{
		status: http.StatusInternalServerError, code: "answer_too_long",
		message: fmt.Sprintf("The answer is longer than %d bytes. Ask for less: for one store, or fewer runs.", maxAnswer),
	}
}

// callerLeft is for a caller who cannot read it. Its status is none of HTTP's;
// proxies write it into their logs for the same reason.
func callerLeft() error {
	return &refusal{status: 499, code: "canceled", message: "The caller left before this was done."}
}

// runError is a timer's run that failed. Whatever its kind, the host must see
// a 500: the kind is about what we called, not about the host's request.
type runError struct{ err error }

func (e *runError) Error() string { return e.err.Error() }
func (e *runError) Unwrap() error { return e.err }

// panicError is a panic that was caught, and where it came from.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// recovered turns a panic into an error of the function that defers it. One
// call's bug must not take the others in this process with it.
func recovered(err *error) {
	if value := recover(); value != nil {
		*err = &panicError{value: value, stack: debug.Stack()}
	}
}

// failed turns an error into an answer. It logs what is our failure, and what
// happens to an invocation of the host's whoever is to blame: the host does not
// read why one failed. An operator does, and what they wrote by mistake, be it
// a mail address, is not for the log.
func (f *front) failed(ctx context.Context, c call, err error) answer {
	why := classify(err)
	if why.status >= http.StatusInternalServerError || c.hostsOwn() && c.Method == http.MethodPost {
		f.log(ctx, c, why.status, err)
	}
	type detail struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	// Two strings always marshal.
	result, _ := jsonAnswer(why.status, map[string]detail{"error": {why.code, why.message}})
	result.header = why.header
	return result
}

// log writes down why a call failed.
func (f *front) log(ctx context.Context, c call, status int, err error) {
	attrs := []slog.Attr{
		slog.String("invocation", c.invocation), slog.String("path", c.URL.Path),
		slog.Int("status", status), slog.Any("err", err),
	}
	var p *panicError
	if errors.As(err, &p) {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	f.logger.LogAttrs(ctx, slog.LevelError, "call failed", attrs...)
}

// classify decides what a caller is told. It is the one place where a kind
// becomes a status.
func classify(err error) *refusal {
	var (
		known   *refusal
		run     *runError
		tooLong *http.MaxBytesError
	)
	kind := fault.KindOf(err)
	told := &refusal{code: strings.ReplaceAll(kind.String(), " ", "_"), message: err.Error()}
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &tooLong):
		return &refusal{
			status: http.StatusRequestEntityTooLarge, code: "too_long",
			message: fmt.Sprintf("The body is longer than %d bytes.", tooLong.Limit),
		}
	case errors.As(err, &run):
		told.status = http.StatusInternalServerError
	case kind == fault.Internal:
		// Nobody classified it, so nobody knows what its text contains.
		told.status, told.message = http.StatusInternalServerError, "This failed for a reason that only the log has."
	default:
		told.status = statusOf(kind)
	}
	return told
}

func statusOf(kind fault.Kind) int {
	switch kind {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Denied:
		// It is storeteams that may not, at Graph or Commerce. A 403 would send
		// the caller looking at a key that is good.
		return http.StatusBadGateway
	case fault.Throttled, fault.Unavailable, fault.Gone, fault.Incomplete, fault.Canceled:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
