package trigger

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

const (
	// defaultGrace is below the half minute most platforms leave between SIGTERM
	// and SIGKILL.
	defaultGrace = 20 * time.Second

	// cutOff is how long calls whose context was ended may take to notice.
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

	// Grace is how long calls in flight may go on once the server is told to
	// stop. Zero means 20 seconds.
	Grace time.Duration
}

// Serve answers on the listener until ctx ends, and closes it. Then it accepts
// nothing more and lets the calls in flight finish; those that have not when
// Grace is over get their context ended and a few more seconds. It returns nil
// when every call came to its end, and a fault.Unavailable when the listener
// failed or a call had to be abandoned.
func (s Server) Serve(ctx context.Context, l net.Listener) error {
	calls, endCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer endCalls()
	server := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: headerTimeout,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	forget := context.AfterFunc(ctx, func() { stopped <- s.stop(context.WithoutCancel(ctx), server, endCalls) })
	defer forget()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fault.New(fault.Unavailable, "trigger: serve", err)
	}
	return <-stopped
}

// stop closes the listener and waits for the calls in flight, at first for
// them to finish, then for them to give up.
func (s Server) stop(ctx context.Context, server *http.Server, endCalls func()) error {
	grace := s.Grace
	if grace == 0 {
		grace = defaultGrace
	}
	if shutdown(ctx, server, grace) == nil {
		return nil
	}
	endCalls()
	if err := shutdown(ctx, server, cutOff); err != nil {
		_ = server.Close() // its connections are of no use to anybody; the first error says more
		return fault.New(fault.Unavailable, "trigger: stop", err)
	}
	return nil
}

func shutdown(ctx context.Context, server *http.Server, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return server.Shutdown(ctx)
}
