package orgsync_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// leaseOf picks the writes of the lease of the n-th store's team.
func leaseOf(n int) func(ledger.Key) bool {
	return func(key ledger.Key) bool { return key.Partition == "lease" && key.Row == org.Marker("test", store(n)) }
}

// A team that another instance works on waits, and no other. A lease that
// nobody renews is anybody's after a minute.
func TestLeaseOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 4, 4)
		before := b.places(t)
		first, second := b.hire(t, 2, 1), b.hire(t, 3, 2)
		b.dismiss(t, 2, 1)
		pass(tick)
		_, err := b.book().TakeLease(t.Context(), store(2), "another", time.Now())
		must(t, err)
		record := b.run(t, t)
		b.wantPlaces(t, "leased", before, nil, []string{at(3, "member", second)})
		if record.Waiting != 1 || len(record.Failed) > 0 || record.Outcome != ledger.Partial || !noted(record, "waiting", "another instance") {
			t.Errorf("%d wait, failed are %v: %+v", record.Waiting, record.Failed, record.Notes)
		}
		pass(ledger.LeaseTime - time.Second)
		b.run(t, t)
		b.wantPlaces(t, "still leased", before, nil, []string{at(3, "member", second)})
		pass(time.Second)
		b.run(t, t)
		all := []string{at(2, "member", first), at(3, "member", second)}
		b.wantPlaces(t, "expired", before, []string{b.place(t, 2, 1)}, all)
	})
}

// slowTeams is a bench whose teams take minutes to be made, with a run that is
// making the only store's.
func slowTeams(t *testing.T) (b *bench, ended chan error) {
	t.Helper()
	b = newChain(t, 1, 4, simgraph.Options{OperationTime: 4 * time.Minute})
	b.mode = "full"
	ended = make(chan error)
	go func() { ended <- b.syncer(t).Run(t.Context(), "slow") }()
	pass(150 * time.Second)
	return b, ended
}

// A job that outlives its lease renews it, and gives it back when it is done.
func TestLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ended := slowTeams(t)
		if _, err := b.book().TakeLease(t.Context(), store(1), "another", time.Now()); !fault.Is(err, fault.Conflict) {
			t.Errorf("another instance takes it: %v", err)
		}
		must(t, <-ended)
		lease, err := b.book().TakeLease(t.Context(), store(1), "another", time.Now())
		must(t, err)
		must(t, b.book().ReleaseLease(t.Context(), lease))
		b.settles(t, 2)
	})
}

// A job whose lease another instance took writes nothing more to the team.
func TestLostLeaseStopsTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ended := slowTeams(t)
		thief, err := b.book().TakeLease(t.Context(), store(1), "thief", time.Now().Add(ledger.LeaseTime))
		must(t, err)
		must(t, <-ended)
		for _, team := range b.tenant.Teams() {
			if team.UniqueName == org.Marker("test", store(1)) && len(team.Members) > 0 {
				t.Errorf("the job went on: %+v", team)
			}
		}
		must(t, b.book().RenewLease(t.Context(), thief, time.Now())) // the job did not give away what is another's
		pass(time.Hour)
		b.settles(t, 3)
	})
}

// interrupted lets a run wait with its plan made, right before it takes the
// second store's lease, until do has returned.
func (b *bench) interrupted(t *testing.T, do func()) {
	t.Helper()
	pass(tick)
	slow := newGate(b.store, leaseOf(2))
	running := *b
	running.store = slow
	ended := make(chan error)
	go func() { ended <- running.syncer(t).Run(t.Context(), "slow") }()
	select {
	case <-slow.reached:
	case err := <-ended:
		t.Fatalf("the run never came there: %v", err)
	}
	do()
	close(slow.open)
	must(t, <-ended)
}

// What changed in the ledger between planning and working decides: the plan is
// made again under the lease.
func TestPlanIsMadeAgain(t *testing.T) {
	person := func(b *bench, t *testing.T) org.UserID { return userID(t, b.worker(t, 2, 1)) }
	each(t, map[string]struct {
		meanwhile func(b *bench, t *testing.T)
		goes      bool
	}{
		"nothing happened": {func(*bench, *testing.T) {}, true},
		"managed no more": {func(b *bench, t *testing.T) {
			link := b.link(t, store(2))
			link.Managed.Drop(person(b, t))
			must(t, b.book().SaveLink(t.Context(), link))
		}, false},
		"they are gone already": {func(b *bench, t *testing.T) {
			group, err := b.book().ReadGroup(t.Context(), b.link(t, store(2)).Group)
			must(t, err)
			group.People.Drop(person(b, t))
			must(t, b.book().SaveGroup(t.Context(), group))
		}, false},
		"the team is another group": {func(b *bench, t *testing.T) {
			link := b.link(t, store(2))
			link.Group = b.link(t, store(3)).Group
			must(t, b.book().SaveLink(t.Context(), link))
		}, false},
	}, func(t *testing.T, c struct {
		meanwhile func(b *bench, t *testing.T)
		goes      bool
	},
	) {
		b := newFull(t, 4, 4)
		b.dismiss(t, 2, 1)
		asked := b.requests(func() { b.interrupted(t, func() { c.meanwhile(b, t) }) })
		if goes := asked["POST /teams/{team}/members/remove"] > 0; goes != c.goes {
			t.Errorf("somebody goes is %v: %v", goes, asked)
		}
	})
}

// A run that another one overtook does nothing twice, and undoes nothing.
func TestOvertakenRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 4, 4)
		before := b.places(t)
		hired := b.hire(t, 2, 1)
		b.inactive(t, 2, 1)
		asked := b.requests(func() { b.interrupted(t, func() { b.run(t, t) }) })
		if asked["POST /teams/{team}/members/add"] != 1 || asked["POST /teams/{team}/members/remove"] != 1 {
			t.Errorf("both runs together asked for %v", asked)
		}
		b.wantPlaces(t, "both", before, []string{b.place(t, 2, 1)}, []string{at(2, "member", hired)})
		managed := b.managedIn(t, 2)
		if slices.Contains(managed, b.worker(t, 2, 1)) || !slices.Contains(managed, hired) {
			t.Errorf("managed are %v", managed)
		}
	})
}

// managedIn lists whom the link of the n-th store manages.
func (b *bench) managedIn(t *testing.T, n int) []string {
	t.Helper()
	var users []string
	for _, m := range b.link(t, store(n)).Managed {
		users = append(users, m.User.String())
	}
	return users
}
