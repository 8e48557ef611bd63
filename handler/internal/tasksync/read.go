package tasksync

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// readWhole reads both sides of the whole store.
func (v *visit) readWhole(ctx context.Context) error {
	var cards, rows []Item
	var gone bool
	group, at := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		cards, err = v.Teams.List(at, v.place)
		if missing(err) {
			gone, err = true, nil
		}
		return err
	})
	group.Go(func() (err error) {
		rows, err = v.Commerce.List(at, v.place)
		return err
	})
	group.Go(func() error { return v.readCampaigns(at, true) })
	if err := group.Wait(); err != nil {
		return err
	}
	if gone {
		v.lostBoard()
		return nil
	}
	v.release(task.BoardHold)
	for _, card := range cards {
		v.cards[card.ID] = card
	}
	for _, row := range rows {
		v.rows[row.ID] = row
	}
	return v.readDetails(ctx)
}

// lostBoard deals with a board that is not there any more: it is held, and made
// anew once a person allowed that.
func (v *visit) lostBoard() {
	if !v.allowed(task.BoardHold) {
		v.hold(task.BoardHold, "The store's board is gone. Allow a new one, or restore the team that had it.")
		return
	}
	v.release(task.BoardHold)
	v.row.Group = "" // so that everything about the board is forgotten at the next look
	for i := range v.row.Entries {
		forgetCard(&v.row.Entries[i])
	}
	v.row.Plan, v.row.Buckets, v.row.Others, v.changed = "", nil, nil, true
	v.lookAgain(time.Second)
}

// readDetails reads those tasks whole that the listing shows in part, and whose
// details are unknown, changed or not looked at for long.
func (v *visit) readDetails(ctx context.Context) error {
	var ids []string
	linked := v.linked()
	for id, card := range v.cards {
		if card.Whole {
			continue
		}
		i, known := linked[id]
		if known {
			e := v.row.Entries[i]
			if e.ETag == card.Version && v.now.Sub(e.DetailsAt) < v.settings.DetailsInterval {
				continue
			}
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	read, err := v.Teams.Read(ctx, v.place, ids)
	if err != nil {
		return err
	}
	for id, card := range read {
		v.cards[id] = card
	}
	return nil
}

// linked returns the entries' indexes by the Planner task they are linked to.
func (v *visit) linked() map[string]int {
	index := make(map[string]int, len(v.row.Entries))
	for i, e := range v.row.Entries {
		if e.Planner != "" {
			index[e.Planner] = i
		}
	}
	return index
}

// readOne reads both sides of one task.
func (v *visit) readOne(ctx context.Context, e *task.Entry) error {
	group, at := errgroup.WithContext(ctx)
	if e.Planner != "" {
		group.Go(func() error {
			read, err := v.Teams.Read(at, v.place, []string{e.Planner})
			v.cards = read
			return err
		})
	}
	if e.Home != "" {
		group.Go(func() error {
			read, err := v.Commerce.Read(at, v.place, []string{e.Home})
			v.rows = read
			return err
		})
	}
	return group.Wait()
}

// readCampaigns reads the lists that were sent, if any task needs them.
func (v *visit) readCampaigns(ctx context.Context, needed bool) (err error) {
	if needed {
		v.campaigns, err = v.Book.Campaigns(ctx)
	}
	return err
}

// confirm asks directly for those linked tasks that whole readings left out:
// a listing may be stale where a task's own address is not.
func (v *visit) confirm(ctx context.Context) error {
	var cards, rows []string
	for _, e := range v.row.Entries {
		if _, shown := v.cards[e.Planner]; e.Planner != "" && !shown && e.Aged.IsZero() {
			cards = append(cards, e.Planner)
		}
		if _, shown := v.rows[e.Home]; e.Home != "" && !shown {
			rows = append(rows, e.Home)
		}
	}
	return errOr(confirm(ctx, v.Teams, v.place, cards, v.cards), confirm(ctx, v.Commerce, v.place, rows, v.rows))
}

func confirm(ctx context.Context, side Side, at Place, ids []string, into map[string]Item) error {
	if len(ids) == 0 {
		return nil
	}
	read, err := side.Read(ctx, at, ids)
	for id, item := range read {
		into[id] = item
	}
	return err
}

func errOr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}
