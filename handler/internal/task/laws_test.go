package task_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// After the last edit both sides show the same where both can be written, and
// nothing is written or forgotten any more.
func TestSidesEndEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := commerce(t)
		home.stale = drawMinutes(t, "home's staleness", 9)
		m := newModel(t, home, board(t))
		m.steps(t)
		m.settle()
		for f := range home.state.Takes.All() {
			if agreed := m.sides[task.Teams].values()[f]; !home.looksLike(f, agreed) {
				t.Fatalf("%s is %q at home and %q in Teams", f, home.values()[f], agreed)
			}
		}
		told, base := m.told, m.base
		if out := m.look(0, nothing); m.told != told || !reflect.DeepEqual(out.Base, base) || len(out.Losses) > 0 || out.LookAgain != 0 {
			t.Fatalf("not at rest: %+v, was %+v", out, base)
		}
	})
}

// A completion is undone only where a person, who saw it, undid it.
func TestCompletionsStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := commerce(t)
		home.stale = drawMinutes(t, "home's staleness", 9)
		m := newModel(t, home, board(t))
		completed := m.base.Fields[task.Status].Agreed == task.MarkOf(done)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "something else") {
				m.look(drawMinutes(t, "staler", 9), mishap(rapid.IntRange(0, int(mishapsCount)-1).Draw(t, "mishap")))
				m.now = m.now.Add(drawMinutes(t, "wait", 5))
				continue
			}
			side, status := drawSide(t), drawValue(t, task.Status, false)
			if m.sides[side].values()[task.Status] == done {
				continue // nobody undoes it
			}
			m.enter(side, task.Status, status)
			completed = completed || status == done
		}
		m.settle()
		if got := m.sides[task.Teams].values()[task.Status]; completed && got != done {
			t.Fatalf("it was completed and is %s", got)
		}
		if got := home.values()[task.Status]; completed && home.state.Takes.Has(task.Status) && got != done {
			t.Fatalf("it was completed and is %s at home", got)
		}
	})
}

// A later reopening by a person counts, on either side.
func TestReopeningCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := commerce(t)
		home.state.Takes |= task.FieldsOf(task.Status)
		m := newModel(t, home, board(t))
		m.enter(drawSide(t), task.Status, done)
		m.settle()
		status := rapid.SampledFrom([]string{open, doing}).Draw(t, "reopened")
		m.enter(drawSide(t), task.Status, status)
		m.settle()
		for _, a := range m.sides {
			if got := a.values()[task.Status]; got != status {
				t.Fatalf("it was reopened as %s and is %s", status, got)
			}
		}
	})
}

// While only people in Teams do something, nothing is ever written to Teams: not
// because home lags behind, nor because it takes nothing.
func TestALaggingHomeUndoesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := commerce(t)
		if rapid.Bool().Draw(t, "mute") {
			home.state.Takes = 0
		}
		m := newModel(t, home, board(t))
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			m.edit(t, task.Teams, drawField(t))
			for range rapid.IntRange(0, 5).Draw(t, "looks") {
				m.now = m.now.Add(drawMinutes(t, "wait", 3))
				m.look(0, nothing)
			}
		}
		m.settle()
		if m.told[task.Teams] != 0 {
			t.Fatalf("%d fields were written to Teams", m.told[task.Teams])
		}
	})
}

// However long the lag is.
func TestAHundredSweepsUndoNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := commerce(t)
		home.lag = drawMinutes(t, "home's long lag", 120)
		m := newModel(t, home, board(t))
		for f := range task.AllFields().All() {
			m.edit(t, task.Teams, f)
		}
		want := m.sides[task.Teams].values()
		m.settle()
		if got := m.sides[task.Teams].values(); !maps.Equal(got, want) || m.told[task.Teams] != 0 {
			t.Fatalf("Teams shows %v, people entered %v", got, want)
		}
	})
}

// What one side alone decides over is put back on the other, and never changed
// where it is decided.
func TestFixedFieldsArePutBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := commerce(t)
		home.state.Fixed = task.FieldsOf(task.Title, task.Instructions, task.Due, task.Link, task.Contact)
		m := newModel(t, home, board(t))
		want := maps.Clone(home.values())
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			side, f := drawSide(t), drawField(t)
			m.edit(t, side, f)
			if side == task.Home {
				want[f] = home.values()[f]
			}
			if rapid.Bool().Draw(t, "look") {
				m.look(0, nothing)
			}
			m.now = m.now.Add(drawMinutes(t, "wait", 5))
		}
		m.settle()
		for f := range home.state.Fixed.All() {
			if got := [2]string{home.values()[f], m.sides[task.Teams].values()[f]}; got != [2]string{want[f], want[f]} {
				t.Fatalf("%s is %q at home and %q in Teams, and was fixed as %q", f, got[0], got[1], want[f])
			}
		}
	})
}

// Two hints, each seen before the other's edit shows: their order is the same. (Of
// a second assignee in Teams a home that knows one sees nothing: what is entered
// there then is later.)
func TestOrderOfTwoLooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		single := rapid.Bool().Draw(t, "single")
		fresh := func() *model {
			answering := func() *application {
				return &application{state: task.State{Takes: task.AllFields(), Ordered: true}, answers: true}
			}
			return &model{now: noon, sides: [2]*application{answering(), answering()}}
		}
		origin := rapid.SampledFrom([]task.Origin{task.FromCommerce, task.FromTeams}).Draw(t, "origin")
		before, edits := task.Values{}, [2]task.Values{{}, {}}
		for f := range task.AllFields().All() {
			before[f] = drawValue(t, f, true)
			for side := range edits {
				if rapid.Bool().Draw(t, "edited") {
					edits[side][f] = drawValue(t, f, single)
				}
			}
		}
		run := func(first, second []task.Side) task.Values {
			m := fresh()
			m.origin = origin
			m.sides[task.Home].state.Single = single
			for _, a := range m.sides {
				a.versions = []version{{at: noon.Add(-time.Hour), values: before}}
			}
			m.look(0, nothing)
			for _, side := range []task.Side{task.Home, task.Teams} {
				m.sides[side].change(m.now, edits[side], true)
			}
			for _, seen := range [][]task.Side{first, second} {
				for side, a := range m.sides {
					a.lag = time.Hour
					if slices.Contains(seen, task.Side(side)) {
						a.lag = 0
					}
				}
				m.look(0, nothing)
			}
			m.settle()
			return m.sides[task.Teams].values()
		}
		both := []task.Side{task.Home, task.Teams}
		homeFirst, teamsFirst := run([]task.Side{task.Home}, both), run([]task.Side{task.Teams}, both)
		if !maps.Equal(homeFirst, teamsFirst) {
			t.Fatalf("home first ends with\n%v, Teams first with\n%v", homeFirst, teamsFirst)
		}
		if atOnce := run(both, both); !maps.Equal(homeFirst, atOnce) {
			t.Fatalf("one after the other ends with\n%v, at once with\n%v", homeFirst, atOnce)
		}
	})
}

// In whatever state: the same look again decides nothing new, and neither does one
// after the writes arrived.
func TestMergeIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		home := commerce(t)
		home.stale = drawMinutes(t, "home's staleness", 9)
		m := newModel(t, home, board(t))
		m.steps(t)
		shown := [2]task.State{home.show(m.now, 0), m.sides[task.Teams].show(m.now, 0)}
		out := task.Merge(m.origin, m.base, shown[0], shown[1], m.now)

		again := task.Merge(m.origin, out.Base, shown[0], shown[1], m.now)
		if len(again.Write[0])+len(again.Write[1])+len(again.Losses) > 0 || !maps.Equal(again.Agreed, out.Agreed) ||
			!reflect.DeepEqual(again.Base, out.Base) {
			t.Fatalf("replayed:\n%+v, after\n%+v", again, out)
		}

		base := out.Base
		for side := range shown {
			shown[side].Values = maps.Clone(shown[side].Values)
			maps.Copy(shown[side].Values, out.Write[side])
			if len(out.Write[side]) > 0 && rapid.Bool().Draw(t, "answered") {
				base = base.Wrote(task.Side(side), shown[side].Values)
			}
		}
		arrived := task.Merge(m.origin, base, shown[0], shown[1], m.now)
		if len(arrived.Write[0])+len(arrived.Write[1])+len(arrived.Losses) > 0 || !maps.Equal(arrived.Agreed, out.Agreed) {
			t.Fatalf("arrived:\n%+v, after\n%+v", arrived, out)
		}
	})
}

// In whatever state: sides that show the same are told nothing.
func TestEqualSidesAreLeftAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t, commerce(t), board(t))
		m.steps(t)
		same := task.State{Takes: task.AllFields(), Ordered: true, Values: task.Values{}}
		for f := range task.AllFields().All() {
			same.Values[f] = drawValue(t, f, false)
		}
		out := task.Merge(m.origin, m.base, same, same, m.now)
		if len(out.Write[0])+len(out.Write[1])+len(out.Losses) > 0 || !maps.Equal(out.Agreed, same.Values) {
			t.Fatalf("both show %v: %+v", same.Values, out)
		}
	})
}
