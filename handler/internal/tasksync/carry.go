package tasksync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// keptLosses is how many values that did not win an entry keeps.
const keptLosses = 5

// step is what is to be done about the entry of an index.
type step struct {
	index    int
	decision task.Decision
	counts   bool // as a deletion, against the limits
}

// carryOut does what was decided. What goes wrong with one task costs no other;
// only what says that the reading is out of date ends it.
func (v *visit) carryOut(ctx context.Context, steps []step) error {
	if err := v.claim(ctx, steps); err != nil {
		return err
	}
	var forgotten []string
	for _, s := range steps {
		e := &v.row.Entries[s.index]
		err := v.do(ctx, e, s.decision)
		switch {
		case errors.Is(err, errMoved):
			return errors.Join(err, v.save(ctx)) // what was created must not be forgotten
		case err != nil:
			v.failed(fmt.Errorf("task %s: %w", e.Key, err))
		case s.decision == task.Forget:
			forgotten = append(forgotten, e.Key)
		}
	}
	if len(forgotten) > 0 {
		v.row.Entries = slices.DeleteFunc(v.row.Entries, func(e task.Entry) bool { return slices.Contains(forgotten, e.Key) })
		v.changed = true
	}
	return nil
}

// claim notes, in one write, all that is about to be created in Planner.
func (v *visit) claim(ctx context.Context, steps []step) error {
	creating := false
	for _, s := range steps {
		e := &v.row.Entries[s.index]
		switch s.decision {
		case task.CreateInTeams, task.Restore:
			if v.claimed(e.Claimed) == 0 {
				e.Claimed, v.changed, creating = v.now, true, true
			}
			if e.Campaign != "" {
				v.claimBucket(e.Campaign)
			}
		case task.Cancel:
			v.claimBucket(task.CancelledBucket)
			creating = true
		case task.MergeBoth:
			if !e.Cancelled.IsZero() && e.Campaign != "" {
				v.claimBucket(e.Campaign)
				creating = true
			}
		}
	}
	if !creating {
		return nil
	}
	return v.save(ctx)
}

func (v *visit) do(ctx context.Context, e *task.Entry, d task.Decision) error {
	switch d {
	case task.MergeBoth:
		return v.merge(ctx, e)
	case task.CreateInTeams, task.Restore:
		return v.createCard(ctx, e)
	case task.CreateAtHome:
		return v.createRow(ctx, e)
	case task.DeleteInTeams:
		return v.deleteBoth(ctx, e)
	case task.DeleteAtHome:
		return v.deleteRow(ctx, e)
	case task.Cancel:
		return v.cancel(ctx, e)
	}
	return nil
}

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
	base := out.Base
	var errs []error
	if tell := joined(out.Write[task.Teams], missing); len(tell) > 0 {
		changed, err := v.Teams.Change(ctx, v.place, card, tell)
		if err != nil {
			base = base.Unsent(task.Teams)
			errs = append(errs, moved(err))
		} else {
			card = changed
			base = base.Wrote(task.Teams, changed.State.Values)
		}
	}
	if tell := joined(out.Write[task.Home], v.toCommerce(e)); len(tell) > 0 && e.Home != "" {
		changed, err := v.Commerce.Change(ctx, v.place, row, tell)
		if err != nil {
			base = base.Unsent(task.Home)
			errs = append(errs, moved(err))
		} else {
			v.rows[e.Home] = changed // its version is ours: no change for the sweep to find
		}
	}
	if e.Origin == task.FromList && (row.Cancelled || !v.shows(e.Home)) {
		base = base.Silent(task.Home)
	}
	v.lookAgain(base.LookAgain(v.now))
	v.noteCard(e, card)
	v.noteMerge(e, base, out)
	return errors.Join(errs...)
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

// createCard makes the task on the board, as its home shows it, with the status
// it had if the home does not show a further one.
func (v *visit) createCard(ctx context.Context, e *task.Entry) error {
	if e.Claimed != v.now { // claimed by a look before this one
		v.lookAgain(v.claimed(e.Claimed))
		return nil
	}
	home := v.home(e)
	bucket, err := v.bucketFor(ctx, e)
	if err != nil || bucket == "" && e.Campaign != "" {
		e.Claimed, v.changed = time.Time{}, true // nothing was tried
		return err
	}
	values := maps.Clone(home.Values)
	if values[task.Status] == "" {
		values[task.Status] = e.Status
	}
	if values[task.Status] == task.Cancelled {
		delete(values, task.Status) // which Planner does not know
	}
	card, err := v.Teams.Create(ctx, v.place, NewItem{Group: bucket, State: values})
	if errors.Is(err, ErrFull) {
		card, err = v.createInRoom(ctx, NewItem{Group: bucket, State: values}, err)
	}
	if err != nil {
		if v.lostBucket(err, e.Campaign) {
			return errors.Join(errMoved, err)
		}
		return err
	}
	v.link(e, card.ID)
	v.cards[card.ID] = card
	if e.Origin == task.FromList && e.Home == "" && v.homeCreates() {
		return v.createRow(ctx, e)
	}
	return v.merge(ctx, e)
}

// bucketFor returns the bucket for an entry's campaign, empty for a store's own
// task or while the bucket has to be waited for.
func (v *visit) bucketFor(ctx context.Context, e *task.Entry) (string, error) {
	if e.Campaign == "" {
		return "", nil
	}
	name := v.rows[e.Home].GroupName
	if c := v.campaigns[e.Campaign]; e.Origin == task.FromList && c != nil {
		name = c.Name
	}
	if strings.TrimSpace(name) == "" {
		name = "Tasks from Commerce"
	}
	return v.bucket(ctx, e.Campaign, name)
}

// createRow puts a task into Commerce that did not come from there.
func (v *visit) createRow(ctx context.Context, e *task.Entry) error {
	state := v.cards[e.Planner].State
	if e.Origin == task.FromList {
		state = v.home(e)
		if status, shown := v.cards[e.Planner].State.Values[task.Status]; shown {
			state.Values[task.Status] = status
		}
	}
	name := v.settings.BoardTitle
	if c := v.campaigns[e.Campaign]; c != nil {
		name = c.Name
	}
	row, err := v.Commerce.Create(ctx, v.place, NewItem{
		ID: homeID(v.store.Number, e), Group: processID(v.store.Number, e.Campaign), Name: name,
		State: homeValues(state, v.Commerce.Abilities().Writes),
	})
	if err != nil {
		return err
	}
	e.Home, v.changed = row.ID, true
	v.rows[row.ID] = row
	return v.merge(ctx, e)
}

// deleteBoth deletes a task on the board, and what a list sent in Commerce too:
// it is nobody's there once its list has gone.
func (v *visit) deleteBoth(ctx context.Context, e *task.Entry) error {
	if err := v.deleteCard(ctx, e); err != nil || e.Origin != task.FromList {
		return err
	}
	return v.deleteRow(ctx, e)
}

func (v *visit) deleteCard(ctx context.Context, e *task.Entry) error {
	card, shown := v.cards[e.Planner]
	if !shown {
		return nil
	}
	if err := v.Teams.Delete(ctx, v.place, card); err != nil {
		return moved(err)
	}
	delete(v.cards, e.Planner)
	forgetCard(e)
	v.changed = true
	return nil
}

func (v *visit) deleteRow(ctx context.Context, e *task.Entry) error {
	row, shown := v.rows[e.Home]
	if !shown || !v.Commerce.Abilities().Deletes {
		return nil
	}
	if err := v.Commerce.Delete(ctx, v.place, row); err != nil {
		return moved(err)
	}
	delete(v.rows, e.Home)
	e.Home, v.changed = "", true
	return nil
}

// cancel moves a task to the bucket of the cancelled ones, from where it goes
// after a while. Completed ones stay where they are.
func (v *visit) cancel(ctx context.Context, e *task.Entry) error {
	card, shown := v.cards[e.Planner]
	if !shown || !e.Cancelled.IsZero() {
		return nil
	}
	bucket, err := v.bucket(ctx, task.CancelledBucket, "Cancelled")
	if err != nil || bucket == "" {
		return err
	}
	if card.Group != bucket {
		if card, err = v.Boards.Move(ctx, card, bucket); err != nil {
			return moved(err)
		}
	}
	v.cards[card.ID] = card
	e.Cancelled, e.Status = v.now, task.Cancelled
	v.noteCard(e, card)
	return nil
}

// uncancel moves a task back to its campaign: nobody calls it off any more.
func (v *visit) uncancel(ctx context.Context, e *task.Entry, card Item) (Item, error) {
	bucket, err := v.bucketFor(ctx, e)
	if err != nil {
		return card, err
	}
	if bucket != "" && card.Group == v.row.Buckets[task.CancelledBucket].ID {
		if card, err = v.Boards.Move(ctx, card, bucket); err != nil {
			return card, moved(err)
		}
		v.cards[card.ID] = card
	}
	e.Cancelled, v.changed = time.Time{}, true
	return card, nil
}
