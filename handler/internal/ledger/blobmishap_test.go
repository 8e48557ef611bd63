package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
)

// watched is a Store whose operations a test numbers and decides about.
type watched struct {
	ledger.Store
	steps  int
	around func(step int, do func() error) error
}

func (w *watched) step(do func() error) error {
	w.steps++
	return w.around(w.steps-1, do)
}

func (w *watched) Get(ctx context.Context, key ledger.Key) (row ledger.Row, err error) {
	err = w.step(func() (err error) {
		row, err = w.Store.Get(ctx, key)
		return err
	})
	return row, err
}

func (w *watched) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (newETag string, err error) {
	err = w.step(func() (err error) {
		newETag, err = w.Store.Put(ctx, key, value, etag)
		return err
	})
	return newETag, err
}

func (w *watched) Delete(ctx context.Context, key ledger.Key, etag string) error {
	return w.step(func() error { return w.Store.Delete(ctx, key, etag) })
}

func (w *watched) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	return func(yield func(ledger.Row, error) bool) {
		if err := w.step(func() error { return nil }); err != nil {
			yield(ledger.Row{}, err)
			return
		}
		w.Store.List(ctx, partition, prefix)(yield)
	}
}

// mishap is how a step goes wrong.
type mishap struct {
	late   bool // the step has its effect, only its answer is lost
	passes bool // later steps work; otherwise the process died
}

func mishaps() []mishap {
	return []mishap{{}, {late: true}, {passes: true}, {late: true, passes: true}}
}

// failing is a Store that has a mishap at a step.
func failing(s ledger.Store, at int, how mishap) *watched {
	failed := fault.Newf(fault.Unavailable, "test", "the network failed")
	return &watched{Store: s, around: func(step int, do func() error) error {
		switch {
		case step < at || step > at && how.passes:
			return do()
		case step == at && how.late:
			return errors.Join(failed, do())
		}
		return failed
	}}
}

// stride is how many steps a walk over all steps of something goes at once. A
// short one, as under the race detector, sees every second.
func stride() int {
	if testing.Short() {
		return 2
	}
	return 1
}

// twoChunks is the size of the larger contents.
const twoChunks = chunk + 1000

// contents are what blobs hold before something happens: nil is no blob.
func contents() map[string][]byte {
	return map[string][]byte{"nothing": nil, "inline": blobNoise(1, 100), "chunks": blobNoise(2, twoChunks)}
}

// wantOneOf asserts that the blob's content is one of two, whole, and returns
// which, with the ETag for the next write.
func wantOneOf(t *testing.T, s ledger.Store, a, b []byte) (content []byte, etag string) {
	t.Helper()
	content, etag, err := readBlob(t.Context(), s, "b")
	if fault.Is(err, fault.NotFound) {
		content, err = nil, nil
	}
	must(t, err)
	if !bytes.Equal(content, a) && !bytes.Equal(content, b) {
		t.Fatalf("the blob holds %d bytes that are neither content", len(content))
	}
	return content, etag
}

// wantTidy asserts that after one more write, and after one more deletion,
// there are no rows but those in use.
func wantTidy(t *testing.T, s ledger.Store, etag string) {
	t.Helper()
	mustWriteBlob(t, s, "b", etag, []byte("inline"))
	if n := blobRows(t, s); n != 1 {
		t.Fatalf("%d rows after the next write, want a pointer", n)
	}
	must(t, ledger.DeleteBlob(t.Context(), s, "b"))
	if n := blobRows(t, s); n != 0 {
		t.Fatalf("%d rows after the deletion", n)
	}
}

// TestBlobMishap has each step of a write go wrong in every way.
func TestBlobMishap(t *testing.T) {
	for oldName, old := range contents() {
		for newName, content := range map[string][]byte{"inline": blobNoise(3, 100), "chunks": blobNoise(4, twoChunks)} {
			t.Run(oldName+" to "+newName, func(t *testing.T) {
				for _, how := range mishaps() {
					for at, ended := 0, false; !ended; at += stride() {
						ended = mishapInWrite(t, old, content, at, how)
					}
				}
			})
		}
	}
}

// mishapInWrite writes over old with a mishap at a step. It reports whether the
// write had no such step any more.
func mishapInWrite(t *testing.T, old, content []byte, at int, how mishap) (ended bool) {
	t.Helper()
	s, etag := new(memledger.Store), ""
	if old != nil {
		etag = mustWriteBlob(t, s, "b", "", old)
	}
	store := failing(s, at, how)
	newETag, err := ledger.WriteBlob(t.Context(), store, "b", etag, writing(content))
	ended = store.steps <= at
	if ended != (err == nil) || !ended && !fault.Is(err, fault.Unavailable) {
		t.Fatalf("WriteBlob of %d steps, %+v at %d: %v", store.steps, how, at, err)
	}
	got, gotETag := wantOneOf(t, s, old, content)
	switch {
	case newETag != "" && (!bytes.Equal(got, content) || gotETag != newETag):
		t.Fatalf("%+v at %d: WriteBlob said it had written, and had not", how, at)
	case bytes.Equal(got, old) && gotETag != etag:
		t.Fatalf("%+v at %d: the old content has a new ETag", how, at)
	}
	wantTidy(t, s, gotETag)
	return ended
}

func TestBlobDeleteMishap(t *testing.T) {
	old := blobNoise(2, twoChunks)
	for _, how := range mishaps() {
		for at, ended := 0, false; !ended; at += stride() {
			s := new(memledger.Store)
			mustWriteBlob(t, s, "b", "", old)
			store := failing(s, at, how)
			err := ledger.DeleteBlob(t.Context(), store, "b")
			ended = store.steps <= at
			if ended != (err == nil) || !ended && !fault.Is(err, fault.Unavailable) {
				t.Fatalf("DeleteBlob of %d steps, %+v at %d: %v", store.steps, how, at, err)
			}
			wantOneOf(t, s, old, nil)
			if err := ledger.DeleteBlob(t.Context(), s, "b"); err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			if n := blobRows(t, s); n != 0 {
				t.Fatalf("%+v at %d: %d rows after the second deletion", how, at, n)
			}
			wantTidy(t, s, "")
		}
	}
}
