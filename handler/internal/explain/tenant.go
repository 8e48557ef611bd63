package explain

import (
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// tenantStep says what the tenant has: the teams, and the person in them.
func (q *inquiry) tenantStep(p *person, standings []standing) Step {
	s := newStep("What the tenant has")
	in := 0
	for i := range standings {
		if standings[i].in {
			in++
		}
	}
	shown := cut(&s, standings, maxTeams, "team")
	for i := range shown {
		st := &shown[i]
		s.fact(st.key.String()+", team", "%s", q.foundText(st.key))
		q.memberFacts(&s, p, st)
	}
	s.Result = fmt.Sprintf("They are in %d of %s looked at.", in, number(len(standings), "team"))
	if len(standings) == 0 {
		s.Result = "No team of storeteams has them."
	}
	return s
}

func (q *inquiry) memberFacts(s *Step, p *person, st *standing) {
	name := st.key.String()
	if st.in {
		s.fact(name+", in it", "as %s, account %s", st.role, st.user)
	} else {
		s.fact(name+", in it", "no")
	}
	if m := st.managed; m != nil {
		text := fmt.Sprintf("as %s since %s, because %s", m.Role, moment(m.Since), m.Reason)
		if m.Worker != "" {
			text += ", for worker " + string(m.Worker)
		}
		s.fact(name+", managed", "%s", text)
	} else if st.in {
		s.fact(name+", managed", "no: storeteams does not take them out")
	}
	for _, user := range p.former {
		if role, in := ledger.People(st.found.People).Role(user); in && user != st.user {
			s.fact(name+", former account", "%s is in it as %s", user, role)
		}
	}
}

// foundText says what there is for a team, and how well it is known.
func (q *inquiry) foundText(key org.TeamKey) string {
	f, exists := q.survey.Found[key]
	if !exists {
		return "there is none"
	}
	text := fmt.Sprintf("group %s, %s", orNone(f.Group), originText(f.Origin))
	switch {
	case f.Existence == plan.Deleted:
		return text + "; deleted, can be restored"
	case f.Existence == plan.Purged:
		return text + "; deleted for good"
	case f.Unclear != "":
		return text + "; " + f.Unclear
	case f.Blocked != "":
		text += "; " + f.Blocked
	}
	if !f.HasTeam {
		text += "; no team yet"
	}
	if f.Archived {
		text += "; archived"
	}
	text += "; " + number(len(f.People), "person")
	if g := q.group(key); g != nil {
		text += mirrorText(g)
	}
	return text
}

func originText(o plan.Origin) string {
	switch o {
	case plan.Linked:
		return "linked in the ledger"
	case plan.Marked:
		return "found by its marker"
	}
	return "which IntegrationSourceMappings maps to the store"
}

// mirrorText says how fresh the mirror of a group is.
func mirrorText(g *ledger.Group) string {
	text := ""
	if !g.Verified.IsZero() {
		text += "; asked Teams for its people on " + moment(g.Verified)
	}
	if !g.Written.IsZero() {
		text += "; last changed by storeteams on " + moment(g.Written)
	}
	if g.Again {
		text += "; to be read again"
	}
	return text
}

// nextStep says what the next run does about the person.
func (q *inquiry) nextStep(p *person, standings []standing) Step {
	s := newStep("What the next run does")
	q.modeFacts(&s)
	n := 0
	for i := range standings {
		st := &standings[i]
		lines := append(append([]plan.Change{}, st.making...), st.changes...)
		for _, user := range p.former {
			if user != st.user {
				lines = append(lines, about(q.changes(st.key), user)...)
			}
		}
		lines = distinct(lines)
		n += len(lines)
		if len(s.Facts) > maxRows {
			continue
		}
		for _, c := range lines {
			s.fact(st.key.String(), "%s: %s", c.Kind, c)
		}
		for _, stopped := range append(append([]stop{}, st.barred...), st.stops...) {
			s.fact(st.key.String()+", "+stopped.state, "%s", q.stopText(stopped, st.user))
		}
	}
	switch {
	case n == 0:
		s.Result = "The next run changes nothing about them."
	case q.changesNothing():
		s.Result = fmt.Sprintf("%s planned, and none is carried out: MODE=plan changes nothing in the tenant.", capital(number(n, "change")))
	default:
		s.Result = fmt.Sprintf("%s planned about them.", capital(number(n, "change")))
	}
	return s
}

// modeFacts say what holds of all changes.
func (q *inquiry) modeFacts(s *Step) {
	switch mode := q.survey.Settings.Mode; mode {
	case orgsync.ModePlan:
		s.fact("MODE", "plan: nothing is changed in the tenant")
	case orgsync.ModeAdd:
		s.fact("MODE", "add: nobody is taken out or demoted")
	default:
		s.fact("MODE", "%s", string(mode))
	}
	if slowed := q.survey.Quarantine; slowed != nil {
		s.fact("quarantine", "since %s: %d of %d changes failed, so a run tries %d teams, beside leavers", moment(slowed.Since), slowed.Failed, slowed.Tried, rails.ProbeTeams)
	}
	if hold := q.survey.Plan.Hold; hold != "" {
		s.fact("held as a whole", "%s; only who left the company goes", hold)
	}
}

// stopText tells a stop, with the change about one user if it is about people.
func (q *inquiry) stopText(s stop, user org.UserID) string {
	text := fmt.Sprintf("rail %s: %s", s.Rail, s.Why)
	for _, c := range about(s.Changes, user) {
		text += fmt.Sprintf("; %s: %s", c.Kind, c)
	}
	if s.state == held && len(s.Changes) > 0 {
		text += "; hold " + q.holdText(s)
	}
	return text
}
