package explain

import (
	"fmt"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// failure tells the last try of a change, if it failed: of making the team, as
// long as that is to be done first, or else of this very change.
func (q *inquiry) failure(st *standing, c plan.Change) string {
	if len(st.making) > 0 {
		return q.makingFailure(st.key)
	}
	e, failed := q.lastTry(st.key, func(e ledger.Event) bool { return e.What == c.Kind.String() && e.User == st.user })
	if !failed {
		return ""
	}
	return fmt.Sprintf("; the last try, on %s, failed: %s", moment(e.At), errorText(e))
}

// makingFailure tells the last try of making a team, if it failed. What is left
// to do may have changed since: a group that was made still lacks its team.
func (q *inquiry) makingFailure(key org.TeamKey) string {
	e, failed := q.lastTry(key, func(e ledger.Event) bool {
		kind, change := kindOf(e)
		return change && kind.Making()
	})
	if !failed {
		return ""
	}
	return fmt.Sprintf(", but the last try to %s its team, on %s, failed: %s", making(e), moment(e.At), errorText(e))
}

// making is the word for what an event did, or would have done, to have a team.
func making(e ledger.Event) string {
	switch kind, _ := kindOf(e); kind {
	case plan.RestoreTeam:
		return "restore"
	case plan.AdoptTeam:
		return "adopt"
	}
	return "make"
}

// lastTry finds the newest try of something in a team, and reports whether it
// failed. A later run that came to no change at all has tried it as well.
func (q *inquiry) lastTry(key org.TeamKey, is func(ledger.Event) bool) (ledger.Event, bool) {
	var barred ledger.Event
	for _, e := range slices.Backward(q.events) {
		switch {
		case e.Run == "" || e.Team == nil || *e.Team != key:
		case is(e):
			if barred.Run != "" && barred.Run != e.Run {
				return barred, true
			}
			return e, e.Error != ""
		case barred.Run == "" && q.barredAll(e):
			barred = e
		}
	}
	return barred, barred.Run != ""
}

// barredAll reports whether an event is a failure that let a run change nothing
// in a team, and no run has come further since.
func (q *inquiry) barredAll(e ledger.Event) bool {
	if _, change := kindOf(e); change || e.Error == "" || !e.User.IsZero() {
		return false
	}
	link := q.survey.Links[*e.Team]
	return link == nil || e.At.After(link.Attempted)
}

// kindOf is the kind of the change that an event is of, if it is of one.
func kindOf(e ledger.Event) (kind plan.Kind, change bool) {
	return kind, kind.UnmarshalText([]byte(e.What)) == nil
}

// errorText says what failed if the sentence around does not, and why.
func errorText(e ledger.Event) string {
	if _, change := kindOf(e); change {
		return e.Error
	}
	return e.What + ": " + e.Error
}

// eventText is an event in a line.
func eventText(e ledger.Event) string {
	text := e.What
	if e.Team != nil {
		text += " in " + e.Team.String()
	}
	if e.Text != e.What {
		text += ": " + e.Text
	}
	if e.Error != "" {
		text += "; failed: " + e.Error
	}
	return text
}

// pace says by which run changes are carried out, and what slows them. Stated
// leaves never wait.
func (q *inquiry) pace(changes ...plan.Change) (run, slowed string) {
	stated := func(c plan.Change) bool { return c.Kind == plan.Remove && c.Leave.Stated() }
	quarantine := q.survey.Quarantine
	if quarantine == nil || !slices.ContainsFunc(changes, func(c plan.Change) bool { return !stated(c) }) {
		return "the next run", ""
	}
	return "one of the next runs", fmt.Sprintf("; runs are slowed since %s, and each tries %d teams beside those of leavers, so it may take several",
		moment(quarantine.Since), rails.ProbeTeams)
}
