package tasksync

import (
	"context"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// limitPause is how long deletions wait that were too many for one day.
const limitPause = time.Hour

// decide returns what is to be done about every task, deletions only as far as
// the limits of a day leave room.
func (v *visit) decide(ctx context.Context) ([]step, error) {
	steps := make([]step, 0, len(v.row.Entries))
	deletions := 0
	for i := range v.row.Entries {
		s := v.step(i)
		if s.counts {
			deletions++
		}
		steps = append(steps, s)
	}
	if deletions == 0 {
		return steps, nil
	}
	may, err := v.Book.CountDeletions(ctx, deletions, v.settings.MaxDeletions, v.now)
	if err != nil {
		return nil, err
	}
	if may < deletions {
		v.notes = append(v.notes, "More tasks would be deleted than MAX_TASK_DELETIONS allows in a day; the others wait.")
		v.lookAgain(limitPause)
	}
	for i := range steps {
		if !steps[i].counts {
			continue
		}
		if may--; may < 0 {
			steps[i].decision = task.Hold
		}
	}
	return steps, nil
}

// step decides over the entry of an index, and notes since when it is missed.
func (v *visit) step(index int) step {
	e := &v.row.Entries[index]
	home, teams := v.presences(e)
	o := task.FateOptions{
		Now: v.now, Interval: v.settings.SightingInterval,
		HomeCreates: v.homeCreates(), HomeDeletes: v.Commerce.Abilities().Deletes,
		Cancelled: e.Origin != task.FromList && v.rows[e.Home].Cancelled,
		MuchGone:  v.held(e.Campaign),
		Status:    v.cards[e.Planner].State.Values[task.Status],
	}
	stated := e.Origin == task.FromList && home == task.Absent
	asked := *e
	if stated {
		// The list itself says that the store is not to have it: that needs no
		// second sighting.
		asked.MissingHome, o.MuchGone = v.now.Add(-max(o.Interval, 1)), false
	}
	verdict := task.Fate(asked, home, teams, o)
	if stated {
		verdict.MissingHome = time.Time{}
	}
	if !verdict.MissingHome.Equal(e.MissingHome) || !verdict.MissingTeams.Equal(e.MissingTeams) {
		e.MissingHome, e.MissingTeams, v.changed = verdict.MissingHome, verdict.MissingTeams, true
	}
	if !verdict.Until.IsZero() {
		v.lookAgain(max(verdict.Until.Sub(v.now), time.Second))
	}
	s := step{index: index, decision: verdict.Decision}
	if stated && (s.decision == task.Keep || s.decision == task.DeleteInTeams && v.touched(e)) {
		s.decision = v.kept(e)
	}
	// What people said outright, by cancelling a task or withdrawing a list, is no
	// absence that could be mistaken.
	s.counts = !stated && !o.Cancelled && (s.decision == task.DeleteInTeams || s.decision == task.DeleteAtHome)
	return s
}

// kept is what becomes of a task that a list took back and that somebody works
// on: it stays, and Commerce hears of the work if it has the task.
func (v *visit) kept(e *task.Entry) task.Decision {
	if v.shows(e.Home) {
		return task.MergeBoth
	}
	return task.Keep
}

// presences says where a task is shown. Home of what a list sent is the list.
func (v *visit) presences(e *task.Entry) (home, teams task.Presence) {
	home, teams = task.Absent, task.Absent
	if _, shown := v.cards[e.Planner]; shown {
		teams = task.Shown
	}
	if e.Origin == task.FromList {
		switch _, sent, known := v.template(e); {
		case !known:
			home = task.Unknown
		case sent:
			home = task.Shown
		}
	} else if _, shown := v.rows[e.Home]; shown {
		home = task.Shown
	}
	return home, teams
}

// homeCreates reports whether tasks that did not come from Commerce are put there.
func (v *visit) homeCreates() bool { return v.Commerce.Abilities().Creates && !v.settings.Linked }

// touched reports whether somebody in the store did something about a task.
func (v *visit) touched(e *task.Entry) bool {
	return !isUntouched(v.cards[e.Planner])
}
