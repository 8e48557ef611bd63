package ledgertest

import (
	"strconv"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

func absentRow(t *testing.T, s ledger.Store) {
	wantAbsent(t, s, keyA)
	put(t, s, keyA, "1", "")
	wantAbsent(t, s, ledger.Key{Partition: keyA.Partition, Row: "b"})
	wantAbsent(t, s, ledger.Key{Partition: "other", Row: keyA.Row})
}

func createMakes(t *testing.T, s ledger.Store) {
	etag := put(t, s, keyA, "1", "")
	wantRow(t, s, keyA, "1", etag)
}

func createConflicts(t *testing.T, s ledger.Store) {
	etag := put(t, s, keyA, "1", "")
	newETag, err := s.Put(t.Context(), keyA, []byte("2"), "")
	wantKind(t, "Put over a row", err, fault.Conflict)
	if newETag != "" {
		t.Errorf("Put failed and returned ETag %s", newETag)
	}
	wantRow(t, s, keyA, "1", etag)
}

func swapReplaces(t *testing.T, s ledger.Store) {
	first := put(t, s, keyA, "a first value that is longer", "")
	second := put(t, s, keyA, "2", first)
	wantRow(t, s, keyA, "2", second)
	row, err := s.Get(t.Context(), keyA)
	if err != nil {
		t.Fatal(err)
	}
	third := put(t, s, keyA, "3", row.ETag)
	wantRow(t, s, keyA, "3", third)
}

func swapStale(t *testing.T, s ledger.Store) {
	first := put(t, s, keyA, "1", "")
	second := put(t, s, keyA, "2", first)
	_, err := s.Put(t.Context(), keyA, []byte("3"), first)
	wantKind(t, "Put with a stale ETag", err, fault.Conflict)
	wantRow(t, s, keyA, "2", second)
}

func swapVanished(t *testing.T, s ledger.Store) {
	etag := put(t, s, keyA, "1", "")
	if err := s.Delete(t.Context(), keyA, etag); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(t.Context(), keyA, []byte("2"), etag)
	wantKind(t, "Put with a deleted row's ETag", err, fault.Conflict)
	wantAbsent(t, s, keyA)

	never := ledger.Key{Partition: keyA.Partition, Row: "never"}
	_, err = s.Put(t.Context(), never, []byte("2"), etag)
	wantKind(t, "Put with an ETag where no row ever was", err, fault.Conflict)
	wantAbsent(t, s, never)
}

// madeUp returns ETags that no row ever has. "*" is HTTP's "whatever is there":
// passed on as it is, it would overwrite another's work.
func madeUp() []string {
	return []string{"*", "0", "made up", `"quoted"`, `W/"*"`, "W/\"two\nlines\""}
}

func swapMadeUp(t *testing.T, s ledger.Store) {
	etag := put(t, s, keyA, "1", "")
	absent := ledger.Key{Partition: keyA.Partition, Row: "absent"}
	for _, wrong := range madeUp() {
		_, err := s.Put(t.Context(), keyA, []byte("2"), wrong)
		wantKind(t, "Put with ETag "+wrong, err, fault.Conflict)
		_, err = s.Put(t.Context(), absent, []byte("2"), wrong)
		wantKind(t, "Put of an absent row with ETag "+wrong, err, fault.Conflict)
	}
	wantRow(t, s, keyA, "1", etag)
	wantAbsent(t, s, absent)
}

// etagsDiffer writes as fast as it can, the same value too: an ETag made from a
// coarse clock or from the content would repeat here.
func etagsDiffer(t *testing.T, s ledger.Store) {
	seen := map[string]int{}
	note := func(i int, etag string) {
		t.Helper()
		if before, again := seen[etag]; again {
			t.Fatalf("write %d returned ETag %s, as write %d had", i, etag, before)
		}
		seen[etag] = i
	}
	etag := ""
	for i := range 300 {
		etag = put(t, s, keyA, "same", etag)
		note(i, etag)
	}
	for i := 300; i < 350; i++ {
		if err := s.Delete(t.Context(), keyA, etag); err != nil {
			t.Fatal(err)
		}
		etag = put(t, s, keyA, "same", "")
		note(i, etag)
	}
}

func deleteRemoves(t *testing.T, s ledger.Store) {
	keyB := ledger.Key{Partition: keyA.Partition, Row: "b"}
	put(t, s, keyA, "1", "")
	other := put(t, s, keyB, "other", "")
	row, err := s.Get(t.Context(), keyA)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), keyA, row.ETag); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	wantAbsent(t, s, keyA)
	wantRow(t, s, keyB, "other", other)
	etag := put(t, s, keyA, "2", "")
	wantRow(t, s, keyA, "2", etag)
}

func deleteRefuses(t *testing.T, s ledger.Store) {
	first := put(t, s, keyA, "1", "")
	second := put(t, s, keyA, "2", first)
	for _, wrong := range append(madeUp(), first) {
		wantKind(t, "Delete with ETag "+wrong, s.Delete(t.Context(), keyA, wrong), fault.Conflict)
	}
	wantKind(t, "Delete without ETag", s.Delete(t.Context(), keyA, ""), fault.Invalid)
	wantRow(t, s, keyA, "2", second)

	for i, etag := range append(madeUp(), second) {
		absent := ledger.Key{Partition: keyA.Partition, Row: "absent " + strconv.Itoa(i)}
		wantKind(t, "Delete of an absent row", s.Delete(t.Context(), absent, etag), fault.NotFound)
	}
	if err := s.Delete(t.Context(), keyA, second); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "second Delete", s.Delete(t.Context(), keyA, second), fault.NotFound)
}
