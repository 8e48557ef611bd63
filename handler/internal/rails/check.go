package rails

import (
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// check is one passage of a plan through the rails.
type check struct {
	state  State
	source Source
	limits Limits
	now    time.Time

	planned  []plan.Change     // in the plan's order
	known    map[identity]bool // of what holds name: whether it is still planned
	deeds    map[deed]bool
	putBacks map[person]bool
	decided  map[identity]*Hold // what a person decided, and still stands

	sightings map[deed]Sighting
	hands     map[person]Hand
	leavers   map[person]Leaver
	takings   []Taking

	passed               []plan.Change
	going                []plan.Change // takings that only the caps can stop now
	held, refused, later halts
}

// person is somebody in a team.
type person struct {
	team org.TeamKey
	user org.UserID
}

// deed is what a sighting, or a taking, is about.
type deed struct {
	team org.TeamKey
	user org.UserID
	kind plan.Kind
}

// identity is what makes two changes the same to a decision.
type identity struct {
	team  org.TeamKey
	kind  plan.Kind
	group org.TeamID
	user  org.UserID
}

func personOf(c plan.Change) person { return person{c.Team, c.User} }
func deedOf(c plan.Change) deed     { return deed{c.Team, c.User, c.Kind} }
func identityOf(c plan.Change) identity {
	return identity{c.Team, c.Kind, c.Group, c.User}
}

func newCheck(p plan.Plan, s State, source Source, l Limits, now time.Time) *check {
	c := &check{
		state: s, source: source, limits: l, now: now,
		planned: p.Changes, passed: make([]plan.Change, 0, len(p.Changes)), known: map[identity]bool{},
		deeds: map[deed]bool{}, putBacks: map[person]bool{},
		sightings: map[deed]Sighting{}, hands: map[person]Hand{}, leavers: map[person]Leaver{},
		decided: s.Holds.decided(now),
	}
	if !slices.IsSortedFunc(c.planned, plan.Compare) {
		c.planned = slices.Clone(c.planned) // the caller's stay as they are; a chain's first million are not copied for nothing
		slices.SortFunc(c.planned, plan.Compare)
	}
	for _, hold := range s.Holds {
		for _, change := range hold.Changes {
			c.known[identityOf(change)], c.known[lasting(change)] = false, false
		}
	}
	for _, change := range c.planned {
		c.know(lasting(change))
		if change.Kind.Taking() {
			c.deeds[deedOf(change)] = true
		}
		if change.PutBack {
			c.putBacks[personOf(change)] = true
		}
	}
	for _, halt := range p.Held {
		for _, change := range halt.Changes {
			c.know(identityOf(change))
		}
	}
	c.recall()
	return c
}

// know notes that something is still planned, if a hold is about it.
func (c *check) know(of identity) {
	if _, named := c.known[of]; named {
		c.known[of] = true
	}
}

// judge says where a change goes, but for the caps.
func (c *check) judge(change plan.Change) {
	switch {
	case change.Kind.Taking():
		c.leave(change)
	case c.refuse(change):
	case change.PutBack:
		c.putBack(change)
	default:
		c.passed = append(c.passed, change)
	}
}

// leave judges a removal or demotion. Sightings are kept of refused ones too:
// a refusal ends, and what two readings said before is true all the same. Who is
// blocked was named by a person after any hold, so no older refusal keeps them.
func (c *check) leave(change plan.Change) {
	rail, why := c.sight(change)
	switch {
	case change.Leave == org.Blocked:
		c.going = append(c.going, change)
	case c.refuse(change):
	case why != "":
		c.later.add(rail, why, change)
	default:
		c.going = append(c.going, change)
	}
}

// sorted returns the plan with these changes, in order. The slices it came with
// are the caller's and stay as they are.
func sorted(p plan.Plan, changes []plan.Change) plan.Plan {
	p.Changes = changes
	p.Held, p.Later, p.Skipped = slices.Clone(p.Held), slices.Clone(p.Later), slices.Clone(p.Skipped)
	p.Sort()
	return p
}

// halts gathers what is stopped: one halt for each team, rail and sentence.
type halts struct {
	list []plan.Halt
	at   map[cause]int
}

type cause struct {
	team org.TeamKey
	rail plan.Rail
	why  string
}

func (h *halts) add(rail plan.Rail, why string, change plan.Change) {
	if h.at == nil {
		h.at = map[cause]int{}
	}
	by := cause{change.Team, rail, why}
	i, there := h.at[by]
	if !there {
		i = len(h.list)
		h.at[by] = i
		h.list = append(h.list, plan.Halt{Team: change.Team, Rail: rail, Why: why})
	}
	h.list[i].Changes = append(h.list[i].Changes, change)
}

// alone adds a halt of its own for the change: a decision on it, and how long it
// waits, depend on nobody else's.
func (h *halts) alone(rail plan.Rail, why string, change plan.Change) {
	h.list = append(h.list, plan.Halt{Team: change.Team, Rail: rail, Why: why, Changes: []plan.Change{change}})
}

// moment writes a time for people.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
