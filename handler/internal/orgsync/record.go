package orgsync

import (
	"fmt"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// maxNotes bounds the notes of one kind in a run record; the counts are whole.
const maxNotes = 20

// leaverAlarm is how long somebody who left may stay in, whatever keeps them,
// before it is called out in every run.
const leaverAlarm = time.Hour

// describe puts what was read and planned into the record.
func describe(run *ledger.Run, w *world, p plan.Plan) {
	run.SnapshotAt, run.Short = w.snapshot.ReadAt, w.source.Short
	run.BadRows = len(w.snapshot.BadRows)
	run.Unmapped, run.Findings = map[string]int{}, map[string]int{}
	for _, team := range w.roster.Teams {
		if team.Key.IsStore() {
			run.Stores++
		}
		run.People += len(team.Entries)
		run.Extras += len(plan.Extras(team, w.found[team.Key]))
	}
	for _, u := range w.roster.Unmapped {
		run.Unmapped[string(u.Cause)]++
	}
	for _, collection := range w.snapshot.Missing {
		note(run, "missing", org.TeamKey{}, collection+" is not published here and was done without")
	}
	for _, value := range w.snapshot.Unknowns {
		note(run, "unknown value", org.TeamKey{}, value+" is taken for neither yes nor no")
	}
	for _, row := range w.snapshot.BadRows {
		note(run, "bad row", org.TeamKey{}, fmt.Sprintf("%s %s: %s", row.Collection, row.Row, row.Problem))
	}
	for _, f := range w.roster.Findings {
		run.Findings[string(f.Code)]++
		note(run, string(f.Code), f.Team, f.Text)
	}
	run.Planned = map[string]int{}
	for kind, n := range p.Counts() {
		run.Planned[kind.String()] = n
	}
	run.Held, run.Skipped, run.Later = len(p.Held), len(p.Skipped), 0
	for _, h := range p.Held {
		note(run, "held", h.Team, h.Why)
	}
	for _, h := range p.Later {
		run.Later += max(1, len(h.Changes))
	}
	for _, h := range p.Skipped {
		note(run, "skipped", h.Team, h.Why)
	}
	if w.source.Short != "" {
		note(run, "short", org.TeamKey{}, w.source.Short)
	}
}

// alarm speaks up for leavers who should be out by now: something that nobody
// looks at must not keep a dismissed person in unnoticed.
func (s *Syncer) alarm(run *ledger.Run, v rails.Verdict, now time.Time) {
	for team := range v.Memory {
		for _, leaver := range v.Overdue(team, leaverAlarm, now) {
			note(run, "leaver still in", team, fmt.Sprintf("user %s has left, and is in the team still since %s", leaver.User, leaver.Since.Format(time.RFC3339)))
			s.Log.Error("a leaver is in the team still", "run", run.ID, "team", team.String(), "user", leaver.User, "since", leaver.Since)
		}
	}
}

// note adds a note unless there are enough of its kind.
func note(run *ledger.Run, kind string, team org.TeamKey, text string) {
	n := 0
	for _, have := range run.Notes {
		if have.Kind == kind {
			n++
		}
	}
	if n >= maxNotes {
		return
	}
	item := ledger.Note{Kind: kind, Text: text}
	if team.IsStore() {
		item.Team = team.String()
	}
	run.Notes = append(run.Notes, item)
}
