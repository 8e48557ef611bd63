package rails

import (
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// Limits are the settings of the rails.
type Limits struct {
	Removals         int           // MAX_REMOVALS in 24 h, over all teams
	RemovalPercent   int           // MAX_REMOVAL_PERCENT of all memberships in 24 h
	TeamPercent      int           // MAX_TEAM_REMOVAL_PERCENT of one team's people in 24 h
	SightingInterval time.Duration // between the two readings a removal by absence needs
	HandsDelay       time.Duration // before what was undone by hand is put back
}

// State is what the rails remember and are told.
type State struct {
	Memory  map[org.TeamKey]Memory // by team; teams without one have nothing to remember
	Takings []Taking
	Holds   Holds
	People  map[org.TeamKey]int // people now in each of our teams

	// Present reports whether somebody is in a team now, in whatever role. It is
	// asked only about people in Memory and Takings. Nil: nobody looked; then
	// who was put back and is not planned again counts as there, and whose
	// removal is done as gone.
	Present func(org.TeamKey, org.UserID) bool

	// Looked reports whether the plan speaks of a team: false for one that could
	// not be read, or that a plan of a few teams leaves out. Nil: the plan speaks
	// of all. Takings, holds and hands of other teams stay as they are. Their
	// sightings do not outlive a newer complete reading: it may have wanted the
	// person again, and nobody would know.
	Looked func(org.TeamKey) bool
}

func (s State) looked(team org.TeamKey) bool { return s.Looked == nil || s.Looked(team) }

// present asks Present; if nobody looked, the answer is otherwise.
func (s State) present(team org.TeamKey, user org.UserID, otherwise bool) bool {
	if s.Present == nil {
		return otherwise
	}
	return s.Present(team, user)
}

// Memory is what the rails remember of one team.
type Memory struct {
	Sightings []Sighting `json:"sightings,omitempty"` // by user, then kind
	Hands     []Hand     `json:"hands,omitempty"`     // by user
	Leavers   []Leaver   `json:"leavers,omitempty"`   // by user
}

// Verdict is what the rails say of a plan.
type Verdict struct {
	Plan    plan.Plan              // what may be carried out, and what not and why
	Memory  map[org.TeamKey]Memory // of every team that has one or had one: to be kept
	Takings []Taking               // to be kept before the first change is carried out
	Holds   Holds                  // to be kept; those that ended or apply no more are not among them
}

// Check passes a plan through the rails. The source says how far the reading
// behind the plan can be trusted. The same input has the same verdict, and the
// verdict's memory, takings and holds, fed back with the same plan, change
// nothing.
//
// Of a plan that is held as a whole only the leaves of people who left the
// company, or are blocked, are judged: they rest on nothing that makes a roster
// look wrong. The rest teaches nothing, as what made somebody doubt all of it is
// no evidence against anybody; it can only end sightings.
func Check(p plan.Plan, s State, source Source, l Limits, now time.Time) Verdict {
	if p.Hold != "" {
		s.Looked = func(org.TeamKey) bool { return false }
	}
	c := newCheck(p, s, source, l, now)
	c.forgetSightings()
	c.forgetHands()
	c.recount()
	c.noteLeavers(p)
	for _, change := range c.planned {
		if p.Hold == "" || change.Kind == plan.Remove && change.Leave.Gone() {
			c.judge(change)
		}
	}
	c.cap()
	holds := c.holds(p.Held)
	p.Held = slices.Concat(p.Held, c.held.list, c.refused.list)
	p.Later = slices.Concat(p.Later, c.later.list)
	return Verdict{Plan: sorted(p, c.passed), Memory: c.memory(), Takings: c.ordered(), Holds: holds}
}
