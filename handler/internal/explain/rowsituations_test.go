package explain_test

import (
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// rowSituations are about what rows of a worker say.
func rowSituations() []situation {
	return []situation{{
		name: "inactive, not in",
		after: func(w *world) {
			w.setActive(who, org.No)
			apart(w)
		},
		verdict: "Worker 001008 is not in the team of store 000101: RetailChannelWorkers says IsActive No there.",
		fact:    [2]string{"store 000101, RetailChannelWorkers", "worker 001008: IsActive No"},
	}, {
		name: "inactive, taken out by a run",
		after: func(w *world) {
			w.setActive(who, org.No)
			apart(w)
			team := key(storeOne)
			w.events = []ledger.Event{{At: w.now.Add(-time.Hour), Run: "r1", Team: &team, What: "remove", Text: "out", User: account(who)}}
		},
		verdict: "Worker 001008 is not in the team of store 000101: RetailChannelWorkers says IsActive No there; they were taken out on 1999-12-31 23:00 UTC.",
		fact:    [2]string{"1999-12-31 23:00 UTC", "remove in store 000101: out (run r1)"},
	}, {
		name:    "IsActive says nothing",
		before:  func(w *world) { w.setActive(who, org.Unknown) },
		verdict: "Worker 001008 is not in the team of store 000101: RetailChannelWorkers says neither Yes nor No to IsActive there.",
		fact:    [2]string{"RetailChannelWorkers", "IsActive neither Yes nor No"},
	}, {
		name:    "every employment ended",
		after:   func(w *world) { w.dismiss(who); apart(w) },
		verdict: "Worker 001008 is not in the team of store 000101: every employment of theirs has ended, the last on 1999-12-31 00:00 UTC.",
		fact:    [2]string{"Employees 001008", "EmploymentEndDate 1999-12-31 00:00 UTC: ended"},
	}, {
		name:    "nothing connects them with that store",
		ask:     inStore(storeTwo),
		verdict: "Worker 001008 is not in the team of store 000102: no row connects them with this store; rows name them in 000101.",
		fact:    [2]string{"store 000102, RetailChannelWorkers", "no row"},
	}, {
		name:    "nothing connects them with any store",
		before:  func(w *world) { w.vanish(who) },
		verdict: "Worker 001008 belongs in no team: no row of RetailChannelWorkers, OperatingUnits or PositionWorkerAssignmentsV2 connects them with a store.",
		fact:    [2]string{"Workers 001008", "PartyNumber party-001008"},
	}, {
		name: "manager by a position, denied by a row",
		before: func(w *world) {
			w.setActive(who, org.No)
			w.position(who, "POS1", "U1", time.Time{}, time.Time{}, org.Yes)
		},
		verdict: "Worker 001008 is not in the team of store 000101: RetailChannelWorkers says IsActive No there, which outweighs that they are named by a rule (manager position in the store's department).",
		fact:    [2]string{"store 000101, rule", "but a row says that they left the store"},
	}, {
		name: "unit's manager does not count by MANAGER_RULE",
		before: func(w *world) {
			w.settings.Rules.ManagerRule = org.RuleDepartment
			w.position("001009", "POS1", "U1", time.Time{}, time.Time{}, org.Yes)
			w.position("002009", "POS2", "U2", time.Time{}, time.Time{}, org.Yes)
		},
		ask:     ofWorker("001000"),
		verdict: "Worker 001000 is not in the team of store 000101: OperatingUnits U1 names them manager, which does not count by MANAGER_RULE=department.",
		fact:    [2]string{"store 000101, wanted", "no"},
	}, {
		name: "a row of theirs could not be read",
		before: func(w *world) {
			w.vanish(who)
			w.snapshot.BadRows = []org.BadRow{{Collection: "RetailChannelWorkers", Row: "C1/001008", Problem: "IsActive is 7", Worker: who, Channel: "C1"}}
		},
		verdict: "Worker 001008 is not in the team of store 000101: row C1/001008 of RetailChannelWorkers could not be read (IsActive is 7).",
		fact:    [2]string{"RetailChannelWorkers C1/001008", "could not be read: IsActive is 7"},
	}, {
		name: "a row of theirs could not be read, in still",
		after: func(w *world) {
			w.vanish(who)
			w.snapshot.BadRows = []org.BadRow{{Collection: "RetailChannelWorkers", Row: "C1/001008", Problem: "IsActive is 7", Worker: who, Channel: "C1"}}
		},
		verdict: "Worker 001008 is in the team of store 000101 as member: Commerce does not want them there, but nothing says for certain that they left: row C1/001008 of RetailChannelWorkers could not be read (IsActive is 7).",
		fact:    [2]string{"RetailChannelWorkers C1/001008", "could not be read"},
	}}
}

// positionSituations are about positions, stand-ins and roles.
func positionSituations() []situation {
	return []situation{{
		name: "position without privileges",
		before: func(w *world) {
			w.vanish(who)
			w.position(who, "POS1", "U1", time.Time{}, time.Time{}, org.No)
		},
		verdict: "Worker 001008 is not in the team of store 000101: their position POS1 in its department has no manager privileges, and no row of RetailChannelWorkers says that they are active there.",
		fact:    [2]string{"position POS1", "ManagerPrivileges No; gives no manager privileges"},
	}, {
		name: "position ended",
		before: func(w *world) {
			w.vanish(who)
			w.position(who, "POS1", "U1", time.Time{}, w.now.Add(-24*time.Hour), org.Yes)
		},
		verdict: "Worker 001008 is not in the team of store 000101: their position POS1 in its department ended on 1999-12-31 00:00 UTC.",
		fact:    [2]string{"position POS1", "held no more (until 1999-12-31 00:00 UTC)"},
	}, {
		name: "position to begin",
		before: func(w *world) {
			w.vanish(who)
			w.position(who, "POS1", "U1", w.now.Add(24*time.Hour), time.Time{}, org.Yes)
		},
		verdict: "Worker 001008 is not in the team of store 000101: their position POS1 in its department begins on 2000-01-02 00:00 UTC.",
		fact:    [2]string{"position POS1", "held not yet"},
	}, {
		name: "position does not count by MANAGER_RULE",
		before: func(w *world) {
			w.vanish(who)
			w.position(who, "POS1", "U1", time.Time{}, time.Time{}, org.Yes)
			w.settings.Rules.ManagerRule = org.RuleUnit
		},
		verdict: "Worker 001008 is not in the team of store 000101: their position POS1 in its department does not count, by MANAGER_RULE=unit, and no row of RetailChannelWorkers says that they are active there.",
		fact:    [2]string{"position POS1", "gives manager privileges"},
	}, {
		name:    "stands in for a manager",
		before:  func(w *world) { w.snapshot.Units[1].Manager = ""; w.moreStores() },
		ask:     ofWorker("002000"),
		verdict: "Worker 002000 is in the team of store 000101 as owner: caretaker: manager of the nearest hierarchy node above; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"store 000101, wanted", "as owner (caretaker: manager of the nearest hierarchy node above)"},
	}, {
		name: "communications manager",
		before: func(w *world) {
			w.snapshot.PersonUsers = []org.PersonUser{{Party: "party-002000", User: "reg"}}
			w.snapshot.Roles = []org.RoleAssignment{{User: "REG", Role: "R1", Name: "retail task manager", Status: "Enabled"}}
		},
		ask:     ofWorker("002000"),
		verdict: "Worker 002000 is in the communications team as member: communications manager; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"SecurityUserRoleAssociations REG", "AssignmentStatus Enabled"},
	}, {
		name: "communications role disabled",
		before: func(w *world) {
			w.snapshot.PersonUsers = []org.PersonUser{{Party: "party-002000", User: "reg"}}
			w.snapshot.Roles = []org.RoleAssignment{{User: "REG", Role: "R1", Name: "retail task manager", Status: "Disabled"}}
		},
		ask:     ofWorker("002000"),
		verdict: `Worker 002000 is not in the communications team: SecurityUserRoleAssociations says that their role "Retail task manager" is disabled.`,
		fact:    [2]string{"SecurityUserRoleAssociations REG", "AssignmentStatus Disabled"},
	}}
}
