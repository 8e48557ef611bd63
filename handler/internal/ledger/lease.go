package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// LeaseTime is how long a lease is good for after it was taken or renewed.
const LeaseTime = 60 * time.Second

// Lease says who may change a team now. Its row stays when it is released, so
// that the generation only grows: owner and generation together name one
// holding of the lease, and never another.
type Lease struct {
	Team       org.TeamKey `json:"team"`
	Owner      string      `json:"owner,omitempty"` // empty: free
	Generation int         `json:"generation"`      // how often the lease was taken
	Expires    time.Time   `json:"expires,omitzero"`

	etag string
}

func (l *Lease) key(instance string) Key { return Key{partLease, org.Marker(instance, l.Team)} }
func (l *Lease) version() *string        { return &l.etag }

// TheOrganization is the key of the lease under which hinted runs look at what was
// hinted at, one at a time in all instances, and which a run of everything waits
// for. No store has such a number.
var TheOrganization = org.TeamKey{Store: "\x00organization"}

// LeaseOwner returns who holds a team's lease now, empty if nobody does.
func (b *Book) LeaseOwner(ctx context.Context, key org.TeamKey, now time.Time) (string, error) {
	l, err := b.readLease(ctx, key)
	if err != nil || l == nil || !now.Before(l.Expires) {
		return "", err
	}
	return l.Owner, nil
}

// TakeLease takes a team's lease for an owner. It is a fault.Conflict when
// another owner's has not expired, or somebody was faster. An owner who has it
// may take it again, after a write of unknown outcome, say: what was taken
// before is lost then.
func (b *Book) TakeLease(ctx context.Context, key org.TeamKey, owner string, now time.Time) (*Lease, error) {
	const op = "ledger: take a lease"
	if owner == "" {
		return nil, fault.Newf(fault.Internal, op, "the owner has no name")
	}
	l, err := b.readLease(ctx, key)
	if err != nil {
		return nil, err
	}
	if l == nil {
		l = &Lease{Team: key}
	}
	if l.Owner != "" && l.Owner != owner && now.Before(l.Expires) {
		return nil, fault.Newf(fault.Conflict, op, "another instance works on this team until %s", l.Expires.Format(time.RFC3339))
	}
	l.Owner, l.Generation, l.Expires = owner, l.Generation+1, now.UTC().Add(LeaseTime)
	if err := saveRow(ctx, b, l); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return l, nil
}

// RenewLease makes a lease last for LeaseTime from now. It is a fault.Conflict
// when somebody else took it, which nobody can before it expired. One that has
// expired and nobody took is renewed like any other.
func (b *Book) RenewLease(ctx context.Context, l *Lease, now time.Time) error {
	next := *l
	next.Expires = now.UTC().Add(LeaseTime)
	if err := b.changeLease(ctx, l, next); err != nil {
		return fmt.Errorf("ledger: renew a lease: %w", err)
	}
	return nil
}

// ReleaseLease frees a lease for others. One that was lost already is fine.
func (b *Book) ReleaseLease(ctx context.Context, l *Lease) error {
	next := *l
	next.Owner, next.Expires = "", time.Time{}
	if err := b.changeLease(ctx, l, next); err != nil && !fault.Is(err, fault.Conflict) {
		return fmt.Errorf("ledger: release a lease: %w", err)
	}
	return nil
}

// changeLease writes a lease that is still held. An earlier write whose answer
// was lost leaves a version we do not know: then owner and generation tell
// whether the lease is ours.
func (b *Book) changeLease(ctx context.Context, l *Lease, next Lease) error {
	if l.Owner == "" {
		return fault.Newf(fault.Conflict, "ledger: change a lease", "it was released")
	}
	err := saveRow(ctx, b, &next)
	if fault.Is(err, fault.Conflict) {
		now, readErr := b.readLease(ctx, l.Team)
		if readErr != nil {
			return readErr
		}
		if now == nil || now.Owner != l.Owner || now.Generation != l.Generation {
			return err
		}
		next.etag = now.etag
		err = saveRow(ctx, b, &next)
	}
	if err == nil {
		*l = next
	}
	return err
}

func (b *Book) readLease(ctx context.Context, key org.TeamKey) (*Lease, error) {
	return readRow(ctx, b, (&Lease{Team: key}).key(b.instance), &Lease{Team: noTeam})
}
