package tasksync

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// room is how many completed tasks make way when a board is full.
const room = 20

// age takes off the board the tasks of campaigns of which everything has been
// done for BoardKeep, and forgets losses that are too old to keep.
func (v *visit) age(ctx context.Context) error {
	before := v.now.Add(-v.settings.BoardKeep)
	open := map[string]bool{}
	for _, e := range v.row.Entries {
		if e.Campaign == "" || e.Planner != "" && (e.Status != task.Completed || e.At.After(before)) && !completedBefore(v.cards[e.Planner], before) {
			open[e.Campaign] = true
		}
	}
	var errs []error
	for i := range v.row.Entries {
		e := &v.row.Entries[i]
		if e.Planner != "" && !open[e.Campaign] {
			errs = append(errs, v.ageOne(ctx, e))
		}
		e.Losses = slices.DeleteFunc(e.Losses, func(l task.Loss) bool { return v.now.Sub(l.At) > lossKept })
	}
	return errors.Join(errs...)
}

// ageOne deletes a task on the board for good: it is not made again.
func (v *visit) ageOne(ctx context.Context, e *task.Entry) error {
	if err := v.deleteCard(ctx, e); err != nil {
		return err
	}
	if e.Planner == "" {
		e.Aged, v.changed = v.now, true
	}
	return nil
}

// lossKept is how long values that did not win are kept: they are people's words.
const lossKept = 90 * 24 * time.Hour

func completedBefore(card Item, at time.Time) bool {
	return !card.CompletedAt.IsZero() && card.CompletedAt.Before(at)
}

// createInRoom creates a task on a full board, after completed ones made way: of
// campaigns first, the oldest first. Full is what the board said.
func (v *visit) createInRoom(ctx context.Context, n NewItem, full error) (Item, error) {
	var done []int
	for i, e := range v.row.Entries {
		if e.Planner != "" && e.Status == task.Completed && e.Campaign != "" {
			done = append(done, i)
		}
	}
	if len(done) == 0 {
		return Item{}, full
	}
	slices.SortFunc(done, func(a, b int) int { return v.row.Entries[a].At.Compare(v.row.Entries[b].At) })
	for _, i := range done[:min(room, len(done))] {
		if err := v.ageOne(ctx, &v.row.Entries[i]); err != nil {
			return Item{}, err
		}
	}
	return v.Teams.Create(ctx, v.place, n)
}

// remember notes what the board shows beside the tasks that are synced, and which
// lists it has, so that the sweep knows when there is nothing to do.
func (v *visit) remember() {
	others := map[string]string{}
	for _, card := range v.unlinked() {
		others[card.ID] = card.Version
	}
	sent := map[string]string{}
	for id, c := range v.campaigns {
		if v.hasAll(c) {
			sent[id] = c.Version
		}
	}
	if len(v.row.Held) == 0 {
		v.problem(strings.Join(v.notes, " "))
	}
	if !maps.Equal(v.row.Others, others) || !maps.Equal(v.row.Sent, sent) {
		v.row.Others, v.row.Sent, v.changed = others, sent, true
	}
	if len(v.errs) == 0 && (v.changed || v.now.Sub(v.row.At) >= readNoted) {
		v.row.At, v.changed = v.now, true
	}
}

// readNoted is how old the note of when a store was last read whole gets before a
// look that finds nothing else to write down renews it.
const readNoted = 15 * time.Minute

// hasAll reports whether nothing of a list waits to be brought to this board.
func (v *visit) hasAll(c *CampaignRow) bool {
	if c.State == task.Draft {
		return false
	}
	for i := range v.row.Entries {
		e := &v.row.Entries[i]
		if e.Origin == task.FromList && e.Campaign == c.ID && e.Planner == "" && e.Aged.IsZero() {
			return false
		}
	}
	return len(v.errs) == 0
}

// hold notes that nothing follows from what is gone of a campaign.
func (v *visit) hold(what, why string) {
	if !slices.Contains(v.row.Held, what) {
		v.row.Held = append(v.row.Held, what)
		slices.SortFunc(v.row.Held, cmp.Compare[string])
		v.changed = true
	}
	v.problem(why)
}

// release ends a hold, if there is one.
func (v *visit) release(what string) {
	i := slices.Index(v.row.Held, what)
	if i < 0 {
		return
	}
	v.row.Held, v.changed = slices.Delete(v.row.Held, i, i+1), true
	if len(v.row.Held) == 0 {
		v.problem("")
	}
}

func (v *visit) held(what string) bool { return slices.Contains(v.row.Held, what) }

// allowed reports whether a person lately let happen what was held.
func (v *visit) allowed(what string) bool {
	at, is := v.row.Allowed[what]
	return is && v.now.Sub(at) < allowance
}
