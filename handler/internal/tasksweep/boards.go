package tasksweep

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

const (
	perBatch = 20 // boards a call
	atOnce   = 4  // calls at once

	// fewRows is how many rows are read one by one before all are read together.
	fewRows = 20
)

// findBoards finds the boards of the stores that none is known of, and wishes a
// look where there is none yet.
func (t *tick) findBoards(ctx context.Context) error {
	var missing []org.StoreNumber
	for _, number := range t.everyone() {
		s := t.sweep.Stores[number]
		if s.Plan == "" && (t.now.Sub(s.Listed) >= t.settings.Quiet || t.now.Sub(s.Whole) < t.settings.Quiet) {
			missing = append(missing, number)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	plans, err := t.plans(ctx, missing)
	if err != nil {
		return err
	}
	for _, number := range missing {
		plan := plans[number]
		if plan == "" && t.now.Sub(t.sweep.Stores[number].Listed) >= t.settings.Quiet {
			t.wish(number, "no board "+t.now.UTC().Format(time.RFC3339))
			t.swept(number, func(s *tasksync.SweptStore) { s.Listed, s.Whole = t.now, t.now })
		}
		if plan != "" {
			t.swept(number, func(s *tasksync.SweptStore) { s.Plan, s.Listed = plan, time.Time{} })
		}
	}
	return nil
}

// everyone returns all stores, and the communications board if there is a team
// for it.
func (t *tick) everyone() []org.StoreNumber {
	var all []org.StoreNumber
	if t.dir.Communications() != "" {
		all = append(all, communications)
	}
	for _, store := range t.dir.Stores() {
		all = append(all, store.Number)
	}
	return all
}

// plans reads the boards of stores out of their rows.
func (t *tick) plans(ctx context.Context, numbers []org.StoreNumber) (map[org.StoreNumber]string, error) {
	plans := make(map[org.StoreNumber]string, len(numbers))
	if len(numbers) <= fewRows {
		for _, number := range numbers {
			row, err := t.Book.Board(ctx, number)
			if err != nil {
				return nil, err
			}
			plans[number] = row.Plan
		}
		return plans, nil
	}
	for row, err := range t.Book.Boards(ctx) {
		if err != nil {
			return nil, err
		}
		plans[row.Store] = row.Plan
	}
	return plans, nil
}

// listing is what came of listing a board.
type listing struct {
	number org.StoreNumber
	shown  map[string]string // versions by id
	err    error
}

// listBoards lists the boards whose turn it is, and compares.
func (t *tick) listBoards(ctx context.Context) error {
	byPlan := map[string]org.StoreNumber{}
	var plans []string
	for _, number := range t.everyone() {
		if s := t.sweep.Stores[number]; s.Plan != "" && t.isDue(number, s) {
			byPlan[s.Plan] = number
			plans = append(plans, s.Plan)
		}
	}
	var mu sync.Mutex
	var listings []listing
	group, at := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for batch := range slices.Chunk(plans, perBatch) {
		group.Go(func() error {
			listed, failed, err := t.Boards.Versions(at, batch)
			mu.Lock()
			defer mu.Unlock()
			for plan, shown := range listed {
				listings = append(listings, listing{number: byPlan[plan], shown: shown})
			}
			for plan, err := range failed {
				listings = append(listings, listing{number: byPlan[plan], err: err})
			}
			if err != nil {
				t.errs = append(t.errs, err) // the boards of this call wait for the next tick
			}
			return nil
		})
	}
	err := group.Wait()
	for _, l := range listings {
		err = errors.Join(err, t.compareBoard(ctx, l))
	}
	return err
}

// isDue reports whether it is a board's turn to be listed. The turns of quiet
// boards are spread over the minutes, by the store's number.
func (t *tick) isDue(number org.StoreNumber, s tasksync.SweptStore) bool {
	since := t.now.Sub(s.Listed)
	if number == communications || t.now.Sub(s.Changed) < t.settings.Busy || since >= t.settings.Quiet {
		return true
	}
	turns := max(uint64(t.settings.Quiet/time.Minute), 1)
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(number)) // never fails
	minute := uint64(max(t.now.Unix()/60, 0))
	return since >= time.Minute && hash.Sum64()%turns == minute%turns
}

// compareBoard finds out what of a listing nobody dealt with yet.
func (t *tick) compareBoard(ctx context.Context, l listing) error {
	if l.err != nil {
		return t.unlisted(l)
	}
	mark := digest(l.shown)
	before := t.sweep.Stores[l.number]
	t.swept(l.number, func(s *tasksync.SweptStore) { s.Listed = t.now })
	if before.Board == mark {
		return nil
	}
	settled := true
	if l.number == communications {
		t.wish(l.number, "")
	} else {
		row, err := t.Book.Board(ctx, l.number)
		if err != nil {
			return fmt.Errorf("store %s: %w", l.number, err)
		}
		settled = t.missedOnBoard(row, l.shown)
	}
	t.swept(l.number, func(s *tasksync.SweptStore) {
		if settled {
			s.Board = mark
		}
		if before.Board != 0 || !settled {
			s.Changed = t.now
		}
	})
	return nil
}

// unlisted deals with a board that could not be listed.
func (t *tick) unlisted(l listing) error {
	if !fault.Is(l.err, fault.NotFound) {
		return fmt.Errorf("store %s: %w", l.number, l.err)
	}
	// Gone, or made a moment ago: whoever looks at the store finds out. A board that
	// is held stays gone until a person decides, so there is no hurry.
	if t.now.Sub(t.sweep.Stores[l.number].Whole) >= t.settings.Quiet {
		t.wish(l.number, "board gone "+t.now.UTC().Format(time.RFC3339))
		t.swept(l.number, func(s *tasksync.SweptStore) { s.Whole = t.now })
	}
	t.swept(l.number, func(s *tasksync.SweptStore) { s.Plan, s.Listed = "", t.now })
	return nil
}

// missedOnBoard wishes looks at what a board shows otherwise than its row
// remembers, and reports whether that is nothing.
func (t *tick) missedOnBoard(row *tasksync.BoardRow, shown map[string]string) (settled bool) {
	settled = true
	linked := make(map[string]bool, len(row.Entries))
	whole := func(id string) {
		settled = false
		t.wish(row.Store, "board "+strconv.FormatUint(uint64(digest(shown)), 36)+" "+id)
	}
	for i := range row.Entries {
		e := &row.Entries[i]
		if e.Planner == "" {
			continue
		}
		linked[e.Planner] = true
		switch version, is := shown[e.Planner]; {
		case !is:
			whole(e.Planner)
		case version != e.ETag:
			settled = false
			t.wishes(row.Store).tasks["teams:"+e.Planner] = version
		}
	}
	for id, version := range shown {
		if !linked[id] && row.Others[id] != version {
			whole(id)
		}
	}
	return settled
}

// sortBy sorts stores by a time, the oldest first.
func sortBy(numbers []org.StoreNumber, at func(org.StoreNumber) time.Time) {
	slices.SortStableFunc(numbers, func(a, b org.StoreNumber) int { return at(a).Compare(at(b)) })
}
