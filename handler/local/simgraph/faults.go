package simgraph

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault makes chosen requests go wrong.
type Fault struct {
	// Route is the operation it happens to, a key of Requests such as
	// "POST /teams"; empty is any, also requests that name no operation.
	Route string
	// Skip lets that many matching requests pass first.
	Skip int
	// Times is how often it happens; 0 is for ever.
	Times int
	// Do answers instead of the tenant. Next is the tenant: a fault may let it
	// work, before or instead of its own answer. Do may panic with
	// http.ErrAbortHandler to drop the connection. It runs without any lock.
	Do func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// Inject adds a fault. Of several that match a request the oldest counts.
func (t *Tenant) Inject(f Fault) {
	t.faults.mu.Lock()
	defer t.faults.mu.Unlock()
	t.faults.list = append(t.faults.list, &f)
}

// Lose performs the request and drops the answer: the client cannot tell
// whether it happened. For Fault.Do.
func Lose(_ http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(newCapture(), r)
	panic(http.ErrAbortHandler)
}

// Drop drops the connection before anything happens. For Fault.Do.
func Drop(http.ResponseWriter, *http.Request, http.Handler) {
	panic(http.ErrAbortHandler)
}

// Refuse makes a Do that answers with an error in Graph's shape, and nothing
// happens. RetryAfter is in seconds; 0 sends no such header.
func Refuse(status int, code string, retryAfter int) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		no := &refusal{status: status, code: code, message: "Injected."}
		if retryAfter > 0 {
			no.header = map[string]string{"Retry-After": strconv.Itoa(retryAfter)}
		}
		write(w, refused(no, time.Now(), "", r.Header.Get("client-request-id")))
	}
}

type faultList struct {
	mu   sync.Mutex
	list []*Fault
}

// match picks what happens to a request for this operation; nil: nothing odd.
func (l *faultList) match(name string) func(http.ResponseWriter, *http.Request, http.Handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.list {
		if f.Route != "" && f.Route != name {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times == 1 {
			l.list = slices.Delete(l.list, i, i+1)
		} else if f.Times > 1 {
			f.Times--
		}
		return f.Do
	}
	return nil
}

// capture is a response that goes nowhere but memory.
type capture struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func newCapture() *capture { return &capture{status: http.StatusOK, header: http.Header{}} }

// Header implements http.ResponseWriter.
func (c *capture) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter.
func (c *capture) WriteHeader(status int) { c.status = status }

// Write implements http.ResponseWriter.
func (c *capture) Write(data []byte) (int, error) { return c.body.Write(data) }
