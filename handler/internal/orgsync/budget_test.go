package orgsync_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// slots is how many teams a run has under way at once.
const slots = 256

// More teams than there are slots, each slower than the run's budget: a run
// makes what it began, and the next run begins what was put off.
func TestBudgetIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stores = 2*slots + 20
		b := newChain(t, stores, 1, simgraph.Options{OperationTime: time.Minute})
		b.budget = time.Minute
		for i, teams := range []int{slots, 2 * slots, stores + 1} {
			record := b.tick(t)
			if n := b.made(); n != teams || record.Waiting != stores+1-teams || len(record.Failed) > 0 {
				t.Errorf("run %d: %d teams are made, want %d; %d wait, failed are %v", i+1, n, teams, record.Waiting, record.Failed)
			}
			if put := record.Outcome == ledger.Partial; put != (record.Waiting > 0) {
				t.Errorf("run %d is %s, and %d wait", i+1, record.Outcome, record.Waiting)
			}
		}
		b.settles(t, 1)
	})
}

// made counts the tenant's teams.
func (b *bench) made() int {
	n := 0
	for _, team := range b.tenant.Teams() {
		if team.HasTeam {
			n++
		}
	}
	return n
}

// As many teams as there are slots never get done, and each takes all the
// time there is. The others get their turn in the next run all the same, and
// so does what comes up later.
func TestBadTeamsStarveNobody(t *testing.T) {
	cases := map[string]simgraph.Outcome{"stuck for ever": simgraph.Stick, "always failing": simgraph.Fail}
	for name, outcome := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const stores = slots + 9
				bad := map[string]bool{} // the teams begun first; the tenant asks one at a time
				options := simgraph.Options{OperationTime: 2 * time.Minute, Outcome: func(_, team string) simgraph.Outcome {
					if len(bad) < slots {
						bad[team] = true
					}
					if bad[team] {
						return outcome
					}
					return simgraph.Succeed
				}}
				b := newChain(t, stores, 1, options)
				b.budget = 30 * time.Second
				b.errorBudget = 100 // so many failures would slow the runs
				b.tick(t)
				if n := b.made(); n != 0 {
					t.Fatalf("%d teams are made", n)
				}
				b.tick(t)
				if n := b.made(); n != stores+1-slots {
					t.Errorf("%d teams are made, want the %d good ones", n, stores+1-slots)
				}
				if b.made() > 0 { // the last stores are the good ones
					must(t, b.tenant.RenameGroup(b.team(t, store(stores)).ID, "Our place"))
					b.ticks(t, 3*tick)
					if name := b.team(t, store(stores)).Name; name == "Our place" {
						t.Error("a good team's change has to wait for the bad ones")
					}
				}
			})
		})
	}
}

// A run begins nothing for which its context leaves no time: the host would
// kill it in the middle.
func TestDeadline(t *testing.T) {
	for _, left := range []time.Duration{0, 20 * time.Second, 31 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute} {
		t.Run(left.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 3, 3, simgraph.Options{OperationTime: 90 * time.Second})
				b.runFor(t, left)
				b.settles(t, 4)
			})
		})
	}
}
