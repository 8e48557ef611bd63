package rails

import (
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// Leaver is somebody whose leave a row states, and who is in the team still:
// for want of a next run, or because something keeps them in. It is how long
// that has been so which tells the two apart.
type Leaver struct {
	User  org.UserID `json:"user"`
	Since time.Time  `json:"since"` // when the leave was first seen stated
}

// noteLeavers remembers since when each leave of the plan has been stated, the
// last owner's too, whom the plan itself keeps in.
func (c *check) noteLeavers(p plan.Plan) {
	seen := map[person]bool{}
	note := func(changes []plan.Change) {
		for _, change := range changes {
			if of := personOf(change); change.Kind == plan.Remove && change.Leave.Stated() {
				if _, known := c.leavers[of]; !known {
					c.leavers[of] = Leaver{User: change.User, Since: c.now}
				}
				seen[of] = true
			}
		}
	}
	note(c.planned)
	for _, halt := range p.Skipped {
		if halt.Rail == plan.RailLastOwner {
			note(halt.Changes)
		}
	}
	for of := range c.leavers {
		if !seen[of] && c.state.looked(of.team) {
			delete(c.leavers, of)
		}
	}
}

// Overdue returns the leavers of a team who should have been out for so long,
// but for those whom a person refused to let go.
func (v Verdict) Overdue(team org.TeamKey, after time.Duration, now time.Time) []Leaver {
	return slices.DeleteFunc(slices.Clone(v.Memory[team].Leavers), func(l Leaver) bool {
		return now.Sub(l.Since) < after || slices.ContainsFunc(v.Holds, func(h Hold) bool {
			return h.Team == team && h.Decision == Refused && slices.ContainsFunc(h.Changes, func(c plan.Change) bool {
				return c.User == l.User && c.Leave.Stated()
			})
		})
	})
}
