package ledger_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/task"
)

// boardOf returns a board of so many tasks as they come out of a sync.
func boardOf(store org.StoreNumber, tasks int) task.Board {
	b := task.Board{Store: store, Group: "g", Plan: "p"}
	for i := range tasks {
		fields := map[task.Field]task.FieldBase{}
		for f := range task.AllFields().All() {
			m := task.Mark(uint64(i+1) * 0x9E3779B97F4A7C15 * uint64(f+1))
			fields[f] = task.FieldBase{Shown: [2]task.Mark{m, m}, Agreed: m}
		}
		b.Entries = append(b.Entries, task.Entry{
			Key:    fmt.Sprintf("commerce:8d1f%08d-0000-4000-8000-00000000000a/8d1f%08d-0000-4000-8000-00000000000b", i, i),
			Origin: task.FromCommerce, Planner: fmt.Sprintf("planner-task-%015d", i), Title: "Count the shelf",
			Base: task.Base{Fields: fields}, At: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		})
	}
	return b
}

func TestBoard(t *testing.T) {
	// The last is over three times the active tasks that fit the smallest limit
	// Microsoft published for one store's own use of 50 a week.
	for _, tasks := range []int{0, 3, 60, 2000} {
		t.Run(fmt.Sprintf("%d tasks", tasks), func(t *testing.T) {
			ctx, book := t.Context(), ledger.NewBook(new(memledger.Store), "prod")
			b, err := book.Board(ctx, "000135")
			if err != nil || b.ETag != "" || b.Store != "000135" {
				t.Fatalf("a board nobody saved: %+v, %v", b, err)
			}
			b.Board = boardOf("000135", tasks)
			if err := book.SaveBoard(ctx, b); err != nil {
				t.Fatal(err)
			}
			got, err := book.Board(ctx, "000135")
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, b) {
				t.Errorf("read back differently from how it was saved")
			}
			stale := &ledger.Board{Board: b.Board}
			if err := book.SaveBoard(ctx, stale); !fault.Is(err, fault.Conflict) {
				t.Errorf("saved over somebody else's version: %v", err)
			}
		})
	}
}

func TestBoards(t *testing.T) {
	ctx, book := t.Context(), ledger.NewBook(new(memledger.Store), "prod")
	for _, store := range []org.StoreNumber{"", "c", "7", "000135"} {
		if err := book.SaveBoard(ctx, &ledger.Board{Board: boardOf(store, 100)}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[org.StoreNumber]int{}
	for b, err := range book.Boards(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		seen[b.Store] += len(b.Entries)
	}
	if want := map[org.StoreNumber]int{"": 100, "c": 100, "7": 100, "000135": 100}; !reflect.DeepEqual(seen, want) {
		t.Errorf("tasks by board: %v, want %v", seen, want)
	}
}

func TestBoardOfAnother(t *testing.T) {
	for name, row := range map[string]string{
		"another store":  `{"store":"2","board":{"store":"2"}}`,
		"two stores":     `{"store":"1","board":{"store":"2"}}`,
		"no store":       `{"board":{"store":"1"}}`,
		"not packed":     `{"store":"1","packed":"AAAA"}`,
		"nothing inside": `{"store":"1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			store := new(memledger.Store)
			if _, err := store.Put(t.Context(), ledger.Key{Partition: "board", Row: "s/1"}, []byte(row), ""); err != nil {
				t.Fatal(err)
			}
			if b, err := ledger.NewBook(store, "prod").Board(t.Context(), "1"); err == nil {
				t.Errorf("taken for the board of store 1: %+v", b)
			}
		})
	}
}

func TestCampaigns(t *testing.T) {
	ctx, book := t.Context(), ledger.NewBook(new(memledger.Store), "prod")
	c := &ledger.Campaign{Campaign: task.Campaign{
		ID: "send", Name: "Spring", State: task.Sending, Stores: []org.StoreNumber{"1", "2"},
		Templates: []task.Template{{ID: "t", Values: task.Values{task.Title: "Dress the window"}}},
	}}
	if err := book.SaveCampaign(ctx, c); err != nil {
		t.Fatal(err)
	}
	all, err := book.Campaigns(ctx)
	if err != nil || !reflect.DeepEqual(all, map[string]*ledger.Campaign{"send": c}) {
		t.Fatalf("campaigns: %v, %v", all, err)
	}
	if err := book.DropCampaign(ctx, all["send"]); err != nil {
		t.Fatal(err)
	}
	if all, err = book.Campaigns(ctx); err != nil || len(all) != 0 {
		t.Errorf("after the drop: %v, %v", all, err)
	}
}

func TestSweep(t *testing.T) {
	ctx, book := t.Context(), ledger.NewBook(new(memledger.Store), "prod")
	s, err := book.Sweep(ctx)
	if err != nil || len(s.Stores) != 0 {
		t.Fatalf("the first: %+v, %v", s, err)
	}
	s.Stores = map[org.StoreNumber]ledger.Swept{"": {Plan: "c"}, "1": {Plan: strings.Repeat("p", 28), Board: 7}}
	if err := book.SaveSweep(ctx, s); err != nil {
		t.Fatal(err)
	}
	got, err := book.Sweep(ctx)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Fatalf("read back %+v, %v; want %+v", got, err, s)
	}
	if err := book.SaveSweep(ctx, &ledger.Sweep{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second first sweep: %v", err)
	}
}

func TestCountDeletions(t *testing.T) {
	ctx, book := t.Context(), ledger.NewBook(new(memledger.Store), "prod")
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after  time.Duration
		n, may int
	}{
		{0, 3, 3},
		{time.Hour, 4, 4},
		{2 * time.Hour, 5, 3}, // 10 in 24 hours
		{3 * time.Hour, 1, 0},
		{24 * time.Hour, 5, 3}, // the first three count no more
		{50 * time.Hour, 50, 10},
	} {
		may, err := book.CountDeletions(ctx, step.n, 10, noon.Add(step.after))
		if err != nil || may != step.may {
			t.Errorf("%v later %d may go (%v), want %d of %d", step.after, may, err, step.may, step.n)
		}
	}
}
