package tasklist

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// look is one look at the communications board.
type look struct {
	*Engine
	dir   tasksync.Directory
	board *tasksync.BoardRow
	place tasksync.Place
	now   time.Time

	campaigns map[string]*tasksync.CampaignRow // as remembered, and as saved since
	cards     map[string]tasksync.Item         // the board's tasks, and as changed since
	names     map[string]string                // the buckets', by id

	moved bool // somebody changed what had been read
	errs  []error
	again time.Duration
}

// look looks at the board and carries out what follows. The error is what kept it
// from looking; what went wrong with one list is in the look.
func (e *Engine) look(ctx context.Context) (*look, error) {
	l := &look{Engine: e, now: e.Now()}
	var err error
	if l.dir, err = e.Directory(ctx); err != nil {
		return nil, err
	}
	group := l.dir.Communications()
	if group == "" {
		return l, nil
	}
	if err := l.moveIn(ctx, group); err != nil {
		return l.conflictOr(err)
	}
	if l.campaigns, err = e.Book.Campaigns(ctx); err != nil {
		return nil, err
	}
	if l.place.Plan == "" {
		return l, nil
	}
	there, err := l.read(ctx)
	if err != nil {
		return nil, err
	}
	if !there {
		return l.conflictOr(l.lostBoard(ctx))
	}
	if err := l.foundBoard(ctx); err != nil {
		return l.conflictOr(err)
	}
	l.walk(ctx)
	if err := l.report(ctx); err != nil {
		return nil, err
	}
	return l, nil
}

// conflictOr makes a conflict over the board's row a reason to look again.
func (l *look) conflictOr(err error) (*look, error) {
	if !fault.Is(err, fault.Conflict) {
		return l, err
	}
	l.moved, l.errs = true, append(l.errs, err)
	return l, nil
}

// read reads the board's tasks, and whole those in buckets that have to do with
// sending. It reports whether the board is there.
func (l *look) read(ctx context.Context) (there bool, err error) {
	items, err := l.Teams.List(ctx, l.place)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	buckets, err := l.Boards.Buckets(ctx, l.place.Plan)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	l.names = map[string]string{}
	for _, b := range buckets {
		l.names[b.ID] = b.Name
	}
	l.cards = map[string]tasksync.Item{}
	for _, item := range items {
		l.cards[item.ID] = item
	}
	return true, l.readWhole(ctx)
}

// readWhole reads what the listing shows in part. A task that the listing shows
// and its own reading does not is left in part; its list is not looked at then.
func (l *look) readWhole(ctx context.Context) error {
	var ids []string
	for bucket := range l.lists() {
		for id, card := range l.cards {
			if card.Group == bucket && !card.Whole {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	read, err := l.Teams.Read(ctx, l.place, ids)
	if err != nil {
		return err
	}
	maps.Copy(l.cards, read)
	return nil
}

// lists returns the ids of the buckets that have a task titled Send or Cancel.
func (l *look) lists() map[string]bool {
	lists := map[string]bool{}
	for _, card := range l.cards {
		if l.isCommand(card) {
			lists[card.Group] = true
		}
	}
	return lists
}

func (l *look) isCommand(card tasksync.Item) bool {
	return task.IsCommand(card.State.Values[task.Title], l.settings.SendWord)
}
