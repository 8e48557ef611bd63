package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

const takingsBlob = "takings"

// Takings are the removals and demotions that count against the caps, of all
// teams: one value, swapped as a whole, so that whoever takes from people has
// counted what everybody else took.
type Takings struct {
	All []rails.Taking

	etag string
	sum  [sha256.Size]byte // of what the ledger has
}

// Takings returns the takings, none if there were never any.
func (b *Book) Takings(ctx context.Context) (*Takings, error) {
	t := new(Takings)
	etag, err := ReadBlob(ctx, b.store, takingsBlob, func(r io.Reader) (err error) {
		t.All, err = decodeTakings(r)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		etag, err = "", nil
	}
	if err == nil {
		t.etag = etag
		t.sum, err = t.hash()
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: read the takings: %w", err)
	}
	return t, nil
}

// SaveTakings writes the takings, unless they are as they were read. It is a
// fault.Conflict if somebody else changed them meanwhile: then the caps may be
// used up, and the run has to count again.
func (b *Book) SaveTakings(ctx context.Context, t *Takings) error {
	sum, err := t.hash()
	if err == nil && sum != t.sum {
		var etag string
		etag, err = WriteBlob(ctx, b.store, takingsBlob, t.etag, t.encode)
		if etag != "" {
			t.etag, t.sum = etag, sum
		}
	}
	if err != nil {
		return fmt.Errorf("ledger: write the takings: %w", err)
	}
	return nil
}

func (t *Takings) hash() (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	if err := t.encode(h); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// encode writes a taking a line, so that no more than one is in memory twice.
func (t *Takings) encode(w io.Writer) error {
	lines := json.NewEncoder(w)
	for _, taking := range t.All {
		if err := checkTaking(taking); err != nil {
			return err
		}
		if err := lines.Encode(taking); err != nil {
			return err
		}
	}
	return nil
}

func decodeTakings(r io.Reader) ([]rails.Taking, error) {
	var all []rails.Taking
	for lines := json.NewDecoder(r); ; {
		taking := rails.Taking{Team: noTeam}
		if err := lines.Decode(&taking); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fault.New(fault.Internal, fmt.Sprintf("ledger: read taking %d", len(all)), err)
		}
		if err := checkTaking(taking); err != nil {
			return nil, err
		}
		all = append(all, taking)
	}
}

// checkTaking refuses what is no taking. A wrong one would count for another
// team or for none.
func checkTaking(t rails.Taking) error {
	if t.Team == noTeam || t.User == (org.UserID{}) || !t.Kind.Taking() || t.At.IsZero() {
		return fault.Newf(fault.Internal, "ledger: check a taking", "it lacks its team, user, kind or time")
	}
	return nil
}
