package simgraph

import (
	"slices"
	"sort"
	"time"
)

// roundsKept is how many unfinished rounds are remembered; older ones expire.
const roundsKept = 256

// round is one reading of a delta, from its first page to its deltaLink. What
// it covers is settled when it starts; later changes come in the next round.
type round struct {
	id     string
	set    string
	picked []string
	since  uint64 // what the client knew before it
	until  uint64 // what it knows after it
	pages  [][]deltaItem
}

// deltaItem is one object of a round, or a part of one with many links.
type deltaItem struct {
	user  *user
	group *group
	links []linkChange
}

func (t *Tenant) newRound(c *call, set string, picked []string) *round {
	return &round{id: t.guid(), set: set, picked: picked, until: t.horizon(c.now)}
}

// horizon is the newest change that reads show by now. Entries are numbered
// from 1 without gaps, so their count is the number of the last.
func (t *Tenant) horizon(now time.Time) uint64 {
	if t.opts.ReadLag <= 0 {
		return t.seq
	}
	visible := now.Add(-t.opts.ReadLag)
	return uint64(sort.Search(len(t.log), func(i int) bool { return t.log[i].at.After(visible) }))
}

// everything lists all objects, those lately deleted included.
func (t *Tenant) everything(r *round, now time.Time) []deltaItem {
	var items []deltaItem
	if r.set == "users" {
		for _, u := range t.users {
			if u.first <= r.until {
				items = append(items, deltaItem{user: u})
			}
		}
		return items
	}
	for _, g := range t.groups {
		if g.first <= r.until && g.gone != purged {
			items = t.split(items, g, t.wholeLinks(r, g, now))
		}
	}
	return items
}

// changed lists the objects that changed after from in what the client
// selected.
func (t *Tenant) changed(r *round, from uint64, now time.Time) []deltaItem {
	whole := make(map[any]bool) // object -> list it whole
	var objects []change
	for _, entry := range t.log[min(from, r.until):r.until] {
		if (entry.user != nil) != (r.set == "users") || entry.what != "" && !t.shows(r, entry.what) {
			continue
		}
		var object any = entry.group
		if entry.user != nil {
			object = entry.user
		}
		if _, known := whole[object]; !known {
			objects = append(objects, entry)
		}
		whole[object] = whole[object] || entry.what == ""
	}
	var items []deltaItem
	for _, entry := range objects {
		if entry.user != nil {
			items = append(items, deltaItem{user: entry.user})
			continue
		}
		links := t.linksAfter(r, entry.group, from)
		if whole[entry.group] {
			links = slices.DeleteFunc(links, func(l linkChange) bool { return !l.removed })
			links = append(links, t.wholeLinks(r, entry.group, now)...)
		}
		items = t.split(items, entry.group, links)
	}
	return items
}

// shows reports whether a change of that property or link is to be told.
func (t *Tenant) shows(r *round, what string) bool {
	return slices.Contains(r.picked, what) && (what != "owners" || t.opts.DeltaOwners)
}

// wholeLinks lists all links of a group that the round shows.
func (t *Tenant) wholeLinks(r *round, g *group, now time.Time) []linkChange {
	if !t.shows(r, "members") && !t.shows(r, "owners") {
		return nil
	}
	var links []linkChange
	for _, p := range t.seen(g, now) {
		if p.member && t.shows(r, "members") {
			links = append(links, linkChange{user: p.user, what: "members"})
		}
		if p.owner && t.shows(r, "owners") {
			links = append(links, linkChange{user: p.user, what: "owners"})
		}
	}
	return links
}

// linksAfter lists how the links that changed after from stand at the end of
// the round, one entry for each.
func (t *Tenant) linksAfter(r *round, g *group, from uint64) []linkChange {
	type key struct {
		user *user
		what string
	}
	last := make(map[key]int)
	var links []linkChange
	start := sort.Search(len(g.links), func(i int) bool { return g.links[i].seq > from })
	for _, link := range g.links[start:] {
		if link.seq > r.until {
			break
		}
		if !t.shows(r, link.what) {
			continue
		}
		k := key{link.user, link.what}
		if i, known := last[k]; known {
			links[i] = link
			continue
		}
		last[k] = len(links)
		links = append(links, link)
	}
	return links
}

// split adds a group as one item or, with many links, as several.
func (t *Tenant) split(items []deltaItem, g *group, links []linkChange) []deltaItem {
	if len(links) == 0 || g.gone != here {
		return append(items, deltaItem{group: g})
	}
	for part := range slices.Chunk(links, t.opts.DeltaLinks) {
		items = append(items, deltaItem{group: g, links: part})
	}
	return items
}

// fill lays the items out on pages: shuffled, some twice if the options say
// so, and now and then a page with nothing on it.
func (t *Tenant) fill(r *round, items []deltaItem) {
	t.rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	if t.opts.DeltaReplay {
		for i, once := 0, len(items); i < once; i += 3 {
			items = append(items, items[i])
		}
	}
	for page := range slices.Chunk(items, t.opts.PageSize) {
		if t.rng.IntN(8) == 0 {
			r.pages = append(r.pages, nil)
		}
		r.pages = append(r.pages, page)
	}
	if len(items) == 0 || t.rng.IntN(8) == 0 {
		r.pages = append(r.pages, nil)
	}
	if len(r.pages) > 1 {
		t.rounds[r.id] = r
		t.oldest = append(t.oldest, r.id)
	}
	if len(t.oldest) > roundsKept {
		delete(t.rounds, t.oldest[0])
		t.oldest = t.oldest[1:]
	}
}
