package task

import (
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"
	"time"
)

const (
	// ResendInterval is how long a side has to show what was written to it. Until
	// then it is not written again, and a value of ours that turns up late is not
	// taken for a person's.
	ResendInterval = 15 * time.Minute

	// UndoneInterval is how far apart two sightings of an undone completion have to
	// be on a side whose readings may be stale.
	UndoneInterval = 10 * time.Minute
)

// Mark stands for a value: equal values have equal marks, and a base of marks
// takes little room whatever people write. The zero Mark is of no value.
type Mark uint64

// MarkOf returns the mark of a value, of the empty one too. It is FNV-1a, and the
// same for ever: ledgers are full of marks.
func MarkOf(value string) Mark {
	h := fnv.New64a()
	_, _ = h.Write([]byte(value)) // a hash never fails
	return max(1, Mark(binary.BigEndian.Uint64(h.Sum(nil))))
}

// Base is what is remembered of a task's fields between two looks at it. The
// zero Base remembers nothing: both sides are then met for the first time. A Base
// does not change; what changes it returns another.
type Base struct {
	Fields map[Field]FieldBase `json:"f,omitempty"`
}

// FieldBase is what is remembered of one field. Arrays are by Side.
type FieldBase struct {
	// Shown is what each side last showed when it was read. A side has moved when
	// it shows something else now, and only then.
	Shown [2]Mark `json:"s"`
	// Agreed is the value that won last.
	Agreed Mark `json:"a"`
	// Sent is what was last written to each side and not shown there yet, and
	// SentAt when: it is not written again until the side had time to show it.
	Sent   [2]Mark      `json:"w,omitzero"`
	SentAt [2]time.Time `json:"t,omitzero"`
	// Earlier are what was written before Sent, newest first, and not shown yet
	// either. A side that lags behind shows them one after the other.
	Earlier [2][3]Mark `json:"e,omitzero"`
	// Undone is since when a side whose readings may be stale shows a completion
	// undone. Zero: it does not. Shown is the completion for as long.
	Undone [2]time.Time `json:"u,omitzero"`
}

// Unsent returns the base after a write to a side failed: it forgets what was
// written there, so that the next look decides anew. What had been written
// earlier and is still not shown may then be written once more, which harms
// nobody.
func (b Base) Unsent(side Side) Base {
	return b.each(func(_ Field, fb *FieldBase) { fb.landed(side) })
}

// Silent returns the base of a task of which a side says nothing any more: nothing
// is expected to be shown there.
func (b Base) Silent(side Side) Base {
	return b.each(func(_ Field, fb *FieldBase) {
		fb.landed(side)
		fb.Undone[side] = time.Time{}
	})
}

// Wrote returns the base after a side answered our write by showing these values.
// It must really have shown them, as Planner does with "return=representation":
// with values that are only expected of it, the next reading that is older looks
// as if a person had changed them back. Only fields that were written count: what
// else changed meanwhile is for the next look. A side that made something else of
// what was written gets it again after ResendInterval only.
func (b Base) Wrote(side Side, shown Values) Base {
	return b.each(func(f Field, fb *FieldBase) {
		value, shows := shown.show(side, f)
		if !shows || fb.Sent[side] == 0 || !fb.Undone[side].IsZero() {
			return
		}
		if fb.Shown[side] = MarkOf(value); fb.Shown[side] == fb.Sent[side] {
			fb.landed(side)
		}
	})
}

// LookAgain returns how soon after now the task has to be looked at again although
// nothing moves: until a completion was seen undone twice, and until what was
// written was shown. 0: need not.
func (b Base) LookAgain(now time.Time) time.Duration {
	var soonest time.Duration
	for _, fb := range b.Fields {
		for side := range fb.Sent {
			var due time.Time
			switch {
			case !fb.Undone[side].IsZero():
				due = fb.Undone[side].Add(UndoneInterval)
			case fb.Sent[side] != 0:
				due = fb.SentAt[side].Add(ResendInterval)
			default:
				continue
			}
			if wait := max(1, due.Sub(now)); soonest == 0 || wait < soonest {
				soonest = wait
			}
		}
	}
	return soonest
}

// each returns a copy of the base with every field changed.
func (b Base) each(change func(Field, *FieldBase)) Base {
	fields := maps.Clone(b.Fields)
	for f, fb := range fields {
		change(f, &fb)
		fields[f] = fb
	}
	return Base{Fields: fields}
}

// underway reports whether a write to a side may still turn up there.
func (fb *FieldBase) underway(side Side, now time.Time) bool {
	return now.Before(fb.SentAt[side].Add(ResendInterval))
}

// isOurs reports whether a side shows with this value what we wrote, rather than
// what a person entered.
func (fb *FieldBase) isOurs(side Side, m Mark, now time.Time) bool {
	return fb.underway(side, now) && (m == fb.Sent[side] || slices.Contains(fb.Earlier[side][:], m))
}

// write notes that a value is written to a side now.
func (fb *FieldBase) write(side Side, m Mark, now time.Time) {
	if earlier := &fb.Earlier[side]; fb.Sent[side] != m {
		copy(earlier[1:], earlier[:])
		earlier[0] = fb.Sent[side]
	}
	fb.Sent[side], fb.SentAt[side] = m, now
}

// saw forgets the writes that need not be expected any more now that a side shows
// this: the one that it shows and those before it, and all if they had their time.
// Of the same value written twice it shows the earlier one first.
func (fb *FieldBase) saw(side Side, m Mark, now time.Time) {
	if !fb.underway(side, now) {
		fb.landed(side)
		return
	}
	if m == fb.Shown[side] {
		return // nothing arrived
	}
	for i, earlier := range slices.Backward(fb.Earlier[side][:]) {
		if earlier == m {
			clear(fb.Earlier[side][i:])
			return
		}
	}
	if m == fb.Sent[side] {
		fb.landed(side)
	}
}

// landed forgets all writes to a side.
func (fb *FieldBase) landed(side Side) {
	fb.Sent[side], fb.SentAt[side], fb.Earlier[side] = 0, time.Time{}, [3]Mark{}
}
