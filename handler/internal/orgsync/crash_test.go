package orgsync_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// process is one process's share of the world: what it does to the tenant and
// to the ledger is counted, and at the n-th effect it dies, before or after it.
// From then on nothing of it gets through.
type process struct {
	n     int  // 0: it lives on
	after bool // it dies when the effect is there, and before it hears of it
	kill  context.CancelFunc

	mu      sync.Mutex
	effects int
	dead    bool
}

var errDead = errors.New("the process is dead")

// effect carries an effect out, unless it is not to be.
func (p *process) effect(do func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock() // one at a time, so that a dead process does nothing more
	if p.dead {
		return errDead
	}
	p.effects++
	if p.effects != p.n {
		return do()
	}
	var err error
	if p.after {
		err = do()
	}
	p.dead = true
	p.kill()
	return errors.Join(errDead, err)
}

func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}

// way is the process's way to the servers.
type way struct {
	*process
	http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w way) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "$batch") {
		if !w.alive() {
			return nil, errDead
		}
		return w.RoundTripper.RoundTrip(r)
	}
	err = w.effect(func() (err error) {
		resp, err = w.RoundTripper.RoundTrip(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// memory is the process's ledger.
type memory struct {
	*process
	ledger.Store
}

// Get implements ledger.Store.
func (m memory) Get(ctx context.Context, key ledger.Key) (ledger.Row, error) {
	if !m.alive() {
		return ledger.Row{}, errDead
	}
	return m.Store.Get(ctx, key)
}

// Put implements ledger.Store.
func (m memory) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (newETag string, err error) {
	err = m.effect(func() (err error) {
		newETag, err = m.Store.Put(ctx, key, value, etag)
		return err
	})
	return newETag, err
}

// Delete implements ledger.Store.
func (m memory) Delete(ctx context.Context, key ledger.Key, etag string) error {
	return m.effect(func() error { return m.Store.Delete(ctx, key, etag) })
}

// List implements ledger.Store.
func (m memory) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	if !m.alive() {
		return func(yield func(ledger.Row, error) bool) { yield(ledger.Row{}, errDead) }
	}
	return m.Store.List(ctx, partition, prefix)
}

// live runs tick by tick as this process until a run has nothing to do, or the
// process is dead.
func (p *process) live(t *testing.T, b *bench) {
	t.Helper()
	own := *b
	own.store = memory{p, b.store}
	own.wrap = func(to http.RoundTripper) http.RoundTripper { return way{p, to} }
	var ctx context.Context
	ctx, p.kill = context.WithCancel(t.Context())
	defer p.kill()
	instance := own.syncer(t)
	for range 8 {
		pass(tick)
		err := instance.Run(ctx, "mortal")
		if !p.alive() {
			return
		}
		must(t, err)
		record, err := instance.LastRun(ctx)
		must(t, err)
		if len(record.Planned) == 0 {
			return
		}
	}
	t.Fatal("there is always something to do")
}

// A process that dies between any two effects leaves nothing that the next one
// cannot finish: the tenant ends as if nothing had happened, no group is there
// twice, no claim is left, and the same people are managed.
func TestCrashAnywhere(t *testing.T) {
	worlds := map[string]func(*testing.T) *bench{
		"young groups": func(t *testing.T) *bench {
			return newChain(t, 3, 2, simgraph.Options{GroupDelay: 25 * time.Second, PollsUntilDone: 2})
		},
		"very young groups": func(t *testing.T) *bench {
			return newChain(t, 3, 2, simgraph.Options{GroupDelay: 45 * time.Second, PollsUntilDone: 2, DeltaReplay: true})
		},
		"reads lag": func(t *testing.T) *bench {
			return newChain(t, 3, 2, simgraph.Options{ReadLag: 16 * time.Minute, PollsUntilDone: 2})
		},
		"groups of old": func(t *testing.T) *bench {
			b := newBenchOf(t, motley(), simgraph.Options{PollsUntilDone: 2})
			b.settings.Adopt = true
			b.settings.Scope = []string{"000003", "000004", "000005"}
			return b
		},
		"in the middle": func(t *testing.T) *bench {
			b := newChain(t, 3, 3, simgraph.Options{PollsUntilDone: 2})
			b.disturbed(t)
			return b
		},
	}
	for name, world := range worlds {
		t.Run(name, func(t *testing.T) {
			var effects int
			var managed []string
			synctest.Test(t, func(t *testing.T) {
				b, undisturbed := world(t), &process{}
				undisturbed.live(t, b)
				effects, managed = undisturbed.effects, b.managed(t)
				b.settles(t, 2)
			})
			if effects < 30 {
				t.Fatalf("only %d effects: there is nothing to interrupt", effects)
			}
			step := 1
			if testing.Short() { // under the race detector; every point is walked without it
				step = 11
			}
			for n := 1; n <= effects; n += step {
				for _, after := range []bool{false, true} {
					t.Run(fmt.Sprintf("effect %d after %v", n, after), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { crash(t, world(t), &process{n: n, after: after}, managed) })
					})
				}
			}
			t.Logf("%d points", 2*((effects+step-1)/step))
		})
	}
}

func crash(t *testing.T, b *bench, mortal *process, managed []string) {
	t.Helper()
	mortal.live(t, b)
	if mortal.alive() {
		t.Fatal("the process did not die")
	}
	// Nothing that was only half written down looks like a group that is gone.
	if left, err := b.syncer(t).Plan(t.Context()); err == nil && len(left.Held) > 0 {
		t.Errorf("the ledger holds %v", left.Held)
	}
	b.settles(t, 6)
	b.settles(t, 1) // and stays so
	if now := b.managed(t); !slices.Equal(now, managed) {
		t.Errorf("managed are %v, want %v", now, managed)
	}
}

// managed lists who is managed in which team.
func (b *bench) managed(t *testing.T) []string {
	t.Helper()
	links, err := b.book().Links(t.Context())
	must(t, err)
	var all []string
	for key, link := range links {
		for _, person := range link.Managed {
			all = append(all, fmt.Sprintf("%s: %s %s", key, person.User, person.Role))
		}
	}
	slices.Sort(all)
	return all
}
