package ledger_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

func readTakings(t *testing.T, book *ledger.Book) *ledger.Takings {
	t.Helper()
	takings, err := book.Takings(t.Context())
	must(t, err)
	return takings
}

func taking(n int) rails.Taking {
	return rails.Taking{
		Team: shop(fmt.Sprint(n)), User: user(n), Kind: plan.Demote + plan.Kind(n%2), Stated: n%3 == 0,
		At: noon.Add(time.Duration(n)), Done: n%5 == 0,
	}
}

func TestTakingsComeBack(t *testing.T) {
	book, s := newBook()
	takings := readTakings(t, book)
	must(t, book.SaveTakings(t.Context(), takings))
	if rows := partition(t, s, "blob/takings"); len(takings.All) > 0 || len(rows) > 0 {
		t.Errorf("of no takings there are %v in %v", takings.All, rows)
	}
	var want []rails.Taking
	for _, n := range []int{1, 2, 5_000, 0} {
		want = want[:0]
		for i := range n {
			want = append(want, taking(i+1))
		}
		for range 2 {
			takings.All = slices.Clone(want)
			must(t, book.SaveTakings(t.Context(), takings))
		}
		if takings = readTakings(t, book); !slices.Equal(takings.All, want) {
			t.Fatalf("%d takings came back as %d", n, len(takings.All))
		}
	}
}

// What did not change is not written: it would be a conflict for others.
func TestTakingsUnchanged(t *testing.T) {
	book, s := newBook()
	takings := readTakings(t, book)
	takings.All = []rails.Taking{taking(1), taking(2)}
	must(t, book.SaveTakings(t.Context(), takings))
	before := partition(t, s, "blob/takings")
	for _, again := range []*ledger.Takings{takings, readTakings(t, book)} {
		again.All = slices.Clone(again.All)
		must(t, book.SaveTakings(t.Context(), again))
	}
	if after := partition(t, s, "blob/takings"); !reflect.DeepEqual(after, before) {
		t.Errorf("%v became %v", before, after)
	}
	takings.All[0].Done = !takings.All[0].Done
	must(t, book.SaveTakings(t.Context(), takings))
	if after := partition(t, s, "blob/takings"); reflect.DeepEqual(after, before) {
		t.Error("what changed was not written")
	}
}

// What is no taking is neither written nor read.
func TestMalformedTakings(t *testing.T) {
	for name, break1 := range map[string]func(*rails.Taking){
		"no user":       func(t *rails.Taking) { t.User = org.UserID{} },
		"adds somebody": func(t *rails.Taking) { t.Kind = plan.AddMember },
		"no time":       func(t *rails.Taking) { t.At = time.Time{} },
	} {
		book, _ := newBook()
		takings := readTakings(t, book)
		broken := taking(1)
		break1(&broken)
		takings.All = []rails.Taking{broken}
		wantFault(t, name, book.SaveTakings(t.Context(), takings), fault.Internal)
		if again := readTakings(t, book); len(again.All) > 0 {
			t.Errorf("%s: %v was written", name, again.All)
		}
	}
	for _, line := range []string{
		"{}", "null", "7", "{", `{"team":"x"}`,
		`{"kind":"remove","user":"00000000-0000-0000-0000-000000000001","at":"2026-11-23T12:00:00Z"}`,
		`{"team":"c","kind":"remove","user":"00000000-0000-0000-0000-000000000001"}`,
		`{"team":"c","kind":"dance","user":"00000000-0000-0000-0000-000000000001","at":"2026-11-23T12:00:00Z"}`,
	} {
		book, s := newBook()
		_, err := ledger.WriteBlob(t.Context(), s, "takings", "", writeText(line+"\n"))
		must(t, err)
		_, err = book.Takings(t.Context())
		wantFault(t, line, err, fault.Internal)
	}
}

// Killed or failing at any step, the takings are the old or the new, and what
// was read afterwards can be written.
func TestTakingsMishap(t *testing.T) {
	for _, how := range mishaps() {
		for at, ended := 0, false; !ended; at++ {
			s := new(memledger.Store)
			book := ledger.NewBook(s, "test")
			takings := readTakings(t, book)
			takings.All = []rails.Taking{taking(1)}
			must(t, book.SaveTakings(t.Context(), takings))
			takings.All = []rails.Taking{taking(1), taking(2)}
			failing := failing(s, at, how)
			err := ledger.NewBook(failing, "test").SaveTakings(t.Context(), takings)
			ended = failing.steps <= at
			if ended != (err == nil) {
				t.Fatalf("%+v at %d: %v", how, at, err)
			}
			takings = readTakings(t, book)
			if n := len(takings.All); n < 1 || n > 2 || n == 1 && err == nil {
				t.Fatalf("%+v at %d: there are %d takings", how, at, n)
			}
			takings.All = nil
			must(t, book.SaveTakings(t.Context(), takings))
		}
	}
}

func TestBaselineComesBack(t *testing.T) {
	book, _ := newBook()
	for _, rows := range []map[string]int{{"Workers": 7}, nil} {
		base, err := book.Baseline(t.Context())
		must(t, err)
		want := rails.Baseline{ReadAt: noon, Rows: rows}
		for range 2 {
			base.Baseline = want
			must(t, book.SaveBaseline(t.Context(), base))
		}
		if again, err := book.Baseline(t.Context()); err != nil || !reflect.DeepEqual(again, base) || !reflect.DeepEqual(again.Baseline, want) {
			t.Errorf("it came back as %+v (%v)", again, err)
		}
	}
}

func TestQuarantineComesAndGoes(t *testing.T) {
	book, _ := newBook()
	for range 2 {
		q := &ledger.Quarantine{Quarantine: rails.Quarantine{Since: noon, Run: "r", Tried: 20, Failed: 7}}
		must(t, book.DropQuarantine(t.Context(), q)) // never saved
		must(t, book.SaveQuarantine(t.Context(), q))
		again, err := book.Quarantine(t.Context())
		must(t, err)
		if !reflect.DeepEqual(again, q) {
			t.Errorf("it came back as %+v", again)
		}
		must(t, book.SaveQuarantine(t.Context(), again))
		wantFault(t, "drop what another changed", book.DropQuarantine(t.Context(), q), fault.Conflict)
		must(t, book.DropQuarantine(t.Context(), again))
		must(t, book.DropQuarantine(t.Context(), again))
		if now, err := book.Quarantine(t.Context()); now != nil || err != nil {
			t.Errorf("there is still %+v (%v)", now, err)
		}
	}
}
