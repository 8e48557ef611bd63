package planner

import (
	"context"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// How patient we are with details that are not there although their task is:
// those of a fresh one may come late.
const (
	detailsTries = 5
	detailsDelay = 250 * time.Millisecond // doubled with each try, 3.75 s in all
)

// changeDetails writes those of the values that stand in the details. The item is
// then stale if the task itself may have a new version: it says whether there is a
// description, and how many references there are.
func (c *Client) changeDetails(ctx context.Context, op string, item tasksync.Item, to task.Values) (now tasksync.Item, stale bool, err error) {
	link, relinked := to[task.Link]
	rewritten := false
	for f := range task.FieldsOf(task.Instructions, task.Contact, task.Progress).All() {
		_, asked := to[f]
		rewritten = rewritten || asked
	}
	if !relinked && !rewritten {
		return item, false, nil
	}
	item, references, err := c.detailed(ctx, op, item, relinked)
	if err != nil {
		return tasksync.Item{}, false, err
	}
	body := map[string]any{}
	if rewritten {
		values := task.Values{}
		for f := range detailFields().All() {
			values[f] = item.State.Values[f]
			if value, asked := to[f]; asked {
				values[f] = value
			}
		}
		was, text := task.ComposeDescription(item.State.Values), task.ComposeDescription(values)
		stale = (was == "") != (text == "")
		body["description"] = text
	}
	if changes := relink(references, link); relinked && len(changes) > 0 {
		body["references"] = changes
		stale = true
	}
	if len(body) == 0 {
		return item, false, nil
	}
	var d plannerDetails
	if err := c.patch(ctx, op, detailsAt(item.ID), item.DetailsVersion, body, &d); err != nil {
		return tasksync.Item{}, false, err
	}
	return withDetails(item, d), stale, nil
}

// detailed returns an item whose details are known and, where they are wanted, its
// references. Details that had to be read, and show something else than the item
// did, are somebody's change since.
func (c *Client) detailed(ctx context.Context, op string, item tasksync.Item, references bool) (tasksync.Item, map[string]reference, error) {
	known := item.Whole && item.DetailsVersion != ""
	if known && (!references || item.State.Values[task.Link] == "") {
		// None of the references is ours, and the rest are not touched.
		return item, nil, nil
	}
	d, err := c.details(ctx, op, item.ID)
	if err != nil {
		return tasksync.Item{}, nil, err
	}
	if item.Whole {
		for f, value := range detailValues(d) {
			if item.State.Values[f] != value {
				return tasksync.Item{}, nil, fault.Newf(fault.Conflict, op, "the task's details are not as they were read")
			}
		}
	}
	version := item.DetailsVersion
	item = withDetails(item, d)
	if known {
		item.DetailsVersion = version // Planner is to judge by what the caller saw
	}
	return item, d.References, nil
}

// details reads a task's details. Not found is only what has no task either.
func (c *Client) details(ctx context.Context, op, id string) (plannerDetails, error) {
	for try := 1; ; try++ {
		var d plannerDetails
		err := c.get(ctx, op, detailsAt(id), &d)
		if !fault.Is(err, fault.NotFound) {
			return d, err
		}
		if err := c.get(ctx, op, taskAt(id)+"?$select="+taskProperties, &plannerTask{}); err != nil {
			return plannerDetails{}, err
		}
		if try == detailsTries {
			return plannerDetails{}, fault.New(fault.Unavailable, op, err) // there, but not replicated yet
		}
		if err := pause(ctx, detailsDelay<<(try-1)); err != nil {
			return plannerDetails{}, fault.New(fault.KindOf(err), op, err)
		}
	}
}

// pause waits, or returns the context's error if it ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
