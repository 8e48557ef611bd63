package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// maxLetters is how many dead letters are shown, and worked on, at once.
const maxLetters = 200

// everyLetter stands for all of them.
const everyLetter = "all"

// Tasks are the parts that know of tasks.
type Tasks struct {
	Directory func(context.Context) (tasksync.Directory, error)
	Allow     func(context.Context, org.StoreNumber) error // a fault.NotFound: nothing is held there
}

// TaskStatus implements trigger.TaskWork.
func (d *Desk) TaskStatus(ctx context.Context, campaign, region string) (any, error) {
	q := task.Question{
		Commerce: true, Standings: campaign != "", Campaign: campaign, Region: region,
		Stores: map[org.StoreNumber]task.Whereabouts{}, Now: time.Now().UTC(),
	}
	if d.Tasks == nil {
		return shownOverview(task.RollUp(func(func(*task.Board) bool) {}, q)), nil
	}
	directory, err := d.Tasks.Directory(ctx)
	if err != nil {
		return nil, err
	}
	for _, store := range directory.Stores() {
		q.Stores[store.Number] = task.Whereabouts{Region: store.Region, Zone: store.Zone}
	}
	campaigns, err := d.Book.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range campaigns {
		q.Campaigns = append(q.Campaigns, c.Campaign)
	}
	var broken error
	overview := task.RollUp(func(yield func(*task.Board) bool) {
		for row, err := range d.Book.Boards(ctx) {
			if broken = err; err != nil || !yield(&row.Board) {
				return
			}
		}
	}, q)
	if broken != nil {
		return nil, broken
	}
	return shownOverview(overview), nil
}

// shownOverview is an overview with empty lists in place of none.
func shownOverview(o task.Overview) task.Overview {
	if o.Campaigns == nil {
		o.Campaigns = []task.CampaignOverview{}
	}
	for i := range o.Campaigns {
		if o.Campaigns[i].Regions == nil {
			o.Campaigns[i].Regions = []task.RegionOverview{}
		}
	}
	return o
}

// problem is why a store's tasks are not synced, or what lost there.
type problem struct {
	Store   string    `json:"store"` // empty: the communications board
	Problem string    `json:"problem,omitempty"`
	Held    []string  `json:"held"`
	Losses  []loss    `json:"losses"`
	At      time.Time `json:"at,omitzero"` // when both sides were last read whole
}

// loss is a value that somebody entered and that did not win.
type loss struct {
	Task  string `json:"task"`
	Title string `json:"title"`
	task.Loss
}

// TaskProblems implements trigger.TaskWork.
func (d *Desk) TaskProblems(ctx context.Context, store string) (any, error) {
	problems := []problem{}
	for row, err := range d.Book.Boards(ctx) {
		switch {
		case err != nil:
			return nil, err
		case store != "" && row.Store.Folded() == org.StoreNumber(store).Folded():
			problems = append(problems, problemOf(row, true))
		case store == "" && (row.Problem != "" || len(row.Held) > 0):
			problems = append(problems, problemOf(row, false))
		}
	}
	if store != "" && len(problems) == 0 {
		return nil, fault.Newf(fault.NotFound, "look for the store's board", "nothing is known of tasks in a store %s", store)
	}
	return problems, nil
}

func problemOf(row *ledger.Board, losses bool) problem {
	p := problem{Store: string(row.Store), Problem: row.Problem, Held: append([]string{}, row.Held...), Losses: []loss{}, At: row.At}
	if !losses {
		return p
	}
	for _, e := range row.Entries {
		for _, l := range e.Losses {
			p.Losses = append(p.Losses, loss{Task: e.Key, Title: e.Title, Loss: l})
		}
	}
	slices.SortFunc(p.Losses, func(a, b loss) int { return b.At.Compare(a.At) })
	return p
}

// AllowTasks implements trigger.TaskWork.
func (d *Desk) AllowTasks(ctx context.Context, store string) (any, error) {
	if d.Tasks != nil {
		if err := d.Tasks.Allow(ctx, org.StoreNumber(store)); err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	return d.TaskProblems(ctx, "")
}

// letter is a dead letter as operators see it.
type letter struct {
	ID          string    `json:"id"`
	Kind        string    `json:"kind,omitempty"`
	Store       string    `json:"store,omitempty"`
	Key         string    `json:"key,omitempty"`
	Attempts    int       `json:"attempts"`
	Reason      string    `json:"reason"`
	Description string    `json:"description,omitempty"`
	Excerpt     string    `json:"excerpt,omitempty"` // of what is no hint
	At          time.Time `json:"at"`
}

// DeadLetters implements trigger.TaskWork.
func (d *Desk) DeadLetters(ctx context.Context) (any, error) {
	letters := []letter{}
	if d.Letters == nil {
		return letters, nil
	}
	dead, err := d.Letters.DeadLetters(ctx, maxLetters)
	if err != nil {
		return nil, err
	}
	for _, one := range dead {
		letters = append(letters, letter{
			ID: strconv.FormatInt(one.ID, 10), Kind: string(one.Hint.Kind), Store: string(one.Hint.Store), Key: one.Hint.Key,
			Attempts: one.Attempts, Reason: one.Reason, Description: one.Description, Excerpt: one.Excerpt, At: one.At.UTC(),
		})
	}
	return letters, nil
}

// RetryDeadLetter implements trigger.TaskWork.
func (d *Desk) RetryDeadLetter(ctx context.Context, id string) (any, error) {
	return d.letters(ctx, id, Letters.Retry)
}

// DropDeadLetter implements trigger.TaskWork.
func (d *Desk) DropDeadLetter(ctx context.Context, id string) (any, error) {
	return d.letters(ctx, id, Letters.Drop)
}

// letters does something about a dead letter, or about all that are shown, and
// returns those there are then. One that is not there any more is done with.
func (d *Desk) letters(ctx context.Context, id string, do func(Letters, context.Context, int64) error) (any, error) {
	if d.Letters == nil {
		return d.DeadLetters(ctx)
	}
	ids, err := d.letterIDs(ctx, id)
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, one := range ids {
		if err := do(d.Letters, ctx, one); err != nil && !fault.Is(err, fault.NotFound) {
			failed = append(failed, fmt.Errorf("dead letter %d: %w", one, err))
		}
	}
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	return d.DeadLetters(ctx)
}

func (d *Desk) letterIDs(ctx context.Context, id string) ([]int64, error) {
	if id != everyLetter {
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "read request", "%q is no dead letter's id, expected a number as they are listed, or all", id)
		}
		return []int64{number}, nil
	}
	dead, err := d.Letters.DeadLetters(ctx, maxLetters)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(dead))
	for i, one := range dead {
		ids[i] = one.ID
	}
	return ids, nil
}
