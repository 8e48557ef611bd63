package task

import "time"

// Presence says whether a side shows a task.
type Presence uint8

// The presences.
const (
	// Unknown: the side could not be read, or not whole.
	Unknown Presence = iota
	// Shown: a reading shows the task.
	Shown
	// Absent: a whole reading, or one of just this task, does not show it. It is
	// what a side shows of a task that was never there, too.
	Absent
)

// Decision is what to do with a task as a whole.
type Decision uint8

// The decisions.
const (
	// Nothing: a side could not be read, so nothing can be said.
	Nothing Decision = iota
	// Wait: what a side does not show any more has to be missed once more.
	Wait
	// MergeBoth: the task is there; its fields are for [Merge].
	MergeBoth
	// CreateInTeams: the board never had it, or is a new one.
	CreateInTeams
	// CreateAtHome: it did not come from Commerce, and Commerce never had it.
	CreateAtHome
	// Restore: somebody deleted on the board what is not the board's to delete. It
	// is created again.
	Restore
	// DeleteInTeams: it is gone at home and nobody completed it, or was cancelled
	// long ago.
	DeleteInTeams
	// DeleteAtHome: a store's own was deleted on the board.
	DeleteAtHome
	// Cancel: it has to be in the bucket of cancelled tasks. It may be already.
	Cancel
	// Keep: it stays as it is, on whichever side it is, and so does its entry.
	Keep
	// Forget: it is gone on both sides; its entry can go.
	Forget
	// Hold: much is gone at once, and what would follow is for a person to allow.
	Hold
)

// decisions are their names, for logs.
var decisions = [...]string{
	"nothing", "wait", "merge", "create in teams", "create at home", "restore", "delete in teams", "delete at home",
	"cancel", "keep", "forget", "hold",
}

// String names the decision for logs.
func (d Decision) String() string {
	if int(d) >= len(decisions) {
		return "no decision"
	}
	return decisions[d]
}

// CancelledKeep is how long a cancelled task stays in its bucket, counted from
// Entry.Cancelled, which is when it was moved there.
const CancelledKeep = 30 * 24 * time.Hour

// FateOptions are what Fate has to know beside the task.
type FateOptions struct {
	Now time.Time
	// Interval is how far apart the two sightings of an absence are at least
	// (SIGHTING_INTERVAL).
	Interval time.Duration

	HomeCreates bool // a task that did not come from Commerce can be put there, and is to be
	HomeDeletes bool // tasks can be deleted in Commerce

	Cancelled bool // home says that nobody is to do the task any more
	// MuchGone says that more than this task is gone at once on a side that does
	// not show it: its process or list, its bucket, or too much of a campaign.
	MuchGone bool
	// Status is what is agreed now, or what the one side that shows the task says.
	// Empty: what the entry remembers.
	Status string
}

// Verdict is what Fate decided.
type Verdict struct {
	Decision Decision
	// Until is when to look again: when an absence can be confirmed, or a cancelled
	// task has been kept long enough. Zero: when something changes.
	Until time.Time
	// What the entry is to remember from now on in its fields of these names,
	// whatever was decided.
	MissingHome, MissingTeams time.Time
}

// Fate decides what becomes of a task as a whole, from where it is shown.
//
//   - While a side is Unknown nothing is decided.
//   - What a side that had the task does not show any more is missed twice, at
//     least Interval apart, before anything follows.
//   - Deleted in Teams: it is restored if it came from Commerce or a list, and
//     deleted at home too if it is the store's own. What came from Commerce is never
//     deleted there. A task that was aged out stays away.
//   - Gone at home: it is deleted in Teams, but stays if it was completed.
//   - Cancelled at home: it is moved to its bucket, and deleted after CancelledKeep;
//     but stays where it is if it was completed.
//   - Gone on both sides, it is forgotten.
//
// Home is where the task came from, so that a list shows what it has to say of the
// store even where the task is not in Commerce (Entry.Home is empty).
func Fate(e Entry, home, teams Presence, o FateOptions) Verdict {
	v := Verdict{
		MissingHome:  missingSince(e.MissingHome, home, e.wasAtHome(), o.Now),
		MissingTeams: missingSince(e.MissingTeams, teams, e.wasInTeams(), o.Now),
	}
	switch {
	case home == Unknown || teams == Unknown:
		v.Decision = Nothing
	case home == Absent && teams == Absent:
		v.bothGone(e, o)
	case teams == Absent:
		v.notInTeams(e, o)
	case o.Cancelled:
		v.cancelled(e, o)
	case home == Absent:
		v.notAtHome(e, o)
	case e.Origin == FromList && e.Home == "" && o.HomeCreates:
		v.Decision = CreateAtHome
	default:
		v.Decision = MergeBoth
	}
	return v
}

// missingSince returns since when a side does not show a task that it had.
func missingSince(since time.Time, p Presence, had bool, now time.Time) time.Time {
	switch {
	case p == Shown || !had:
		return time.Time{}
	case p == Absent && since.IsZero():
		return now
	default:
		return since
	}
}

// confirmed reports whether an absence was seen twice; if not, it makes the
// decision to wait for that.
func (v *Verdict) confirmed(since time.Time, o FateOptions) bool {
	until := since.Add(o.Interval)
	if since.Equal(o.Now) || o.Now.Before(until) {
		v.Decision, v.Until = Wait, until
		return false
	}
	return true
}

// wasInTeams reports whether the board ever had the task, and is not to be without
// it.
func (e *Entry) wasInTeams() bool { return e.Planner != "" && e.Aged.IsZero() }

// wasAtHome reports whether home ever had the task. A list has all of its tasks.
func (e *Entry) wasAtHome() bool { return e.Home != "" || e.Origin != FromTeams }

// done reports whether the task was completed.
func (e *Entry) done(o FateOptions) bool {
	if o.Status != "" {
		return o.Status == Completed
	}
	return e.Status == Completed
}

// bothGone decides over what neither side shows.
func (v *Verdict) bothGone(e Entry, o FateOptions) {
	switch {
	case e.wasAtHome() && !v.confirmed(v.MissingHome, o):
	case e.wasInTeams() && !v.confirmed(v.MissingTeams, o):
	default:
		v.Decision = Forget
	}
}

// notInTeams decides over what only home shows.
func (v *Verdict) notInTeams(e Entry, o FateOptions) {
	switch {
	case o.Cancelled || !e.Aged.IsZero():
		v.Decision = Keep
	case e.Planner == "":
		v.Decision = CreateInTeams
	case !v.confirmed(v.MissingTeams, o):
	case e.Origin != FromTeams:
		v.Decision = Restore
	case !o.HomeDeletes:
		v.Decision = Keep // without its entry it would look like one of Commerce's
	case o.MuchGone:
		v.Decision = Hold
	default:
		v.Decision = DeleteAtHome
	}
}

// cancelled decides over what Teams shows and home has called off.
func (v *Verdict) cancelled(e Entry, o FateOptions) {
	if e.done(o) {
		v.Decision = Keep
		return
	}
	v.Decision = Cancel
	if e.Cancelled.IsZero() {
		return
	}
	if v.Until = e.Cancelled.Add(CancelledKeep); !o.Now.Before(v.Until) {
		v.Decision, v.Until = DeleteInTeams, time.Time{}
	}
}

// notAtHome decides over what only Teams shows.
func (v *Verdict) notAtHome(e Entry, o FateOptions) {
	switch {
	case !e.wasAtHome() && o.HomeCreates:
		v.Decision = CreateAtHome
	case !e.wasAtHome():
		v.Decision = MergeBoth
	case !v.confirmed(v.MissingHome, o):
	case e.done(o):
		v.Decision = Keep
	case o.MuchGone:
		v.Decision = Hold
	default:
		v.Decision = DeleteInTeams
	}
}
