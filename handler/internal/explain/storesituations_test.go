package explain_test

import (
	"time"

	"github.com/storeteams/storeteams/handler/internal/explain"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

func aStore(number org.StoreNumber) func(*orgsync.Survey, []ledger.Event) (explain.Explanation, error) {
	return func(s *orgsync.Survey, events []ledger.Event) (explain.Explanation, error) {
		return explain.Store(s, number, events)
	}
}

func storeSituations() []situation {
	return []situation{{
		name:    "store as wanted",
		ask:     aStore(storeOne),
		verdict: "Store 000101 has its team as Commerce wants it, as far as anything may be changed now: 1 owner, 3 members.",
		fact:    [2]string{"user " + account("001000").String(), "owner: manager of the store's unit, worker 001000"},
	}, {
		name:    "store without a team yet",
		bare:    true,
		ask:     aStore(storeOne),
		verdict: `Store 000101 has no team that works yet: the next run would do this first: team "Shop 1 (000101)", first owner ` + account("001000").String() + ", worker 001000: manager of the store's unit.",
		fact:    [2]string{"marker", "storeteams-test-s-000101"},
	}, {
		name: "store with changes, MODE=plan",
		after: func(w *world) {
			apart(w)
			w.settings.Mode = orgsync.ModePlan
		},
		ask:     aStore(storeOne),
		verdict: "Store 000101 has its team, and by MODE=plan nothing is done, but a run would make 1 change: add member 1.",
		fact:    [2]string{"add member", account(who).String()},
	}, {
		name: "store with changes, some held, some unmapped",
		after: func(w *world) {
			w.setActive("001009", org.No)
			w.settings.Limits.Removals = 0
			*w.staff("001010") = org.Staff{Worker: "001010"}
			apart(w)
		},
		ask:     aStore(storeOne),
		verdict: "Store 000101 has its team, and the next run would make 1 change: add member 1. 1 worker cannot be added though they belong there; held: 1 change.",
		fact:    [2]string{"worker 001010", "belongs, but cannot be added"},
	}, {
		name: "store without a manager",
		before: func(w *world) {
			w.moreStores()
			w.snapshot.Units[1].Manager = ""
			w.user("002000").Licensed = false
		},
		ask:     aStore(storeOne),
		verdict: "Store 000101 has its team as Commerce wants it, as far as anything may be changed now: 1 owner, 3 members. A caretaker owns it, as the store has no manager.",
		fact:    [2]string{"stand-in 2", "user " + account("009001").String() + " (caretaker: named in FALLBACK_OWNERS): free to stand in"},
	}, {
		name: "store that nobody may own",
		before: func(w *world) {
			w.moreStores()
			w.snapshot.Units[1].Manager, w.snapshot.Units[0].Manager = "", ""
			w.settings.Rules.MaxCaretakerTeams = 0
		},
		bare:    true,
		ask:     aStore(storeOne),
		verdict: "Store 000101: the team is left alone: nobody may own the team, so it cannot be made.",
		fact:    [2]string{"stand-in 1", "as many stores as MAX_CARETAKER_TEAMS allows"},
	}}
}

// placeSituations are about where a store is, and if it is there at all.
func placeSituations() []situation {
	return []situation{{
		name:    "store out of scope",
		before:  func(w *world) { w.settings.Rules.Scope = []string{string(storeTwo)} },
		ask:     aStore(storeOne),
		verdict: "Store 000101 is out of SCOPE: it gets no team.",
		fact:    [2]string{"SCOPE", "000102"},
	}, {
		name:    "store in scope by a node above it",
		before:  func(w *world) { w.settings.Rules.Scope = []string{"North"} },
		ask:     aStore(storeOne),
		verdict: "Store 000101 has its team as Commerce wants it, as far as anything may be changed now: 1 owner, 3 members.",
		fact:    [2]string{"1 above", "party PR, names north; unit UR, managed by worker 002000"},
	}, {
		name:    "store in CLOSED_STORES, for the first time",
		after:   func(w *world) { w.settings.Rules.ClosedStores = []string{string(storeOne)} },
		ask:     aStore(storeOne),
		verdict: "CLOSED_STORES names store 000101. It counts as closed since 2000-01-01 00:00 UTC: only who left the company goes from its team, which is archived after 2000-01-31 00:00 UTC.",
		fact:    [2]string{"closed", "since 2000-01-01 00:00 UTC"},
	}, {
		name: "store archived",
		after: func(w *world) {
			w.settings.Rules.ClosedStores = []string{string(storeOne)}
			w.link(storeOne).Closing.Closed = w.now.Add(-40 * 24 * time.Hour)
			w.link(storeOne).Archived = w.now.Add(-10 * 24 * time.Hour)
			w.group(storeOne).Archived = true
		},
		ask:     aStore(storeOne),
		verdict: "CLOSED_STORES names store 000101. Its team was archived on 1999-12-22 00:00 UTC.",
		fact:    [2]string{"store 000101, archived", "by storeteams on 1999-12-22 00:00 UTC"},
	}, {
		name: "store whose row is gone",
		after: func(w *world) {
			w.snapshot.Stores = w.snapshot.Stores[1:]
			w.link(storeOne).Rails.Leavers = []rails.Leaver{{User: account(who), Since: w.now.Add(-time.Hour)}}
		},
		ask:     aStore(storeOne),
		verdict: "RetailStores has no store 000101, since the reading of 1999-12-31 23:50 UTC. Its team is left as it is until another complete reading says the same; only who left the company goes.",
		fact:    [2]string{"store 000101, leaver", "a leave is stated since 1999-12-31 23:00 UTC, and they are in the team still"},
	}, {
		name:    "store asked for in another case",
		before:  func(w *world) { w.snapshot.Stores[0].Number = "ab1" },
		ask:     aStore("AB1"),
		verdict: "Store ab1 has its team as Commerce wants it, as far as anything may be changed now: 1 owner, 3 members.",
		fact:    [2]string{"RetailStores ab1", "RetailChannelId C1"},
	}, {
		name: "store mapped to a group",
		bare: true,
		after: func(w *world) {
			w.snapshot.Mappings = []org.Mapping{{SourceType: "RetailStore", SourceID: string(storeOne), Team: mappedGroup}}
			w.groups[mappedGroup] = &ledger.Group{ID: mappedGroup, Name: "Old shop", Unified: true, HasTeam: true}
		},
		ask: aStore(storeOne),
		verdict: "Store 000101: the team is held by rail adoption, hold " + adoptionHold +
			" (listed from the next run on): Commerce maps this store to an existing team; allow it, or set ADOPT=yes, to let storeteams take it over.",
		fact: [2]string{"IntegrationSourceMappings 000101", "TeamId " + string(mappedGroup)},
	}, {
		name: "store with an extra",
		after: func(w *world) {
			w.link(storeOne).Managed.Drop(account(who))
			w.vanish(who)
		},
		ask:     aStore(storeOne),
		verdict: "Store 000101 has its team as Commerce wants it, as far as anything may be changed now: 1 owner, 3 members.",
		fact:    [2]string{"extra", "user " + account(who).String() + ", member"},
	}}
}
