package e2e

import (
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// sameTeam checks that a store's team is the group it was.
func (s *site) sameTeam(t *testing.T, store string, was simgraph.TeamState, archived bool) {
	t.Helper()
	now := s.store(t, store)
	if now.ID != was.ID || now.Archived != archived {
		t.Errorf("store %s: group %s, archived %v, want %s, %v", store, now.ID, now.Archived, was.ID, archived)
	}
}

// samePeople checks that the same people are in a store's team as were.
func (s *site) samePeople(t *testing.T, store string, was simgraph.TeamState) {
	t.Helper()
	if now := s.store(t, store); !slices.Equal(now.Owners, was.Owners) || !slices.Equal(now.Members, was.Members) {
		t.Errorf("store %s: owners %v, members %v, were %v and %v", store, now.Owners, now.Members, was.Owners, was.Members)
	}
}

// A store's closing, from its first sighting to its return.
func TestCloseAndReopen(t *testing.T) {
	t.Parallel()
	const number = "000002"
	w := chain(6, 4)
	s := full(t, w)
	was, before := s.store(t, number), s.rest(t, number)
	leaver, other := account(t, w, "000002001"), account(t, w, "000003001")

	do(t, s.CloseStore(t.Context(), number))
	s.sync(t)
	s.samePeople(t, number, was)

	// Frozen: what rows say of the channel changes nothing ...
	s.assign(t, row{"RetailChannelId": "C" + number, "PersonnelNumber": "000003001", "IsActive": "Yes"})
	s.assign(t, row{"RetailChannelId": "C" + number, "PersonnelNumber": "000002002", "IsActive": "No"})
	s.still(t)
	s.samePeople(t, number, was)
	s.sameTeam(t, number, was, false)

	// ... but who leaves the company goes.
	do(t, s.Tenant.SetUser(leaver, func(u *simgraph.User) { u.AccountEnabled = false }))
	s.sync(t)
	s.are(t, number, out, leaver)
	s.still(t)
	s.are(t, number, member, account(t, w, "000002002"))

	s.restartWith(t, map[string]string{"ARCHIVE_AFTER": "1ms"})
	s.end(t)
	s.sameTeam(t, number, was, true)
	s.calm(t)
	s.untouched(t, before, number)

	s.edit(t, "RetailChannelWorkers", having(row{"RetailChannelId": "C" + number, "PersonnelNumber": "000002002"}), nil)
	do(t, s.ReopenStore(t.Context(), number))
	do(t, s.Tenant.SetUser(leaver, func(u *simgraph.User) { u.AccountEnabled = true }))
	s.check(t, s.settle(t))
	s.sameTeam(t, number, was, false)
	s.are(t, number, member, leaver, other)
	s.are(t, number, owner, account(t, w, "000002000"))
	s.untouched(t, before, number)
	s.calm(t)
}

// CLOSED_STORES closes a store whose row is there, at the first run, and taking
// its number out of it opens the store again.
func TestClosedStores(t *testing.T) {
	t.Parallel()
	w := chain(3, 3)
	s := full(t, w)
	was := s.store(t, "000003")
	s.restartWith(t, map[string]string{"CLOSED_STORES": "000003"})
	s.leaves(t, "000003001", "000003")
	s.still(t)
	s.samePeople(t, "000003", was)
	s.sameTeam(t, "000003", was, false)

	s.restartWith(t, map[string]string{"ARCHIVE_AFTER": "1ms"})
	s.settle(t)
	s.sameTeam(t, "000003", was, true)

	s.restartWith(t, map[string]string{"CLOSED_STORES": ""})
	s.check(t, s.settle(t))
	s.sameTeam(t, "000003", was, false)
	s.are(t, "000003", out, account(t, w, "000003001"))
}

// A store that SCOPE leaves out is let go untouched: nobody comes or goes, and
// its team is not archived, however long that takes. Back in scope it follows
// Commerce again.
func TestOutOfScope(t *testing.T) {
	t.Parallel()
	w := chain(4, 3)
	s := full(t, w)
	was := s.store(t, "000004")
	s.restartWith(t, map[string]string{"SCOPE": "000001,000002,000003", "ARCHIVE_AFTER": "1ms"})
	s.leaves(t, "000004001", "000004")
	do(t, s.hq().Unlist(t.Context(), "000004002", "000004"))
	do(t, s.hq().Rename(t.Context(), "000004", "Harbour"))
	do(t, s.Tenant.SetUser(account(t, w, "000004000"), func(u *simgraph.User) { u.AccountEnabled = false }))
	for range 2 {
		s.still(t)
	}
	s.samePeople(t, "000004", was)
	s.sameTeam(t, "000004", was, false)

	s.restartWith(t, map[string]string{"SCOPE": ""})
	do(t, s.Tenant.SetUser(account(t, w, "000004000"), func(u *simgraph.User) { u.AccountEnabled = true }))
	s.check(t, s.settle(t))
	s.are(t, "000004", out, account(t, w, "000004001"), account(t, w, "000004002"))
	s.calm(t)
}
