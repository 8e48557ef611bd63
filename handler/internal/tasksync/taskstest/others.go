package taskstest

import (
	"context"
	"fmt"
	"maps"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// What somebody else does between our reading a task and writing it.

func sameField(b *bench) {
	for f := range b.fields().All() {
		item := b.make(b.plain())
		samples := b.samples(f, true)
		if item.State.Values[f] == samples[0] || item.State.Values[f] == samples[1] {
			b.Fatalf("the samples of the %v are no changes", f)
		}
		b.Edit(b.T, item.ID, task.Values{f: samples[0]})
		_, err := b.Side.Change(b.Context(), b.Place, item, task.Values{f: samples[1]})
		b.wantKind("Change of the "+f.String(), err, fault.Conflict)
		item = b.read(item.ID)
		b.shows("after the conflict, Read", item, task.Values{f: samples[0]})
		item = b.change(item, task.Values{f: samples[1]})
		b.shows("with the new version, Change", item, task.Values{f: samples[1]})
		b.shows("then Read", b.read(item.ID), task.Values{f: samples[1]})
	}
}

// anotherField lets the side choose: both changes are kept, or ours is refused
// and works after another reading.
func anotherField(b *bench) {
	takes := b.fields()
	for theirs := range takes.All() {
		for ours := range takes.All() {
			if theirs == ours {
				continue
			}
			item := b.make(b.plain())
			edit, to := task.Values{theirs: b.samples(theirs, true)[0]}, task.Values{ours: b.samples(ours, true)[0]}
			b.Edit(b.T, item.ID, edit)
			_, err := b.Side.Change(b.Context(), b.Place, item, to)
			if fault.Is(err, fault.Conflict) {
				b.shows("after the conflict, Read", b.read(item.ID), edit)
				_, err = b.Side.Change(b.Context(), b.Place, b.read(item.ID), to)
			}
			b.must(fmt.Sprintf("Change of the %v beside the %v", ours, theirs), err)
			maps.Copy(to, edit)
			b.shows("Read", b.read(item.ID), to)
		}
	}
}

func deletedByOthers(b *bench) {
	item, other := b.make(b.plain()), b.make(b.plain())
	b.Remove(b.T, item.ID)
	for f := range item.State.Takes.All() {
		_, err := b.Side.Change(b.Context(), b.Place, item, task.Values{f: b.samples(f, true)[0]})
		b.wantKind("Change of the "+f.String(), err, fault.NotFound)
	}
	if b.Side.Abilities().Deletes {
		b.must("Delete", b.Side.Delete(b.Context(), b.Place, item))
	}
	b.isAbsent(item.ID)
	b.read(other.ID)
}

// atOnce is how many write at the same time.
const atOnce = 8

// insist changes a task however often somebody is faster. Each conflict means
// that somebody else got through, so that atOnce tries would do if nobody had
// to write twice.
func (b *bench) insist(ctx context.Context, item tasksync.Item, to task.Values) error {
	const tries = 4 * atOnce
	for range tries {
		_, err := b.Side.Change(ctx, b.Place, item, to)
		if !fault.Is(err, fault.Conflict) {
			return err
		}
		items, err := b.Side.Read(ctx, b.Place, []string{item.ID})
		if err != nil {
			return err
		}
		item = items[item.ID]
	}
	return fmt.Errorf("a change of %v met %d conflicts", to, tries)
}

func differentFieldsAtOnce(b *bench) {
	item := b.make(b.plain())
	want := b.rich(item.State.Takes, item.State.Single)
	all, ctx := errgroup.WithContext(b.Context())
	for f, value := range want {
		all.Go(func() error { return b.insist(ctx, item, task.Values{f: value}) })
	}
	b.must("Change", all.Wait())
	b.shows("in the end, Read", b.read(item.ID), want)
}

func oneFieldAtOnce(b *bench) {
	item := b.make(b.plain())
	if !item.State.Takes.Has(task.Title) {
		return
	}
	name := func(i int) string { return fmt.Sprintf("Named by %d", i) }
	all, ctx := errgroup.WithContext(b.Context())
	for i := range atOnce {
		all.Go(func() error { return b.insist(ctx, item, task.Values{task.Title: name(i)}) })
	}
	b.must("Change", all.Wait())
	title := b.read(item.ID).State.Values[task.Title]
	for i := range atOnce {
		if title == name(i) {
			return
		}
	}
	b.Errorf("in the end the title is %s, which nobody wrote", short(title))
}
