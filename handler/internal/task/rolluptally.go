package task

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// RollUp says how far campaigns are, from what is remembered of the stores'
// boards. It keeps nothing of a board but counts, unless standings are asked for.
//
// Cancelled tasks do not count, nor does what stores have of a list that was
// taken back: templates it has no more, and stores it goes to no more.
func RollUp(boards iter.Seq[*Board], q Question) Overview {
	r := newRollUp(q)
	for b := range boards {
		where, ours := r.stores[b.Store]
		if !ours {
			continue
		}
		r.seen[b.Store] = true
		r.board(b, where)
	}
	for number, where := range r.stores {
		if !r.seen[number] {
			r.board(&Board{Store: number}, where)
		}
	}
	return r.overview()
}

// rollUp is an overview being made.
type rollUp struct {
	q         Question
	stores    map[org.StoreNumber]Whereabouts // of the region
	lists     []*listTally
	campaigns map[string]*tally // of Commerce
	seen      map[org.StoreNumber]bool
}

// tally is a campaign's overview being made.
type tally struct {
	CampaignOverview
	regions map[string]*RegionOverview
	met     map[org.StoreNumber]bool
}

// listTally is that of a list, of which is known what every store is to have.
type listTally struct {
	tally
	list      *Campaign
	templates map[string]Template // by Entry.Key
}

func newRollUp(q Question) *rollUp {
	r := &rollUp{
		q: q, campaigns: map[string]*tally{},
		stores: map[org.StoreNumber]Whereabouts{}, seen: map[org.StoreNumber]bool{},
	}
	for number, where := range q.Stores {
		if q.Region == "" || strings.EqualFold(q.Region, where.Region) {
			r.stores[number] = where
		}
	}
	for i := range q.Campaigns {
		c := &q.Campaigns[i]
		if c.State == Draft || !q.wants(c.ID, c.Name) {
			continue
		}
		l := &listTally{list: c, tally: newTally(c.ID, FromList), templates: map[string]Template{}}
		l.Name, l.State, l.Target, l.Missing = c.Name, c.State, c.Target, c.Missing
		for _, t := range c.Templates {
			l.templates[ListKey(c.ID, t.ID)] = t
		}
		r.lists = append(r.lists, l)
	}
	return r
}

func newTally(id string, origin Origin) tally {
	return tally{
		CampaignOverview: CampaignOverview{ID: id, Origin: origin},
		regions:          map[string]*RegionOverview{}, met: map[org.StoreNumber]bool{},
	}
}

// wants reports whether a campaign is asked for.
func (q *Question) wants(id, name string) bool {
	return q.Campaign == "" || q.Campaign == id || name != "" && strings.EqualFold(q.Campaign, name)
}

// ListKey returns the key of the entry that a list's template has in a store.
func ListKey(campaign, template string) string { return "list:" + campaign + "/" + template }

// board counts one store's tasks.
func (r *rollUp) board(b *Board, where Whereabouts) {
	today := r.q.Now.In(where.Zone).Format(time.DateOnly)
	byKey := make(map[string]*Entry, len(b.Entries))
	for i := range b.Entries {
		e := &b.Entries[i]
		if e.Status == Cancelled || !e.Cancelled.IsZero() {
			continue
		}
		byKey[e.Key] = e
		name := b.Buckets[e.Campaign].Name
		if r.q.Commerce && e.Origin == FromCommerce && r.q.wants(e.Campaign, name) {
			r.commerce(e.Campaign, name).count(standing(e, b, where, today), r.q.Standings)
		}
	}
	for _, l := range r.lists {
		if _, goes := slices.BinarySearch(l.list.Stores, b.Store); !goes {
			continue
		}
		if b.Sent[l.ID] == l.list.Version {
			l.Sent++
		}
		l.store(b, byKey, where, today, r.q.Standings)
	}
}

// store counts the list's tasks in a store, there or not. What is not there is
// not coming any more if the list was withdrawn.
func (l *listTally) store(b *Board, entries map[string]*Entry, where Whereabouts, today string, keep bool) {
	l.meet(b.Store, where.Region)
	for key, t := range l.templates {
		e, there := entries[key]
		if l.State == Withdrawn && (!there || !placed(e)) {
			continue
		}
		if !there {
			e = &Entry{Key: key}
		}
		s := standing(e, b, where, today)
		if s.Status == NotSent {
			s.Title, s.Due = t.Values[Title], t.Values[Due]
		}
		l.count(s, keep)
	}
}

// commerce returns the tally of a campaign of Commerce. Of the names that boards
// call it by the first in order counts, so that their order does not matter.
func (r *rollUp) commerce(id, name string) *tally {
	t := r.campaigns[id]
	if t == nil {
		made := newTally(id, FromCommerce)
		t = &made
		r.campaigns[id] = t
	}
	if name != "" && (t.Name == "" || name < t.Name) {
		t.Name = name
	}
	return t
}

// standing says how far a task is, by what was agreed last. A board read whole
// since agreed with it.
func standing(e *Entry, b *Board, where Whereabouts, today string) Standing {
	s := Standing{
		Region: where.Region, Store: b.Store, Key: e.Key, Title: e.Title, Status: e.Status, Due: e.Due, At: e.At,
	}
	if b.At.After(s.At) {
		s.At = b.At
	}
	switch {
	case s.Status == Completed:
		return s
	case !placed(e):
		s.Status = NotSent
		return s
	case s.Status != InProgress:
		s.Status = NotStarted
	}
	_, dated := DayOf(s.Due)
	s.Overdue = dated && s.Due < today
	return s
}

// placed reports whether a task is, or was, on the store's board.
func placed(e *Entry) bool { return e.Planner != "" || !e.Aged.IsZero() }

// meet counts a store once.
func (t *tally) meet(store org.StoreNumber, region string) *RegionOverview {
	in := t.regions[region]
	if in == nil {
		in = &RegionOverview{Region: region}
		t.regions[region] = in
	}
	if !t.met[store] {
		t.met[store] = true
		t.Stores++
		in.Stores++
	}
	return in
}

func (t *tally) count(s Standing, keep bool) {
	t.meet(s.Store, s.Region).add(s)
	t.add(s)
	if keep {
		t.Standings = append(t.Standings, s)
	}
}

func (r *rollUp) overview() Overview {
	all := Overview{At: r.q.Now, Campaigns: []CampaignOverview{}}
	for _, l := range r.lists {
		all.Campaigns = append(all.Campaigns, l.finish())
	}
	for _, t := range r.campaigns {
		t.State = Open
		if t.AllDone() {
			t.State = Done
		}
		all.Campaigns = append(all.Campaigns, t.finish())
	}
	slices.SortFunc(all.Campaigns, func(a, b CampaignOverview) int {
		return cmp.Or(-cmp.Compare(a.Target, b.Target), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func (t *tally) finish() CampaignOverview {
	t.Regions = make([]RegionOverview, 0, len(t.regions))
	for _, region := range t.regions {
		t.Regions = append(t.Regions, *region)
	}
	slices.SortFunc(t.Regions, func(a, b RegionOverview) int { return cmp.Compare(a.Region, b.Region) })
	slices.SortFunc(t.Standings, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Store, b.Store), cmp.Compare(a.Key, b.Key))
	})
	return t.CampaignOverview
}
