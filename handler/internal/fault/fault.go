// Package fault sorts errors by what a caller can do about them.
//
// An adapter looks at a status, an error code or a driver's error exactly once,
// at the edge, and wraps it with [New]. Everybody behind the edge asks [KindOf]
// or [Is] and never reads the text. The package is pure: it knows no service.
package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Kind says what a caller can do about an error.
type Kind uint8

// The kinds. Internal is the zero value: an error nobody classified.
const (
	Internal    Kind = iota
	Invalid          // the request or the data is wrong; the same again cannot help
	Denied           // we may not; a person has to grant something
	NotFound         // the thing is not there (or not there yet)
	Conflict         // somebody else was first: read again and decide anew
	Throttled        // asked to slow down, and still refused after waiting
	Unavailable      // the other side or the way to it failed; later may work
	Gone             // a cursor died; start over with a full read
	Incomplete       // a read that could not be finished; nothing may be concluded from it
	Canceled         // the caller's own context ended
)

var kindNames = [...]string{
	"internal", "invalid", "denied", "not found", "conflict",
	"throttled", "unavailable", "gone", "incomplete", "canceled",
}

// String names the kind in words, as run records and logs show it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Internal]
}

// Error is a classified error: what was being done, and why it did not work.
type Error struct {
	Kind Kind
	Op   string // what was being done, e.g. "graph: add members"
	Err  error  // the cause; may be nil when Op says it all
}

// New classifies err as kind while op was being done. A nil err is allowed.
func New(kind Kind, op string, err error) *Error { return &Error{Kind: kind, Op: op, Err: err} }

// Newf is New with a formatted cause.
func Newf(kind Kind, op, format string, args ...any) *Error {
	return New(kind, op, fmt.Errorf(format, args...))
}

// Error implements error.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Op
	}
	return e.Op + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost classified error in err's chain.
// A context's end counts as Canceled or, when its deadline passed, Unavailable,
// unless something closer to the caller classified it already.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	}
	return Internal
}

// Is reports whether err is of the given kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// OfStatus sorts an HTTP status of 400 or more. Where a service gives a status
// a meaning of its own, its adapter decides before asking here.
func OfStatus(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return Denied
	case http.StatusNotFound:
		return NotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return Conflict
	case http.StatusGone:
		return Gone
	case http.StatusTooManyRequests:
		return Throttled
	case http.StatusRequestTimeout, http.StatusLocked, http.StatusFailedDependency:
		return Unavailable
	}
	if status >= 500 && status != http.StatusNotImplemented {
		return Unavailable
	}
	return Invalid
}
