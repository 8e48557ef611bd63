package tasklist_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/tasklist"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// errKilled is what every port answers once the process is dead.
var errKilled = errors.New("killed")

// world is Planner, the queue, the ledger and the organization of a small chain.
// It counts what the engine does to them, and can cut it off at any of it.
type world struct {
	t      *testing.T
	now    time.Time
	ledger *ledger.Book
	group  org.TeamID
	stores []tasksync.Store

	plans   []tasksync.Plan
	buckets []tasksync.Bucket
	cards   map[string]*card
	version int

	delivered map[string]int // hints by what the queue tells repeated ones by
	inbox     map[org.StoreNumber]bool

	history []string // see story
	effects int
	dead    bool
	before  func(n int, kind string) error // ahead of the n-th effect; its error is the answer instead
	after   func(n int, kind string) error // behind it; its error is the answer although it happened
	stale   map[string]tasksync.Item       // what the next listing shows instead
	unread  map[string]bool                // what is not there when it is read by itself
	lag     bool                           // a change answers with the task as it was
	torn    error                          // ends the reading of boards behind the first
}

// card is a task on the communications board.
type card struct {
	item  tasksync.Item
	lines []tasksync.Line
}

var (
	manager = org.UserID{1}
	worker  = org.UserID{2}
)

func newWorld(t *testing.T, stores int) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Date(2027, 5, 3, 9, 0, 0, 0, time.UTC), ledger: ledger.NewBook(new(memledger.Store), "test"),
		group: "group", cards: map[string]*card{}, delivered: map[string]int{}, inbox: map[org.StoreNumber]bool{},
	}
	for i := range stores {
		region := []string{"North", "West"}[i%2]
		w.stores = append(w.stores, tasksync.Store{
			Number: org.StoreNumber(fmt.Sprintf("%06d", i+1)), Zone: time.UTC, Region: region, Nodes: []string{region, "Chain"},
		})
	}
	return w
}

func (w *world) engine() *tasklist.Engine {
	return tasklist.New(tasklist.Parts{
		Teams: w, Boards: w, Queue: w, Book: book{w.ledger, w},
		Directory: func(context.Context) (tasksync.Directory, error) { return directory{w}, nil },
		Now:       func() time.Time { return w.now },
	}, tasklist.Settings{})
}

// settle looks once, and once more if the process was killed meanwhile.
func (w *world) settle() tasksync.Settled {
	w.t.Helper()
	settled, err := w.engine().Settle(w.t.Context())
	if errors.Is(err, errKilled) {
		w.dead = false
		settled, err = w.engine().Settle(w.t.Context())
	}
	if err != nil {
		w.t.Fatalf("settle: %v", err)
	}
	return settled
}

// effect does something that stays, unless the process dies before.
func (w *world) effect(kind string, do func() error) error {
	if w.dead {
		return errKilled
	}
	w.effects++
	n := w.effects
	if w.before != nil {
		if err := w.before(n, kind); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	if w.after != nil {
		return w.after(n, kind)
	}
	return nil
}

// killAt makes the process die ahead of, or behind, the n-th effect.
func (w *world) killAt(n int, behind bool) {
	kill := func(m int, _ string) error {
		if m != n {
			return nil
		}
		w.dead = true
		return errKilled
	}
	if behind {
		w.after = kill
	} else {
		w.before = kill
	}
}

// The queue, which drops what it had before.

func (w *world) Send(_ context.Context, hints []hint.Hint) error {
	return w.effect("send", func() error {
		for _, h := range hints {
			if h.Kind != hint.Store || h.Seen == "" {
				w.t.Errorf("a hint %+v", h)
			}
			id := string(h.Store) + "@" + h.Seen
			if w.delivered[id]++; w.delivered[id] == 1 {
				w.inbox[h.Store] = true
			}
		}
		return nil
	})
}

func (w *world) SendAt(context.Context, hint.Hint, time.Time) error {
	return errors.New("the engine sends nothing for later")
}

func (w *world) DeadLetter(context.Context, hint.Hint, string, string) error {
	return errors.New("the engine gives up nothing")
}

// book is the ledger, with what is written to it counted.
type book struct {
	*ledger.Book
	w *world
}

func (b book) Boards(ctx context.Context) iter.Seq2[*tasksync.BoardRow, error] {
	if b.w.dead {
		return func(yield func(*tasksync.BoardRow, error) bool) { yield(nil, errKilled) }
	}
	if b.w.torn == nil {
		return b.Book.Boards(ctx)
	}
	return func(yield func(*tasksync.BoardRow, error) bool) {
		for row, err := range b.Book.Boards(ctx) {
			if err != nil || !yield(row, nil) {
				return
			}
			break
		}
		yield(nil, b.w.torn)
	}
}

func (b book) SaveBoard(ctx context.Context, row *tasksync.BoardRow) error {
	return b.w.effect("save board", func() error { return b.Book.SaveBoard(ctx, row) })
}

func (b book) SaveCampaign(ctx context.Context, row *tasksync.CampaignRow) error {
	return b.w.effect("save campaign", func() error { return b.Book.SaveCampaign(ctx, row) })
}

func (b book) DropCampaign(ctx context.Context, row *tasksync.CampaignRow) error {
	return b.w.effect("drop campaign", func() error { return b.Book.DropCampaign(ctx, row) })
}

// directory is the organization as it is when it is asked.
type directory struct{ w *world }

func (d directory) Stores() []tasksync.Store   { return d.w.stores }
func (d directory) Communications() org.TeamID { return d.w.group }

func (d directory) Store(number org.StoreNumber) (tasksync.Store, bool) {
	for _, s := range d.w.stores {
		if s.Number == number {
			return s, true
		}
	}
	return tasksync.Store{}, false
}

func (d directory) Named(word string) (found []org.StoreNumber, known bool) {
	for _, s := range d.w.stores {
		if strings.EqualFold(word, "all") || strings.EqualFold(word, s.Region) || word == string(s.Number) {
			found = append(found, s.Number)
		}
	}
	return found, len(found) > 0
}

func (d directory) Owner(org.StoreNumber, org.UserID) bool { return false }

// Member knows everybody but the worker: also nobody, who stands for an app.
func (d directory) Member(number org.StoreNumber, user org.UserID) bool {
	return number == "" && user != worker
}

func (d directory) Worker(org.UserID) (org.PersonnelNumber, bool) { return "", false }
func (d directory) User(org.PersonnelNumber) (org.UserID, bool)   { return org.UserID{}, false }
