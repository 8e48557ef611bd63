package subscription

import (
	"context"
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/notify"
)

// React does what a lifecycle notification asks for. It is done at once: Graph
// holds notifications back until then.
func (k *Keeper) React(ctx context.Context, event, id string) error {
	k.Log.InfoContext(ctx, "lifecycle notification", "event", event, "subscription", id)
	switch event {
	case "reauthorizationRequired":
		return k.reauthorize(ctx, id)
	case "subscriptionRemoved":
		if err := k.Run(ctx, ""); err != nil { // it is missing in Graph's list
			return err
		}
	}
	return k.Queue.Send(ctx, []hint.Hint{{Kind: hint.Tenant}})
}

// reauthorize renews a subscription, which reauthorizes it too.
func (k *Keeper) reauthorize(ctx context.Context, id string) error {
	row, err := k.Book.Subscriptions(ctx)
	if err != nil {
		return fmt.Errorf("subscription: read what there is: %w", err)
	}
	for resource, s := range row.Held {
		if s.ID != id {
			continue
		}
		kind := notify.Groups
		if resource != "groups" && resource != "users" {
			kind = notify.Members
		}
		now := k.Now()
		held, err := k.Graph.Renew(ctx, id, now.Add(k.life(kind)))
		if fault.Is(err, fault.NotFound) {
			return k.Run(ctx, "")
		}
		if err != nil {
			return fmt.Errorf("subscription: reauthorize one: %w", err)
		}
		s.Renewed, s.Expires = now.UTC(), held.Expires
		row.Held[resource] = s
		return k.Book.SaveSubscriptions(ctx, row)
	}
	return nil // a stray's; the timer deletes it
}
