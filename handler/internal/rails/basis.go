package rails

import "github.com/storeteams/storeteams/handler/internal/plan"

// basis is what a removal or demotion rests on. Each has a room of its own
// under the caps: the dismissed do not wait for a broken table to be mended.
type basis bool

// The bases.
const (
	absent basis = false // rows that are not there
	stated basis = true  // a row, or a person, that says so
)

// statedFactor is how much wider the caps are for those whom a row says left.
const statedFactor = 5

func basisOf(c plan.Change) basis { return basis(c.Leave.Stated()) }

// widen is the limit for a basis, of the limit for absent ones.
func (b basis) widen(limit int) int {
	if b == stated {
		return limit * statedFactor
	}
	return limit
}

// because is the basis in a sentence about a cap.
func (b basis) because() string {
	if b == stated {
		return "rows say that they left"
	}
	return "rows about them are gone"
}

// times goes before the setting that makes a limit.
func (b basis) times() string {
	if b == stated {
		return "five times "
	}
	return ""
}
