package ledger

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// noTeam is a key that no team has. It stands in a value that is about to be
// decoded: the zero key is the communications team's, and a row that names no
// team must not pass for theirs.
var noTeam = org.TeamKey{Store: "\x00"}

// keyed is a pointer to a value that knows in which row it is kept, and which
// version of it it is. The key's Row is empty while the value lacks what names
// it.
type keyed[T any] interface {
	*T
	key(instance string) Key
	version() *string
}

// decodeRow reads a JSON row into a value of its own, which begins as a copy of
// blank. A row that holds some other key than its own, or none, was not written
// by us: to take it for a value with empty fields would be to invent one.
func decodeRow[T any, P keyed[T]](b *Book, row Row, blank P) (P, error) {
	value := P(new(T))
	*value = *blank
	if err := decode(row, value); err != nil {
		return nil, err
	}
	if value.key(b.instance) != row.Key {
		return nil, fault.Newf(fault.Internal, readingRow(row.Key), "the row does not hold its own key")
	}
	*value.version() = row.ETag
	return value, nil
}

// readAll returns the values of a partition, blank's, by some name of theirs.
func readAll[T any, P keyed[T], K comparable](ctx context.Context, b *Book, blank P, name func(P) K) (map[K]P, error) {
	values := map[K]P{}
	for row, err := range b.store.List(ctx, blank.key(b.instance).Partition, "") {
		if err != nil {
			return nil, err
		}
		value, err := decodeRow(b, row, blank)
		if err != nil {
			return nil, err
		}
		values[name(value)] = value
	}
	return values, nil
}

// readRow returns the value that is kept in a row, nil if there is none.
func readRow[T any, P keyed[T]](ctx context.Context, b *Book, key Key, blank P) (P, error) {
	row, err := b.store.Get(ctx, key)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeRow(b, row, blank)
}

// saveRow writes a value over the version it has.
func saveRow[T any, P keyed[T]](ctx context.Context, b *Book, value P) error {
	key := value.key(b.instance)
	if key.Row == "" {
		return fault.Newf(fault.Internal, "ledger: write a row of "+key.Partition, "the value does not say which row it is")
	}
	return saveVersion(ctx, b.store, key, value, value.version())
}

// dropRow deletes a value; one that was never saved or is gone is fine.
func dropRow[T any, P keyed[T]](ctx context.Context, b *Book, value P) error {
	if *value.version() == "" {
		return nil
	}
	err := b.store.Delete(ctx, value.key(b.instance), *value.version())
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// load reads a JSON row.
func load[T any](ctx context.Context, s Store, key Key) (value T, etag string, err error) {
	row, err := s.Get(ctx, key)
	if err != nil {
		return value, "", err
	}
	return value, row.ETag, decode(row, &value)
}

func decode(row Row, into any) error {
	if err := json.Unmarshal(row.Value, into); err != nil {
		return fault.New(fault.Internal, readingRow(row.Key), err)
	}
	return nil
}

func readingRow(key Key) string { return fmt.Sprintf("ledger: read row %s/%s", key.Partition, key.Row) }

// save writes a JSON row and returns its new version.
func save(ctx context.Context, s Store, key Key, value any, etag string) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("ledger: write a row of %s: %w", key.Partition, err)
	}
	return s.Put(ctx, key, text, etag)
}

// saveVersion is save for a value that remembers its version.
func saveVersion(ctx context.Context, s Store, key Key, value any, etag *string) error {
	next, err := save(ctx, s, key, value, *etag)
	if err != nil {
		return err
	}
	*etag = next
	return nil
}
