package trigger_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// pipes is a listener in memory, so that a test's clock can run ahead while
// connections wait.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func newPipes() *pipes { return &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.waiting:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// client returns a client whose connections lead to the listener.
func (p *pipes) client(t *testing.T) *http.Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		select {
		case p.waiting <- theirs:
			return ours, nil
		case <-p.closed:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// served is a server under test, and one call to it.
type served struct {
	stop    context.CancelFunc
	end     chan error  // what Serve returned
	answers chan string // what each call got: the body, or "no answer"
	pipes   *pipes
}

// serve starts a server and, if calling, one call to it. It returns when
// both wait for something.
func serve(t *testing.T, grace time.Duration, handler http.HandlerFunc, calling bool) served {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := served{stop: cancel, end: make(chan error, 1), answers: make(chan string, 1), pipes: newPipes()}
	j := &journal{}
	go func() {
		s.end <- trigger.Server{Handler: handler, Logger: j.logger(), Grace: grace}.Serve(ctx, s.pipes)
	}()
	if calling {
		client := s.pipes.client(t)
		go func() { s.answers <- get(t, client) }()
	}
	synctest.Wait()
	return s
}

func get(t *testing.T, client *http.Client) string {
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, "http://handler/", nil)
	if err != nil {
		return err.Error()
	}
	answer, err := client.Do(request)
	if err != nil {
		return "no answer"
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "no answer"
	}
	return string(body)
}

// ask sends an operator's request to the server.
func (s served) ask(t *testing.T, r request) response {
	sent, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), r.method, "http://handler"+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Error(err)
		return response{}
	}
	sent.Header.Set("Content-Type", r.contentType())
	got, err := s.pipes.client(t).Do(sent)
	if err != nil {
		t.Errorf("%s: %v", r, err)
		return response{}
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Errorf("%s: %v", r, err)
	}
	return response{got.StatusCode, got.Header, string(body)}
}

func TestServeFinishesCallsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, 0, func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(15 * time.Second):
				_, _ = io.WriteString(w, "finished")
			case <-r.Context().Done():
				_, _ = io.WriteString(w, "interrupted")
			}
		}, true)
		s.stop()
		synctest.Wait()
		if got := get(t, s.pipes.client(t)); got != "no answer" {
			t.Errorf("a stopping server still accepts: %q", got)
		}
		if err := <-s.end; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if got := <-s.answers; got != "finished" {
			t.Errorf("the call in flight got %q", got)
		}
	})
}

func TestServeInterruptsCallsAfterItsGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, time.Second, func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			_, _ = io.WriteString(w, "wrote down how far it came")
		}, true)
		s.stop()
		if err := <-s.end; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if got := <-s.answers; got != "wrote down how far it came" {
			t.Errorf("the call in flight got %q", got)
		}
	})
}

func TestServeAbandonsCallsThatHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hung := make(chan struct{})
		s := serve(t, time.Second, func(http.ResponseWriter, *http.Request) { <-hung }, true)
		s.stop()
		if err := <-s.end; !fault.Is(err, fault.Unavailable) {
			t.Errorf("Serve: %v, want a fault that says calls were lost", err)
		}
		if got := <-s.answers; got != "no answer" {
			t.Errorf("the call in flight got %q", got)
		}
		close(hung)
	})
}

func TestServeStopsAtOnceWithNothingInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, time.Hour, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }, true)
		if got := <-s.answers; got != "ok" {
			t.Fatalf("got %q", got)
		}
		began := time.Now()
		s.stop()
		if err := <-s.end; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if waited := time.Since(began); waited >= time.Hour {
			t.Errorf("an idle connection held the server up for %v", waited)
		}
	})
}

// TestServeKeepsIdleConnections: the host pools connections, and an invocation
// on one that has just been closed fails.
func TestServeKeepsIdleConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, 0, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }, false)
		ours, theirs := net.Pipe()
		s.pipes.waiting <- theirs
		for range 2 {
			if _, err := io.WriteString(ours, "GET / HTTP/1.1\r\nHost: handler\r\n\r\n"); err != nil {
				t.Fatalf("the connection was closed: %v", err)
			}
			answer := make([]byte, 1024)
			n, err := ours.Read(answer)
			if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 200") {
				t.Fatalf("got %q, %v", answer[:n], err)
			}
			<-time.After(24 * time.Hour)
		}
		_ = ours.Close()
		s.stop()
		if err := <-s.end; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

func TestServeReportsABrokenListener(t *testing.T) {
	t.Parallel()
	l, err := trigger.Listen(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	j := &journal{}
	if err := (trigger.Server{Handler: http.NotFoundHandler(), Logger: j.logger()}).Serve(t.Context(), l); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Serve: %v", err)
	}
}

func TestServeDoesNotBeginWhenToldToStopBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l, err := trigger.Listen(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	j := &journal{}
	if err := (trigger.Server{Handler: http.NotFoundHandler(), Logger: j.logger()}).Serve(ctx, l); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("the listener is still open")
	}
}

func TestListenIsOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	l, err := trigger.Listen(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	address := l.Addr().(*net.TCPAddr)
	if address.IP.String() != "127.0.0.1" {
		t.Errorf("listens on %v", address)
	}
	if _, err := trigger.Listen(t.Context(), address.Port); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a taken port: %v", err)
	}
}
