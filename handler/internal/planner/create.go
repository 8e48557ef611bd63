package planner

import (
	"context"
	"maps"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// Create implements tasksync.Side. The details take further requests. What goes
// wrong with them is not told, since the task is there and its id must not be
// lost: the item is then not Whole, and the next look at it writes them.
func (c *Client) Create(ctx context.Context, at tasksync.Place, n tasksync.NewItem) (tasksync.Item, error) {
	const op = "planner: create a task"
	// What a new task has anyway is not worth saying.
	values := maps.Clone(n.State)
	maps.DeleteFunc(values, func(f task.Field, value string) bool {
		return value == "" || f == task.Status && value == task.NotStarted
	})
	values, err := canonical(op, values)
	if err != nil {
		return tasksync.Item{}, err
	}
	if values[task.Title] == "" || at.Plan == "" {
		return tasksync.Item{}, fault.Newf(fault.Invalid, op, "a task needs a plan and a title")
	}
	body := taskBody(values, "")
	body["planId"] = at.Plan
	if n.Group != "" {
		body["bucketId"] = n.Group
	}
	var t plannerTask
	if err := c.post(ctx, op, "planner/tasks", body, &t); err != nil {
		return tasksync.Item{}, err
	}
	created := c.item(t)
	item, stale, err := c.changeDetails(ctx, op, created, values)
	if err != nil {
		return bare(created), nil
	}
	if stale {
		if fresh, err := c.refresh(ctx, op, item); err == nil {
			item = fresh
		}
	}
	return item, nil
}

// Delete implements tasksync.Side.
func (c *Client) Delete(ctx context.Context, _ tasksync.Place, item tasksync.Item) error {
	return c.remove(ctx, "planner: delete a task", taskAt(item.ID), item.Version)
}
