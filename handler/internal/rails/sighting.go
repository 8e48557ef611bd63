package rails

import (
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// Sighting is the first complete reading that did not want somebody any more.
// It goes when a complete reading wants them again.
type Sighting struct {
	User   org.UserID `json:"user"`
	Kind   plan.Kind  `json:"kind"` // Demote or Remove
	ReadAt time.Time  `json:"readAt"`
}

// confirmed reports whether what one reading showed first, another one shows
// that was made at least interval later. A reading does not confirm itself.
func confirmed(first, second time.Time, interval time.Duration) bool {
	return second.After(first) && !second.Before(first.Add(interval))
}

// sight says why a removal or demotion has to wait for another reading; empty:
// it has not. A first sighting is remembered.
func (c *check) sight(change plan.Change) (plan.Rail, string) {
	if change.Leave.Stated() {
		return "", ""
	}
	if c.source.Short != "" {
		return plan.RailSource, "waits for a complete reading of Commerce: " + c.source.Short
	}
	first, seen := c.sightings[deedOf(change)]
	if !seen {
		first = Sighting{User: change.User, Kind: change.Kind, ReadAt: c.source.ReadAt}
		c.sightings[deedOf(change)] = first
	}
	if confirmed(first.ReadAt, c.source.ReadAt, c.limits.SightingInterval) {
		return "", ""
	}
	return plan.RailSighting, fmt.Sprintf("a row is gone since the reading of %s; waits for another complete reading, made after %s",
		moment(first.ReadAt), moment(first.ReadAt.Add(c.limits.SightingInterval)))
}

// forgetSightings ends the sightings that a complete reading no longer bears
// out. A short one proves nothing, neither way.
func (c *check) forgetSightings() {
	if c.source.Short != "" {
		return
	}
	for of, s := range c.sightings {
		newer := c.source.ReadAt.After(s.ReadAt)
		if !c.deeds[of] && (newer || c.state.looked(of.team)) {
			delete(c.sightings, of)
		}
	}
}

// Closing is what is known of a store's closing.
type Closing struct {
	Sighted time.Time `json:"sighted,omitzero"` // the first complete reading without its row
	Closed  time.Time `json:"closed,omitzero"`  // when a second one confirmed it, or CLOSED_STORES was first seen to name it
}

// Next is the closing after one more look. A store that is back is not closing;
// a short reading, or a row that cannot be read, changes nothing.
func (c Closing) Next(presence org.Presence, source Source, interval time.Duration, now time.Time) Closing {
	switch presence {
	case org.InScope, org.OutOfScope:
		return Closing{}
	case org.Closed:
		if c.Closed.IsZero() {
			c.Closed = now
		}
	case org.Missing:
		switch {
		case source.Short != "":
		case c.Sighted.IsZero():
			c.Sighted = source.ReadAt
		case c.Closed.IsZero() && confirmed(c.Sighted, source.ReadAt, interval):
			c.Closed = now
		}
	}
	return c
}

// Frozen reports whether the store's roster is to be left as it is.
func (c Closing) Frozen() bool { return !c.Sighted.IsZero() || !c.Closed.IsZero() }

// ArchiveDue reports whether the store has been closed for so long.
func (c Closing) ArchiveDue(after time.Duration, now time.Time) bool {
	return !c.Closed.IsZero() && !now.Before(c.Closed.Add(after))
}
