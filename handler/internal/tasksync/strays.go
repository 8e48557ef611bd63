package tasksync

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// strays deletes from the board what creations left whose answer was lost, and
// that no entry took for its own since: tasks of our app that nobody touched, beside
// others of the same campaign, or that are the very same as one of those. They count
// as deletions: a ledger that was lost together with Commerce's tasks makes all of
// them look so.
func (v *visit) strays(ctx context.Context) error {
	var found []Item
	for _, card := range v.unlinked() {
		if card.ByUs && v.claimed(card.CreatedAt) == 0 && (isUntouched(card) && v.hasOthers(card.Group) || v.hasTwin(card)) {
			found = append(found, card)
		}
	}
	if len(found) == 0 {
		return nil
	}
	may, err := v.Book.CountDeletions(ctx, len(found), v.settings.MaxDeletions, v.now)
	if err != nil {
		return err
	}
	var errs []error
	for _, card := range found[:may] {
		if err := v.Teams.Delete(ctx, v.place, card); err != nil {
			errs = append(errs, moved(err))
			continue
		}
		delete(v.cards, card.ID)
	}
	return errors.Join(errs...)
}

// unlinked returns the board's tasks that no entry names.
func (v *visit) unlinked() []Item {
	linked := v.linked()
	var cards []Item
	for id, card := range v.cards {
		if _, is := linked[id]; !is {
			cards = append(cards, card)
		}
	}
	slices.SortFunc(cards, func(a, b Item) int { return cmp.Compare(a.ID, b.ID) })
	return cards
}

func isUntouched(card Item) bool {
	values := card.State.Values
	return values[task.Status] == task.NotStarted && values[task.Assignees] == "" && values[task.Progress] == ""
}

// hasTwin reports whether an entry names a task that shows the same in the same
// bucket, or more: who made this one twice gave both the same notes, and nobody
// did anything about this one since.
func (v *visit) hasTwin(card Item) bool {
	for _, e := range v.row.Entries {
		twin, shown := v.cards[e.Planner]
		same := func(fields ...task.Field) bool {
			return !slices.ContainsFunc(fields, func(f task.Field) bool { return twin.State.Values[f] != card.State.Values[f] })
		}
		if !shown || twin.Group != card.Group || !same(task.Title, task.Due) {
			continue
		}
		begun := card.State.Values[task.Status] != task.NotStarted || card.State.Values[task.Assignees] != ""
		if same(task.Status, task.Assignees) || !begun && same(task.Progress) {
			return true
		}
	}
	return false
}

// hasOthers reports whether a bucket is one that we made, and has a task that an
// entry names.
func (v *visit) hasOthers(bucket string) bool {
	for campaign, b := range v.row.Buckets {
		if b.ID != bucket || bucket == "" {
			continue
		}
		for _, e := range v.row.Entries {
			if _, shown := v.cards[e.Planner]; shown && e.Campaign == campaign {
				return true
			}
		}
	}
	return false
}
