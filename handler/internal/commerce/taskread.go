package commerce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// readTasks are a store's tasks in one reading, in the order served.
type readTasks struct {
	items []tasksync.Item
	index map[string]int // by id
}

// read reads the tasks of a store that a filter names, with what only the
// collection for writing shows of them.
func (t *Tasks) read(ctx context.Context, at tasksync.Place, filter string) (readTasks, error) {
	s, err := t.schema(ctx)
	if err != nil {
		return readTasks{}, err
	}
	r, err := t.newTaskDecoder(ctx, s, at.Store)
	if err != nil {
		return readTasks{}, err
	}
	all, err := t.readOf(ctx, r, at, t.o.Read, "TASK_READ", s.selected(), filter)
	further := s.further()
	if err != nil || len(further) == 0 || len(all.items) == 0 {
		return all, err
	}
	if !s.write[attributeStore] {
		if filter == storeIs(at.Store) {
			return all, nil // a listing can do without: its items are not whole
		}
	} else {
		further = append(further, attributeStore)
	}
	return all, t.join(ctx, r, at, &all, append(further, attributeProcess, attributeTask), filter)
}

// join adds to tasks that were read what the collection for writing shows of
// them beyond that. A task that it does not have yet does not show those fields.
func (t *Tasks) join(ctx context.Context, r *taskDecoder, at tasksync.Place, all *readTasks, attributes []string, filter string) error {
	more, err := t.readOf(ctx, r, at, t.o.Write, "TASK_WRITE", attributes, filter)
	if err != nil {
		return err
	}
	for i := range all.items {
		item := &all.items[i]
		item.Whole = true
		if j, there := more.index[item.ID]; there {
			maps.Copy(item.State.Values, more.items[j].State.Values)
		}
		item.DetailsVersion = r.schema.detailsVersion(*item)
	}
	return nil
}

// readOf reads a store's rows of one collection. A row that comes twice, or one
// whose keys cannot be read, leaves a doubt which others are missing.
func (t *Tasks) readOf(
	ctx context.Context, r *taskDecoder, at tasksync.Place, name, setting string, attributes []string, filter string,
) (readTasks, error) {
	all := readTasks{index: map[string]int{}}
	err := t.pages(ctx, collection{name: name, filter: filter}, attributes, func(dec *json.Decoder) error {
		f, err := r.next(ctx, dec)
		_, twice := all.index[f.item.ID]
		switch {
		case err != nil:
			return err
		case f.store.Folded() != at.Store.Folded():
			return nil // of another store, or of none: a filter need not be obeyed
		case f.item.ID == "":
			return errors.New("a task has no readable keys")
		case twice:
			return fmt.Errorf("task %s came twice", f.item.ID)
		}
		all.index[f.item.ID] = len(all.items)
		all.items = append(all.items, f.item)
		return nil
	})
	if err != nil {
		return readTasks{}, t.readFault(err, name, setting)
	}
	return all, nil
}

// pages hands over the rows of a collection, page after page.
func (t *Tasks) pages(ctx context.Context, col collection, attributes []string, element elementFunc) error {
	seen := map[string]bool{}
	next, err := t.client.firstPage(ctx, col, attributes, seen, element)
	if err != nil {
		return err
	}
	return t.client.laterPages(ctx, next, seen, element)
}
