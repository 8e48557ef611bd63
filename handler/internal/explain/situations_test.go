package explain_test

import (
	"time"

	"github.com/storeteams/storeteams/handler/internal/explain"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// who is the worker whom the situations are about, of store one.
const who = org.PersonnelNumber("001008")

// situation is a world, a question, and what the answer has to say.
type situation struct {
	name    string
	before  func(*world) // the team is made from what Commerce says after this
	bare    bool         // there are no teams
	after   func(*world)
	ask     func(*orgsync.Survey, []ledger.Event) (explain.Explanation, error) // default: the worker, everywhere
	verdict string                                                             // whole
	fact    [2]string                                                          // part of a name, and of the value beside it
}

func inStore(store org.StoreNumber) func(*orgsync.Survey, []ledger.Event) (explain.Explanation, error) {
	return func(s *orgsync.Survey, events []ledger.Event) (explain.Explanation, error) {
		return explain.Worker(s, who, store, events)
	}
}

func asUser(user org.UserID) func(*orgsync.Survey, []ledger.Event) (explain.Explanation, error) {
	return func(s *orgsync.Survey, events []ledger.Event) (explain.Explanation, error) {
		return explain.User(s, user, "", events)
	}
}

func ofWorker(number org.PersonnelNumber) func(*orgsync.Survey, []ledger.Event) (explain.Explanation, error) {
	return func(s *orgsync.Survey, events []ledger.Event) (explain.Explanation, error) {
		return explain.Worker(s, number, "", events)
	}
}

// out takes the worker out of the team of store one by hand.
func out(w *world) { w.group(storeOne).People.Drop(account(who)) }

// apart makes the worker nobody of the team: neither in it nor managed.
func apart(w *world) {
	out(w)
	w.link(storeOne).Managed.Drop(account(who))
}

// comingSituations are about those who belong, and are to be added.
func comingSituations() []situation {
	return []situation{{
		name:    "in as wanted",
		verdict: "Worker 001008 is in the team of store 000101 as member: active in the store; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"store 000101, RetailChannelWorkers", "worker 001008: IsActive Yes"},
	}, {
		name:    "manager by the unit",
		ask:     ofWorker("001000"),
		verdict: "Worker 001000 is in the team of store 000101 as owner: manager of the store's unit; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"store 000101, OperatingUnits", "ManagerPersonnelNumber of U1 is worker 001000"},
	}, {
		name:    "to be added",
		after:   apart,
		verdict: "Worker 001008 is to be added to the team of store 000101 at the next run: as member (active in the store).",
		fact:    [2]string{"store 000101", "add member: member " + account(who).String()},
	}, {
		name: "to be added, and the last try failed",
		after: func(w *world) {
			apart(w)
			team := key(storeOne)
			w.events = []ledger.Event{{At: w.now.Add(-time.Hour), Run: "r1", Team: &team, What: "add member", Text: "in", User: account(who), Error: "graph: add members: throttled"}}
		},
		verdict: "Worker 001008 is to be added to the team of store 000101 at the next run: as member (active in the store); the last try, on 1999-12-31 23:00 UTC, failed: graph: add members: throttled.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "failed: graph: add members: throttled"},
	}, {
		name: "MODE=plan",
		after: func(w *world) {
			apart(w)
			w.settings.Mode = orgsync.ModePlan
		},
		verdict: "Worker 001008 is not in the team of store 000101: they are to be added as member (active in the store), but MODE=plan changes nothing in the tenant.",
		fact:    [2]string{"MODE", "plan: nothing is changed in the tenant"},
	}, {
		name:    "with the team itself",
		bare:    true,
		verdict: "Worker 001008 is to be added to the team of store 000101 at the next run: as member (active in the store).",
		fact:    [2]string{"store 000101", `create team: team "Shop 1 (000101)"`},
	}, {
		name:    "first owner of a new team",
		bare:    true,
		ask:     ofWorker("001000"),
		verdict: "Worker 001000 is to be added to the team of store 000101 at the next run: as owner (manager of the store's unit).",
		fact:    [2]string{"store 000101, team", "there is none"},
	}, {
		name: "promoted",
		after: func(w *world) {
			w.position(who, "POS1", "U1", time.Time{}, time.Time{}, org.Yes)
		},
		verdict: "Worker 001008 is in the team of store 000101 as member, and is to be made owner at the next run: manager position in the store's department.",
		fact:    [2]string{"store 000101", "promote: member -> owner"},
	}, {
		name: "moved to another store",
		after: func(w *world) {
			w.setActive(who, org.No)
			w.assign(who, "C2", org.Yes)
		},
		verdict: "Worker 001008 is to be added to the team of store 000102 at the next run: as member (active in the store). They are in the team of store 000101 as member, and are to be taken out at the next run: a row says that they left the store.",
		fact:    [2]string{"store 000102, RetailChannelWorkers", "IsActive Yes"},
	}}
}

// handsSituations are about what was done by hand.
func handsSituations() []situation {
	return []situation{{
		name:    "taken out by hand, seen for the first time",
		after:   out,
		verdict: "Worker 001008 belongs in the team of store 000101, but is not in it: undone by hand, and put back after 2000-01-01 01:00 UTC.",
		fact:    [2]string{"store 000101, later", "rail delay"},
	}, {
		name: "taken out by hand, put back later",
		after: func(w *world) {
			out(w)
			w.link(storeOne).Rails.Hands = []rails.Hand{{User: account(who), Noticed: w.now.Add(-20 * time.Minute)}}
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but is not in it: undone by hand, and put back after 2000-01-01 00:40 UTC (first seen on 1999-12-31 23:40 UTC).",
		fact:    [2]string{"store 000101, by hand", "first seen on 1999-12-31 23:40 UTC"},
	}, {
		name: "taken out by hand, put back now",
		after: func(w *world) {
			out(w)
			w.link(storeOne).Rails.Hands = []rails.Hand{{User: account(who), Noticed: w.now.Add(-2 * time.Hour)}}
		},
		verdict: "Worker 001008 is to be added to the team of store 000101 at the next run: as member (active in the store); somebody took them out by hand, first seen on 1999-12-31 22:00 UTC.",
		fact:    [2]string{"store 000101", "was undone by hand"},
	}, {
		name: "taken out by hand twice",
		after: func(w *world) {
			out(w)
			w.link(storeOne).Rails.Hands = []rails.Hand{{User: account(who), Noticed: w.now.Add(-50 * time.Hour), PutBack: w.now.Add(-48 * time.Hour), Back: w.now.Add(-47 * time.Hour), Again: w.now.Add(-time.Hour)}}
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but is not in it: this is held by rail hands, hold " + handsHold +
			" (listed from the next run on): undone by hand again after it was put back on 1999-12-30 00:00 UTC; allow it to put it back once more, or change it in Commerce.",
		fact: [2]string{"store 000101, by hand", "undone again, seen on 1999-12-31 23:00 UTC"},
	}, {
		name: "extra",
		after: func(w *world) {
			w.vanish(who)
			w.link(storeOne).Managed.Drop(account(who))
		},
		verdict: "Worker 001008 is in the team of store 000101 as an extra: Commerce never wanted them there, and who was added by hand stays until a person takes them out.",
		fact:    [2]string{"store 000101, managed", "no: storeteams does not take them out"},
	}, {
		name:    "made owner by hand",
		after:   func(w *world) { w.group(storeOne).People.Set(account(who), org.Owner) },
		verdict: "Worker 001008 is in the team of store 000101 as owner: Commerce wants them as member (active in the store); who is made owner by hand stays owner; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"store 000101, in it", "as owner"},
	}}
}
