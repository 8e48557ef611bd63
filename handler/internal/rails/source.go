package rails

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Source says how far a reading of Commerce can be trusted.
type Source struct {
	ReadAt time.Time // when the reading began

	// Short, when not empty, says which collection came short, in a sentence.
	// A short reading takes nobody out for want of a row.
	Short string
}

// Baseline is how many rows the last good reading had in each collection.
type Baseline struct {
	ReadAt time.Time      `json:"readAt,omitzero"`
	Rows   map[string]int `json:"rows,omitempty"`
}

// Shortfall compares a reading with the baseline: empty when every collection
// has at least percent of its rows there, else a sentence that names the first
// that has not, both numbers, and what an operator can do. A collection that had
// rows and has none is short whatever the percent. Without a baseline nothing
// is short.
func (b Baseline) Shortfall(rows map[string]int, percent int) string {
	for _, collection := range slices.Sorted(maps.Keys(b.Rows)) {
		had, has := b.Rows[collection], rows[collection]
		if had > 0 && (has == 0 || has*100 < had*percent) {
			return fmt.Sprintf("%s came with %d rows, and the last good reading had %d (MIN_SOURCE=%d percent of them are needed); "+
				"look into Commerce, or run baseline accept if that many are right", collection, has, had, percent)
		}
	}
	return ""
}
