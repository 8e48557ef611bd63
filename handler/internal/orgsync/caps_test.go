package orgsync_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// What passes a cap is held as a whole, what does not goes: in one team, or in
// all, by rows that are gone or, with five times the room, by rows that say so.
func TestCaps(t *testing.T) {
	type who map[int][]int // workers by store
	cases := map[string]struct {
		limit  func(b *bench)
		absent who
		stated who
		goes   who
		holds  int
	}{
		"half of a team": {func(b *bench) { b.limits.TeamPercent = 50 },
			who{2: {1, 2, 3, 4, 5}, 3: {1}}, nil, who{2: {1, 2, 3, 4, 5}, 3: {1}}, 0},
		"more than half of a team": {func(b *bench) { b.limits.TeamPercent = 50 },
			who{2: {1, 2, 3, 4, 5, 6}, 3: {1}}, nil, who{3: {1}}, 1},
		"a tenth of a team by absence, half stated": {func(b *bench) { b.limits.TeamPercent = 10 },
			who{3: {1, 2}}, who{2: {1, 2, 3, 4, 5}}, who{2: {1, 2, 3, 4, 5}}, 1},
		"a tenth of a team by absence, more than half stated": {func(b *bench) { b.limits.TeamPercent = 10 },
			who{3: {1}}, who{2: {1, 2, 3, 4, 5, 6}}, who{3: {1}}, 1},
		"as many as may go": {func(b *bench) { b.limits.Removals = 4 },
			who{1: {1}, 2: {1}, 3: {1, 2}}, nil, who{1: {1}, 2: {1}, 3: {1, 2}}, 0},
		"one more than may go": {func(b *bench) { b.limits.Removals = 3 },
			who{1: {1}, 2: {1}, 3: {1, 2}}, nil, nil, 3},
		"five times as many stated": {func(b *bench) { b.limits.Removals = 1 },
			who{1: {1}}, who{2: {1, 2}, 3: {1, 2, 3}}, who{1: {1}, 2: {1, 2}, 3: {1, 2, 3}}, 0},
		"one more stated": {func(b *bench) { b.limits.Removals = 1 },
			who{1: {1}}, who{2: {1, 2, 3}, 3: {1, 2, 3}}, who{1: {1}}, 2},
		"a share of all": {func(b *bench) { b.limits.RemovalPercent = 6 }, // of 52: 3
			who{1: {1}, 2: {1}, 3: {1}}, nil, who{1: {1}, 2: {1}, 3: {1}}, 0},
		"more than a share of all": {func(b *bench) { b.limits.RemovalPercent = 6 },
			who{1: {1}, 2: {1}, 3: {1, 2}}, nil, nil, 3},
		"none may go": {func(b *bench) { b.limits.Removals = 0 },
			who{1: {1}}, who{2: {1}}, nil, 2},
	}
	each(t, cases, func(t *testing.T, c struct {
		limit  func(b *bench)
		absent who
		stated who
		goes   who
		holds  int
	},
	) {
		b := newFull(t, 5, 10)
		c.limit(b)
		before := b.places(t)
		for n, workers := range c.absent {
			b.vanish(t, n, workers...)
		}
		for n, workers := range c.stated {
			b.inactive(t, n, workers...)
		}
		var lost []string
		for n, workers := range c.goes {
			for _, k := range workers {
				lost = append(lost, b.place(t, n, k))
			}
		}
		b.ticks(t, time.Hour)
		b.wantPlaces(t, "after an hour", before, lost, nil)
		if holds := b.waiting(t); len(holds) != c.holds {
			t.Errorf("%d holds wait, want %d: %+v", len(holds), c.holds, holds)
		}
		b.looks(t, 2*day, 8*time.Hour)
		if c.holds > 0 && len(c.goes) == 0 {
			b.wantPlaces(t, "two days later", before, lost, nil)
		}
	})
}

// The room that somebody took is free again 24 hours after they went, and only
// that: what never had room does not go the day after.
func TestCapIsARollingDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 5, 10)
		b.limits.Removals = 3
		before := b.places(t)
		b.vanish(t, 1, 1, 2)
		b.ticks(t, 2*tick)
		first := []string{b.place(t, 1, 1), b.place(t, 1, 2)}
		b.wantPlaces(t, "the first two", before, first, nil)
		taken := time.Now()
		b.vanish(t, 2, 1, 2)
		b.vanish(t, 3, 1)
		b.ticks(t, 3*tick)
		pass(time.Until(taken.Add(day - time.Second)))
		b.run(t, t)
		b.wantPlaces(t, "within the day", before, first, nil)
		pass(time.Second)
		b.run(t, t)
		all := append(first, b.place(t, 2, 1), b.place(t, 2, 2), b.place(t, 3, 1))
		b.wantPlaces(t, "a day later", before, all, nil)
		b.vanish(t, 3, 2, 3, 4, 5)
		b.looks(t, 3*day, 4*time.Hour)
		b.wantPlaces(t, "what never has room", before, all, nil)
	})
}

// What a killed run was about to take counts, and is taken by the next one
// without counting twice.
func TestTakingsOfAKilledRunCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 5, 10)
		b.limits.Removals = 4
		before := b.places(t)
		b.vanish(t, 1, 1, 2, 3)
		b.tick(t)
		pass(tick)
		ctx, kill := context.WithCancel(t.Context())
		mortal := *b
		mortal.wrap = func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/members/remove") {
					kill()
					return nil, context.Canceled
				}
				return next.RoundTrip(r)
			})
		}
		if err := mortal.syncer(t).Run(ctx, "mortal"); err == nil {
			t.Fatal("the run was not killed")
		}
		b.wantPlaces(t, "killed", before, nil, nil)
		b.inactive(t, 2, 9) // has a room of its own
		b.vanish(t, 2, 1, 2)
		b.ticks(t, 3*tick)
		lost := []string{b.place(t, 1, 1), b.place(t, 1, 2), b.place(t, 1, 3), b.place(t, 2, 9)}
		b.wantPlaces(t, "the three are done, two more have no room", before, lost, nil)
		takings, err := b.book().Takings(t.Context())
		must(t, err)
		if len(takings.All) != 4 {
			t.Errorf("%d are counted: %+v", len(takings.All), takings.All)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Two instances that plan different removals at the same time do not take more
// together than one may.
func TestTwoInstancesShareTheCaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 5, 10)
		b.limits.Removals = 1 // five stated
		before := b.places(t)
		b.inactive(t, 1, 1, 2, 3)
		slow := newGate(b.store, func(key ledger.Key) bool { return key.Partition == "blob/takings" })
		one := *b
		one.store = slow
		ended := make(chan error)
		go func() { ended <- one.syncer(t).Run(t.Context(), "one") }()
		<-slow.reached // it has planned, and is about to write what it will take
		b.editWorkers(t, 1, "Yes", 1, 2, 3)
		b.inactive(t, 2, 1, 2, 3)
		b.run(t, t)
		after := []string{b.place(t, 2, 1), b.place(t, 2, 2), b.place(t, 2, 3)}
		b.wantPlaces(t, "the second instance", before, after, nil)
		close(slow.open)
		must(t, <-ended)
		b.wantPlaces(t, "both", before, after, nil)
		b.ticks(t, 2*time.Hour)
		b.wantPlaces(t, "hours later", before, after, nil)
	})
}

// editWorkers gives the rows of a store's workers another IsActive.
func (b *bench) editWorkers(t *testing.T, n int, active string, workers ...int) {
	t.Helper()
	for _, k := range workers {
		b.editWorker(t, "RetailChannelWorkers", n, k, func(row map[string]any) bool { row["IsActive"] = active; return true })
	}
}

// Two instances that run side by side, again and again, on a source in which
// each reading says something else, never take more than one may.
func TestInstancesSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 5, 10)
		b.limits.Removals = 1
		b.maxAge = time.Hour // or they would meet at the snapshot already
		before := b.places(t)
		for i := range 9 {
			b.editWorkers(t, 1+i%3, "No", 1+i/3, 4+i/3)
			pass(tick)
			ended := make(chan error)
			for range 3 {
				go func() { ended <- b.syncer(t).Run(t.Context(), "side by side") }()
			}
			for range 3 {
				if err := <-ended; err != nil {
					t.Logf("one gave up: %v", err)
				}
			}
		}
		gone := 0
		now := b.places(t)
		for _, line := range before {
			if !contains(now, line) {
				gone++
			}
		}
		takings, err := b.book().Takings(t.Context())
		must(t, err)
		if gone == 0 || gone > 5 || len(takings.All) < gone {
			t.Errorf("%d are gone and %d counted; five may go", gone, len(takings.All))
		}
		counted := map[org.UserID]bool{}
		for _, taking := range takings.All {
			if taking.Kind != plan.Remove || counted[taking.User] {
				t.Errorf("%+v is counted wrongly", taking)
			}
			counted[taking.User] = true
		}
	})
}
