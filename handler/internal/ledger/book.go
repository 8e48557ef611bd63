package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// The partitions of the key schema.
const (
	partBinding = "binding"
	partCursor  = "cursor"
	partTeam    = "team"
	partClaim   = "claim"
	partMirror  = "mirror"
	partRun     = "run"
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

// Link ties one of our teams to its group.
type Link struct {
	Team  org.TeamKey `json:"team"`
	Group org.TeamID  `json:"group"`

	// KeepName is the name Commerce had for the store when its group was
	// adopted; empty for groups we made, and once Commerce's name changed.
	KeepName string `json:"keepName,omitempty"`

	// Attempted is when changes were last carried out or tried. Teams that
	// waited longest go first, so a bad one starves nobody.
	Attempted time.Time `json:"attempted,omitzero"`

	// Managed are the people (and roles) whom a complete snapshot wanted and who
	// were confirmed present: the only ones storeteams may ever remove.
	Managed People `json:"managed,omitempty"`

	etag string
}

// Links returns all links by team.
func (b *Book) Links(ctx context.Context) (map[org.TeamKey]*Link, error) {
	links := map[org.TeamKey]*Link{}
	err := loadAll(ctx, b.store, partTeam, func(l *Link, etag string) {
		l.etag = etag
		links[l.Team] = l
	})
	return links, err
}

// SaveLink writes a link.
func (b *Book) SaveLink(ctx context.Context, l *Link) error {
	return saveVersion(ctx, b.store, Key{partTeam, org.Marker(b.instance, l.Team)}, l, &l.etag)
}

// Claim says that a team is being created: written before the first step,
// deleted after the last. A claim found at the start of a run was left by a
// crash or by patience that ran out; its steps are taken up again.
type Claim struct {
	Team           org.TeamKey `json:"team"`
	Began          time.Time   `json:"began"`
	Operation      string      `json:"operation,omitempty"` // the team's creation, to be watched
	OperationBegan time.Time   `json:"operationBegan,omitzero"`
	NotBefore      time.Time   `json:"notBefore,omitzero"` // deferred until then
	Attempted      time.Time   `json:"attempted,omitzero"` // last taken up

	etag string
}

// Claims returns all open claims by team.
func (b *Book) Claims(ctx context.Context) (map[org.TeamKey]*Claim, error) {
	claims := map[org.TeamKey]*Claim{}
	err := loadAll(ctx, b.store, partClaim, func(c *Claim, etag string) {
		c.etag = etag
		claims[c.Team] = c
	})
	return claims, err
}

// SaveClaim writes a claim.
func (b *Book) SaveClaim(ctx context.Context, c *Claim) error {
	return saveVersion(ctx, b.store, Key{partClaim, org.Marker(b.instance, c.Team)}, c, &c.etag)
}

// DropClaim deletes a claim; one that was never saved or is gone is fine.
func (b *Book) DropClaim(ctx context.Context, c *Claim) error {
	if c.etag == "" {
		return nil
	}
	err := b.store.Delete(ctx, Key{partClaim, org.Marker(b.instance, c.Team)}, c.etag)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// load reads a JSON row.
func load[T any](ctx context.Context, s Store, key Key) (value T, etag string, err error) {
	row, err := s.Get(ctx, key)
	if err != nil {
		return value, "", err
	}
	return value, row.ETag, decode(row, &value)
}

// loadAll reads the JSON rows of a partition.
func loadAll[T any](ctx context.Context, s Store, partition string, add func(*T, string)) error {
	for row, err := range s.List(ctx, partition, "") {
		if err != nil {
			return err
		}
		value := new(T)
		if err := decode(row, value); err != nil {
			return err
		}
		add(value, row.ETag)
	}
	return nil
}

func decode(row Row, into any) error {
	if err := json.Unmarshal(row.Value, into); err != nil {
		return fault.New(fault.Internal, fmt.Sprintf("ledger: read row %s/%s", row.Partition, row.Row), err)
	}
	return nil
}

// save writes a JSON row and returns its new version.
func save(ctx context.Context, s Store, key Key, value any, etag string) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fault.New(fault.Internal, "ledger: write a row", err)
	}
	return s.Put(ctx, key, text, etag)
}

// saveVersion is save for a value that remembers its version.
func saveVersion(ctx context.Context, s Store, key Key, value any, etag *string) error {
	next, err := save(ctx, s, key, value, *etag)
	if err != nil {
		return err
	}
	*etag = next
	return nil
}
