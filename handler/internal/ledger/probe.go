package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// probeLife is how long a probe's row may be of use to it. An older one was left
// by a probe that was killed.
const probeLife = time.Hour

// trial is the row of a probe. Its name is random, so that two probes at once
// have nothing in common.
type trial struct {
	At    time.Time `json:"at"`
	Write int       `json:"write"` // 1: inserted, 2: replaced
}

// Probe inserts, reads, replaces and deletes a row of its own, and returns what
// went wrong first, classified. Rows that probes before it left, it deletes.
func (b *Book) Probe(ctx context.Context) error {
	row := Row{Key: Key{partProbe, rand.Text()}}
	now := time.Now().UTC()
	steps := []struct {
		doing string
		do    func(*Row) error
	}{
		{"insert a row", func(r *Row) error { return b.write(ctx, r, trial{now, 1}) }},
		{"read the row", func(r *Row) error { return b.reread(ctx, r) }},
		{"replace the row", func(r *Row) error { return b.write(ctx, r, trial{now, 2}) }},
		{"read the row again", func(r *Row) error { return b.reread(ctx, r) }},
		{"delete the row", func(r *Row) error { return b.store.Delete(ctx, r.Key, r.ETag) }},
		{"delete what other probes left", func(*Row) error { return b.forgetRows(ctx, partProbe, deserted(now)) }},
	}
	for _, step := range steps {
		if err := step.do(&row); err != nil {
			return fmt.Errorf("ledger: probe: %s: %w", step.doing, err)
		}
	}
	return nil
}

// write writes the row over the version it has.
func (b *Book) write(ctx context.Context, row *Row, content trial) error {
	text, err := json.Marshal(content)
	if err != nil {
		return err
	}
	row.Value = text
	row.ETag, err = b.store.Put(ctx, row.Key, text, row.ETag)
	return err
}

// reread checks that the row is as it was written.
func (b *Book) reread(ctx context.Context, row *Row) error {
	found, err := b.store.Get(ctx, row.Key)
	if err != nil {
		return err
	}
	if found.ETag != row.ETag || !bytes.Equal(found.Value, row.Value) {
		return fault.Newf(fault.Internal, "ledger: compare", "what was read is not what was written")
	}
	return nil
}

// deserted reports of a probe's row whether its probe is over. One that cannot
// be read is no probe's.
func deserted(now time.Time) func(Row) bool {
	return func(row Row) bool {
		var content trial
		err := json.Unmarshal(row.Value, &content)
		return err != nil || now.Sub(content.At) > probeLife
	}
}
