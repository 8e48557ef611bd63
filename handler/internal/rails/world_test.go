package rails_test

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// noon is when everything begins.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func user(n int) org.UserID { return org.UserID{14: byte(n >> 8), 15: byte(n)} }

func store(n int) org.TeamKey {
	return org.TeamKey{Store: org.StoreNumber(fmt.Sprintf("%06d", n))}
}

func group(key org.TeamKey) org.TeamID { return org.TeamID("g-" + string(key.Store)) }

func going(key org.TeamKey, n int, leave org.Leave) plan.Change {
	return plan.Change{Team: key, Kind: plan.Remove, Group: group(key), User: user(n), Leave: leave}
}

func back(key org.TeamKey, n int) plan.Change {
	return plan.Change{Team: key, Kind: plan.AddMember, Group: group(key), User: user(n), PutBack: true}
}

// many returns removals of users from..to from a team.
func many(key org.TeamKey, from, to int, leave org.Leave) []plan.Change {
	var all []plan.Change
	for n := from; n <= to; n++ {
		all = append(all, going(key, n, leave))
	}
	return all
}

// sighted is the memory of a team whose users from..to a reading an hour before
// noon did not want.
func sighted(from, to int) rails.Memory {
	var m rails.Memory
	for n := from; n <= to; n++ {
		m.Sightings = append(m.Sightings, rails.Sighting{User: user(n), Kind: plan.Remove, ReadAt: noon.Add(-time.Hour)})
	}
	return m
}

// wide are limits that stop nobody in a test about something else.
func wide() rails.Limits {
	return rails.Limits{Removals: 1000, RemovalPercent: 100, TeamPercent: 100, SightingInterval: 15 * time.Minute, HandsDelay: time.Hour}
}

func good(at time.Time) rails.Source { return rails.Source{ReadAt: at} }

// world is one tenant's plan, and what the rails remember of it from check to
// check.
type world struct {
	state  rails.State
	limits rails.Limits
	there  map[org.UserID]bool
}

func newWorld(l rails.Limits) *world {
	w := &world{limits: l, there: map[org.UserID]bool{}}
	w.state.Present = func(_ org.TeamKey, u org.UserID) bool { return w.there[u] }
	return w
}

// check passes a plan through, keeps what the verdict says is to be kept, and
// fails the test if doing it all again would say anything else, or if a change
// got lost.
func (w *world) check(t rapid.TB, source rails.Source, now time.Time, p plan.Plan) rails.Verdict {
	t.Helper()
	v := rails.Check(p, w.state, source, w.limits, now)
	w.keep(v)
	if again := rails.Check(p, w.state, source, w.limits, now); !reflect.DeepEqual(v, again) {
		t.Fatalf("the same again is\n%+v\nand was\n%+v", again, v)
	}
	if got, want := everywhere(v.Plan), everywhere(p); p.Hold == "" && !slices.Equal(got, want) {
		t.Fatalf("the verdict has the changes\n%v\nand the plan\n%v", got, want)
	}
	return v
}

func (w *world) keep(v rails.Verdict) {
	w.state.Memory, w.state.Takings, w.state.Holds = v.Memory, v.Takings, v.Holds
}

// decide says one thing of every hold that waits.
func (w *world) decide(d rails.Decision, now time.Time) {
	w.state.Holds = slices.Clone(w.state.Holds)
	for i, h := range w.state.Holds {
		if h.Decision == rails.Waiting {
			w.state.Holds[i].Decision, w.state.Holds[i].Decided = d, now
		}
	}
}

// everywhere lists the changes of a plan, wherever they are, in order.
func everywhere(p plan.Plan) []string {
	var all []string
	for _, c := range p.Changes {
		all = append(all, name(c))
	}
	for _, halts := range [][]plan.Halt{p.Held, p.Later} {
		for _, h := range halts {
			for _, c := range h.Changes {
				all = append(all, name(c))
			}
		}
	}
	slices.Sort(all)
	return all
}

func name(c plan.Change) string {
	return fmt.Sprintf("%s %s %s %s", c.Team, c.Kind, c.Group, c.User)
}

// outcome says where the changes of a verdict went: how many passed, and how
// many each rail stopped.
func outcome(v rails.Verdict) string {
	text := fmt.Sprintf("passed %d", len(v.Plan.Changes))
	for _, halts := range []struct {
		name string
		list []plan.Halt
	}{{"held", v.Plan.Held}, {"later", v.Plan.Later}} {
		counts := map[plan.Rail]int{}
		var order []plan.Rail
		for _, h := range halts.list {
			if counts[h.Rail] == 0 {
				order = append(order, h.Rail)
			}
			counts[h.Rail] += len(h.Changes)
		}
		slices.Sort(order)
		for _, rail := range order {
			text += fmt.Sprintf(", %s %d by %s", halts.name, counts[rail], rail)
		}
	}
	return text
}

func expect(t rapid.TB, v rails.Verdict, want string) {
	t.Helper()
	if got := outcome(v); got != want {
		t.Fatalf("got %q, want %q\n%+v", got, want, v.Plan)
	}
}

func changes(c ...plan.Change) plan.Plan { return plan.Plan{Changes: c} }
