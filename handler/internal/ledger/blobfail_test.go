package ledger_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

var errContent = errors.New("content is unfit")

// TestBlobWriteFails has the content itself fail, at its beginning and late.
func TestBlobWriteFails(t *testing.T) {
	for _, first := range []bool{true, false} {
		for _, size := range []int{0, 3 * chunk} {
			t.Run(fmt.Sprintf("first %v after %d bytes", first, size), func(t *testing.T) {
				s := newBlobStore(t)
				etag, content := "", blobNoise(1, 2*chunk)
				if !first {
					etag = mustWriteBlob(t, s, "b", "", content)
				}
				before := blobRows(t, s)
				newETag, err := ledger.WriteBlob(t.Context(), s, "b", etag, func(w io.Writer) error {
					if _, err := w.Write(blobNoise(2, size)); err != nil {
						return err
					}
					return errContent
				})
				if !errors.Is(err, errContent) || newETag != "" {
					t.Fatalf("WriteBlob: ETag %q, %v", newETag, err)
				}
				if first {
					wantNoBlob(t, s, "b")
					mustWriteBlob(t, s, "b", "", content) // nothing stands in the way
					return
				}
				wantBlob(t, s, "b", content, etag)
				if after := blobRows(t, s); after != before {
					t.Errorf("%d rows before, %d after", before, after)
				}
			})
		}
	}
}

func TestBlobReadFails(t *testing.T) {
	s := newBlobStore(t)
	mustWriteBlob(t, s, "b", "", blobNoise(1, 2*chunk))
	calls := 0
	etag, err := ledger.ReadBlob(t.Context(), s, "b", func(io.Reader) error { calls++; return errContent })
	if !errors.Is(err, errContent) || etag != "" || calls != 1 {
		t.Errorf("ReadBlob: ETag %q, %v after %d calls", etag, err, calls)
	}
}

// TestBlobDamaged changes a blob's rows behind its back.
func TestBlobDamaged(t *testing.T) {
	content := blobNoise(1, 3*chunk)
	tests := map[string]struct {
		damage func(t *testing.T, s ledger.Store, row ledger.Row)
		kind   fault.Kind
	}{
		"a chunk is gone": {func(t *testing.T, s ledger.Store, row ledger.Row) {
			if strings.HasSuffix(row.Row, "/000001") {
				must(t, s.Delete(t.Context(), row.Key, row.ETag))
			}
		}, fault.Incomplete},
		"a chunk has other bytes": {func(t *testing.T, s ledger.Store, row ledger.Row) {
			if strings.HasSuffix(row.Row, "/000001") {
				row.Value[0]++
				_, err := s.Put(t.Context(), row.Key, row.Value, row.ETag)
				must(t, err)
			}
		}, fault.Incomplete},
		"the pointer is of another format": {func(t *testing.T, s ledger.Store, row ledger.Row) {
			if row.Row == "pointer" {
				_, err := s.Put(t.Context(), row.Key, []byte(`{"v":2}`), row.ETag)
				must(t, err)
			}
		}, fault.Invalid},
		"the pointer is no pointer": {func(t *testing.T, s ledger.Store, row ledger.Row) {
			if row.Row == "pointer" {
				_, err := s.Put(t.Context(), row.Key, nil, row.ETag)
				must(t, err)
			}
		}, fault.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newBlobStore(t)
			mustWriteBlob(t, s, "b", "", content)
			for row, err := range s.List(t.Context(), "blob/b", "") {
				must(t, err)
				test.damage(t, s, row)
			}
			_, err := ledger.ReadBlob(t.Context(), s, "b", func(io.Reader) error {
				t.Error("read was called with damaged content")
				return nil
			})
			if !fault.Is(err, test.kind) {
				t.Errorf("ReadBlob: %v (%v)", err, fault.KindOf(err))
			}
		})
	}
}
