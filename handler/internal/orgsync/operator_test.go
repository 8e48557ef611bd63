package orgsync_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// story is what was done, by runs and operators, as far as it is about a user.
func (b *bench) story(t *testing.T, user string) []string {
	t.Helper()
	events, err := b.book().Events(t.Context(), func(e ledger.Event) bool { return e.User == userID(t, user) })
	must(t, err)
	lines := []string{}
	for _, e := range events {
		line := e.What
		if e.Team != nil {
			line += " " + e.Team.String()
		}
		if e.Error != "" {
			line += " failed"
		}
		lines = append(lines, line)
	}
	return lines
}

// What happened to somebody can be told afterwards: by runs, by operators, and
// what failed too.
func TestWhatWasDoneIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		user := b.worker(t, 2, 1)
		block := org.Block{User: userID(t, user), Store: store(2).Store}
		must(t, b.syncer(t).Block(t.Context(), block))
		pass(time.Second)
		end := b.refusing("POST /teams/{team}/members/remove")
		b.tick(t)
		end()
		b.tick(t)
		pass(time.Second)
		must(t, b.syncer(t).Unblock(t.Context(), block))
		pass(time.Second)
		b.tick(t)
		pass(time.Second)
		b.revoke(t, user)
		two := " " + store(2).String()
		want := []string{
			"add member" + two, "block" + two, "remove" + two + " failed", "remove" + two,
			"unblock" + two, "add member" + two, "revoke",
		}
		if got := b.story(t, user); !slices.Equal(got, want) {
			t.Errorf("the story is\n%q, want\n%q", got, want)
		}
	})
}

// A run of one store carries out what is due there and nothing else; the next
// run does the rest, and the caps count both.
func TestRunOfOneStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 5)
		before := b.places(t)
		lost := []string{b.place(t, 2, 1), b.place(t, 3, 1)}
		b.dismiss(t, 2, 1)
		b.dismiss(t, 3, 1)
		record, err := b.syncer(t).RunNow(t.Context(), "operator", string(store(3).Store))
		must(t, err)
		if record.Store != string(store(3).Store) || record.Done["remove"] != 1 || !strings.Contains(record.Plan, store(2).String()) {
			t.Errorf("the record says %+v\n%s", record.Run, record.Plan)
		}
		b.wantPlaces(t, "after the run of one store", before, lost[1:], nil)
		b.tick(t)
		b.wantPlaces(t, "after the next run", before, lost, nil)
		takings, err := b.book().Takings(t.Context())
		must(t, err)
		if len(takings.All) != 2 {
			t.Errorf("%d removals are counted", len(takings.All))
		}
	})
}

// A row that is gone needs two readings, however often one store is run.
func TestRunOfOneStoreConfirmsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 6, 5)
		b.maxAge = time.Hour
		b.tick(t)
		before := b.places(t)
		b.vanish(t, 3, 1)
		pass(time.Hour)
		for range 3 {
			_, err := b.syncer(t).RunNow(t.Context(), "operator", string(store(3).Store))
			must(t, err)
			pass(b.limits.SightingInterval + time.Minute)
		}
		b.wantPlaces(t, "after one reading", before, nil, nil)
	})
}

func TestRunOfAStoreThatIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		runs := len(b.runs(t))
		if _, err := b.syncer(t).RunNow(t.Context(), "operator", "nowhere"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a run of a store that is not: %v", err)
		}
		if after := len(b.runs(t)); after != runs {
			t.Errorf("it left a record: %d, were %d", after, runs)
		}
	})
}

// Users are found by whatever an operator has at hand.
func TestWhom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 3, 4)
		user := userID(t, b.worker(t, 2, 1))
		users, err := b.book().Users(t.Context())
		must(t, err)
		for _, c := range []struct {
			user, worker string
			want         org.UserID
			kind         fault.Kind // of the error, where there is no user
		}{
			{user: user.String(), want: user},
			{user: "{" + strings.ToUpper(user.String()) + "}", want: user},
			{user: strings.ToUpper(users.ByID(user).UPN), want: user},
			{worker: number(2, 1), want: user},
			{user: "3f2504e0-4f89-11d3-9a0c-0305e82c3301", want: userID(t, "3f2504e0-4f89-11d3-9a0c-0305e82c3301")}, // yet unknown
			{user: "nobody@contoso.example", kind: fault.NotFound},
			{user: "00000000-0000-0000-0000-000000000000", kind: fault.Invalid},
			{user: number(2, 1), kind: fault.Invalid},
			{worker: "nobody", kind: fault.NotFound},
			{kind: fault.Invalid},
		} {
			got, err := b.syncer(t).Whom(t.Context(), c.user, org.PersonnelNumber(c.worker))
			if got != c.want || c.want.IsZero() && !fault.Is(err, c.kind) || !c.want.IsZero() && err != nil {
				t.Errorf("user %q, worker %q: %v, %v", c.user, c.worker, got, err)
			}
		}
	})
}

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 3, 4, simgraph.Options{})
		fresh, err := b.syncer(t).Status(t.Context())
		must(t, err)
		if fresh.LastRun != nil || fresh.LastGood != nil || fresh.Teams != 0 {
			t.Errorf("before the first run: %+v", fresh)
		}
		b = newFull(t, 6, 5)
		b.limits.Removals = 0
		b.dismiss(t, 2, 1)
		b.vanish(t, 3, 1)
		b.ticks(t, time.Hour)
		must(t, b.syncer(t).Block(t.Context(), org.Block{User: userID(t, b.worker(t, 4, 1))}))
		good := b.tick(t)
		now, err := b.syncer(t).Status(t.Context())
		must(t, err)
		waiting := 0
		for _, hold := range b.waiting(t) {
			if hold.Decision == rails.Waiting {
				waiting++
			}
		}
		if now.Teams != 7 || now.HoldsWaiting != waiting || waiting == 0 || now.Blocks != 1 || now.Quarantine != nil ||
			now.LastRun.ID != good.ID || now.LastRun.Notes != nil || !now.LastGood.Equal(good.Ended) || !now.SnapshotAt.Equal(good.SnapshotAt) {
			t.Errorf("status %+v, last run %+v, waiting %d", now, now.LastRun, waiting)
		}
	})
}
