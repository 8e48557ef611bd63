package org

import (
	"cmp"
	"slices"
	"time"
)

// index is a snapshot made findable, at one moment.
type index struct {
	now time.Time

	stores     []Store          // by number, each number once
	byNumber   map[string]Store // the same, by folded number
	duplicates []Store          // left out: their number was taken

	unitByNumber map[string]Unit
	unitByParty  map[string]Unit

	channels lookup[ChannelWorker, string]

	left map[PersonnelNumber]bool // every employment ended
}

func newIndex(s Snapshot, now time.Time) *index {
	x := &index{
		now:          now,
		unitByNumber: make(map[string]Unit, len(s.Units)),
		unitByParty:  make(map[string]Unit, len(s.Units)),
		channels:     newLookup(s.ChannelWorkers, func(r *ChannelWorker) string { return r.Channel }),
	}
	x.indexStores(s.Stores)
	x.indexUnits(s.Units)
	x.left = leavers(s.Employments, now)
	return x
}

// active says of the workers of a channel what its rows say: Yes wins over No,
// No over Unknown.
func (x *index) active(channel string) map[PersonnelNumber]Flag {
	workers := map[PersonnelNumber]Flag{}
	for _, row := range x.channels.of(channel) {
		workers[row.Worker] = max(workers[row.Worker], row.Active)
	}
	return workers
}

// indexStores keeps one row a number.
func (x *index) indexStores(rows []Store) {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b Store) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Channel, b.Channel),
			cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Party, b.Party))
	})
	x.byNumber = make(map[string]Store, len(rows))
	for _, row := range rows {
		number := row.Number.Folded()
		if _, taken := x.byNumber[number]; taken {
			x.duplicates = append(x.duplicates, row)
			continue
		}
		x.byNumber[number] = row
		x.stores = append(x.stores, row)
	}
}

func (x *index) indexUnits(rows []Unit) {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b Unit) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Party, b.Party),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Manager, b.Manager))
	})
	for _, row := range rows {
		if _, taken := x.unitByNumber[row.Number]; !taken {
			x.unitByNumber[row.Number] = row
		}
		if _, taken := x.unitByParty[row.Party]; !taken && row.Party != "" {
			x.unitByParty[row.Party] = row
		}
	}
}

// unit finds a store's operating unit.
func (x *index) unit(s Store) Unit {
	if unit, ok := x.unitByNumber[s.Unit]; ok && s.Unit != "" {
		return unit
	}
	return x.unitByParty[s.Party]
}

// leavers are the workers all of whose employments have ended. Somebody hired
// again, or employed by a second company, has one that has not.
func leavers(rows []Employment, now time.Time) map[PersonnelNumber]bool {
	left := map[PersonnelNumber]bool{}
	for _, row := range rows {
		if over(row.End, now) {
			left[row.Worker] = true
		}
	}
	for _, row := range rows {
		if !over(row.End, now) {
			delete(left, row.Worker)
		}
	}
	return left
}
