package subscription

import (
	"context"
	"time"

	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Wanted is a subscription to be made.
type Wanted struct {
	Resource string // without a slash at its beginning
	Changes  string // changeType
	URL      string // for notifications and lifecycle notifications
	State    string // clientState
	Expires  time.Time
}

// Held is a subscription as Graph has it.
type Held struct {
	ID       string
	Resource string
	URL      string
	Expires  time.Time
}

// Graph makes and lists subscriptions. Errors are classified with package fault.
type Graph interface {
	// Subscriptions lists those of our app in the tenant.
	Subscriptions(ctx context.Context) ([]Held, error)

	// Subscribe makes one. Graph asks the address for its consent first. It is not
	// tried again when no answer came: there may be one nobody knows of then.
	// fault.Denied: a quota is used up, or we may not; fault.Conflict: there is
	// one like it; fault.Invalid: the address did not consent, or something in it
	// is refused.
	Subscribe(ctx context.Context, w Wanted) (Held, error)

	// Renew lets one live until then. fault.NotFound: it is gone.
	Renew(ctx context.Context, id string, expires time.Time) (Held, error)

	// Unsubscribe deletes one. One that is gone is fine.
	Unsubscribe(ctx context.Context, id string) error

	// Beat writes a text into the description of the canary's group, which is
	// made if it is not there, and returns the group's id.
	Beat(ctx context.Context, marker, name, text string) (org.TeamID, error)
}

// Queue takes hints.
type Queue interface {
	Send(ctx context.Context, hints []hint.Hint) error
}
