package rails

import "time"

// Quarantine slows the runs after one in which too many changes failed.
type Quarantine struct {
	Since  time.Time `json:"since"`
	Run    string    `json:"run"` // the run that failed so
	Tried  int       `json:"tried"`
	Failed int       `json:"failed"`
}

// ProbeTeams is how many teams a run in quarantine works on.
const ProbeTeams = 5

// minTried is how many changes have to be tried before their failures say
// anything about the rest.
const minTried = 10

// OverBudget reports whether so many failures are more than percent of what
// was tried, once enough was.
func OverBudget(tried, failed, percent int) bool {
	return tried >= minTried && failed*100 > tried*percent
}
