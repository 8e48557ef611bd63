package orgsync_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// mishap is what befalls a process at one of its effects.
type mishap string

// The mishaps.
const (
	diesBefore mishap = "dies before"          // the effect does not happen, nor anything after it
	diesAfter  mishap = "dies after"           // it happened, and the process never hears of it
	answerLost mishap = "answer lost"          // it happened, the process is told that nobody knows, and lives on
	overtaken  mishap = "overtaken"            // another process makes a whole run before this one hears of it
	forsaken   mishap = "overtaken, then dies" // the same, and then this one is dead
)

// process is one process's share of the world. What it does to the tenant and
// to the ledger happens one effect at a time, in an order that depends on the
// effects alone: all who want one are gathered until nobody in the process can
// go on without, and then the first by name has it. So the n-th effect is the
// same each time.
type process struct {
	*stage
	n     int // the effect that the mishap befalls; 0: none
	fate  mishap
	other func() // what another process does meanwhile
	kill  context.CancelFunc

	turns chan *turn
	over  chan struct{} // closed when the process is dead, or has come to its end

	mu      sync.Mutex
	effects []string
	struck  bool
	dead    bool
}

// turn is somebody's wish to have an effect.
type turn struct {
	name string
	do   func() error
	done chan error
}

var errDead = errors.New("the process is dead")

func newProcess(s *stage, n int, fate mishap) *process {
	return &process{stage: s, n: n, fate: fate, turns: make(chan *turn), over: make(chan struct{})}
}

// effect carries an effect out when it is its turn, unless it is not to be.
func (p *process) effect(name string, do func() error) error {
	wish := &turn{p.named(name), do, make(chan error, 1)}
	select {
	case p.turns <- wish:
		return <-wish.done
	case <-p.over:
		return errDead
	}
}

// conduct gives everybody their turn until the process is over.
func (p *process) conduct() {
	var waiting []*turn
	for {
		if len(waiting) == 0 {
			select {
			case wish := <-p.turns:
				waiting = append(waiting, wish)
			case <-p.over:
				return
			}
		}
		synctest.Wait() // until all the others wait for their turn, or for a time to come
		for more := true; more; {
			select {
			case wish := <-p.turns:
				waiting = append(waiting, wish)
			default:
				more = false
			}
		}
		slices.SortStableFunc(waiting, func(a, b *turn) int { return cmp.Compare(a.name, b.name) })
		waiting[0].done <- p.carryOut(waiting[0])
		waiting = waiting[1:]
	}
}

// carryOut does one effect, or what becomes of it.
func (p *process) carryOut(wish *turn) error {
	p.mu.Lock()
	dead := p.dead
	if !dead {
		p.effects = append(p.effects, wish.name)
		p.struck = p.struck || len(p.effects) == p.n
	}
	befallen := !dead && len(p.effects) == p.n
	p.mu.Unlock()
	switch {
	case dead:
		return errDead
	case !befallen:
		return wish.do()
	case p.fate == diesBefore:
		return p.die()
	}
	err := wish.do()
	switch p.fate {
	case diesAfter:
		return p.die()
	case answerLost:
		return fault.New(fault.Unavailable, "crash test: "+wish.name, err)
	}
	p.other()
	if p.fate == forsaken {
		return p.die()
	}
	return err
}

// die ends the process: nothing of it gets through any more.
func (p *process) die() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	p.kill()
	return errDead
}

func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}

// befell reports whether the mishap has happened.
func (p *process) befell() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.struck
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
	err = w.effect(r.Method+" "+r.URL.Path, func() (err error) {
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
	err = m.effect("put "+nameOf(key), func() (err error) {
		newETag, err = m.Store.Put(ctx, key, value, etag)
		return err
	})
	if err != nil {
		return "", err
	}
	return newETag, nil
}

// Delete implements ledger.Store.
func (m memory) Delete(ctx context.Context, key ledger.Key, etag string) error {
	return m.effect("delete "+nameOf(key), func() error { return m.Store.Delete(ctx, key, etag) })
}

// List implements ledger.Store.
func (m memory) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	if !m.alive() {
		return func(yield func(ledger.Row, error) bool) { yield(ledger.Row{}, errDead) }
	}
	return m.Store.List(ctx, partition, prefix)
}

// nameOf names a row, but for what is drawn by lot: a run's number, the
// generation of a blob, a hash over a group's id, and the order of claims.
func nameOf(key ledger.Key) string {
	switch {
	case key.Partition == "run", key.Partition == "hold", key.Partition == "claim":
		return key.Partition
	case strings.HasPrefix(key.Partition, "blob/plan"):
		return "blob/plan"
	case strings.HasPrefix(key.Partition, "blob/events"):
		return "blob/events"
	case strings.HasPrefix(key.Partition, "blob/"):
		return key.Partition
	}
	return key.Partition + "/" + key.Row
}

// begin starts the process; end is to be called last.
func (p *process) begin(t *testing.T) (own *bench, ctx context.Context, end func()) {
	t.Helper()
	copied := *p.bench
	own = &copied
	own.store = memory{p, p.store}
	own.wrap = func(to http.RoundTripper) http.RoundTripper { return way{p, to} }
	ctx, p.kill = context.WithCancel(t.Context())
	go p.conduct()
	return own, ctx, func() {
		close(p.over)
		p.kill()
		synctest.Wait()
	}
}

// live runs tick by tick as this process until a run has nothing to do, or the
// process is dead. The run that the mishap befalls may fail.
func (p *process) live(t *testing.T) {
	t.Helper()
	own, ctx, end := p.begin(t)
	defer end()
	instance := own.syncer(t)
	for range patience {
		pass(tick)
		unharmed := p.befell() || p.n == 0
		p.reads()
		err := instance.Run(ctx, "mortal")
		if !p.alive() {
			return
		}
		if err != nil && !unharmed && p.befell() {
			continue
		}
		must(t, err)
		record, err := instance.LastRun(ctx)
		must(t, err)
		if len(record.Planned) == 0 && record.Later == 0 {
			return
		}
	}
	record, err := instance.LastRun(ctx)
	must(t, err)
	t.Fatalf("there is always something to do:\n%s\nnotes: %+v", record.Plan, record.Notes)
}

// once makes one run as this process.
func (p *process) once(t *testing.T) {
	t.Helper()
	own, ctx, end := p.begin(t)
	defer end()
	p.reads()
	if err := own.syncer(t).Run(ctx, "other"); err != nil {
		t.Errorf("the other process: %v", err)
	}
}

// patience is after how many runs everything has to be done.
const patience = 14
