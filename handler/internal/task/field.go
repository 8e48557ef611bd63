package task

import (
	"fmt"
	"iter"
	"math/bits"
	"time"
)

// Field is one thing about a task that is kept equal on both sides.
type Field uint8

// The fields. Their values are texts in one canonical form, so that two sides
// that mean the same show the same; empty means that there is none.
const (
	Status       Field = iota // one of the statuses below
	Assignees                 // object ids in lower case, sorted, separated by commas: see [CanonAssignees]
	Progress                  // notes on how the work goes: plain text, see [CanonText]
	Title                     // one line, trimmed: see [CanonTitle]
	Instructions              // what is to be done: plain text, see [CanonText]
	Due                       // a calendar date in the store's time zone, 2006-01-02: see [CanonDue]
	Link                      // where to go: an absolute URL, or a menu item or POS operation by its name
	Contact                   // whom to ask: one line, see [CanonLine]

	fieldCount
)

// fieldNames are what people read, and letters what the ledger keeps: a board
// has thousands of fields. Both stay as they are for good.
var (
	fieldNames = [fieldCount]string{"status", "assignees", "progress", "title", "instructions", "due", "link", "contact"}
	letters    = [fieldCount]string{"s", "a", "p", "t", "i", "d", "l", "c"}
)

// String names the field for people, in lower case.
func (f Field) String() string {
	if f >= fieldCount {
		return fmt.Sprintf("field %d", uint8(f))
	}
	return fieldNames[f]
}

// MarshalText writes the field as a letter, for keys of records.
func (f Field) MarshalText() ([]byte, error) {
	if f >= fieldCount {
		return nil, fmt.Errorf("there is no %s", f)
	}
	return []byte(letters[f]), nil
}

// UnmarshalText reads what MarshalText wrote.
func (f *Field) UnmarshalText(text []byte) error {
	for i, letter := range letters {
		if letter == string(text) {
			*f = Field(i)
			return nil
		}
	}
	return fmt.Errorf("%.20q names no field", text)
}

// Fields is a set of fields.
type Fields uint16

// FieldsOf returns the set of these fields.
func FieldsOf(fields ...Field) Fields {
	var set Fields
	for _, f := range fields {
		set |= 1 << f
	}
	return set
}

// AllFields returns the set of all fields.
func AllFields() Fields { return 1<<fieldCount - 1 }

// Has reports whether f is in the set.
func (s Fields) Has(f Field) bool { return s&(1<<f) != 0 }

// Len returns how many fields are in the set.
func (s Fields) Len() int { return bits.OnesCount16(uint16(s)) }

// All yields the fields of the set in their order.
func (s Fields) All() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for f := range fieldCount {
			if s.Has(f) && !yield(f) {
				return
			}
		}
	}
}

// Side is one of the two that show a task.
type Side uint8

// The sides.
const (
	Home  Side = iota // Commerce, or the list on the communications board
	Teams             // the store's board
)

// Values are values of fields. A field that is not in it is not spoken of.
type Values map[Field]string

// State is what one side shows of a task. The zero State shows nothing.
type State struct {
	Values Values // what it shows; a field that is missing it does not show, or not in a way we know

	// Takes are the fields that can be written there. A side that cannot be
	// written never counts as moved by our write, and keeps what it shows.
	Takes Fields
	// Fixed are the fields over which this side alone decides: what the other
	// side shows otherwise is put back.
	Fixed Fields
	// Single says that the side knows one assignee at most: of several it shows
	// the first.
	Single bool
	// Ordered says that readings of this side can be told apart by age and that
	// this one is not older than the last: what it shows now was entered later.
	// Without it a reading may be stale, and a completion that seems undone has
	// to be seen undone twice.
	Ordered bool
}

// DayOf returns the date that a Due value names, and whether it names one.
func DayOf(value string) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, value)
	return day, err == nil
}
