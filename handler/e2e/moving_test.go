package e2e

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// A worker who moves is in the new store's team, and out of the old one's.
func TestTransfer(t *testing.T) {
	t.Parallel()
	w := chain(4, 4)
	s := full(t, w)
	worker, manager := account(t, w, "000001001"), account(t, w, "000003000")
	before := s.rest(t, "000001", "000002", "000003")

	do(t, s.hq().Transfer(t.Context(), "000001001", "000002"))
	s.check(t, s.settle(t))
	s.are(t, "000001", out, worker)
	s.are(t, "000002", member, worker)

	// A manager who moves manages the new store only if it says so; the one
	// who stays behind without a manager gets a caretaker first.
	do(t, s.hq().Promote(t.Context(), "000003001", "000003"))
	s.check(t, s.settle(t))
	do(t, s.hq().Transfer(t.Context(), "000003000", "000002"))
	s.check(t, s.settle(t))
	s.are(t, "000003", out, manager)
	s.are(t, "000003", owner, account(t, w, "000003001"))
	s.are(t, "000002", member, manager)

	s.untouched(t, before, "000001", "000002", "000003")
	s.calm(t)
}

// The last manager is demoted, or leaves: a caretaker comes before they go, and
// goes once a manager is there again.
func TestLastManager(t *testing.T) {
	t.Parallel()
	w := chain(6, 4)
	saw := new(witness)
	s := saw.start(t, fullSetup(t, w))
	s.settle(t)
	caretaker, manager, clerk := account(t, w, "000001003"), account(t, w, "000002000"), account(t, w, "000002001")

	do(t, s.hq().Demote(t.Context(), "000002000"))
	s.check(t, s.settle(t))
	s.are(t, "000002", member, manager)
	s.are(t, "000002", owner, caretaker)

	do(t, s.hq().Promote(t.Context(), "000002001", "000002"))
	s.check(t, s.settle(t))
	s.are(t, "000002", owner, clerk)
	s.are(t, "000002", out, caretaker)

	do(t, s.hq().Leave(t.Context(), "000002001"))
	s.check(t, s.settle(t))
	s.are(t, "000002", out, clerk)
	s.are(t, "000002", owner, caretaker)
	saw.alwaysOwned(t)
	s.calm(t)
}

// Promoted in one store and demoted in another at once: each team follows its
// own store.
func TestPromoteAndDemote(t *testing.T) {
	t.Parallel()
	w := chain(4, 4)
	s := full(t, w)
	id := account(t, w, "000001001")
	s.assign(t, row{"RetailChannelId": "C000002", "PersonnelNumber": "000001001", "IsActive": "Yes"})
	do(t, s.hq().Promote(t.Context(), "000001001", "000001"))
	s.check(t, s.settle(t))
	s.are(t, "000001", owner, id)
	s.are(t, "000002", member, id)
	before := s.rest(t, "000001", "000002")

	s.edit(t, "PositionWorkerAssignmentsV2", having(row{"PositionId": "MGR-000001-000001001"}),
		row{"ValidTo": time.Now().UTC().Add(-time.Second).Format(time.RFC3339)})
	do(t, s.hq().Promote(t.Context(), "000001001", "000002"))
	s.check(t, s.settle(t))
	s.are(t, "000001", member, id)
	s.are(t, "000002", owner, id)
	s.untouched(t, before, "000001", "000002")
	s.calm(t)
}

// witness sees, whenever somebody is taken out of a group or demoted, who is in
// it then.
type witness struct {
	mu        sync.Mutex
	tenant    *simgraph.Tenant
	stayed    map[string][]string // by who was taken out
	ownerless []string            // groups
}

// start starts a site that the witness looks at.
func (w *witness) start(t *testing.T, given setup) *site {
	t.Helper()
	w.stayed = map[string][]string{}
	given.graph.OnRemove, given.graph.OnDemote = w.look, w.look
	s := start(t, given)
	w.mu.Lock()
	w.tenant = s.Tenant
	w.mu.Unlock()
	s.settle(t)
	return s
}

func (w *witness) look(group, user string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, team := range w.tenant.Teams() {
		if team.ID != group {
			continue
		}
		w.stayed[user] = slices.Concat(team.Owners, team.Members)
		if len(team.Owners) == 0 {
			w.ownerless = append(w.ownerless, group)
		}
	}
}

// with is who was in the team when a user was taken out.
func (w *witness) with(user string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stayed[user]
}

func (w *witness) alwaysOwned(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.ownerless) > 0 {
		t.Errorf("without an owner for a moment: %v", w.ownerless)
	}
}

// RetailStaff names another account of a worker: the new one is in before the
// old one is out, also where that is the only manager.
func TestIdentityChange(t *testing.T) {
	t.Parallel()
	w := chain(3, 4)
	saw := new(witness)
	s := saw.start(t, fullSetup(t, w))
	for _, test := range []struct {
		worker, store, account, role string
		refused                      bool // at first
	}{
		{"000002001", "000002", spareID("newcomer.a"), member, true},
		{"000003000", "000003", spareID("newcomer.b"), owner, false},
	} {
		old := account(t, w, test.worker)
		before := s.rest(t, test.store)
		s.edit(t, "RetailStaff", having(row{"PersonnelNumber": test.worker}), row{"ExternalSubIdentifier": test.account, "ExternalIdentityAlias": ""})

		// As long as the new one cannot come the old one stays, however often
		// Commerce is read; and one reading takes nobody out.
		lift := func() {}
		if test.refused {
			lift = s.refuse("POST /teams/{team}/members/add", test.store)
			s.still(t)
			s.are(t, test.store, test.role, old)
		} else {
			s.sync(t)
			s.are(t, test.store, test.role, test.account, old)
		}
		lift()
		s.check(t, s.settle(t))
		s.are(t, test.store, test.role, test.account)
		s.are(t, test.store, out, old)
		if there := saw.with(old); !slices.Contains(there, test.account) {
			t.Errorf("%s went while the team had %v", old, there)
		}
		s.untouched(t, before, test.store)
	}
	saw.alwaysOwned(t)
	s.calm(t)
}
