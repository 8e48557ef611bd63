package world

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Member does what a person does with a board in Teams, over Graph, one request
// after the other as Planner's own pages do: it reads what it changes and sends
// its ETag along. It tries nothing twice: if somebody was faster, that is the
// error. It is safe for concurrent use.
type Member struct {
	URL  string       // Graph's root with its version, e.g. http://127.0.0.1:8080/v1.0
	ID   string       // object id of the person
	HTTP *http.Client // nil is http.DefaultClient
}

// Board is a plan of Planner.
type Board struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Task is a task on a board, as a list of them shows it.
type Task struct {
	ID              string    `json:"id"`
	PlanID          string    `json:"planId"`
	BucketID        string    `json:"bucketId"`
	Title           string    `json:"title"`
	PercentComplete int       `json:"percentComplete"`
	Due             time.Time `json:"dueDateTime"` // zero: none

	// Assignments has the object ids of whom it is assigned to as its keys.
	Assignments map[string]any `json:"assignments"`
}

// Assignees lists the object ids of whom the task is assigned to, sorted.
func (t Task) Assignees() []string {
	ids := make([]string, 0, len(t.Assignments))
	for id := range t.Assignments {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Boards lists the boards of a group.
func (m Member) Boards(ctx context.Context, group string) ([]Board, error) {
	return list[Board](ctx, m, "/groups/"+url.PathEscape(group)+"/planner/plans")
}

// Tasks lists the tasks of a board.
func (m Member) Tasks(ctx context.Context, plan string) ([]Task, error) {
	return list[Task](ctx, m, "/planner/plans/"+url.PathEscape(plan)+"/tasks")
}

// Create adds a task to a board and returns it. The bucket may be "", for none,
// and the due date zero.
func (m Member) Create(ctx context.Context, plan, bucket, title string, due time.Time) (Task, error) {
	body := map[string]any{"planId": plan, "title": title}
	if bucket != "" {
		body["bucketId"] = bucket
	}
	if !due.IsZero() {
		body["dueDateTime"] = day(due)
	}
	var made Task
	if err := m.do(ctx, http.MethodPost, "/planner/tasks", "", body, &made); err != nil {
		return Task{}, fmt.Errorf("create a task: %w", err)
	}
	return made, nil
}

// Bucket adds a bucket to a board, before its others, and returns its id.
func (m Member) Bucket(ctx context.Context, plan, name string) (string, error) {
	var made struct {
		ID string `json:"id"`
	}
	body := map[string]any{"planId": plan, "name": name, "orderHint": " !"}
	if err := m.do(ctx, http.MethodPost, "/planner/buckets", "", body, &made); err != nil {
		return "", fmt.Errorf("create a bucket: %w", err)
	}
	return made.ID, nil
}

// Complete ticks a task.
func (m Member) Complete(ctx context.Context, task string) error {
	return m.edit(ctx, "complete a task", task, map[string]any{"percentComplete": 100})
}

// Reopen takes the tick away: nobody has begun the task then.
func (m Member) Reopen(ctx context.Context, task string) error {
	return m.edit(ctx, "reopen a task", task, map[string]any{"percentComplete": 0})
}

// Rename gives a task another title.
func (m Member) Rename(ctx context.Context, task, title string) error {
	return m.edit(ctx, "rename a task", task, map[string]any{"title": title})
}

// Reassign makes a user the only one a task is assigned to; "" makes it nobody's.
func (m Member) Reassign(ctx context.Context, task, user string) error {
	const doing = "reassign a task"
	var found struct {
		Task
		tagged
	}
	if err := m.do(ctx, http.MethodGet, taskPath(task), "", nil, &found); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	changes := map[string]any{}
	for _, id := range found.Assignees() {
		if !strings.EqualFold(id, user) {
			changes[id] = nil
		}
	}
	if user != "" && !slices.ContainsFunc(found.Assignees(), func(id string) bool { return strings.EqualFold(id, user) }) {
		changes[user] = map[string]any{"@odata.type": "#microsoft.graph.plannerAssignment", "orderHint": " !"}
	}
	if len(changes) == 0 {
		return nil
	}
	body := map[string]any{"assignments": changes}
	if err := m.do(ctx, http.MethodPatch, taskPath(task), found.ETag, body, nil); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Describe makes a text the notes of a task, which are among its details.
func (m Member) Describe(ctx context.Context, task, notes string) error {
	if err := m.patch(ctx, taskPath(task)+"/details", map[string]any{"description": notes}); err != nil {
		return fmt.Errorf("describe a task: %w", err)
	}
	return nil
}

// Delete deletes a task.
func (m Member) Delete(ctx context.Context, task string) error {
	etag, err := m.etag(ctx, taskPath(task))
	if err == nil {
		err = m.do(ctx, http.MethodDelete, taskPath(task), etag, nil, nil)
	}
	if err != nil {
		return fmt.Errorf("delete a task: %w", err)
	}
	return nil
}

func taskPath(id string) string { return "/planner/tasks/" + url.PathEscape(id) }

func (m Member) edit(ctx context.Context, doing, task string, changes map[string]any) error {
	if err := m.patch(ctx, taskPath(task), changes); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// patch changes what is at a path, as it is now.
func (m Member) patch(ctx context.Context, path string, changes map[string]any) error {
	etag, err := m.etag(ctx, path)
	if err != nil {
		return err
	}
	return m.do(ctx, http.MethodPatch, path, etag, changes, nil)
}

// tagged is the part of every answer that a change needs.
type tagged struct {
	ETag string `json:"@odata.etag"`
}

// etag reads the ETag of what is at a path.
func (m Member) etag(ctx context.Context, path string) (string, error) {
	var found tagged
	if err := m.do(ctx, http.MethodGet, path, "", nil, &found); err != nil {
		return "", err
	}
	if found.ETag == "" {
		return "", errors.New("graph gave no ETag")
	}
	return found.ETag, nil
}
