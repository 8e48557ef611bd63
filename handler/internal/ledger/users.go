package ledger

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"sync"

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

// Len returns how many users there are, tombstones included.
func (u *Users) Len() int { return len(u.byID) }

// ByID returns a user; the zero User, with only its id set, if there is none.
func (u *Users) ByID(id org.UserID) org.User {
	if user, ok := u.byID[id]; ok {
		return user
	}
	return org.User{ID: id}
}

// Put adds or replaces a user, who is not deleted, or not any more.
func (u *Users) Put(user org.User) {
	user.Deleted = false
	u.set(user)
}

// MarkDeleted makes a tombstone of a user: the tenant said that the account was
// deleted, which is more than that there is none. Its UPN is forgotten, as
// another account may have it by now. A user who was never there is no news.
func (u *Users) MarkDeleted(id org.UserID) {
	if user, ok := u.byID[id]; ok {
		user.UPN, user.Deleted = "", true
		u.set(user)
	}
}

func (u *Users) set(user org.User) {
	if u.byID[user.ID] != user {
		u.byID[user.ID] = user
		u.dirty[shardOf(user.ID)] = true
	}
}

// Clear forgets everybody, tombstones too, before a full reading.
func (u *Users) Clear() {
	clear(u.byID)
	for i := range u.dirty {
		u.dirty[i] = true
	}
}

// Org returns the users as the rules look at them, good until the next change:
// it shares them rather than copying a tenant's worth.
func (u *Users) Org() *org.Users { return org.UsersOver(u.byID) }

// All returns the users, tombstones included, in no order.
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
	var one sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for i := range userShards {
		group.Go(func() error {
			shard, etag, err := readGob[[]org.User](ctx, b.store, shardBlob(i))
			one.Lock() // at once, so that no more than a few shards are in memory twice
			defer one.Unlock()
			u.etags[i] = etag
			for _, user := range shard {
				u.byID[user.ID] = user
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("ledger: read the users: %w", err)
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
