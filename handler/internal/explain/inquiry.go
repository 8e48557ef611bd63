package explain

import (
	"slices"
	"sort"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// inquiry is one question on its way to an answer.
type inquiry struct {
	survey *orgsync.Survey
	rows   *org.Inspection
	events []ledger.Event
}

func newInquiry(s *orgsync.Survey, events []ledger.Event) *inquiry {
	return &inquiry{
		survey: s, events: events,
		rows: org.Inspect(s.Snapshot, s.Users, s.Settings.Rules, s.Roster, s.At),
	}
}

// team finds a team in the roster; nil: it is not wanted.
func (q *inquiry) team(key org.TeamKey) *org.Team {
	teams := q.survey.Roster.Teams
	i, there := slices.BinarySearchFunc(teams, key, func(t org.Team, key org.TeamKey) int {
		switch {
		case t.Key.Less(key):
			return -1
		case key.Less(t.Key):
			return 1
		}
		return 0
	})
	if !there {
		return nil
	}
	return &teams[i]
}

// group is the mirror of a team's group, as the ledger has it; nil: there is none.
func (q *inquiry) group(key org.TeamKey) *ledger.Group {
	return q.survey.Groups[q.survey.Found[key].Group]
}

// changes are those of the plan about one team.
func (q *inquiry) changes(key org.TeamKey) []plan.Change {
	all := q.survey.Plan.Changes
	from := sort.Search(len(all), func(i int) bool { return !all[i].Team.Less(key) })
	to := from
	for to < len(all) && all[to].Team == key {
		to++
	}
	return all[from:to]
}

// stop is a halt of the plan, and what became of it.
type stop struct {
	plan.Halt
	state string      // held, later, left alone
	hold  *rails.Hold // what waits for a person, or was decided; nil: no person was asked
}

// stops are the plan's halts about one team.
func (q *inquiry) stops(key org.TeamKey) []stop {
	var stops []stop
	p := &q.survey.Plan
	for _, of := range []struct {
		state string
		halts []plan.Halt
	}{{held, p.Held}, {later, p.Later}, {leftAlone, p.Skipped}} {
		for _, halt := range of.halts {
			if halt.Team == key {
				stops = append(stops, stop{halt, of.state, q.hold(halt)})
			}
		}
	}
	return stops
}

// What becomes of what is stopped.
const (
	held      = "held"
	later     = "later"
	leftAlone = "left alone"
)

// hold finds the hold that stands for a halt: its own, or the one by whose
// refusal it is stopped.
func (q *inquiry) hold(halt plan.Halt) *rails.Hold {
	if len(halt.Changes) == 0 {
		return nil
	}
	hash := halt.Hash()
	for i, h := range q.survey.Holds {
		refused := h.Decision == rails.Refused && h.Team == halt.Team && h.Rail == halt.Rail && q.survey.At.Before(h.Expires)
		if h.Hash == hash || refused && slices.ContainsFunc(h.Changes, func(c plan.Change) bool { return sameDeed(c, halt.Changes[0]) }) {
			return &q.survey.Holds[i]
		}
	}
	return nil
}

func sameDeed(a, b plan.Change) bool {
	return a.Kind == b.Kind && a.Group == b.Group && a.User == b.User
}

// about returns the changes about one user.
func about(changes []plan.Change, user org.UserID) []plan.Change {
	var theirs []plan.Change
	for _, c := range changes {
		if !user.IsZero() && c.User == user {
			theirs = append(theirs, c)
		}
	}
	return theirs
}

// storeKey is the key of the store that a number means, whatever its case, and
// whether anything knows it.
func (q *inquiry) storeKey(number org.StoreNumber) (key org.TeamKey, known bool) {
	if rows, listed := q.rows.Store(number); listed {
		return org.TeamKey{Store: rows.Number}, true
	}
	for key := range q.survey.Links {
		if key.IsStore() && key.Store.Folded() == number.Folded() {
			return key, true
		}
	}
	key = org.TeamKey{Store: number}
	folded := func(n org.StoreNumber) bool { return n.Folded() == number.Folded() }
	known = len(q.rows.Mappings(number)) > 0 || q.survey.Roster.Evidence.Presence(key) == org.Closed ||
		slices.ContainsFunc(q.survey.Snapshot.BadRows, func(r org.BadRow) bool { return folded(r.Store) }) ||
		slices.ContainsFunc(q.events, func(e ledger.Event) bool { return e.Team != nil && folded(e.Team.Store) })
	return key, known
}
