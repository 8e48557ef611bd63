package commerce

import (
	"fmt"
	"maps"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// What a report lists per collection. A source that is wrong throughout would
// fill the memory with its mistakes otherwise.
const (
	badRowsListed  = 1000
	unknownsListed = 100
)

// report is how the reading of one collection went.
type report struct {
	collection string // its default name
	missing    bool   // optional, and not published here
	rows       int    // served, bad ones included
	bad        []org.BadRow
	unlisted   int // bad rows beyond those in bad
	unknowns   map[string]bool
}

func (r *report) addBad(row org.BadRow) {
	if len(r.bad) == badRowsListed {
		r.unlisted++
		return
	}
	r.bad = append(r.bad, row)
}

func (r *report) addUnknown(attribute, value string) {
	if len(r.unknowns) == unknownsListed {
		return
	}
	if r.unknowns == nil {
		r.unknowns = map[string]bool{}
	}
	r.unknowns[r.collection+"."+attribute+"="+short(value)] = true
}

// badRows returns the list of bad rows, in the order served. If it is too long
// to be complete, its last element tells how many are not in it.
func (r *report) badRows() []org.BadRow {
	if r.unlisted == 0 {
		return r.bad
	}
	return append(r.bad, org.BadRow{
		Collection: r.collection, Row: "others",
		Problem: fmt.Sprintf("%d more rows could not be understood", r.unlisted),
	})
}

func (r *report) sortedUnknowns() []string { return slices.Sorted(maps.Keys(r.unknowns)) }
