package simhost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// pollGap is the host's pause between two looks at whether the handler is up.
const pollGap = 25 * time.Millisecond

// errNeverReady ends the wait of an invocation, and with it the host.
var errNeverReady = errors.New("the handler was not ready within four times initializationTimeout")

// worker keeps one process of the handler running.
type worker struct {
	executable   string
	root         string // script root, also the working directory
	env          []string
	address      string // host:port the handler has to listen on, the same for every process
	startTimeout time.Duration
	journal      *journal
	idle         func() // drops connections to a process that has ended
	stopped      chan struct{}

	mu      sync.Mutex // guards what follows
	process *process   // nil between two processes
	ready   bool
	changed chan struct{} // closed, and replaced, when process or ready changes
}

// childEnv is the handler's environment: the host's own and what tells the
// handler where it is. Of a repeated name the last counts.
func (w *worker) childEnv() ([]string, error) {
	_, port, err := net.SplitHostPort(w.address)
	if err != nil {
		return nil, err
	}
	id := newID()
	return append(w.env[:len(w.env):len(w.env)],
		"FUNCTIONS_CUSTOMHANDLER_PORT="+port,
		"FUNCTIONS_CUSTOMHANDLER_WORKER_ID="+id,
		"FUNCTIONS_HTTPWORKER_PORT="+port,
		"FUNCTIONS_HTTPWORKER_ID="+id,
		"FUNCTIONS_APP_ROOT_PATH="+w.root), nil
}

// run keeps the handler running until ctx ends. It gives up, with an error that
// wraps ErrStopped, on the third failure; see budget.
func (w *worker) run(ctx context.Context) error {
	defer close(w.stopped)
	var spent budget
	for ctx.Err() == nil {
		failure := w.live(ctx)
		if failure == nil || ctx.Err() != nil {
			continue
		}
		w.journal.host(slog.LevelError, failure.Error())
		if spent.exhausted(time.Now()) {
			return fmt.Errorf("%w: the handler failed %d times: %w", ErrStopped, maxFailures, failure)
		}
	}
	return nil
}

// live is one life of the handler, from its start to its end. It returns nil
// when the end is none the host counts.
func (w *worker) live(ctx context.Context) error {
	env, err := w.childEnv()
	if err != nil {
		return err
	}
	ctx, kill := context.WithCancel(ctx)
	defer kill()
	p, err := launch(ctx, w.executable, w.root, env, w.journal)
	if err != nil {
		return err
	}
	w.set(p, false)
	starting, giveUp := context.WithTimeout(ctx, w.startTimeout)
	defer giveUp()
	var process sync.WaitGroup
	process.Go(func() {
		p.wait()
		giveUp()
	})
	answers := w.poll(starting)
	late := !answers && errors.Is(starting.Err(), context.DeadlineExceeded)
	if answers {
		w.set(p, true)
	} else {
		kill()
	}
	process.Wait()
	w.idle()
	w.set(nil, false)
	close(p.gone)
	if late {
		return fmt.Errorf("the handler did not answer GET / at %s within %s; it has to listen on FUNCTIONS_CUSTOMHANDLER_PORT", w.address, w.startTimeout)
	}
	return p.verdict()
}

// poll asks for / until something answers over HTTP, whatever it says, or ctx
// ends. It reports whether something did.
func (w *worker) poll(ctx context.Context) bool {
	// A transport of its own, because a redirect is an answer too.
	transport := &http.Transport{DisableKeepAlives: true}
	tick := time.NewTicker(pollGap)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.address+"/", http.NoBody)
		if err != nil {
			return false
		}
		if resp, err := transport.RoundTrip(req); err == nil {
			_ = resp.Body.Close() // nothing of the answer matters but that it came
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

func (w *worker) set(p *process, ready bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.process, w.ready = p, ready
	close(w.changed)
	w.changed = make(chan struct{})
}

// pid returns the id of the process there is, or 0.
func (w *worker) pid() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.process == nil {
		return 0
	}
	return w.process.cmd.Process.Pid
}

// await returns when the handler is ready. Its error wraps errNeverReady,
// ErrStopped or the end of ctx.
func (w *worker) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 4*w.startTimeout, errNeverReady)
	defer cancel()
	for {
		w.mu.Lock()
		ready, changed := w.ready, w.changed
		w.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-changed:
		case <-w.stopped:
			return ErrStopped
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// noticeEnd waits, after a call that got no answer, until the worker has noticed
// that its process is gone, or for one look if it is not. The host has that
// time because its bus is a network away; next to a bus in this machine it
// would use up all the deliveries of a message on a process that has just died.
func (w *worker) noticeEnd(ctx context.Context) {
	w.mu.Lock()
	ready, changed := w.ready, w.changed
	w.mu.Unlock()
	if !ready {
		return
	}
	look := time.NewTimer(pollGap)
	defer look.Stop()
	select {
	case <-changed:
	case <-look.C:
	case <-ctx.Done():
	}
}

// end kills the process there is, if any, and returns when the worker has
// noticed. A disposed process is replaced without counting as a failure.
func (w *worker) end(ctx context.Context, dispose bool) error {
	w.mu.Lock()
	p := w.process
	w.mu.Unlock()
	if p == nil {
		return nil
	}
	if dispose {
		p.disposed.Store(true)
	}
	if err := p.kill(); err != nil {
		return err
	}
	select {
	case <-p.gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// The host restarts a failed handler at once, twice; the third failure stops
// the host. Failures are forgotten once one comes over half an hour after the
// one before it. (HttpFunctionInvocationDispatcher)
const (
	maxFailures   = 3
	forgivenAfter = 30 * time.Minute
)

// budget counts the handler's failures.
type budget struct {
	failures int
	latest   time.Time
}

// exhausted counts a failure at now and reports whether it was one too many.
func (b *budget) exhausted(now time.Time) bool {
	if now.Sub(b.latest) > forgivenAfter {
		b.failures = 0
	}
	b.failures++
	b.latest = now
	return b.failures >= maxFailures
}
