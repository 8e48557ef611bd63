package planner

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// Change implements tasksync.Side. What it need not write it leaves alone; what
// it did not write is, in the item it returns, as it was read or newer.
func (c *Client) Change(ctx context.Context, _ tasksync.Place, item tasksync.Item, to task.Values) (tasksync.Item, error) {
	const op = "planner: change a task"
	to, err := canonical(op, to)
	if err != nil {
		return tasksync.Item{}, err
	}
	maps.DeleteFunc(to, func(f task.Field, value string) bool {
		was, shown := item.State.Values[f]
		return shown && was == value
	})
	own := taskBody(to, item.State.Values[task.Assignees])
	item, stale, err := c.changeDetails(ctx, op, item, to)
	if err != nil {
		return tasksync.Item{}, err
	}
	if len(own) > 0 {
		return c.changeTask(ctx, op, item, own)
	}
	if stale {
		return c.refresh(ctx, op, item)
	}
	return item, nil
}

// changeTask writes properties of the task itself.
func (c *Client) changeTask(ctx context.Context, op string, item tasksync.Item, body map[string]any) (tasksync.Item, error) {
	var t plannerTask
	err := c.patch(ctx, op, taskAt(item.ID), item.Version, body, &t)
	if due, is := body["dueDateTime"].(string); is && fault.Is(err, fault.Invalid) && c.startsAfter(ctx, op, item.ID, due) {
		body["startDateTime"] = due
		err = c.patch(ctx, op, taskAt(item.ID), item.Version, body, &t)
	}
	if err != nil {
		return tasksync.Item{}, err
	}
	return c.again(item, t), nil
}

// startsAfter reports whether a task starts after that moment. Planner refuses a
// task that is due before it starts, and people set starting dates that no other
// side knows of. If it cannot be read, the refusal stands.
func (c *Client) startsAfter(ctx context.Context, op, id, due string) bool {
	moment, err := time.Parse(time.RFC3339, due)
	if err != nil {
		return false
	}
	var t struct {
		Start time.Time `json:"startDateTime"`
	}
	err = c.get(ctx, op, taskAt(id)+"?$select=startDateTime", &t)
	return err == nil && t.Start.After(moment)
}

// refresh reads the task itself again, because a change of its details may have
// given it a new version.
func (c *Client) refresh(ctx context.Context, op string, item tasksync.Item) (tasksync.Item, error) {
	var t plannerTask
	if err := c.get(ctx, op, taskAt(item.ID)+"?$select="+taskProperties, &t); err != nil {
		return tasksync.Item{}, err
	}
	return c.again(item, t), nil
}

// canonical returns values as Planner will show them, or a fault.Invalid for what
// it cannot show.
func canonical(op string, to task.Values) (task.Values, error) {
	values := make(task.Values, len(to))
	for f, value := range to {
		switch f {
		case task.Title:
			value = task.CanonTitle(value)
			if value == "" {
				return nil, fault.Newf(fault.Invalid, op, "a task needs a title")
			}
		case task.Status:
			if task.StatusOfPercent(task.PercentOf(value)) != value {
				return nil, fault.Newf(fault.Invalid, op, "Planner has no status %.20q", value)
			}
		case task.Due:
			if _, is := task.DayOf(value); value != "" && !is {
				return nil, fault.Newf(fault.Invalid, op, "%.20q is no date", value)
			}
		case task.Assignees:
			ids := split(value)
			for _, id := range ids {
				if _, err := org.ParseUserID(id); err != nil {
					return nil, fault.New(fault.Invalid, op, err)
				}
			}
			value = task.CanonAssignees(ids)
		case task.Instructions, task.Progress:
			value = task.CanonText(value)
		case task.Contact:
			value = task.CanonLine(value)
		case task.Link:
			value = canonLink(value)
		default:
			return nil, fault.Newf(fault.Invalid, op, "a task has no field %d", f)
		}
		values[f] = value
	}
	return values, nil
}

// taskBody is what to write of values to the task itself, whose assignees are so
// far those.
func taskBody(to task.Values, assignedTo string) map[string]any {
	body := map[string]any{}
	for f, value := range to {
		switch f {
		case task.Title:
			body["title"] = value
		case task.Status:
			body["percentComplete"] = task.PercentOf(value)
		case task.Due:
			body["dueDateTime"] = dueText(value)
		case task.Assignees:
			if changes := reassign(assignedTo, value); len(changes) > 0 {
				body["assignments"] = changes
			}
		}
	}
	return body
}

// dueText is a date as Planner has it: noon in UTC is the same date nearly
// everywhere. Nil clears it.
func dueText(value string) any {
	if value == "" {
		return nil
	}
	return value + "T12:00:00Z"
}

// reassign is what to write so that other people are assigned: null takes
// somebody off, and who stays is not mentioned and keeps their order hint.
func reassign(from, to string) map[string]any {
	changes := map[string]any{}
	for _, id := range split(from) {
		changes[id] = nil
	}
	for _, id := range split(to) {
		if _, stays := changes[id]; stays {
			delete(changes, id)
			continue
		}
		changes[id] = map[string]any{"@odata.type": "#microsoft.graph.plannerAssignment", "orderHint": " !"}
	}
	return changes
}

// split returns the parts of a list; none of an empty one.
func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
