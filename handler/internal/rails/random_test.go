package rails_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// seat is somebody's place in a team.
type seat struct {
	team org.TeamKey
	n    int
}

// try is somebody's being taken out on one basis.
type try struct {
	seat
	on basis
}

// basis is the test's own word for stated or absent.
type basis bool

const (
	absent basis = false
	stated basis = true
)

// episode is one taking from its first passing until it happened or was no
// longer planned. It is told apart by what passed, not by what the rails keep.
type episode struct {
	try
	allowed bool
	last    time.Time // when it last passed
}

// chaos plays the tenant and Commerce: people come, stop being mentioned, are
// mentioned again, are taken out or not, and the program is killed at random.
type chaos struct {
	*world
	teams    int
	seats    map[seat]bool      // who is in a team
	leaving  map[seat]org.Leave // whom Commerce does not want
	running  map[try]*episode   // tried, and not known to have happened
	episodes []*episode
	readings []reading
	now      time.Time
	read     time.Time
}

// reading is one good look at Commerce, and whom it did not want.
type reading struct {
	at      time.Time
	planned map[seat]bool
}

func newChaos(t *rapid.T) *chaos {
	limits := drawLimits(t)
	c := &chaos{world: newWorld(limits), teams: rapid.IntRange(1, 3).Draw(t, "teams"), now: noon, read: noon,
		seats: map[seat]bool{}, leaving: map[seat]org.Leave{}, running: map[try]*episode{}}
	for n := 1; n <= c.teams; n++ {
		for i := range rapid.IntRange(0, 12).Draw(t, "people") {
			c.seats[seat{store(n), i}] = true
		}
	}
	c.state.Present = func(key org.TeamKey, u org.UserID) bool { return c.seats[seat{key, int(u[15])}] }
	return c
}

// each calls f for every seat that there could be, in order.
func (c *chaos) each(f func(seat)) {
	for n := 1; n <= c.teams; n++ {
		for i := range 12 {
			f(seat{store(n), i})
		}
	}
}

// live lets time pass.
func (c *chaos) live(t *rapid.T) {
	c.now = c.now.Add(time.Duration(rapid.SampledFrom([]int{5, 15, 60, 240, 720}).Draw(t, "minutes")) * time.Minute)
	if rapid.IntRange(0, 2).Draw(t, "new reading") > 0 {
		c.read = c.now
	}
	for range rapid.IntRange(0, 12).Draw(t, "events") {
		s := seat{store(rapid.IntRange(1, c.teams).Draw(t, "team")), rapid.IntRange(0, 11).Draw(t, "who")}
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			delete(c.leaving, s)
		case 1:
			c.seats[s] = true
		case 2, 3:
			c.leaving[s] = rapid.SampledFrom([]org.Leave{org.LeftStore, org.LeftCompany}).Draw(t, "stated")
		default:
			c.leaving[s] = rapid.SampledFrom([]org.Leave{org.Absent, org.Replaced}).Draw(t, "absent")
		}
	}
}

// plan is what Commerce wants of those who are there.
func (c *chaos) plan() (plan.Plan, map[seat]bool) {
	var p plan.Plan
	planned := map[seat]bool{}
	c.state.People = map[org.TeamKey]int{}
	c.each(func(s seat) {
		leave, unwanted := c.leaving[s]
		if !c.seats[s] {
			return
		}
		c.state.People[s.team]++
		if unwanted {
			p.Changes = append(p.Changes, going(s.team, s.n, leave))
			planned[s] = true
		}
	})
	return p, planned
}

// step makes one run, and looks at what it let pass.
func (c *chaos) step(t *rapid.T, decisions bool) {
	p, planned := c.plan()
	source := good(c.read)
	if rapid.IntRange(0, 4).Draw(t, "short") == 0 {
		source.Short = "Workers is empty"
	} else {
		c.readings = append(c.readings, reading{c.read, planned})
	}
	for of := range c.running {
		if !planned[of.seat] {
			delete(c.running, of)
		}
	}
	allowed := map[string]bool{}
	for _, h := range c.state.Holds {
		for _, change := range h.Changes {
			allowed[name(change)] = allowed[name(change)] || h.Decision == rails.Allowed && c.now.Before(h.Expires)
		}
	}
	v := c.check(t, source, c.now, p)
	fresh := map[basis]map[org.TeamKey]bool{absent: {}, stated: {}}
	for _, change := range v.Plan.Changes {
		of := try{seat{change.Team, int(change.User[15])}, basis(change.Leave.Stated())}
		if of.on == absent {
			c.sighted(t, of.seat, source)
		}
		c.pass(of, allowed[name(change)], fresh)
	}
	c.capped(t, fresh)
	c.carryOut(t, v.Plan.Changes)
	if decisions {
		c.decide(rapid.SampledFrom([]rails.Decision{rails.Waiting, rails.Allowed, rails.Refused}).Draw(t, "decision"), c.now)
	}
}

// pass counts what passed: a new episode, or one that goes on.
func (c *chaos) pass(of try, allowed bool, fresh map[basis]map[org.TeamKey]bool) {
	e := c.running[of]
	if e == nil || !e.last.After(c.now.Add(-day)) {
		e = &episode{try: of, allowed: allowed}
		c.running[of] = e
		c.episodes = append(c.episodes, e)
		if !allowed {
			fresh[of.on][of.team] = true
		}
	}
	e.last = c.now
}

// sighted fails the test unless two good readings, the interval apart, did not
// want the person, and none between them did.
func (c *chaos) sighted(t *rapid.T, s seat, source rails.Source) {
	t.Helper()
	if source.Short != "" {
		t.Fatalf("a short reading took out %v", s)
	}
	for i := len(c.readings) - 1; i >= 0 && c.readings[i].planned[s]; i-- {
		first := c.readings[i].at
		if source.ReadAt.After(first) && source.ReadAt.Sub(first) >= c.limits.SightingInterval {
			return
		}
	}
	t.Fatalf("%v passed on the reading of %s alone; the good ones were %+v", s, source.ReadAt, c.readings)
}

// capped fails the test if, where somebody new passed, more passed within 24
// hours than the settings let.
func (c *chaos) capped(t *rapid.T, fresh map[basis]map[org.TeamKey]bool) {
	t.Helper()
	people, inAll := map[org.TeamKey]int{}, 0
	count := map[string]int{}
	left := map[seat]bool{}
	for _, e := range c.episodes {
		if !e.last.After(c.now.Add(-day)) {
			continue
		}
		left[e.seat] = !c.seats[e.seat]
		if !e.allowed {
			count[fmt.Sprint(e.on, e.team)]++
			count[fmt.Sprint(e.on)]++
		}
	}
	c.each(func(s seat) {
		if c.seats[s] || left[s] {
			people[s.team]++
			inAll++
		}
	})
	for on, teams := range fresh {
		times := 1
		if on == stated {
			times = 5
		}
		for team := range teams {
			limit := times * max(1, people[team]*c.limits.TeamPercent/100)
			if got := count[fmt.Sprint(on, team)]; people[team] >= 5 && got > limit {
				t.Fatalf("%d of %d people of %s went, %d may", got, people[team], team, limit)
			}
		}
		limit := times * min(c.limits.Removals, max(1, inAll*c.limits.RemovalPercent/100))
		if got := count[fmt.Sprint(on)]; len(teams) > 0 && got > limit {
			t.Fatalf("%d of %d people went, %d may", got, inAll, limit)
		}
	}
}

// carryOut does what passed, unless the program is killed before, between or
// before it says that it did.
func (c *chaos) carryOut(t *rapid.T, passed []plan.Change) {
	happened := map[seat]bool{}
	for _, change := range passed {
		if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
			continue
		}
		s := seat{change.Team, int(change.User[15])}
		happened[s] = true
		delete(c.seats, s)
	}
	if rapid.Bool().Draw(t, "killed") {
		return
	}
	c.state.Takings = settle(c.state.Takings, func(taking rails.Taking) bool {
		return happened[seat{taking.Team, int(taking.User[15])}]
	})
	for s := range happened {
		delete(c.running, try{s, absent})
		delete(c.running, try{s, stated})
	}
}

func TestNeverMoreThanTheCapsLet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChaos(t)
		for range rapid.IntRange(1, 25).Draw(t, "runs") {
			c.live(t)
			c.step(t, false)
		}
	})
}

func TestNeverMoreThanTheCapsLetButWhatIsAllowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChaos(t)
		for range rapid.IntRange(1, 25).Draw(t, "runs") {
			c.live(t)
			c.step(t, true)
		}
	})
}
