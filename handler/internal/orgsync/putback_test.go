package orgsync_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// newHands is a bench with the default HANDS_DELAY.
func newHands(t *testing.T) (b *bench, before []string) {
	t.Helper()
	b = newFull(t, 2, 4)
	b.limits.HandsDelay = time.Hour
	pass(2 * time.Hour) // the feed's entries are no echoes of ours any more
	b.tick(t)
	return b, b.places(t)
}

// until runs tick by tick as long as a place is not there, and says for how long.
func (b *bench) until(t *testing.T, line string, most time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	for time.Since(began) < most {
		b.tick(t)
		if contains(b.places(t), line) {
			break
		}
	}
	return time.Since(began)
}

// What somebody undid by hand is put back after HANDS_DELAY, and once: within
// 30 days a person is asked before it is put back again. After that it is as if
// it had never been.
func TestHandsAreAskedTheSecondTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, before := newHands(t)
		team, out := b.team(t, store(1)).ID, b.place(t, 1, 1)
		remove := func() { must(t, b.tenant.RemoveMember(team, b.worker(t, 1, 1))) }
		remove()
		if d := b.until(t, out, day); d != tick+time.Hour { // noticed by the first tick
			t.Errorf("put back after %s", d)
		}
		for _, later := range []time.Duration{0, day, 20 * day} {
			pass(later)
			remove()
			b.tick(t)
			b.looks(t, 2*day, 3*time.Hour)
			b.wantPlaces(t, "removed again", before, []string{out}, nil)
			hold := b.decide(t, true)
			if hold.Rail != plan.RailHands || hold.Team != store(1) {
				t.Errorf("the hold is %+v", hold)
			}
			b.tick(t)
			b.wantPlaces(t, "allowed", before, nil, nil)
		}
		pass(30 * day)
		b.tick(t)
		remove()
		if d := b.until(t, out, day); d != tick+time.Hour {
			t.Errorf("put back after %s, a month later", d)
		}
		if holds := b.waiting(t); len(holds) > 0 {
			t.Errorf("holds wait: %+v", holds)
		}
	})
}

// Refused, it stays as the person made it.
func TestHandsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, before := newHands(t)
		team, out := b.team(t, store(1)).ID, b.place(t, 1, 1)
		must(t, b.tenant.RemoveMember(team, b.worker(t, 1, 1)))
		b.until(t, out, day)
		must(t, b.tenant.RemoveMember(team, b.worker(t, 1, 1)))
		b.ticks(t, time.Hour)
		b.decide(t, false)
		b.looks(t, 6*day, 6*time.Hour)
		b.wantPlaces(t, "refused", before, []string{out}, nil)
	})
}

// Who comes back by another's hand within the delay is not put back, and the
// next time counts as the first.
func TestHandsMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, before := newHands(t)
		team, out := b.team(t, store(1)).ID, b.place(t, 1, 1)
		for range 2 {
			must(t, b.tenant.RemoveMember(team, b.worker(t, 1, 1)))
			b.ticks(t, 2*tick)
			b.wantPlaces(t, "within the delay", before, []string{out}, nil)
			must(t, b.tenant.AddMember(team, b.worker(t, 1, 1)))
			b.ticks(t, 2*time.Hour)
			b.wantPlaces(t, "mended", before, nil, nil)
		}
		must(t, b.tenant.RemoveMember(team, b.worker(t, 1, 1)))
		if d := b.until(t, out, day); d != tick+time.Hour {
			t.Errorf("put back after %s", d)
		}
	})
}

// A newcomer waits for nothing: the delay is for what was undone.
func TestNewcomersDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, before := newHands(t)
		hired := b.hire(t, 1, 1)
		b.tick(t)
		b.wantPlaces(t, "hired", before, nil, []string{at(1, "member", hired)})
	})
}

// An owner made a member by hand shows in no feed: the daily verification finds
// it. Then the same holds as for who was taken out.
func TestOwnerRoleByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, before := newHands(t)
		team, owner := b.team(t, store(1)).ID, b.place(t, 1, 0)
		must(t, b.tenant.AddOwner(team, b.office(1)))
		extra := at(1, "owner", b.office(1))
		demoted := at(1, "member", b.worker(t, 1, 0))
		b.tick(t)
		must(t, b.tenant.Demote(team, b.worker(t, 1, 0)))
		b.tick(t)
		b.wantPlaces(t, "demoted", before, []string{owner}, []string{extra, demoted})
		if d := b.until(t, owner, 3*day); d > day+2*time.Hour {
			t.Errorf("put back after %s", d)
		}
		must(t, b.tenant.Demote(team, b.worker(t, 1, 0)))
		b.looks(t, 2*day, 3*time.Hour)
		b.wantPlaces(t, "demoted again", before, []string{owner}, []string{extra, demoted})
		if hold := b.decide(t, true); hold.Rail != plan.RailHands {
			t.Errorf("the hold is %+v", hold)
		}
		b.tick(t)
		b.wantPlaces(t, "allowed", before, nil, []string{extra})
		if role, _ := b.link(t, store(1)).Managed.Of(userID(t, b.worker(t, 1, 0))); role.Role != org.Owner {
			t.Errorf("managed as %s", role.Role)
		}
	})
}
