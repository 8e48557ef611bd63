package tasksweep_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/hint"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksweep"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// chain is a chain of stores with boards, as the sweep sees it.
type chain struct {
	testing.TB
	tasksync.Boards // what is not asked for is not there
	now             time.Time
	book            *ledger.Book
	stores          []org.StoreNumber
	shown           map[string]map[string]string // by plan: versions by task
	gone            map[string]bool              // plans
	stock           []tasksync.StockItem
	comms           org.TeamID

	broken  error // of Versions
	torn    error // ends the reading of Commerce
	down    error // of the queue
	batches int
	sent    []hint.Hint
}

func newChain(t testing.TB, stores, tasks int) *chain {
	t.Helper()
	c := &chain{
		TB: t, now: time.Date(2027, 5, 3, 9, 0, 0, 0, time.UTC), book: ledger.NewBook(new(memledger.Store), "test"),
		shown: map[string]map[string]string{}, gone: map[string]bool{},
	}
	for i := range stores {
		number := org.StoreNumber(fmt.Sprintf("%06d", i))
		c.stores = append(c.stores, number)
		plan := "plan" + string(number)
		row := &tasksync.BoardRow{Board: task.Board{Store: number, Group: "g", Plan: plan}}
		c.shown[plan] = map[string]string{}
		for j := range tasks {
			id, home := fmt.Sprintf("%s-%02d", number, j), fmt.Sprintf("p/%s-%02d", number, j)
			c.shown[plan][id] = "1"
			row.Entries = append(row.Entries, task.Entry{
				Key: "commerce:" + home, Origin: task.FromCommerce, Campaign: "p", Planner: id, ETag: "1", Home: home, HomeVersion: "1",
			})
			c.stock = append(c.stock, tasksync.StockItem{Store: number, Item: tasksync.Item{ID: home, Group: "p", Version: "1"}})
		}
		if err := c.book.SaveBoard(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *chain) Versions(_ context.Context, plans []string) (listed map[string]map[string]string, failed map[string]error, err error) {
	c.batches++
	if len(plans) > 20 {
		c.Errorf("%d boards in one call", len(plans))
	}
	listed, failed = map[string]map[string]string{}, map[string]error{}
	for _, plan := range plans {
		if c.gone[plan] {
			failed[plan] = fault.Newf(fault.NotFound, "list", "gone")
			continue
		}
		listed[plan] = maps.Clone(c.shown[plan])
	}
	return listed, failed, c.broken
}

func (c *chain) Tasks(context.Context, time.Time) iter.Seq2[tasksync.StockItem, error] {
	return func(yield func(tasksync.StockItem, error) bool) {
		for _, item := range c.stock {
			if !yield(item, nil) {
				return
			}
		}
		if c.torn != nil {
			yield(tasksync.StockItem{}, c.torn)
		}
	}
}

func (c *chain) Send(_ context.Context, hints []hint.Hint) error {
	if c.down == nil {
		c.sent = append(c.sent, hints...)
	}
	return c.down
}

func (*chain) SendAt(context.Context, hint.Hint, time.Time) error { return errors.New("not now") }
func (*chain) DeadLetter(context.Context, hint.Hint, string, string) error {
	return errors.New("nothing dies here")
}

// directory is the chain's organization.
type directory struct {
	tasksync.Directory
	c *chain
}

func (d directory) Stores() []tasksync.Store {
	var all []tasksync.Store
	for _, number := range d.c.stores {
		all = append(all, tasksync.Store{Number: number, Group: "g", Zone: time.UTC})
	}
	return all
}

func (d directory) Store(number org.StoreNumber) (tasksync.Store, bool) {
	return tasksync.Store{Number: number}, slices.Contains(d.c.stores, number)
}

func (d directory) Communications() org.TeamID { return d.c.comms }

// serial keeps a mock of a service from being asked by several at once.
type serial struct {
	*chain
	turn chan struct{}
}

func (s serial) Versions(ctx context.Context, plans []string) (map[string]map[string]string, map[string]error, error) {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	return s.chain.Versions(ctx, plans)
}

func (c *chain) sweeper() *tasksweep.Sweeper {
	return tasksweep.New(tasksweep.Parts{
		Boards: serial{c, make(chan struct{}, 1)}, Stock: c, Queue: c, Book: c.book,
		Directory: func(context.Context) (tasksync.Directory, error) { return directory{c: c}, nil },
		Now:       func() time.Time { return c.now },
	}, tasksweep.Settings{})
}

// tick lets so much time pass, sweeps, and returns the hints sent.
func (c *chain) tick(passes time.Duration) (hints []string) {
	c.Helper()
	hints, err := c.try(passes)
	if err != nil {
		c.Fatal(err)
	}
	return hints
}

func (c *chain) try(passes time.Duration) (hints []string, err error) {
	c.now = c.now.Add(passes)
	c.sent, c.batches = nil, 0
	err = c.sweeper().Run(c.Context(), "tick")
	for _, h := range c.sent {
		hints = append(hints, strings.TrimSpace(fmt.Sprintf("%s %s %s", h.Kind, h.Store, h.Key)))
	}
	slices.Sort(hints)
	return hints, err
}

func (c *chain) want(what string, got []string, want ...string) {
	c.Helper()
	if !slices.Equal(got, want) {
		c.Errorf("%s: hints %q, want %q", what, got, want)
	}
}

// settled is a chain that was swept, and has been quiet for an hour.
func settled(t *testing.T, stores, tasks int) *chain {
	t.Helper()
	c := newChain(t, stores, tasks)
	for range 3 {
		c.tick(time.Minute)
	}
	c.tick(61 * time.Minute) // each is looked at whole once an hour
	c.tick(time.Minute)
	return c
}

func TestWhatChangedOnABoardIsHintedAt(t *testing.T) {
	t.Parallel()
	c := settled(t, 2, 3)
	c.want("nothing", c.tick(time.Minute))
	c.shown["plan000001"]["000001-02"] = "2"
	c.want("a task changed", c.tick(16*time.Minute), "task 000001 teams:000001-02")
	c.want("nobody dealt with it", c.tick(time.Minute), "task 000001 teams:000001-02")
	c.change("000001", func(b *task.Board) { b.Entries[2].ETag = "2" })
	c.want("somebody did", c.tick(time.Minute))
	before := c.batches
	c.want("busy boards are listed each minute", c.tick(time.Minute))
	if before != 1 || c.batches != 1 {
		t.Errorf("%d and %d calls, want one each", before, c.batches)
	}
	c.shown["plan000001"]["new"] = "1"
	c.want("a task nobody knows", c.tick(time.Minute), "store 000001")
	c.change("000001", func(b *task.Board) { b.Others = map[string]string{"new": "1"} })
	c.want("it stays in Teams", c.tick(time.Minute))
	delete(c.shown["plan000001"], "000001-00")
	c.want("a task is gone", c.tick(time.Minute), "store 000001")
}

func (c *chain) change(number org.StoreNumber, change func(*task.Board)) {
	c.Helper()
	row, err := c.book.Board(c.Context(), number)
	if err == nil {
		change(&row.Board)
		err = c.book.SaveBoard(c.Context(), row)
	}
	if err != nil {
		c.Fatal(err)
	}
}

func TestWhatChangedInCommerceIsHintedAt(t *testing.T) {
	t.Parallel()
	c := settled(t, 2, 8)
	c.stock[9].Version = "2"
	c.want("a task changed", c.tick(5*time.Minute), "task 000001 commerce:p/000001-01")
	c.change("000001", func(b *task.Board) { b.Entries[1].HomeVersion = "2" })
	c.want("somebody looked", c.tick(5*time.Minute))
	c.stock = append(c.stock, tasksync.StockItem{Store: "000000", Item: tasksync.Item{ID: "q/1", Version: "1"}})
	c.want("a new one", c.tick(5*time.Minute), "store 000000")
	c.stock[16].Cancelled = true
	c.want("a new one that is cancelled", c.tick(5*time.Minute))
	c.stock = c.stock[:15]
	c.want("one is gone", c.tick(5*time.Minute), "store 000001")
	c.stock = append(c.stock, tasksync.StockItem{Store: "999999", Item: tasksync.Item{ID: "z/1", Version: "1"}})
	c.tick(5 * time.Minute) // of a store that is not open
}

// TestAShortReadingSaysNothingOfWhatItLeavesOut, and neither does half of one.
func TestAShortReadingSaysNothingOfWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	c := settled(t, 2, 5)
	whole := c.stock
	c.stock = whole[:3]
	c.want("a short reading", c.tick(5*time.Minute))
	c.stock = slices.Clone(whole[:3])
	c.stock[0].Version = "2"
	c.want("what it shows counts", c.tick(5*time.Minute), "task 000000 commerce:p/000000-00")
	c.stock, c.torn = nil, errors.New("connection reset")
	if hints, err := c.try(5 * time.Minute); err == nil || len(hints) > 0 {
		t.Errorf("half a reading: %v, hints %q", err, hints)
	}
	c.stock, c.torn = whole, nil
	c.want("whole again", c.tick(time.Minute))
}

func TestBoardsThatAreNotThere(t *testing.T) {
	t.Parallel()
	c := settled(t, 2, 1)
	c.gone["plan000001"] = true
	c.want("a board is gone", c.tick(16*time.Minute), "store 000001")
	c.stores = append(c.stores, "000777")
	c.want("a store opened", c.tick(time.Minute), "store 000777")
	c.want("its board is being made", c.tick(time.Minute))
	if err := c.book.SaveBoard(t.Context(), &tasksync.BoardRow{Board: task.Board{Store: "000777", Plan: "new"}}); err != nil {
		t.Fatal(err)
	}
	c.shown["new"] = map[string]string{"x": "1"}
	c.want("it has one, with a task", c.tick(time.Minute), "store 000777")
}

func TestTheCommunicationsBoard(t *testing.T) {
	t.Parallel()
	c := settled(t, 1, 1)
	c.comms = "group"
	c.want("no board yet", c.tick(time.Minute), "list")
	if err := c.book.SaveBoard(t.Context(), &tasksync.BoardRow{Board: task.Board{Plan: "campaigns"}}); err != nil {
		t.Fatal(err)
	}
	c.shown["campaigns"] = map[string]string{"send": "1"}
	c.tick(16 * time.Minute)
	c.want("nothing new", c.tick(time.Minute))
	c.shown["campaigns"]["send"] = "2"
	c.want("somebody completed Send", c.tick(time.Minute), "list")
}

// TestNothingIsLostWithTheQueue: hints that could not be sent are sent by the next
// tick, and so are those of a sweep that was killed before it wrote down anything.
func TestNothingIsLostWithTheQueue(t *testing.T) {
	t.Parallel()
	c := settled(t, 1, 2)
	c.shown["plan000000"]["000000-00"] = "2"
	c.down = errors.New("no queue")
	if _, err := c.try(16 * time.Minute); err == nil {
		t.Error("nobody hears that hints were not sent")
	}
	c.down = nil
	c.want("the next tick", c.tick(time.Minute), "task 000000 teams:000000-00")
}

// TestBeforeTheFirstRun: there is nobody to sweep for, and that is no failure.
func TestBeforeTheFirstRun(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1, 1)
	s := tasksweep.New(tasksweep.Parts{
		Boards: c, Stock: c, Queue: c, Book: c.book,
		Directory: func(context.Context) (tasksync.Directory, error) {
			return nil, fmt.Errorf("read: %w", tasksync.ErrNoOrganization)
		},
	}, tasksweep.Settings{})
	if err := s.Run(t.Context(), "tick"); err != nil || len(c.sent) > 0 {
		t.Errorf("%v, sent %v", err, c.sent)
	}
}

func TestACallThatFailsCostsNoOther(t *testing.T) {
	t.Parallel()
	c := settled(t, 1, 1)
	c.broken = errors.New("throttled")
	c.stock[0].Version = "2"
	hints, err := c.try(16 * time.Minute)
	if err == nil {
		t.Error("nobody hears of it")
	}
	c.want("Commerce was read all the same", hints, "task 000000 commerce:p/000000-00")
}

// TestTwoSweepsAtOnce send what both saw; the slower one's memory does not count.
func TestTwoSweepsAtOnce(t *testing.T) {
	t.Parallel()
	c := settled(t, 1, 1)
	c.shown["plan000000"]["000000-00"] = "2"
	c.now = c.now.Add(16 * time.Minute)
	c.sent = nil
	first, second := c.sweeper(), c.sweeper()
	if err := errors.Join(first.Run(t.Context(), "1"), second.Run(t.Context(), "2")); err != nil {
		t.Fatal(err)
	}
	if len(c.sent) != 2 || c.sent[0].MessageID() != c.sent[1].MessageID() {
		t.Errorf("%+v, want one message, which the queue keeps once", c.sent)
	}
}

// TestQuietBoardsCostLittle: a tick over 1,000 boards lists about a fifteenth of
// them while nothing happens, and all of them in fifty calls when all are busy.
func TestQuietBoardsCostLittle(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1000, 2)
	c.tick(time.Minute)
	if c.batches != 50 {
		t.Errorf("%d calls for the first listing, want 50", c.batches)
	}
	c.tick(2 * time.Hour)
	for range 60 { // until their turns are spread
		c.tick(time.Minute)
	}
	most := 0
	for range 15 {
		c.tick(time.Minute)
		most = max(most, c.batches)
	}
	if most > 8 {
		t.Errorf("a quiet minute has up to %d calls, want about 4", most)
	}
}

// BenchmarkIdleTick is a tick over 1,000 boards of 50 tasks, all of them busy, on
// which nothing changed, Commerce read.
func BenchmarkIdleTick(b *testing.B) {
	c := newChain(b, 1000, 50)
	for b.Loop() {
		c.now = c.now.Add(5 * time.Minute)
		if err := c.sweeper().Run(b.Context(), "tick"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.batches)/float64(b.N), "batches/op")
}
