// Package ledgertest is the contract of ledger.Store as tests. Every backend
// runs the whole of it; what only one backend promises is tested beside that
// backend. Nothing in the contract is optional, so there are no switches.
package ledgertest

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// Run runs the contract. Each subtest asks newStore for an empty Store of its
// own and closes it.
func Run(t *testing.T, newStore func(t *testing.T) ledger.Store) {
	subjects := []struct {
		name string
		run  func(t *testing.T, s ledger.Store)
	}{
		{"an absent row is NotFound", absentRow},
		{"create makes a row", createMakes},
		{"create over a row conflicts", createConflicts},
		{"swap replaces the value", swapReplaces},
		{"swap with a stale ETag conflicts", swapStale},
		{"swap of a vanished row conflicts", swapVanished},
		{"swap with an ETag no row had conflicts", swapMadeUp},
		{"an ETag is never used twice", etagsDiffer},
		{"of many writers each loses or wins whole", writersRace},
		{"of many creators one wins", creatorsRace},
		{"of many deleters one wins", deletersRace},
		{"delete removes the row", deleteRemoves},
		{"delete refuses", deleteRefuses},
		{"values of every size and byte return", valuesReturn},
		{"a value over MaxValue is Invalid", valueTooLarge},
		{"values are copied", valuesCopied},
		{"any key is told from any other", keysDiffer},
		{"a key that breaks the rule is Invalid", keysInvalid},
		{"list orders by bytes", listOrders},
		{"list orders any keys as their bytes", listOrdersAny},
		{"list takes a prefix", listPrefix},
		{"list stays in its partition", listPartition},
		{"list goes over as many pages as it takes", listLong},
		{"list yields large rows", listLarge},
		{"list lets its consumer stop", listStops},
		{"list lets its consumer write", listWrites},
		{"list ends with an error when its context ends", listCanceled},
		{"an ended context changes nothing", contextEnded},
	}
	for _, subject := range subjects {
		t.Run(subject.name, func(t *testing.T) {
			s := newStore(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			subject.run(t, s)
		})
	}
}

// keyA is the row of tests that need one row.
var keyA = ledger.Key{Partition: "partition", Row: "a"}

// put writes a row that must be writable and returns its ETag.
func put(t *testing.T, s ledger.Store, key ledger.Key, value, etag string) string {
	t.Helper()
	newETag, err := s.Put(t.Context(), key, []byte(value), etag)
	if err != nil {
		t.Fatalf("Put %q: %v", key, err)
	}
	if newETag == "" {
		t.Fatalf("Put %q: no ETag", key)
	}
	return newETag
}

// wantRow asserts that the row is there with this value and this ETag.
func wantRow(t *testing.T, s ledger.Store, key ledger.Key, value, etag string) {
	t.Helper()
	row, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("Get %q: %v", key, err)
	}
	if row.Key != key || !bytes.Equal(row.Value, []byte(value)) || row.ETag != etag {
		t.Fatalf("Get %q = key %q, %d bytes %.40q, ETag %s; want %d bytes %.40q, ETag %s",
			key, row.Key, len(row.Value), row.Value, row.ETag, len(value), value, etag)
	}
}

// wantAbsent asserts that there is no such row.
func wantAbsent(t *testing.T, s ledger.Store, key ledger.Key) {
	t.Helper()
	row, err := s.Get(t.Context(), key)
	wantKind(t, "Get", err, fault.NotFound)
	if row.Value != nil || row.ETag != "" {
		t.Fatalf("Get of an absent row returned %q beside its error", row.Value)
	}
}

// wantKind asserts that err is a classified error of that kind.
func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("%s: got error %v (%v), want kind %v", what, err, fault.KindOf(err), kind)
	}
}

// list collects a listing that must work.
func list(t *testing.T, s ledger.Store, partition, prefix string) []ledger.Row {
	t.Helper()
	var rows []ledger.Row
	for row, err := range s.List(t.Context(), partition, prefix) {
		if err != nil {
			t.Fatalf("List %q %q after %d rows: %v", partition, prefix, len(rows), err)
		}
		rows = append(rows, row)
	}
	return rows
}

// rowNames are the rows' names in the order they came.
func rowNames(rows []ledger.Row) []string {
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Row
	}
	return names
}

// wantNames asserts a listing's rows, in order.
func wantNames(t *testing.T, what string, rows []ledger.Row, want []string) {
	t.Helper()
	got := rowNames(rows)
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("%s: row %d of %d is %q, want %q of %d", what, i, len(got), got[i], want[i], len(want))
		}
	}
	t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
}

// fill writes one row under each name, value = the row's number, several at a time.
func fill(t *testing.T, s ledger.Store, partition string, names []string) {
	t.Helper()
	inParallel(t, len(names), 16, func(ctx context.Context, i int) error {
		_, err := s.Put(ctx, ledger.Key{Partition: partition, Row: names[i]}, []byte(strconv.Itoa(i)), "")
		return err
	})
}

// inParallel calls work for 0 to n-1, at most limit at a time; none may fail.
func inParallel(t *testing.T, n, limit int, work func(ctx context.Context, i int) error) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(limit)
	for i := range n {
		group.Go(func() error { return work(ctx, i) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}
