package tasksync

import (
	"context"
	"errors"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// strays deletes from the board what a creation left that was taken for lost and
// repeated: an untouched task of our app that no entry names, of the same title,
// due date and bucket as one that an entry does name.
func (v *visit) strays(ctx context.Context) error {
	linked := v.linked()
	type likeness struct{ title, due, bucket string }
	like := func(card Item) likeness {
		return likeness{card.State.Values[task.Title], card.State.Values[task.Due], card.Group}
	}
	twins := map[likeness]bool{}
	for id := range linked {
		if card, shown := v.cards[id]; shown {
			twins[like(card)] = true
		}
	}
	var errs []error
	for id, card := range v.cards {
		if _, is := linked[id]; is || !card.ByUs || !twins[like(card)] || card.State.Values[task.Status] != task.NotStarted || card.State.Values[task.Assignees] != "" {
			continue
		}
		if err := v.Teams.Delete(ctx, v.place, card); err != nil {
			errs = append(errs, moved(err))
			continue
		}
		delete(v.cards, id)
	}
	return errors.Join(errs...)
}
