package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

const (
	// goodFor is how long ago the last good run may be at least: eight runs by
	// the usual schedule.
	goodFor = 2 * time.Hour

	// longestRun is host.json's functionTimeout: a run that began earlier and
	// has not ended was killed.
	longestRun = 30 * time.Minute

	// leaverTime is how long who has left may be in a team: two runs, and what
	// Graph takes to show it. Runs alarm about them from then on too.
	leaverTime = time.Hour
)

// onRuns judges how the runs went, and what they leave waiting.
func (s *signs) onRuns() []Finding {
	var found []Finding
	switch {
	case s.runsErr != nil && !fault.Is(s.runsErr, fault.NotFound):
		found = append(found, unknown("the run records could not be read", "cure what the check tables says, and "+again))
	case s.lastRun() == nil:
		found = append(found, note("last", "there has been no run yet", waitForRun))
	default:
		found = append(found, s.judgeLast(s.lastRun()), s.judgeGood())
	}
	if q := s.quarantine; q != nil && s.quarantineErr == nil {
		found = append(found, wrong("quarantine", fmt.Sprintf("since %s runs work on %d teams at a time, because %d of %d changes failed in run %s",
			moment(q.Since), rails.ProbeTeams, q.Failed, q.Tried, q.Run), "cure what the notes of `runs show "+q.Run+"` say failed; a run that goes well ends it"))
	}
	if s.survey != nil && s.surveyErr == nil {
		found = append(found, s.waiting()...)
		found = append(found, s.leavers()...)
	}
	return found
}

// lastRun is the newest run that was about all stores, nil if there was none.
func (s *signs) lastRun() *ledger.Run {
	return s.newest(func(*ledger.Run) bool { return true })
}

func (s *signs) newest(is func(*ledger.Run) bool) *ledger.Run {
	for i := len(s.runs) - 1; i >= 0; i-- {
		if r := s.runs[i]; r.Store == "" && is(r) {
			return r
		}
	}
	return nil
}

// goodFor is how long ago the last good run may be: by a slow schedule, the one
// that should have come since may fail.
func (s *signs) goodFor() time.Duration { return max(goodFor, 2*longestGap(s.settings.Schedule)) }

// running reports whether runs take place at all.
func (s *signs) running() bool {
	last := s.lastRun()
	return last != nil && s.now.Sub(last.Started) <= s.goodFor()
}

func (s *signs) judgeLast(run *ledger.Run) Finding {
	switch {
	case run.Outcome == ledger.Failed:
		return wrong("last", "the last run failed: "+run.Error, "cure what the error says, with the checks commerce, graph and tables, and start a run with `run`")
	case run.Outcome == ledger.HeldBack && s.survey != nil && s.survey.Roster.Hold != "":
		return note("last", "the last run was held as a whole: "+run.Error, "cure what the checks settings, commerce and stores say is wrong")
	case run.Outcome == ledger.HeldBack:
		return wrong("last", "the last run was held as a whole: "+run.Error, "cure what the sentence says, and start a run with `run`")
	case run.Outcome == ledger.Unfinished && s.now.Sub(run.Started) > longestRun:
		return wrong("last", "the last run began at "+moment(run.Started)+" and never ended: the app was stopped in the middle of it",
			"look into the platform's log for why the app was stopped, and start a run with `run`")
	case run.Outcome == ledger.Unfinished:
		return fine("last", "a run is under way since "+moment(run.Started))
	case len(run.Failed) > 0:
		return note("last", "some of the last run failed ("+tally(run.Failed)+"); the next one tries it again",
			"look at the notes of `runs show last` if they fail again")
	}
	return fine("last", "the last run ended "+string(run.Outcome)+" at "+moment(run.Ended))
}

// judgeGood looks for the last run that could be carried out.
func (s *signs) judgeGood() Finding {
	fix := "check that the function app is started and not out of quota, and that ORG_SYNC_SCHEDULE is a cron expression of six fields"
	if s.running() {
		fix = "cure why the last runs failed: `runs list` shows them"
	}
	good := s.newest(func(r *ledger.Run) bool { return r.Outcome == ledger.Done || r.Outcome == ledger.Partial })
	switch {
	case good != nil && s.now.Sub(good.Ended) <= s.goodFor():
		return fine("good", "a run went well at "+moment(good.Ended))
	case good != nil:
		return wrong("good", "no run has gone well since "+moment(good.Ended), fix)
	case s.now.Sub(s.runs[0].Started) <= s.goodFor():
		return note("good", "no run has gone well yet", "wait for the next run, or start one with `run`")
	}
	return wrong("good", "no run that is kept has gone well", fix)
}

// tally writes counts by name: changes, and reading Commerce.
func tally(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}

// waiting tells of the holds that nobody has decided.
func (s *signs) waiting() []Finding {
	n, oldest := 0, s.now
	for _, h := range s.survey.Holds {
		if h.Decision == rails.Waiting && s.now.Before(h.Expires) {
			n++
			if h.Since.Before(oldest) {
				oldest = h.Since
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []Finding{note("holds", fmt.Sprintf("%s for a person, the oldest since %s", count(n, "hold waits", "holds wait"), moment(oldest)),
		"look at them with `holds list`, and say `holds allow` or `holds refuse` to each")}
}

// leavers tells of people whose leave a row states, and who are in still.
func (s *signs) leavers() []Finding {
	memory := make(map[org.TeamKey]rails.Memory, len(s.survey.Links))
	for key, link := range s.survey.Links {
		memory[key] = link.Rails
	}
	v := rails.Verdict{Memory: memory, Holds: s.survey.Holds}
	var in []string
	for _, key := range sortedTeams(s.survey.Links) {
		for _, leaver := range v.Overdue(key, leaverTime, s.now) {
			if s.isOut(key, leaver.User) {
				continue
			}
			in = append(in, fmt.Sprintf("%s in %s since %s", leaver.User, key, moment(leaver.Since)))
		}
	}
	if len(in) == 0 {
		return nil
	}
	return []Finding{wrong("leavers", count(len(in), "leaver is", "leavers are")+" in a team still: "+list(in),
		"allow the holds about them (`holds list`), or take them out now with `revoke --user`")}
}

// isOut reports whether somebody has left a team since the rails last looked, as
// after a hold that was allowed. Revoking forgets at once that a person was ours;
// the mirror shows them in the team until Graph's feed tells it.
func (s *signs) isOut(key org.TeamKey, user org.UserID) bool {
	if !slices.ContainsFunc(s.survey.Found[key].People, func(p org.Person) bool { return p.User == user }) {
		return true
	}
	link := s.survey.Links[key]
	_, managed := link.Managed.Of(user)
	_, adding := link.Adding.Of(user)
	return !managed && !adding && slices.ContainsFunc(s.survey.Settings.Rules.Blocks, func(b org.Block) bool {
		return b.User == user && (b.Store == "" || b.Store.Folded() == key.Store.Folded())
	})
}
