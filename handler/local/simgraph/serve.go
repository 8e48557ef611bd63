package simgraph

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// bodyLimit is the most bytes a request body may have, unpacked.
const bodyLimit = 4 << 20

// contentType is what the service says its JSON is.
const contentType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// ServeHTTP answers one request. Injected faults come first, then the token,
// the limits, the operation itself.
func (t *Tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if t.opts.DateAhead != 0 {
		w.Header().Set("Date", t.opts.Now().Add(t.opts.DateAhead).UTC().Format(http.TimeFormat))
	}
	body, bodyErr := readBody(r)
	r = r.WithContext(r.Context()) // a shallow copy: the caller's request keeps its body
	r.Body = io.NopCloser(bytes.NewReader(body))
	watched := &statusWriter{ResponseWriter: w}
	if t.opts.Record != nil {
		defer func() {
			t.opts.Record(Exchange{Method: r.Method, URL: r.URL.RequestURI(), Body: body, Status: watched.status})
		}()
	}
	found, args, routeErr := t.find(r)
	name := found.name
	if routeErr != nil {
		name = r.Method + " unknown"
	}
	t.counts.request(name)
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.answer(w, r, found, args, cmp.Or(routeErr, bodyErr))
	})
	if do := t.faults.match(name); do != nil {
		do(watched, r, next)
		return
	}
	next.ServeHTTP(watched, r)
}

// answer performs the request and writes what came of it.
func (t *Tenant) answer(w http.ResponseWriter, r *http.Request, to route, args []string, wrong error) {
	id := t.counts.requestID()
	client := r.Header.Get("client-request-id")
	c, err := t.newCall(r, args)
	var answer reply
	if err == nil {
		answer, err = t.perform(c, to, wrong)
	}
	if err != nil {
		answer = refused(err, t.opts.Now(), id, client)
	}
	header := w.Header()
	header.Set("request-id", id)
	if client != "" {
		header.Set("client-request-id", client)
	}
	if to.budget.kind == directory {
		header.Set("x-ms-resource-unit", fmt.Sprint(to.budget.cost(r)))
	}
	write(w, answer)
}

func (t *Tenant) newCall(r *http.Request, args []string) (*call, error) {
	base := t.opts.BaseURL
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil {
			base = "https://" + r.Host
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, badDirectory("The body could not be read.")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badDirectory("The query string is not well-formed.")
	}
	return &call{
		request: r, body: body, now: t.opts.Now(), args: args, query: query,
		root: t.opts.Root, base: base + t.opts.Root,
	}, nil
}

// perform checks what comes before every operation, then runs it. Wrong is
// what was found out about the request already; the token is checked first.
func (t *Tenant) perform(c *call, to route, wrong error) (reply, error) {
	if err := authorize(c.request); err != nil {
		return reply{}, err
	}
	if wrong != nil {
		return reply{}, wrong
	}
	if to.budget.kind == free {
		return to.handle(c)
	}
	if t.opts.Throttle && to.budget.kind != elsewhere {
		if err := t.limits.admit(c, to); err != nil {
			return reply{}, err
		}
	}
	if !to.write {
		return t.locked(c, to)
	}
	seq := t.counts.write()
	t.hook(seq, Before, c.request)
	answer, err := t.locked(c, to)
	t.tell(c)
	t.hook(seq, After, c.request)
	return answer, err
}

func (t *Tenant) hook(seq int, phase Phase, r *http.Request) {
	if t.opts.OnWrite != nil {
		t.opts.OnWrite(seq, phase, r)
	}
}

// locked runs an operation under the lock, unless its state is another's.
func (t *Tenant) locked(c *call, to route) (reply, error) {
	if to.budget.kind == elsewhere {
		return to.handle(c)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle(c.now)
	return to.handle(c)
}

// authorize asks for a bearer token, any.
func authorize(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return &refusal{
			status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: "Access token is empty.",
			header: map[string]string{"WWW-Authenticate": `Bearer realm=""`},
		}
	}
	return nil
}

// readBody reads a body whole and unpacks it.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	var from io.Reader = r.Body
	switch encoding := r.Header.Get("Content-Encoding"); {
	case strings.EqualFold(encoding, "gzip"):
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, badDirectory("The body is not gzip, though Content-Encoding says so.")
		}
		from = unpacked
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return nil, refuse(http.StatusUnsupportedMediaType, directoryBad, "The content encoding '%s' is not supported.", encoding)
	}
	body, err := io.ReadAll(io.LimitReader(from, bodyLimit+1))
	switch {
	case err != nil:
		return nil, badDirectory("The body could not be read.")
	case len(body) > bodyLimit:
		return nil, refuse(http.StatusRequestEntityTooLarge, directoryBad, "The request entity is too large.")
	}
	return body, nil
}

// write sends an answer.
func write(w http.ResponseWriter, answer reply) {
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	if answer.body == nil {
		w.WriteHeader(answer.status)
		return
	}
	if body, is := answer.body.(ready); is {
		w.WriteHeader(answer.status)
		_, _ = w.Write(body)
		return
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false) // links keep their ampersands
	if err := encoder.Encode(answer.body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(answer.status)
	// A client that went away needs no answer.
	_, _ = w.Write(buffer.Bytes())
}

// statusWriter remembers the status for Record.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}

// stamp writes a time as the service does.
func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }
