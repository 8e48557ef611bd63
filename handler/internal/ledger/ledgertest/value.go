package ledgertest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// noise returns n bytes that do not compress and hold every byte value.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
}

func everyByte() []byte {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// valuesReturn uses sizes around 64 KiB because backends split there.
func valuesReturn(t *testing.T, s ledger.Store) {
	const piece = 64 * 1024
	values := map[string][]byte{
		"nil": nil, "empty": {}, "one byte": {0}, "every byte": everyByte(), "text": []byte("ünï €uro 🙂"),
		"just under a piece": noise(piece - 1), "a piece": noise(piece), "just over a piece": noise(piece + 1),
		"two pieces": noise(2 * piece), "one less than the most": noise(ledger.MaxValue - 1),
		"the most": noise(ledger.MaxValue), "the most, zeros": make([]byte, ledger.MaxValue),
	}
	for name, value := range values {
		key := ledger.Key{Partition: "values", Row: name}
		etag := put(t, s, key, string(value), "")
		wantRow(t, s, key, string(value), etag)
	}
	for _, row := range list(t, s, "values", "") {
		if !bytes.Equal(row.Value, values[row.Row]) {
			t.Errorf("List: value %q returned as %d other bytes", row.Row, len(row.Value))
		}
	}
	// A shorter value leaves nothing of the longer one behind.
	key := ledger.Key{Partition: "values", Row: "the most"}
	row, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	etag := put(t, s, key, "short", row.ETag)
	wantRow(t, s, key, "short", etag)
}

func valueTooLarge(t *testing.T, s ledger.Store) {
	tooLarge := make([]byte, ledger.MaxValue+1)
	_, err := s.Put(t.Context(), keyA, tooLarge, "")
	wantKind(t, "create with too large a value", err, fault.Invalid)
	wantAbsent(t, s, keyA)
	etag := put(t, s, keyA, "1", "")
	_, err = s.Put(t.Context(), keyA, tooLarge, etag)
	wantKind(t, "swap to too large a value", err, fault.Invalid)
	wantRow(t, s, keyA, "1", etag)
}

// valuesCopied scribbles over whatever it passed or received.
func valuesCopied(t *testing.T, s ledger.Store) {
	scribble := func(b []byte) {
		for i := range b {
			b[i] = '#'
		}
	}
	value := []byte("kept")
	etag, err := s.Put(t.Context(), keyA, value, "")
	if err != nil {
		t.Fatal(err)
	}
	scribble(value)
	wantRow(t, s, keyA, "kept", etag)

	row, err := s.Get(t.Context(), keyA)
	if err != nil {
		t.Fatal(err)
	}
	scribble(row.Value)
	_ = append(row.Value, "grown"...) // into spare capacity, if there is any
	wantRow(t, s, keyA, "kept", etag)

	for _, row := range list(t, s, keyA.Partition, "") {
		scribble(row.Value)
	}
	wantRow(t, s, keyA, "kept", etag)

	// What was received stays, too, whatever is written later.
	row, err = s.Get(t.Context(), keyA)
	if err != nil {
		t.Fatal(err)
	}
	inParallel(t, 50, 8, func(ctx context.Context, i int) error {
		_, err := s.Put(ctx, ledger.Key{Partition: keyA.Partition, Row: "later " + strconv.Itoa(i)}, noise(5000), "")
		return err
	})
	put(t, s, keyA, "next", row.ETag)
	if string(row.Value) != "kept" {
		t.Errorf("a value received earlier turned into %q", row.Value)
	}
}
