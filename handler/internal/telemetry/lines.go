package telemetry

import (
	"context"
	"log/slog"
)

// invocationKey is the context's, of the invocation's id.
type invocationKey struct{}

func withInvocation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, invocationKey{}, id)
}

// Lines adds the invocation that a line was written in, as the field
// "invocation", to a handler of log lines: the host ties no line of a custom
// handler to an invocation. A line that says it itself is left as it is.
func Lines(next slog.Handler) slog.Handler { return lines{next} }

type lines struct{ slog.Handler }

// Handle implements [slog.Handler].
func (l lines) Handle(ctx context.Context, r slog.Record) error {
	id, known := ctx.Value(invocationKey{}).(string)
	r.Attrs(func(a slog.Attr) bool {
		known = known && a.Key != "invocation"
		return known
	})
	if known {
		r = r.Clone()
		r.AddAttrs(slog.String("invocation", id))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (l lines) WithAttrs(attrs []slog.Attr) slog.Handler { return lines{l.Handler.WithAttrs(attrs)} }

// WithGroup implements [slog.Handler].
func (l lines) WithGroup(name string) slog.Handler { return lines{l.Handler.WithGroup(name)} }
