package simgraph

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// Planner is the part of the service below /planner and /groups/{id}/planner.
// The tenant checks the token, counts the request, lets faults and OnWrite
// have it, and passes it on with its path and headers as they came and its
// body unpacked, also out of a $batch. No lock is held: Planner may ask the
// tenant about groups.
type Planner interface {
	http.Handler
	// Operation names what a request asks for, e.g. "POST /planner/tasks", for
	// Fault and Requests; empty if there is no such operation. The request is
	// passed on all the same.
	Operation(r *http.Request) string
}

// UnifiedGroup tells when a group was made; those of the world just so long ago
// that a team can be made of them. It does not exist if it is deleted or of
// another kind.
func (t *Tenant) UnifiedGroup(id string) (made time.Time, exists bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.groupByID[fold(id)]
	if g == nil || g.gone != here || !g.unified() {
		return time.Time{}, false
	}
	return g.born, true
}

// Belongs tells whether a user is a member or an owner of a group, as it is and
// not as lagging reads show it. Nobody deleted belongs anywhere.
func (t *Tenant) Belongs(group, user string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, u := t.groupByID[fold(group)], t.userByID[fold(user)]
	if g == nil || g.gone != here || u == nil || u.deleted {
		return false
	}
	place := g.at(u)
	return place.member || place.owner
}

// planned is the route of a request that Planner answers.
func (t *Tenant) planned(r *http.Request, path []segment) (route, bool) {
	below := path[0].text == "planner" || len(path) > 2 && path[0].text == "groups" && path[2].text == "planner"
	if t.opts.Planner == nil || !below {
		return route{}, false
	}
	name := t.opts.Planner.Operation(r)
	if name == "" {
		name = r.Method + " unknown"
	}
	return route{
		name: name, method: r.Method, handle: t.passOn, budget: budget{kind: elsewhere}, write: r.Method != http.MethodGet,
	}, true
}

// passOn lets Planner answer.
func (t *Tenant) passOn(c *call) (reply, error) {
	inner := c.request.WithContext(c.request.Context())
	inner.Body = io.NopCloser(bytes.NewReader(c.body))
	out := newCapture()
	t.opts.Planner.ServeHTTP(out, inner)
	answer := reply{status: out.status, header: make(map[string]string, len(out.header))}
	for name := range out.header {
		answer.header[name] = out.header.Get(name)
	}
	if out.body.Len() > 0 {
		answer.body = ready(out.body.Bytes())
	}
	return answer, nil
}

// ready is a body that is JSON already. It is not looked at again: listings of
// tasks are long.
type ready []byte
