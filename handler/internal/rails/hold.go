package rails

import (
	"cmp"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/plan"
)

// Decision is what a person said of a hold.
type Decision string

// The decisions.
const (
	Waiting Decision = "waiting"
	Allowed Decision = "allowed"
	Refused Decision = "refused"
)

// holdLife is how long a hold, and a decision on it, is good for.
const holdLife = 7 * 24 * time.Hour

// Hold is what a rail stopped in one team, waiting for a person. A decision
// covers exactly the changes listed: what comes later is asked about anew.
type Hold struct {
	plan.Halt
	Hash     string    `json:"hash"` // of the halt; what a decision names
	Since    time.Time `json:"since"`
	Expires  time.Time `json:"expires"` // then a decision is forgotten, and what still applies is asked anew
	Decision Decision  `json:"decision"`
	Decided  time.Time `json:"decided,omitzero"`
}

// stands reports whether the hold has not expired.
func (h Hold) stands(now time.Time) bool { return now.Before(h.Expires) }

// Holds are the holds of all teams, by hash.
type Holds []Hold

// Allowed returns what tells whether a person allowed each of a halt's changes,
// by that rail, and the decision still stands. A refusal that covers one of them
// weighs more. A halt without changes has nothing to allow.
func (h Holds) Allowed(now time.Time) func(plan.Halt) bool {
	byRail := map[plan.Rail]Holds{}
	for _, hold := range h {
		byRail[hold.Rail] = append(byRail[hold.Rail], hold)
	}
	decided := map[plan.Rail]map[identity]*Hold{}
	for rail, holds := range byRail {
		decided[rail] = holds.decided(now)
	}
	return func(halt plan.Halt) bool {
		for _, change := range halt.Changes {
			if hold := decided[halt.Rail][identityOf(change)]; hold == nil || hold.Decision != Allowed {
				return false
			}
		}
		return len(halt.Changes) > 0
	}
}

// decided finds the decision that stands for a change. Where two cover it, the
// refusal does.
func (h Holds) decided(now time.Time) map[identity]*Hold {
	decided := map[identity]*Hold{}
	for i, hold := range h {
		if hold.Decision != Allowed && hold.Decision != Refused || !hold.stands(now) {
			continue
		}
		for _, change := range hold.Changes {
			of := identityOf(change)
			if other := decided[of]; other == nil || other.Decision != Refused {
				decided[of] = &h[i]
			}
		}
	}
	return decided
}

// allowed reports whether a person allowed the change.
func (c *check) allowed(change plan.Change) bool {
	hold := c.decided[identityOf(change)]
	return hold != nil && hold.Decision == Allowed
}

// refuse stops the change if a person refused it, for the reason it was first
// held for. Who refused to let somebody go for want of a row has not said that
// they may stay once a row states that they left.
func (c *check) refuse(change plan.Change) bool {
	hold := c.decided[identityOf(change)]
	if hold == nil || hold.Decision != Refused || change.Leave.Stated() && !hold.statedOf(change) {
		return false
	}
	c.refused.add(hold.Rail, hold.Why, change)
	return true
}

// statedOf reports whether the hold has the change as a stated leave.
func (h Hold) statedOf(change plan.Change) bool {
	return slices.ContainsFunc(h.Changes, func(c plan.Change) bool {
		return identityOf(c) == identityOf(change) && c.Leave.Stated()
	})
}

// lasting is the identity by which a decision is kept while its change is
// planned. A new team in the place of one that is gone is planned without the
// group the hold names, and with its first owner.
func lasting(change plan.Change) identity {
	if change.Kind == plan.CreateTeam {
		return identity{team: change.Team, kind: change.Kind}
	}
	return identityOf(change)
}

// holds are the holds after this check: of what the plan came with and what the
// rails stopped, and the decisions on what is still planned.
func (c *check) holds(came []plan.Halt) Holds {
	standing := map[string]Hold{}
	for _, hold := range c.state.Holds {
		if hold.stands(c.now) {
			standing[hold.Hash] = hold
		}
	}
	kept := map[string]Hold{}
	for _, halt := range slices.Concat(came, c.held.list) {
		if len(halt.Changes) == 0 {
			continue
		}
		hash := halt.Hash()
		hold, there := standing[hash]
		if !there {
			hold = Hold{Hash: hash, Since: c.now, Expires: c.now.Add(holdLife), Decision: Waiting}
		}
		if hold.Decision == Waiting {
			hold.Halt = halt
		}
		kept[hash] = hold
	}
	for hash, hold := range standing {
		if c.lasts(hold) {
			if _, there := kept[hash]; !there {
				kept[hash] = c.pruned(hold)
			}
		}
	}
	var all Holds
	for _, hold := range kept {
		all = append(all, hold)
	}
	slices.SortFunc(all, func(a, b Hold) int { return cmp.Compare(a.Hash, b.Hash) })
	return all
}

// pruned is an allowed hold without the changes that are planned no more: should
// they be planned again, that is another matter, and asked about anew.
func (c *check) pruned(hold Hold) Hold {
	if hold.Decision == Allowed && c.state.looked(hold.Team) {
		hold.Changes = slices.DeleteFunc(slices.Clone(hold.Changes), func(change plan.Change) bool {
			return !c.known[identityOf(change)] && !c.known[lasting(change)]
		})
	}
	return hold
}

// lasts reports whether a hold is kept although nothing is stopped by it now.
func (c *check) lasts(hold Hold) bool {
	switch {
	case !c.state.looked(hold.Team):
		return true
	case hold.Rail == plan.RailHands && hold.Decision == Allowed:
		return false // it let them be put back once more, and just has
	}
	return hold.Decision != Waiting && slices.ContainsFunc(hold.Changes, func(change plan.Change) bool {
		return c.known[identityOf(change)] || c.known[lasting(change)]
	})
}
