package explain_test

import (
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// accountSituations are about who has an account.
func accountSituations() []situation {
	return []situation{{
		name:    "no identity",
		before:  func(w *world) { *w.staff(who) = org.Staff{Worker: who} },
		verdict: "Worker 001008 belongs in the team of store 000101, but has no usable account: no Entra account is recorded for them, in RetailStaff or through PersonUsers and SystemUsers: link one.",
		fact:    [2]string{"RetailStaff, SystemUsers", "no account is recorded for worker 001008"},
	}, {
		name: "identity of another tenant",
		before: func(w *world) {
			*w.staff(who) = org.Staff{Worker: who, ObjectID: account("000666").String(), Alias: "x@other.org"}
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but has no usable account: the account recorded for them is not a user of this tenant: link the right one.",
		fact:    [2]string{"RetailStaff of worker 001008", "ExternalIdentityAlias x@other.org: not a user of this tenant"},
	}, {
		name:    "identity that is no GUID",
		before:  func(w *world) { *w.staff(who) = org.Staff{Worker: who, ObjectID: "ann"} },
		verdict: "Worker 001008 belongs in the team of store 000101, but has no usable account: the object id recorded for them is not a GUID: correct it.",
		fact:    [2]string{"RetailStaff of worker 001008", "ExternalSubIdentifier ann: no GUID"},
	}, {
		name: "identity by the second source",
		before: func(w *world) {
			*w.staff(who) = org.Staff{Worker: who, ObjectID: account("000666").String()}
			w.snapshot.PersonUsers = []org.PersonUser{{Party: "party-001008", User: "ANN"}}
			w.snapshot.SystemUsers = []org.SystemUser{{ID: "ann", Alias: upn(who)}}
		},
		verdict: "Worker 001008 is in the team of store 000101 as member: active in the store; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"SystemUsers ann, by PersonUsers of party party-001008", "found, user " + account(who).String()},
	}, {
		name: "deleted in Entra",
		after: func(w *world) {
			*w.user(who) = org.User{ID: account(who), Deleted: true}
			apart(w)
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but has no usable account: the account recorded for them was deleted in Entra: link another one.",
		fact:    [2]string{"RetailStaff of worker 001008", "deleted in Entra"},
	}, {
		name: "guest",
		after: func(w *world) {
			w.user(who).Guest = true
			apart(w)
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but has no usable account: their account is a guest's: set ALLOW_GUESTS=yes, or link a member's.",
		fact:    [2]string{"account " + account(who).String(), "guest yes"},
	}, {
		name: "two workers with one account",
		before: func(w *world) {
			*w.staff("001009") = org.Staff{Worker: "001009", ObjectID: account(who).String()}
		},
		ask:     ofWorker("001009"),
		verdict: "Worker 001009 is in the team of store 000101 as member: active in the store; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"store 000101, wanted", "for worker 001008, who has the same account"},
	}}
}

// unfitSituations are about accounts that may not be added, or are not to be.
func unfitSituations() []situation {
	return []situation{{
		name: "disabled, out already",
		after: func(w *world) {
			w.user(who).Enabled = org.No
			apart(w)
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but has no usable account: their account is disabled in Entra: enable it if they are to be in.",
		fact:    [2]string{"account " + account(who).String(), "enabled No"},
	}, {
		name:    "disabled, in still",
		after:   func(w *world) { w.user(who).Enabled = org.No },
		verdict: "Worker 001008 is in the team of store 000101 as member, and is to be taken out at the next run: their account is disabled or deleted, or their employment has ended.",
		fact:    [2]string{"store 000101", "remove: out " + account(who).String()},
	}, {
		name: "without a licence, not in",
		after: func(w *world) {
			w.user(who).Licensed = false
			apart(w)
		},
		verdict: "Worker 001008 belongs in the team of store 000101, but has no usable account: their account has no enabled Teams service plan: assign a licence.",
		fact:    [2]string{"store 000101, wanted", "to stay if there, not to be added"},
	}, {
		name:    "without a licence, in",
		after:   func(w *world) { w.user(who).Licensed = false },
		verdict: "Worker 001008 is in the team of store 000101 as member: active in the store; they stay, but could not be added now: their account has no enabled Teams service plan: assign a licence.",
		fact:    [2]string{"account " + account(who).String(), "Teams licence no"},
	}, {
		name: "blocked",
		after: func(w *world) {
			apart(w)
			w.blocks = []org.Block{{User: account(who)}}
			w.events = []ledger.Event{{At: w.now.Add(-time.Hour), What: "block", Text: "kept out of every team", User: account(who)}}
		},
		verdict: "Worker 001008 is not in the team of store 000101: blocked by an operator from every team on 1999-12-31 23:00 UTC.",
		fact:    [2]string{"block", "kept out of every team by an operator"},
	}, {
		name: "blocked from one store",
		after: func(w *world) {
			w.blocks = []org.Block{{User: account(who), Store: storeOne}}
		},
		verdict: "Worker 001008 is in the team of store 000101 as member, and is to be taken out at the next run: blocked by an operator.",
		fact:    [2]string{"block", "kept out of store 000101 by an operator"},
	}, {
		name:    "in with an account that Commerce records no more",
		after:   func(w *world) { *w.staff(who) = org.Staff{Worker: who} },
		verdict: "Worker 001008 is in the team of store 000101 as member: Commerce does not want them there, but nothing says for certain that they left: the account recorded for worker 001008 now cannot be used (no identity); this is with account " + account(who).String() + ", which is not the one that counts for them now.",
		fact:    [2]string{"another account", account(who).String()},
	}, {
		name: "another account comes first",
		after: func(w *world) {
			w.users = append(w.users, org.User{ID: account("005008"), UPN: "new@example.org", Enabled: org.Yes, Licensed: true})
			*w.staff(who) = org.Staff{Worker: who, ObjectID: account("005008").String()}
		},
		verdict: "Worker 001008 is to be added to the team of store 000101 at the next run: as member (active in the store).",
		fact:    [2]string{"store 000101, former account", account(who).String() + " is in it as member"},
	}}
}

func userSituations() []situation {
	return []situation{{
		name:    "user of a worker",
		ask:     asUser(account(who)),
		verdict: "User " + account(who).String() + " is in the team of store 000101 as member: active in the store; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"store 000101, RetailChannelWorkers", "worker 001008: IsActive Yes"},
	}, {
		name: "user named in settings",
		before: func(w *world) {
			w.snapshot.Staff = slices.DeleteFunc(w.snapshot.Staff, func(s org.Staff) bool { return s.Worker == "009001" })
		},
		ask:     asUser(account("009001")),
		verdict: "User " + account("009001").String() + " is in the communications team as owner: owner of the communications team by setting; managed since 1999-12-30 00:00 UTC.",
		fact:    [2]string{"communications, in it", "as owner"},
	}, {
		name: "user whom Commerce does not know",
		before: func(w *world) {
			w.users = append(w.users, org.User{ID: account("007007"), UPN: upn("007007"), Enabled: org.Yes, Licensed: true})
		},
		ask:     asUser(account("007007")),
		verdict: "User " + account("007007").String() + " belongs in no team: Commerce records the account for no worker, it is in no team of storeteams, and no setting names it as an owner.",
		fact:    [2]string{"account " + account("007007").String(), "enabled Yes"},
	}, {
		name: "user who is an extra",
		before: func(w *world) {
			w.users = append(w.users, org.User{ID: account("007007"), UPN: upn("007007"), Enabled: org.Yes, Licensed: true})
		},
		after:   func(w *world) { w.group(storeTwo).People.Set(account("007007"), org.Owner) },
		ask:     asUser(account("007007")),
		verdict: "User " + account("007007").String() + " is in the team of store 000102 as an extra: Commerce never wanted them there, and who was added by hand stays until a person takes them out.",
		fact:    [2]string{"store 000102, in it", "as owner"},
	}}
}
