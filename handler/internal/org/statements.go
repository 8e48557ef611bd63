package org

import (
	"cmp"
	"maps"
	"slices"
)

// Statements are rows that say that somebody left, read on their own between
// two snapshots: a dismissed person does not wait for the next one.
type Statements struct {
	Inactive []ChannelWorker // rows whose Active is No

	// Ended are rows whose End is past, of the last weeks. They say only whom to
	// ask about, see News: who moved to another company, or was hired again, has
	// such a row and another one that goes on.
	Ended []Employment
}

// Update is what is to be laid over a snapshot, being newer.
type Update struct {
	Inactive    []ChannelWorker // as in Statements
	Employments []Employment    // of each worker with a row in it, every row there is
	Found       *Snapshot       // rows about some workers, read by themselves; nil: none
}

// News returns the workers of whom the snapshot has not got as many rows that
// ended at a moment as there are in ended, in order and each once: something
// became of their employments since it was read.
func (s Snapshot) News(ended []Employment) []PersonnelNumber {
	missing := map[Employment]int{} // of an ended row, how many the snapshot lacks
	for _, row := range ended {
		if !row.End.IsZero() {
			missing[row.inUTC()]++
		}
	}
	if len(missing) == 0 {
		return nil
	}
	for _, row := range s.Employments {
		if row.End.IsZero() || row.End.After(s.ReadAt) && !s.ReadAt.IsZero() {
			continue // it had not ended then, and who knows what followed it
		}
		if n := missing[row.inUTC()]; n > 0 {
			missing[row.inUTC()] = n - 1
		}
	}
	workers := map[PersonnelNumber]bool{}
	for row, n := range missing {
		if n > 0 {
			workers[row.Worker] = true
		}
	}
	return sortedKeys(workers)
}

// inUTC is the row in the one form that compares with others.
func (e Employment) inUTC() Employment { return Employment{Worker: e.Worker, End: e.End.UTC()} }

// With returns the snapshot with an update laid over it. It does not change s,
// and shares with it every collection that stays as it is.
//
// All rows of a worker who has employments in the update are replaced by those:
// only together do they say whether somebody is still employed. A worker without
// any there is not touched.
//
// Of the rows that say inactive, only those count that are more than the
// snapshot has of that channel and worker: it may have one beside a row that says
// active, which wins. Each of them was another row of these when the snapshot
// was read, or is a new one.
//
// Rows of workers in Found only add: none goes for it, so that whoever they do
// not show stays where they are.
func (s Snapshot) With(u Update) Snapshot {
	s.ChannelWorkers = withInactive(s.ChannelWorkers, u.Inactive)
	s.Employments = withEmployments(s.Employments, u.Employments)
	if u.Found != nil {
		s.Workers = withRows(s.Workers, u.Found.Workers)
		s.ChannelWorkers = withRows(s.ChannelWorkers, u.Found.ChannelWorkers)
		s.Employments = withRows(s.Employments, u.Found.Employments)
		s.Staff = withRows(s.Staff, u.Found.Staff)
		s.PersonUsers = withRows(s.PersonUsers, u.Found.PersonUsers)
		s.SystemUsers = withRows(s.SystemUsers, u.Found.SystemUsers)
		s.Assignments = withRows(s.Assignments, u.Found.Assignments)
	}
	return s
}

// withInactive has news replace rows that say something else, and adds what is
// left of them.
func withInactive(rows, inactive []ChannelWorker) []ChannelWorker {
	news := map[ChannelWorker]int{} // of a row that says no, how many more there are than in rows
	for _, row := range inactive {
		if row.Active == No {
			news[row]++
		}
	}
	if len(news) == 0 {
		return rows
	}
	var others []int
	for i, row := range rows {
		no := row.asInactive()
		if _, stated := news[no]; !stated {
			continue
		}
		if row == no {
			news[no]--
		} else {
			others = append(others, i)
		}
	}
	maps.DeleteFunc(news, func(_ ChannelWorker, n int) bool { return n <= 0 })
	if len(news) == 0 {
		return rows
	}
	// Rows that say neither come first: while one says yes, it may be the one
	// that still does.
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(rows[a].Active, rows[b].Active) })
	changed := slices.Clone(rows)
	for _, i := range others {
		if no := rows[i].asInactive(); news[no] > 0 {
			news[no]--
			changed[i] = no
		}
	}
	for _, row := range inactive {
		if news[row] > 0 {
			news[row]--
			changed = append(changed, row)
		}
	}
	return changed
}

// asInactive is the row, saying no.
func (w ChannelWorker) asInactive() ChannelWorker {
	w.Active = No
	return w
}

// withEmployments replaces the rows of the workers whom others are about.
func withEmployments(rows, others []Employment) []Employment {
	if len(others) == 0 {
		return rows
	}
	replaced := map[PersonnelNumber]bool{}
	for _, row := range others {
		replaced[row.Worker] = true
	}
	changed := make([]Employment, 0, len(rows)+len(others))
	for _, row := range rows {
		if !replaced[row.Worker] {
			changed = append(changed, row)
		}
	}
	return append(changed, others...)
}

// withRows adds the rows that are not there yet.
func withRows[T comparable](rows, others []T) []T {
	missing := map[T]bool{}
	for _, row := range others {
		missing[row] = true
	}
	for _, row := range rows {
		delete(missing, row)
	}
	if len(missing) == 0 {
		return rows
	}
	changed := slices.Clone(rows)
	for _, row := range others {
		if missing[row] {
			delete(missing, row)
			changed = append(changed, row)
		}
	}
	return changed
}

// SameRows reports whether the snapshot has as many rows about workers as another
// that it was made from by With and Found, which only add.
func (s Snapshot) SameRows(other Snapshot) bool {
	return len(s.Workers) == len(other.Workers) && len(s.ChannelWorkers) == len(other.ChannelWorkers) &&
		len(s.Employments) == len(other.Employments) && len(s.Staff) == len(other.Staff) &&
		len(s.PersonUsers) == len(other.PersonUsers) && len(s.SystemUsers) == len(other.SystemUsers) &&
		len(s.Assignments) == len(other.Assignments)
}
