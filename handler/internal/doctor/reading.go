package doctor

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// staleness is how much older than SNAPSHOT_MAX_AGE a reading may be at least: a
// few runs by the usual schedule that could not read Commerce.
const staleness = time.Hour

// stale is how old a reading may be: the run after the one that found it too
// old may fail.
func (s *signs) stale() time.Duration {
	return s.settings.SnapshotMaxAge + max(staleness, 2*longestGap(s.settings.Schedule))
}

// judgeReading judges the last reading as a whole.
func (s *signs) judgeReading() []Finding {
	var found []Finding
	if short := s.survey.Source.Short; short != "" {
		found = append(found, wrong("short", "the last reading came short, and takes nobody out for want of a row: "+short,
			"look into Commerce, or run `baseline accept` if that many rows are right"))
	}
	read := s.survey.Snapshot.ReadAt
	if age := s.now.Sub(read); age > s.stale() {
		f := wrong("age", "the last whole reading is of "+moment(read)+"; runs go on with it",
			"cure what keeps the runs from reading Commerce: the notes of `runs show last` have the error")
		if !s.running() { // then nobody reads, and that is another matter
			f.Level = Note
		}
		found = append(found, f)
	}
	return found
}

// judgeRows judges the rows of the last reading.
func (s *signs) judgeRows() []Finding {
	snapshot := s.survey.Snapshot
	return slices.Concat(badRows(snapshot.BadRows), strangeValues(snapshot.Unknowns), s.privileges())
}

func badRows(rows []org.BadRow) []Finding {
	first, counts := map[string]org.BadRow{}, map[string]int{}
	for _, row := range rows {
		if counts[row.Collection]++; counts[row.Collection] == 1 {
			first[row.Collection] = row
		}
	}
	var found []Finding
	for _, collection := range slices.Sorted(maps.Keys(counts)) {
		row := first[collection]
		found = append(found, note(collection, fmt.Sprintf("%s not understood and left out, first %s: %s",
			count(counts[collection], "row was", "rows were"), row.Row, row.Problem),
			"correct the row in Commerce; the notes of `runs show last` list more of them"))
	}
	return found
}

func strangeValues(values []string) []Finding {
	if len(values) == 0 {
		return nil
	}
	return []Finding{note("values", "values nobody has told storeteams about count as neither yes nor no: "+list(values),
		"correct the values in Commerce, or report them to whoever maintains storeteams")}
}

// privileges looks whether any position makes a manager, where that counts.
func (s *signs) privileges() []Finding {
	rule := s.settings.Rules.ManagerRule
	if rule == org.RuleUnit || len(s.survey.Snapshot.PositionPermissions) == 0 || len(s.settings.Rules.ManagerTitles) > 0 {
		return nil
	}
	groups := map[string]bool{}
	for _, g := range s.survey.Snapshot.PermissionGroups {
		groups[g.ID] = groups[g.ID] || g.Manager == org.Yes
	}
	for _, p := range s.survey.Snapshot.PositionPermissions {
		if p.Manager == org.Yes || p.Group != "" && groups[p.Group] {
			return nil
		}
	}
	return []Finding{note("RetailPositionPosPermissions", "no position has manager privileges, so nobody is a manager by a position",
		"give the managers' positions Manager privileges in Commerce under Retail and Commerce > Employees > Jobs or Positions, or set MANAGER_TITLES")}
}

// moment writes a time for people, to the minute.
func moment(t time.Time) string {
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
