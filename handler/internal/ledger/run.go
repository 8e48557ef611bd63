package ledger

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// keptRuns is how many run records stay.
const keptRuns = 100

// Outcome says how a run ended.
type Outcome string

// The outcomes.
const (
	Done       Outcome = "done"       // everything planned was done, or there was nothing to do
	Partial    Outcome = "partial"    // some changes failed or were put off; the next run goes on
	HeldBack   Outcome = "held"       // a rule stopped the whole run; a person has to look
	Failed     Outcome = "failed"     // the run could not be carried out
	Unfinished Outcome = "unfinished" // still running, or killed
)

// Run is the record of one run: counts, and notes with ids. Personnel numbers
// and object ids are personal data, so records go after the last hundred.
type Run struct {
	ID         string    `json:"id"` // sorts by start, to the nanosecond
	Function   string    `json:"function"`
	Invocation string    `json:"invocation,omitempty"` // the Functions host's id, to find its logs
	Mode       string    `json:"mode"`
	Store      string    `json:"store,omitempty"`  // the one store whose changes it carried out; empty: all
	Hinted     bool      `json:"hinted,omitempty"` // it looked only at what hints named
	Started    time.Time `json:"started"`
	Ended      time.Time `json:"ended,omitzero"`
	Outcome    Outcome   `json:"outcome"`
	Error      string    `json:"error,omitempty"` // why it is failed or held

	SnapshotAt time.Time      `json:"snapshotAt,omitzero"` // age of what Commerce said
	Rows       map[string]int `json:"rows,omitempty"`      // rows read from Commerce; none when the last snapshot served
	BadRows    int            `json:"badRows,omitempty"`
	Short      string         `json:"short,omitempty"` // which collection came short, in a sentence: nobody goes for want of a row
	Stores     int            `json:"stores"`
	People     int            `json:"people"` // memberships wanted

	Planned map[string]int `json:"planned,omitempty"` // changes by kind
	Done    map[string]int `json:"done,omitempty"`
	Failed  map[string]int `json:"failed,omitempty"`  // changes by kind
	Errors  map[string]int `json:"errors,omitempty"`  // failed changes by kind of error
	Waiting int            `json:"waiting,omitempty"` // teams put off to a later run

	Slowed bool `json:"slowed,omitempty"` // in quarantine, or put in it by this run

	Held     int            `json:"held,omitempty"`     // halts that wait for a person
	Later    int            `json:"later,omitempty"`    // halts that wait for time to pass or another reading
	Skipped  int            `json:"skipped,omitempty"`  // halts that stay: not ours to change
	Extras   int            `json:"extras,omitempty"`   // people in our teams whom Commerce never wanted there
	Unmapped map[string]int `json:"unmapped,omitempty"` // workers by cause
	Findings map[string]int `json:"findings,omitempty"` // by code
	Notes    []Note         `json:"notes,omitempty"`    // the first of each, in words

	GraphCalls    map[string]int `json:"graphCalls,omitempty"` // requests by class, retries included
	CommerceCalls map[string]int `json:"commerceCalls,omitempty"`

	etag string
}

// OfSome reports whether the run was of some teams only: it says nothing about
// the others.
func (r *Run) OfSome() bool { return r.Store != "" || r.Hinted }

func (r *Run) key(string) Key   { return Key{partRun, r.ID} }
func (r *Run) version() *string { return &r.etag }

// Note is one thing about a run in words.
type Note struct {
	Kind string `json:"kind"` // failed, waiting, held, later, skipped, bad row, or a finding's code
	Team string `json:"team,omitempty"`
	Text string `json:"text"`
}

// NewRun begins a record. It is not saved yet.
func NewRun(function, invocation, mode string, now time.Time) *Run {
	id := now.UTC().Format("20060102T150405.000000000Z") + "-" + strings.ToLower(rand.Text()[:8])
	return &Run{ID: id, Function: function, Invocation: invocation, Mode: mode, Started: now.UTC(), Outcome: Unfinished}
}

// SaveRun writes a record.
func (b *Book) SaveRun(ctx context.Context, r *Run) error { return saveRow(ctx, b, r) }

// Runs returns the records by start, oldest first, and those of one instant by
// id.
func (b *Book) Runs(ctx context.Context) ([]*Run, error) {
	byID, err := readAll(ctx, b, new(Run), func(r *Run) string { return r.ID })
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b *Run) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID))
	}), nil
}

// ReadRun returns a record, or a fault.NotFound.
func (b *Book) ReadRun(ctx context.Context, id string) (*Run, error) {
	run, err := readRow(ctx, b, Key{partRun, id}, new(Run))
	if err == nil && run == nil {
		err = fault.Newf(fault.NotFound, "ledger: read a run", "there is no record of a run %s; the last %d are kept", id, keptRuns)
	}
	return run, err
}

// LastRun returns the newest record, or a fault.NotFound.
func (b *Book) LastRun(ctx context.Context) (*Run, error) {
	runs, err := b.Runs(ctx)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, fault.Newf(fault.NotFound, "ledger: last run", "there has been no run yet")
	}
	return runs[len(runs)-1], nil
}

// ForgetRuns deletes all but the newest records, their plans and events. Runs of
// some teams are counted by themselves: many of them must not push out what the
// others tell. A record on which another instance is at work at the same time is
// left to it.
func (b *Book) ForgetRuns(ctx context.Context) error {
	runs, err := b.Runs(ctx)
	if err != nil {
		return err
	}
	kept := map[bool]int{}
	for _, r := range slices.Backward(runs) {
		if kept[r.OfSome()]++; kept[r.OfSome()] <= keptRuns {
			continue
		}
		err := DeleteBlob(ctx, b.store, planBlob(r.ID))
		if err == nil || fault.Is(err, fault.NotFound) {
			err = DeleteBlob(ctx, b.store, eventsBlob(r.ID))
		}
		if err == nil || fault.Is(err, fault.NotFound) {
			err = b.store.Delete(ctx, Key{partRun, r.ID}, r.etag)
		}
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

// SavePlan keeps a run's plan as text.
func (b *Book) SavePlan(ctx context.Context, run string, write func(io.Writer) error) error {
	_, err := WriteBlob(ctx, b.store, planBlob(run), "", write)
	return err
}

func planBlob(run string) string { return "plan/" + run }

// ReadPlan gives a run's plan to read, or a fault.NotFound.
func (b *Book) ReadPlan(ctx context.Context, run string, read func(io.Reader) error) error {
	_, err := ReadBlob(ctx, b.store, planBlob(run), read)
	return err
}
