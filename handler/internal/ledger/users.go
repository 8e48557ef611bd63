package ledger

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// userShards spreads a tenant's users over so many blobs, by the first byte of
// their id: a change rewrites a sixty-fourth of them.
const userShards = 64

// parallelReads bounds how many rows are read at once where many are needed.
const parallelReads = 8

// Users are the tenant's users as the mirror has them. They are not safe for
// concurrent use.
type Users struct {
	byID  map[org.UserID]org.User
	etags [userShards]string
	dirty [userShards]bool
}

// Len returns how many users there are.
func (u *Users) Len() int { return len(u.byID) }

// ByID returns a user; the zero User, with only its id set, if there is none.
func (u *Users) ByID(id org.UserID) org.User {
	if user, ok := u.byID[id]; ok {
		return user
	}
	return org.User{ID: id}
}

// Put adds or replaces a user.
func (u *Users) Put(user org.User) {
	if u.byID[user.ID] != user {
		u.byID[user.ID] = user
		u.dirty[shardOf(user.ID)] = true
	}
}

// Drop forgets a user.
func (u *Users) Drop(id org.UserID) {
	if _, ok := u.byID[id]; ok {
		delete(u.byID, id)
		u.dirty[shardOf(id)] = true
	}
}

// Clear forgets everybody, before a full reading.
func (u *Users) Clear() {
	clear(u.byID)
	for i := range u.dirty {
		u.dirty[i] = true
	}
}

// All returns the users in no order.
func (u *Users) All() []org.User {
	all := make([]org.User, 0, len(u.byID))
	for _, user := range u.byID {
		all = append(all, user)
	}
	return all
}

func shardOf(id org.UserID) int { return int(id[0]) % userShards }

func shardBlob(shard int) string { return fmt.Sprintf("users/%02x", shard) }

// Users reads the users.
func (b *Book) Users(ctx context.Context) (*Users, error) {
	u := &Users{byID: map[org.UserID]org.User{}}
	var shards [userShards][]org.User
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for i := range userShards {
		group.Go(func() (err error) {
			shards[i], u.etags[i], err = readGob[[]org.User](ctx, b.store, shardBlob(i))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("ledger: read the users: %w", err)
	}
	for _, shard := range shards {
		for _, user := range shard {
			u.byID[user.ID] = user
		}
	}
	return u, nil
}

// SaveUsers writes the shards that changed.
func (b *Book) SaveUsers(ctx context.Context, u *Users) error {
	var shards [userShards][]org.User
	for id, user := range u.byID {
		if shard := shardOf(id); u.dirty[shard] {
			shards[shard] = append(shards[shard], user)
		}
	}
	for i := range userShards {
		if !u.dirty[i] || len(shards[i]) == 0 && u.etags[i] == "" {
			continue
		}
		etag, err := writeGob(ctx, b.store, shardBlob(i), u.etags[i], shards[i])
		if err != nil {
			return fmt.Errorf("ledger: write users: %w", err)
		}
		u.etags[i], u.dirty[i] = etag, false
	}
	return nil
}

// Snapshot returns the last complete reading of Commerce and its version; the
// zero Snapshot if there is none.
func (b *Book) Snapshot(ctx context.Context) (org.Snapshot, string, error) {
	s, etag, err := readGob[org.Snapshot](ctx, b.store, "snapshot")
	if err != nil {
		return org.Snapshot{}, "", fmt.Errorf("ledger: read the snapshot: %w", err)
	}
	return s, etag, nil
}

// SaveSnapshot keeps a complete reading in place of the version etag.
func (b *Book) SaveSnapshot(ctx context.Context, s org.Snapshot, etag string) error {
	if _, err := writeGob(ctx, b.store, "snapshot", etag, s); err != nil {
		return fmt.Errorf("ledger: write the snapshot: %w", err)
	}
	return nil
}

// readGob reads a blob, or the zero value and no etag if there is none.
func readGob[T any](ctx context.Context, s Store, name string) (value T, etag string, err error) {
	etag, err = ReadBlob(ctx, s, name, func(r io.Reader) error {
		value = *new(T) // a reading that begins again begins from nothing
		return gob.NewDecoder(r).Decode(&value)
	})
	if fault.Is(err, fault.NotFound) {
		return value, "", nil
	}
	return value, etag, err
}

func writeGob[T any](ctx context.Context, s Store, name, etag string, value T) (string, error) {
	return WriteBlob(ctx, s, name, etag, func(w io.Writer) error { return gob.NewEncoder(w).Encode(value) })
}
