package tasksync

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// Side is one end of the task list: the boards in Planner, or Commerce. Both are
// used through it and nothing else, and taskstest.Run is this comment as tests.
//
// Methods are safe for concurrent use and retry by themselves what the service
// asks to retry; an error is classified with package fault and final. A reading
// is whole or an error: never a part of it.
type Side interface {
	// Abilities says what can be done there. It asks nobody.
	Abilities() Abilities

	// List reads all tasks of a place. Their fields may be a part of what Read
	// gives (a listing in Planner has no details): then Item.Whole is false.
	// fault.NotFound: the place is not there.
	List(ctx context.Context, at Place) ([]Item, error)

	// Read reads those tasks whole, in as few calls as it takes. A task that is
	// not there is missing in the result; it may be missing because the reading
	// was stale. What went wrong with any of them is the error.
	Read(ctx context.Context, at Place, ids []string) (map[string]Item, error)

	// Create makes a task and returns it as it is then. It is not idempotent where
	// the service chooses ids (Planner): the caller claims first and looks for
	// what a lost answer left. Where NewItem.ID is given and taken (Commerce),
	// the same again returns what is there. ErrFull: the place takes no more.
	Create(ctx context.Context, at Place, n NewItem) (Item, error)

	// Change writes fields of a task as it was read, and returns it as it is
	// then. Fields that the side does not take are fault.Invalid. fault.Conflict:
	// somebody changed it since; read again. fault.NotFound: it has gone.
	Change(ctx context.Context, at Place, item Item, to task.Values) (Item, error)

	// Delete deletes a task as it was read. One that has gone is fine.
	// fault.Conflict: somebody changed it since.
	Delete(ctx context.Context, at Place, item Item) error
}

// ErrFull is in the chain of an error that says that a place takes no more: one
// of Planner's named limits (MaximumActiveTasksInProject, MaximumTasksInProject,
// MaximumBucketsInProject). Completed campaigns have to be aged out first.
var ErrFull = errors.New("the board is full")

// ErrUnknownStore is in the chain of an error that says that no open store of that
// number has a team.
var ErrUnknownStore = errors.New("no open store of that number has a team")

// ErrNoOrganization is in the chain of an error that says that there is no
// organization yet: no run of the reconciliation has read Commerce.
var ErrNoOrganization = errors.New("no run has read Commerce yet")

// Place is where a store's tasks are.
type Place struct {
	Store org.StoreNumber // in Commerce
	Plan  string          // in Planner
}

// Abilities are what a side can do.
type Abilities struct {
	Writes   task.Fields // of tasks that are there
	Creates  bool
	Deletes  bool
	OwnsIDs  bool // the service chooses ids
	Versions bool // Item.Version tells older readings from newer ones, by its bytes
}

// Item is a task as one side shows it.
type Item struct {
	ID      string // "<process>/<task>" in Commerce, the task's id in Planner
	Version string // changes with every change; for Change and Delete to compare
	State   task.State
	Whole   bool // State has all fields that this side shows

	// Commerce: the process; Planner: the bucket.
	Group     string
	GroupName string    // the process's name; empty in Planner
	Target    time.Time // the process's target date, zero if none or in Planner
	Cancelled bool      // the process or the task is cancelled

	// Planner only.
	DetailsVersion string
	CreatedBy      org.UserID // zero: an app
	ByUs           bool       // created by our app
	CompletedBy    org.UserID // zero: not completed, or by an app
	CreatedAt      time.Time
	CompletedAt    time.Time
}

// NewItem is a task to create.
type NewItem struct {
	ID    string // where the side does not choose ids
	Group string // the process, or the bucket; Planner: may be empty
	Name  string // the process's name, in Commerce
	State task.Values
}

// Boards are plans and their buckets in Planner. Nothing here is idempotent: the
// caller claims first. The rules on retries and errors are Side's.
type Boards interface {
	// Plans lists the plans of a group. fault.NotFound: no such group, or too young.
	Plans(ctx context.Context, group org.TeamID) ([]Plan, error)
	CreatePlan(ctx context.Context, group org.TeamID, title string) (Plan, error)
	// Buckets lists a plan's buckets, or a fault.NotFound if the plan is gone.
	Buckets(ctx context.Context, plan string) ([]Bucket, error)
	CreateBucket(ctx context.Context, plan, name string) (Bucket, error)
	// DeleteBucket deletes a bucket as it was read, and the tasks in it with it.
	DeleteBucket(ctx context.Context, b Bucket) error
	// Move puts a task into another bucket.
	Move(ctx context.Context, item Item, bucket string) (Item, error)

	// Versions reads the listings of many plans, in batches of 20: of each plan
	// its tasks' ids and versions. What went wrong with one plan is in failed and
	// costs no other.
	Versions(ctx context.Context, plans []string) (listed map[string]map[string]string, failed map[string]error, err error)

	// Checklist makes the lines a task's checklist: text and whether it is ticked.
	Checklist(ctx context.Context, item Item, lines []Line) (Item, error)
}

// Plan is a board.
type Plan struct {
	ID, Title string
	ByUs      bool // created by our app
}

// Bucket is a column of a board.
type Bucket struct {
	ID, Name, Version string
}

// Line is a line of a checklist.
type Line struct {
	Text   string
	Ticked bool
}

// Stock reads all of Commerce's tasks at once, for the sweep.
type Stock interface {
	// Tasks yields every task whose process's target date or own due date is not
	// before since, or which has neither. An error ends the sequence, and what
	// came before counts for nothing.
	Tasks(ctx context.Context, since time.Time) iter.Seq2[StockItem, error]
}

// StockItem is a task of some store.
type StockItem struct {
	Store org.StoreNumber
	Item
}

// Queue sends hints. A hint whose MessageID was sent before is dropped by the
// queue for as long as its duplicate detection lasts.
type Queue interface {
	// Send sends hints in as few calls as it takes.
	Send(ctx context.Context, hints []hint.Hint) error
	// SendAt sends one that nobody receives before that time.
	SendAt(ctx context.Context, h hint.Hint, at time.Time) error
	// DeadLetter puts a hint where only people look, with why: a word, and a
	// sentence.
	DeadLetter(ctx context.Context, h hint.Hint, reason, description string) error
}

// Directory is the organization, as far as tasks want to know it. A Directory
// does not change; a new one is made when the snapshot does.
type Directory interface {
	// Stores returns the open stores that have a team, by number.
	Stores() []Store
	// Store returns one of them.
	Store(number org.StoreNumber) (Store, bool)
	// Named returns the stores that a word names, without case: a hierarchy node's
	// name or party number (all stores below it), a store's number, or "all".
	Named(word string) ([]org.StoreNumber, bool)
	// Communications returns the communications team's group; empty: it has none.
	Communications() org.TeamID
	// Owner and Member report whether a user owns, or is in, a store's team; of the
	// communications team for the number "".
	Owner(number org.StoreNumber, user org.UserID) bool
	Member(number org.StoreNumber, user org.UserID) bool
	// Worker and User go from a user to a worker and back.
	Worker(user org.UserID) (org.PersonnelNumber, bool)
	User(worker org.PersonnelNumber) (org.UserID, bool)
}

// Store is an open store with a team.
type Store struct {
	Number org.StoreNumber
	Name   string
	Group  org.TeamID
	Zone   *time.Location // never nil
	Region string         // the hierarchy's node below its root that the store is under; empty: none
	Nodes  []string       // names of all nodes above it, nearest first
}
