package e2e

import (
	"strings"
	"testing"
)

// vanish deletes the rows that put workers into a chain's store.
func (s *site) vanish(t *testing.T, store string, workers ...string) {
	t.Helper()
	for _, worker := range workers {
		do(t, s.hq().Unlist(t.Context(), worker, store))
	}
}

// Half of a store's rows, and one more, are gone: nobody goes until a person
// allows just that.
func TestRemovalCap(t *testing.T) {
	t.Parallel()
	w := chain(4, 8)
	s := full(t, w)
	was := s.store(t, "000002")
	gone := []string{"000002001", "000002002", "000002003", "000002004", "000002005"}
	s.vanish(t, "000002", gone...)
	// Another store's leavers are not held with them.
	s.vanish(t, "000003", "000003001")
	s.sync(t)
	run := s.sync(t)
	s.samePeople(t, "000002", was)
	s.are(t, "000003", out, account(t, w, "000003001"))
	hold := s.held(t)
	if run.Held != 1 || hold.Rail != "team cap" || len(hold.Changes) != len(gone) || !strings.Contains(run.Plan, hold.Hash) {
		t.Errorf("held %d, hold %+v, plan:\n%s", run.Held, hold, run.Plan)
	}

	for _, wrong := range []string{"0123456789abcdef", strings.ToUpper(hold.Hash), hold.Hash[1:], "all"} {
		if err := s.Operator().Allow(t.Context(), wrong); err == nil {
			t.Errorf("%q was allowed", wrong)
		}
	}
	s.still(t)
	s.samePeople(t, "000002", was)

	// One more is gone: that is another hold, and the old hash allows nothing.
	s.vanish(t, "000002", "000002006")
	s.still(t)
	s.samePeople(t, "000002", was)
	again := s.held(t)
	if again.Hash == hold.Hash {
		t.Errorf("another hold has the same hash %s", hold.Hash)
	}
	if err := s.Operator().Allow(t.Context(), hold.Hash); err == nil {
		t.Error("the hold that is over was allowed")
	}
	s.still(t)
	do(t, s.Operator().Allow(t.Context(), again.Hash))
	s.check(t, s.settle(t))
	for _, worker := range append(gone, "000002006") {
		s.are(t, "000002", out, account(t, w, worker))
	}
	s.are(t, "000002", member, account(t, w, "000002007"))
	s.calm(t)
}

// A refused hold keeps them in, until Commerce has them again.
func TestRefusedCap(t *testing.T) {
	t.Parallel()
	w := chain(4, 8)
	s := full(t, w)
	was := s.store(t, "000002")
	s.vanish(t, "000002", "000002001", "000002002", "000002003", "000002004", "000002005")
	s.still(t)
	do(t, s.Operator().Refuse(t.Context(), s.held(t).Hash))
	for range 2 {
		s.still(t)
	}
	s.samePeople(t, "000002", was)
	do(t, s.Commerce.SetRows("RetailChannelWorkers", s.world.Commerce["RetailChannelWorkers"]))
	s.check(t, s.settle(t))
	holds, err := s.Operator().Holds(t.Context())
	do(t, err)
	if len(holds) > 0 {
		t.Errorf("left over: %+v", holds)
	}
}

// A collection that comes too short takes nobody out, however often it is read,
// until a person says that it is right.
func TestShortSource(t *testing.T) {
	t.Parallel()
	w := chain(4, 5)
	s := full(t, w)
	before := s.rest(t, "000002")
	gone := map[string][]string{
		"000001": {"000001001", "000001002"}, "000002": {"000002001"}, "000003": {"000003001"}, "000004": {"000004001"},
	}
	for store, workers := range gone {
		s.vanish(t, store, workers...) // 15 of 20 rows are left
	}
	for range 2 {
		if run := s.still(t); !strings.Contains(noted(run, "short", ""), "RetailChannelWorkers came with 15 rows") || run.Later == 0 {
			t.Errorf("later %d; the record does not say that a collection is short: %+v", run.Later, run.Notes)
		}
	}
	// Who is stated to leave does.
	s.leaves(t, "000002002", "000002")
	s.sync(t)
	s.are(t, "000002", out, account(t, w, "000002002"))
	s.untouched(t, before, "000002")

	do(t, s.Operator().AcceptBaseline(t.Context()))
	s.sync(t)
	s.are(t, "000001", member, account(t, w, "000001001"))
	s.check(t, s.settle(t))
	for store, workers := range gone {
		for _, worker := range workers {
			s.are(t, store, out, account(t, w, worker))
		}
	}
	s.calm(t)
}
