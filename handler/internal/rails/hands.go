package rails

import (
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// Hand is what somebody undid by hand in Teams: a person taken out, or an owner
// made a member, whom Commerce wants.
//
// Letting the putting back pass is not putting back: the run may be killed, the
// service may refuse. So PutBack without Back is tried again, however often, and
// only what is missing after Back was undone again.
type Hand struct {
	User    org.UserID `json:"user"`
	Noticed time.Time  `json:"noticed"`          // when it was first seen undone
	PutBack time.Time  `json:"putBack,omitzero"` // when it was let pass to be put back; zero: not yet
	Back    time.Time  `json:"back,omitzero"`    // when it was first known to be as Commerce wants it after PutBack
	Again   time.Time  `json:"again,omitzero"`   // when it was first seen undone after Back, within handsMemory
}

// handsMemory is how long after PutBack an undoing counts as a second one.
const handsMemory = 30 * 24 * time.Hour

// over reports whether the cycle has ended. One in which it was undone again
// ends only with a person's decision, or when it is no longer undone.
func (h Hand) over(now time.Time) bool {
	return !h.PutBack.IsZero() && h.Again.IsZero() && !now.Before(h.PutBack.Add(handsMemory))
}

// putBack judges an addition or promotion that somebody has undone by hand.
func (c *check) putBack(change plan.Change) {
	key := personOf(change)
	h, known := c.hands[key]
	if !known || h.over(c.now) {
		h = Hand{User: change.User, Noticed: c.now}
	}
	due := h.Noticed.Add(c.limits.HandsDelay)
	switch {
	case !h.PutBack.IsZero() && h.Back.IsZero():
		c.passed = append(c.passed, change)
	case c.allowed(change), h.PutBack.IsZero() && !c.now.Before(due):
		h.PutBack, h.Back, h.Again = c.now, time.Time{}, time.Time{}
		c.passed = append(c.passed, change)
	case h.PutBack.IsZero():
		c.later.add(plan.RailDelay, fmt.Sprintf("undone by hand, and put back after %s", moment(due)), change)
	default:
		if h.Again.IsZero() {
			h.Again = c.now
		}
		c.held.alone(plan.RailHands, fmt.Sprintf(
			"undone by hand again after it was put back on %s; allow it to put it back once more, or change it in Commerce", moment(h.PutBack)), change)
	}
	c.hands[key] = h
}

// forgetHands looks after those whom the plan does not put back. Who is there is
// remembered for a while if we put them back; who is not is no longer wanted.
func (c *check) forgetHands() {
	for of, h := range c.hands {
		if c.putBacks[of] || !c.state.looked(of.team) {
			continue
		}
		h.Again = time.Time{}
		if h.PutBack.IsZero() || h.over(c.now) || !c.state.present(of.team, of.user, true) {
			delete(c.hands, of)
			continue
		}
		if h.Back.IsZero() {
			h.Back = c.now
		}
		c.hands[of] = h
	}
}
