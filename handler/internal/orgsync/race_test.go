package orgsync_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// Two instances of the app that run at once share a ledger and a tenant. One
// of them may have to give up; nothing is made twice and nothing is lost.
func TestTwoAtOnce(t *testing.T) {
	cases := map[string]simgraph.Options{
		"at once":      {},
		"slow":         {GroupDelay: 25 * time.Second, OperationTime: time.Minute},
		"lagging":      {ReadLag: 2 * time.Minute, OperationTime: time.Minute},
		"very young":   {GroupDelay: 20 * time.Minute},
		"with replays": {DeltaReplay: true, PageSize: 2, PollsUntilDone: 3},
	}
	for name, options := range cases {
		t.Run(name, func(t *testing.T) {
			for _, apart := range []time.Duration{0, time.Second, 36 * time.Second, 70 * time.Second} {
				t.Run(fmt.Sprint(apart), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						b := newBenchOf(t, motley(), options)
						b.settings.Adopt = true
						for range 2 {
							b.together(t, apart)
						}
						b.settles(t, 6)
					})
				})
			}
		})
	}
}

// together runs two instances, the second one a while after the first.
func (b *bench) together(t *testing.T, apart time.Duration) {
	t.Helper()
	pass(tick)
	var both sync.WaitGroup
	for i := range 2 {
		instance := b.syncer(t)
		both.Go(func() {
			pass(time.Duration(i) * apart)
			if err := instance.Run(t.Context(), "test"); err != nil && !fault.Is(err, fault.Conflict) {
				t.Errorf("instance %d: %v", i, err)
			}
		})
	}
	both.Wait()
}

// interleaved is a bench in which a second instance makes a whole run just
// before or after the n-th write of the first.
func interleaved(t *testing.T, n int, phase simgraph.Phase) (*bench, *bool) {
	t.Helper()
	var b *bench
	ran := new(bool)
	b = newBenchOf(t, motley(), simgraph.Options{
		OperationTime: 30 * time.Second,
		OnWrite: func(seq int, now simgraph.Phase, _ *http.Request) {
			if seq != n || now != phase {
				return
			}
			*ran = true
			if err := b.syncer(t).Run(t.Context(), "second"); err != nil && !fault.Is(err, fault.Conflict) {
				t.Errorf("the second instance: %v", err)
			}
		},
	})
	b.settings.Adopt = true
	return b, ran
}

func TestSecondInstanceInBetween(t *testing.T) {
	ran := true
	for n := 1; ran; n++ {
		for _, phase := range []simgraph.Phase{simgraph.Before, simgraph.After} {
			t.Run(fmt.Sprintf("write %d phase %d", n, phase), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b, nested := interleaved(t, n, phase)
					if err := b.syncer(t).Run(t.Context(), "first"); err != nil && !fault.Is(err, fault.Conflict) {
						t.Errorf("the first instance: %v", err)
					}
					ran = *nested
					b.settles(t, 4)
					b.idle(t)
				})
			})
		}
		if n > 100 {
			t.Fatal("the writes have no end")
		}
	}
}

// A moment before we make a store's group, somebody who knows another manager
// and another ledger makes it. It is taken, with all who are in it, there is no
// second one, and our manager becomes an owner too.
func TestGroupAppearsUnderOurHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, other := newChain(t, 1, 3, simgraph.Options{}), newChain(t, 1, 3, simgraph.Options{})
		other.tenant = b.tenant
		other.edit(t, "RetailPositionPosPermissions", func(map[string]any) bool { return false })
		other.edit(t, "OperatingUnits", func(row map[string]any) bool {
			row["ManagerPersonnelNumber"] = "000001001"
			return true
		})
		var begun atomic.Bool
		b.tenant.Inject(simgraph.Fault{Route: "GET /groups(uniqueName='{name}')", Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.Contains(r.URL.Path, "s-000001") && !begun.Swap(true) {
				other.run(t, t)
			}
			next.ServeHTTP(w, r)
		}})
		b.run(t, t)
		b.tick(t)
		last := b.tick(t)
		if n := len(b.tenant.Teams()); n != 2 || !begun.Load() || len(last.Planned) > 0 {
			t.Errorf("there are %d groups, and still to do is\n%s", n, last.Plan)
		}
		wantPeople(t, b.team(t, store(1)), []string{b.worker(t, 1, 0), b.worker(t, 1, 1)}, []string{b.worker(t, 1, 2)})
	})
}
