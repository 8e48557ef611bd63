package ledger

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// A blob is a named value of any size on top of a Store, kept compressed. Its
// rows are a partition of their own, "blob/<name>":
//
//	pointer                          what the content is; small content itself
//	chunk/<base>/<random>/<number>   larger content, in pieces
//
// A writer puts its chunks under a prefix of its own, a generation, and then
// swaps the pointer to it. Readers begin at the pointer, so they see the old
// content or the new, whole. <base> is a hash of the ETag that the pointer had
// when the generation was begun and that it must still have for the swap. So a
// sweeper can tell, from the pointer alone, which chunks nobody can need: all
// but those of the pointer's own generation and those begun on its present
// ETag, because no ETag comes back. The first writer of a name has no such ETag
// yet; if it needs chunks it makes a pending pointer first, which says "nothing
// here yet" and has one.
const (
	blobPrefix  = "blob/"
	pointerRow  = "pointer"
	chunkPrefix = "chunk/"

	// blobFormat is the pointer's format; a reader refuses any other.
	blobFormat = 1

	// chunkBytes is the size of a chunk, and the most that is kept in the
	// pointer itself, which needs the rest of its row for its header.
	chunkBytes = MaxValue - 1024

	// readTries bounds how often ReadBlob begins again because the blob was
	// swapped while it read.
	readTries = 5
)

// pointer is the pointer row: this as one line of JSON, then inline content.
type pointer struct {
	Format     int    `json:"v"`
	Pending    bool   `json:"pending,omitempty"`    // no content yet
	Generation string `json:"generation,omitempty"` // <base>/<random>; empty: the content is inline
	Chunks     int    `json:"chunks,omitempty"`
	Length     int    `json:"length"` // bytes, compressed
	SHA256     string `json:"sha256"` // hex, of the compressed bytes

	inline []byte
	etag   string
}

func pointerKey(name string) Key { return Key{blobPrefix + name, pointerRow} }

// chunkRow names a chunk. Chunks of a generation are listed in order.
func chunkRow(generation string, number int) string {
	return fmt.Sprintf("%s%s/%06d", chunkPrefix, generation, number)
}

// baseOf is the part of a generation that says on which pointer it was begun.
func baseOf(etag string) string {
	sum := sha256.Sum256([]byte(etag))
	return hex.EncodeToString(sum[:8])
}

// readPointer reads a pointer row, or a fault.NotFound.
func readPointer(ctx context.Context, s Store, name string) (pointer, error) {
	row, err := s.Get(ctx, pointerKey(name))
	if err != nil {
		return pointer{}, err
	}
	header, inline, _ := bytes.Cut(row.Value, []byte("\n"))
	p := pointer{inline: inline, etag: row.ETag}
	if err := json.Unmarshal(header, &p); err != nil || p.Format != blobFormat {
		return pointer{}, fault.Newf(fault.Invalid, "ledger: read pointer", "the row is in no format this version knows")
	}
	return p, nil
}

func (p pointer) encode() ([]byte, error) {
	header, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return append(append(header, '\n'), p.inline...), nil
}

// ReadBlob calls read with the content of a blob and returns the blob's ETag.
// The content has been fetched and verified before read is called, which is
// at most once; read need not take all of it. A blob that is not there is
// fault.NotFound, one that is damaged or was swapped at each of several tries
// fault.Incomplete. Errors of read are returned wrapped, with no ETag. The
// compressed content is in memory while read runs, the plain is not.
//
// A name is like a Key's part, but at most MaxKeyPart-5 bytes long.
func ReadBlob(ctx context.Context, s Store, name string, read func(io.Reader) error) (etag string, err error) {
	content, etag, err := fetchBlob(ctx, s, name)
	if err == nil {
		err = read(flate.NewReader(content))
	}
	if err != nil {
		return "", fmt.Errorf("ledger: read blob %s: %w", name, err)
	}
	return etag, nil
}

// fetchBlob returns the verified compressed content.
func fetchBlob(ctx context.Context, s Store, name string) (content io.Reader, etag string, err error) {
	const op = "ledger: fetch content"
	for range readTries {
		p, err := readPointer(ctx, s, name)
		if err != nil {
			return nil, "", err
		}
		if p.Pending {
			return nil, "", fault.Newf(fault.NotFound, op, "its first write was never finished")
		}
		content, whole, err := fetchContent(ctx, s, name, p)
		if whole || err != nil {
			return content, p.etag, err
		}
		if p.etag == etag {
			return nil, "", fault.Newf(fault.Incomplete, op, "the blob is damaged: its rows are not what its pointer says")
		}
		etag = p.etag // somebody swapped it and swept the chunks: see what it is now
	}
	return nil, "", fault.Newf(fault.Incomplete, op, "it was swapped during each of %d tries", readTries)
}

// fetchContent returns what a pointer points to, and whether that is all there.
func fetchContent(ctx context.Context, s Store, name string, p pointer) (content io.Reader, whole bool, err error) {
	pieces := []io.Reader{bytes.NewReader(p.inline)}
	length, sum := len(p.inline), sha256.New()
	sum.Write(p.inline)
	if p.Generation != "" {
		for row, err := range s.List(ctx, blobPrefix+name, chunkPrefix+p.Generation+"/") {
			if err != nil {
				return nil, false, err
			}
			pieces = append(pieces, bytes.NewReader(row.Value))
			length += len(row.Value)
			sum.Write(row.Value)
		}
	}
	whole = len(pieces) == 1+p.Chunks && length == p.Length && hex.EncodeToString(sum.Sum(nil)) == p.SHA256
	return io.MultiReader(pieces...), whole, nil
}

// DeleteBlob removes a blob and whatever unfinished writes of it left behind.
// A blob that is not there is fault.NotFound; one that somebody else writes or
// deletes at the same time may be fault.Conflict.
func DeleteBlob(ctx context.Context, s Store, name string) error {
	p, err := readPointer(ctx, s, name)
	if err == nil {
		err = s.Delete(ctx, pointerKey(name), p.etag)
	}
	if err == nil || fault.Is(err, fault.NotFound) {
		if swept := sweep(ctx, s, name); swept != nil {
			err = swept
		}
	}
	if err != nil {
		return fmt.Errorf("ledger: delete blob %s: %w", name, err)
	}
	return nil
}

// sweep deletes the chunks of a blob that nobody can need any more.
//
// The order makes that certain: a chunk seen before the pointer was read was
// begun on a pointer older than, or the same as, the one read. If older, its
// writer's swap must fail.
func sweep(ctx context.Context, s Store, name string) error {
	var chunks []Row
	for row, err := range s.List(ctx, blobPrefix+name, chunkPrefix) {
		if err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		row.Value = nil // of no interest, and large
		chunks = append(chunks, row)
	}
	if len(chunks) == 0 {
		return nil
	}
	keep := []string(nil)
	switch p, err := readPointer(ctx, s, name); {
	case err == nil:
		keep = []string{chunkPrefix + baseOf(p.etag) + "/"}
		if p.Generation != "" {
			keep = append(keep, chunkPrefix+p.Generation+"/")
		}
	case !fault.Is(err, fault.NotFound):
		return fmt.Errorf("sweep: %w", err)
	}
	return deleteChunks(ctx, s, chunks, keep)
}

// deleteChunks deletes chunks but those whose row has a prefix in keep.
func deleteChunks(ctx context.Context, s Store, chunks []Row, keep []string) error {
	for _, chunk := range chunks {
		needed := false
		for _, prefix := range keep {
			needed = needed || strings.HasPrefix(chunk.Row, prefix)
		}
		if needed {
			continue
		}
		err := s.Delete(ctx, chunk.Key, chunk.ETag)
		if err != nil && !fault.Is(err, fault.NotFound) { // another sweeper may be first
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}
