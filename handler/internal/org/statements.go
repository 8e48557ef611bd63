package org

import (
	"cmp"
	"slices"
	"time"
)

// With returns the snapshot with the statements laid over it. It does not
// change s, and shares with it every collection that stays as it is.
//
// A row that says inactive wins over the snapshot's rows of that channel and
// worker. An ended employment that the snapshot has not got has replaced one
// that had not ended when the snapshot was read: of several the one that ends
// last, so that somebody who leaves one of two companies is still employed.
func (s Snapshot) With(st Statements) Snapshot {
	s.ChannelWorkers = withInactive(s.ChannelWorkers, st.Inactive)
	s.Employments = withEnded(s.Employments, st.Employment, s.ReadAt)
	return s
}

// withInactive changes the flags of rows that say otherwise, and adds the rows
// that are not there.
func withInactive(rows, inactive []ChannelWorker) []ChannelWorker {
	type key struct {
		channel string
		worker  PersonnelNumber
	}
	there := make(map[key]bool, len(inactive)) // whether rows have it
	for _, row := range inactive {
		if row.Active == No {
			there[key{row.Channel, row.Worker}] = false
		}
	}
	if len(there) == 0 {
		return rows
	}
	changed, copied := rows, false
	for i, row := range rows {
		k := key{row.Channel, row.Worker}
		if _, stated := there[k]; !stated {
			continue
		}
		there[k] = true
		if row.Active == No {
			continue
		}
		if !copied {
			changed, copied = slices.Clone(rows), true
		}
		changed[i].Active = No
	}
	for _, row := range inactive {
		k := key{row.Channel, row.Worker}
		if row.Active == No && !there[k] {
			there[k] = true
			if !copied {
				changed, copied = slices.Clone(rows), true
			}
			changed = append(changed, row)
		}
	}
	return changed
}

// withEnded lays ended employments over the rows, worker by worker.
func withEnded(rows, ended []Employment, readAt time.Time) []Employment {
	stated := map[PersonnelNumber][]time.Time{}
	for _, row := range ended {
		if !row.End.IsZero() {
			stated[row.Worker] = append(stated[row.Worker], row.End)
		}
	}
	if len(stated) == 0 {
		return rows
	}
	of := map[PersonnelNumber][]int{} // rows of those workers
	for i, row := range rows {
		if _, said := stated[row.Worker]; said {
			of[row.Worker] = append(of[row.Worker], i)
		}
	}
	changed, copied := rows, false
	for _, worker := range sortedKeys(stated) {
		news, current := newEnds(rows, of[worker], stated[worker], readAt)
		for _, end := range news {
			if !copied {
				changed, copied = slices.Clone(rows), true
			}
			if len(current) > 0 {
				changed[current[0]].End = end
				current = current[1:]
			} else {
				changed = append(changed, Employment{Worker: worker, End: end})
			}
		}
	}
	return changed
}

// newEnds returns which of a worker's stated ends their rows do not have, each
// row accounting for one, and the rows that had not ended, last end first.
func newEnds(rows []Employment, of []int, ends []time.Time, readAt time.Time) (news []time.Time, current []int) {
	has := map[time.Time]int{} // how many rows have an end
	for _, i := range of {
		has[rows[i].End.UTC()]++
		if !over(rows[i].End, readAt) {
			current = append(current, i)
		}
	}
	for _, end := range ends {
		if has[end.UTC()] > 0 {
			has[end.UTC()]--
		} else {
			news = append(news, end)
		}
	}
	slices.SortFunc(news, time.Time.Compare)
	slices.SortFunc(current, func(a, b int) int { return cmp.Or(compareEnds(rows[b].End, rows[a].End), cmp.Compare(a, b)) })
	return news, current
}

// compareEnds orders ends; the zero time is the last.
func compareEnds(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		return -a.Compare(b)
	}
	return a.Compare(b)
}
