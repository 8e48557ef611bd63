package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// The partitions of the key schema.
const (
	partBinding  = "binding"
	partCursor   = "cursor"
	partTeam     = "team"
	partClaim    = "claim"
	partLease    = "lease"
	partMirror   = "mirror"
	partHold     = "hold"
	partBlock    = "block"
	partRails    = "rails"
	partRun      = "run"
	partProbe    = "probe"
	partAct      = "act"
	partBoard    = "board"
	partCampaign = "campaign"
	partPending  = "pending"
	partNotice   = "notice"
)

// Book is the ledger as the rest of the program sees it. Values it returns
// remember their version; saving one that somebody changed meanwhile is a
// fault.Conflict. It is safe for concurrent use if its Store is.
type Book struct {
	store    Store
	instance string
}

// NewBook returns the book that an instance keeps in a store.
func NewBook(store Store, instance string) *Book { return &Book{store: store, instance: instance} }

// Binding says whom a ledger is about. A sandbox of Commerce is a copy of
// production, mappings included, in the same tenant: its storeteams must not
// go on from production's ledger, nor the other way round.
type Binding struct {
	Instance    string `json:"instance"`
	CommerceURL string `json:"commerceUrl"`
	TenantID    string `json:"tenantId"`
}

// Bind ties a new ledger to b, or checks that it is tied to b already. If it
// is tied to something else the error is a fault.Invalid that says to what.
func (b *Book) Bind(ctx context.Context, want Binding) error {
	const op = "ledger: bind"
	key := Key{partBinding, "ledger"}
	bound, _, err := load[Binding](ctx, b.store, key)
	if fault.Is(err, fault.NotFound) {
		if _, err = save(ctx, b.store, key, want, ""); fault.Is(err, fault.Conflict) {
			bound, _, err = load[Binding](ctx, b.store, key) // another instance of the app was first
		} else {
			bound = want
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if bound != want {
		return fault.Newf(fault.Invalid, op,
			"this ledger belongs to INSTANCE=%s, COMMERCE_URL=%s, TENANT_ID=%s; use another table or file for INSTANCE=%s, COMMERCE_URL=%s, TENANT_ID=%s",
			bound.Instance, bound.CommerceURL, bound.TenantID, want.Instance, want.CommerceURL, want.TenantID)
	}
	return nil
}

// Feed names a delta feed.
type Feed string

// The feeds.
const (
	GroupFeed Feed = "groups"
	UserFeed  Feed = "users"
)

// Cursor is how far a feed has been read.
type Cursor struct {
	Link string    `json:"link"` // opaque; empty: from the beginning
	At   time.Time `json:"at"`   // when it was current

	etag string
}

// cursorLife is how long Graph lets a delta link for directory objects live,
// less a day: seven days (delta query overview).
const cursorLife = 6 * 24 * time.Hour

// From returns the link to read on from, "" when there is none or it is about
// to die.
func (c Cursor) From(now time.Time) string {
	if now.Sub(c.At) > cursorLife {
		return ""
	}
	return c.Link
}

// Cursor returns a feed's cursor, the zero Cursor if it was never read.
func (b *Book) Cursor(ctx context.Context, feed Feed) (Cursor, error) {
	c, etag, err := load[Cursor](ctx, b.store, Key{partCursor, string(feed)})
	if fault.Is(err, fault.NotFound) {
		return Cursor{}, nil
	}
	c.etag = etag
	return c, err
}

// SaveCursor moves a feed's cursor. Call it only after everything read up to
// there is in the ledger.
func (b *Book) SaveCursor(ctx context.Context, feed Feed, c *Cursor) error {
	return saveVersion(ctx, b.store, Key{partCursor, string(feed)}, c, &c.etag)
}
