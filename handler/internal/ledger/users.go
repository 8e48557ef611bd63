package ledger

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"slices"

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
	// all has each user once: those of the ledger in order of id, which takes a
	// third of what a map does, and behind them those who came since.
	all   []org.User
	since map[org.UserID]int // positions of the latter

	etags [userShards]string
	dirty [userShards]bool
}

// Len returns how many users there are, tombstones included.
func (u *Users) Len() int { return len(u.all) }

// ByID returns a user; the zero User, with only its id set, if there is none.
func (u *Users) ByID(id org.UserID) org.User {
	if i, ok := u.find(id); ok {
		return u.all[i]
	}
	return org.User{ID: id}
}

func (u *Users) find(id org.UserID) (i int, ok bool) {
	if i, ok = u.since[id]; ok {
		return i, true
	}
	return slices.BinarySearchFunc(u.all[:len(u.all)-len(u.since)], id, func(user org.User, id org.UserID) int {
		return bytes.Compare(user.ID[:], id[:])
	})
}

// sort puts those who came since in their places.
func (u *Users) sort() {
	u.since = nil
	slices.SortFunc(u.all, func(a, b org.User) int { return bytes.Compare(a.ID[:], b.ID[:]) })
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
	if i, ok := u.find(id); ok {
		user := u.all[i]
		user.UPN, user.Deleted = "", true
		u.set(user)
	}
}

// Deleted returns the tombstones.
func (u *Users) Deleted() map[org.UserID]bool {
	deleted := map[org.UserID]bool{}
	for _, user := range u.all {
		if user.Deleted {
			deleted[user.ID] = true
		}
	}
	return deleted
}

// Forget drops a user without a trace.
func (u *Users) Forget(id org.UserID) {
	if i, ok := u.find(id); ok {
		u.dirty[shardOf(id)] = true
		u.all = slices.Delete(u.all, i, i+1)
		u.sort()
	}
}

func (u *Users) set(user org.User) {
	i, ok := u.find(user.ID)
	switch {
	case ok && u.all[i] == user:
		return
	case ok:
		u.all[i] = user
	default:
		if u.since == nil {
			u.since = map[org.UserID]int{}
		}
		u.since[user.ID] = len(u.all)
		u.all = append(u.all, user)
	}
	u.dirty[shardOf(user.ID)] = true
}

// Clear forgets everybody, tombstones too, before a full reading.
func (u *Users) Clear() {
	u.all, u.since = nil, nil
	for i := range u.dirty {
		u.dirty[i] = true
	}
}

// Org returns the users as the rules look at them, good until the next change:
// it shares them rather than copying a tenant's worth.
func (u *Users) Org() *org.Users { return org.NewUsers(u.all) }

// All returns the users, tombstones included, in no order.
func (u *Users) All() []org.User { return slices.Clone(u.all) }

func shardOf(id org.UserID) int { return int(id[0]) % userShards }

func shardBlob(shard int) string { return fmt.Sprintf("users/%02x", shard) }

// Users reads the users.
func (b *Book) Users(ctx context.Context) (*Users, error) {
	u := new(Users)
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
	u.all = slices.Concat(shards[:]...)
	u.sort()
	return u, nil
}

// SaveUsers writes the shards that changed. It counts as a change to what Org
// returned before.
func (b *Book) SaveUsers(ctx context.Context, u *Users) error {
	if len(u.since) > 0 { // after a full reading everybody: let the map go
		u.sort()
	}
	for i := range userShards {
		if !u.dirty[i] {
			continue
		}
		var shard []org.User // one at a time: together they are a second copy of everybody
		for _, user := range u.all {
			if shardOf(user.ID) == i {
				shard = append(shard, user)
			}
		}
		if len(shard) == 0 && u.etags[i] == "" {
			continue
		}
		etag, err := writeGob(ctx, b.store, shardBlob(i), u.etags[i], shard)
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
