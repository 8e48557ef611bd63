package task

import "time"

// meeting is one field of a task, as both sides show it now and as it was
// remembered.
type meeting struct {
	field  Field
	origin Origin
	now    time.Time
	was    FieldBase
	sights [2]sight
	losses []Loss
}

// value is a field's value. Of one that nobody shows any more there is only the
// mark, except for statuses: their marks are known.
type value struct {
	mark  Mark
	text  string
	known bool
}

// sight is what one side shows of the field or, if it does not show it now, what
// it showed last. The zero mark is of a side that never showed it.
type sight struct {
	value
	state   *State
	shown   bool
	moved   bool      // a person changed it since the last look
	undone  time.Time // since when a completion is shown undone, if it has to be seen again
	doubted bool      // it is: value is then the completion
}

func valueOf(text string) value { return value{MarkOf(text), text, true} }

// valueFor returns the value of a mark.
func (m *meeting) valueFor(mark Mark) value {
	if m.field == Status {
		for _, status := range statuses {
			if v := valueOf(status); v.mark == mark {
				return v
			}
		}
	}
	return value{mark: mark}
}

// look makes out what a side shows.
func (m *meeting) look(side Side, state *State) sight {
	text, shown := state.Values.show(side, m.field)
	if !shown {
		return sight{state: state, value: m.valueFor(m.was.Shown[side])}
	}
	s := sight{state: state, shown: true, value: valueOf(text)}
	if m.was.isOurs(side, s.mark, m.now) {
		return s
	}
	if s.undone = m.doubt(side, &s); !s.undone.IsZero() {
		s.doubted, s.value = true, valueOf(Completed)
		return s
	}
	s.moved = m.was.Shown[side] != 0 && s.mark != m.was.Shown[side] && s.mark != m.was.Agreed
	return s
}

// doubt returns since when a side shows a completion undone that has to be seen
// once more, because the reading may be older than the completion. Nobody
// mistakes a cancellation for that.
func (m *meeting) doubt(side Side, s *sight) time.Time {
	completed, since := MarkOf(Completed), m.was.Undone[side]
	if m.field != Status || s.state.Ordered || s.text == Completed || s.text == Cancelled || m.was.Shown[side] != completed {
		return time.Time{}
	}
	switch {
	case since.IsZero() && m.was.Agreed == completed:
		return m.now
	case m.now.Sub(since) < UndoneInterval:
		return since
	default:
		return time.Time{}
	}
}

// decide returns the value that wins.
func (m *meeting) decide() value {
	home, teams := &m.sights[Home], &m.sights[Teams]
	switch {
	case home.mark == 0:
		return teams.value
	case teams.mark == 0:
		return home.value
	case m.field == Status && home.text == Cancelled:
		if teams.text == Completed {
			return teams.value
		}
		return home.value
	}
	if same, is := m.same(); is {
		return same
	}
	if fixed, is := m.fixed(); is {
		m.lose(fixed.other())
		return m.sights[fixed].value
	}
	switch {
	case !m.met() || !home.moved && !teams.moved:
		return m.agreed()
	case home.moved && teams.moved:
		winner := m.winner()
		m.lose(winner.other())
		return m.sights[winner].value
	case home.moved:
		return m.alone(Home)
	default:
		return m.alone(Teams)
	}
}

// same returns the value if both sides show the same, as far as they can: of
// several assignees a side that knows one shows the first.
func (m *meeting) same() (value, bool) {
	for side := range m.sights {
		one, all := &m.sights[side], &m.sights[Side(side).other()]
		if all.known && MarkOf(one.state.shows(m.field, all.text)) == one.mark {
			return all.value, true
		}
	}
	return value{}, false
}

// fixed returns the side that alone decides over the field.
func (m *meeting) fixed() (Side, bool) {
	home, teams := m.sights[Home].state.Fixed.Has(m.field), m.sights[Teams].state.Fixed.Has(m.field)
	if teams {
		return Teams, !home
	}
	return Home, home
}

// met reports whether both sides' values had been compared before. A home that
// takes back a cancellation is met anew.
func (m *meeting) met() bool {
	return m.was.Shown[Home] != 0 && m.was.Shown[Teams] != 0 &&
		(m.field != Status || m.was.Shown[Home] != MarkOf(Cancelled))
}

// agreed returns the value that had been agreed, or what the rule favours if there
// was none, or nobody knows it any more.
func (m *meeting) agreed() value {
	if m.met() {
		for side := range m.sights {
			if s := &m.sights[side]; s.mark == m.was.Agreed {
				return s.value
			}
		}
		if v := m.valueFor(m.was.Agreed); v.known {
			return v
		}
	}
	return m.sights[m.winner()].value
}

// alone decides when one side moved and the other did not.
func (m *meeting) alone(mover Side) value {
	moved := &m.sights[mover]
	if m.had(mover) {
		return moved.value
	}
	agreed := m.agreed()
	if m.beats(mover, agreed) {
		return moved.value
	}
	m.lose(mover)
	return agreed
}

// had reports whether a side had shown the agreed value, as far as it can.
func (m *meeting) had(side Side) bool {
	s, other := &m.sights[side], &m.sights[side.other()]
	return m.was.Shown[side] == m.was.Agreed ||
		other.known && other.mark == m.was.Agreed && MarkOf(s.state.shows(m.field, other.text)) == m.was.Shown[side]
}

// beats reports whether the rule favours a side's value over the agreed one, which
// the other side stands for.
func (m *meeting) beats(side Side, agreed value) bool {
	if rule := rules[m.field]; rule != Further {
		return rule.winner(m.origin) == side
	}
	return behind(agreed.text, m.sights[side].text)
}

// winner returns the side that the rule favours.
func (m *meeting) winner() Side {
	if rule := rules[m.field]; rule != Further {
		return rule.winner(m.origin)
	}
	if behind(m.sights[Home].text, m.sights[Teams].text) {
		return Teams
	}
	return Home
}

// lose notes what a side shows as lost, if a person entered it.
func (m *meeting) lose(side Side) {
	if s := &m.sights[side]; s.moved && s.mark != m.was.Sent[side] {
		m.losses = append(m.losses, Loss{At: m.now, Field: m.field.String(), Side: side.name(), Value: cutTo(s.text, maxLoss)})
	}
}

// maxLoss is how much is kept of a lost value, in characters.
const maxLoss = 500

func (s Side) other() Side { return 1 - s }

// name names the side in a Loss. What a list says of its tasks is fixed, so a home
// that loses is Commerce.
func (s Side) name() string {
	if s == Teams {
		return "teams"
	}
	return "commerce"
}
