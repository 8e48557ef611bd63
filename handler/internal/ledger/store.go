package ledger

import (
	"context"
	"iter"
)

// MaxValue is the largest value a Store keeps in one row, in bytes. Azure's
// limits are 64 KiB a property and 1 MiB an entity; Azurite counts the request's
// base64 text instead, so eleven properties of 64 KiB are what both accept.
const MaxValue = 11 * 64 * 1024

// Key names a row. Both parts are any non-empty valid UTF-8 text up to 200
// bytes; a backend that forbids some characters escapes them.
type Key struct {
	Partition string // rows that are listed together
	Row       string // unique in its partition; List orders by its bytes
}

// Row is what a Store keeps: bytes under a key, and the version they have.
type Row struct {
	Key
	Value []byte
	ETag  string // opaque; changes with every write and is never used twice for one key
}

// Store keeps rows with conditional writes. Implementations are safe for
// concurrent use, by several processes too where the backend allows several.
// Errors are classified with package fault; no method retries a conflict.
// Whoever passes or receives a value may keep it: implementations copy.
//
// A key that breaks Key's rule is fault.Invalid in every method. A context that
// has ended makes every method fail as fault.Canceled, or fault.Unavailable when
// its deadline passed. After fault.Unavailable (and a context's end) from Put or
// Delete nobody knows whether the row changed: read it again.
//
// ledgertest.Run is this comment as tests.
type Store interface {
	// Get returns the row, or a fault.NotFound.
	Get(ctx context.Context, key Key) (Row, error)

	// Put writes a row and returns its new ETag. With etag "" the row must not
	// exist yet; otherwise the row must still have that ETag. If not so (or if
	// the row has gone), it changes nothing and returns a fault.Conflict.
	// No ETag means "whatever is there": "*" matches no row. A value may be
	// empty (nil reads back as empty); one over MaxValue is fault.Invalid.
	Put(ctx context.Context, key Key, value []byte, etag string) (newETag string, err error)

	// Delete removes the row if it still has that ETag. An etag "" is
	// fault.Invalid, a row that is not there fault.NotFound, another ETag
	// fault.Conflict; none of them changes anything.
	Delete(ctx context.Context, key Key, etag string) error

	// List yields the partition's rows whose Row starts with prefix, ordered by
	// Row bytewise, however many pages that takes. An error ends the sequence.
	// Rows written or deleted meanwhile may or may not show; rows that were
	// there all the time do. The consumer may use the Store while it iterates.
	List(ctx context.Context, partition, prefix string) iter.Seq2[Row, error]

	// Close releases what the Store holds. It is called once, last.
	Close() error
}
