package simplanner

import "time"

// plannerApp is the application that users work with: Planner's own.
const plannerApp = "09abbdfd-ed23-44ee-a2d9-a627aa1c90f3"

// Identity is who did something: a user in Planner's own app, or, with an
// empty User, an app by itself. Ids only.
type Identity struct {
	User        string
	Application string
}

func (i Identity) json() any {
	if i == (Identity{}) {
		return nil
	}
	set := map[string]any{"application": map[string]any{"displayName": nil, "id": i.Application}}
	if i.User != "" {
		set["user"] = map[string]any{"displayName": nil, "id": i.User}
	}
	return set
}

// Plan is a plan with all there is of it but its tasks.
type Plan struct {
	ID        string
	ETag      string
	Group     string // as whoever made the plan wrote its id
	Title     string
	CreatedBy Identity
	Created   time.Time
	Details   PlanDetails
	Buckets   []Bucket // the oldest first
}

// PlanDetails are a plan's details.
type PlanDetails struct {
	ETag       string
	Categories map[string]string // category1 to category25, if described
	SharedWith map[string]bool   // user ids; all true
}

// Bucket is a bucket.
type Bucket struct {
	ID        string
	ETag      string
	Plan      string
	Name      string
	OrderHint string
}

// Task is a task with its details. Zero times are none.
type Task struct {
	ID               string
	ETag             string
	Plan             string
	Bucket           string // empty: none
	Title            string
	PercentComplete  int
	Priority         int
	Start, Due       time.Time
	Completed        time.Time
	CompletedBy      Identity
	Created          time.Time
	CreatedBy        Identity
	Assignments      map[string]Assignment // by user id
	Categories       map[string]bool       // all true
	OrderHint        string
	AssigneePriority string
	Thread           string // conversationThreadId
	Details          Details

	sum summary
}

// Assignment is a user's assignment to a task.
type Assignment struct {
	OrderHint string
	By        Identity
	At        time.Time
}

// Details are a task's details.
type Details struct {
	ETag        string
	Description string
	Preview     string // previewType
	Checklist   map[string]ChecklistItem
	References  map[string]Reference // by URL, percent-encoded as on the wire
}

// ChecklistItem is an item of a task's checklist.
type ChecklistItem struct {
	Title      string
	Checked    bool
	OrderHint  string
	ModifiedBy Identity
	Modified   time.Time
}

// Reference is a link of a task.
type Reference struct {
	Alias      string
	Type       string
	Priority   string // previewPriority, an order hint
	ModifiedBy Identity
	Modified   time.Time
}

// summary is what a task itself tells of its details.
type summary struct {
	described  bool
	references int
	checklist  int
	unchecked  int
	preview    string
}

func (d Details) summary() summary {
	sum := summary{
		described: d.Description != "", references: len(d.References), checklist: len(d.Checklist), preview: d.Preview,
	}
	for _, item := range d.Checklist {
		if !item.Checked {
			sum.unchecked++
		}
	}
	return sum
}

// changed names the properties of a task that differ between two summaries.
func (a summary) changed(b summary) []string {
	var names []string
	note := func(name string, differs bool) {
		if differs {
			names = append(names, name)
		}
	}
	note("hasDescription", a.described != b.described)
	note("referenceCount", a.references != b.references)
	note("checklistItemCount", a.checklist != b.checklist)
	note("activeChecklistItemCount", a.unchecked != b.unchecked)
	note("previewType", a.preview != b.preview)
	return names
}

// stamp writes a time as the service does; null if there is none.
func stamp(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// given is a text, or null if it is empty.
func given(text string) any {
	if text == "" {
		return nil
	}
	return text
}
