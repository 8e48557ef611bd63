package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

func TestBlocks(t *testing.T) {
	book, _ := newBook()
	wantBlocks := func(want ...org.Block) {
		t.Helper()
		if blocks, err := book.Blocks(t.Context()); err != nil || !slices.Equal(blocks, want) {
			t.Errorf("the blocks are %v (%v), want %v", blocks, err, want)
		}
	}
	wantBlocks()
	everywhere, here, there := org.Block{User: user(1)}, org.Block{User: user(1), Store: "Nord/2"}, org.Block{User: user(2), Store: "Nord/2"}
	for range 2 {
		for _, blocked := range []org.Block{there, everywhere, here} {
			must(t, book.Block(t.Context(), blocked))
		}
	}
	wantBlocks(everywhere, here, there)
	must(t, book.Unblock(t.Context(), everywhere))
	wantFault(t, "again", book.Unblock(t.Context(), everywhere), fault.NotFound)
	wantFault(t, "in another store", book.Unblock(t.Context(), org.Block{User: user(1), Store: "Nord"}), fault.NotFound)
	wantBlocks(here, there)
	must(t, book.Block(t.Context(), everywhere))
	wantBlocks(everywhere, here, there)
}

func TestBlockWhom(t *testing.T) {
	book, s := newBook()
	for name, blocked := range map[string]org.Block{
		"nobody":              {Store: "1"},
		"in a store too long": {User: user(1), Store: org.StoreNumber(strings.Repeat("7", 200))},
		"in a store no text":  {User: user(1), Store: "\xff"},
	} {
		wantFault(t, name, book.Block(t.Context(), blocked), fault.Invalid)
		wantFault(t, name, book.Unblock(t.Context(), blocked), fault.Invalid)
	}
	// A row that says nothing blocks nobody: somebody who relies on it is told.
	put(t, s, "block/"+user(1).String()+"/", "{}")
	wantFault(t, "over a row unreadable", book.Block(t.Context(), org.Block{User: user(1)}), fault.Internal)
}

// Whoever is told that somebody is blocked can rely on it, even if another
// operator ends an older block at the same time.
func TestUnblockMeanwhile(t *testing.T) {
	blocked := org.Block{User: user(1)}
	for at, ended := 0, false; !ended; at++ {
		book, s := newBook()
		must(t, book.Block(t.Context(), blocked))
		busy := interrupt(s, at, func() { must(t, book.Unblock(t.Context(), blocked)) })
		err := ledger.NewBook(busy, "test").Block(t.Context(), blocked)
		ended = busy.steps <= at
		if err != nil {
			wantFault(t, "block", err, fault.Conflict)
		}
		if blocks, readErr := book.Blocks(t.Context()); readErr != nil || (err == nil) != (len(blocks) == 1) {
			t.Errorf("unblocked before step %d: Block says %v, and there are %v (%v)", at, err, blocks, readErr)
		}
	}
}
