package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// words are the kinds as run records show them.
func words() map[fault.Kind]string {
	return map[fault.Kind]string{
		fault.Internal: "internal", fault.Invalid: "invalid", fault.Denied: "denied", fault.NotFound: "not found",
		fault.Conflict: "conflict", fault.Throttled: "throttled", fault.Unavailable: "unavailable", fault.Gone: "gone",
		fault.Incomplete: "incomplete", fault.Canceled: "canceled",
	}
}

func TestKindWords(t *testing.T) {
	for kind, want := range words() {
		if got := kind.String(); got != want {
			t.Errorf("kind %d is %q, want %q", kind, got, want)
		}
	}
	for kind := fault.Canceled + 1; kind != 0; kind++ {
		if got := kind.String(); got != "internal" {
			t.Errorf("kind %d, which does not exist, is %q", kind, got)
		}
	}
}

func TestError(t *testing.T) {
	cases := []struct {
		name  string
		err   *fault.Error
		kind  fault.Kind
		text  string
		cause error
	}{
		{"with a cause", fault.New(fault.Denied, "graph: add members", io.EOF), fault.Denied, "graph: add members: EOF", io.EOF},
		{"without a cause", fault.New(fault.Gone, "graph: cursor expired", nil), fault.Gone, "graph: cursor expired", nil},
		{"formatted", fault.Newf(fault.Invalid, "read", "row %d: %w", 7, io.EOF), fault.Invalid, "read: row 7: EOF", io.EOF},
		{"zero", &fault.Error{}, fault.Internal, "", nil},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.text {
				t.Errorf("text %q, want %q", got, tt.text)
			}
			if tt.cause != nil && !errors.Is(tt.err, tt.cause) || tt.cause == nil && tt.err.Unwrap() != nil {
				t.Errorf("the cause is %v, want %v", tt.err.Unwrap(), tt.cause)
			}
			if got := fault.KindOf(tt.err); got != tt.kind {
				t.Errorf("kind %s, want %s", got, tt.kind)
			}
		})
	}
}

// TestKindOf: the classification closest to the caller counts, then a context's
// end, then nothing is known.
func TestKindOf(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("orgsync: read: %w", err) }
	canceled, late := context.Canceled, context.DeadlineExceeded
	cases := []struct {
		name string
		err  error
		want fault.Kind
	}{
		{"nil", nil, fault.Internal},
		{"plain", io.EOF, fault.Internal},
		{"classified", fault.New(fault.NotFound, "op", nil), fault.NotFound},
		{"classified and wrapped", wrap(wrap(fault.New(fault.Conflict, "op", io.EOF))), fault.Conflict},
		{"classified twice", fault.New(fault.Incomplete, "read", wrap(fault.New(fault.Throttled, "get", nil))), fault.Incomplete},
		{"classified as internal", fault.New(fault.Internal, "op", fault.New(fault.Gone, "op", nil)), fault.Internal},
		{"joined", errors.Join(io.EOF, fault.New(fault.Denied, "op", nil), fault.New(fault.Gone, "op", nil)), fault.Denied},
		{"canceled", canceled, fault.Canceled},
		{"canceled and wrapped", wrap(canceled), fault.Canceled},
		{"deadline", late, fault.Unavailable},
		{"deadline and wrapped", wrap(late), fault.Unavailable},
		{"canceled, but classified", fault.New(fault.Incomplete, "read", canceled), fault.Incomplete},
		{"deadline, but classified", wrap(fault.New(fault.Throttled, "wait", late)), fault.Throttled},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.KindOf(tt.err); got != tt.want {
				t.Errorf("kind %s, want %s", got, tt.want)
			}
			for kind := range words() {
				if want := tt.err != nil && kind == tt.want; fault.Is(tt.err, kind) != want {
					t.Errorf("is it %s? %v, want %v", kind, !want, want)
				}
			}
		})
	}
}

// TestKindOfContexts asks real contexts.
func TestKindOfContexts(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if !fault.Is(ctx.Err(), fault.Canceled) {
		t.Errorf("a canceled context's error is %s", fault.KindOf(ctx.Err()))
	}
	ctx, cancel = context.WithTimeout(t.Context(), 0)
	defer cancel()
	if !fault.Is(ctx.Err(), fault.Unavailable) {
		t.Errorf("a late context's error is %s", fault.KindOf(ctx.Err()))
	}
}

// TestOfStatus goes through every error status there may be.
func TestOfStatus(t *testing.T) {
	special := map[int]fault.Kind{
		http.StatusUnauthorized:       fault.Denied,
		http.StatusPaymentRequired:    fault.Denied,
		http.StatusForbidden:          fault.Denied,
		http.StatusNotFound:           fault.NotFound,
		http.StatusConflict:           fault.Conflict,
		http.StatusPreconditionFailed: fault.Conflict,
		http.StatusGone:               fault.Gone,
		http.StatusTooManyRequests:    fault.Throttled,
		http.StatusRequestTimeout:     fault.Unavailable,
		http.StatusLocked:             fault.Unavailable,
		http.StatusFailedDependency:   fault.Unavailable,
		http.StatusNotImplemented:     fault.Invalid,
	}
	for status := 400; status < 600; status++ {
		want, ok := special[status]
		switch {
		case ok:
		case status < 500:
			want = fault.Invalid
		default:
			want = fault.Unavailable
		}
		if got := fault.OfStatus(status); got != want {
			t.Errorf("%d is %s, want %s", status, got, want)
		}
	}
}
