package tasklist_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// What people do on the communications board, and what stores do with a list.

// add puts a task on the board, younger than all there are.
func (w *world) add(bucket, id, title string, values task.Values) {
	if !slices.ContainsFunc(w.buckets, func(b tasksync.Bucket) bool { return b.ID == bucket }) {
		w.buckets = append(w.buckets, tasksync.Bucket{ID: bucket, Name: strings.ToUpper(bucket)})
	}
	c := &card{item: tasksync.Item{
		ID: id, Group: bucket, Whole: true, CreatedAt: w.now.Add(time.Duration(len(w.cards)) * time.Second),
		State: task.State{Values: task.Values{
			task.Title: title, task.Status: task.NotStarted, task.Instructions: "", task.Progress: "",
			task.Due: "", task.Link: "", task.Contact: "",
		}},
	}}
	for f, v := range values {
		c.item.State.Values[f] = v
	}
	w.cards[id] = c
	w.touch(c)
}

// draft puts a list of two tasks on a new board.
func (w *world) draft(targets string) {
	w.settle() // makes the board
	w.list("spring", targets)
}

func (w *world) list(bucket, targets string) {
	w.add(bucket, bucket+"-send", "Send", task.Values{task.Due: "2027-05-12", task.Instructions: targets})
	w.add(bucket, bucket+"-a", "First", task.Values{task.Instructions: "due -2d"})
	w.add(bucket, bucket+"-b", "Second", nil)
}

// edit is somebody's change of a field.
func (w *world) edit(id string, field task.Field, value string) {
	w.cards[id].item.State.Values[field] = value
	w.touch(w.cards[id])
}

// complete is somebody's tick.
func (w *world) complete(id string, by org.UserID) {
	w.cards[id].item.CompletedBy = by
	w.edit(id, task.Status, task.Completed)
}

func (w *world) remove(id string) { delete(w.cards, id) }

// send completes a Send task twice, as a manager does.
func (w *world) send(id string) {
	for range 2 {
		w.complete(id, manager)
		w.settle()
		w.now = w.now.Add(time.Minute)
	}
}

// work lets the stores that were told look, as package tasksync does.
func (w *world) work(most int) {
	w.t.Helper()
	told := make([]org.StoreNumber, 0, len(w.inbox))
	for number := range w.inbox {
		told = append(told, number)
	}
	slices.Sort(told)
	campaigns, err := w.ledger.Campaigns(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, number := range told[:min(most, len(told))] {
		delete(w.inbox, number)
		w.change1(number, func(b *task.Board) {
			b.Sent, b.At = map[string]string{}, w.now
			for _, id := range slices.Sorted(maps.Keys(campaigns)) {
				c := campaigns[id]
				if c.State != task.Draft {
					take(b, &c.Campaign)
					b.Sent[id] = c.Version
				}
			}
		})
	}
}

// take makes a board what a campaign says, short of what somebody has begun.
func take(b *task.Board, c *task.Campaign) {
	goes := c.State != task.Withdrawn && slices.Contains(c.Stores, b.Store)
	wanted := func(key string) bool {
		return goes && slices.ContainsFunc(c.Templates, func(t task.Template) bool { return task.ListKey(c.ID, t.ID) == key })
	}
	b.Entries = slices.DeleteFunc(b.Entries, func(e task.Entry) bool {
		return e.Campaign == c.ID && e.Status == task.NotStarted && !wanted(e.Key)
	})
	for _, t := range c.Templates {
		key := task.ListKey(c.ID, t.ID)
		if wanted(key) && !slices.ContainsFunc(b.Entries, func(e task.Entry) bool { return e.Key == key }) {
			b.Entries = append(b.Entries, task.Entry{
				Key: key, Origin: task.FromList, Campaign: c.ID, Planner: key, Title: t.Values[task.Title],
				Status: task.NotStarted, Due: t.Values[task.Due],
			})
		}
	}
}

// change1 changes one store's row.
func (w *world) change1(number org.StoreNumber, edit func(*task.Board)) {
	w.t.Helper()
	row, err := w.ledger.Board(w.t.Context(), number)
	if err == nil {
		edit(&row.Board)
		err = w.ledger.SaveBoard(w.t.Context(), row)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// do sets the status of a store's tasks, all or those of one template.
func (w *world) do(number org.StoreNumber, status string, templates ...string) {
	w.t.Helper()
	w.change1(number, func(b *task.Board) {
		b.At = w.now
		for i := range b.Entries {
			_, template, _ := strings.Cut(b.Entries[i].Key, "/")
			if len(templates) == 0 || slices.Contains(templates, template) {
				b.Entries[i].Status = status
			}
		}
	})
}

func (w *world) campaign(id string) *task.Campaign {
	w.t.Helper()
	campaigns, err := w.ledger.Campaigns(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if campaigns[id] == nil {
		return nil
	}
	return &campaigns[id].Campaign
}

// shows checks what stands on a Send task.
func (w *world) shows(id, status, text string) {
	w.t.Helper()
	values := w.cards[id].item.State.Values
	if values[task.Status] != status || values[task.Progress] != text {
		w.t.Errorf("%s shows %q, %q\n    want %q, %q", id, values[task.Status], values[task.Progress], status, text)
	}
}

func (w *world) inState(id string, state task.CampaignState) {
	w.t.Helper()
	if c := w.campaign(id); c == nil || c.State != state {
		w.t.Errorf("campaign %s: %+v; want it %s", id, c, state)
	}
}

// print writes all that people and stores can see, and the ledger's rows without
// versions.
func (w *world) print() string {
	w.t.Helper()
	var text strings.Builder
	fmt.Fprintln(&text, w.plans)
	for _, id := range []string{"spring-send", "summer-send"} {
		if c := w.cards[id]; c != nil {
			fmt.Fprintln(&text, id, c.item.State.Values, c.lines)
		}
		if c := w.campaign(id); c != nil {
			c.Card = ""
			fmt.Fprintf(&text, "%+v\n", *c)
		}
	}
	for row, err := range w.ledger.Boards(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&text, "%+v\n", row.Board)
	}
	return text.String()
}
