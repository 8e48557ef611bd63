package ledger

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

const sweepBlob = "sweep"

// Sweep is what the sweep over all boards remembers from tick to tick. It can be
// lost: the next sweep then looks at everything.
type Sweep struct {
	Stores map[org.StoreNumber]Swept `json:"stores"` // "" is the communications board

	CommerceAt    time.Time `json:"commerceAt,omitzero"`     // when Commerce was last read to its end
	CommerceTasks int       `json:"commerceTasks,omitempty"` // how many tasks it had then: far fewer is a short reading

	ETag string `json:"-"` // the version that was read; empty: it is not in the ledger yet
}

// Swept is what the sweep remembers of one store.
type Swept struct {
	Plan     string    `json:"p,omitempty"` // the board, to be listed without its row
	Board    task.Mark `json:"b,omitempty"` // the listing with which everything was settled last
	Commerce task.Mark `json:"c,omitempty"` // Commerce's rows with which everything was settled last
	Listed   time.Time `json:"l,omitzero"`  // when the board was last listed
	Changed  time.Time `json:"x,omitzero"`  // when a change was last seen there
	Whole    time.Time `json:"w,omitzero"`  // when the store was last told to be settled whole
}

// Sweep returns what the sweep remembers, the zero Sweep if nothing.
func (b *Book) Sweep(ctx context.Context) (*Sweep, error) {
	s := new(Sweep)
	etag, err := ReadBlob(ctx, b.store, sweepBlob, func(r io.Reader) error {
		return json.NewDecoder(r).Decode(s)
	})
	if fault.Is(err, fault.NotFound) {
		return new(Sweep), nil
	}
	s.ETag = etag
	return s, err
}

// SaveSweep writes what the sweep remembers. A fault.Conflict: another sweep
// was faster.
func (b *Book) SaveSweep(ctx context.Context, s *Sweep) error {
	etag, err := WriteBlob(ctx, b.store, sweepBlob, s.ETag, func(w io.Writer) error {
		return json.NewEncoder(w).Encode(s)
	})
	if etag != "" {
		s.ETag = etag
	}
	return err
}
