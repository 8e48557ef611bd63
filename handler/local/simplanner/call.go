package simplanner

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// contentType is what the service says its JSON is.
const contentType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// call is one routed request on its way through a handler.
type call struct {
	request *http.Request
	id      string // of the request, as answers show it
	now     time.Time
	horizon time.Time // what reads show is as old as this
	who     Identity
	args    []string // what the path's parameters matched, in order
	query   url.Values
	host    string // this service's own URL, without root
	base    string // with root
	body    []byte
}

// reply is an answer before it is written. A nil body sends none.
type reply struct {
	status int
	header map[string]string
	body   any
}

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.newCall(r)
	answer, err := s.perform(c)
	if err != nil {
		answer = c.refused(err)
	}
	w.Header().Set("request-id", c.id)
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	if answer.body == nil {
		w.WriteHeader(answer.status)
		return
	}
	body, err := json.Marshal(answer.body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(answer.status)
	// A client that went away needs no answer.
	_, _ = w.Write(body)
}

func (s *Service) newCall(r *http.Request) *call {
	s.mu.Lock()
	s.answers++
	id := fmt.Sprintf("00000000-0000-4000-9000-%012x", s.answers)
	s.mu.Unlock()
	host := s.opts.BaseURL
	if host == "" {
		host = "http://" + r.Host
		if r.TLS != nil {
			host = "https://" + r.Host
		}
	}
	now := s.opts.Now()
	return &call{
		request: r, id: id, now: now, horizon: now.Add(-s.opts.ReadLag), host: host, base: host + s.opts.Root,
	}
}

// perform checks what comes before every operation, then runs it.
func (s *Service) perform(c *call) (reply, error) {
	var err error
	if c.who, err = s.caller(c.request); err != nil {
		return reply{}, err
	}
	to, args, err := s.find(c.request)
	if err != nil {
		return reply{}, err
	}
	c.args = args
	if c.query, err = url.ParseQuery(c.request.URL.RawQuery); err != nil {
		return reply{}, invalid("the query string is not well-formed.")
	}
	if to.method != http.MethodGet {
		if err := c.only(); err != nil {
			return reply{}, err
		}
	}
	if c.body, err = readBody(c.request); err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// Now, and not when the request came: somebody may have written since, and
	// what began later than this is not there for it.
	c.now = s.opts.Now()
	c.horizon = c.now.Add(-s.opts.ReadLag)
	return to.handle(c)
}

// caller is who a request acts as: "Bearer user:<object id>" is that user in
// Planner's own app, any other token is the app of the options.
func (s *Service) caller(r *http.Request) (Identity, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	user, named := strings.CutPrefix(token, "user:")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || named && user == "" {
		return Identity{}, &refusal{
			status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: "Access token is empty.",
		}
	}
	if named {
		return Identity{User: user, Application: plannerApp}, nil
	}
	return Identity{Application: s.opts.AppID}, nil
}

// only refuses query options other than these.
func (c *call) only(options ...string) error {
	for name := range c.query {
		if !slices.Contains(options, name) {
			return invalid("the query option '%s' is not supported here.", name)
		}
	}
	return nil
}

// look is the state of a resource that the request is to see: GET sees the one
// of some time ago, a write the true one.
func look[T any](c *call, r *record[T]) state[T] {
	if c.request.Method == http.MethodGet {
		return r.at(c.horizon)
	}
	return r.now
}
