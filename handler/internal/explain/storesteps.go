package explain

import (
	"fmt"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

func (q *inquiry) storeReading(h *shop) Step {
	unread := q.rows.Unread("", h.key)
	for _, row := range q.survey.Snapshot.BadRows {
		if row.Store.Folded() == h.key.Store.Folded() || h.listed && row.Store == "" && row.Channel != "" && row.Channel == h.rows.Channel {
			unread = append(unread, row)
		}
	}
	return q.reading(distinct(unread))
}

// storeCommerce says what the rows say of the store.
func (q *inquiry) storeCommerce(h *shop) Step {
	s := newStep("The store in Commerce")
	number := string(h.key.Store)
	if !h.listed {
		s.fact("RetailStores "+number, "no row")
	} else {
		s.fact("RetailStores "+number, "RetailChannelId %s, OperatingUnitNumber %s, OperatingUnitPartyNumber %s",
			orNone(h.rows.Channel), orNone(h.rows.Store.Unit), orNone(h.rows.Party))
	}
	for _, row := range h.rows.Duplicates {
		s.fact("RetailStores "+string(row.Number), "a further row of this number, which does not count: RetailChannelId %s", orNone(row.Channel))
	}
	if u := h.rows.Unit; u.Number != "" || u.Party != "" {
		s.fact("OperatingUnits "+u.Number, "Name %s, PartyNumber %s, ManagerPersonnelNumber %s", orNone(u.Name), orNone(u.Party), orNone(u.Manager))
	} else if h.listed {
		s.fact("OperatingUnits", "no row of this store's unit")
	}
	for _, m := range q.rows.Mappings(h.key.Store) {
		s.fact("IntegrationSourceMappings "+m.SourceID, "SourceType %s, TeamId %s", orNone(m.SourceType), orNone(m.Team))
	}
	if closing, known := q.survey.Closings[h.key]; known {
		if !closing.Sighted.IsZero() {
			s.fact("closing", "first complete reading without its row: %s", moment(closing.Sighted))
		}
		if !closing.Closed.IsZero() {
			s.fact("closed", "since %s", moment(closing.Closed))
		}
	}
	s.Result = "Commerce has the store."
	if h.rows.Presence != org.InScope && h.rows.Presence != org.OutOfScope {
		s.Result = capital(q.presenceText(h.key, h.rows.Presence)) + "."
	}
	return s
}

// storePlace says where the store is in the hierarchy, and if it is in scope.
func (q *inquiry) storePlace(h *shop) Step {
	s := newStep("Its place in the hierarchy, and SCOPE")
	s.fact("hierarchy", "%s", orNone(h.rows.Hierarchy))
	for i, node := range h.rows.Path {
		text := "names " + orNone(strings.Join(node.Names, ", "))
		if m := node.Unit.Manager; m != "" {
			text += fmt.Sprintf("; unit %s, managed by worker %s", node.Unit.Number, m)
			if node.ManagerLeft {
				text += ", whose every employment has ended"
			}
		} else {
			text += "; no unit of it names a manager"
		}
		s.fact(fmt.Sprintf("%s above", level(i+1)), "party %s, %s", node.Party, text)
	}
	s.fact("SCOPE", "%s", orNone(strings.Join(q.survey.Settings.Rules.Scope, ", ")))
	switch {
	case !h.listed:
		s.Result = "Without a row the store is nowhere."
	case h.rows.Loop:
		s.Result = "The way up runs in a circle; the part before it counts. The store is " + q.scopeText(h.rows) + "."
	case !h.rows.InTree:
		s.Result = "The hierarchy does not have the store, which is " + q.scopeText(h.rows) + "."
	default:
		s.Result = "The store is " + q.scopeText(h.rows) + "."
	}
	return s
}

func level(n int) string { return fmt.Sprintf("%d", n) }

// storeRoster says who belongs to the store, and who does not although a rule
// speaks for them.
func (q *inquiry) storeRoster(h *shop) Step {
	s := newStep("Who belongs to it")
	if h.team == nil {
		s.Result = "The rules are not asked who belongs to a store that is not looked at."
		return s
	}
	owners := 0
	for _, e := range h.team.Entries {
		text := fmt.Sprintf("%s: %s", e.Role, e.Reason)
		if e.Worker != "" {
			text += ", worker " + string(e.Worker)
		}
		if e.StayOnly {
			text += "; to stay if there, not to be added"
		}
		if e.Role == org.Owner {
			owners++
		}
		s.fact("user "+e.User.String(), "%s", text)
	}
	q.outFacts(&s, h)
	if h.team.Caretaker || len(h.team.Owners()) == 0 {
		q.turnFacts(&s, h)
	}
	s.Result = fmt.Sprintf("%s and %s are wanted.", capital(number(owners, "owner")), number(len(h.team.Entries)-owners, "member"))
	if len(h.team.Owners()) == 0 {
		s.Result += " Nobody may own the team."
	} else if h.team.Caretaker {
		s.Result += " The owner is a caretaker, as no manager can be found."
	}
	return s
}

// outFacts are the people a rule speaks for, and who are not wanted all the same.
func (q *inquiry) outFacts(s *Step, h *shop) {
	for _, c := range q.rows.Claims(h.key.Store, "") {
		if c.Denied != org.Stays {
			s.fact("worker "+string(c.Worker), "no: %s, but %s", c.Reason, c.Denied)
		}
	}
	for _, u := range q.unmapped(h.key) {
		s.fact("worker "+string(u.Worker), "belongs, but cannot be added: %s", u.Cause.Trouble())
	}
	for _, b := range q.survey.Settings.Rules.Blocks {
		if q.survey.Roster.Evidence.Blocked(h.key, b.User) {
			s.fact("user "+b.User.String(), "blocked by an operator")
		}
	}
}

// turnFacts say how a caretaker was looked for.
func (q *inquiry) turnFacts(s *Step, h *shop) {
	for i, turn := range q.rows.Turns(h.key.Store) {
		who := "user " + turn.Account.User.ID.String()
		if turn.Worker != "" {
			who = "worker " + string(turn.Worker)
		}
		text := turn.Obstacle.String()
		if turn.Obstacle == org.Unusable {
			text += ": " + turn.Account.Cause.Trouble()
		}
		s.fact("stand-in "+level(i+1), "%s (%s): %s", who, turn.Reason, text)
	}
}

// storeName says how the team gets its name.
func (q *inquiry) storeName(h *shop) Step {
	s := newStep("Its name")
	s.fact("TEAM_NAME", "%s", q.survey.Settings.Rules.TeamName)
	s.fact("name of the unit", "%s", orNone(h.rows.Unit.Name))
	if h.found.Name != "" {
		s.fact("name of the group", "%s", h.found.Name)
	}
	if h.found.KeepName != "" {
		s.fact("name when it was adopted", "%s; the group keeps its own name while Commerce's stays so", h.found.KeepName)
	}
	for _, f := range q.survey.Roster.Findings {
		if f.Team == h.key {
			s.fact(string(f.Code), "%s", f.Text)
		}
	}
	if h.team == nil {
		s.Result = "No name is wanted for it."
	} else {
		s.Result = fmt.Sprintf("The name wanted is %q.", h.team.Name)
	}
	return s
}

// storeTenant says what the tenant has for the store.
func (q *inquiry) storeTenant(h *shop) Step {
	s := newStep("What the tenant has")
	s.fact("marker", "%s", org.Marker(q.survey.Settings.Rules.Instance, h.key))
	s.fact("team", "%s", q.foundText(h.key))
	if !h.exists {
		s.Result = "There is no team of this store yet."
		return s
	}
	s.fact("people", "%s", q.sizeText(h))
	s.fact("managed", "%s whom storeteams may take out", number(len(h.found.Managed), "person"))
	team := org.Team{Key: h.key}
	if h.team != nil {
		team = *h.team
	}
	extras := plan.Extras(team, h.found)
	for _, extra := range extras {
		s.fact("extra", "user %s, %s", extra.User, extra.Role)
	}
	here := 0
	for _, e := range team.Entries {
		if _, in := ledger.People(h.found.People).Role(e.User); in {
			here++
		}
	}
	s.Result = fmt.Sprintf("Of %s wanted %d are in it, beside %s.", number(len(team.Entries), "person"), here, number(len(extras), "extra"))
	return s
}

// storeNext says what the next run does to the team.
func (q *inquiry) storeNext(h *shop) Step {
	s := newStep("What the next run does")
	q.modeFacts(&s)
	changes := q.changes(h.key)
	for _, c := range changes {
		s.fact(c.Kind.String(), "%s", c)
	}
	for _, stopped := range q.stops(h.key) {
		text := fmt.Sprintf("rail %s: %s", stopped.Rail, stopped.Why)
		if stopped.state == held && len(stopped.Changes) > 0 {
			text += "; hold " + q.holdText(stopped)
		}
		s.fact(stopped.state, "%s", text)
		for _, c := range cut(&s, stopped.Changes, maxRows, "change") {
			s.fact(stopped.state+", "+c.Kind.String(), "%s", c)
		}
	}
	switch {
	case len(changes) == 0:
		s.Result = "The next run changes nothing here."
	case q.changesNothing():
		s.Result = "None of this is carried out: MODE=plan changes nothing in the tenant."
	default:
		s.Result = fmt.Sprintf("%s: %s.", capital(number(len(changes), "change")), countsText(changes))
	}
	return s
}

// storeHistory says what was done to the team, and what is remembered of it.
func (q *inquiry) storeHistory(h *shop) Step {
	s := newStep("What was done when")
	q.eventFacts(&s)
	if link := q.survey.Links[h.key]; link != nil {
		q.memoryFacts(&s, h.key, nil)
		linkFacts(&s, link)
	}
	s.Result = fmt.Sprintf("%s kept about its team.", capital(number(len(q.events), "event")))
	if len(q.events) == 0 {
		s.Result = "No event tells of its team" + eventsGo
	}
	return s
}
