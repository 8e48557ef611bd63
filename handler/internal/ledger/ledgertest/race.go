package ledgertest

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

const (
	writers    = 32
	increments = 3 // by each writer
)

// writersRace counts in one row from many writers at once. One overwritten
// write, or one conflict that wrote all the same, makes the sum wrong.
func writersRace(t *testing.T, s ledger.Store) {
	put(t, s, keyA, "0", "")
	inParallel(t, writers, writers, func(ctx context.Context, _ int) error {
		for range increments {
			if err := increment(ctx, s, keyA); err != nil {
				return err
			}
		}
		return nil
	})
	row, err := s.Get(t.Context(), keyA)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(row.Value), strconv.Itoa(writers*increments); got != want {
		t.Errorf("the writers counted to %s, want %s", got, want)
	}
}

// increment adds one to the row's number, as often as others are first.
func increment(ctx context.Context, s ledger.Store, key ledger.Key) error {
	for {
		row, err := s.Get(ctx, key)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(row.Value))
		if err != nil {
			return err
		}
		_, err = s.Put(ctx, key, []byte(strconv.Itoa(n+1)), row.ETag)
		if !fault.Is(err, fault.Conflict) {
			return err
		}
	}
}

func creatorsRace(t *testing.T, s ledger.Store) {
	var won atomic.Int32
	etags := make([]string, writers)
	inParallel(t, writers, writers, func(ctx context.Context, i int) (err error) {
		etags[i], err = s.Put(ctx, keyA, []byte(strconv.Itoa(i)), "")
		return countWin(&won, err, fault.Conflict)
	})
	if won.Load() != 1 {
		t.Fatalf("%d creators won, want 1", won.Load())
	}
	for i, etag := range etags {
		if etag != "" {
			wantRow(t, s, keyA, strconv.Itoa(i), etag)
		}
	}
}

func deletersRace(t *testing.T, s ledger.Store) {
	etag := put(t, s, keyA, "1", "")
	var won atomic.Int32
	inParallel(t, writers, writers, func(ctx context.Context, _ int) error {
		return countWin(&won, s.Delete(ctx, keyA, etag), fault.NotFound)
	})
	if won.Load() != 1 {
		t.Fatalf("%d deleters won, want 1", won.Load())
	}
	wantAbsent(t, s, keyA)
}

// countWin counts a success and forgives the one way to lose.
func countWin(won *atomic.Int32, err error, lost fault.Kind) error {
	if err == nil {
		won.Add(1)
		return nil
	}
	if fault.Is(err, lost) {
		return nil
	}
	return err
}
