// Package progress tells whoever waits for long work how far it is. The one who
// waits puts a sink into the context, the one who works reports to it; neither
// knows the other, and work that nobody watches reports to nobody.
package progress

import "context"

// Progress is how far a piece of work is.
type Progress struct {
	Doing string `json:"doing"`           // what is being done, in a few words
	Done  int    `json:"done,omitempty"`  // so many of Total are done
	Total int    `json:"total,omitempty"` // 0: nobody knows how many there are
}

type key struct{}

// With returns a context whose work is reported to sink, which must be safe for
// concurrent use and not block.
func With(ctx context.Context, sink func(Progress)) context.Context {
	return context.WithValue(ctx, key{}, sink)
}

// Report reports to whoever watches the work of ctx, if anybody does.
func Report(ctx context.Context, p Progress) {
	if sink, ok := ctx.Value(key{}).(func(Progress)); ok {
		sink(p)
	}
}
