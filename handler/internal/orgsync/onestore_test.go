package orgsync_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// That one store works says nothing about the others: the next run is as careful
// as it would have been.
func TestRunOfOneStoreEndsNoQuarantine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 30, 4)
		healthy := b.team(t, store(3)).ID
		var broken []string
		for _, team := range b.tenant.Teams() {
			if team.ID != healthy {
				broken = append(broken, team.ID)
			}
		}
		b.hireMany(t, 30)
		b.refusing(adding, broken...)
		for range 4 {
			if record := b.tick(t); !record.Slowed {
				t.Fatal("the run is not slowed")
			}
		}
		b.dismiss(t, 3, 1)
		pass(tick)
		record, err := b.syncer(t).RunNow(t.Context(), "operator", string(store(3).Store))
		must(t, err)
		if record.Done["remove"] != 1 {
			t.Errorf("the run of one store did %v", record.Done)
		}
		slowed, err := b.book().Quarantine(t.Context())
		must(t, err)
		if slowed == nil {
			t.Error("the quarantine is over")
		}
	})
}

// A run of one store takes no room in the caps for what it leaves to others.
func TestRunOfOneStoreBooksItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 5)
		b.limits.Removals = 2
		b.tick(t)
		b.vanish(t, 2, 1)
		b.vanish(t, 4, 1)
		b.tick(t) // the first sighting
		pass(20 * time.Minute)
		_, err := b.syncer(t).RunNow(t.Context(), "operator", string(store(3).Store))
		must(t, err)
		takings, err := b.book().Takings(t.Context())
		must(t, err)
		if len(takings.All) > 0 {
			t.Errorf("booked is %+v", takings.All)
		}
		b.reappear(t, 2, 1)
		b.reappear(t, 4, 1)
		b.tick(t)
		before := b.places(t)
		b.vanish(t, 5, 1)
		b.ticks(t, 2*time.Hour)
		b.wantPlaces(t, "after two hours", before, []string{b.place(t, 5, 1)}, nil)
	})
}

// stalled is a store in which writes to some partition fail when their time is
// over, and at no other time.
type stalled struct {
	ledger.Store
	partition string
}

func (s stalled) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	if strings.HasPrefix(key.Partition, s.partition) {
		<-ctx.Done()
		return "", fault.New(fault.Unavailable, "put", ctx.Err())
	}
	return s.Store.Put(ctx, key, value, etag)
}

// A run whose events cannot be kept has its record all the same, and a revocation
// that cannot be recorded says whom it took out.
func TestTracesThatCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		before := b.places(t)
		gained := b.hireMany(t, 1)
		whole := b.store
		b.store = stalled{whole, "blob/events"}
		pass(tick)
		record, err := b.syncer(t).RunNow(t.Context(), "operator", "")
		must(t, err)
		if record.Outcome != ledger.Done || record.Done["add member"] != len(gained) {
			t.Errorf("the record says %s, done %v", record.Outcome, record.Done)
		}
		b.store = stalled{whole, "act"}
		r, err := b.syncer(t).Revoke(t.Context(), userID(t, b.worker(t, 2, 1)))
		must(t, err)
		if len(r.Out) != 1 {
			t.Errorf("out of %v", r.Out)
		}
		b.wantPlaces(t, "in the end", before, []string{b.place(t, 2, 1)}, gained)
	})
}

// Before the tenant was read again, nobody knows whom PROTECTED_USERS names, so
// nobody is taken out.
func TestProtectedAfterRebuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		user := userID(t, b.worker(t, 2, 1))
		users, err := b.book().Users(t.Context())
		must(t, err)
		b.protected = []string{users.ByID(user).UPN}
		before := b.places(t)
		must(t, b.syncer(t).Rebuild(t.Context()))
		if _, err := b.syncer(t).Revoke(t.Context(), user); !fault.Is(err, fault.NotFound) {
			t.Errorf("revoking after a rebuild: %v", err)
		}
		b.wantPlaces(t, "after a rebuild", before, nil, nil)
		b.tick(t)
		if _, err := b.syncer(t).Revoke(t.Context(), user); !fault.Is(err, fault.Invalid) {
			t.Errorf("revoking a protected user: %v", err)
		}
	})
}

// Runs of one store are no sign that the timer works, and push out no record of
// the others.
func TestManyRunsOfOneStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		good, all := b.tick(t), len(b.runs(t))
		for range 101 {
			pass(time.Minute)
			_, err := b.syncer(t).RunNow(t.Context(), "operator", string(store(2).Store))
			must(t, err)
		}
		if now := len(b.runs(t)); now != all+100 {
			t.Errorf("%d records, were %d", now, all)
		}
		status, err := b.syncer(t).Status(t.Context())
		must(t, err)
		if !status.LastGood.Equal(good.Ended) || status.LastRun.Store == "" {
			t.Errorf("last good %v, want %v; last %+v", status.LastGood, good.Ended, status.LastRun)
		}
	})
}

// A block is about the store, however its number is written, and whether or not
// its team is there yet.
func TestBlockedStoreIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		user := userID(t, b.worker(t, 2, 1))
		b.edit(t, "RetailStores", func(row map[string]any) bool {
			if row["StoreNumber"] == string(store(3).Store) {
				row["StoreNumber"] = "Ab3"
			}
			return true
		})
		b.tick(t)
		for _, written := range []string{"aB3", "AB3"} {
			must(t, b.syncer(t).Block(t.Context(), org.Block{User: user, Store: org.StoreNumber(written)}))
		}
		blocks, err := b.syncer(t).Blocks(t.Context())
		must(t, err)
		if len(blocks) != 1 || blocks[0].Store != "Ab3" {
			t.Errorf("blocked is %v", blocks)
		}
		must(t, b.syncer(t).Unblock(t.Context(), org.Block{User: user, Store: "ab3"}))
	})
}
