package ledger

import (
	"context"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Claim says that a team is being created: written before the first step,
// deleted after the last. A claim found at the start of a run was left by a
// crash or by patience that ran out; its steps are taken up again.
type Claim struct {
	Team           org.TeamKey `json:"team"`
	Operation      string      `json:"operation,omitempty"` // the team's creation, to be watched
	OperationBegan time.Time   `json:"operationBegan,omitzero"`
	NotBefore      time.Time   `json:"notBefore,omitzero"` // deferred until then
	Attempted      time.Time   `json:"attempted,omitzero"` // last taken up

	etag string
}

func (c *Claim) key(instance string) Key { return Key{partClaim, org.Marker(instance, c.Team)} }
func (c *Claim) version() *string        { return &c.etag }

// Claims returns all open claims by team.
func (b *Book) Claims(ctx context.Context) (map[org.TeamKey]*Claim, error) {
	return readAll(ctx, b, &Claim{Team: noTeam}, func(c *Claim) org.TeamKey { return c.Team })
}

// ReadClaim returns a team's claim as it is now, nil if it has none.
func (b *Book) ReadClaim(ctx context.Context, key org.TeamKey) (*Claim, error) {
	return readRow(ctx, b, (&Claim{Team: key}).key(b.instance), &Claim{Team: noTeam})
}

// SaveClaim writes a claim.
func (b *Book) SaveClaim(ctx context.Context, c *Claim) error { return saveRow(ctx, b, c) }

// DropClaim deletes a claim; one that was never saved or is gone is fine.
func (b *Book) DropClaim(ctx context.Context, c *Claim) error { return dropRow(ctx, b, c) }
