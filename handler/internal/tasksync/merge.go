package tasksync

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// keptLosses is how many values that did not win an entry keeps.
const keptLosses = 5

// merge compares both sides and tells each what it does not show yet.
func (v *visit) merge(ctx context.Context, e *task.Entry) error {
	card, row := v.cards[e.Planner], v.rows[e.Home]
	if card.Version < e.ETag || card.DetailsVersion != "" && card.DetailsVersion < e.DetailsETag {
		v.lookAgain(time.Minute) // an older state than we know of: nothing can be said
		return nil
	}
	if !e.Cancelled.IsZero() {
		var err error
		if card, err = v.uncancel(ctx, e, card); err != nil {
			return err
		}
	}
	home, teams := v.home(e), card.State
	teams.Ordered = v.Teams.Abilities().Versions
	missing := unfinished(teams, home.Values, e.Base)
	teams.Values = without(teams.Values, missing)
	out := task.Merge(e.Origin, e.Base, home, teams, v.now)
	card, base, teamsErr := v.tellTeams(ctx, card, joined(out.Write[task.Teams], missing), out.Base)
	base, homeErr := v.tellHome(ctx, e, joined(out.Write[task.Home], v.toCommerce(e)), base)
	if e.Origin == task.FromList && (row.Cancelled || !v.shows(e.Home)) {
		base = base.Silent(task.Home)
	}
	v.lookAgain(base.LookAgain(v.now))
	v.noteCard(e, card)
	v.noteMerge(e, base, out)
	return errors.Join(teamsErr, homeErr)
}

// tellTeams writes to the board what it does not show yet, and returns the task as
// it is then.
func (v *visit) tellTeams(ctx context.Context, card Item, tell task.Values, base task.Base) (Item, task.Base, error) {
	if len(tell) == 0 {
		return card, base, nil
	}
	changed, err := v.Teams.Change(ctx, v.place, card, tell)
	if err != nil {
		return card, base.Unsent(task.Teams), moved(err)
	}
	return changed, base.Wrote(task.Teams, changed.State.Values), nil
}

// tellHome writes to Commerce what it does not show yet, if it has the task. What
// it answers is only expected of it: its next reading may be older.
func (v *visit) tellHome(ctx context.Context, e *task.Entry, tell task.Values, base task.Base) (task.Base, error) {
	if len(tell) == 0 || e.Home == "" {
		return base, nil
	}
	changed, err := v.Commerce.Change(ctx, v.place, v.rows[e.Home], tell)
	if err != nil {
		return base.Unsent(task.Home), moved(err)
	}
	v.rows[e.Home] = changed // its version is ours: no change for the sweep to find
	return base, nil
}

// unfinished is what a task on the board still has to be told of its home: what is
// empty there, not at home, and was never seen on the board at all. A task is
// created in two steps, and we may have been killed between them; nobody emptied it.
func unfinished(teams task.State, home task.Values, base task.Base) task.Values {
	values := maps.Clone(home)
	maps.DeleteFunc(values, func(f task.Field, value string) bool {
		shown, shows := teams.Values[f]
		return value == "" || !shows || shown != "" || !teams.Takes.Has(f) || base.Fields[f].Shown[task.Teams] != 0
	})
	return values
}

func without(values, fields task.Values) task.Values {
	values = maps.Clone(values)
	maps.DeleteFunc(values, func(f task.Field, _ string) bool { _, is := fields[f]; return is })
	return values
}

// joined returns what either says.
func joined(a, b task.Values) task.Values {
	if len(a) == 0 {
		return b
	}
	a = maps.Clone(a)
	maps.Copy(a, b)
	return a
}

// note lets something change an entry, and notices whether it did.
func (v *visit) note(e *task.Entry, change func()) {
	before := *e
	change()
	before.At = e.At // which says when that was, and nothing else
	if !reflect.DeepEqual(before, *e) {
		e.At, v.changed = v.now, true
	}
}

// moved says of an error that means that somebody was faster, or that the task
// has gone, that everything has to be read again.
func moved(err error) error {
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return errors.Join(errMoved, err)
	}
	return err
}

func (v *visit) noteCard(e *task.Entry, card Item) {
	v.note(e, func() {
		e.ETag = card.Version
		// A listing shows a task without details whole, and no version of them.
		if card.DetailsVersion != "" && (card.DetailsVersion != e.DetailsETag || v.now.Sub(e.DetailsAt) >= v.settings.DetailsInterval/2) {
			e.DetailsETag, e.DetailsAt = card.DetailsVersion, v.now
		}
	})
}

func (v *visit) noteMerge(e *task.Entry, base task.Base, out task.Outcome) {
	v.note(e, func() {
		e.Base, e.HomeVersion = base, v.rows[e.Home].Version
		e.MissingHome, e.MissingTeams, e.Claimed = time.Time{}, time.Time{}, time.Time{}
		for f, into := range map[task.Field]*string{task.Title: &e.Title, task.Status: &e.Status, task.Due: &e.Due} {
			if value, agreed := out.Agreed[f]; agreed {
				*into = value
			}
		}
		if len(out.Losses) > 0 {
			losses := slices.Concat(e.Losses, out.Losses)
			e.Losses = losses[max(0, len(losses)-keptLosses):]
		}
	})
}
