package e2e

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simhost"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// point is one moment to be killed at: just before the walk's Nth write to the
// tenant has an effect, or just after, when only the answer is lost.
type point struct {
	write int
	phase simgraph.Phase
}

func (p point) String() string {
	if p.phase == simgraph.Before {
		return fmt.Sprintf("before write %d", p.write)
	}
	return fmt.Sprintf("after write %d", p.write)
}

// killer kills the handler at a point, and keeps every later write of that
// process from the tenant.
type killer struct {
	point
	host   atomic.Pointer[simhost.Host]
	before atomic.Int64 // writes before the walk began
	begun  atomic.Bool  // the walk has begun
	over   atomic.Bool  // the handler was started again: let everything pass

	dead chan struct{} // closed when the process has ended
	err  error         // of the kill; to be read once dead is closed
}

// onWrite is simgraph's hook. Requests that it aborts have no effect, or had it
// and get no answer.
func (k *killer) onWrite(seq int, phase simgraph.Phase, r *http.Request) {
	seq -= int(k.before.Load())
	switch {
	case !k.begun.Load() || k.over.Load() || seq < k.write || seq == k.write && phase < k.phase:
		return
	case seq == k.write && phase == k.phase:
		// The process's end ends the request's context too.
		k.err = k.host.Load().Kill(context.WithoutCancel(r.Context()))
		close(k.dead)
	default:
		<-k.dead
	}
	panic(http.ErrAbortHandler)
}

// await waits until the process has been killed.
func (k *killer) await(t *testing.T) {
	t.Helper()
	select {
	case <-k.dead:
		if k.err != nil {
			t.Fatal(k.err)
		}
	case <-time.After(patience):
		t.Fatalf("not killed %s", k.point)
	}
}

// begin begins the walk.
func (k *killer) begin(s *site) {
	k.host.Store(s.Host)
	k.before.Store(int64(s.Tenant.Writes()))
	k.begun.Store(true)
}

// walk is a series of writes, to be killed at each of them.
type walk struct {
	name   string
	stores int
	graph  simgraph.Options
	retry  time.Duration           // GROUP_RETRY_INTERVAL
	change func(*testing.T, *site) // of a chain in step; nil: the walk is its provisioning
}

// A group too young to become a team refuses at least the first try, and each
// operation is found running twice, so the walks pass through every state in
// which a team waits. In the second walk the group stays too young for as long
// as the run is patient, and the store is put off. The third takes people out
// and teams away.
func walks() []walk {
	return []walk{
		{"three stores", 3, simgraph.Options{GroupDelay: 300 * time.Millisecond, PollsUntilDone: 2}, 350 * time.Millisecond, nil},
		{"a store put off", 1, simgraph.Options{GroupDelay: 400 * time.Millisecond, PollsUntilDone: 2}, 10 * time.Millisecond, nil},
		{"who goes", 8, simgraph.Options{PollsUntilDone: 1}, 10 * time.Millisecond, leaveAndClose},
	}
}

// leaveAndClose is a day on which everything that takes something happens.
func leaveAndClose(t *testing.T, s *site) {
	do(t, s.hq().Promote(t.Context(), "000001001", "000001"))
	do(t, s.hq().Demote(t.Context(), "000001000"))
	s.leaves(t, "000001002", "000001")
	do(t, s.Tenant.DeleteGroup(s.store(t, "000002").ID))
	s.edit(t, "RetailStaff", having(row{"PersonnelNumber": "000002001"}), row{"ExternalSubIdentifier": spareID("newcomer.a")})
	s.vanish(t, "000003", "000003001")
	do(t, s.CloseStore(t.Context(), "000008"))
}

func (w walk) start(t *testing.T, onWrite func(int, simgraph.Phase, *http.Request)) *site {
	t.Helper()
	graph := w.graph
	graph.OnWrite = onWrite
	s := start(t, setup{
		world: wire(t, chain(w.stores, 4)), settings: worldgen.ChainSettings(instance), graph: graph,
		handler: map[string]string{
			"GROUP_RETRY_INTERVAL": w.retry.String(),
			"MODE":                 "full", "ARCHIVE_AFTER": "1ms", "MAX_REMOVAL_PERCENT": "100",
		},
	})
	if w.change != nil {
		s.settle(t)
		w.change(t, s)
	}
	return s
}

// teams is the tenant's state, and which of its teams are archived.
func (s *site) teams(t *testing.T) []string {
	t.Helper()
	state := s.tenant(t)
	for _, team := range s.Tenant.Teams() {
		if team.Archived {
			state = append(state, team.UniqueName+" is archived")
		}
	}
	return state
}

// TestKillWalk is the promise that storeteams may be killed between any two
// steps: for each write to the tenant, and on both sides of it, the process is
// killed there and started again on the same ledger. The end is always that of
// a run nobody disturbed.
func TestKillWalk(t *testing.T) {
	t.Parallel()
	for _, w := range walks() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			calm := w.start(t, nil)
			before := calm.Tenant.Writes()
			calm.end(t)
			want, writes := calm.teams(t), calm.Tenant.Writes()-before
			if len(calm.Tenant.Teams()) != w.stores+1 {
				t.Fatalf("undisturbed, %d stores have these groups: %q", w.stores, want)
			}
			t.Logf("%d writes, %d points", writes, 2*writes)
			for write := 1; write <= writes; write++ {
				for _, phase := range []simgraph.Phase{simgraph.Before, simgraph.After} {
					p := point{write, phase}
					t.Run(p.String(), func(t *testing.T) {
						t.Parallel()
						w.killAt(t, p, want)
					})
				}
			}
		})
	}
}

// killAt kills at a point. How often a young group refuses depends on the
// clock, so a run on a busy machine may have fewer writes than the undisturbed
// one had and never come to the point; then it is walked again.
func (w walk) killAt(t *testing.T, p point, want []string) {
	t.Helper()
	const tries = 5
	for range tries {
		k := &killer{point: p, dead: make(chan struct{})}
		s := w.start(t, k.onWrite)
		k.begin(s)
		if w.survives(t, s, k) {
			s.Host.Close()
			continue
		}
		k.over.Store(true)
		s.Host.Close()
		s.endLeases(t)
		do(t, s.StartHost(t.Context()))
		s.end(t)
		if diff := difference(want, s.teams(t)); diff != "" {
			t.Errorf("killed %s, the tenant ends otherwise:\n%s", p, diff)
		}
		s.calm(t)
		s.noClaims(t)
		return
	}
	t.Fatalf("no run of %d came %s", tries, p)
}

// end comes to the end of all changes. A store is sighted closed in one run,
// closed in the next and archived in the third, of which only that is planned.
func (s *site) end(t *testing.T) {
	t.Helper()
	for range 3 {
		s.settle(t)
	}
}

// survives runs OrgSync until it is killed, or has nothing left to be killed in.
func (w walk) survives(t *testing.T, s *site, k *killer) bool {
	t.Helper()
	again := time.NewTicker(look)
	defer again.Stop()
	for began := time.Now(); ; <-again.C {
		run, err := s.Sync(t.Context())
		switch {
		case err != nil: // the connection broke: the kill is under way
			k.await(t)
			return false
		case run.Outcome == "done" && run.Settled():
			return true
		case time.Since(began) > patience:
			t.Fatalf("neither killed nor settled: %+v", run)
		}
	}
}

// noClaims checks that the ledger holds no creation that was begun and not
// finished. It ends the handler, which has the file.
func (s *site) noClaims(t *testing.T) {
	t.Helper()
	s.Host.Close()
	store, err := boltledger.Open(s.ledger)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	claims, err := ledger.NewBook(store, s.settings.Instance).Claims(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for key, claim := range claims {
		t.Errorf("%s is still claimed: %+v", key, claim)
	}
}
