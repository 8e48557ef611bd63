package orgsync_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// newHold is a bench with a hold of two people of the second store, whom no row
// mentions any more.
func newHold(t *testing.T) (b *bench, before, held []string) {
	t.Helper()
	b = newFull(t, 3, 6)
	b.limits.Removals = 1
	before = b.places(t)
	b.vanish(t, 2, 1, 2)
	b.ticks(t, 2*tick)
	b.wantPlaces(t, "held", before, nil, nil)
	if holds := b.waiting(t); len(holds) != 1 || holds[0].Rail != plan.RailTotalCap || len(holds[0].Changes) != 2 {
		t.Fatalf("the holds are %+v", holds)
	}
	return b, before, []string{b.place(t, 2, 1), b.place(t, 2, 2)}
}

// Who is allowed to go goes at the next tick and leaves no hold; who is refused
// stays, and is asked about anew when the refusal is over.
func TestDecisions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, before, held := newHold(t)
		b.decide(t, true)
		b.tick(t)
		b.wantPlaces(t, "allowed", before, held, nil)
		b.tick(t)
		if holds := b.waiting(t); len(holds) > 0 {
			t.Errorf("holds wait still: %+v", holds)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b, before, _ := newHold(t)
		since := b.waiting(t)[0].Since
		b.decide(t, false)
		b.limits.Removals = 100 // no cap would stop them now
		for time.Since(since) < 7*day-7*time.Hour {
			b.looks(t, 6*time.Hour, 6*time.Hour)
			b.wantPlaces(t, "refused", before, nil, nil)
			if holds := b.waiting(t); len(holds) > 0 {
				t.Fatalf("asked again: %+v", holds)
			}
		}
		b.limits.Removals = 1
		pass(time.Until(since.Add(7 * day)))
		b.run(t, t)
		b.wantPlaces(t, "a week later", before, nil, nil)
		if holds := b.waiting(t); len(holds) != 1 || !holds[0].Since.After(since) {
			t.Errorf("nobody is asked anew: %+v", holds)
		}
	})
}

// A hold that nobody decides expires and is asked anew: an old answer to it does
// nothing. Nobody ever goes by silence.
func TestHoldExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, before, _ := newHold(t)
		first := b.waiting(t)[0]
		pass(time.Until(first.Expires) - time.Minute)
		s := b.syncer(t)
		if _, err := s.Decide(t.Context(), "0123456789abcdef", true); !fault.Is(err, fault.NotFound) {
			t.Errorf("a hold of no hash: %v", err)
		}
		pass(2 * time.Minute)
		if _, err := s.Decide(t.Context(), first.Hash, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("a hold that expired: %v", err)
		}
		b.looks(t, day, 4*time.Hour)
		b.wantPlaces(t, "a week later", before, nil, nil)
		again := b.waiting(t)
		if len(again) != 1 || !again[0].Expires.After(first.Expires) {
			t.Fatalf("the holds are %+v", again)
		}
		b.looks(t, 8*day, 8*time.Hour)
		b.wantPlaces(t, "two weeks later", before, nil, nil)
	})
}

// A decision is on the very changes that were shown: one person more, and a
// person is asked anew; whom it named goes all the same.
func TestDecisionCoversWhatWasShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, before, _ := newHold(t)
		shown := b.waiting(t)[0]
		b.vanish(t, 2, 3)
		b.ticks(t, 2*tick)
		asked := b.waiting(t)
		if len(asked) != 1 || asked[0].Hash == shown.Hash || len(asked[0].Changes) != 3 {
			t.Fatalf("the holds are %+v", asked)
		}
		if _, err := b.syncer(t).Decide(t.Context(), shown.Hash, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("the hold shown before can be decided: %v", err)
		}
		b.ticks(t, time.Hour)
		b.wantPlaces(t, "asked anew", before, nil, nil)
	})
	synctest.Test(t, func(t *testing.T) {
		b, before, held := newHold(t)
		b.decide(t, true)
		b.vanish(t, 2, 3)
		b.ticks(t, 3*tick)
		b.wantPlaces(t, "allowed, and then one more", before, held, nil)
		b.decide(t, true)
		b.tick(t)
		b.wantPlaces(t, "that one allowed too", before, append(held, b.place(t, 2, 3)), nil)
	})
	synctest.Test(t, func(t *testing.T) {
		b, before, _ := newHold(t)
		b.reappear(t, 2, 1, 2)
		b.tick(t)
		if holds := b.waiting(t); len(holds) > 0 {
			t.Errorf("a hold of nothing waits: %+v", holds)
		}
		b.wantPlaces(t, "back in Commerce", before, nil, nil)
	})
}

// A decision made while a run is under way is not lost to it.
func TestDecisionDuringARun(t *testing.T) {
	for name, decision := range map[string]rails.Decision{"allowed": rails.Allowed, "refused": rails.Refused} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, before, held := newHold(t)
				slow := newGate(b.store, func(key ledger.Key) bool { return strings.HasPrefix(key.Partition, "blob/plan/") })
				running := *b
				running.store = slow
				ended := make(chan error)
				go func() { ended <- running.syncer(t).Run(t.Context(), "slow") }()
				<-slow.reached
				hold := b.decide(t, decision == rails.Allowed)
				close(slow.open)
				must(t, <-ended)
				b.limits.Removals = 100
				b.tick(t)
				var lost []string
				if decision == rails.Allowed {
					lost = held
				}
				b.wantPlaces(t, "at the next tick", before, lost, nil)
				if hold.Decision != decision {
					t.Errorf("the hold is %s", hold.Decision)
				}
			})
		})
	}
}

// A leaver whom a rail keeps in is called out after an hour, in every run until
// a person looks.
func TestLeaverAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 6)
		b.limits.Removals = 0
		before := b.places(t)
		b.dismiss(t, 2, 1)
		b.vanish(t, 3, 1) // who only is missing alarms nobody
		b.tick(t)
		since := time.Now()
		for time.Since(since) < 3*time.Hour {
			record := b.tick(t)
			late := time.Since(since) >= time.Hour
			if alarms := noted(record, "leaver still in", b.worker(t, 2, 1)); alarms != late {
				t.Errorf("after %s an alarm is %v", time.Since(since), alarms)
			}
		}
		b.wantPlaces(t, "held", before, nil, nil)
		for _, hold := range b.waiting(t) {
			if hold.Team == store(2) {
				_, err := b.syncer(t).Decide(t.Context(), hold.Hash, true)
				must(t, err)
			}
		}
		b.tick(t)
		if record := b.tick(t); noted(record, "leaver still in", "") {
			t.Error("an alarm after they went")
		}
		b.wantPlaces(t, "allowed", before, []string{b.place(t, 2, 1)}, nil)
	})
}
