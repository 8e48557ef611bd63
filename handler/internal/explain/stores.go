package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// storesStep says what connects the person with each store, and what the rules
// make of it.
func (q *inquiry) storesStep(p *person, standings []standing) Step {
	s := newStep("Where the rules put them")
	for _, held := range positionsOf(p) {
		s.fact("position "+held.Position, "%s", q.heldText(held))
	}
	wanted := 0
	for i := range standings {
		if standings[i].entry != nil {
			wanted++
		}
	}
	shown := cut(&s, standings, maxTeams, "team")
	for i := range shown {
		q.storeFacts(&s, p, &shown[i])
	}
	s.Result = fmt.Sprintf("The rules put them into %d of %s looked at.", wanted, number(len(standings), "team"))
	if len(standings) == 0 {
		s.Result = "No rule puts them into any team."
	}
	return s
}

func (q *inquiry) heldText(h org.HeldPosition) string {
	when := "now"
	if !h.Current && q.survey.At.Before(h.From) {
		when = "not yet"
	} else if !h.Current {
		when = "no more"
	}
	parts := []string{fmt.Sprintf("held %s (%s)", when, period(h.From, h.To))}
	for _, row := range h.Positions {
		parts = append(parts, fmt.Sprintf("DepartmentNumber %s, TitleId %s, Title %s", orNone(row.Department), orNone(row.TitleID), orNone(row.Title)))
	}
	for _, row := range h.Permissions {
		text := "ManagerPrivileges " + flagText(row.Manager)
		if flag, known := h.Groups[row.Group]; known {
			text += fmt.Sprintf(", of permission group %s %s", row.Group, flagText(flag))
		}
		parts = append(parts, text)
	}
	switch {
	case h.Privileged:
		parts = append(parts, "gives manager privileges")
	case h.Unclear:
		parts = append(parts, "may or may not give manager privileges")
	default:
		parts = append(parts, "gives no manager privileges")
	}
	if len(h.Stores) > 0 {
		stores := make([]string, len(h.Stores))
		for i, store := range h.Stores {
			stores[i] = string(store)
		}
		parts = append(parts, "its department is that of store "+list(stores))
	} else {
		parts = append(parts, "its department is no store's")
	}
	return strings.Join(parts, "; ")
}

// storeFacts are what the rows and the rules say of the person in one team.
func (q *inquiry) storeFacts(s *Step, p *person, st *standing) {
	name := st.key.String()
	if st.key.IsStore() {
		q.rowFacts(s, p, st)
	}
	for _, c := range st.claims {
		text := fmt.Sprintf("worker %s, %s, would be %s", c.Worker, c.Reason, c.Role)
		if c.Denied != org.Stays {
			text += "; but " + c.Denied.String()
		}
		s.fact(name+", rule", "%s", text)
	}
	switch e := st.entry; {
	case e == nil:
		s.fact(name+", wanted", "no")
	case e.StayOnly:
		s.fact(name+", wanted", "%s (%s), to stay if there, not to be added", asRole(e.Role), e.Reason)
	default:
		s.fact(name+", wanted", "%s (%s%s)", asRole(e.Role), e.Reason, behind(p, e.Worker))
	}
}

// behind names the worker whom an entry counts for, if it is another one.
func behind(p *person, number org.PersonnelNumber) string {
	if number == "" || p.isWorker(number) {
		return ""
	}
	return ", for worker " + string(number) + ", who has the same account"
}

func (q *inquiry) rowFacts(s *Step, p *person, st *standing) {
	name := st.key.String()
	rows, listed := q.rows.Store(st.key.Store)
	if !listed {
		s.fact(name, "%s", q.presenceText(st.key, st.presence))
		return
	}
	s.fact(name, "RetailChannelId %s, OperatingUnitNumber %s; %s", orNone(rows.Channel), orNone(rows.Store.Unit), q.scopeText(rows))
	found := false
	for _, w := range p.workers {
		for _, row := range w.rows.Channels {
			if row.Channel == rows.Channel {
				found = true
				s.fact(name+", RetailChannelWorkers", "worker %s: IsActive %s", w.number, flagText(row.Active))
			}
		}
	}
	if !found && len(p.workers) > 0 {
		s.fact(name+", RetailChannelWorkers", "no row")
	}
	if p.isWorker(rows.Unit.Manager) {
		s.fact(name+", OperatingUnits", "ManagerPersonnelNumber of %s is worker %s", rows.Unit.Number, rows.Unit.Manager)
	}
}

// scopeText says whether a store is looked at, and why.
func (q *inquiry) scopeText(rows org.StoreRows) string {
	switch {
	case rows.Presence == org.Closed:
		return "CLOSED_STORES names it"
	case len(rows.Scope) > 0:
		return "in scope by " + strings.Join(rows.Scope, ", ")
	case len(q.survey.Settings.Rules.Scope) == 0:
		return "in scope, as SCOPE is not set"
	}
	return "out of scope: SCOPE names neither it nor a node above it (" + strings.Join(slices.Sorted(slices.Values(q.survey.Settings.Rules.Scope)), ", ") + ")"
}
