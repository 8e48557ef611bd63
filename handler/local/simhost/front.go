package simhost

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"
)

// serve answers HTTP until ctx ends. Calls that run then are cut off, as the
// host's are when it is disposed.
func (h *Host) serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           h.front(),
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          h.journal.logger(),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// front tells the host's own addresses from the functions'.
func (h *Host) front() http.Handler {
	admin := http.NewServeMux()
	admin.HandleFunc("GET /admin/host/status", h.serveStatus)
	admin.HandleFunc("POST /admin/functions/{name}", h.serveRunNow)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Not through a mux for everything: one would tidy paths by redirects,
		// and the handler has to see them as they were sent.
		if strings.HasPrefix(r.URL.Path, "/admin/") {
			admin.ServeHTTP(w, r)
			return
		}
		h.serveFunction(w, r)
	})
}

// serveStatus tells how the host is. The errors are those of functions that
// could not be indexed.
func (h *Host) serveStatus(w http.ResponseWriter, _ *http.Request) {
	status := struct {
		State   string   `json:"state"`
		Version string   `json:"version"`
		Errors  []string `json:"errors,omitempty"`
	}{State: "Running", Version: hostVersion}
	for _, f := range h.functions {
		if f.fault != nil {
			status.Errors = append(status.Errors, f.fault.Error())
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	// An error here means that the caller has gone.
	_ = json.NewEncoder(w).Encode(status)
}

// serveRunNow runs a function in the background. The host wants a JSON object
// as the body; of a timer it ignores what is in it.
func (h *Host) serveRunNow(w http.ResponseWriter, r *http.Request) {
	var input struct {
		Input string `json:"input"`
	}
	if err := json.NewDecoder(r.Body).Decode(&input); err != nil {
		http.Error(w, `the body must be JSON, e.g. {"input":""}`, http.StatusBadRequest)
		return
	}
	switch err := h.RunNow(r.PathValue("name")); {
	case errors.Is(err, ErrNoFunction):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

// serveFunction forwards a request to the HTTP function whose route it matches.
func (h *Host) serveFunction(w http.ResponseWriter, r *http.Request) {
	f := h.match(r)
	if f == nil {
		http.NotFound(w, r)
		return
	}
	if !f.route.admits(r, h.key) {
		http.Error(w, "the function key is missing or wrong", http.StatusUnauthorized)
		return
	}
	if err := h.ready(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	line := Line{
		Level: slog.LevelInfo, Source: FromHost, Function: f.name, Invocation: newID(),
		Text: "the request was forwarded", // whatever its status: a 500 passes through
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { rewrite(p, h.worker.address, line.Invocation) },
		Transport:     h.forward,
		FlushInterval: -1, // streams, as the host's proxy does
		ErrorLog:      h.journal.logger(),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			line.Level, line.Text = slog.LevelError, "forward the request: "+err.Error()
			if r.Context().Err() != nil {
				line.Level = slog.LevelInfo // the caller left, which the host does not mind
			}
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	proxy.ServeHTTP(w, r)
	h.journal.write(line)
}

// match finds the function for a request. Routes are in the order in which
// they have to be tried.
func (h *Host) match(r *http.Request) *function {
	for _, f := range h.routes {
		if f.route.matches(r.Method, r.URL) {
			return f
		}
	}
	return nil
}

// rewrite makes the request that the handler gets: the caller's, path, query
// and Host included, but for the hop-by-hop headers and the host's own three.
func rewrite(p *httputil.ProxyRequest, address, id string) {
	p.Out.URL.Scheme, p.Out.URL.Host = "http", address
	// ReverseProxy takes these for its own to decide; the host passes them on.
	p.Out.URL.RawQuery = p.In.URL.RawQuery
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, sent := p.In.Header[name]; sent {
			p.Out.Header[name] = values
		}
	}
	p.Out.Header.Set(versionHeader, hostVersion)
	p.Out.Header.Set(invocationHeader, id)
	p.Out.Header.Set("x-ms-invocation-id", id)
}

// dialFunc connects to an address, as http.Transport wants it.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// retrying connects by dial, again when the handler is just being replaced:
// ten tries, the pauses doubling from 50 to 250 ms (RetryProxyHandler). Only
// forwarded requests are given this; an invocation fails at the first refusal.
func retrying(dial dialFunc) dialFunc {
	const tries, longest = 10, 250 * time.Millisecond
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		pause := 50 * time.Millisecond
		for try := 1; ; try++ {
			conn, err := dial(ctx, network, address)
			if err == nil || try == tries {
				return conn, err
			}
			wake := time.NewTimer(pause)
			select {
			case <-ctx.Done():
				wake.Stop()
				return nil, err
			case <-wake.C:
			}
			pause = min(2*pause, longest)
		}
	}
}
