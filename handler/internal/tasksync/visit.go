package tasksync

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// allowance is how long a person's Allow is good for.
const allowance = 24 * time.Hour

// visit is one look at a store: what was remembered of it, and what both sides
// show.
type visit struct {
	*Settler
	store Store
	dir   Directory
	row   *BoardRow
	place Place
	now   time.Time

	all       bool            // everything was read: what is not in the maps was not shown
	cards     map[string]Item // Teams' tasks by id
	rows      map[string]Item // Commerce's tasks by id
	campaigns map[string]*CampaignRow

	owned   map[string]bool // the processes that are ours, once asked for
	changed bool            // the row has to be saved
	again   time.Duration
	errs    []error
	notes   []string // what people should know of this look, in sentences
}

func (s *Settler) visit(ctx context.Context, store Store, dir Directory) (*visit, error) {
	row, err := s.Book.Board(ctx, store.Number)
	if err != nil {
		return nil, err
	}
	v := &visit{Settler: s, store: store, dir: dir, row: row, now: s.Now(), cards: map[string]Item{}, rows: map[string]Item{}}
	v.place = Place{Store: store.Number, Plan: row.Plan}
	return v, nil
}

// lookAgain asks for another look, soon enough for everybody who asks.
func (v *visit) lookAgain(in time.Duration) {
	if in > 0 && (v.again == 0 || in < v.again) {
		v.again = in
	}
}

// save writes the row if anything in it changed.
func (v *visit) save(ctx context.Context) error {
	if !v.changed {
		return nil
	}
	if err := v.Book.SaveBoard(ctx, v.row); err != nil {
		return err
	}
	v.changed = false
	return nil
}

// whole looks at everything in the store.
func (v *visit) whole(ctx context.Context) error {
	v.all = true
	if err := v.moveIn(ctx); err != nil {
		return err
	}
	if v.row.Plan == "" {
		return v.save(ctx) // there is no board to work on yet, and why is in the row
	}
	if err := v.readWhole(ctx); err != nil || v.row.Plan == "" || v.held(task.BoardHold) {
		return errors.Join(err, v.save(ctx))
	}
	v.meet()
	if err := v.confirm(ctx); err != nil {
		return err
	}
	v.watch()
	steps, err := v.decide(ctx)
	if err != nil {
		return err
	}
	if err := v.carryOut(ctx, steps); err != nil {
		return err
	}
	v.failed(v.strays(ctx))
	v.failed(v.age(ctx))
	v.remember()
	return errors.Join(append(v.errs, v.save(ctx))...)
}

// one looks at one task, by a hint's key.
func (v *visit) one(ctx context.Context, key string) error {
	i := v.find(key)
	if i < 0 || v.row.Plan == "" {
		return v.whole(ctx)
	}
	e := &v.row.Entries[i]
	if err := v.readOne(ctx, e); err != nil {
		return err
	}
	if err := v.readCampaigns(ctx, e.Origin == task.FromList); err != nil {
		return err
	}
	next := v.step(i)
	if next.decision != task.MergeBoth && next.decision != task.Nothing {
		return v.whole(ctx)
	}
	if err := v.carryOut(ctx, []step{next}); err != nil {
		return err
	}
	return errors.Join(append(v.errs, v.save(ctx))...)
}

// failed notes what went wrong with one task: it costs no other.
func (v *visit) failed(err error) {
	if err != nil {
		v.errs = append(v.errs, err)
	}
}

// find returns the index of the entry that a hint's key means, -1 if there is
// none.
func (v *visit) find(key string) int {
	side, id, _ := strings.Cut(key, ":")
	return slices.IndexFunc(v.row.Entries, func(e task.Entry) bool {
		return id != "" && (side == "teams" && e.Planner == id || side == "commerce" && e.Home == id)
	})
}

// missing reports whether err says that something is not there.
func missing(err error) bool { return fault.Is(err, fault.NotFound) }
