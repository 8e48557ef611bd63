package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
)

// TestBlobMeanwhile lets another hand do something whole between any two steps
// of a write, a deletion and a reading: stale writers and stale sweepers must
// not touch what came after them.
func TestBlobMeanwhile(t *testing.T) {
	theirs := blobNoise(5, twoChunks)
	overwrite := func(t *testing.T, s ledger.Store, content []byte) {
		_, etag, err := readBlob(t.Context(), s, "b")
		if !fault.Is(err, fault.NotFound) {
			must(t, err)
		}
		mustWriteBlob(t, s, "b", etag, content)
	}
	remove := func(t *testing.T, s ledger.Store) {
		if err := ledger.DeleteBlob(t.Context(), s, "b"); !fault.Is(err, fault.NotFound) {
			must(t, err)
		}
	}
	for name, meanwhile := range map[string]func(t *testing.T, s ledger.Store){
		"written":       func(t *testing.T, s ledger.Store) { overwrite(t, s, theirs) },
		"written twice": func(t *testing.T, s ledger.Store) { overwrite(t, s, theirs); overwrite(t, s, theirs[:100]) },
		"deleted":       remove,
		"made anew":     func(t *testing.T, s ledger.Store) { remove(t, s); overwrite(t, s, theirs) },
	} {
		for oldName, old := range contents() {
			t.Run(oldName+" "+name, func(t *testing.T) {
				for at, ended := 0, false; !ended; at += stride() {
					ended = meanwhileWrite(t, old, at, meanwhile)
				}
				for at, ended := 0, false; !ended; at += stride() {
					ended = meanwhileOther(t, old, at, meanwhile)
				}
			})
		}
	}
}

// interrupt runs something before a step.
func interrupt(s ledger.Store, at int, meanwhile func()) *watched {
	return &watched{Store: s, around: func(step int, do func() error) error {
		if step == at {
			meanwhile()
		}
		return do()
	}}
}

// meanwhileWrite writes over old while another hand acts before a step.
func meanwhileWrite(t *testing.T, old []byte, at int, act func(t *testing.T, s ledger.Store)) (ended bool) {
	t.Helper()
	ours := blobNoise(6, twoChunks)
	s, etag := new(memledger.Store), ""
	if old != nil {
		etag = mustWriteBlob(t, s, "b", "", old)
	}
	var left []byte // what the other hand left, and its ETag
	var leftETag string
	interrupted := interrupt(s, at, func() {
		act(t, s)
		left, leftETag, _ = readBlob(t.Context(), s, "b") // NotFound is nil and ""
	})
	newETag, err := ledger.WriteBlob(t.Context(), interrupted, "b", etag, writing(ours))
	ended = interrupted.steps <= at
	if err != nil && !fault.Is(err, fault.Conflict) {
		t.Fatalf("act before step %d: %v", at, err)
	}
	got, gotETag := wantOneOf(t, s, left, ours)
	switch {
	case err != nil && (!bytes.Equal(got, left) || gotETag != leftETag):
		t.Fatalf("act before step %d: a write that lost changed something", at)
	case ended && (err != nil || gotETag != newETag):
		t.Fatalf("an undisturbed write failed: %v", err)
	case err == nil && !ended && gotETag != newETag && gotETag != leftETag:
		t.Fatalf("act before step %d: the blob is nobody's", at)
	}
	wantTidy(t, s, gotETag)
	return ended
}

// meanwhileOther reads and then deletes while another hand acts before a step.
func meanwhileOther(t *testing.T, old []byte, at int, act func(t *testing.T, s ledger.Store)) (ended bool) {
	t.Helper()
	s := new(memledger.Store)
	if old != nil {
		mustWriteBlob(t, s, "b", "", old)
	}
	var left []byte
	interrupted := interrupt(s, at, func() {
		act(t, s)
		left, _, _ = readBlob(t.Context(), s, "b")
	})
	content, _, err := readBlob(t.Context(), interrupted, "b")
	if err != nil && !fault.Is(err, fault.NotFound) {
		t.Fatalf("act before step %d: ReadBlob: %v", at, err)
	}
	if !bytes.Equal(content, old) && !bytes.Equal(content, left) {
		t.Fatalf("act before step %d: ReadBlob returned %d bytes that nobody wrote", at, len(content))
	}
	err = ledger.DeleteBlob(t.Context(), interrupted, "b")
	ended = interrupted.steps <= at
	if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
		t.Fatalf("act before step %d: DeleteBlob: %v", at, err)
	}
	_, etag := wantOneOf(t, s, left, nil)
	wantTidy(t, s, etag)
	return ended
}

// TestBlobSweepSparesWriters holds a write up before a step of its sweep until
// the next writer, who begins on what it wrote, has stored chunks: they are
// nobody's yet, and must stay.
func TestBlobSweepSparesWriters(t *testing.T) {
	const swapped = 2 // the steps before the sweep: read the pointer, swap it
	next := blobNoise(8, 3*chunk)
	for at, ended := swapped, false; !ended; at += stride() {
		s := new(memledger.Store)
		etag := mustWriteBlob(t, s, "b", "", blobNoise(2, twoChunks))
		heldUp, goOn := make(chan struct{}), make(chan struct{})
		first := interrupt(s, at, func() { close(heldUp); <-goOn })
		var group errgroup.Group
		group.Go(func() error {
			_, err := ledger.WriteBlob(t.Context(), first, "b", etag, writing(blobNoise(3, 100)))
			if first.steps <= at {
				ended = true // there was no such step
				close(heldUp)
			}
			return err
		})
		<-heldUp
		_, etag, err := readBlob(t.Context(), s, "b")
		must(t, err)
		etag, err = ledger.WriteBlob(t.Context(), s, "b", etag, func(w io.Writer) error {
			_, err := w.Write(next)
			if !ended {
				close(goOn)
			}
			return errors.Join(err, group.Wait())
		})
		must(t, err)
		wantBlob(t, s, "b", next, etag)
		wantTidy(t, s, etag)
	}
}

// TestBlobWritersRace counts in one blob from several writers, in a file, while
// readers look on.
func TestBlobWritersRace(t *testing.T) {
	const writers, increments = 4, 3
	s := newBlobStore(t)
	mustWriteBlob(t, s, "b", "", numbered(0))
	var done atomic.Bool
	readers, reading := errgroup.WithContext(t.Context())
	for range 2 {
		readers.Go(func() error {
			for !done.Load() {
				if _, _, err := readNumber(reading, s); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group, counting := errgroup.WithContext(t.Context())
	for range writers {
		group.Go(func() error {
			for range increments {
				if err := incrementBlob(counting, s); err != nil {
					return err
				}
			}
			return nil
		})
	}
	must(t, group.Wait())
	done.Store(true)
	must(t, readers.Wait())
	n, etag, err := readNumber(t.Context(), s)
	must(t, err)
	if n != writers*increments {
		t.Errorf("the writers counted to %d, want %d", n, writers*increments)
	}
	wantTidy(t, s, etag)
}

// numbered is content in chunks that says n everywhere.
func numbered(n byte) []byte { return append([]byte{n}, blobNoise(n, twoChunks)...) }

// readNumber reads numbered content, as often as others overtake it; mixed
// content is an error.
func readNumber(ctx context.Context, s ledger.Store) (n byte, etag string, err error) {
	for {
		content, etag, err := readBlob(ctx, s, "b")
		switch {
		case fault.Is(err, fault.Incomplete):
			continue
		case err != nil:
			return 0, "", err
		case !bytes.Equal(content, numbered(content[0])):
			return 0, "", fmt.Errorf("%d bytes that nobody wrote", len(content))
		}
		return content[0], etag, nil
	}
}

func incrementBlob(ctx context.Context, s ledger.Store) error {
	for {
		n, etag, err := readNumber(ctx, s)
		if err != nil {
			return err
		}
		_, err = ledger.WriteBlob(ctx, s, "b", etag, writing(numbered(n+1)))
		if !fault.Is(err, fault.Conflict) {
			return err
		}
	}
}
