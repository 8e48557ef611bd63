// Package taskstest is the contract of tasksync.Side as tests. Every end of the
// task list passes [Run], against a simulator on every run; the engine may then
// rely on the comment on tasksync.Side and on nothing else.
//
// It refuses to test what is one service's own: shapes of requests, numbers of
// calls, patience.
package taskstest

import (
	"context"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// Rig is a side to be tested, and hands to do there what people do without us.
// Every test gets one of its own, with a place that has no tasks. Readings must
// not lag: what the hands did shows at once.
type Rig struct {
	Side  tasksync.Side
	Place tasksync.Place

	// Gone is a place that is not there. Nil: the service cannot tell it from one
	// without tasks.
	Gone *tasksync.Place

	// NewID returns an id for a task to create, another one each time. Nil where
	// the service chooses ids.
	NewID func() string
	// Unknown is an id of the right form that no task has.
	Unknown string
	// Group and Name are what new tasks get as NewItem.Group and NewItem.Name.
	Group, Name string

	// Users are two people to whom tasks can be assigned.
	Users [2]org.UserID

	// Make makes a task as people do and returns its id. It is called with fields
	// that the side takes; of a side that takes none, with Title, Status and Due.
	Make func(t *testing.T, v task.Values) (id string)
	// Edit changes fields that the side takes as people do.
	Edit func(t *testing.T, id string, v task.Values)
	// Remove deletes a task as people do.
	Remove func(t *testing.T, id string)
}

// Run tests a side. Rig is called for each test.
func Run(t *testing.T, rig func(t *testing.T) Rig) {
	for _, test := range []struct {
		name string
		run  func(b *bench)
	}{
		{"a place without tasks", emptyPlace},
		{"a place that is not there", gonePlace},
		{"people's tasks show", peoplesTasks},
		{"a listing and a reading agree", listing},
		{"many at once", manyTasks},

		{"every field comes back", everyField},
		{"several fields at once", severalFields},
		{"a change that changes nothing", noChange},
		{"fields that are not taken", otherFields},
		{"versions", versions},

		{"somebody changed the same field", sameField},
		{"somebody changed another field", anotherField},
		{"somebody deleted it", deletedByOthers},
		{"several write different fields at once", differentFieldsAtOnce},
		{"several write one field at once", oneFieldAtOnce},

		{"create", create},
		{"create with little", createWithLittle},
		{"create again", createAgain},
		{"delete", deleteOne},
		{"delete what somebody changed", deleteChanged},

		{"a context that ended", endedContext},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(&bench{T: t, Rig: rig(t)}) })
	}
}

// bench is a rig in use.
type bench struct {
	*testing.T
	Rig
}

// must fails the test at once if there is an error.
func (b *bench) must(doing string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", doing, err)
	}
}

// wantKind fails the test unless err is of that kind.
func (b *bench) wantKind(doing string, err error, kind fault.Kind) {
	b.Helper()
	if !fault.Is(err, kind) {
		b.Errorf("%s: %v, want %v", doing, err, kind)
	}
}

// make makes a task through the side if it can, else as people do, and reads it.
func (b *bench) make(v task.Values) tasksync.Item {
	b.Helper()
	if !b.Side.Abilities().Creates {
		return b.read(b.Make(b.T, v))
	}
	item, err := b.Side.Create(b.Context(), b.Place, b.new(v))
	b.must("Create", err)
	return b.read(item.ID)
}

// new is a task to create.
func (b *bench) new(v task.Values) tasksync.NewItem {
	n := tasksync.NewItem{Group: b.Group, Name: b.Name, State: v}
	if b.NewID != nil {
		n.ID = b.NewID()
	}
	return n
}

// read reads a task that is there.
func (b *bench) read(id string) tasksync.Item {
	b.Helper()
	items, err := b.Side.Read(b.Context(), b.Place, []string{id})
	b.must("Read", err)
	item, there := items[id]
	switch {
	case !there || len(items) != 1:
		b.Fatalf("Read of %s gives %v, want that task", id, items)
	case item.ID != id || !item.Whole:
		b.Fatalf("Read of %s gives %+v, want it whole", id, item)
	}
	return item
}

// isAbsent fails the test if a task is there.
func (b *bench) isAbsent(id string) {
	b.Helper()
	items, err := b.Side.Read(b.Context(), b.Place, []string{id})
	b.must("Read", err)
	if len(items) != 0 {
		b.Errorf("Read of %s gives %v, want nothing", id, items)
	}
	if _, listed := b.list()[id]; listed {
		b.Errorf("List still has %s", id)
	}
}

// list lists the place's tasks by id.
func (b *bench) list() map[string]tasksync.Item {
	b.Helper()
	items, err := b.Side.List(b.Context(), b.Place)
	b.must("List", err)
	byID := make(map[string]tasksync.Item, len(items))
	for _, item := range items {
		if _, twice := byID[item.ID]; twice || item.ID == "" {
			b.Errorf("List has %q twice, or without an id", item.ID)
		}
		byID[item.ID] = item
	}
	return byID
}

// change changes a task, and fails the test if that does not work.
func (b *bench) change(item tasksync.Item, to task.Values) tasksync.Item {
	b.Helper()
	changed, err := b.Side.Change(b.Context(), b.Place, item, to)
	b.must("Change", err)
	if changed.ID != item.ID {
		b.Fatalf("Change of %s returns %s", item.ID, changed.ID)
	}
	return changed
}

// shows fails the test unless an item shows these values.
func (b *bench) shows(who string, item tasksync.Item, want task.Values) {
	b.Helper()
	for f, value := range want {
		if got, shown := item.State.Values[f]; got != value || !shown {
			b.Errorf("%s shows the %v %s (%t), want %s", who, f, short(got), shown, short(value))
		}
	}
}

// sameAs fails the test unless two items show the same of the fields that both
// show.
func (b *bench) sameAs(who string, a, c tasksync.Item) {
	b.Helper()
	for f, value := range a.State.Values {
		if other, shown := c.State.Values[f]; shown && other != value {
			b.Errorf("%s: the %v is %s and %s", who, f, short(value), short(other))
		}
	}
}

// fields returns the fields the side takes, as its tasks say. It leaves one task.
func (b *bench) fields() task.Fields {
	b.Helper()
	item := b.make(b.plain())
	writes := b.Side.Abilities().Writes
	for f := range item.State.Takes.All() {
		if !writes.Has(f) {
			b.Errorf("a task takes the %v, and Abilities says that none does", f)
		}
	}
	return item.State.Takes
}

// plain are the values of some task.
func (b *bench) plain() task.Values {
	return task.Values{task.Title: "Count the till", task.Status: task.NotStarted, task.Due: "2026-05-12"}
}

// short quotes a value for a message.
func short(value string) string {
	const most = 60
	if len(value) > most {
		value = strings.ToValidUTF8(value[:most], "") + "…"
	}
	return `"` + strings.ReplaceAll(value, "\n", `\n`) + `"`
}

// canceled is a context that ended.
func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
