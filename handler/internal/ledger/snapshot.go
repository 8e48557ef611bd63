package ledger

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

const (
	snapshotBlob = "snapshot"

	// pieceRows is how many rows of a collection go into one gob message. Gob
	// gathers a message in memory before it writes it, and again before it reads
	// it: a chain's snapshot in one message is there twice.
	pieceRows = 10_000
)

// lengths says, in the first message of a snapshot, how many rows each of its
// collections has: so that each is allocated once, and no larger than it is.
type lengths map[string]int

// Snapshot returns the last complete reading of Commerce and its version; the
// zero Snapshot if there is none.
func (b *Book) Snapshot(ctx context.Context) (s org.Snapshot, version string, err error) {
	version, err = ReadBlob(ctx, b.store, snapshotBlob, func(r io.Reader) (err error) {
		s, err = decodeSnapshot(gob.NewDecoder(r))
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return org.Snapshot{}, "", nil
	}
	if err != nil {
		return org.Snapshot{}, "", fmt.Errorf("ledger: read the snapshot: %w", err)
	}
	return s, version, nil
}

// SaveSnapshot keeps a complete reading in place of the version etag.
func (b *Book) SaveSnapshot(ctx context.Context, s org.Snapshot, etag string) error {
	_, err := WriteBlob(ctx, b.store, snapshotBlob, etag, func(w io.Writer) error {
		messages := gob.NewEncoder(w)
		if err := messages.Encode(measureSnapshot(s)); err != nil {
			return err
		}
		for piece := range pieces(s) {
			if err := messages.Encode(piece); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ledger: write the snapshot: %w", err)
	}
	return nil
}

// collections yields a snapshot's slices, by name.
func collections(s *org.Snapshot) iter.Seq2[string, reflect.Value] {
	return func(yield func(string, reflect.Value) bool) {
		for field, value := range reflect.ValueOf(s).Elem().Fields() {
			if value.Kind() == reflect.Slice && !yield(field.Name, value) {
				return
			}
		}
	}
}

func measureSnapshot(s org.Snapshot) lengths {
	l := lengths{}
	for name, rows := range collections(&s) {
		l[name] = rows.Len()
	}
	return l
}

// pieces yields a snapshot in parts: rows of one collection each, and in the
// last what is left.
func pieces(s org.Snapshot) iter.Seq[org.Snapshot] {
	return func(yield func(org.Snapshot) bool) {
		for name, rows := range collections(&s) {
			for rows.Len() > pieceRows {
				var piece org.Snapshot
				reflect.ValueOf(&piece).Elem().FieldByName(name).Set(rows.Slice(0, pieceRows))
				if !yield(piece) {
					return
				}
				rows.Set(rows.Slice(pieceRows, rows.Len()))
			}
		}
		yield(s)
	}
}

// maxRows is more rows than any collection has. A length over it is damage.
const maxRows = 100_000_000

// decodeSnapshot puts the pieces together, and checks that they are all there.
func decodeSnapshot(messages *gob.Decoder) (whole org.Snapshot, err error) {
	var want lengths
	if err := messages.Decode(&want); err != nil {
		return org.Snapshot{}, fmt.Errorf("lengths: %w", err)
	}
	for name, rows := range collections(&whole) {
		if n := want[name]; n < 0 || n > maxRows {
			return org.Snapshot{}, fmt.Errorf("%s is said to have %d rows", name, n)
		} else if n > 0 {
			rows.Set(reflect.MakeSlice(rows.Type(), n, n).Slice(0, 0))
		}
	}
	for {
		piece := room(whole)
		if err := messages.Decode(&piece); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return org.Snapshot{}, err
		}
		if whole, err = join(whole, piece); err != nil {
			return org.Snapshot{}, err
		}
	}
	for name, rows := range collections(&whole) {
		if rows.Len() != want[name] {
			return org.Snapshot{}, fmt.Errorf("%s has %d rows, not %d", name, rows.Len(), want[name])
		}
	}
	whole.Share()
	return whole, nil
}

// room returns a snapshot of no rows for the next piece. Its collections are
// what is free behind whole's, where gob then puts the rows: a slice with the
// capacity is extended in place.
func room(whole org.Snapshot) org.Snapshot {
	for _, rows := range collections(&whole) {
		rows.Set(rows.Slice3(rows.Len(), rows.Len(), rows.Cap()))
	}
	return whole
}

// join returns whole with a piece that was decoded into its room.
func join(whole, piece org.Snapshot) (org.Snapshot, error) {
	before := reflect.ValueOf(&whole).Elem()
	for name, rows := range collections(&piece) {
		had, more := before.FieldByName(name), rows.Len()
		if more > had.Cap()-had.Len() {
			return org.Snapshot{}, fmt.Errorf("%s has more rows than its length says", name)
		}
		rows.Set(had.Slice(0, had.Len()+more))
	}
	return piece, nil
}
