package e2e

import (
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/world"
)

// Whom somebody adds by hand stays. Once Commerce wants them they are what it
// says, and go when it says so.
func TestAddedByHand(t *testing.T) {
	t.Parallel()
	w := chain(3, 4)
	s := full(t, w)
	team, guest, visitor := s.store(t, "000001").ID, spareID("newcomer.a"), spareID("newcomer.b")
	do(t, s.Tenant.AddMember(team, guest))
	do(t, s.Tenant.AddOwner(team, visitor))
	s.still(t)
	s.are(t, "000001", member, guest)
	s.are(t, "000001", owner, visitor)

	hired, err := s.hq().Hire(t.Context(), "000001", world.Recruit{UPN: "newcomer.a@contoso.example"})
	do(t, err)
	s.still(t)
	do(t, s.hq().Promote(t.Context(), hired.PersonnelNumber, "000001"))
	s.settle(t)
	s.are(t, "000001", owner, guest)
	do(t, s.hq().Demote(t.Context(), hired.PersonnelNumber))
	s.settle(t)
	s.are(t, "000001", member, guest)
	do(t, s.hq().Leave(t.Context(), hired.PersonnelNumber))
	s.settle(t)
	s.are(t, "000001", out, guest)
	s.are(t, "000001", owner, visitor) // nobody ever asked for them, nor against
	s.calm(t)
}

// Who is taken out by hand and wanted is put back once, after HANDS_DELAY. Taken
// out again, it is a person's to say what becomes of it.
func TestRemovedByHand(t *testing.T) {
	t.Parallel()
	for _, allow := range []bool{true, false} {
		t.Run(map[bool]string{true: "allowed", false: "refused"}[allow], func(t *testing.T) {
			t.Parallel()
			w := chain(3, 4)
			s := full(t, w)
			team, id := s.store(t, "000002").ID, account(t, w, "000002001")
			do(t, s.Tenant.RemoveMember(team, id))
			if run := s.still(t); run.Later != 1 || run.Held > 0 {
				t.Errorf("later %d, held %d", run.Later, run.Held)
			}
			s.restartWith(t, map[string]string{"HANDS_DELAY": "0s"})
			s.check(t, s.settle(t))

			do(t, s.Tenant.RemoveMember(team, id))
			if run := s.still(t); run.Held != 1 || run.Outcome != "done" {
				t.Errorf("outcome %s, held %d", run.Outcome, run.Held)
			}
			s.are(t, "000002", out, id)
			hold := s.held(t)
			if hold.Rail != "hands" || len(hold.Changes) != 1 || hold.Changes[0].User != id {
				t.Errorf("held is %+v", hold)
			}
			if !allow {
				do(t, s.Operator().Refuse(t.Context(), hold.Hash))
				s.still(t)
				s.are(t, "000002", out, id)
				s.leaves(t, "000002001", "000002") // Commerce agrees in the end
				s.check(t, s.settle(t))
				return
			}
			do(t, s.Operator().Allow(t.Context(), hold.Hash))
			s.check(t, s.settle(t))
			s.calm(t)
		})
	}
}

// A team deleted by hand is restored as it was; deleted again, and deleted for
// good, it is a person's to say what becomes of it.
func TestDeletedByHand(t *testing.T) {
	t.Parallel()
	w := chain(4, 4)
	s := full(t, w)
	before, stranger := s.tenant(t), spareID("newcomer.a")
	do(t, s.Tenant.AddMember(s.store(t, "000001").ID, stranger))
	s.settle(t)
	was := s.store(t, "000001")
	do(t, s.Tenant.DeleteGroup(was.ID))
	s.settle(t)
	s.sameTeam(t, "000001", was, false)
	s.samePeople(t, "000001", was)

	do(t, s.Tenant.DeleteGroup(was.ID))
	gone := s.tenant(t)
	s.still(t)
	if diff := difference(gone, s.tenant(t)); diff != "" {
		t.Errorf("something came in its place:\n%s", diff)
	}
	do(t, s.Operator().Allow(t.Context(), s.held(t).Hash))
	s.settle(t)
	s.sameTeam(t, "000001", was, false)
	s.samePeople(t, "000001", was)
	do(t, s.Tenant.RemoveMember(was.ID, stranger))
	s.settle(t)

	do(t, s.Tenant.PurgeGroup(was.ID))
	s.still(t)
	hold := s.held(t)
	if hold.Rail != "new team" || !strings.Contains(hold.Team, "000001") {
		t.Errorf("held is %+v", hold)
	}
	do(t, s.Operator().Allow(t.Context(), hold.Hash))
	s.check(t, s.settle(t))
	if now := s.store(t, "000001"); now.ID == was.ID {
		t.Errorf("the purged group %s is back", was.ID)
	}
	if diff := difference(before, s.tenant(t)); diff != "" {
		t.Errorf("otherwise the tenant is not as it was:\n%s", diff)
	}
	s.calm(t)
}

// A team archived by hand while its store is open stays archived and is
// reported; who comes and goes does so all the same.
func TestArchivedByHand(t *testing.T) {
	t.Parallel()
	w := chain(3, 4)
	s := full(t, w)
	was := s.store(t, "000003")
	do(t, s.Tenant.Archive(was.ID, true))
	do(t, s.Operator().Rebuild(t.Context())) // else it shows within a day
	run := s.still(t)
	s.sameTeam(t, "000003", was, true)
	s.samePeople(t, "000003", was)
	if note := noted(run, "skipped", "000003"); !strings.Contains(note, "archived the team although its store is open") {
		t.Errorf("the record does not say so: %+v", run.Notes)
	}

	s.leaves(t, "000003001", "000003")
	_, err := s.hq().Hire(t.Context(), "000003", world.Recruit{UPN: "newcomer.a@contoso.example"})
	do(t, err)
	s.check(t, s.settle(t))
	s.are(t, "000003", out, account(t, w, "000003001"))
	s.are(t, "000003", member, spareID("newcomer.a"))
	s.sameTeam(t, "000003", was, true)

	do(t, s.Tenant.Archive(was.ID, false))
	s.check(t, s.settle(t))
	s.sameTeam(t, "000003", was, false)
}
