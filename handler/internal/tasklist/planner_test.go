package tasklist_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// Planner's side.

func (w *world) Abilities() tasksync.Abilities {
	return tasksync.Abilities{Writes: task.AllFields(), Creates: true, Deletes: true, OwnsIDs: true, Versions: true}
}

func (w *world) has(plan string) bool {
	return slices.ContainsFunc(w.plans, func(p tasksync.Plan) bool { return p.ID == plan })
}

func gone(what string) error { return fault.New(fault.NotFound, what, nil) }

func copied(item tasksync.Item) tasksync.Item {
	item.State.Values = maps.Clone(item.State.Values)
	return item
}

// List shows, as Planner does, no details.
func (w *world) List(_ context.Context, at tasksync.Place) ([]tasksync.Item, error) {
	if w.dead {
		return nil, errKilled
	}
	if !w.has(at.Plan) {
		return nil, gone("list")
	}
	var items []tasksync.Item
	for _, id := range slices.Sorted(maps.Keys(w.cards)) {
		item := copied(w.cards[id].item)
		if old, is := w.stale[id]; is {
			items = append(items, old)
			continue
		}
		if item.State.Values[task.Instructions] != "" || item.State.Values[task.Progress] != "" {
			item.Whole = false
			delete(item.State.Values, task.Instructions)
			delete(item.State.Values, task.Progress)
		}
		items = append(items, item)
	}
	return items, nil
}

func (w *world) Read(_ context.Context, _ tasksync.Place, ids []string) (map[string]tasksync.Item, error) {
	if w.dead {
		return nil, errKilled
	}
	read := map[string]tasksync.Item{}
	for _, id := range ids {
		if c := w.cards[id]; c != nil && !w.unread[id] {
			read[id] = copied(c.item)
		}
	}
	return read, nil
}

func (w *world) Create(context.Context, tasksync.Place, tasksync.NewItem) (tasksync.Item, error) {
	return tasksync.Item{}, errors.New("the engine makes no tasks")
}

func (w *world) Delete(context.Context, tasksync.Place, tasksync.Item) error {
	return errors.New("the engine deletes no tasks")
}

func (w *world) Change(_ context.Context, _ tasksync.Place, item tasksync.Item, to task.Values) (tasksync.Item, error) {
	return w.change("change", item, func(c *card) { maps.Copy(c.item.State.Values, to) })
}

func (w *world) change(kind string, item tasksync.Item, edit func(*card)) (changed tasksync.Item, err error) {
	err = w.effect(kind, func() error {
		c := w.cards[item.ID]
		if c == nil {
			return gone(kind)
		}
		if c.item.Version != item.Version {
			return fault.New(fault.Conflict, kind, nil)
		}
		changed = copied(c.item)
		edit(c)
		w.touch(c)
		if !w.lag {
			changed = copied(c.item)
		}
		return nil
	})
	return changed, err
}

func (w *world) touch(c *card) {
	w.version++
	c.item.Version = fmt.Sprintf("%06d", w.version)
	if c.item.State.Values[task.Status] != task.Completed {
		c.item.CompletedBy = org.UserID{}
	}
}

// Boards.

func (w *world) Plans(_ context.Context, group org.TeamID) ([]tasksync.Plan, error) {
	if w.dead {
		return nil, errKilled
	}
	if group != w.group {
		return nil, gone("plans")
	}
	return slices.Clone(w.plans), nil
}

func (w *world) CreatePlan(_ context.Context, group org.TeamID, title string) (plan tasksync.Plan, err error) {
	err = w.effect("create plan", func() error {
		if group != w.group {
			return gone("create plan")
		}
		plan = tasksync.Plan{ID: fmt.Sprintf("plan%d", len(w.plans)+1), Title: title, ByUs: true}
		w.plans = append(w.plans, plan)
		return nil
	})
	return plan, err
}

func (w *world) Buckets(_ context.Context, plan string) ([]tasksync.Bucket, error) {
	if !w.has(plan) {
		return nil, gone("buckets")
	}
	return slices.Clone(w.buckets), nil
}

func (w *world) CreateBucket(context.Context, string, string) (tasksync.Bucket, error) {
	return tasksync.Bucket{}, errors.New("the engine makes no buckets")
}

func (w *world) DeleteBucket(context.Context, tasksync.Bucket) error {
	return errors.New("the engine deletes no buckets")
}

func (w *world) Move(context.Context, tasksync.Item, string) (tasksync.Item, error) {
	return tasksync.Item{}, errors.New("the engine moves nothing")
}

func (w *world) Versions(context.Context, []string) (map[string]map[string]string, map[string]error, error) {
	return nil, nil, errors.New("the engine sweeps nothing")
}

func (w *world) Checklist(_ context.Context, item tasksync.Item, lines []tasksync.Line) (tasksync.Item, error) {
	return w.change("checklist", item, func(c *card) { c.lines = slices.Clone(lines) })
}
