package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// conclusion is what a standing comes to. Standings that come to the same are
// told in one sentence.
type conclusion struct {
	rank  rank
	verb  string // is or belongs
	state string // with %s for the teams: "not in %s"
	why   string
	only  string // said after why if it is of one team alone
}

func is(r rank, state, why string) conclusion {
	return conclusion{rank: r, verb: "is", state: state, why: why}
}

func belongs(state, why string) conclusion {
	return conclusion{rank: missing, verb: "belongs", state: state, why: why}
}

// but adds what is said only if it is of one team.
func (c conclusion) but(only string) conclusion {
	c.only = only
	return c
}

// plural turns what is said of one into what is said of "they".
var plural = strings.NewReplacer("is ", "are ", "belongs ", "belong ", "has ", "have ")

// rank says how much a conclusion is worth telling first.
type rank uint8

// The ranks, most worth telling first.
const (
	missing   rank = iota // belongs and is not in, and the next run does not change it
	coming                // the next run brings or promotes them
	stuck                 // is to go, and something keeps them in
	going                 // the next run takes them out
	outside               // does not belong, though something connects them
	tolerated             // is in, though Commerce does not want them
	settled               // is in as wanted
)

// sentence tells a conclusion of a person, who is named, or "they".
func (c conclusion) sentence(who string, keys []org.TeamKey) string {
	said := c.verb + " " + c.state
	if who == they {
		said = plural.Replace(said)
	}
	text := capital(who) + " " + fmt.Sprintf(said, teamsText(keys))
	if c.why != "" {
		text += ": " + c.why
	}
	if len(keys) == 1 {
		text += c.only
	}
	return text + "."
}

const they = "they"

// verdict answers in one or two sentences: of what is most worth telling, and of
// what comes next; more is in the steps.
func (q *inquiry) verdict(p *person, standings []standing) string {
	if len(standings) == 0 {
		return fmt.Sprintf("%s belongs in no team: %s.", capital(p.name), q.whyNowhere(p))
	}
	groups := q.conclude(p, standings)
	text := groups[0].sentence(p.name, groups[0].keys)
	if len(groups) > 1 {
		text += " " + groups[1].sentence(they, groups[1].keys)
	}
	rest := 0
	for _, g := range groups[min(2, len(groups)):] {
		rest += len(g.keys)
	}
	if rest > 0 {
		text += fmt.Sprintf(" The steps tell of %s more.", number(rest, "team"))
	}
	return text
}

// group is the teams of which a conclusion holds.
type group struct {
	conclusion
	keys []org.TeamKey
}

// conclude gathers the standings that come to the same, most worth telling first.
func (q *inquiry) conclude(p *person, standings []standing) []group {
	var groups []group
	at := map[conclusion]int{}
	for i := range standings {
		c := q.judge(p, &standings[i])
		same := c
		same.only = ""
		if _, there := at[same]; !there {
			at[same] = len(groups)
			groups = append(groups, group{conclusion: c})
		}
		g := &groups[at[same]]
		g.keys = append(g.keys, standings[i].key)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.rank, b.rank) })
	return groups
}

// whyNowhere says why nothing connects a person with any team.
func (q *inquiry) whyNowhere(p *person) string {
	switch {
	case p.left():
		return "every employment of theirs has ended" + lastEnded(p)
	case len(p.workers) == 0:
		return "Commerce records the account for no worker, it is in no team of storeteams, and no setting names it as an owner"
	case len(q.rows.Unread(p.workers[0].number, org.Communications)) > 0:
		return "no row that could be read connects them with a store, and one that could not be read may be about them"
	case slices.ContainsFunc(p.workers, func(w worker) bool { return len(w.rows.Workers) == 0 }):
		return "Workers has no row of them, and nothing connects them with a store"
	}
	return "no row of RetailChannelWorkers, OperatingUnits or PositionWorkerAssignmentsV2 connects them with a store"
}

func lastEnded(p *person) string {
	var rows []org.Employment
	for _, w := range p.workers {
		rows = append(rows, w.rows.Employments...)
	}
	if last := lastEnd(rows); !last.IsZero() {
		return ", the last on " + moment(last)
	}
	return ""
}

// judge says what a standing comes to.
func (q *inquiry) judge(p *person, st *standing) conclusion {
	switch {
	case st.in && st.user != p.user:
		c := q.judgePresent(p, st)
		c.why += fmt.Sprintf("; this is with account %s, which is not the one that counts for them now", st.user)
		return c
	case st.in:
		return q.judgePresent(p, st)
	case st.entry != nil && !st.entry.StayOnly:
		return q.judgeAwaited(st)
	}
	return q.judgeOutside(p, st)
}

// judgeAwaited is about somebody who is wanted, and is not in.
func (q *inquiry) judgeAwaited(st *standing) conclusion {
	as := fmt.Sprintf("%s (%s)", asRole(st.entry.Role), st.entry.Reason)
	if hold := q.survey.Plan.Hold; hold != "" {
		return belongs("in %s, but is not in it", "all changes are held, because "+hold)
	}
	if s, _, ok := st.stopped(false); ok {
		return belongs("in %s, but is not in it", q.because(st, s))
	}
	if c, ok := st.coming(); ok {
		if c.PutBack {
			as += "; somebody took them out by hand" + q.noticed(st)
		}
		if q.changesNothing() {
			return is(missing, "not in %s", "they are to be added "+as+", but MODE=plan changes nothing in the tenant")
		}
		run, slowed := q.pace(c)
		return is(coming, "to be added to %s at "+run, as+q.failure(st, c)+slowed)
	}
	return belongs("in %s, but is not in it", q.barred(st))
}

// noticed says when it was first seen that somebody was taken out by hand.
func (q *inquiry) noticed(st *standing) string {
	if h, known := q.undone(st); known {
		return ", first seen on " + moment(h.Noticed)
	}
	return ""
}

// because says what stops a change about somebody.
func (q *inquiry) because(st *standing, s stop) string {
	text := s.Why
	if h, known := q.undone(st); known && s.state == later {
		text += fmt.Sprintf(" (first seen on %s)", moment(h.Noticed))
	}
	if s.state == held {
		text = fmt.Sprintf("this is held by rail %s, hold %s: %s", s.Rail, q.holdText(s), s.Why)
	}
	return text
}

// holdText names a hold and what a person said of it.
func (q *inquiry) holdText(s stop) string {
	switch {
	case s.hold == nil:
		return s.Hash() + " (listed from the next run on)"
	case s.hold.Decided.IsZero():
		return fmt.Sprintf("%s (%s since %s)", s.hold.Hash, s.hold.Decision, moment(s.hold.Since))
	}
	return fmt.Sprintf("%s (%s on %s)", s.hold.Hash, s.hold.Decision, moment(s.hold.Decided))
}

// barred says what about the team keeps everybody from coming.
func (q *inquiry) barred(st *standing) string {
	if len(st.barred) > 0 {
		switch first := st.barred[0]; {
		case first.state == held && len(first.Changes) == 0:
			return "the team is held: " + first.Why
		case first.state == held:
			return fmt.Sprintf("the team is held by rail %s, hold %s: %s", first.Rail, q.holdText(first), first.Why)
		default:
			return "the team is left alone: " + first.Why
		}
	}
	if len(st.making) > 0 {
		run, slowed := q.pace(st.making...)
		return fmt.Sprintf("%s is to do this first: %s; people follow in the run after it%s%s", run, st.making[0], q.makingFailure(st.key), slowed)
	}
	return "what the tenant shows leaves it open; the next run looks again"
}

// changesNothing reports whether runs only compute.
func (q *inquiry) changesNothing() bool { return q.survey.Settings.Mode == modePlan }
