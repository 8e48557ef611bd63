package orgsync_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// revoke takes a user out of everything, now.
func (b *bench) revoke(t *testing.T, user string) orgsync.Revocation {
	t.Helper()
	r, err := b.syncer(t).Revoke(t.Context(), userID(t, user))
	must(t, err)
	return r
}

// alsoIn makes a worker of the second store work in another one too.
func (b *bench) alsoIn(t *testing.T, k, n int) {
	t.Helper()
	b.add(t, "RetailChannelWorkers", map[string]any{
		"RetailChannelId": fmt.Sprintf("C%06d", n), "PersonnelNumber": number(2, k), "IsActive": "Yes",
	})
}

// A revoked user is out of all our teams before Revoke returns, whoever put them
// there, and no run puts them back. It is counted, and no cap stops it.
func TestRevoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		b.limits.Removals = 0
		user := b.worker(t, 2, 1)
		b.alsoIn(t, 1, 3)
		b.tick(t)
		must(t, b.tenant.AddOwner(b.team(t, store(4)).ID, user)) // by hand, an owner
		b.tick(t)
		before := b.places(t)
		lost := []string{at(2, "member", user), at(3, "member", user), at(4, "owner", user)}
		r := b.revoke(t, user)
		if want := []org.TeamKey{store(2), store(3), store(4)}; !slices.Equal(r.Out, want) || len(r.Still) > 0 {
			t.Errorf("out of %v, still in %v", r.Out, r.Still)
		}
		b.wantPlaces(t, "at once", before, lost, nil)
		takings, err := b.book().Takings(t.Context())
		must(t, err)
		for _, taking := range takings.All {
			if taking.User != userID(t, user) || taking.Kind != plan.Remove || !taking.Stated || !taking.Done {
				t.Errorf("counted is %+v", taking)
			}
		}
		if len(takings.All) != 3 {
			t.Errorf("%d are counted", len(takings.All))
		}
		b.ticks(t, 3*time.Hour)
		b.wantPlaces(t, "hours later", before, lost, nil)
		if holds := b.waiting(t); len(holds) > 0 {
			t.Errorf("somebody is asked: %+v", holds)
		}
		must(t, b.syncer(t).Unblock(t.Context(), org.Block{User: userID(t, user)}))
		b.tick(t)
		b.wantPlaces(t, "unblocked", before, lost[2:], nil)
	})
}

// Twice is once, and a user nobody knows is blocked before they come.
func TestRevokeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		before := b.places(t)
		user := b.worker(t, 2, 1)
		b.revoke(t, user)
		if r := b.revoke(t, user); len(r.Out)+len(r.Still) > 0 {
			t.Errorf("the second time %+v", r)
		}
		blocks, err := b.syncer(t).Blocks(t.Context())
		must(t, err)
		if len(blocks) != 1 || blocks[0] != (org.Block{User: userID(t, user)}) {
			t.Errorf("blocked are %+v", blocks)
		}
		hired := b.hire(t, 3, 1)
		b.revoke(t, hired)
		b.ticks(t, time.Hour)
		b.wantPlaces(t, "nobody came", before, []string{b.place(t, 2, 1)}, nil)
		if err := b.syncer(t).Unblock(t.Context(), org.Block{User: userID(t, b.worker(t, 1, 1))}); !fault.Is(err, fault.NotFound) {
			t.Errorf("unblock nobody: %v", err)
		}
	})
}

// The last owner is said to be in still, and goes when somebody else owns the
// team. A team that another instance works on does not keep them in the others.
func TestRevokeManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		user := b.worker(t, 2, 0)
		b.alsoIn(t, 0, 3)
		b.alsoIn(t, 0, 4)
		b.ticks(t, 2*tick)
		before := b.places(t)
		lease, err := b.book().TakeLease(t.Context(), store(3), "another", time.Now())
		must(t, err)
		r := b.revoke(t, user)
		if len(r.Out) != 1 || r.Out[0] != store(4) || len(r.Still) != 2 || r.Still[store(2)] == "" || r.Still[store(3)] == "" {
			t.Errorf("the revocation is %+v", r)
		}
		must(t, b.book().ReleaseLease(t.Context(), lease))
		var lost []string
		for _, line := range before {
			if n := len(line); line[n-len(user):] == user {
				lost = append(lost, line)
			}
		}
		b.tick(t)
		b.wantPlaces(t, "at the next tick", before, lost, []string{at(2, "owner", b.worker(t, 1, 3))})
		if q, err := b.book().Quarantine(t.Context()); err != nil || q != (*ledger.Quarantine)(nil) {
			t.Errorf("a quarantine: %+v, %v", q, err)
		}
	})
}

// A block for one store leaves the others alone, and taken back it is as if it
// had never been. Its store has to be one of ours.
func TestBlockInOneStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		b.limits.HandsDelay, b.limits.Removals = time.Hour, 0 // no cap keeps in whom a person names
		b.alsoIn(t, 1, 3)
		b.tick(t)
		before, user := b.places(t), userID(t, b.worker(t, 2, 1))
		s := b.syncer(t)
		if err := s.Block(t.Context(), org.Block{User: user, Store: "000009"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a store that is none: %v", err)
		}
		block := org.Block{User: user, Store: "000002"}
		must(t, s.Block(t.Context(), block))
		b.tick(t)
		lost := []string{b.place(t, 2, 1)}
		b.wantPlaces(t, "blocked", before, lost, nil)
		b.looks(t, 2*day, 3*time.Hour)
		b.wantPlaces(t, "days later", before, lost, nil)
		must(t, b.tenant.AddMember(b.team(t, store(2)).ID, user.String()))
		b.tick(t)
		b.wantPlaces(t, "put in by hand", before, lost, nil)
		must(t, s.Unblock(t.Context(), block))
		b.tick(t)
		b.wantPlaces(t, "unblocked", before, nil, nil)
	})
}

// A blocked manager's store has a caretaker first, and the manager back after.
func TestBlockManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 4)
		before, manager := b.places(t), userID(t, b.worker(t, 2, 0))
		must(t, b.syncer(t).Block(t.Context(), org.Block{User: manager}))
		b.tick(t)
		b.wantPlaces(t, "blocked", before, []string{b.place(t, 2, 0)}, []string{at(2, "owner", b.worker(t, 1, 3))})
		b.ticks(t, time.Hour)
		must(t, b.syncer(t).Unblock(t.Context(), org.Block{User: manager}))
		b.ticks(t, 3*tick)
		b.wantPlaces(t, "unblocked", before, nil, nil)
	})
}
