package commerce

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// errEnough ends a reading whose reader has had enough.
var errEnough = errors.New("the reader has had enough")

// Tasks implements tasksync.Stock. Rows are handed over while their page is
// read: the whole stock of a chain is never in memory. What only the collection
// for writing shows is not read, so that items may not be whole.
//
// Rows of no store are left out and counted in the log: a process can be started
// for workers alone. Rows without readable keys are left out and logged; the
// listing of their store says so too. A row that does not say which store it is
// of ends the sequence.
func (t *Tasks) Tasks(ctx context.Context, since time.Time) iter.Seq2[tasksync.StockItem, error] {
	return func(yield func(tasksync.StockItem, error) bool) {
		err := t.stock(ctx, since, func(item tasksync.StockItem) bool { return yield(item, nil) })
		if err != nil && !errors.Is(err, errEnough) {
			yield(tasksync.StockItem{}, err)
		}
	}
}

func (t *Tasks) stock(ctx context.Context, since time.Time, yield func(tasksync.StockItem) bool) error {
	s, err := t.schema(ctx)
	if err != nil {
		return err
	}
	r, err := t.newTaskDecoder(ctx, s, "")
	if err != nil {
		return err
	}
	noStore, noKeys := 0, 0
	col := collection{name: t.o.Read, filter: s.notBefore(since)}
	err = t.pages(ctx, col, s.selected(), func(dec *json.Decoder) error {
		f, err := r.next(ctx, dec)
		switch {
		case err != nil:
			return err
		case f.item.ID == "":
			noKeys++
		case f.store == "":
			noStore++
		case current(f.item, since) && !yield(tasksync.StockItem{Store: f.store, Item: f.item}):
			return errEnough
		}
		return nil
	})
	if err != nil {
		if errors.Is(err, errEnough) {
			return errEnough
		}
		return t.readFault(err, t.o.Read, "TASK_READ")
	}
	if noStore+noKeys > 0 {
		t.log.InfoContext(ctx, "tasks left out", "without_store", noStore, "without_keys", noKeys)
	}
	return nil
}

// zoneSpan is how far the same date's beginnings in two time zones can be apart,
// and a little more.
const zoneSpan = 48 * time.Hour

// notBefore is the filter for rows one of whose dates is not before since, or
// which have none. It lets pass a little more: which date a moment is depends on
// the store's time zone.
func (s schema) notBefore(since time.Time) string {
	var later, none []string
	for _, name := range []string{attributeDue, attributeTarget} {
		if s.read[name] {
			later = append(later, name+" ge "+dateLiteral(since.Add(-zoneSpan)))
			none = append(none, name+" lt "+dateLiteral(afterNone))
		}
	}
	if len(later) == 0 {
		return ""
	}
	return strings.Join(later, " or ") + " or (" + strings.Join(none, " and ") + ")"
}

// current reports whether one of an item's dates is not before since's, or
// whether it has none.
func current(item tasksync.Item, since time.Time) bool {
	first := since.UTC().Truncate(24 * time.Hour)
	due, dated := task.DayOf(item.State.Values[task.Due])
	if !dated && item.Target.IsZero() {
		return true
	}
	return dated && !due.Before(first) || !item.Target.IsZero() && !item.Target.Before(first)
}
