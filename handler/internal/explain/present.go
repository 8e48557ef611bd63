package explain

import (
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

const (
	modePlan = orgsync.ModePlan
	modeAdd  = orgsync.ModeAdd
)

// judgePresent is about somebody who is in the team.
func (q *inquiry) judgePresent(p *person, st *standing) conclusion {
	if c, ok := st.going(); ok {
		return q.judgeGoing(st, c)
	}
	if s, c, ok := st.stopped(true); ok {
		return q.judgeKept(st, s, c)
	}
	if st.entry == nil {
		return q.judgeUnwanted(p, st)
	}
	since := ""
	if st.managed != nil {
		since = "; managed since " + moment(st.managed.Since)
	}
	switch e := st.entry; {
	case st.role < e.Role:
		return q.judgePromotion(st)
	case e.StayOnly:
		return is(settled, "in %s as "+st.role.String(), fmt.Sprintf("%s; they stay, but could not be added now: %s", e.Reason, p.trouble()))
	case st.role > e.Role:
		return is(settled, "in %s as owner", fmt.Sprintf(
			"Commerce wants them as member (%s); who is made owner by hand stays owner", e.Reason)).but(since)
	}
	return is(settled, "in %s as "+st.role.String(), st.entry.Reason.String()).but(since)
}

// judgeGoing is about somebody whom the plan takes out or makes a member.
func (q *inquiry) judgeGoing(st *standing, c plan.Change) conclusion {
	run, slowed := q.pace(c)
	out := "taken out at " + run
	if c.Kind == plan.Demote {
		out = "made a member at " + run
	}
	why := leaveText(c)
	switch {
	case q.changesNothing():
		return is(stuck, "in %s", "they would be "+out+" ("+why+"), but MODE=plan changes nothing in the tenant")
	case q.survey.Plan.Hold != "" && (c.Kind != plan.Remove || !c.Leave.Gone()):
		return is(stuck, "in %s", fmt.Sprintf("they would be %s (%s), but all changes are held, because %s", out, why, q.survey.Plan.Hold))
	}
	return is(going, "in %s as "+c.Role.String()+", and is to be "+out, why+q.failure(st, c)+slowed)
}

// judgeKept is about somebody who would go, but for what stops it.
func (q *inquiry) judgeKept(st *standing, s stop, c plan.Change) conclusion {
	would := "taken out"
	if c.Kind == plan.Demote {
		would = "made a member"
	}
	text := q.because(st, s)
	switch {
	case s.Rail == plan.RailProtected:
		text = "PROTECTED_USERS names them"
	case s.state == later:
		return is(stuck, "in %s, and is to be "+would+" later", fmt.Sprintf("%s; %s", leaveText(c), text))
	}
	return is(stuck, "in %s", fmt.Sprintf("they would be %s (%s), but %s", would, leaveText(c), text))
}

// leaveText says why somebody is to go, or to be a member only.
func leaveText(c plan.Change) string {
	if c.Kind == plan.Demote {
		if c.Leave == org.LeftStore {
			return "their manager position has ended"
		}
		return "no row makes them an owner any more"
	}
	return c.Leave.String()
}

// judgePromotion is about a member who is wanted as owner.
func (q *inquiry) judgePromotion(st *standing) conclusion {
	state, why := "in %s as member, and belongs in it as owner", st.entry.Reason.String()
	c, planned := st.coming()
	s, _, stopped := st.stopped(false)
	switch {
	case st.entry.StayOnly:
		return is(settled, state, why+"; their account may not be added or promoted now")
	case q.survey.Plan.Hold != "":
		return is(missing, state, why+"; all changes are held, because "+q.survey.Plan.Hold)
	case stopped:
		return is(missing, state, q.because(st, s))
	case planned && q.changesNothing():
		return is(missing, state, why+"; MODE=plan changes nothing in the tenant")
	case planned:
		if c.PutBack {
			why += "; somebody made them a member by hand" + q.noticed(st)
		}
		run, slowed := q.pace(c)
		return is(coming, "in %s as member, and is to be made owner at "+run, why+q.failure(st, c)+slowed)
	}
	return is(missing, state, q.barred(st))
}

// judgeUnwanted is about somebody in the team whom Commerce does not want there,
// and whom the plan leaves in.
func (q *inquiry) judgeUnwanted(p *person, st *standing) conclusion {
	in := "in %s as " + st.role.String()
	kept := func(why string) conclusion { return is(tolerated, in, why) }
	switch {
	case st.found.Origin == plan.Mapped:
		return kept("it is an existing team that Commerce maps to the store; nobody is taken out of it for being there before")
	case st.presence == org.OutOfScope:
		return kept(fmt.Sprintf("store %s is out of SCOPE, so its team is let go as it is", st.key.Store))
	case st.managed == nil:
		return q.judgeExtra(p, st)
	}
	d := q.survey.Roster.Evidence.Departure(st.key, *st.managed)
	switch {
	case st.found.Frozen && !d.Leave.Gone():
		return kept("the store is closed, or not shown any more: its team is left as it is")
	case d.Leave == org.Stays:
		return kept("Commerce does not want them there, but nothing says for certain that they left: " + q.whyStays(p, st))
	case q.survey.Settings.Mode == modeAdd:
		return is(stuck, in, d.Leave.String()+", but MODE=add takes nobody out")
	}
	if d.Leave == org.Replaced {
		return kept(fmt.Sprintf("their worker has the account %s now, which has to come in first", d.Successor))
	}
	return is(stuck, in, d.Leave.String()+"; "+q.barred(st))
}

// judgeExtra is about somebody who is in the team, and whom storeteams never saw
// wanted there.
func (q *inquiry) judgeExtra(p *person, st *standing) conclusion {
	why := "Commerce never wanted them there, and who was added by hand stays until a person takes them out"
	if q.survey.Roster.Evidence.Blocked(st.key, st.user) {
		why = "an operator blocked them, but " + q.keepsIn(st)
		return is(stuck, "in %s as an extra", why)
	}
	if p.account.Cause != "" && p.user == st.user {
		why += "; " + p.trouble()
	}
	return is(tolerated, "in %s as an extra", why)
}

func (q *inquiry) keepsIn(st *standing) string {
	if q.survey.Settings.Mode == modeAdd {
		return "MODE=add takes nobody out"
	}
	return q.barred(st)
}

// whyStays says what leaves it open whether somebody managed has left.
func (q *inquiry) whyStays(p *person, st *standing) string {
	worker := st.managed.Worker
	if w := q.rows.Account(worker); worker != "" && w.User.ID != st.user && w.Cause != "" {
		return fmt.Sprintf("the account recorded for worker %s now cannot be used (%s)", worker, w.Cause)
	}
	if rows := q.rows.Unread(worker, st.key); len(rows) > 0 {
		return unreadText(rows[0])
	}
	if _, shown := q.survey.Users.ByID(st.user); !shown {
		return "the tenant's users as last read do not have the account"
	}
	if flag, said := q.rows.Active(st.key.Store, worker); said && flag == org.Unknown {
		return "RetailChannelWorkers says neither Yes nor No to IsActive there"
	}
	for _, w := range p.workers {
		for _, held := range w.rows.Positions {
			if held.Current && held.Unclear {
				return fmt.Sprintf("rows leave open whether their position %s has manager privileges", held.Position)
			}
		}
	}
	return "who belongs to this team was not looked at, or cannot be told from what was read"
}

func unreadText(row org.BadRow) string {
	return fmt.Sprintf("row %s of %s could not be read (%s)", row.Row, row.Collection, row.Problem)
}
