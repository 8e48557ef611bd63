package trigger

import (
	"context"
	"encoding/json"
	"time"
)

// Observer is told of calls. It is safe for concurrent use.
type Observer interface {
	// Call is told that a call of a function begins. The context that comes back
	// is the call's; finish is told the status of its answer.
	Call(ctx context.Context, function, invocation string) (_ context.Context, finish func(status int))

	// Message is told that a call is about a message and when that was put on
	// its queue; done, that it was dealt with.
	Message(ctx context.Context, function string, queued time.Time) (done func())
}

// observed tells the observer of a call.
func (f *front) observed(c call, function string) (call, func(status int)) {
	c.function = function
	if f.functions.Observer == nil {
		return c, func(int) {}
	}
	ctx, finish := f.functions.Observer.Call(c.Context(), function, c.invocation)
	c.Request = c.WithContext(ctx)
	return c, finish
}

// message tells the observer of a message, if the host says how old it is.
func (f *front) message(c call, e envelope) (done func()) {
	queued, known := e.queued()
	if f.functions.Observer == nil || !known {
		return func() {}
	}
	return f.functions.Observer.Message(c.Context(), c.function, queued)
}

// queued is when a message was put on its queue. The host writes it in UTC
// without saying so.
func (e envelope) queued() (time.Time, bool) {
	var text string
	if json.Unmarshal(unwrap(e.Metadata["EnqueuedTimeUtc"]), &text) != nil {
		return time.Time{}, false
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if at, err := time.Parse(form, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// under is a context that ends with one and carries the values of another: work
// goes on after its call has ended, and its log lines are still that call's.
type under struct {
	context.Context
	values context.Context
}

// Value implements [context.Context].
func (u under) Value(key any) any {
	if v := u.Context.Value(key); v != nil {
		return v
	}
	return u.values.Value(key)
}
