package trigger

import (
	"context"
	"time"
)

// Operations answers operators. All methods are safe for concurrent use and
// classify their errors with package fault; the text of a classified error is
// shown to the operator. ctx has a deadline of minutes, and outlives the request
// where that ends before the work does. Long work reports to package progress.
//
// What a method returns is something encoding/json can write, with an empty
// list rather than none.
type Operations interface {
	Reports
	Decisions
	Blocking
	TaskWork

	// Reconcile runs a reconciliation now and returns its record: of one store,
	// or with store "" of everything. invocation names the call as for [Runner].
	// A fault.NotFound: no store has that number.
	Reconcile(ctx context.Context, invocation, store string) (any, error)
}

// Reports say what happened, what comes, and why. They change nothing.
type Reports interface {
	// Status returns how the app is, in a few figures.
	Status(ctx context.Context) (any, error)

	// Runs returns the newest so many run records, newest first.
	Runs(ctx context.Context, limit int) (any, error)

	// Run returns one record, "last" being the newest, or a fault.NotFound.
	Run(ctx context.Context, id string) (any, error)

	// Plan returns what the next run would do, in one store's team if store is
	// not empty.
	Plan(ctx context.Context, store string) (any, error)

	// Explain returns why somebody is in a team or not, or a team as it is.
	Explain(ctx context.Context, s Subject) (any, error)

	// Unmapped returns the workers who cannot be added, and what to do about it.
	Unmapped(ctx context.Context) (any, error)

	// Extras returns the people of our teams whom Commerce never wanted there.
	Extras(ctx context.Context) (any, error)

	// Hierarchy returns Commerce's hierarchy for publishing tasks in Teams.
	Hierarchy(ctx context.Context) (any, error)

	// Doctor looks at everything the app needs, by harmless reads.
	Doctor(ctx context.Context) (any, error)
}

// Decisions are what the rails need from a person. Each may be said again
// without harm: an answer can be lost on its way.
type Decisions interface {
	// Holds returns what waits for a person, and what was decided of it.
	Holds(ctx context.Context) (any, error)

	// Hold returns one of them, or a fault.NotFound. hash is 16 lower-case hex
	// digits, here as below.
	Hold(ctx context.Context, hash string) (any, error)

	// Decide allows or refuses the hold and returns it as decided. A
	// fault.NotFound: there is no such hold; a fault.Conflict: it expired.
	Decide(ctx context.Context, hash string, allow bool) (any, error)

	// Baseline returns the reading that others are compared with, beside the
	// newest one.
	Baseline(ctx context.Context) (any, error)

	// AcceptBaseline takes the reading made at that time, which must be the
	// newest one, as the one later readings are compared with, and returns what
	// Baseline does. A fault.NotFound: nothing was read yet; a fault.Conflict:
	// another reading is the newest.
	AcceptBaseline(ctx context.Context, readAt time.Time) (any, error)

	// Rebuild has the next run read everything anew, and returns what it noted
	// for that.
	Rebuild(ctx context.Context) (any, error)
}

// Blocking keeps people out of teams, whatever Commerce wants. A subject names a
// user or a worker; its store is empty for every team. A fault.NotFound: there
// is no such user, worker or store, or the worker has no account.
type Blocking interface {
	// Blocks returns who is blocked, and where.
	Blocks(ctx context.Context) (any, error)

	// Block keeps the user out from the next run on. A user who is blocked there
	// already stays so.
	Block(ctx context.Context, s Subject) error

	// Unblock takes back the block of exactly that user and store. A
	// fault.NotFound: there is none.
	Unblock(ctx context.Context, s Subject) error

	// Revoke takes the user out of every team now, blocks them, and returns what
	// was done.
	Revoke(ctx context.Context, s Subject) (any, error)
}

// TaskWork is about the tasks of stores. Its calls that change something may be
// said again without harm.
type TaskWork interface {
	// TaskStatus returns how far campaigns are; of one, by its id or name, task by
	// task, and of one region only if that is not empty.
	TaskStatus(ctx context.Context, campaign, region string) (any, error)

	// TaskProblems returns the stores whose tasks are not synced, and why; or one
	// store with the values that lost there. A fault.NotFound: nothing is known of
	// tasks there.
	TaskProblems(ctx context.Context, store string) (any, error)

	// AllowTasks lets happen what is held in a store or, with none, on the
	// communications board, and returns the problems there are then.
	AllowTasks(ctx context.Context, store string) (any, error)

	// DeadLetters returns the oldest messages that were given up.
	DeadLetters(ctx context.Context) (any, error)

	// RetryDeadLetter sends one of them, or "all", once more, and returns those
	// there are then. A fault.Invalid: that is no id, or the message no hint.
	RetryDeadLetter(ctx context.Context, id string) (any, error)

	// DropDeadLetter removes one of them, or "all", and returns those left.
	DropDeadLetter(ctx context.Context, id string) (any, error)
}

// Subject is whom or what an operator asks about, as they wrote it. Nothing of
// it is checked but its length.
type Subject struct {
	User   string // an object id, or a user principal name
	Worker string // a personnel number
	Store  string // a store number
}
