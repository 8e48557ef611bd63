package task

import (
	"maps"
	"strings"
	"time"
)

// Outcome is what Merge decided.
type Outcome struct {
	// Base is to be remembered once the writes are done. If one fails, remember
	// it all the same with [Base.Unsent]: what was read is true, and the write is
	// decided anew at the next look. If a side answers a write by showing what it
	// has now, remember that with [Base.Wrote].
	Base Base
	// Write is what each side has to be told, by Side. Empty: nothing.
	Write [2]Values
	// Losses are values that somebody entered since the last look and that did
	// not win. Their At is now.
	Losses []Loss
	// Agreed is what won, of the fields that either side shows. Where nobody shows
	// the winner any more, it is what is shown. Its Status is Cancelled when home
	// says so and nobody completed the task: a completion stays known. Cancelled is
	// written to neither side; what becomes of the task in Teams is for [Fate].
	Agreed Values
	// LookAgain is how soon the task has to be looked at again although nothing
	// moves. 0: need not. It counts the writes as not shown yet; after [Base.Wrote]
	// ask [Base.LookAgain].
	LookAgain time.Duration
}

// Merge decides what becomes of a task's fields, each by itself, from what was
// remembered of them and what both sides show now.
//
//   - A side has moved when it shows something else than before. Our own writes
//     that turn up there, late ones too, and values that had been agreed before
//     are no moves.
//   - Only one moved: its value is agreed, if its side had shown the agreed value
//     before. If it had not (it lags behind, or cannot be written), whoever moved
//     it did not know that value: then both count as moved.
//   - Both moved: the rule of [Matrix] decides.
//   - A field met for the first time, on either side, is decided by that rule too,
//     but nothing is called a loss.
//   - A side whose State.Fixed has the field is right.
//   - A field that a side does not show is not written there, and what it showed
//     last counts for as long.
//
// It is written where something else is shown than the agreed value looks like
// there, and a write can help. now is the time of the later reading; it counts for
// ages only.
func Merge(origin Origin, base Base, home, teams State, now time.Time) Outcome {
	out := Outcome{Base: Base{Fields: maps.Clone(base.Fields)}, Agreed: Values{}}
	states := [2]*State{&home, &teams}
	for f := range fieldCount {
		m := meeting{field: f, origin: origin, now: now, was: base.Fields[f]}
		for side, state := range states {
			m.sights[side] = m.look(Side(side), state)
		}
		if m.sights[Home].shown || m.sights[Teams].shown {
			m.settle(&out)
		}
	}
	out.LookAgain = out.Base.LookAgain(now)
	return out
}

// settle decides the field and says what follows.
func (m *meeting) settle(out *Outcome) {
	agreed := m.decide()
	next := m.was
	next.Agreed = agreed.mark
	for side := range m.sights {
		if want, tells := m.remember(&next, Side(side), agreed); tells {
			if out.Write[side] == nil {
				out.Write[side] = Values{}
			}
			out.Write[side][m.field] = want
		}
	}
	if out.Base.Fields == nil {
		out.Base.Fields = map[Field]FieldBase{}
	}
	out.Base.Fields[m.field] = next
	out.Losses = append(out.Losses, m.losses...)
	out.Agreed[m.field] = agreed.text
	if !agreed.known {
		out.Agreed[m.field] = m.visible()
	}
}

// remember brings the base of a side up to date, and says what the side has to be
// told.
func (m *meeting) remember(next *FieldBase, side Side, agreed value) (want string, tells bool) {
	s := &m.sights[side]
	if !s.shown {
		return "", false
	}
	next.Undone[side] = s.undone
	if s.doubted {
		return "", false
	}
	next.saw(side, s.mark, m.now)
	next.Shown[side] = s.mark
	want = s.state.shows(m.field, agreed.text)
	mark := MarkOf(want)
	switch {
	case !agreed.known || !s.state.Takes.Has(m.field) || mark == s.mark:
		return "", false
	case m.field == Status && (agreed.text == Cancelled || s.text == Cancelled):
		return "", false
	case next.Sent[side] == mark && !s.moved: // it has not had the time to show it
		return "", false
	}
	next.write(side, mark, m.now)
	return want, true
}

// visible returns what the one side that shows the field shows.
func (m *meeting) visible() string {
	if m.sights[Home].shown {
		return m.sights[Home].text
	}
	return m.sights[Teams].text
}

// shows returns how a value of a field looks at this side.
func (s *State) shows(f Field, value string) string {
	if s.Single && f == Assignees {
		value, _, _ = strings.Cut(value, ",")
	}
	return value
}

// show returns what values say of a field, if a side can say that at all.
func (v Values) show(side Side, f Field) (value string, shows bool) {
	value, shows = v[f]
	if f == Status && shows {
		_, shows = rank(value)
		shows = shows && (side == Home || value != Cancelled)
	}
	return value, shows
}
