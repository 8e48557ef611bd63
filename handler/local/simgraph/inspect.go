package simgraph

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// TeamState is a group as it is, for tests and for showing. Members are those
// who are not owners; both lists are sorted user ids.
type TeamState struct {
	ID         string
	UniqueName string
	Name       string
	HasTeam    bool
	Archived   bool
	Owners     []string
	Members    []string
}

// Teams lists the groups that exist, with or without a team, sorted by id. It
// shows the state as it is, not as lagging reads do.
func (t *Tenant) Teams() []TeamState {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle(t.opts.Now())
	var states []TeamState
	for _, g := range t.groups {
		if g.gone != here {
			continue
		}
		state := TeamState{
			ID: g.row.ID, UniqueName: g.row.UniqueName, Name: g.row.DisplayName,
			HasTeam: g.team != nil, Archived: g.team != nil && g.team.archived,
		}
		for _, p := range g.order {
			if p.owner {
				state.Owners = append(state.Owners, p.user.row.ID)
			} else {
				state.Members = append(state.Members, p.user.row.ID)
			}
		}
		slices.Sort(state.Owners)
		slices.Sort(state.Members)
		states = append(states, state)
	}
	slices.SortFunc(states, func(a, b TeamState) int { return strings.Compare(a.ID, b.ID) })
	return states
}

// Requests counts the requests so far by operation, e.g. "GET /teams/{team}",
// the parts of batches included. Requests that name no operation count as
// "GET unknown" and the like.
func (t *Tenant) Requests() map[string]int {
	t.counts.mu.Lock()
	defer t.counts.mu.Unlock()
	return maps.Clone(t.counts.requests)
}

// Writes counts the state-changing requests that reached their operation,
// refused ones included. It is the last seq OnWrite was called with.
func (t *Tenant) Writes() int {
	t.counts.mu.Lock()
	defer t.counts.mu.Unlock()
	return t.counts.writes
}

// counter counts what came in. It is safe for concurrent use.
type counter struct {
	mu       sync.Mutex
	requests map[string]int
	writes   int
	answers  int
}

func newCounter() *counter { return &counter{requests: make(map[string]int)} }

func (c *counter) request(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[name]++
}

func (c *counter) write() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	return c.writes
}

// requestID numbers the answers in the shape of a GUID.
func (c *counter) requestID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers++
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", c.answers)
}
