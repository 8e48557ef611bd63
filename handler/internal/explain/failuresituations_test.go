package explain_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/explain"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// tried appends what a run did, or tried, in the team of store one.
func (w *world) tried(before time.Duration, run, what string, user org.UserID, failed string) {
	team := key(storeOne)
	w.events = append(w.events, ledger.Event{
		At: w.now.Add(-before), Run: run, Team: &team, What: what, Text: what, User: user, Error: failed,
	})
}

// failureSituations are about what was tried and failed. User 001000 is the
// first owner of store one.
func failureSituations() []situation {
	const added = "Worker 001008 is to be added to the team of store 000101 at the next run: as member (active in the store)"
	const lease = "take the team's lease"
	return []situation{{
		name: "its team could not be made",
		bare: true,
		after: func(w *world) {
			w.tried(2*time.Hour, "r1", "create team", account("001000"), "refused once")
			w.tried(time.Hour, "r2", "make team", org.UserID{}, "refused again")
		},
		verdict: added + ", but the last try to make its team, on 1999-12-31 23:00 UTC, failed: refused again.",
		fact:    [2]string{"1999-12-31 22:00 UTC", "create team in store 000101; failed: refused once (run r1)"},
	}, {
		name: "its team was made since, and is to be made again",
		bare: true,
		after: func(w *world) {
			w.tried(2*time.Hour, "r1", "create team", account("001000"), "refused once")
			w.tried(time.Hour, "r2", "create team", account("001000"), "")
		},
		verdict: added + ".",
		fact:    [2]string{"1999-12-31 23:00 UTC", "create team in store 000101 (run r2)"},
	}, {
		name: "its team could not be restored",
		after: func(w *world) {
			g := w.group(storeOne)
			*g = ledger.Group{ID: g.ID, Marker: g.Marker, Gone: true}
			w.tried(time.Hour, "r1", "restore team", org.UserID{}, "refused")
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but is not in it: the next run is to do this first: restore the deleted group 10000000-0000-0000-0000-000000000001; people follow in the run after it, but the last try to restore its team, on 1999-12-31 23:00 UTC, failed: refused.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "failed: refused"},
	}, {
		name:    "store whose team could not be made",
		bare:    true,
		ask:     aStore(storeOne),
		after:   func(w *world) { w.tried(time.Hour, "r1", "create team", account("001000"), "refused") },
		verdict: `Store 000101 has no team that works yet: the next run would do this first: team "Shop 1 (000101)", first owner ` + account("001000").String() + ", worker 001000: manager of the store's unit, but the last try to make its team, on 1999-12-31 23:00 UTC, failed: refused.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "failed: refused"},
	}, {
		name: "its making came to no change",
		bare: true,
		after: func(w *world) {
			w.tried(2*time.Hour, "r1", "create team", account("001000"), "refused")
			w.tried(time.Hour, "r2", lease, org.UserID{}, "timeout")
		},
		verdict: added + ", but the last try to make its team, on 1999-12-31 23:00 UTC, failed: take the team's lease: timeout.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "take the team's lease in store 000101; failed: timeout"},
	}, {
		name: "the same run failed beside the change itself",
		bare: true,
		after: func(w *world) {
			w.tried(time.Hour, "r1", "create team", account("001000"), "refused")
			w.tried(time.Hour, "r1", "save to the ledger", org.UserID{}, "timeout")
		},
		verdict: added + ", but the last try to make its team, on 1999-12-31 23:00 UTC, failed: refused.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "save to the ledger in store 000101; failed: timeout"},
	}, {
		name: "nothing of the team could be tried",
		after: func(w *world) {
			apart(w)
			w.tried(time.Hour, "r1", lease, org.UserID{}, "timeout")
		},
		verdict: added + "; the last try, on 1999-12-31 23:00 UTC, failed: take the team's lease: timeout.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "take the team's lease in store 000101; failed: timeout"},
	}, {
		name: "nothing of the team could be tried, but something was since",
		after: func(w *world) {
			apart(w)
			w.link(storeOne).Attempted = w.now.Add(-time.Minute)
			w.tried(time.Hour, "r1", lease, org.UserID{}, "timeout")
		},
		verdict: added + ".",
		fact:    [2]string{"1999-12-31 23:00 UTC", "failed: timeout"},
	}, {
		name: "a removal after the addition failed",
		after: func(w *world) {
			apart(w)
			w.tried(2*time.Hour, "r1", "add member", account(who), "throttled")
			w.tried(time.Hour, "r2", "remove", account(who), "")
		},
		verdict: added + "; the last try, on 1999-12-31 22:00 UTC, failed: throttled.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "remove"},
	}, {
		name: "a promotion failed after the addition",
		after: func(w *world) {
			apart(w)
			w.tried(2*time.Hour, "r1", "add member", account(who), "")
			w.tried(time.Hour, "r2", "promote", account(who), "throttled")
		},
		verdict: added + ".",
		fact:    [2]string{"1999-12-31 23:00 UTC", "promote in store 000101; failed: throttled"},
	}, {
		name: "the promotion failed",
		after: func(w *world) {
			w.position(who, "POS1", "U1", time.Time{}, time.Time{}, org.Yes)
			w.tried(time.Hour, "r1", "promote", account(who), "throttled")
		},
		verdict: "Worker 001008 is in the team of store 000101 as member, and is to be made owner at the next run: manager position in the store's department; the last try, on 1999-12-31 23:00 UTC, failed: throttled.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "failed: throttled"},
	}, {
		name: "taken out, and the team restored since",
		after: func(w *world) {
			w.setActive(who, org.No)
			apart(w)
			w.tried(2*time.Hour, "r1", "remove", account(who), "")
			w.tried(time.Hour, "r2", "restore team", org.UserID{}, "")
		},
		verdict: "Worker 001008 is not in the team of store 000101: RetailChannelWorkers says IsActive No there; they were taken out on 1999-12-31 22:00 UTC.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "restore team"},
	}}
}

// blockSituations are about which of an operator's acts keeps somebody out.
func blockSituations() []situation {
	act := func(w *world, before time.Duration, what string, store org.StoreNumber) {
		e := ledger.Event{At: w.now.Add(-before), What: what, Text: "kept out", User: account(who)}
		if store != "" {
			e.Team = &org.TeamKey{Store: store}
		}
		w.events = append(w.events, e)
	}
	const this = "Worker 001008 is not in the team of store 000101: blocked by an operator from this team"
	const every = "Worker 001008 is not in the team of store 000101: blocked by an operator from every team"
	blocked := func(stores ...org.StoreNumber) func(*world) {
		return func(w *world) {
			apart(w)
			for _, store := range stores {
				w.blocks = append(w.blocks, org.Block{User: account(who), Store: store})
			}
			act(w, 4*time.Hour, "block", storeOne)
			act(w, 3*time.Hour, "revoke", "")
			act(w, 2*time.Hour, "block", storeTwo)
			w.events = append(w.events, ledger.Event{At: w.now.Add(-time.Hour), What: "block", User: account("001009")})
		}
	}
	fact := [2]string{"1999-12-31 22:00 UTC", "block in store 000102"}
	return []situation{
		{name: "blocked from this store first", ask: inStore(storeOne), after: blocked(storeOne, storeTwo), verdict: this + " on 1999-12-31 20:00 UTC.", fact: fact},
		{name: "blocked from every store between", ask: inStore(storeOne), after: blocked("", storeTwo), verdict: every + " on 1999-12-31 21:00 UTC.", fact: fact},
		{name: "blocked from this store and every one", ask: inStore(storeOne), after: blocked(storeOne, ""), verdict: every + " on 1999-12-31 21:00 UTC.", fact: fact},
	}
}

// TestQuarantine: while runs are slowed, the next run is promised for leaves only.
func TestQuarantine(t *testing.T) {
	const slowed = "; runs are slowed since 2000-01-01 00:00 UTC, and each tries 5 teams beside those of leavers, so it may take several."
	cases := []situation{
		{name: "added", after: apart, verdict: "Worker 001008 is to be added to the team of store 000101 at one of the next runs: as member (active in the store)" + slowed},
		{name: "with the team", bare: true, verdict: "Worker 001008 is to be added to the team of store 000101 at one of the next runs: as member (active in the store)" + slowed},
		{
			name:    "promoted",
			after:   func(w *world) { w.position(who, "POS1", "U1", time.Time{}, time.Time{}, org.Yes) },
			verdict: "Worker 001008 is in the team of store 000101 as member, and is to be made owner at one of the next runs: manager position in the store's department" + slowed,
		},
		{
			name: "gone from the rows",
			after: func(w *world) {
				w.vanish(who)
				w.link(storeOne).Rails.Sightings = []rails.Sighting{{User: account(who), Kind: plan.Remove, ReadAt: w.now.Add(-time.Hour)}}
			},
			verdict: "Worker 001008 is in the team of store 000101 as member, and is to be taken out at one of the next runs: no row says any more that they belong" + slowed,
		},
		{
			name:    "leaves",
			after:   func(w *world) { w.setActive(who, org.No) },
			verdict: "Worker 001008 is in the team of store 000101 as member, and is to be taken out at the next run: a row says that they left the store.",
		},
		{name: "store", ask: aStore(storeOne), after: apart, verdict: "Store 000101 has its team, and one of the next runs would make 1 change: add member 1" + slowed},
		{
			name:    "store with leaves only",
			ask:     aStore(storeOne),
			after:   func(w *world) { w.setActive(who, org.No) },
			verdict: "Store 000101 has its team, and the next run would make 1 change: remove 1.",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				if !c.bare {
					w.settle()
				}
				if c.after != nil {
					c.after(w)
				}
				s := w.survey(t)
				s.Quarantine = &rails.Quarantine{Since: w.now, Run: "r", Tried: 40, Failed: 30}
				ask := c.ask
				if ask == nil {
					ask = inStore("")
				}
				e, err := ask(s, nil)
				if err != nil {
					t.Fatal(err)
				}
				if e.Verdict != c.verdict {
					t.Errorf("verdict %q\nwant    %q", e.Verdict, c.verdict)
				}
			})
		})
	}
}

// TestNoEvents: a big run keeps no event of everything, so that there is none
// does not say that what was done is no longer kept.
func TestNoEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.settle()
		s := w.survey(t)
		person, err := explain.Worker(s, who, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		store, err := explain.Store(s, storeOne, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range []explain.Explanation{person, store} {
			got := e.Steps[len(e.Steps)-1].Result
			if strings.HasPrefix(got, "Nothing") || !strings.Contains(got, "a run that does very much does not keep one of everything") {
				t.Errorf("%s: %s", e.Subject, got)
			}
		}
	})
}
