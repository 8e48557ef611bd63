package orgsync_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// asker is a process, as the adversary and the judge know it. At its last effect
// on the tenant or the ledger it dies, before or after it, and nothing of it gets
// through any more.
type asker struct {
	id     int
	began  time.Time
	syncer *orgsync.Syncer
	ctx    context.Context
	kill   context.CancelFunc
	failed bool // its run was not carried out to its end

	heard   hearing
	reading *reading // nil: none that was complete

	last  int // its last effect; 0: it lives on
	after bool

	mu      sync.Mutex // guards the rest, and lets one effect happen at a time
	effects int
	dead    bool
}

var errKilled = errors.New("the process was killed")

func (p *asker) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}

// effect carries an effect out, unless it is not to be.
func (p *asker) effect(do func() error) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errKilled
	}
	p.effects++
	if p.effects != p.last {
		return do()
	}
	if p.after {
		err = do()
	}
	p.dead = true
	p.kill()
	return errors.Join(errKilled, err)
}

// RoundTrip implements http.RoundTripper: it sends what the process sends, as
// long as it lives.
func (w wire) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if !w.writes(r) {
		if !w.asker.alive() {
			return nil, errKilled
		}
		return w.carry(r)
	}
	err = w.asker.effect(func() (err error) {
		resp, err = w.carry(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// writes reports whether a request may change the tenant.
func (w wire) writes(r *http.Request) bool {
	return !w.commerce && r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "$batch")
}

// diary is the ledger of a process that may die.
type diary struct {
	*asker
	ledger.Store
}

// Get implements ledger.Store.
func (d diary) Get(ctx context.Context, key ledger.Key) (ledger.Row, error) {
	if !d.alive() {
		return ledger.Row{}, errKilled
	}
	return d.Store.Get(ctx, key)
}

// Put implements ledger.Store.
func (d diary) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (newETag string, err error) {
	err = d.effect(func() (err error) {
		newETag, err = d.Store.Put(ctx, key, value, etag)
		return err
	})
	return newETag, err
}

// Delete implements ledger.Store.
func (d diary) Delete(ctx context.Context, key ledger.Key, etag string) error {
	return d.effect(func() error { return d.Store.Delete(ctx, key, etag) })
}

// List implements ledger.Store.
func (d diary) List(ctx context.Context, partition, prefix string) iter.Seq2[ledger.Row, error] {
	if !d.alive() {
		return func(yield func(ledger.Row, error) bool) { yield(ledger.Row{}, errKilled) }
	}
	return d.Store.List(ctx, partition, prefix)
}
