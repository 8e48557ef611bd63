package task_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// The model of two applications that show one task, and of a sync that looks at
// them. It knows nothing of how Merge decides.

// version is a task as an application had it from a moment on.
type version struct {
	at       time.Time
	values   task.Values
	byPerson bool
}

// application is one side.
type application struct {
	state    task.State // without values
	versions []version
	read     int           // the latest version that was read
	lag      time.Duration // how far its readings are behind
	stale    time.Duration // how much further they may be, now and then
	answers  bool          // a write is answered with what it shows then, and refused if what was read is not the latest
}

// values returns what it really has.
func (a *application) values() task.Values { return a.versions[len(a.versions)-1].values }

func (a *application) change(now time.Time, v task.Values, byPerson bool) {
	next := maps.Clone(a.values())
	maps.Copy(next, v)
	a.versions = append(a.versions, version{now, next, byPerson})
}

// show reads it. Where readings are in order, none is older than the last.
func (a *application) show(now time.Time, staler time.Duration) task.State {
	limit, i := now.Add(-a.lag-min(staler, a.stale)), 0
	for i+1 < len(a.versions) && !a.versions[i+1].at.After(limit) {
		i++
	}
	if a.state.Ordered || a.stale == 0 {
		i = max(i, a.read)
	}
	a.read = i
	s := a.state
	s.Values = a.versions[i].values
	return s
}

// write writes what was decided after the last reading, unless a person was faster.
func (a *application) write(now time.Time, v task.Values) bool {
	newer := a.versions[a.read+1:]
	if a.answers && len(newer) > 0 || slices.ContainsFunc(newer, func(v version) bool { return v.byPerson }) {
		return false
	}
	a.change(now, v, false)
	if a.answers {
		a.read = len(a.versions) - 1
	}
	return true
}

// mishap is what may go wrong with a look.
type mishap int

const (
	nothing      mishap = iota
	killed              // after the writes, before anything is remembered
	refused             // home takes no write
	answerLost          // home took the write, and we never heard
	mishapsCount        //
)

type model struct {
	origin task.Origin
	now    time.Time
	base   task.Base
	sides  [2]*application
	told   [2]int // how many fields were written to each side
}

// newModel returns two sides that show the same and had been compared.
func newModel(t *rapid.T, home, teams *application) *model {
	m := &model{
		origin: rapid.SampledFrom([]task.Origin{task.FromCommerce, task.FromList, task.FromTeams}).Draw(t, "origin"),
		now:    noon, sides: [2]*application{home, teams},
	}
	values := task.Values{}
	for f := range task.AllFields().All() {
		values[f] = drawValue(t, f, true)
	}
	for _, a := range m.sides {
		a.versions = []version{{at: noon.Add(-24 * time.Hour), values: values}}
	}
	m.look(0, nothing)
	return m
}

// look is one look at both sides, and what follows from it.
func (m *model) look(staler time.Duration, oops mishap) task.Outcome {
	home, teams := m.sides[task.Home].show(m.now, staler), m.sides[task.Teams].show(m.now, staler)
	out := task.Merge(m.origin, m.base, home, teams, m.now)
	base := out.Base
	for i, a := range m.sides {
		side := task.Side(i)
		if len(out.Write[i]) == 0 {
			continue
		}
		m.told[i] += len(out.Write[i])
		atHome := side == task.Home
		ok := (!atHome || oops != refused) && a.write(m.now, out.Write[i])
		switch {
		case !ok || atHome && oops == answerLost:
			base = base.Unsent(side)
		case a.answers:
			base = base.Wrote(side, a.values())
		}
	}
	if oops != killed {
		m.base = base
	}
	return out
}

// settle looks until nothing can be underway any more.
func (m *model) settle() {
	for range 100 {
		m.now = m.now.Add(time.Minute)
		m.look(0, nothing)
	}
}

// edit lets a person change a field on a side to any of a few values.
func (m *model) edit(t *rapid.T, side task.Side, f task.Field) {
	m.enter(side, f, drawValue(t, f, m.sides[side].state.Single))
}

func (m *model) enter(side task.Side, f task.Field, value string) {
	if a := m.sides[side]; a.values()[f] != value {
		a.change(m.now, task.Values{f: value}, true)
	}
}

func drawValue(t *rapid.T, f task.Field, single bool) string {
	values := []string{"", "v", "w", "x"}
	switch {
	case f == task.Status:
		values = []string{open, doing, done}
	case f == task.Assignees && single:
		values = []string{"", "a", "b", "c"}
	case f == task.Assignees:
		values = []string{"", "a", "b", "a,b", "b,c", "a,b,c"}
	}
	return rapid.SampledFrom(values).Draw(t, f.String())
}

func drawField(t *rapid.T) task.Field {
	return rapid.SampledFrom(slices.Collect(task.AllFields().All())).Draw(t, "field")
}

func drawSide(t *rapid.T) task.Side {
	return rapid.SampledFrom([]task.Side{task.Home, task.Teams}).Draw(t, "side")
}

func drawMinutes(t *rapid.T, name string, most int) time.Duration {
	return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Minute
}

// board is Teams: readings are in order, writes conditional and answered.
func board(t *rapid.T) *application {
	return &application{
		state: task.State{Takes: task.AllFields(), Ordered: true}, lag: drawMinutes(t, "teams' lag", 3), answers: true,
	}
}

// commerce is a home, of which little is certain.
func commerce(t *rapid.T) *application {
	a := &application{lag: drawMinutes(t, "home's lag", 12)}
	a.state.Single = rapid.Bool().Draw(t, "single")
	for f := range task.AllFields().All() {
		if rapid.IntRange(0, 4).Draw(t, "takes") > 0 {
			a.state.Takes |= task.FieldsOf(f)
		}
	}
	return a
}

// looksLike reports whether a side shows a value as far as it can.
func (a *application) looksLike(f task.Field, value string) bool {
	if a.state.Single && f == task.Assignees {
		value, _, _ = strings.Cut(value, ",")
	}
	return a.values()[f] == value
}

// step lets any one thing happen.
func (m *model) step(t *rapid.T) {
	switch rapid.IntRange(0, 3).Draw(t, "what") {
	case 0:
		m.edit(t, drawSide(t), drawField(t))
	case 1:
		m.edit(t, drawSide(t), task.Status)
	case 2:
		m.now = m.now.Add(drawMinutes(t, "wait", 20))
	default:
		m.look(drawMinutes(t, "staler", 9), mishap(rapid.IntRange(0, int(mishapsCount)-1).Draw(t, "mishap")))
	}
}

func (m *model) steps(t *rapid.T) {
	for range rapid.IntRange(0, 25).Draw(t, "steps") {
		m.step(t)
	}
}
