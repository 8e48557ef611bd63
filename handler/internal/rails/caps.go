package rails

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// Taking is one removal or demotion that counts against the caps for 24 hours.
// It is written before the change is carried out: killed in between, it counts
// although nothing happened, and the same change tried again counts once.
type Taking struct {
	Team   org.TeamKey `json:"team"`
	User   org.UserID  `json:"user"`
	Kind   plan.Kind   `json:"kind"`
	Stated bool        `json:"stated,omitempty"`
	At     time.Time   `json:"at"`             // when it last passed: a retry counts from its last try on
	Done   bool        `json:"done,omitempty"` // it happened, or is no longer planned: another one counts anew
}

// capWindow is how long a taking counts.
const capWindow = 24 * time.Hour

// smallTeam is how many people a team has to have for its own cap to mean
// anything: one of three is a third.
const smallTeam = 5

// recount drops the takings that count no more, and finds those that happened,
// or that nobody wants any more.
func (c *check) recount() {
	for _, t := range c.state.Takings {
		if !t.At.After(c.now.Add(-capWindow)) {
			continue
		}
		t.Done = t.Done || c.state.looked(t.Team) && !c.deeds[deed{t.Team, t.User, t.Kind}]
		c.takings = append(c.takings, t)
	}
}

// cap passes what the caps leave room for.
func (c *check) cap() {
	fresh := c.capless()
	gone := c.gone()
	for _, on := range []basis{absent, stated} {
		changes := slices.DeleteFunc(slices.Clone(fresh), func(change plan.Change) bool { return basisOf(change) != on })
		c.capTotal(on, c.capTeams(on, changes, gone), gone)
	}
}

// capless passes what needs no room, and returns the rest: a retry has its room
// already, and a person has spoken of the allowed and the blocked ones. Those
// count all the same, and leave less room for others.
func (c *check) capless() []plan.Change {
	type trial struct {
		deed
		basis
	}
	tried := map[trial]int{}
	for i, t := range c.takings {
		if !t.Done {
			tried[trial{deed{t.Team, t.User, t.Kind}, basis(t.Stated)}] = i
		}
	}
	var fresh []plan.Change
	for _, change := range c.going {
		i, retry := tried[trial{deedOf(change), basisOf(change)}]
		switch {
		case retry:
			// Should it happen now, it has to count for 24 hours from now.
			if c.now.After(c.takings[i].At) {
				c.takings[i].At = c.now
			}
			c.passed = append(c.passed, change)
		case change.Leave == org.Blocked, c.allowed(change):
			c.take(change)
		default:
			fresh = append(fresh, change)
		}
	}
	return fresh
}

// take passes a removal or demotion, and counts it.
func (c *check) take(change plan.Change) {
	c.passed = append(c.passed, change)
	c.takings = append(c.takings, Taking{
		Team: change.Team, User: change.User, Kind: change.Kind, Stated: change.Leave.Stated(), At: c.now,
	})
}

// gone counts, by team, the people who were taken out in the window: the caps
// are a share of those who were there before. Whoever is to be taken out, again
// or still, is there.
func (c *check) gone() map[org.TeamKey]int {
	counted := map[person]bool{}
	gone := map[org.TeamKey]int{}
	for _, t := range c.takings {
		of := person{t.Team, t.User}
		if t.Kind != plan.Remove || counted[of] || c.deeds[deed{t.Team, t.User, t.Kind}] || c.state.present(t.Team, t.User, !t.Done) {
			continue
		}
		counted[of] = true
		gone[t.Team]++
	}
	return gone
}

// capTeams holds, for each team, all or none of its changes, and returns those
// of the teams that have room.
func (c *check) capTeams(on basis, changes []plan.Change, gone map[org.TeamKey]int) []plan.Change {
	used := map[org.TeamKey]int{}
	for _, t := range c.takings {
		if basis(t.Stated) == on {
			used[t.Team]++
		}
	}
	var rest []plan.Change
	for _, going := range (plan.Plan{Changes: changes}).ByTeam() {
		team := going[0].Team
		base := c.state.People[team] + gone[team]
		limit := on.widen(share(base, c.limits.TeamPercent))
		count := used[team] + len(going)
		if base < smallTeam || count <= limit {
			rest = append(rest, going...)
			continue
		}
		why := fmt.Sprintf("%d of the team's %d people would be removed or demoted within 24 hours because %s; %sMAX_TEAM_REMOVAL_PERCENT=%d lets %d go",
			count, base, on.because(), on.times(), c.limits.TeamPercent, limit)
		for _, change := range going {
			c.held.add(plan.RailTeamCap, why, change)
		}
	}
	return rest
}

// capTotal holds all of the changes, or none.
func (c *check) capTotal(on basis, changes []plan.Change, gone map[org.TeamKey]int) {
	if len(changes) == 0 {
		return
	}
	count := len(changes)
	for _, t := range c.takings {
		if basis(t.Stated) == on {
			count++
		}
	}
	limit, setting := c.total(gone)
	limit = on.widen(limit)
	if count <= limit {
		for _, change := range changes {
			c.take(change)
		}
		return
	}
	why := fmt.Sprintf("%d people in all teams would be removed or demoted within 24 hours because %s; %s%s lets %d go",
		count, on.because(), on.times(), setting, limit)
	for _, change := range changes {
		c.held.add(plan.RailTotalCap, why, change)
	}
}

// total is how many may go from all teams together, and the setting that says
// so. It is the one place that looks at every team, and only when somebody is to
// go.
func (c *check) total(gone map[org.TeamKey]int) (int, string) {
	memberships := 0
	for _, people := range c.state.People {
		memberships += people
	}
	for _, people := range gone {
		memberships += people
	}
	if share := share(memberships, c.limits.RemovalPercent); share < c.limits.Removals {
		return share, fmt.Sprintf("MAX_REMOVAL_PERCENT=%d of %d memberships", c.limits.RemovalPercent, memberships)
	}
	return c.limits.Removals, fmt.Sprintf("MAX_REMOVALS=%d", c.limits.Removals)
}

// share is so many percent of people: at least one, unless nobody may go at all.
func share(people, percent int) int {
	if percent == 0 {
		return 0
	}
	return max(1, people*percent/100)
}

// ordered returns the takings in order, oldest first.
func (c *check) ordered() []Taking {
	slices.SortStableFunc(c.takings, func(a, b Taking) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Team.Store, b.Team.Store), cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.User[:], b.User[:]))
	})
	return c.takings
}
