package ledger

import (
	"context"

	"github.com/storeteams/storeteams/handler/internal/rails"
)

// Baseline is what a reading of Commerce is compared with.
type Baseline struct {
	rails.Baseline

	etag string
}

func baselineKey() Key { return Key{partRails, "baseline"} }

// key is no row's for a baseline of no reading: it would call no reading short.
func (b *Baseline) key(string) Key {
	if b.ReadAt.IsZero() {
		return Key{partRails, ""}
	}
	return baselineKey()
}

func (b *Baseline) version() *string { return &b.etag }

// Baseline returns the baseline, the zero one if there was no reading yet.
func (b *Book) Baseline(ctx context.Context) (*Baseline, error) {
	base, err := readRow(ctx, b, baselineKey(), new(Baseline))
	if base == nil && err == nil {
		base = new(Baseline)
	}
	return base, err
}

// SaveBaseline writes the baseline. One without the time of its reading is
// refused.
func (b *Book) SaveBaseline(ctx context.Context, base *Baseline) error { return saveRow(ctx, b, base) }

// Quarantine is what slows runs after one in which too much failed.
type Quarantine struct {
	rails.Quarantine

	etag string
}

func quarantineKey() Key { return Key{partRails, "quarantine"} }

// key is no row's for a quarantine since no time.
func (q *Quarantine) key(string) Key {
	if q.Since.IsZero() {
		return Key{partRails, ""}
	}
	return quarantineKey()
}

func (q *Quarantine) version() *string { return &q.etag }

// Quarantine returns the quarantine, nil when there is none.
func (b *Book) Quarantine(ctx context.Context) (*Quarantine, error) {
	return readRow(ctx, b, quarantineKey(), new(Quarantine))
}

// SaveQuarantine begins or changes the quarantine. One without the time of its
// beginning is refused.
func (b *Book) SaveQuarantine(ctx context.Context, q *Quarantine) error { return saveRow(ctx, b, q) }

// DropQuarantine ends the quarantine; one that was never saved or is gone is
// fine.
func (b *Book) DropQuarantine(ctx context.Context, q *Quarantine) error { return dropRow(ctx, b, q) }
