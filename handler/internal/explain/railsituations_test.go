package explain_test

import (
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// railSituations are about what stops somebody from going.
func railSituations() []situation {
	return []situation{{
		name: "protected",
		after: func(w *world) {
			w.setActive(who, org.No)
			w.settings.Rules.ProtectedUsers = []string{upn(who)}
		},
		verdict: "Worker 001008 is in the team of store 000101: they would be taken out (a row says that they left the store), but PROTECTED_USERS names them.",
		fact:    [2]string{"PROTECTED_USERS", "never removed or demoted"},
	}, {
		name: "held by the total cap",
		after: func(w *world) {
			w.setActive(who, org.No)
			w.settings.Limits.Removals = 0
		},
		verdict: "Worker 001008 is in the team of store 000101: they would be taken out (a row says that they left the store), but this is held by rail total cap, hold " + capHold +
			" (listed from the next run on): 1 people in all teams would be removed or demoted within 24 hours because rows say that they left; five times MAX_REMOVALS=0 lets 0 go.",
		fact: [2]string{"store 000101, held", "rail total cap"},
	}, {
		name: "held, and refused by a person",
		after: func(w *world) {
			w.setActive(who, org.No)
			w.settings.Limits.Removals = 0
			halt := plan.Halt{Team: key(storeOne), Rail: plan.RailTotalCap, Why: "too many", Changes: []plan.Change{{
				Team: key(storeOne), Kind: plan.Remove, Group: w.link(storeOne).Group, User: account(who), Worker: who, Leave: org.LeftStore,
			}, {
				Team: key(storeOne), Kind: plan.Remove, Group: w.link(storeOne).Group, User: account("001009"), Leave: org.LeftStore,
			}}}
			w.holds = rails.Holds{{
				Halt: halt, Hash: halt.Hash(), Since: w.now.Add(-2 * time.Hour), Expires: w.now.Add(time.Hour),
				Decision: rails.Refused, Decided: w.now.Add(-time.Hour),
			}}
		},
		verdict: "Worker 001008 is in the team of store 000101: they would be taken out (a row says that they left the store), but this is held by rail total cap, hold " + refusedHold +
			" (refused on 1999-12-31 23:00 UTC): too many.",
		fact: [2]string{"store 000101, held", "refused on"},
	}, {
		name:    "a row is gone",
		after:   func(w *world) { w.vanish(who) },
		verdict: "Worker 001008 is in the team of store 000101, and is to be taken out later: no row says any more that they belong; a row is gone since the reading of 1999-12-31 23:50 UTC; waits for another complete reading, made after 2000-01-01 00:05 UTC.",
		fact:    [2]string{"store 000101, RetailChannelWorkers", "no row"},
	}, {
		name: "a row is gone, and the reading is short",
		after: func(w *world) {
			w.vanish(who)
			w.snapshot.Rows = map[string]int{"RetailChannelWorkers": 5}
			w.baseline = rails.Baseline{ReadAt: w.now.Add(-time.Hour), Rows: map[string]int{"RetailChannelWorkers": 8}}
		},
		verdict: "Worker 001008 is in the team of store 000101, and is to be taken out later: no row says any more that they belong; waits for a complete reading of Commerce: RetailChannelWorkers came with 5 rows, and the last good reading had 8 (MIN_SOURCE=80 percent of them are needed); look into Commerce, or run baseline accept if that many are right.",
		fact:    [2]string{"short", "RetailChannelWorkers came with 5 rows"},
	}, {
		name: "MODE=add takes nobody out",
		after: func(w *world) {
			w.setActive(who, org.No)
			w.settings.Mode = orgsync.ModeAdd
		},
		verdict: "Worker 001008 is in the team of store 000101 as member: a row says that they left the store, but MODE=add takes nobody out.",
		fact:    [2]string{"MODE", "add"},
	}}
}

// teamSituations are about teams that are not as they should be.
func teamSituations() []situation {
	return []situation{{
		name:    "out of SCOPE",
		before:  func(w *world) { w.settings.Rules.Scope = []string{string(storeTwo)} },
		verdict: "Worker 001008 is not in the team of store 000101: store 000101 is out of SCOPE.",
		fact:    [2]string{"store 000101", "out of scope: SCOPE names neither it nor a node above it (000102)"},
	}, {
		name: "store closed",
		after: func(w *world) {
			w.settings.Rules.ClosedStores = []string{string(storeOne)}
			apart(w)
		},
		verdict: "Worker 001008 is not in the team of store 000101: CLOSED_STORES names store 000101.",
		fact:    [2]string{"store 000101", "CLOSED_STORES names it"},
	}, {
		name: "store closed, in still",
		after: func(w *world) {
			w.settings.Rules.ClosedStores = []string{string(storeOne)}
		},
		verdict: "Worker 001008 is in the team of store 000101 as member: the store is closed, or not shown any more: its team is left as it is.",
		fact:    [2]string{"store 000101", "CLOSED_STORES names it"},
	}, {
		name: "the team was deleted",
		after: func(w *world) {
			g := w.group(storeOne)
			*g = ledger.Group{ID: g.ID, Marker: g.Marker, Gone: true}
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but is not in it: the next run is to do this first: restore the deleted group 10000000-0000-0000-0000-000000000001; people follow in the run after it.",
		fact:    [2]string{"store 000101, team", "deleted, can be restored"},
	}, {
		name: "the store is mapped to a group that nobody adopted",
		bare: true,
		after: func(w *world) {
			w.snapshot.Mappings = []org.Mapping{{SourceType: "RetailStore", SourceID: string(storeOne), Team: mappedGroup}}
			w.groups[mappedGroup] = &ledger.Group{ID: mappedGroup, Name: "Old shop", Unified: true, HasTeam: true}
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but is not in it: the team is held by rail adoption, hold " + adoptionHold +
			" (listed from the next run on): Commerce maps this store to an existing team; allow it, or set ADOPT=yes, to let storeteams take it over.",
		fact: [2]string{"store 000101, team", "which IntegrationSourceMappings maps to the store"},
	}, {
		name: "the group follows a rule",
		after: func(w *world) {
			apart(w)
			w.group(storeOne).Dynamic = true
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but is not in it: the team is left alone: the group's membership follows a rule in Entra.",
		fact:    [2]string{"store 000101, left alone", "rail not ours"},
	}, {
		name: "all is held",
		after: func(w *world) {
			apart(w)
			for i := range w.snapshot.Units {
				w.snapshot.Units[i].Manager = ""
			}
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but is not in it: all changes are held, because 2 of 2 stores in scope have no manager: the manager rule matches almost nobody.",
		fact:    [2]string{"held as a whole", "2 of 2 stores"},
	}}
}
