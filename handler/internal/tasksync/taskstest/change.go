package taskstest

import (
	"maps"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
)

func everyField(b *bench) {
	item := b.make(b.plain())
	for f := range item.State.Takes.All() {
		for _, value := range b.samples(f, item.State.Single) {
			before := maps.Clone(item.State.Values)
			item = b.change(item, task.Values{f: value})
			b.shows("Change", item, task.Values{f: value})
			after := b.read(item.ID)
			before[f] = value
			b.shows("Read", after, before)
			b.sameAs("List and Read", b.list()[item.ID], after)
		}
	}
}

func severalFields(b *bench) {
	item := b.make(b.plain())
	if item.State.Takes == 0 {
		return
	}
	filled := b.rich(item.State.Takes, item.State.Single)
	item = b.change(item, filled)
	b.shows("Change", item, filled)
	b.shows("Read", b.read(item.ID), filled)
	cleared := task.Values{}
	for _, f := range []task.Field{task.Assignees, task.Progress, task.Instructions, task.Due, task.Link, task.Contact} {
		if item.State.Takes.Has(f) {
			cleared[f] = ""
		}
	}
	item = b.change(item, cleared)
	b.shows("Change to nothing", item, cleared)
	after := b.read(item.ID)
	b.shows("Read", after, cleared)
	for f := range cleared {
		delete(filled, f)
	}
	b.shows("Read", after, filled)
}

func noChange(b *bench) {
	item := b.make(b.plain())
	if item.State.Takes == 0 {
		return
	}
	item = b.change(item, b.rich(item.State.Takes, item.State.Single))
	for _, to := range []task.Values{nil, {}, b.rich(item.State.Takes, item.State.Single)} {
		item = b.change(item, to)
		b.shows("Change", item, b.rich(item.State.Takes, item.State.Single))
		b.shows("Read", b.read(item.ID), b.rich(item.State.Takes, item.State.Single))
	}
}

func otherFields(b *bench) {
	item := b.make(b.plain())
	for f := range task.AllFields().All() {
		if item.State.Takes.Has(f) {
			continue
		}
		to := task.Values{f: b.samples(f, true)[0]}
		if item.State.Takes.Has(task.Title) {
			to[task.Title] = "half of it"
		}
		_, err := b.Side.Change(b.Context(), b.Place, item, to)
		b.wantKind("Change of the "+f.String(), err, fault.Invalid)
	}
	if after := b.read(item.ID); !maps.Equal(after.State.Values, item.State.Values) || after.Version != item.Version {
		b.Errorf("a refused change left %+v, want %+v", after, item)
	}
}

// versions changes every field once, after which a version has to be another,
// and where they have an order a later one.
func versions(b *bench) {
	item := b.make(b.plain())
	for f := range item.State.Takes.All() {
		samples := b.samples(f, item.State.Single)
		value := samples[0]
		if item.State.Values[f] == value {
			value = samples[1]
		}
		b.Edit(b.T, item.ID, task.Values{f: value})
		after := b.read(item.ID)
		same := after.Version == item.Version && after.DetailsVersion == item.DetailsVersion
		older := after.Version < item.Version || after.DetailsVersion < item.DetailsVersion
		if same || b.Side.Abilities().Versions && older {
			b.Errorf("after a change of the %v the versions are %q, %q; they were %q, %q", f,
				after.Version, after.DetailsVersion, item.Version, item.DetailsVersion)
		}
		if again := b.read(item.ID); again.Version != after.Version || again.DetailsVersion != after.DetailsVersion {
			b.Errorf("without a change the version is %q, then %q", after.Version, again.Version)
		}
		item = after
	}
}
