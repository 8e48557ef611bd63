package taskstest

import (
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

func emptyPlace(b *bench) {
	if items := b.list(); len(items) != 0 {
		b.Errorf("List gives %v", items)
	}
	for _, ids := range [][]string{nil, {b.Unknown}} {
		items, err := b.Side.Read(b.Context(), b.Place, ids)
		b.must("Read", err)
		if len(items) != 0 {
			b.Errorf("Read of %v gives %v", ids, items)
		}
	}
}

func gonePlace(b *bench) {
	if b.Gone == nil {
		return
	}
	_, err := b.Side.List(b.Context(), *b.Gone)
	b.wantKind("List", err, fault.NotFound)
}

// peoplesTasks reads what was made without us, and what people made of it.
func peoplesTasks(b *bench) {
	id := b.Make(b.T, b.plain())
	item := b.read(id)
	b.shows("a task of people's", item, b.plain())
	for f := range item.State.Takes.All() {
		for _, value := range b.samples(f, item.State.Single) {
			b.Edit(b.T, id, task.Values{f: value})
			b.shows("after an edit, Read", b.read(id), task.Values{f: value})
		}
	}
	b.Remove(b.T, id)
	b.isAbsent(id)
}

func listing(b *bench) {
	takes := b.fields()
	ids := map[string]bool{}
	for id := range b.list() {
		ids[id] = true
	}
	if len(ids) != 1 {
		b.Fatalf("List gives %v, want the one task", ids)
	}
	rich := b.make(b.plain())
	for range 3 { // each with other values
		for f := range takes.All() {
			samples := b.samples(f, rich.State.Single)
			rich = b.change(rich, task.Values{f: samples[len(ids)%len(samples)]})
		}
		ids[rich.ID] = true
		rich = b.make(b.plain())
	}
	ids[rich.ID] = true
	listed := b.list()
	if len(listed) != len(ids) {
		b.Errorf("List gives %d tasks, want %d", len(listed), len(ids))
	}
	for id := range ids {
		whole, item := b.read(id), listed[id]
		b.sameAs("List and Read of "+id, item, whole)
		if item.Version != whole.Version || item.Group != whole.Group || item.State.Takes != whole.State.Takes {
			b.Errorf("List gives %+v, Read %+v", item, whole)
		}
		if item.Whole && len(item.State.Values) != len(whole.State.Values) {
			b.Errorf("List calls %v whole, Read gives %v", item.State.Values, whole.State.Values)
		}
	}
}

// manyTasks reads more than fits into one call of any service.
func manyTasks(b *bench) {
	const n = 45
	ids := []string{b.Unknown}
	for i := range n {
		v := b.plain()
		v[task.Title] = fmt.Sprintf("Task %d", i)
		ids = append(ids, b.make(v).ID)
	}
	items, err := b.Side.Read(b.Context(), b.Place, append(ids, ids[1])) // one of them twice
	b.must("Read", err)
	if len(items) != n {
		b.Errorf("Read gives %d tasks, want %d", len(items), n)
	}
	for i, id := range ids[1:] {
		b.shows("Read of many", items[id], task.Values{task.Title: fmt.Sprintf("Task %d", i)})
	}
	if listed := b.list(); len(listed) != n {
		b.Errorf("List gives %d tasks, want %d", len(listed), n)
	}
}

func endedContext(b *bench) {
	item := b.make(b.plain())
	ctx := canceled(b.T)
	_, err := b.Side.List(ctx, b.Place)
	b.wantKind("List", err, fault.Canceled)
	_, err = b.Side.Read(ctx, b.Place, []string{item.ID})
	b.wantKind("Read", err, fault.Canceled)
	if item.State.Takes.Has(task.Title) {
		_, err = b.Side.Change(ctx, b.Place, item, task.Values{task.Title: "too late"})
		b.wantKind("Change", err, fault.Canceled)
	}
	if b.Side.Abilities().Creates {
		_, err = b.Side.Create(ctx, b.Place, b.new(b.plain()))
		b.wantKind("Create", err, fault.Canceled)
	}
	if b.Side.Abilities().Deletes {
		b.wantKind("Delete", b.Side.Delete(ctx, b.Place, item), fault.Canceled)
	}
	b.shows("afterwards, Read", b.read(item.ID), b.plain())
	if listed := b.list(); len(listed) != 1 {
		b.Errorf("afterwards List gives %d tasks, want 1", len(listed))
	}
}
