package rails

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// recall spreads the teams' memory out, so that each change finds its own.
func (c *check) recall() {
	for team, m := range c.state.Memory {
		for _, s := range m.Sightings {
			c.sightings[deed{team, s.User, s.Kind}] = s
		}
		for _, h := range m.Hands {
			c.hands[person{team, h.User}] = h
		}
		for _, l := range m.Leavers {
			c.leavers[person{team, l.User}] = l
		}
	}
}

// memory gathers it again, in order. Teams that have nothing to remember any
// more keep an empty one, so that it is written down.
func (c *check) memory() map[org.TeamKey]Memory {
	all := make(map[org.TeamKey]Memory, len(c.state.Memory))
	for team := range c.state.Memory {
		all[team] = Memory{}
	}
	for of, s := range c.sightings {
		m := all[of.team]
		m.Sightings = append(m.Sightings, s)
		all[of.team] = m
	}
	for of, h := range c.hands {
		m := all[of.team]
		m.Hands = append(m.Hands, h)
		all[of.team] = m
	}
	for of, l := range c.leavers {
		m, linked := all[of.team]
		if !linked {
			continue
		}
		m.Leavers = append(m.Leavers, l)
		all[of.team] = m
	}
	for _, m := range all {
		slices.SortFunc(m.Leavers, func(a, b Leaver) int { return bytes.Compare(a.User[:], b.User[:]) })
		slices.SortFunc(m.Sightings, func(a, b Sighting) int {
			return cmp.Or(bytes.Compare(a.User[:], b.User[:]), cmp.Compare(a.Kind, b.Kind))
		})
		slices.SortFunc(m.Hands, func(a, b Hand) int { return bytes.Compare(a.User[:], b.User[:]) })
	}
	return all
}

// Returned is the memory after somebody was put back, and the service confirmed
// it: undone once more, that is a person's doing. What nobody confirmed is found
// out when the person is next seen in the team. It does not change m.
func (m Memory) Returned(user org.UserID, at time.Time) Memory {
	m.Hands = slices.Clone(m.Hands)
	for i, h := range m.Hands {
		if h.User == user && !h.PutBack.IsZero() && h.Back.IsZero() {
			m.Hands[i].Back = at
		}
	}
	return m
}
