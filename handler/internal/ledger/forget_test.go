package ledger_test

import (
	"context"
	"maps"
	"sync"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// partitions are all that the tests below fill.
var partitions = []string{
	"binding", "cursor", "team", "claim", "lease", "mirror", "hold", "block", "rails", "run",
	"blob/snapshot", "blob/takings", "blob/plan/r", "blob/users/00", "blob/users/01", "blob/users/3f",
}

// contentOf is every row of a ledger, as partition/row, with its version.
func contentOf(t *testing.T, s ledger.Store) map[string]string {
	t.Helper()
	content := map[string]string{}
	for _, name := range partitions {
		for row, version := range partition(t, s, name) {
			content[name+"/"+row] = version
		}
	}
	return content
}

// copyOf is another store with the same rows.
func copyOf(t *testing.T, s ledger.Store) *memledger.Store {
	t.Helper()
	other := new(memledger.Store)
	for _, name := range partitions {
		for row, err := range s.List(t.Context(), name, "") {
			must(t, err)
			_, err = other.Put(t.Context(), row.Key, row.Value, "")
			must(t, err)
		}
	}
	return other
}

// fullLedger has a row of everything, and beside each of those that cannot be
// told again one that cannot be read. It returns what is to stay.
func fullLedger(t *testing.T) (*memledger.Store, map[string]string) {
	t.Helper()
	s := new(memledger.Store)
	book := ledger.NewBook(s, "test")
	must(t, book.Bind(t.Context(), ledger.Binding{Instance: "test"}))
	must(t, book.SaveLink(t.Context(), &ledger.Link{Team: shop("1"), Group: "g"}))
	must(t, book.SaveLink(t.Context(), &ledger.Link{Team: org.Communications, Group: "h"}))
	must(t, book.SaveClaim(t.Context(), &ledger.Claim{Team: shop("1")}))
	take(t, book, "a", noon)
	saveHolds(t, book, held("1"))
	must(t, book.Block(t.Context(), org.Block{User: user(1)}))
	must(t, book.SaveBaseline(t.Context(), &ledger.Baseline{Baseline: rails.Baseline{ReadAt: noon}}))
	must(t, book.SaveQuarantine(t.Context(), &ledger.Quarantine{Quarantine: rails.Quarantine{Since: noon}}))
	must(t, book.SaveTakings(t.Context(), &ledger.Takings{All: []rails.Taking{taking(1)}}))
	must(t, book.SaveRun(t.Context(), &ledger.Run{ID: "r"}))
	must(t, book.SavePlan(t.Context(), "r", writeText("plan")))
	stays := contentOf(t, s)

	for _, partition := range []string{"team", "claim", "lease", "hold", "block", "rails", "run"} {
		for row, text := range map[string]string{"x": "{", "y": "{}"} {
			put(t, s, partition+"/"+row, text)
		}
	}
	for _, feed := range []ledger.Feed{ledger.GroupFeed, ledger.UserFeed} {
		must(t, book.SaveCursor(t.Context(), feed, &ledger.Cursor{Link: "link", At: noon}))
	}
	must(t, book.SaveGroup(t.Context(), &ledger.Group{ID: "g"}))
	put(t, s, "mirror/x", "unreadable")
	users := readUsers(t, book)
	users.Put(org.User{ID: user(0)})
	users.Put(org.User{ID: user(1)})
	must(t, book.SaveUsers(t.Context(), users))
	mustWriteBlob(t, s, "users/3f", "", blobNoise(1, twoChunks)) // in chunks, and no users
	pointer, err := s.Get(t.Context(), ledger.Key{Partition: "blob/users/00", Row: "pointer"})
	must(t, err)
	_, err = s.Put(t.Context(), pointer.Key, []byte("damaged"), pointer.ETag)
	must(t, err)
	must(t, book.SaveSnapshot(t.Context(), org.Snapshot{Missing: []string{"x"}}, ""))
	return s, stays
}

func TestForget(t *testing.T) {
	s, stays := fullLedger(t)
	book := ledger.NewBook(s, "test")
	for range 2 {
		must(t, book.Forget(t.Context()))
		if left := contentOf(t, s); !maps.Equal(left, stays) {
			t.Errorf("left are %v, want %v", left, stays)
		}
	}
	if n := readUsers(t, book).Len(); n != 0 {
		t.Errorf("%d users are left", n)
	}
	_, version, err := book.Snapshot(t.Context())
	must(t, err)
	must(t, book.SaveSnapshot(t.Context(), org.Snapshot{}, version))
	empty := ledger.NewBook(new(memledger.Store), "test")
	must(t, empty.Forget(t.Context()))
}

// Killed or failing at any step, Forget leaves no cursor before something it
// stands for, keeps what it has to, and finishes when it is asked again.
func TestForgetMishap(t *testing.T) {
	whole, keep := fullLedger(t)
	rows := len(contentOf(t, whole))
	for _, how := range mishaps() {
		for at, ended := 0, false; !ended; at += stride() {
			s := copyOf(t, whole)
			stays := contentOf(t, s)
			maps.DeleteFunc(stays, func(row, _ string) bool { return keep[row] == "" })
			failing := failing(s, at, how)
			err := ledger.NewBook(&inTurn{Store: failing}, "test").Forget(t.Context())
			ended = failing.steps <= at
			if ended != (err == nil) || !ended && !fault.Is(err, fault.Unavailable) {
				t.Fatalf("%+v at %d: %v", how, at, err)
			}
			left := contentOf(t, s)
			if cursors := len(partition(t, s, "cursor")); cursors > 0 && len(left)-cursors < rows-2 {
				t.Fatalf("%+v at %d: a cursor is left of %v", how, at, left)
			}
			if _, _, err := readBlob(t.Context(), s, "users/3f"); fault.Is(err, fault.Incomplete) {
				t.Fatalf("%+v at %d: a blob is left in part", how, at)
			}
			must(t, ledger.NewBook(s, "test").Forget(t.Context()))
			if left := contentOf(t, s); !maps.Equal(left, stays) {
				t.Fatalf("%+v at %d, and again: left are %v", how, at, left)
			}
		}
	}
}

// inTurn is a store whose rows are deleted one after another.
type inTurn struct {
	ledger.Store
	mutex sync.Mutex
}

// Delete implements ledger.Store.
func (s *inTurn) Delete(ctx context.Context, key ledger.Key, etag string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.Store.Delete(ctx, key, etag)
}
