package task

import (
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// NotSent is the status, in an [Overview], of a task that its store's board does
// not have yet.
const NotSent = "not sent"

// Overview is how far campaigns are, by region, store and task.
type Overview struct {
	At        time.Time          `json:"at"`
	Campaigns []CampaignOverview `json:"campaigns"` // by target date, the latest first, then by name and id
}

// CampaignOverview is how far one is.
type CampaignOverview struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"` // empty: nobody told us
	Origin Origin `json:"origin"`         // FromCommerce or FromList
	// State is a list's; what came from Commerce is Open or Done.
	State   CampaignState `json:"state"`
	Target  string        `json:"target,omitempty"`
	Missing time.Time     `json:"missing,omitzero"` // since when a list's Send task is gone

	Stores int `json:"stores"` // how many it goes to
	Sent   int `json:"sent"`   // how many of them have a list's version; 0 of what came from Commerce
	Counts

	Regions   []RegionOverview `json:"regions"`             // by name
	Standings []Standing       `json:"standings,omitempty"` // by region, store and key, if asked for
}

// RegionOverview is how far a campaign is in one region.
type RegionOverview struct {
	Region string `json:"region"` // empty: of stores in none
	Stores int    `json:"stores"`
	Counts
}

// Standing is how far one task is in one store.
type Standing struct {
	Region  string          `json:"region"`
	Store   org.StoreNumber `json:"store"`
	Key     string          `json:"key"` // see Entry.Key
	Title   string          `json:"title"`
	Status  string          `json:"status"` // NotSent, NotStarted, InProgress or Completed
	Due     string          `json:"due,omitempty"`
	Overdue bool            `json:"overdue"`
	At      time.Time       `json:"at,omitzero"` // when both sides were last seen; zero: never
}

// Counts are numbers of tasks. A task that is overdue is also not started or in
// progress; the other four are a partition of Tasks.
type Counts struct {
	Tasks      int `json:"tasks"`
	NotSent    int `json:"notSent"`
	NotStarted int `json:"notStarted"`
	InProgress int `json:"inProgress"`
	Done       int `json:"done"`
	Overdue    int `json:"overdue"`
	// Oldest is the age of the oldest figure in it; zero: there is none.
	Oldest time.Time `json:"oldest,omitzero"`
}

// AllDone reports whether there are tasks and each is done.
func (c Counts) AllDone() bool { return c.Tasks > 0 && c.Done == c.Tasks }

func (c *Counts) add(s Standing) {
	c.Tasks++
	switch s.Status {
	case NotSent:
		c.NotSent++
	case Completed:
		c.Done++
	case InProgress:
		c.InProgress++
	default:
		c.NotStarted++
	}
	if s.Overdue {
		c.Overdue++
	}
	if !s.At.IsZero() && (c.Oldest.IsZero() || s.At.Before(c.Oldest)) {
		c.Oldest = s.At
	}
}

// Whereabouts are a store's place in the hierarchy and on earth.
type Whereabouts struct {
	Region string
	Zone   *time.Location // never nil
}

// Question says what an overview is to be of.
type Question struct {
	// Stores are all open ones. Figures of others do not count.
	Stores    map[org.StoreNumber]Whereabouts
	Campaigns []Campaign // the lists that were sent; drafts are left out
	Commerce  bool       // what came from Commerce too
	Standings bool       // task by task

	Campaign string // only that one: an id, or a name without case; empty: all
	Region   string // only stores there, without case; empty: all

	Now time.Time
}
