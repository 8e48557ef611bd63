// Package boltledger keeps the ledger in one bbolt file, for the local run and
// for tests: no server, no set-up, one process at a time.
//
// Every Put and Delete is one bbolt transaction, synced to disk before the call
// returns. bbolt writes changed pages beside the old ones and then one checksummed
// meta page, so a process killed at any moment leaves a file that opens with
// every answered write in it and nothing half done.
//
// The package refuses to share a file between processes (the second Open fails
// at once rather than waiting) and refuses a file it did not make.
package boltledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// fileMode keeps the file to its owner: the ledger holds object ids and
// personnel numbers.
const fileMode = 0o600

// ledgerBucket is the file's one top-level bucket. Its name is also how a file
// is known as ours, and in which format.
const ledgerBucket = "storeteams ledger 1"

// Store is a ledger.Store in a bbolt file. Make one with Open.
type Store struct {
	db *bbolt.DB
}

var _ ledger.Store = (*Store)(nil)

// Open opens the ledger file at path and makes it if there is none; the folder
// must exist. The file stays locked until Close. A file that another process
// (or another Store) has open is fault.Unavailable, at once; a path that cannot
// be used, or a file that is not a ledger, is fault.Invalid and left unchanged;
// a file we may not open is fault.Denied.
func Open(path string) (*Store, error) {
	// bbolt takes a Timeout of zero as "wait for ever". The smallest one still
	// tries once.
	db, err := bbolt.Open(path, fileMode, &bbolt.Options{Timeout: time.Nanosecond})
	if err != nil {
		return nil, openFault(path, err)
	}
	if err := prepare(db); err != nil {
		return nil, errors.Join(openFault(path, err), db.Close())
	}
	return &Store{db: db}, nil
}

// errForeign marks a sound bbolt file that somebody else made.
var errForeign = errors.New("no ledger in the file")

// prepare makes the ledger's bucket in a new file and refuses a foreign one. A
// file without any bucket is new: its maker may have been killed before this.
func prepare(db *bbolt.DB) error {
	empty := true
	err := db.View(func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(ledgerBucket)) != nil {
			empty = false
			return nil
		}
		return tx.ForEach(func([]byte, *bbolt.Bucket) error { return errForeign })
	})
	if err != nil || !empty {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte(ledgerBucket))
		return err
	})
}

// openFault classifies what bbolt or prepare said about opening path.
func openFault(path string, err error) error {
	const op = "ledger file: open"
	var pathErr *fs.PathError
	var errno syscall.Errno
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fault.Newf(fault.Unavailable, op, "%s is in use by another process", path)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Denied, op, err)
	case errors.As(err, &pathErr):
		return fault.New(fault.Invalid, op, err)
	case errors.As(err, &errno):
		return fault.New(fault.Unavailable, op, fmt.Errorf("%s: %w", path, err))
	}
	return fault.New(fault.Invalid, op, fmt.Errorf("%s is not a storeteams ledger: %w", path, err))
}

// Get implements ledger.Store.
func (s *Store) Get(ctx context.Context, key ledger.Key) (ledger.Row, error) {
	const op = "ledger file: get row"
	if err := check(ctx, op, key); err != nil {
		return ledger.Row{}, err
	}
	var row ledger.Row
	err := s.db.View(func(tx *bbolt.Tx) error {
		stored := tx.Bucket([]byte(ledgerBucket)).Get(fileKey(key))
		if stored == nil {
			return fault.Newf(fault.NotFound, op, "no such row")
		}
		row = decode(key, stored)
		return nil
	})
	return row, opFault(op, err)
}

// Put implements ledger.Store.
func (s *Store) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	const op = "ledger file: put row"
	if err := check(ctx, op, key); err != nil {
		return "", err
	}
	if err := ledger.CheckValue(op, value); err != nil {
		return "", err
	}
	var newETag string
	err := s.db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte(ledgerBucket))
		stored := bucket.Get(fileKey(key))
		if etagAt(stored) != etag {
			return fault.Newf(fault.Conflict, op, "the row is not as expected")
		}
		// The sequence is part of the transaction: it goes up with every write
		// of the file's life and never back, whatever rows come and go.
		version, err := bucket.NextSequence()
		if err != nil {
			return err
		}
		newETag = etagOf(version)
		return bucket.Put(fileKey(key), encode(version, value))
	})
	if err != nil {
		return "", opFault(op, err)
	}
	return newETag, nil
}

// Delete implements ledger.Store.
func (s *Store) Delete(ctx context.Context, key ledger.Key, etag string) error {
	const op = "ledger file: delete row"
	if err := check(ctx, op, key); err != nil {
		return err
	}
	if etag == "" {
		return fault.Newf(fault.Invalid, op, "no ETag given")
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte(ledgerBucket))
		stored := bucket.Get(fileKey(key))
		if stored == nil {
			return fault.Newf(fault.NotFound, op, "no such row")
		}
		if etagAt(stored) != etag {
			return fault.Newf(fault.Conflict, op, "the row is not as expected")
		}
		return bucket.Delete(fileKey(key))
	})
	return opFault(op, err)
}

// Close implements ledger.Store. It unlocks the file.
func (s *Store) Close() error { return opFault("ledger file: close", s.db.Close()) }

// check refuses an ended context and a bad key. bbolt knows no contexts: a call
// that has begun runs to its end, which is one disk sync away.
func check(ctx context.Context, op string, key ledger.Key) error {
	if err := ctx.Err(); err != nil {
		return fault.New(fault.KindOf(err), op, err)
	}
	return ledger.CheckKey(op, key)
}

// opFault classifies what came out of a transaction: our own verdicts pass, the
// rest is a disk that is full or broken.
func opFault(op string, err error) error {
	var classified *fault.Error
	if err == nil || errors.As(err, &classified) {
		return err
	}
	return fault.New(fault.Unavailable, op, err)
}

// fileKey is the row's key in the bucket: one byte with the partition's length,
// the partition, the row. So a partition's rows are neighbours, in order of
// their bytes, and no two keys meet whatever characters they hold.
func fileKey(key ledger.Key) []byte {
	return append(partitionKey(key.Partition), key.Row...)
}

func partitionKey(partition string) []byte {
	return append([]byte{byte(len(partition))}, partition...)
}

// versionBytes is how much of a stored value is its version.
const versionBytes = 8

func encode(version uint64, value []byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, version), value...)
}

// decode copies: bbolt's slices die with their transaction.
func decode(key ledger.Key, stored []byte) ledger.Row {
	return ledger.Row{Key: key, Value: bytes.Clone(stored[versionBytes:]), ETag: etagAt(stored)}
}

// etagAt returns the ETag of a stored value, "" when there is none: the same
// words in which a caller says what it expects.
func etagAt(stored []byte) string {
	if stored == nil {
		return ""
	}
	return etagOf(binary.BigEndian.Uint64(stored))
}

func etagOf(version uint64) string { return strconv.FormatUint(version, 10) }
