// Package memledger keeps a ledger in memory, for tests that run thousands of
// reconciles and for nothing else: it passes the same suite as the stores that
// are used, and forgets everything.
package memledger

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// Store is a ledger.Store in memory. Its zero value is ready.
type Store struct {
	mu      sync.Mutex
	rows    map[ledger.Key]ledger.Row
	version uint64
}

var _ ledger.Store = (*Store)(nil)

// Get implements ledger.Store.
func (s *Store) Get(ctx context.Context, key ledger.Key) (ledger.Row, error) {
	if err := ctx.Err(); err != nil {
		return ledger.Row{}, err
	}
	if err := ledger.CheckKey("mem: get", key); err != nil {
		return ledger.Row{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok := s.rows[key]
	if !ok {
		return ledger.Row{}, fault.New(fault.NotFound, "mem: get", nil)
	}
	row.Value = bytes.Clone(row.Value)
	return row, nil
}

// Put implements ledger.Store.
func (s *Store) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := ledger.CheckKey("mem: put", key); err != nil {
		return "", err
	}
	if err := ledger.CheckValue("mem: put", value); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows[key].ETag != etag {
		return "", fault.New(fault.Conflict, "mem: put", nil)
	}
	if s.rows == nil {
		s.rows = map[ledger.Key]ledger.Row{}
	}
	s.version++
	row := ledger.Row{Key: key, Value: append([]byte{}, value...), ETag: strconv.FormatUint(s.version, 10)}
	s.rows[key] = row
	return row.ETag, nil
}

// Delete implements ledger.Store.
func (s *Store) Delete(ctx context.Context, key ledger.Key, etag string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := ledger.CheckKey("mem: delete", key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch row, ok := s.rows[key]; {
	case etag == "":
		return fault.Newf(fault.Invalid, "mem: delete", "an ETag is needed")
	case !ok:
		return fault.New(fault.NotFound, "mem: delete", nil)
	case row.ETag != etag:
		return fault.New(fault.Conflict, "mem: delete", nil)
	}
	delete(s.rows, key)
	return nil
}

// List implements ledger.Store.
func (s *Store) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	return func(yield func(ledger.Row, error) bool) {
		if err := ledger.CheckPartition("mem: list", partition); err != nil {
			yield(ledger.Row{}, err)
			return
		}
		for _, row := range s.matching(partition, prefix) {
			if err := ctx.Err(); err != nil {
				yield(ledger.Row{}, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (s *Store) matching(partition, prefix string) []ledger.Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []ledger.Row
	for key, row := range s.rows {
		if key.Partition == partition && strings.HasPrefix(key.Row, prefix) {
			row.Value = bytes.Clone(row.Value)
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b ledger.Row) int { return strings.Compare(a.Row, b.Row) })
	return rows
}

// Close implements ledger.Store.
func (s *Store) Close() error { return nil }
