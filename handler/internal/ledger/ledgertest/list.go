package ledgertest

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// wantListError asserts that the listing ends in an error of that kind, with
// nothing after it.
func wantListError(t *testing.T, rows iter.Seq2[ledger.Row, error], kind fault.Kind) {
	t.Helper()
	var last error
	for _, err := range rows {
		if last != nil {
			t.Fatalf("List went on after its error %v", last)
		}
		last = err
	}
	wantKind(t, "List", last, kind)
}

func listOrders(t *testing.T, s ledger.Store) {
	wantNames(t, "an empty partition", list(t, s, "p", ""), nil)
	names := []string{"b", "a", "B", "A", "10", "2", "1", "aa", "a-", "a/b", "a b", "Z", "z", "_", "-", "ab"}
	fill(t, s, "p", names)
	slices.Sort(names) // Go compares strings by their bytes
	rows := list(t, s, "p", "")
	wantNames(t, "List", rows, names)
	for _, row := range rows {
		wantRow(t, s, row.Key, string(row.Value), row.ETag)
	}
	etag := put(t, s, rows[0].Key, "swapped", rows[0].ETag)
	wantRow(t, s, rows[0].Key, "swapped", etag)
}

func listOrdersAny(t *testing.T, s ledger.Store) {
	names := awkwardKeys()
	fill(t, s, "p", names)
	slices.Sort(names)
	wantNames(t, "List", list(t, s, "p", ""), names)
	for _, prefix := range names {
		var want []string
		for _, name := range names {
			if strings.HasPrefix(name, prefix) {
				want = append(want, name)
			}
		}
		wantNames(t, fmt.Sprintf("List with prefix %q", prefix), list(t, s, "p", prefix), want)
	}
}

func listPrefix(t *testing.T, s ledger.Store) {
	fill(t, s, "p", []string{"a", "a/", "a/1", "a/2", "a0", "aa", "b", "A/1", "ä", "äb"})
	long := strings.Repeat("a", ledger.MaxKeyPart+1)
	for prefix, want := range map[string][]string{
		"a":  {"a", "a/", "a/1", "a/2", "a0", "aa"},
		"a/": {"a/", "a/1", "a/2"}, "a/1": {"a/1"}, "a/3": nil, "A": {"A/1"}, "c": nil,
		"ä": {"ä", "äb"}, "\xc3": {"ä", "äb"}, // half a rune is a prefix of bytes
		long: nil, // longer than any row
	} {
		wantNames(t, fmt.Sprintf("List with prefix %q", prefix), list(t, s, "p", prefix), want)
	}
}

func listPartition(t *testing.T, s ledger.Store) {
	partitions := []string{"p", "pp", "P", "p/", "p ", "q", "o", "p\x00"}
	for _, partition := range partitions {
		put(t, s, ledger.Key{Partition: partition, Row: "p-row"}, partition, "")
	}
	for _, partition := range partitions {
		rows := list(t, s, partition, "p")
		wantNames(t, "partition "+partition, rows, []string{"p-row"})
		if rows[0].Partition != partition || string(rows[0].Value) != partition {
			t.Errorf("List of %q yielded partition %q with value %q", partition, rows[0].Partition, rows[0].Value)
		}
	}
	wantNames(t, "a partition without rows", list(t, s, "r", ""), nil)
}

// longList is over two pages of Azure, which has 1,000 rows a page.
const longList = 2500

func fillLong(t *testing.T, s ledger.Store) []string {
	t.Helper()
	names := make([]string, longList)
	for i := range names {
		names[i] = fmt.Sprintf("row/%05d", i)
	}
	shuffled := slices.Clone(names)
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	fill(t, s, "p", shuffled)
	return names
}

func listLong(t *testing.T, s ledger.Store) {
	names := fillLong(t, s)
	put(t, s, ledger.Key{Partition: "p", Row: "quite before"}, "", "")
	put(t, s, ledger.Key{Partition: "p", Row: "seen after"}, "", "")
	wantNames(t, "List", list(t, s, "p", "row/"), names)
	wantNames(t, "List of a part", list(t, s, "p", "row/01"), names[1000:2000])
	wantNames(t, "List of all", list(t, s, "p", ""), slices.Concat([]string{"quite before"}, names, []string{"seen after"}))
}

func listLarge(t *testing.T, s ledger.Store) {
	names := make([]string, 12)
	for i := range names {
		names[i] = fmt.Sprintf("%02d", i)
		put(t, s, ledger.Key{Partition: "p", Row: names[i]}, string(noise(ledger.MaxValue-i)), "")
	}
	rows := list(t, s, "p", "")
	wantNames(t, "List", rows, names)
	for i, row := range rows {
		if !bytes.Equal(row.Value, noise(ledger.MaxValue-i)) {
			t.Errorf("row %s returned %d other bytes", row.Row, len(row.Value))
		}
	}
}

func listStops(t *testing.T, s ledger.Store) {
	names := []string{"a", "b", "c"}
	fill(t, s, "p", names)
	for range 3 {
		for row, err := range s.List(t.Context(), "p", "") {
			if err != nil || row.Row != "a" {
				t.Fatalf("List began with %q, %v", row.Row, err)
			}
			break
		}
	}
	put(t, s, ledger.Key{Partition: "p", Row: "d"}, "", "") // nothing is left locked
	wantNames(t, "List", list(t, s, "p", ""), append(names, "d"))
}

// listWrites changes the store from within the loop, with enough bytes that a
// file must grow: a backend that holds a read transaction open would stand still.
func listWrites(t *testing.T, s ledger.Store) {
	names := fillLong(t, s)
	var got []string
	for row, err := range s.List(t.Context(), "p", "") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row.Row)
		if len(got)%500 == 1 {
			put(t, s, ledger.Key{Partition: "copies", Row: row.Row}, string(noise(ledger.MaxValue)), "")
			if err := s.Delete(t.Context(), row.Key, row.ETag); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !slices.Equal(got, names) {
		t.Errorf("List yielded %d rows while some were deleted behind it, want %d in order", len(got), len(names))
	}
	if left := list(t, s, "p", ""); len(left) != longList-longList/500 {
		t.Errorf("%d rows left, want %d", len(left), longList-longList/500)
	}
}

func listCanceled(t *testing.T, s ledger.Store) {
	fillLong(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	var last error
	for _, err := range s.List(ctx, "p", "") {
		if last = err; err == nil {
			seen++
		}
		cancel()
	}
	wantKind(t, "List after its context ended", last, fault.Canceled)
	if seen == 0 || seen == longList {
		t.Errorf("List yielded %d rows of %d, want a part", seen, longList)
	}
	wantListError(t, s.List(ctx, "p", ""), fault.Canceled)
}
