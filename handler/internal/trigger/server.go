package trigger

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

const (
	// defaultGrace is below the half minute most platforms leave between SIGTERM
	// and SIGKILL.
	defaultGrace = 20 * time.Second

	// cutOff is how long calls and jobs whose context was ended may take to notice.
	cutOff = 5 * time.Second

	// headerTimeout ends connections that never say what they want. There is no
	// other limit: the host keeps connections open between calls, and a call
	// takes as long as it takes.
	headerTimeout = 30 * time.Second
)

// Listen opens the port the Functions host calls, FUNCTIONS_CUSTOMHANDLER_PORT.
// The host calls 127.0.0.1 and nobody else should. Port 0 lets the system pick.
func Listen(ctx context.Context, port int) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "trigger: listen", err)
	}
	return l, nil
}

// Server serves a handler until it is told to stop.
type Server struct {
	Handler http.Handler
	Logger  *slog.Logger // for what goes wrong below HTTP

	// Grace is how long calls in flight and operators' jobs may go on once the
	// server is told to stop. Zero means 20 seconds.
	Grace time.Duration
}

// Serve answers on the listener until ctx ends, and closes it. Then it accepts
// nothing more and lets the calls in flight finish, and the operators' calls
// that became jobs; those that have not when Grace is over get their context
// ended and a few more seconds. It returns nil when all came to their end, and a
// fault.Unavailable when the listener failed or one had to be abandoned.
func (s Server) Serve(ctx context.Context, l net.Listener) error {
	ends, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	sh := &shift{ends: ends}
	calls := context.WithValue(ends, shiftKey{}, sh)
	server := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: headerTimeout,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	forget := context.AfterFunc(ctx, func() { stopped <- s.stop(context.WithoutCancel(ctx), server, sh, end) })
	defer forget()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fault.New(fault.Unavailable, "trigger: serve", err)
	}
	return <-stopped
}

// stop closes the listener and waits for the calls in flight and what goes on
// apart from them, at first for them to finish, then for them to give up.
func (s Server) stop(ctx context.Context, server *http.Server, sh *shift, end func()) error {
	grace := s.Grace
	if grace == 0 {
		grace = defaultGrace
	}
	if shutdown(ctx, server, sh, grace) == nil {
		return nil
	}
	end()
	if err := shutdown(ctx, server, sh, cutOff); err != nil {
		_ = server.Close() // its connections are of no use to anybody; the first error says more
		return fault.New(fault.Unavailable, "trigger: stop", err)
	}
	return nil
}

func shutdown(ctx context.Context, server *http.Server, sh *shift, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return err
	}
	return sh.wait(ctx) // calls begin work, and there are none any more
}

// shift is what a server's calls have in common: when all of them have to end,
// and the work that goes on apart from them.
type shift struct {
	ends context.Context
	work sync.WaitGroup
}

type shiftKey struct{}

// shiftOf returns the shift of the server that a call came to. A call that came
// to none, as in a test without sockets, has a shift of its own without an end.
func shiftOf(ctx context.Context) *shift {
	if sh, ok := ctx.Value(shiftKey{}).(*shift); ok {
		return sh
	}
	return &shift{ends: context.WithoutCancel(ctx)}
}

// wait waits until all work has come to its end, or ctx ends.
func (sh *shift) wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		sh.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
