package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// holdTries bounds how often a hold is read again because somebody wrote it
// between our reading and our writing.
const holdTries = 5

// hold is the row of one hold.
type hold struct {
	rails.Hold

	etag string
}

func (h *hold) key(string) Key {
	if h.Team == noTeam {
		return Key{partHold, ""}
	}
	return Key{partHold, h.Hash}
}

func (h *hold) version() *string { return &h.etag }

func blankHold() *hold { return &hold{Hold: rails.Hold{Halt: plan.Halt{Team: noTeam}}} }

// Holds are the holds as they were last read or written.
type Holds struct{ byHash map[string]*hold }

// All returns the holds by hash.
func (h *Holds) All() rails.Holds {
	all := make(rails.Holds, 0, len(h.byHash))
	for _, hash := range slices.Sorted(maps.Keys(h.byHash)) {
		all = append(all, h.byHash[hash].Hold)
	}
	return all
}

// Holds returns the holds of all teams.
func (b *Book) Holds(ctx context.Context) (*Holds, error) {
	byHash, err := readAll(ctx, b, blankHold(), func(h *hold) string { return h.Hash })
	if err != nil {
		return nil, err
	}
	return &Holds{byHash: byHash}, nil
}

func (b *Book) readHold(ctx context.Context, hash string) (*hold, error) {
	return readRow(ctx, b, Key{partHold, hash}, blankHold())
}

// SaveHolds makes the holds those wanted: it writes what differs from what was
// read, and deletes what is wanted no more. A row that somebody else wrote
// meanwhile stays as they wrote it, because that is a person's decision or
// another run's same hold: h has it afterwards, and it is no error. A hold that
// is too large for a row, of several thousand changes in one team, is left out
// and told of as a fault.Invalid when all others are written.
func (b *Book) SaveHolds(ctx context.Context, h *Holds, want rails.Holds) error {
	wanted := make(map[string]bool, len(want))
	var tooLarge error
	for _, w := range want {
		wanted[w.Hash] = true
		err := b.saveHold(ctx, h, w)
		if err != nil {
			err = fmt.Errorf("ledger: write hold %s of %d changes in %s: %w", w.Hash, len(w.Changes), w.Team, err)
		}
		switch {
		case fault.Is(err, fault.Invalid):
			tooLarge = errors.Join(tooLarge, err)
		case err != nil:
			return err
		}
	}
	for _, hash := range slices.Sorted(maps.Keys(h.byHash)) {
		if wanted[hash] {
			continue
		}
		if err := b.dropHold(ctx, h, hash); err != nil {
			return fmt.Errorf("ledger: delete hold %s: %w", hash, err)
		}
	}
	return tooLarge
}

// saveHold writes one hold, if it differs.
func (b *Book) saveHold(ctx context.Context, h *Holds, want rails.Hold) error {
	next := &hold{Hold: want}
	if before := h.byHash[want.Hash]; before != nil {
		same, err := sameHold(before.Hold, want)
		if same || err != nil {
			return err
		}
		next.etag = before.etag
	}
	for range holdTries {
		err := saveRow(ctx, b, next)
		if err == nil {
			h.byHash[want.Hash] = next
		}
		if !fault.Is(err, fault.Conflict) {
			return err
		}
		now, err := b.readHold(ctx, want.Hash)
		if err != nil {
			return err
		}
		if now != nil {
			h.byHash[want.Hash] = now
			return nil
		}
		next.etag = "" // another run had no more need of it; ours has
	}
	return nil // the next run asks again, and nothing held is carried out until then
}

// dropHold deletes one hold, unless somebody wrote it meanwhile.
func (b *Book) dropHold(ctx context.Context, h *Holds, hash string) error {
	err := dropRow(ctx, b, h.byHash[hash])
	if fault.Is(err, fault.Conflict) {
		now, readErr := b.readHold(ctx, hash)
		if readErr != nil {
			return readErr
		}
		if now != nil {
			h.byHash[hash] = now
			return nil
		}
		err = nil
	}
	if err == nil {
		delete(h.byHash, hash)
	}
	return err
}

// sameHold reports whether two holds are one and the same row.
func sameHold(a, b rails.Hold) (bool, error) {
	first, err := json.Marshal(a)
	if err != nil {
		return false, fault.New(fault.Internal, "ledger: compare holds", err)
	}
	second, err := json.Marshal(b)
	if err != nil {
		return false, fault.New(fault.Internal, "ledger: compare holds", err)
	}
	return bytes.Equal(first, second), nil
}

// Decide records what a person said of a hold, Allowed or Refused, and returns
// the hold as it is then. They may say the same again, or change their mind. A
// hash that names no hold is fault.NotFound, a hold that has expired
// fault.Conflict: what still applies is asked about anew, under a hold that
// says what it would do today.
func (b *Book) Decide(ctx context.Context, hash string, d rails.Decision, now time.Time) (rails.Hold, error) {
	const op = "ledger: decide on a hold"
	if d != rails.Allowed && d != rails.Refused {
		return rails.Hold{}, fault.Newf(fault.Invalid, op, "%q is no decision: expected %s or %s", d, rails.Allowed, rails.Refused)
	}
	if CheckKey(op, Key{partHold, hash}) != nil {
		return rails.Hold{}, fault.Newf(fault.NotFound, op, "there is no hold %q", hash)
	}
	var err error
	for range holdTries {
		h, readErr := b.readHold(ctx, hash)
		switch {
		case readErr != nil:
			return rails.Hold{}, readErr
		case h == nil:
			return rails.Hold{}, fault.Newf(fault.NotFound, op, "there is no hold %q", hash)
		case !now.Before(h.Expires):
			return rails.Hold{}, fault.Newf(fault.Conflict, op,
				"hold %s expired at %s and can no longer be decided: what still applies is asked about anew", hash, h.Expires.UTC().Format(time.RFC3339))
		case h.Decision == d:
			return h.Hold, nil
		}
		h.Decision, h.Decided = d, now.UTC()
		if err = saveRow(ctx, b, h); err == nil {
			return h.Hold, nil
		}
		if !fault.Is(err, fault.Conflict) {
			break
		}
	}
	return rails.Hold{}, fmt.Errorf("%s: %w", op, err)
}
