package tasksweep

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// believed is what of a former number of tasks still counts after a short reading,
// in percent: a Commerce that lost most of its tasks is believed after an hour or
// two of short readings.
const believed = 90

// stock is what a reading of Commerce shows, by store: versions by task.
type stock map[org.StoreNumber]map[string]string

// readCommerce reads all of Commerce's tasks when it is time to, and compares.
func (t *tick) readCommerce(ctx context.Context) error {
	if t.now.Sub(t.sweep.CommerceAt) < t.settings.Commerce {
		return nil
	}
	since := t.now.Add(-t.settings.Keep)
	read := stock{}
	count := 0
	for item, err := range t.Stock.Tasks(ctx, since) {
		if err != nil {
			return fmt.Errorf("read Commerce's tasks: %w", err)
		}
		count++
		store, open := t.dir.Store(item.Store)
		if !open {
			continue
		}
		if read[store.Number] == nil {
			read[store.Number] = map[string]string{}
		}
		version := item.Version
		if item.Cancelled {
			version += cancelledMark
		}
		read[store.Number][item.ID] = version
	}
	before := t.sweep.CommerceTasks
	short := count*100 < before*t.settings.MinSource
	t.sweep.CommerceAt, t.sweep.CommerceTasks, t.changed = t.now, count, true
	if short {
		t.Log.WarnContext(ctx, "Commerce shows far fewer tasks than before", "count", count, "before", before)
		t.sweep.CommerceTasks = max(count, before*believed/100)
	}
	return t.compareStock(ctx, read, since, short)
}

// cancelledMark is put behind the version of a cancelled task.
const cancelledMark = "!"

// compareStock finds out what of a reading nobody dealt with yet.
func (t *tick) compareStock(ctx context.Context, read stock, since time.Time, short bool) error {
	for _, store := range t.dir.Stores() {
		shown := read[store.Number]
		mark := digest(shown)
		before := t.sweep.Stores[store.Number]
		if before.Commerce == mark || len(shown) == 0 && before.Commerce == 0 {
			continue
		}
		row, err := t.Book.Board(ctx, store.Number)
		if err != nil {
			return fmt.Errorf("store %s: %w", store.Number, err)
		}
		settled := t.missedInCommerce(row, shown, mark, since, short)
		t.swept(store.Number, func(s *tasksync.SweptStore) {
			s.Changed = t.now
			if settled && !short {
				s.Commerce = mark
			}
		})
	}
	return nil
}

// missedInCommerce wishes looks at what Commerce shows otherwise than the store's
// row remembers, and reports whether that is nothing. What a short reading leaves
// out says nothing.
func (t *tick) missedInCommerce(row *tasksync.BoardRow, shown map[string]string, mark task.Mark, since time.Time, short bool) (settled bool) {
	settled = true
	known := make(map[string]bool, len(row.Entries))
	whole := func() {
		settled = false
		t.wish(row.Store, "commerce "+strconv.FormatUint(uint64(mark), 36))
	}
	for i := range row.Entries {
		e := &row.Entries[i]
		if e.Home == "" {
			continue
		}
		known[e.Home] = true
		switch version, is := shown[e.Home]; {
		case !is && !short && !isPast(e.Due, since):
			whole()
		case is && version != e.HomeVersion && version != e.HomeVersion+cancelledMark:
			settled = false
			t.wishes(row.Store).tasks["commerce:"+e.Home] = version
		case is && version == e.HomeVersion+cancelledMark && e.Cancelled.IsZero() && e.Status != task.Completed:
			whole()
		}
	}
	for id, version := range shown {
		if !known[id] && version[max(len(version)-1, 0):] != cancelledMark {
			whole()
		}
	}
	return settled
}

// isPast reports whether a task is due so long ago that a reading since then may
// leave it out. A day's grace is for time zones.
func isPast(due string, since time.Time) bool {
	day, ok := task.DayOf(due)
	return ok && day.Before(since.AddDate(0, 0, 1))
}
