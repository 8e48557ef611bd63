package boltledger

import (
	"bytes"
	"context"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// A page ends at whichever of the two it reaches first, so that a List holds
// little memory whether rows are many or large.
const (
	pageRows  = 500
	pageBytes = 4 << 20
)

// List implements ledger.Store. It reads page by page and holds no transaction
// while the consumer runs: an open one would keep bbolt from growing the file,
// and a consumer that writes would then wait for itself.
func (s *Store) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	const op = "ledger file: list rows"
	return func(yield func(ledger.Row, error) bool) {
		all := append(partitionKey(partition), prefix...)
		for from := all; from != nil; {
			if err := check(ctx, op, ledger.Key{Partition: partition, Row: "any"}); err != nil {
				yield(ledger.Row{}, err)
				return
			}
			page, next, err := s.page(partition, from, all)
			if err != nil {
				yield(ledger.Row{}, opFault(op, err))
				return
			}
			for _, row := range page {
				if !yield(row, nil) {
					return
				}
			}
			from = next
		}
	}
}

// page returns rows from the key from on, as long as their keys start with all,
// and the key the next page begins at: nil when there is none.
func (s *Store) page(partition string, from, all []byte) (rows []ledger.Row, next []byte, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket([]byte(ledgerBucket)).Cursor()
		size := 0
		for k, v := cursor.Seek(from); bytes.HasPrefix(k, all); k, v = cursor.Next() {
			if len(rows) == pageRows || size >= pageBytes {
				next = bytes.Clone(k)
				return nil
			}
			row := string(k[1+len(partition):])
			rows = append(rows, decode(ledger.Key{Partition: partition, Row: row}, v))
			size += len(v)
		}
		return nil
	})
	return rows, next, err
}
