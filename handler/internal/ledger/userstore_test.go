package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// versions are the shards of the users that there are, with their versions.
func versions(t *testing.T, s ledger.Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	for i := range 256 {
		partition := "blob/users/" + string("0123456789abcdef"[i/16]) + string("0123456789abcdef"[i%16])
		for row, err := range s.List(t.Context(), partition, "") {
			must(t, err)
			found[partition+" "+row.Row] = row.ETag
		}
	}
	return found
}

func readUsers(t *testing.T, book *ledger.Book) *ledger.Users {
	t.Helper()
	users, err := book.Users(t.Context())
	must(t, err)
	return users
}

func TestUsersComeBack(t *testing.T) {
	book, _ := newBook()
	users := readUsers(t, book)
	want := map[org.UserID]org.User{}
	for i := range 1000 {
		u := org.User{ID: user(i), UPN: user(i).String() + "@shop.example", Enabled: org.Flag(i % 3), Licensed: i%3 == 0, Guest: i%5 == 0}
		want[u.ID] = u
		users.Put(u)
	}
	must(t, book.SaveUsers(t.Context(), users))
	for range 2 {
		users = readUsers(t, book)
		got := map[org.UserID]org.User{}
		for _, u := range users.All() {
			got[u.ID] = u
		}
		if !maps.Equal(got, want) || users.Len() != len(want) {
			t.Fatalf("%d users came back, want %d", len(got), len(want))
		}
		users.MarkDeleted(user(7))
		users.MarkDeleted(user(7))
		tombstone := want[user(7)]
		tombstone.UPN, tombstone.Deleted = "", true
		want[user(7)] = tombstone
		must(t, book.SaveUsers(t.Context(), users))
	}
	if u := users.ByID(user(100_000)); u != (org.User{ID: user(100_000)}) {
		t.Errorf("a stranger is %+v", u)
	}
}

// A deleted account leaves a tombstone without its UPN, until it comes back or
// everybody is read again. One that was never there leaves none.
func TestTombstones(t *testing.T) {
	book, _ := newBook()
	users := readUsers(t, book)
	whole := org.User{ID: user(1), UPN: "one@shop.example", Enabled: org.Yes, Licensed: true}
	users.Put(whole)
	users.MarkDeleted(user(1))
	users.MarkDeleted(user(2))
	must(t, book.SaveUsers(t.Context(), users))
	users = readUsers(t, book)
	seen, _ := users.Org().ByID(user(1))
	if _, named := users.Org().ByUPN(whole.UPN); named || !seen.Deleted || users.Len() != 1 || users.ByID(user(2)).Deleted {
		t.Errorf("of %d users the deleted one is %+v, found by UPN %v", users.Len(), seen, named)
	}
	back := users.ByID(user(1)) // a change is laid over what is known
	back.UPN = whole.UPN
	users.Put(back)
	must(t, book.SaveUsers(t.Context(), users))
	users = readUsers(t, book)
	if u, named := users.Org().ByUPN(whole.UPN); !named || u != whole {
		t.Errorf("who came back is %+v", u)
	}
	users.MarkDeleted(user(1))
	users.Clear()
	if users.Len() != 0 {
		t.Error("the tombstone is still there")
	}
}

// Only what changed is written.
func TestUsersAreWrittenInShards(t *testing.T) {
	book, s := newBook()
	users := readUsers(t, book)
	for i := range 256 {
		users.Put(org.User{ID: user(i), Enabled: org.Yes})
	}
	must(t, book.SaveUsers(t.Context(), users))
	before := versions(t, s)
	if len(before) != 64 {
		t.Fatalf("256 users are in %d rows", len(before))
	}
	changes := []struct { // each after those before it
		name   string
		do     func(*ledger.Users)
		shards int
	}{
		{"nothing", func(*ledger.Users) {}, 0},
		{"the same again", func(u *ledger.Users) { u.Put(org.User{ID: user(3), Enabled: org.Yes}) }, 0},
		{"a stranger deleted", func(u *ledger.Users) { u.MarkDeleted(user(100_000)) }, 0},
		{"one changed", func(u *ledger.Users) { u.Put(org.User{ID: user(3)}) }, 1},
		{"two of one shard", func(u *ledger.Users) { u.Put(org.User{ID: user(4)}); u.Put(org.User{ID: user(4 + 64)}) }, 1},
		{"two of two shards", func(u *ledger.Users) { u.Put(org.User{ID: user(5)}); u.MarkDeleted(user(6)) }, 2},
		{"deleted again", func(u *ledger.Users) { u.MarkDeleted(user(6)) }, 0},
		{"cleared, same back", func(u *ledger.Users) { all := u.All(); u.Clear(); putAll(u, all) }, 64},
	}
	for _, c := range changes {
		for _, again := range []string{"read", "kept"} {
			if again == "read" {
				users = readUsers(t, book)
			}
			c.do(users)
			must(t, book.SaveUsers(t.Context(), users))
			after := versions(t, s)
			changed := 0
			for row, version := range after {
				if before[row] != version {
					changed++
				}
			}
			want := c.shards
			if again == "kept" && want < 64 {
				want = 0 // it is so already
			}
			if changed != want || len(after) != 64 {
				t.Errorf("%s, %s: %d of %d rows changed, want %d", c.name, again, changed, len(after), want)
			}
			before = after
		}
	}
}

func putAll(u *ledger.Users, all []org.User) {
	for _, user := range all {
		u.Put(user)
	}
}

func TestUsersAreCleared(t *testing.T) {
	book, s := newBook()
	users := readUsers(t, book)
	users.Clear()
	must(t, book.SaveUsers(t.Context(), users))
	if rows := versions(t, s); len(rows) != 0 {
		t.Errorf("clearing nothing left %d rows", len(rows))
	}
	users.Put(org.User{ID: user(1)})
	users.Put(org.User{ID: user(2)})
	must(t, book.SaveUsers(t.Context(), users))
	users = readUsers(t, book)
	users.Clear()
	users.Put(org.User{ID: user(2), Guest: true})
	if users.Len() != 1 || users.ByID(user(1)) != (org.User{ID: user(1)}) {
		t.Errorf("there are %d users", users.Len())
	}
	must(t, book.SaveUsers(t.Context(), users))
	users = readUsers(t, book)
	if all := users.All(); len(all) != 1 || all[0] != (org.User{ID: user(2), Guest: true}) {
		t.Errorf("users are %+v", all)
	}
}

// Two who change different shards do not disturb each other.
func TestUsersConflictByShard(t *testing.T) {
	book, _ := newBook()
	first, second := readUsers(t, book), readUsers(t, book)
	first.Put(org.User{ID: user(1)})
	second.Put(org.User{ID: user(2)})
	must(t, book.SaveUsers(t.Context(), first))
	must(t, book.SaveUsers(t.Context(), second))
	if n := readUsers(t, book).Len(); n != 2 {
		t.Errorf("there are %d users", n)
	}
}

// A save that broke off in the middle is finished by the next one.
func TestUsersAreSavedInTwoGoes(t *testing.T) {
	_, s := newBook()
	broken := errors.New("broken")
	store := &breaking{Store: s, left: 5, err: broken}
	book := ledger.NewBook(store, "test")
	users := readUsers(t, book)
	for i := range 20 {
		users.Put(org.User{ID: user(i)})
	}
	if err := book.SaveUsers(t.Context(), users); !errors.Is(err, broken) {
		t.Fatalf("error %v", err)
	}
	store.left = 100
	must(t, book.SaveUsers(t.Context(), users))
	if n := readUsers(t, book).Len(); n != 20 {
		t.Errorf("there are %d users", n)
	}
}

// breaking is a store that takes so many writes and no more.
type breaking struct {
	ledger.Store
	left int
	err  error
}

// Put implements ledger.Store.
func (b *breaking) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	if b.left--; b.left < 0 {
		return "", b.err
	}
	return b.Store.Put(ctx, key, value, etag)
}

// Whatever happens to users, in whatever order, they are as the last word about
// each says, before they are written and after.
func TestUsersAgainstAMap(t *testing.T) {
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 1))
		book, _ := newBook()
		users, want := readUsers(t, book), map[org.UserID]org.User{}
		for step := range 200 {
			id := user(random.IntN(12))
			switch n := random.IntN(100); {
			case n < 60:
				u := org.User{ID: id, UPN: fmt.Sprint(step), Guest: n%2 == 0}
				users.Put(u)
				want[id] = u
			case n < 90:
				users.MarkDeleted(id)
				if u, there := want[id]; there {
					u.UPN, u.Deleted = "", true
					want[id] = u
				}
			case n < 93:
				must(t, book.SaveUsers(t.Context(), users))
			case n < 97:
				must(t, book.SaveUsers(t.Context(), users))
				users = readUsers(t, book)
			default:
				users.Clear()
				clear(want)
			}
			expectUsers(t, users, want)
		}
	}
}

func expectUsers(t *testing.T, users *ledger.Users, want map[org.UserID]org.User) {
	t.Helper()
	all := users.All()
	if len(all) != len(want) || users.Len() != len(want) {
		t.Fatalf("there are %d users, and %d by their length, want %d", len(all), users.Len(), len(want))
	}
	for _, u := range all {
		if u != want[u.ID] || users.ByID(u.ID) != u {
			t.Fatalf("one is %+v, by id %+v, want %+v", u, users.ByID(u.ID), want[u.ID])
		}
	}
}
