// Package webhook takes what Graph posts: it turns notifications into hints and
// has them on the queue before it says that they were taken. It asks neither the
// ledger nor Graph, so that it answers within milliseconds, also from a cold
// start, and what is forged costs nothing but reading it.
package webhook

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/notify"
)

// Queue takes hints durably.
type Queue interface {
	Send(ctx context.Context, hints []hint.Hint) error
}

// Hook takes notifications. It is safe for concurrent use.
type Hook struct {
	Keys     *notify.Keys // nil: no notifications are expected
	TenantID string
	Queue    Queue
	Log      *slog.Logger

	// Told is told how many notifications had the same fate: "taken", or the
	// reason they were dropped for. Nil: nobody is.
	Told func(ctx context.Context, fate string, n int)
}

// Accept takes a body. When it returns nil, everything in it that is ours is on
// the queue. A fault.Invalid: the body is none of Graph's. Any other error: it
// could not be kept, and Graph has to send it again.
func (h *Hook) Accept(ctx context.Context, body []byte) error {
	const op = "webhook: accept"
	if h.Keys == nil {
		return fault.Newf(fault.Invalid, op, "this app expects no notifications")
	}
	d, err := notify.Parse(body, h.Keys, h.TenantID)
	if err != nil {
		return fault.New(fault.Invalid, op, err)
	}
	for reason, n := range d.Dropped {
		h.Log.WarnContext(ctx, "notifications dropped", "reason", string(reason), "items", n)
		h.tell(ctx, string(reason), n)
	}
	hints := hintsOf(d)
	if len(hints) == 0 {
		return nil
	}
	if err := h.Queue.Send(ctx, hints); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	h.tell(ctx, "taken", len(d.Groups)+len(d.Users)+len(d.Lifecycle))
	return nil
}

func (h *Hook) tell(ctx context.Context, fate string, n int) {
	if h.Told != nil {
		h.Told(ctx, fate, n)
	}
}

// hintsOf are the hints that a delivery makes.
func hintsOf(d notify.Delivery) []hint.Hint {
	hints := make([]hint.Hint, 0, len(d.Groups)+len(d.Users)+len(d.Lifecycle))
	for _, said := range d.Lifecycle {
		hints = append(hints, hint.Hint{Kind: hint.Subscription, Key: said.Event + ":" + said.Subscription})
	}
	for _, group := range d.Groups {
		hints = append(hints, hint.Hint{Kind: hint.Group, Key: string(group)})
	}
	for _, user := range d.Users {
		hints = append(hints, hint.Hint{Kind: hint.User, Key: user.String()})
	}
	return hints
}
