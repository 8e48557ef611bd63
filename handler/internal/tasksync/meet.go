package tasksync

import (
	"cmp"
	"maps"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// meet makes an entry of every task that has none yet, and links entries to tasks
// that are there without their knowing: after a killed look, or a lost ledger.
func (v *visit) meet() {
	known := make(map[string]bool, len(v.row.Entries))
	homes := make(map[string]bool, len(v.row.Entries))
	for _, e := range v.row.Entries {
		known[e.Key], homes[e.Home] = true, true
	}
	for _, id := range slices.Sorted(maps.Keys(v.rows)) {
		row := v.rows[id]
		switch {
		case known[commerceKey(id)]:
			v.returned(id)
		case !homes[id] && !v.ours(id) && !row.Cancelled:
			v.enter(task.Entry{Key: commerceKey(id), Origin: task.FromCommerce, Campaign: row.Group, Home: id})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.campaigns)) {
		c := v.campaigns[id]
		if c.State == task.Draft || c.State == task.Withdrawn || !slices.Contains(c.Stores, v.store.Number) {
			continue
		}
		for _, t := range c.Templates {
			if key := task.ListKey(id, t.ID); !known[key] {
				v.enter(task.Entry{Key: key, Origin: task.FromList, Campaign: id})
			}
		}
	}
	v.adopt()
	v.meetOwn()
	v.recall()
	// From here on entries are known by their index.
	slices.SortFunc(v.row.Entries, func(a, b task.Entry) int { return cmp.Compare(a.Key, b.Key) })
}

func (v *visit) enter(e task.Entry) {
	v.row.Entries, v.changed = append(v.row.Entries, e), true
}

// returned links an entry again with the task in Commerce that it is about.
func (v *visit) returned(id string) {
	for i := range v.row.Entries {
		if e := &v.row.Entries[i]; e.Key == commerceKey(id) && e.Home != id {
			e.Home, v.changed = id, true
		}
	}
}

// ours reports whether a task in Commerce is one that we put there.
func (v *visit) ours(id string) bool {
	if v.owned == nil {
		v.owned = map[string]bool{}
		for campaign := range v.campaigns {
			v.owned[processID(v.store.Number, campaign)] = true
		}
		v.owned[processID(v.store.Number, "")] = true
	}
	return v.owned[v.rows[id].Group]
}

// adopt links entries without a Planner task to tasks of our app on the board
// that no entry names: those whose creation we never heard of. Title and due date
// tell them, which is what they were created with.
func (v *visit) adopt() {
	loose := slices.DeleteFunc(v.unlinked(), func(card Item) bool { return !card.ByUs })
	slices.SortFunc(loose, func(a, b Item) int { return a.CreatedAt.Compare(b.CreatedAt) })
	for i := range v.row.Entries {
		e := &v.row.Entries[i]
		if e.Planner != "" || !e.Aged.IsZero() || e.Origin == task.FromTeams {
			continue
		}
		j := v.likest(e, loose)
		if j < 0 {
			continue
		}
		v.link(e, loose[j].ID)
		loose = slices.Delete(loose, j, j+1)
	}
	v.swap(loose)
}

// swap links entries to the one of two equal tasks that somebody works on. The
// other is a stray.
func (v *visit) swap(loose []Item) {
	for _, card := range loose {
		if isUntouched(card) {
			continue
		}
		for i := range v.row.Entries {
			e := &v.row.Entries[i]
			linked, shown := v.cards[e.Planner]
			if shown && linked.ByUs && isUntouched(linked) && linked.Group == card.Group &&
				linked.State.Values[task.Title] == card.State.Values[task.Title] && linked.State.Values[task.Due] == card.State.Values[task.Due] {
				v.link(e, card.ID)
				break
			}
		}
	}
}

// likest finds the task that an entry's creation may have left: of the same title
// and due date, best in its campaign's bucket.
func (v *visit) likest(e *task.Entry, loose []Item) int {
	home := v.home(e).Values
	best := -1
	for j, card := range loose {
		if card.State.Values[task.Title] != home[task.Title] || card.State.Values[task.Due] != home[task.Due] {
			continue
		}
		if b := v.row.Buckets[e.Campaign]; b.ID != "" && b.ID == card.Group {
			return j
		}
		if best < 0 {
			best = j
		}
	}
	return best
}

// meetOwn makes entries of the store's own tasks: made on the board by an owner of
// its team, where Commerce takes new tasks. Everybody else's stay in Teams.
func (v *visit) meetOwn() {
	if !v.Commerce.Abilities().Creates || v.settings.Linked {
		return
	}
	for _, card := range v.unlinked() {
		if !card.ByUs && !card.CreatedBy.IsZero() && v.dir.Owner(v.store.Number, card.CreatedBy) {
			v.enter(task.Entry{Key: teamsKey(card.ID), Origin: task.FromTeams, Planner: card.ID})
		}
	}
}

// recall links entries to the tasks that we put into Commerce for them.
func (v *visit) recall() {
	for i := range v.row.Entries {
		e := &v.row.Entries[i]
		if e.Origin == task.FromCommerce || e.Home != "" {
			continue
		}
		if id := homeID(v.store.Number, e); v.shows(id) {
			e.Home, v.changed = id, true
		}
	}
}

func (v *visit) shows(home string) bool {
	_, shown := v.rows[home]
	return shown
}
