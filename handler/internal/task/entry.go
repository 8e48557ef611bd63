package task

import (
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Origin says where a task came from, and so who decides over its text.
type Origin string

// The origins.
const (
	FromCommerce Origin = "commerce" // a process in Commerce
	FromList     Origin = "list"     // a list on the communications board
	FromTeams    Origin = "teams"    // the store's own: made on its board
)

// Entry is what the ledger remembers of one task in one store. It is enough to
// find the task on both sides, and to tell what moved since it was looked at.
type Entry struct {
	// Key names the task for good: "commerce:<process>/<task>",
	// "list:<campaign>/<template>" or, for a store's own, "teams:<planner id>".
	Key      string `json:"key"`
	Origin   Origin `json:"origin"`
	Campaign string `json:"campaign,omitempty"` // the campaign's id; empty: a store's own task

	Planner string `json:"planner,omitempty"` // the Planner task; empty: there is none yet
	Home    string `json:"home,omitempty"`    // the task in Commerce, "<process>/<task>"; empty: there is none

	// Claimed is when the creation of the Planner task was about to be tried: it
	// may be there although nobody told us its id. Zero: none is under way.
	Claimed time.Time `json:"claimed,omitzero"`

	Base Base `json:"base,omitzero"`

	// What was last seen of each side, to notice changes cheaply: Planner's two
	// ETags, when the details were last read, and a digest of Commerce's row.
	ETag        string    `json:"etag,omitempty"`
	DetailsETag string    `json:"detailsEtag,omitempty"`
	DetailsAt   time.Time `json:"detailsAt,omitzero"`
	HomeVersion string    `json:"homeVersion,omitempty"`

	// For the roll-up, and for people: what was agreed last.
	Title  string    `json:"title,omitempty"`
	Status string    `json:"status,omitempty"`
	Due    string    `json:"due,omitempty"`
	At     time.Time `json:"at,omitzero"` // when both sides were last compared

	// Since when a side does not show the task any more, by complete readings.
	// Zero: it shows it.
	MissingHome  time.Time `json:"missingHome,omitzero"`
	MissingTeams time.Time `json:"missingTeams,omitzero"`

	Cancelled time.Time `json:"cancelled,omitzero"` // since when it is in the bucket "Cancelled"
	// Aged is when the Planner task was deleted because its campaign was long done
	// or the board was full. It is not made again.
	Aged   time.Time `json:"aged,omitzero"`
	Losses []Loss    `json:"losses,omitempty"` // the newest few
}

// Loss is a value that somebody entered and that did not win, kept for people.
type Loss struct {
	At    time.Time `json:"at"`
	Field string    `json:"field"` // its name, see [Field.String]
	Side  string    `json:"side"`  // where it was entered: "commerce" or "teams"
	Value string    `json:"value"` // cut to 500 characters
}

// Board is what the ledger remembers of one store's board: one row a store.
type Board struct {
	Store org.StoreNumber `json:"store"`
	Group org.TeamID      `json:"group"`          // whose board it is
	Plan  string          `json:"plan,omitempty"` // the Planner plan; empty: there is none yet

	PlanClaimed time.Time `json:"planClaimed,omitzero"` // the plan's creation was about to be tried

	// Buckets are the board's buckets by campaign, and CancelledBucket's under "cancelled".
	Buckets map[string]Bucket `json:"buckets,omitempty"`
	// Sent says which version of each list this board has: by campaign.
	Sent map[string]string `json:"sent,omitempty"`

	Entries []Entry `json:"entries,omitempty"` // by Key

	// Others are the versions of the board's other tasks, which stay in Teams alone.
	Others map[string]string `json:"others,omitempty"`

	At      time.Time `json:"at,omitzero"`       // when both sides were last read whole
	Problem string    `json:"problem,omitempty"` // why tasks are not synced, for people; ids only

	// Held is of what much was gone at once, and so nothing follows from it until a
	// person allows it: campaigns, "" for the store's own tasks, or BoardHold.
	Held []string `json:"held,omitempty"`
	// Allowed is when a person allowed what had been held: by campaign, "" for the
	// store's own tasks, and under BoardHold for the board itself. Good for a day.
	Allowed map[string]time.Time `json:"allowed,omitempty"`
}

// Bucket is a column of a board.
type Bucket struct {
	ID      string    `json:"id,omitempty"`     // empty: not there yet
	Name    string    `json:"name,omitempty"`   // what its campaign was called when it was made
	Claimed time.Time `json:"claimed,omitzero"` // its creation was about to be tried
}

// CancelledBucket names, in Board.Buckets, the bucket of cancelled tasks.
const CancelledBucket = "cancelled"

// BoardHold names, in Board.Allowed, a board that vanished.
const BoardHold = "board"
