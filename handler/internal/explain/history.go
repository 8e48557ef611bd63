package explain

import (
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// eventsGo says why something may have been done though no event tells of it.
const eventsGo = ": events are kept for a while only, and a run that does very much does not keep one of everything."

// historyStep says what was done when, and what is remembered.
func (q *inquiry) historyStep(p *person, standings []standing) Step {
	s := newStep("What was done when")
	q.eventFacts(&s)
	for i := range standings {
		st := &standings[i]
		link := q.survey.Links[st.key]
		if link == nil {
			continue
		}
		linkFacts(&s, link)
		for _, user := range append([]org.UserID{p.user}, p.former...) {
			if !user.IsZero() {
				q.memoryFacts(&s, st.key, &user)
			}
		}
	}
	s.Result = fmt.Sprintf("%s kept about them and their teams.", capital(number(len(q.events), "event")))
	if len(q.events) == 0 {
		s.Result = "No event tells of them" + eventsGo
	}
	return s
}

func (q *inquiry) eventFacts(s *Step) {
	events := q.events
	if more := len(events) - maxRows; more > 0 {
		s.fact("before", "%s, not shown here", number(more, "event"))
		events = events[more:]
	}
	for _, e := range events {
		who := "operator"
		if e.Run != "" {
			who = "run " + e.Run
		}
		s.fact(moment(e.At), "%s (%s)", eventText(e), who)
	}
}

// memoryFacts are what the rails remember of a team's people: of one user, or
// (nil) of all.
func (q *inquiry) memoryFacts(s *Step, key org.TeamKey, only *org.UserID) {
	name := key.String()
	is := func(user org.UserID) bool { return only == nil || *only == user }
	memory := q.survey.Links[key].Rails
	for _, m := range memory.Sightings {
		if is(m.User) {
			s.fact(name+", sighting", "user %s: %s first concluded from rows that were gone in the reading of %s", m.User, m.Kind, moment(m.ReadAt))
		}
	}
	for _, h := range memory.Hands {
		if !is(h.User) {
			continue
		}
		text := fmt.Sprintf("user %s: undone by hand, first seen on %s", h.User, moment(h.Noticed))
		if !h.PutBack.IsZero() {
			text += "; to be put back since " + moment(h.PutBack)
		}
		if !h.Back.IsZero() {
			text += "; was back on " + moment(h.Back)
		}
		if !h.Again.IsZero() {
			text += "; undone again, seen on " + moment(h.Again)
		}
		s.fact(name+", by hand", "%s", text)
	}
	for _, l := range memory.Leavers {
		if is(l.User) {
			where := "out since the last run looked"
			if _, in := ledger.People(q.survey.Found[key].People).Role(l.User); in {
				where = "in the team still"
			}
			s.fact(name+", leaver", "user %s: a leave is stated since %s, and they are %s", l.User, moment(l.Since), where)
		}
	}
}

// linkFacts are what the ledger remembers of a team as a whole.
func linkFacts(s *Step, link *ledger.Link) {
	name := link.Team.String()
	if !link.Attempted.IsZero() {
		s.fact(name+", last tried", "changes of this team were carried out or tried on %s", moment(link.Attempted))
	}
	if !link.Archived.IsZero() {
		s.fact(name+", archived", "by storeteams on %s", moment(link.Archived))
	}
	if !link.Restored.IsZero() {
		s.fact(name+", restored", "by storeteams on %s", moment(link.Restored))
	}
}
