package explain

import (
	"fmt"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// judgeOutside is about somebody who is not in the team, and is not to be added.
func (q *inquiry) judgeOutside(p *person, st *standing) conclusion {
	out := func(why string) conclusion { return is(outside, "not in %s", why).but(q.removal(st)) }
	unusable := belongs("in %s, but has no usable account", p.trouble())
	_, accepted := st.accepted()
	switch {
	case q.survey.Roster.Evidence.Blocked(st.key, st.user):
		return out(q.blockText(st))
	case st.presence != org.InScope:
		return out(q.presenceText(st.key, st.presence))
	case st.entry != nil, accepted:
		return unusable
	case !st.key.IsStore():
		return q.judgeCommunications(p, unusable, out)
	}
	if why := q.denied(p, st); why != "" {
		return out(why)
	}
	if why := q.unreadAbout(p, st.key); why != "" {
		return out(why)
	}
	if st.said {
		return out(channelText(st.active))
	}
	if why := q.positionText(p, st.key.Store); why != "" {
		return out(why)
	}
	if why := q.unitText(p, st.key.Store); why != "" {
		return out(why)
	}
	return out("no row connects them with this store" + q.elsewhere(p, st.key))
}

// removal says when somebody was taken out, if that was the last thing done to
// them. The making of the team is done to its first owner.
func (q *inquiry) removal(st *standing) string {
	for _, e := range slices.Backward(q.events) {
		if e.Team == nil || *e.Team != st.key || e.Error != "" {
			continue
		}
		if kind, change := kindOf(e); change && kind <= plan.Unarchive && e.User != st.user {
			continue
		}
		if e.What == plan.Remove.String() {
			return "; they were taken out on " + moment(e.At)
		}
		break
	}
	return ""
}

// blockText says how far somebody is kept out, and since when. What keeps them
// out of every team counts before what keeps them out of one.
func (q *inquiry) blockText(st *standing) string {
	everywhere := slices.Contains(q.survey.Settings.Rules.Blocks, org.Block{User: st.user})
	text := "blocked by an operator from this team"
	if everywhere {
		text = "blocked by an operator from every team"
	}
	for _, e := range slices.Backward(q.events) {
		if e.User != st.user || e.What != "block" && e.What != "revoke" {
			continue
		}
		if everywhere && e.Team == nil || !everywhere && e.Team != nil && e.Team.Store.Folded() == st.key.Store.Folded() {
			return text + " on " + moment(e.At)
		}
	}
	return text
}

// presenceText says why a store that is not in the roster is not.
func (q *inquiry) presenceText(key org.TeamKey, presence org.Presence) string {
	switch presence {
	case org.OutOfScope:
		return fmt.Sprintf("store %s is out of SCOPE", key.Store)
	case org.Closed:
		return fmt.Sprintf("CLOSED_STORES names store %s", key.Store)
	case org.Unreadable:
		return fmt.Sprintf("no row of RetailStores that could be read has the number %s, and one could not be read", key.Store)
	}
	text := fmt.Sprintf("RetailStores has no store %s", key.Store)
	if closing, known := q.survey.Closings[key]; known && !closing.Sighted.IsZero() {
		text += ", since the reading of " + moment(closing.Sighted)
	}
	return text
}

// judgeCommunications is about who may be a communications manager.
func (q *inquiry) judgeCommunications(p *person, unusable conclusion, out func(string) conclusion) conclusion {
	role := q.survey.Settings.Rules.CommunicationsRole
	holds := slices.ContainsFunc(p.roles, func(r org.RoleAssignment) bool { return !r.Disabled() })
	switch {
	case len(p.roles) == 0:
		return out(fmt.Sprintf("no row of SecurityUserRoleAssociations gives them the role %q, and no setting names them as an owner", role))
	case !holds:
		return out(fmt.Sprintf("SecurityUserRoleAssociations says that their role %q is disabled", role))
	case p.left():
		return out("every employment of theirs has ended" + lastEnded(p))
	}
	return unusable
}

// denied says what a row has against every rule that speaks for them.
func (q *inquiry) denied(p *person, st *standing) string {
	for _, c := range st.claims {
		switch c.Denied {
		case org.LeftCompany:
			return "every employment of theirs has ended" + lastEnded(p)
		case org.LeftStore:
			return fmt.Sprintf("RetailChannelWorkers says IsActive No there, which outweighs that they are named by a rule (%s)", c.Reason)
		}
	}
	return ""
}

// unreadAbout says which row about them could not be read.
func (q *inquiry) unreadAbout(p *person, key org.TeamKey) string {
	for _, w := range p.workers {
		for _, row := range q.rows.Unread(w.number, key) {
			if row.Worker == w.number {
				return unreadText(row)
			}
		}
	}
	return ""
}

func channelText(active org.Flag) string {
	if active == org.No {
		return "RetailChannelWorkers says IsActive No there"
	}
	return "RetailChannelWorkers says neither Yes nor No to IsActive there"
}

// positionText says why a position in the store's department gives nothing.
func (q *inquiry) positionText(p *person, store org.StoreNumber) string {
	_, byDepartment := q.rows.Rule()
	text := ""
	for _, held := range positionsOf(p) {
		at := fmt.Sprintf("their position %s in its department", held.Position)
		switch {
		case !slices.Contains(held.Stores, store):
			continue
		case !held.Current && q.survey.At.Before(held.From):
			text = fmt.Sprintf("%s begins on %s", at, moment(held.From))
		case !held.Current:
			text = fmt.Sprintf("%s ended on %s", at, moment(held.To))
		case held.Unclear:
			text = at + " has privileges that rows leave open"
		case !held.Privileged:
			text = at + " has no manager privileges, and no row of RetailChannelWorkers says that they are active there"
		case !byDepartment:
			text = fmt.Sprintf("%s does not count, by MANAGER_RULE=%s, and no row of RetailChannelWorkers says that they are active there",
				at, q.survey.Settings.Rules.ManagerRule)
		}
		if held.Current {
			return text // what is now says more than what was
		}
	}
	return text
}

func positionsOf(p *person) []org.HeldPosition {
	var all []org.HeldPosition
	for _, w := range p.workers {
		all = append(all, w.rows.Positions...)
	}
	return all
}

// unitText says why being named by the store's unit gives nothing.
func (q *inquiry) unitText(p *person, store org.StoreNumber) string {
	byUnit, _ := q.rows.Rule()
	rows, _ := q.rows.Store(store)
	if !byUnit && p.isWorker(rows.Unit.Manager) {
		return fmt.Sprintf("OperatingUnits %s names them manager, which does not count by MANAGER_RULE=%s", rows.Unit.Number, q.survey.Settings.Rules.ManagerRule)
	}
	return ""
}

// elsewhere names the stores that rows do connect a person with.
func (q *inquiry) elsewhere(p *person, but org.TeamKey) string {
	var stores []string
	for _, w := range p.workers {
		for _, store := range q.rows.StoresOf(w.number, w.rows) {
			if store != but.Store {
				stores = append(stores, string(store))
			}
		}
	}
	switch n := len(distinct(stores)); {
	case n == 0:
		return ", nor with any other"
	case n > maxNamed:
		return fmt.Sprintf("; rows name them in %d others", n)
	}
	return "; rows name them in " + list(distinct(stores))
}
