package planner

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// taskProperties are what is asked of a task; its @odata.etag comes unasked.
const taskProperties = "id,bucketId,title,percentComplete,dueDateTime,assignments,hasDescription,referenceCount," +
	"createdBy,createdDateTime,completedBy,completedDateTime"

// plannerTask is a task as Graph serves it.
type plannerTask struct {
	ETag           string                     `json:"@odata.etag"`
	ID             string                     `json:"id"`
	Bucket         string                     `json:"bucketId"`
	Title          string                     `json:"title"`
	Percent        int                        `json:"percentComplete"`
	Due            time.Time                  `json:"dueDateTime"` // zero for null
	Assignments    map[string]json.RawMessage `json:"assignments"`
	HasDescription bool                       `json:"hasDescription"`
	References     int                        `json:"referenceCount"`
	CreatedBy      identities                 `json:"createdBy"`
	Created        time.Time                  `json:"createdDateTime"`
	CompletedBy    identities                 `json:"completedBy"`
	Completed      time.Time                  `json:"completedDateTime"`
}

func (t *plannerTask) valid() bool { return t.ID != "" && t.ETag != "" }

// plannerDetails are a task's details as Graph serves them.
type plannerDetails struct {
	ETag        string                    `json:"@odata.etag"`
	Description string                    `json:"description"`
	References  map[string]reference      `json:"references"`
	Checklist   map[string]checklistEntry `json:"checklist"`
}

func (d *plannerDetails) valid() bool { return d.ETag != "" }

// identities say who did something: a user, an app, or an app for a user.
type identities struct {
	User        *identity `json:"user"`
	Application *identity `json:"application"`
}

type identity struct {
	ID string `json:"id"`
}

// user is the user among them, zero if there is none.
func (i identities) user() org.UserID {
	if i.User == nil {
		return org.UserID{}
	}
	// An id that is none names nobody.
	id, err := org.ParseUserID(i.User.ID)
	if err != nil {
		return org.UserID{}
	}
	return id
}

// ours reports whether our app is among them.
func (c *Client) ours(i identities) bool {
	if i.Application == nil || i.Application.ID == "" {
		return false
	}
	if c.appID == "" {
		return i.User == nil || i.User.ID == ""
	}
	return strings.EqualFold(i.Application.ID, c.appID)
}

// detailFields are the fields that stand in a task's details.
func detailFields() task.Fields {
	return task.FieldsOf(task.Instructions, task.Contact, task.Progress, task.Link)
}

// item says what a task shows by itself. It is whole if it has no details that
// would show more.
func (c *Client) item(t plannerTask) tasksync.Item {
	values := task.Values{
		task.Title:     task.CanonTitle(t.Title),
		task.Status:    task.StatusOfPercent(t.Percent),
		task.Due:       task.CanonDue(t.Due, time.UTC),
		task.Assignees: assignees(t.Assignments),
	}
	whole := !t.HasDescription && t.References == 0
	if whole {
		for f := range detailFields().All() {
			values[f] = ""
		}
	}
	return tasksync.Item{
		ID: t.ID, Version: t.ETag, Whole: whole, Group: t.Bucket,
		State:     task.State{Values: values, Takes: task.AllFields(), Ordered: true},
		CreatedBy: t.CreatedBy.user(), ByUs: c.ours(t.CreatedBy), CreatedAt: t.Created,
		CompletedBy: t.CompletedBy.user(), CompletedAt: t.Completed,
	}
}

// assignees reads the keys of the assignments that are users.
func assignees(assignments map[string]json.RawMessage) string {
	var ids []string
	for key, entry := range assignments {
		if _, err := org.ParseUserID(key); err == nil && string(entry) != "null" {
			ids = append(ids, key)
		}
	}
	return task.CanonAssignees(ids)
}

// withDetails returns the item with what its details show.
func withDetails(item tasksync.Item, d plannerDetails) tasksync.Item {
	values := detailValues(d)
	for f, value := range item.State.Values {
		if !detailFields().Has(f) {
			values[f] = value
		}
	}
	item.State.Values, item.DetailsVersion, item.Whole = values, d.ETag, true
	return item
}

// detailValues are the four fields that details show.
func detailValues(d plannerDetails) task.Values {
	values := task.ParseDescription(d.Description)
	values[task.Link] = linkIn(d.References)
	return values
}

// again returns an item as its task shows it now, with the details it had.
func (c *Client) again(item tasksync.Item, t plannerTask) tasksync.Item {
	now := c.item(t)
	if !item.Whole || item.DetailsVersion == "" {
		return now
	}
	for f := range detailFields().All() {
		now.State.Values[f] = item.State.Values[f]
	}
	now.DetailsVersion, now.Whole = item.DetailsVersion, true
	return now
}
