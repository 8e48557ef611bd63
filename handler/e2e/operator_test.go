package e2e

import "testing"

// Who is blocked is out, of one store or of all, whatever Commerce wants, and
// comes back when the block ends.
func TestBlock(t *testing.T) {
	t.Parallel()
	w := chain(3, 4)
	s := full(t, w)
	id := account(t, w, "000001001")
	s.assign(t, row{"RetailChannelId": "C000002", "PersonnelNumber": "000001001", "IsActive": "Yes"})
	s.settle(t)
	before, whole := s.rest(t, "000001"), s.tenant(t)
	op := s.Operator()
	if err := op.Block(t.Context(), "000001001", "000009"); err == nil {
		t.Error("blocked in a store nobody knows")
	}
	s.still(t)

	err := op.Block(t.Context(), "000001001", "000001")
	do(t, err)
	s.settle(t)
	s.are(t, "000001", out, id)
	s.are(t, "000002", member, id)
	s.untouched(t, before, "000001")

	err = op.Block(t.Context(), "000001001", "")
	do(t, err)
	s.settle(t)
	s.are(t, "000002", out, id)
	err = op.Unblock(t.Context(), "000001001", "")
	do(t, err)
	s.settle(t)
	s.are(t, "000001", out, id) // the other block holds
	s.are(t, "000002", member, id)
	err = op.Unblock(t.Context(), "000001001", "000001")
	do(t, err)
	s.check(t, s.settle(t))
	s.untouched(t, whole)
	if err = op.Unblock(t.Context(), "000001001", "000001"); err == nil {
		t.Error("unblocked who is not blocked")
	}
}

// Who is revoked is out of every team before any run, also of one somebody put
// them into by hand, and stays out. Of a team they alone own they are once
// somebody else does.
func TestRevoke(t *testing.T) {
	t.Parallel()
	w := chain(6, 4)
	s := full(t, w)
	id, manager := account(t, w, "000001001"), account(t, w, "000003000")
	do(t, s.Tenant.AddMember(s.store(t, "000002").ID, id))
	s.settle(t)
	before := s.rest(t, "000001", "000002", "000003")

	err := s.Operator().Revoke(t.Context(), "000001001")
	do(t, err)
	s.are(t, "000001", out, id)
	s.are(t, "000002", out, id)
	s.settle(t)
	s.are(t, "000001", out, id)
	s.are(t, "000002", out, id)

	err = s.Operator().Revoke(t.Context(), "000003000")
	do(t, err)
	if team := s.store(t, "000003"); len(team.Owners) == 0 {
		t.Error("nobody owns the team")
	}
	s.settle(t)
	s.are(t, "000003", out, manager)
	s.are(t, "000003", owner, account(t, w, "000001003"))
	s.calm(t)

	for _, worker := range []string{"000001001", "000003000"} {
		err = s.Operator().Unblock(t.Context(), worker, "")
		do(t, err)
	}
	s.check(t, s.settle(t))
	s.are(t, "000002", out, id) // that was never Commerce's
	s.untouched(t, before, "000001", "000002", "000003")
}

// A ledger that is lost, or to be rebuilt, costs no team and nobody's place: the
// teams are found by their markers, and whoever is in them and wanted is managed
// from then on.
func TestRebuild(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*testing.T, *site){
		"file lost": func(t *testing.T, s *site) { s.loseLedger(t) },
		"rebuild":   func(t *testing.T, s *site) { do(t, s.Operator().Rebuild(t.Context())) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := chain(3, 4)
			s := full(t, w)
			do(t, s.Tenant.AddMember(s.store(t, "000001").ID, spareID("newcomer.a")))
			s.settle(t)
			ids, writes := s.groups(), s.Tenant.Writes()

			lose(t, s)
			s.still(t)
			if now := s.Tenant.Writes(); now != writes {
				t.Errorf("%d writes", now-writes)
			}
			if diff := difference(ids, s.groups()); diff != "" {
				t.Errorf("other groups than before:\n%s", diff)
			}

			// Managed again: who leaves goes. The stranger stays.
			s.leaves(t, "000001001", "000001")
			s.vanish(t, "000002", "000002001")
			s.settle(t)
			s.are(t, "000001", out, account(t, w, "000001001"))
			s.are(t, "000002", out, account(t, w, "000002001"))
			s.are(t, "000001", member, spareID("newcomer.a"))
			if diff := difference(ids, s.groups()); diff != "" {
				t.Errorf("other groups than before:\n%s", diff)
			}
			s.calm(t)
		})
	}
}

// Whose row went, or changed, together with the ledger was never seen to be
// wanted: they stay.
func TestLostLedgerTakesNobody(t *testing.T) {
	t.Parallel()
	w := chain(6, 4)
	s := full(t, w)
	before := s.tenant(t)
	s.vanish(t, "000002", "000002001")
	s.leaves(t, "000003001", "000003")
	s.loseLedger(t)
	for range 2 {
		s.still(t)
	}
	if diff := difference(before, s.tenant(t)); diff != "" {
		t.Errorf("the tenant changed:\n%s", diff)
	}
}

// groups are the groups there are, by id.
func (s *site) groups() []string {
	var all []string
	for _, team := range s.Tenant.Teams() {
		all = append(all, team.ID)
	}
	return all
}
