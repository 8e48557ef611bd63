package ledger

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// WriteBlob makes what write writes the content of a blob. With etag "" the
// blob must not exist yet, otherwise it must still have that ETag; if not so,
// nothing changes and the error is a fault.Conflict. Until WriteBlob has done
// its last step readers see what was there before, and if it fails or the
// process dies at any point, too. As with Store.Put, fault.Unavailable leaves
// open which of the two it is.
//
// Content is compressed and stored while write runs; about one row of it is in
// memory. An error of write is returned wrapped and changes nothing.
//
// What earlier writers left unfinished is deleted last, and with it what the
// blob pointed to before. Should only that fail, WriteBlob returns both the new
// ETag and an error: the content is written, and the next write of this name
// deletes the rest.
func WriteBlob(ctx context.Context, s Store, name, etag string, write func(io.Writer) error) (newETag string, err error) {
	newETag, err = writeBlob(ctx, s, name, etag, write)
	if err == nil {
		err = sweep(ctx, s, name)
	}
	if err != nil {
		return newETag, fmt.Errorf("ledger: write blob %s: %w", name, err)
	}
	return newETag, nil
}

// writeBlob is WriteBlob without what comes last.
func writeBlob(ctx context.Context, s Store, name, etag string, write func(io.Writer) error) (string, error) {
	base, err := baseFor(ctx, s, name, etag)
	if err != nil {
		return "", err
	}
	w := &blobWriter{
		put: func(row string, value []byte, etag string) (string, error) {
			return s.Put(ctx, Key{blobPrefix + name, row}, value, etag)
		},
		base: base,
		sum:  sha256.New(),
	}
	if err := w.content(write); err != nil {
		w.discard(ctx, s, name)
		return "", err
	}
	newETag, err := w.swap()
	if fault.Is(err, fault.Conflict) {
		// Only now: after any other error the pointer may be ours.
		w.discard(ctx, s, name)
	}
	return newETag, err
}

// baseFor returns the ETag that the pointer has now and must keep until it is
// swapped: "" for no pointer. It refuses a blob that is not as the caller, with
// its etag, expects it, before anything is written in vain.
func baseFor(ctx context.Context, s Store, name, etag string) (string, error) {
	p, err := readPointer(ctx, s, name)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	seen := p.etag
	if p.Pending {
		seen = "" // somebody's first write; whoever finishes first has it
	}
	if seen != etag {
		return "", fault.Newf(fault.Conflict, "ledger: check pointer", "the blob is not as expected")
	}
	return p.etag, nil
}

// blobWriter takes compressed bytes and stores them as chunks when they are too
// many for the pointer.
type blobWriter struct {
	put  func(row string, value []byte, etag string) (newETag string, err error)
	base string // the pointer's present ETag

	buffer     bytes.Buffer // not stored yet, at most chunkBytes
	sum        hash.Hash
	length     int
	generation string // "" until there is a chunk
	chunks     []Row  // stored, without their values
	err        error  // the first failure; nothing is stored after it
}

// content runs write and takes what it writes, compressed, to the last byte.
func (w *blobWriter) content(write func(io.Writer) error) error {
	// The best speed: a snapshot is some tens of megabytes of repetitive text,
	// and the next level up saves a tenth of the rows for thrice the time.
	compressor, err := flate.NewWriter(w, flate.BestSpeed)
	if err != nil {
		return err
	}
	err = write(compressor)
	if err == nil {
		err = compressor.Close()
	}
	if err == nil && w.generation != "" {
		err = w.flush()
	}
	if w.err != nil {
		return w.err // it is why write failed, if write did
	}
	return err
}

// Write implements io.Writer.
func (w *blobWriter) Write(p []byte) (int, error) {
	taken := 0
	for taken < len(p) {
		if w.buffer.Len() == chunkBytes {
			if err := w.flush(); err != nil {
				return taken, err
			}
		}
		n := min(chunkBytes-w.buffer.Len(), len(p)-taken)
		w.buffer.Write(p[taken : taken+n])
		taken += n
	}
	w.sum.Write(p)
	w.length += len(p)
	return taken, nil
}

// flush stores the buffer as a chunk.
func (w *blobWriter) flush() error {
	if w.err == nil && w.generation == "" {
		w.err = w.begin()
	}
	if w.err != nil {
		return w.err
	}
	chunk := Row{Key: Key{Row: chunkRow(w.generation, len(w.chunks))}}
	if chunk.ETag, w.err = w.put(chunk.Row, w.buffer.Bytes(), ""); w.err != nil {
		return w.err
	}
	w.chunks = append(w.chunks, chunk)
	w.buffer.Reset()
	return nil
}

// begin makes the generation, and the pending pointer if there is no pointer.
func (w *blobWriter) begin() error {
	if w.base == "" {
		pending, err := pointer{Format: blobFormat, Pending: true}.encode()
		if err != nil {
			return err
		}
		if w.base, err = w.put(pointerRow, pending, ""); err != nil {
			return err
		}
	}
	w.generation = baseOf(w.base) + "/" + rand.Text()
	return nil
}

// swap points the pointer to what was written.
func (w *blobWriter) swap() (newETag string, err error) {
	p := pointer{
		Format:     blobFormat,
		Generation: w.generation,
		Chunks:     len(w.chunks),
		Length:     w.length,
		SHA256:     hex.EncodeToString(w.sum.Sum(nil)),
	}
	if w.generation == "" {
		p.inline = w.buffer.Bytes()
	}
	value, err := p.encode()
	if err != nil {
		return "", err
	}
	return w.put(pointerRow, value, w.base)
}

// discard deletes the chunks of a generation that was not swapped in. Its own
// failure is not worth reporting beside the one that led here: the next write
// of the blob sweeps.
func (w *blobWriter) discard(ctx context.Context, s Store, name string) {
	for _, chunk := range w.chunks {
		_ = s.Delete(ctx, Key{blobPrefix + name, chunk.Row}, chunk.ETag)
	}
}
