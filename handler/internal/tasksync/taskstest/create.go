package taskstest

import (
	"maps"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

func create(b *bench) {
	if !b.Side.Abilities().Creates {
		_, err := b.Side.Create(b.Context(), b.Place, b.new(b.plain()))
		b.wantKind("Create", err, fault.Invalid)
		if listed := b.list(); len(listed) != 0 {
			b.Errorf("List gives %v, want no task", listed)
		}
		return
	}
	for i := range 6 {
		v := b.plain()
		for f := range b.Side.Abilities().Writes.All() {
			samples := b.samples(f, true)
			v[f] = samples[i%len(samples)]
		}
		n := b.new(v)
		created, err := b.Side.Create(b.Context(), b.Place, n)
		b.must("Create", err)
		if created.ID == "" || n.ID != "" && created.ID != n.ID || created.Group != b.Group {
			b.Errorf("Create of %+v returns %+v", n, created)
		}
		item := b.read(created.ID)
		want := maps.Clone(v)
		maps.DeleteFunc(want, func(f task.Field, _ string) bool { return !item.State.Takes.Has(f) })
		b.shows("Create", created, want)
		b.shows("Read", item, want)
		b.sameAs("Create and List", created, b.list()[created.ID])
		if created.Whole && (created.Version != item.Version || created.DetailsVersion != item.DetailsVersion) {
			b.Errorf("Create returns the version %q, %q, Read %q, %q",
				created.Version, created.DetailsVersion, item.Version, item.DetailsVersion)
		}
		// What Create returns is good for a change.
		b.shows("Change", b.change(created, task.Values{task.Title: "changed"}), task.Values{task.Title: "changed"})
	}
	if listed := b.list(); len(listed) != 6 {
		b.Errorf("List gives %d tasks, want 6", len(listed))
	}
}

// createWithLittle makes a task of which only the title is known.
func createWithLittle(b *bench) {
	if !b.Side.Abilities().Creates {
		return
	}
	created, err := b.Side.Create(b.Context(), b.Place, b.new(task.Values{task.Title: "Only a title"}))
	b.must("Create", err)
	b.shows("Read", b.read(created.ID), task.Values{task.Title: "Only a title", task.Due: ""})
	if len(b.list()) != 1 {
		b.Errorf("List gives %v, want one task", b.list())
	}
}

// createAgain repeats a creation, as after a lost answer.
func createAgain(b *bench) {
	if !b.Side.Abilities().Creates {
		return
	}
	n := b.new(b.plain())
	first, err := b.Side.Create(b.Context(), b.Place, n)
	b.must("Create", err)
	n.State = task.Values{task.Title: "The same again", task.Status: task.Completed}
	again, err := b.Side.Create(b.Context(), b.Place, n)
	b.must("Create again", err)
	if b.Side.Abilities().OwnsIDs {
		if again.ID == first.ID || len(b.list()) != 2 {
			b.Errorf("the service chooses ids and gave %s twice", first.ID)
		}
		return
	}
	b.shows("Create again", again, b.plain())
	b.shows("Read", b.read(first.ID), b.plain())
	if again.ID != first.ID || len(b.list()) != 1 {
		b.Errorf("List gives %v, want one task", b.list())
	}
}

func deleteOne(b *bench) {
	item, other := b.make(b.plain()), b.make(b.plain())
	if !b.Side.Abilities().Deletes {
		b.wantKind("Delete", b.Side.Delete(b.Context(), b.Place, item), fault.Invalid)
		b.read(item.ID)
		return
	}
	b.must("Delete", b.Side.Delete(b.Context(), b.Place, item))
	b.isAbsent(item.ID)
	b.must("Delete again", b.Side.Delete(b.Context(), b.Place, item))
	b.isAbsent(item.ID)
	b.read(other.ID)
}

func deleteChanged(b *bench) {
	item := b.make(b.plain())
	if !b.Side.Abilities().Deletes || !item.State.Takes.Has(task.Status) {
		return
	}
	b.Edit(b.T, item.ID, task.Values{task.Status: task.Completed})
	b.wantKind("Delete", b.Side.Delete(b.Context(), b.Place, item), fault.Conflict)
	item = b.read(item.ID)
	b.shows("Read", item, task.Values{task.Status: task.Completed})
	b.must("Delete as it is now", b.Side.Delete(b.Context(), b.Place, item))
	b.isAbsent(item.ID)
}
