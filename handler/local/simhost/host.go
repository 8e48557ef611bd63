package simhost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Options say what to host.
type Options struct {
	// ScriptRoot is the staged folder, the one with host.json.
	ScriptRoot string
	// Env is the host's environment in the form of os.Environ, app settings
	// included; of a repeated name the last value counts. The handler inherits
	// it. Nil: the environment of this process.
	Env []string
	// Address is where the HTTP front listens. Empty: a free port of 127.0.0.1.
	Address string
	// Key is what callers of functions with authLevel function must give, as
	// x-functions-key or as ?code=. Empty: nobody is asked, as under Core Tools.
	Key string
	// Log takes what the host logs, one line at a time, and none after Close or
	// Wait has returned. It must not call the Host. Nil: nothing is logged.
	Log func(Line)
}

// Host is a running stand-in. Its methods may be called at the same time.
type Host struct {
	url       string
	key       string
	file      hostFile
	functions []*function // sorted by name
	routes    []*function // those with a route, the most exact first
	worker    *worker
	journal   *journal
	client    *http.Client    // for invocations
	forward   *http.Transport // for forwarded requests
	manual    chan *function  // hands RunNow's calls to run
	release   func() error    // gives up the handler's port
	cancel    context.CancelCauseFunc
	done      chan struct{}
	err       error // why the host stopped; to be read once done is closed
}

// Start reads the script root and starts the handler, the timers and the HTTP
// front. It does not wait for the handler: whatever calls a function does, for
// up to four times initializationTimeout. The host runs until Close or until
// ctx ends, or until the handler has failed three times (see [Host.Wait]).
//
// An error means that nothing was started: host.json cannot be used, the
// handler's binary is missing, the address is taken. A single function that
// cannot be indexed is no such error: it is logged, and only calling it fails.
func Start(ctx context.Context, o Options) (*Host, error) {
	h, err := newHost(o)
	if err != nil {
		return nil, fmt.Errorf("simhost: %w", err)
	}
	address := o.Address
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("simhost: %w", err)
	}
	if h.worker.address, h.release, err = reservePort(); err != nil {
		return nil, fmt.Errorf("simhost: %w", errors.Join(err, l.Close()))
	}
	h.url = "http://" + l.Addr().String()
	ctx, h.cancel = context.WithCancelCause(ctx)
	go h.run(ctx, l) // ends before done is closed, which Close waits for
	return h, nil
}

// newHost reads everything there is to read, and starts nothing.
func newHost(o Options) (*Host, error) {
	root, err := filepath.Abs(o.ScriptRoot)
	if err != nil {
		return nil, err
	}
	if o.Env == nil {
		o.Env = os.Environ()
	}
	env := newEnvironment(o.Env)
	file, err := readHostFile(root, env)
	if err != nil {
		return nil, err
	}
	h := &Host{
		key: o.Key, file: file, journal: &journal{take: o.Log},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}},
		forward: &http.Transport{
			MaxIdleConnsPerHost: 16, DisableCompression: true,
			DialContext: retrying(new(net.Dialer).DialContext),
		},
		manual: make(chan *function),
		done:   make(chan struct{}),
	}
	if h.functions, err = index(root, file, env); err != nil {
		return nil, err
	}
	for _, f := range h.functions {
		if f.route != nil {
			h.routes = append(h.routes, f)
		}
	}
	slices.SortStableFunc(h.routes, func(a, b *function) int { return a.route.compare(b.route) })
	h.worker = &worker{
		executable: file.executable, root: root, env: o.Env, startTimeout: file.startTimeout,
		journal: h.journal, stopped: make(chan struct{}), changed: make(chan struct{}),
		idle: func() { h.client.CloseIdleConnections(); h.forward.CloseIdleConnections() },
	}
	return h, nil
}

// run is the host's life. It returns when everything it started has ended.
func (h *Host) run(ctx context.Context, l net.Listener) {
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return h.serve(inner, l) })
	runnable := false
	for _, f := range h.functions {
		if f.fault != nil {
			h.journal.write(Line{Level: slog.LevelError, Source: FromHost, Function: f.name, Text: f.fault.Error()})
			continue
		}
		runnable = true
		if f.timer != nil {
			group.Go(func() error {
				f.timer.run(inner, func(ctx context.Context) { h.fire(ctx, f) })
				return nil
			})
		}
		if f.queue != nil {
			group.Go(func() error {
				(&listener{host: h, function: f}).run(inner)
				return nil
			})
		}
	}
	if runnable { // the host starts no process for nothing
		group.Go(func() error { return h.worker.run(inner) })
	}
	group.Go(func() error { return h.runManual(inner, group) })
	h.err = errors.Join(group.Wait(), h.release())
	if cause := context.Cause(ctx); h.err == nil && errors.Is(cause, ErrStopped) {
		h.err = cause
	}
	h.journal.close()
	close(h.done)
}

// runManual starts what RunNow asks for. The host sets no limit to calls at
// the same time, so neither does this.
func (h *Host) runManual(ctx context.Context, group *errgroup.Group) error {
	for {
		select {
		case f := <-h.manual:
			group.Go(func() error {
				h.fire(ctx, f)
				return nil
			})
		case <-ctx.Done():
			return nil
		}
	}
}

// fire is a run nobody waits for: dispatch has logged what came of it, and the
// schedule goes on whatever that was.
func (h *Host) fire(ctx context.Context, f *function) {
	_, _ = h.dispatch(ctx, f, value{data: f.timer.info()})
}

// invocable finds a function that can be invoked other than over HTTP.
func (h *Host) invocable(name string) (*function, error) {
	for _, f := range h.functions {
		switch {
		case f.name != name:
			continue
		case f.fault != nil:
			return nil, fmt.Errorf("%w: %w", ErrNoFunction, f.fault)
		case f.queue != nil:
			return nil, fmt.Errorf("%w: send a message to the queue of %s", ErrNoFunction, name)
		case f.timer == nil:
			return nil, fmt.Errorf("%w: call %s over HTTP", ErrNoFunction, name)
		}
		return f, nil
	}
	return nil, fmt.Errorf("%w: there is no function %q", ErrNoFunction, name)
}

// Invoke runs a timer function as the admin API would, beside any scheduled
// run, and returns when it is over. A failed invocation's error wraps one of
// the package's errors, or the end of ctx. Ending ctx closes the connection,
// which the handler may notice; the real host never tells it anything.
func (h *Host) Invoke(ctx context.Context, name string) (Result, error) {
	f, err := h.invocable(name)
	if err != nil {
		return Result{}, fmt.Errorf("simhost: %w", err)
	}
	return h.dispatch(ctx, f, value{data: f.timer.info()})
}

// RunNow starts a run of a timer function, as POST /admin/functions/<name>
// does, and returns at once. What comes of it is logged. Its error wraps
// ErrNoFunction or ErrStopped.
func (h *Host) RunNow(name string) error {
	f, err := h.invocable(name)
	if err != nil {
		return fmt.Errorf("simhost: %w", err)
	}
	select {
	case h.manual <- f:
		return nil
	case <-h.done:
		return fmt.Errorf("simhost: run %s: %w", name, ErrStopped)
	}
}

// URL is the address of the HTTP front, without a slash at the end.
func (h *Host) URL() string { return h.url }

// PID returns the id of the handler's process, 0 while none is running. It is
// for those who measure the process; by the time they look it may have ended.
func (h *Host) PID() int { return h.worker.pid() }

// Kill ends the handler's process on the spot, as a crash would, and returns
// when the host has noticed. The host starts it again and counts the failure:
// the third within half an hour of each other stops the host, so a test that
// kills more often starts a new Host, as the platform would. While no process
// is running there is nothing to kill, which is fine.
func (h *Host) Kill(ctx context.Context) error {
	if err := h.worker.end(ctx, false); err != nil {
		return fmt.Errorf("simhost: %w", err)
	}
	return nil
}

// Wait returns when the host has stopped. Its error is nil after Close or the
// end of Start's context, wraps ErrStopped when the host gave up, and is the
// HTTP front's error when that failed. If ctx ends first, it is ctx's.
func (h *Host) Wait(ctx context.Context) error {
	select {
	case <-h.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if h.err != nil {
		return fmt.Errorf("simhost: %w", h.err)
	}
	return nil
}

// Close kills the handler and stops everything, and returns when that is done.
// Calling it again is fine.
func (h *Host) Close() {
	h.cancel(nil)
	<-h.done
}
