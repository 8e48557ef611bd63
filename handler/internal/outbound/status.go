package outbound

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// StatusError is an answer of a status nobody hoped for. It carries no text of
// the server's: messages quote names and addresses, and nothing may branch on
// them.
type StatusError struct {
	Status    int
	Code      string // error.code of the body; may be empty, as Planner's is
	InnerCode string // the innermost innerError's code, more specific; may be empty
	RequestID string // what the server's support asks for
}

// Error implements error.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("status %d", e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// CheckStatus returns nil for a 2xx answer, and otherwise a fault of the
// status's kind with a *StatusError in it. Both Graph and Finance & Operations
// answer errors as {"error":{"code":…}}.
func CheckStatus(op string, resp *http.Response) error {
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return nil
	}
	var body struct {
		Error errorBody `json:"error"`
	}
	// A body that is no such JSON leaves the code empty; the status is enough.
	_ = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&body)
	return fault.New(fault.OfStatus(resp.StatusCode), op, &StatusError{
		Status: resp.StatusCode, Code: body.Error.Code, InnerCode: body.Error.innermost(),
		RequestID: resp.Header.Get("request-id"),
	})
}

// errorBody is an OData error. Graph writes innerError in two spellings, which
// encoding/json takes for one.
type errorBody struct {
	Code       string     `json:"code"`
	InnerError *errorBody `json:"innerError"`
}

func (b errorBody) innermost() string {
	code := ""
	for inner := b.InnerError; inner != nil; inner = inner.InnerError {
		if inner.Code != "" {
			code = inner.Code
		}
	}
	return code
}

// transportFault classifies a call that brought no answer.
func transportFault(r *http.Request, err error) error {
	op := fmt.Sprintf("outbound: %s %s", r.Method, r.URL.Host)
	var known *fault.Error
	if errors.As(err, &known) {
		return known
	}
	// net/http puts the whole address in front, and a link may hold keys.
	var addressed *url.Error
	if errors.As(err, &addressed) {
		err = addressed.Err
	}
	if errors.Is(err, context.Canceled) {
		return fault.New(fault.Canceled, op, err)
	}
	return fault.New(fault.Unavailable, op, err)
}
