package tasksync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

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
		case fault.Is(err, fault.Invalid):
			// The same again cannot help, so nobody is to try: a person has to mend it.
			v.Log.WarnContext(ctx, "a task cannot be synced", "store", v.store.Number, "task", e.Key, "err", err)
			v.notes = append(v.notes, "The task "+e.Key+" cannot be synced: one side refuses what the other has.")
		case err != nil:
			v.failed(fmt.Errorf("task %s: %w", e.Key, err))
		default:
			v.tell(ctx, e.Key, s.decision)
			if s.decision == task.Forget {
				forgotten = append(forgotten, e.Key)
			}
		}
	}
	if len(forgotten) > 0 {
		v.row.Entries = slices.DeleteFunc(v.row.Entries, func(e task.Entry) bool { return slices.Contains(forgotten, e.Key) })
		v.changed = true
	}
	return nil
}

// tell says that a change was carried out.
func (v *visit) tell(ctx context.Context, key string, d task.Decision) {
	v.Log.InfoContext(ctx, "task change done", "store", v.store.Number, "task", key, "change", d.String())
	if v.Changed != nil {
		v.Changed(ctx, d.String())
	}
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
