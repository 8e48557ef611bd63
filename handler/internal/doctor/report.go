package doctor

// Report is what the doctor found.
type Report struct {
	Findings []Finding `json:"findings"` // in the order of the checks; at least one per check
}

// Sick reports whether something must be fixed.
func (r Report) Sick() bool {
	for _, f := range r.Findings {
		if f.Level == Wrong {
			return true
		}
	}
	return false
}

// Finding is the outcome of one check, or of one subject of it.
type Finding struct {
	Check   string `json:"check"`             // what was looked at: "settings", "commerce", "graph", …
	Subject string `json:"subject,omitempty"` // which one: a setting, a collection, a permission, a store
	Level   Level  `json:"level"`
	Text    string `json:"text"`          // what was found, one sentence
	Fix     string `json:"fix,omitempty"` // what to do about it, one sentence; always there when Wrong
}

// Level says how bad a finding is.
type Level string

// The levels.
const (
	Fine    Level = "fine"
	Note    Level = "note"    // worth knowing, or working but not as well as it could
	Wrong   Level = "wrong"   // must be fixed
	Unknown Level = "unknown" // could not be looked at, and why
)
