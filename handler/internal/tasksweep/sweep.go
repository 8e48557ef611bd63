package tasksweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// communications is the number under which the communications board is kept.
const communications org.StoreNumber = ""

// Parts are what a Sweeper works with. All but Log and Now are needed.
type Parts struct {
	Boards    tasksync.Boards
	Stock     tasksync.Stock
	Queue     tasksync.Queue
	Book      tasksync.Book
	Directory func(context.Context) (tasksync.Directory, error)
	Log       *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Settings are what an operator chose. Zero values are the defaults.
type Settings struct {
	Busy     time.Duration // how long after a change a board is listed at each tick; default 1 hour
	Quiet    time.Duration // how often the others are; default 15 minutes
	Commerce time.Duration // how often Commerce is read; default 5 minutes
	Whole    time.Duration // how often each store is looked at whole; default 1 hour
	Keep     time.Duration // how far back Commerce's tasks are read; default 60 days

	MinSource int // percent of Commerce's tasks below which a reading is short; default 80
}

// Sweeper looks for changes. It is safe for concurrent use.
type Sweeper struct {
	Parts
	settings Settings
}

// New returns a sweeper.
func New(p Parts, s Settings) *Sweeper {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	s.Busy = cmp.Or(s.Busy, time.Hour)
	s.Quiet = cmp.Or(s.Quiet, 15*time.Minute)
	s.Commerce = cmp.Or(s.Commerce, 5*time.Minute)
	s.Whole = cmp.Or(s.Whole, time.Hour)
	s.Keep = cmp.Or(s.Keep, 60*24*time.Hour)
	s.MinSource = cmp.Or(s.MinSource, 80)
	return &Sweeper{Parts: p, settings: s}
}

// tick is one sweep under way.
type tick struct {
	*Sweeper
	now     time.Time
	dir     tasksync.Directory
	sweep   *tasksync.SweepRow
	hints   map[org.StoreNumber]*wishes
	lists   bool // the communications board is to be looked at
	changed bool // the blob has to be saved
	errs    []error
}

// wishes are the looks wanted in one store: at all of it, or at some tasks.
type wishes struct {
	whole string            // why, as a hint's Seen; empty: not wanted
	tasks map[string]string // versions seen, by key
}

// Run carries out one tick. What could not be looked at is part of the error, is
// looked at in the next tick, and costs nothing else.
func (s *Sweeper) Run(ctx context.Context, _ string) error {
	t, err := s.begin(ctx)
	if errors.Is(err, tasksync.ErrNoOrganization) {
		s.Log.InfoContext(ctx, "tasks wait for the first run of OrgSync")
		return nil
	}
	if err != nil {
		return fmt.Errorf("tasks: sweep: %w", err)
	}
	if err := t.findBoards(ctx); err != nil {
		return fmt.Errorf("tasks: sweep: %w", err)
	}
	t.errs = append(t.errs, t.listBoards(ctx), t.readCommerce(ctx))
	t.lookAtWholes()
	if err := t.send(ctx); err != nil {
		return fmt.Errorf("tasks: sweep: %w", errors.Join(append(t.errs, err)...))
	}
	if t.changed {
		err := s.Book.SaveSweep(ctx, t.sweep)
		if !fault.Is(err, fault.Conflict) { // else another sweep was faster, and what it saw counts
			t.errs = append(t.errs, err)
		}
	}
	if err := errors.Join(t.errs...); err != nil {
		return fmt.Errorf("tasks: sweep: %w", err)
	}
	return nil
}

func (s *Sweeper) begin(ctx context.Context) (*tick, error) {
	dir, err := s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	remembered, err := s.Book.Sweep(ctx)
	if err != nil {
		return nil, err
	}
	t := &tick{Sweeper: s, now: s.Now(), dir: dir, sweep: remembered, hints: map[org.StoreNumber]*wishes{}}
	if t.sweep.Stores == nil {
		t.sweep.Stores = map[org.StoreNumber]tasksync.SweptStore{}
	}
	for number := range t.sweep.Stores {
		if _, open := dir.Store(number); !open && number != communications {
			delete(t.sweep.Stores, number)
			t.changed = true
		}
	}
	return t, nil
}

// swept changes what is remembered of a store.
func (t *tick) swept(number org.StoreNumber, change func(*tasksync.SweptStore)) {
	s := t.sweep.Stores[number]
	before := s
	change(&s)
	if s != before {
		t.sweep.Stores[number], t.changed = s, true
	}
}

// wish notes a look that is wanted at all of a store. seen is the same for the
// same reason.
func (t *tick) wish(number org.StoreNumber, seen string) {
	if number == communications {
		t.lists = true
		return
	}
	t.wishes(number).whole = seen
}

func (t *tick) wishes(number org.StoreNumber) *wishes {
	w := t.hints[number]
	if w == nil {
		w = &wishes{tasks: map[string]string{}}
		t.hints[number] = w
	}
	return w
}

// send sends all hints. A look at a whole store makes those at its tasks
// unnecessary.
func (t *tick) send(ctx context.Context) error {
	var hints []hint.Hint
	for number, w := range t.hints {
		if w.whole != "" {
			hints = append(hints, hint.Hint{Kind: hint.Store, Store: number, Seen: w.whole})
			continue
		}
		for key, seen := range w.tasks {
			hints = append(hints, hint.Hint{Kind: hint.Task, Store: number, Key: key, Seen: seen})
		}
	}
	if t.lists {
		hints = append(hints, hint.Hint{Kind: hint.List})
	}
	if len(hints) == 0 {
		return nil
	}
	t.Log.InfoContext(ctx, "hints sent", "count", len(hints), "stores", len(t.hints))
	return t.Queue.Send(ctx, hints)
}

// lookAtWholes wishes a look at each store that had none for long, so many a tick
// that all have one in time, those that wait longest first.
func (t *tick) lookAtWholes() {
	var due []org.StoreNumber
	for _, store := range t.dir.Stores() {
		if t.now.Sub(t.sweep.Stores[store.Number].Whole) >= t.settings.Whole {
			due = append(due, store.Number)
		}
	}
	perTick := len(t.dir.Stores())*2*int(time.Minute)/int(t.settings.Whole) + 1
	if len(due) > perTick {
		sortBy(due, func(number org.StoreNumber) time.Time { return t.sweep.Stores[number].Whole })
		due = due[:perTick]
	}
	for _, number := range due {
		t.wish(number, "whole "+t.now.UTC().Format(time.RFC3339))
		t.swept(number, func(s *tasksync.SweptStore) { s.Whole = t.now })
	}
}

// digest stands for what a side shows of a store: of versions by id, in any
// order. It is never 0.
func digest(versions map[string]string) task.Mark {
	sum := task.Mark(1)
	for id, version := range versions {
		sum += task.MarkOf(id + "@" + version)
	}
	return max(sum, 1)
}
