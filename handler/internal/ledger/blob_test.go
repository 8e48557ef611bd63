package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
)

// chunk is a little over the content that one row of a blob takes.
const chunk = ledger.MaxValue

// blobNoise returns n bytes that do not compress, others for each seed.
func blobNoise(seed byte, n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b) // never fails
	return b
}

func newBlobStore(t *testing.T) ledger.Store {
	t.Helper()
	s, err := boltledger.Open(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// writing returns a writer of content, in uneven steps.
func writing(content []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		for step := 1; len(content) > 0; step = step*3 + 1 {
			n := min(step, len(content))
			if _, err := w.Write(content[:n]); err != nil {
				return err
			}
			content = content[n:]
		}
		return nil
	}
}

func mustWriteBlob(t *testing.T, s ledger.Store, name, etag string, content []byte) string {
	t.Helper()
	newETag, err := ledger.WriteBlob(t.Context(), s, name, etag, writing(content))
	if err != nil {
		t.Fatal(err)
	}
	return newETag
}

// readBlob returns a blob's content.
func readBlob(ctx context.Context, s ledger.Store, name string) (content []byte, etag string, err error) {
	etag, err = ledger.ReadBlob(ctx, s, name, func(r io.Reader) (err error) {
		content, err = io.ReadAll(r)
		return err
	})
	return content, etag, err
}

func wantBlob(t *testing.T, s ledger.Store, name string, content []byte, etag string) {
	t.Helper()
	got, gotETag, err := readBlob(t.Context(), s, name)
	if err != nil {
		t.Fatalf("ReadBlob: %v", err)
	}
	if !bytes.Equal(got, content) || gotETag != etag {
		t.Fatalf("ReadBlob returned %d bytes with ETag %s, want %d with %s", len(got), gotETag, len(content), etag)
	}
}

func wantNoBlob(t *testing.T, s ledger.Store, name string) {
	t.Helper()
	_, etag, err := readBlob(t.Context(), s, name)
	if !fault.Is(err, fault.NotFound) || etag != "" {
		t.Fatalf("ReadBlob of an absent blob: ETag %q, %v", etag, err)
	}
}

// blobRows counts the rows that blob b has in the store.
func blobRows(t *testing.T, s ledger.Store) int {
	t.Helper()
	n := 0
	for _, err := range s.List(t.Context(), "blob/b", "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestBlobReturns(t *testing.T) {
	s := newBlobStore(t)
	for i, content := range [][]byte{
		nil, []byte("a"), bytes.Repeat([]byte("well compressed "), 1<<19),
		blobNoise(1, chunk/2), blobNoise(2, chunk), blobNoise(3, 3*chunk), blobNoise(4, 5*chunk+17),
	} {
		name := "blob/" + strconv.Itoa(i)
		etag := mustWriteBlob(t, s, name, "", content)
		wantBlob(t, s, name, content, etag)
		etag = mustWriteBlob(t, s, name, etag, content)
		wantBlob(t, s, name, content, etag)
	}
}

// TestBlobBorders finds the sizes at which a blob needs another row, and looks
// at their neighbours. Beyond what fits into the pointer there are two chunks.
func TestBlobBorders(t *testing.T) {
	s := new(memledger.Store)
	etag := ""
	rowsOf := func(size int) int {
		content := blobNoise(1, size)
		etag = mustWriteBlob(t, s, "b", etag, content)
		wantBlob(t, s, "b", content, etag)
		return blobRows(t, s)
	}
	for pieces, rows := range map[int]int{1: 3, 2: 4} {
		from := pieces*(chunk-1024) - 1000
		border := from + sort.Search(2000, func(n int) bool { return rowsOf(from+n) >= rows })
		for size := border - 2; size <= border+2; size++ {
			if got := rowsOf(size); (got == rows) != (size >= border) {
				t.Errorf("%d bytes are in %d rows, where %d rows begin at %d bytes", size, got, rows, border)
			}
		}
	}
}

func TestBlobRefuses(t *testing.T) {
	for name, content := range map[string][]byte{"inline": blobNoise(1, 100), "chunks": blobNoise(1, 2*chunk)} {
		t.Run(name, func(t *testing.T) {
			s := newBlobStore(t)
			refused := func(what, etag string) {
				t.Helper()
				newETag, err := ledger.WriteBlob(t.Context(), s, "b", etag, writing(blobNoise(9, 2*chunk)))
				if !fault.Is(err, fault.Conflict) || newETag != "" {
					t.Errorf("%s: ETag %q, %v; want a conflict", what, newETag, err)
				}
			}
			refused("swap of an absent blob", "1")
			first := mustWriteBlob(t, s, "b", "", content)
			refused("create over a blob", "")
			second := mustWriteBlob(t, s, "b", first, content)
			refused("swap with a stale ETag", first)
			wantBlob(t, s, "b", content, second)
			if err := ledger.DeleteBlob(t.Context(), s, "b"); err != nil {
				t.Fatal(err)
			}
			refused("swap of a deleted blob", second)
			wantNoBlob(t, s, "b")
			if n := blobRows(t, s); n != 0 {
				t.Errorf("%d rows are left", n)
			}
		})
	}
}

func TestBlobDelete(t *testing.T) {
	s := newBlobStore(t)
	other := mustWriteBlob(t, s, "b/2", "", blobNoise(2, 2*chunk))
	for range 2 {
		mustWriteBlob(t, s, "b", "", blobNoise(1, 2*chunk))
		if err := ledger.DeleteBlob(t.Context(), s, "b"); err != nil {
			t.Fatal(err)
		}
		wantNoBlob(t, s, "b")
		if n := blobRows(t, s); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		if err := ledger.DeleteBlob(t.Context(), s, "b"); !fault.Is(err, fault.NotFound) {
			t.Errorf("second DeleteBlob: %v", err)
		}
	}
	wantBlob(t, s, "b/2", blobNoise(2, 2*chunk), other)
}

func TestBlobNames(t *testing.T) {
	s := newBlobStore(t)
	long := strings.Repeat("n", ledger.MaxKeyPart-5)
	etag := mustWriteBlob(t, s, long, "", blobNoise(1, 2*chunk))
	wantBlob(t, s, long, blobNoise(1, 2*chunk), etag)
	for _, name := range []string{long + "n", "\xff"} {
		if _, err := ledger.WriteBlob(t.Context(), s, name, "", writing(nil)); !fault.Is(err, fault.Invalid) {
			t.Errorf("WriteBlob %q: %v", name, err)
		}
		if _, _, err := readBlob(t.Context(), s, name); !fault.Is(err, fault.Invalid) {
			t.Errorf("ReadBlob %q: %v", name, err)
		}
		if err := ledger.DeleteBlob(t.Context(), s, name); !fault.Is(err, fault.Invalid) {
			t.Errorf("DeleteBlob %q: %v", name, err)
		}
	}
}

// TestBlobMemory streams content that does not compress, and looks at the heap
// when all but the last of it has been stored.
func TestBlobMemory(t *testing.T) {
	const pieces = 40
	s := newBlobStore(t)
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before, during := heap(), uint64(0)
	etag, err := ledger.WriteBlob(t.Context(), s, "b", "", func(w io.Writer) error {
		for i := range byte(pieces) {
			if _, err := w.Write(blobNoise(i, chunk)); err != nil {
				return err
			}
		}
		during = heap()
		return nil
	})
	must(t, err)
	if during > before+10*chunk {
		t.Errorf("the heap grew from %d to %d bytes while %d were written", before, during, pieces*chunk)
	}
	got, err := ledger.ReadBlob(t.Context(), s, "b", func(r io.Reader) error {
		piece := make([]byte, chunk)
		for i := range byte(pieces) {
			if _, err := io.ReadFull(r, piece); err != nil {
				return err
			}
			if !bytes.Equal(piece, blobNoise(i, chunk)) {
				return fmt.Errorf("piece %d is another", i)
			}
		}
		return nil
	})
	if err != nil || got != etag {
		t.Errorf("ReadBlob: ETag %s, %v; want %s", got, err, etag)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
