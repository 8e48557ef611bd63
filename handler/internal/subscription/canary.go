package subscription

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

const (
	// grace is how long a notification may take (Graph's documented maximum for
	// groups and users is minutes).
	grace = 10 * time.Minute

	// coarse is how exactly arrivals are noted.
	coarse = time.Minute
)

// listen touches the canary when it is time to, and judges whether notifications
// arrive. Loud says that the tenant has to be looked at because they do not, or
// do again.
func (k *Keeper) listen(ctx context.Context, row *ledger.Subscriptions) (loud bool, err error) {
	if k.settings.CanaryInterval == 0 {
		row.Silent = time.Time{}
		return false, nil
	}
	arrival, err := k.Book.Arrival(ctx)
	if err != nil {
		return false, fmt.Errorf("subscription: read when a notification came: %w", err)
	}
	now := k.Now()
	heard := !arrival.Seen.Before(row.Beat.Add(-coarse))
	silent := !row.Beat.IsZero() && !heard && now.Sub(row.Beat) > grace
	switch {
	case silent && row.Silent.IsZero():
		row.Silent = row.Beat
		k.Log.ErrorContext(ctx, "no notifications arrive", "canary", row.Canary, "beat", row.Beat, "seen", arrival.Seen)
		for resource, s := range row.Held { // perhaps new ones help
			s.Key = ""
			row.Held[resource] = s
		}
	case heard && !row.Silent.IsZero():
		k.Log.InfoContext(ctx, "notifications arrive again", "since", row.Silent)
		row.Silent, loud = time.Time{}, true
	}
	loud = loud || !row.Silent.IsZero()
	if waiting := !heard && !row.Beat.IsZero() && !silent; waiting || heard && now.Sub(row.Beat) < k.settings.CanaryInterval {
		return loud, nil
	}
	group, err := k.Graph.Beat(ctx, org.CanaryMarker(k.settings.Instance), "storeteams canary ("+k.settings.Instance+")",
		"Nobody is in this group. storeteams writes the time here to see whether Microsoft Graph tells it of changes: "+now.UTC().Format(time.RFC3339))
	if err != nil {
		return loud, fmt.Errorf("subscription: touch the canary: %w", err)
	}
	row.Beat, row.Canary = now.UTC(), string(group)
	return loud, nil
}

// Health is what operators may know of notifications.
type Health struct {
	Wanted bool                           `json:"wanted"` // NOTIFICATION_URL is set
	Held   map[string]ledger.Subscription `json:"subscriptions,omitempty"`
	Seen   time.Time                      `json:"seen,omitzero"`   // when the last notification came, to the minute
	Beat   time.Time                      `json:"beat,omitzero"`   // when the canary was last touched
	Silent time.Time                      `json:"silent,omitzero"` // since when none comes although it should
	Wrong  string                         `json:"wrong,omitempty"` // what went wrong at the last tick
}

// Health tells how it stands with notifications.
func (k *Keeper) Health(ctx context.Context) (Health, error) {
	h := Health{Wanted: k.settings.URL != ""}
	if !h.Wanted {
		return h, nil
	}
	row, err := k.Book.Subscriptions(ctx)
	if err != nil {
		return h, err
	}
	arrival, err := k.Book.Arrival(ctx)
	if err != nil {
		return h, err
	}
	h.Held, h.Seen, h.Beat, h.Silent, h.Wrong = row.Held, arrival.Seen, row.Beat, row.Silent, row.Told
	return h, nil
}
