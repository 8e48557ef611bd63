package ledger_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

const week = 7 * 24 * time.Hour

// held is a hold of one store's removals.
func held(store string) rails.Hold {
	halt := plan.Halt{
		Team: shop(store), Rail: plan.RailTeamCap, Why: "too many",
		Changes: []plan.Change{{Team: shop(store), Kind: plan.Remove, Group: "g", User: user(1), Worker: "000042"}},
	}
	return rails.Hold{Halt: halt, Hash: halt.Hash(), Since: noon, Expires: noon.Add(week), Decision: rails.Waiting}
}

// byHash puts holds in the order in which they are read.
func byHash(holds ...rails.Hold) rails.Holds {
	slices.SortFunc(holds, func(a, b rails.Hold) int {
		if a.Hash < b.Hash {
			return -1
		}
		return 1
	})
	return holds
}

func readHolds(t *testing.T, book *ledger.Book) *ledger.Holds {
	t.Helper()
	holds, err := book.Holds(t.Context())
	must(t, err)
	return holds
}

func saveHolds(t *testing.T, book *ledger.Book, want ...rails.Hold) {
	t.Helper()
	must(t, book.SaveHolds(t.Context(), readHolds(t, book), want))
}

// wantHolds asserts what is in the ledger and, if given, in the value written.
func wantHolds(t *testing.T, book *ledger.Book, written *ledger.Holds, want ...rails.Hold) {
	t.Helper()
	for _, holds := range []*ledger.Holds{readHolds(t, book), written} {
		if holds != nil && !slices.EqualFunc(holds.All(), byHash(want...), func(a, b rails.Hold) bool { return reflect.DeepEqual(a, b) }) {
			t.Fatalf("the holds are %+v, want %+v", holds.All(), want)
		}
	}
}

func TestHoldsComeBack(t *testing.T) {
	book, s := newBook()
	wantHolds(t, book, nil)
	a, b, c := held("a"), held("b"), held("c")
	holds := readHolds(t, book)
	must(t, book.SaveHolds(t.Context(), holds, rails.Holds{a, b}))
	wantHolds(t, book, holds, a, b)
	before := partition(t, s, "hold")
	b.Why = "still too many"
	must(t, book.SaveHolds(t.Context(), holds, rails.Holds{c, b, a}))
	wantHolds(t, book, holds, a, b, c)
	after := partition(t, s, "hold")
	if after[a.Hash] != before[a.Hash] || after[b.Hash] == before[b.Hash] {
		t.Error("a hold that did not change was written, or one that did was not")
	}
	must(t, book.SaveHolds(t.Context(), readHolds(t, book), rails.Holds{c}))
	wantHolds(t, book, nil, c)
}

// partition is the versions of a partition's rows.
func partition(t *testing.T, s ledger.Store, name string) map[string]string {
	t.Helper()
	versions := map[string]string{}
	for row, err := range s.List(t.Context(), name, "") {
		must(t, err)
		versions[row.Row] = row.ETag
	}
	return versions
}

func decide(t *testing.T, book *ledger.Book, h rails.Hold, d rails.Decision, now time.Time) rails.Hold {
	t.Helper()
	decided, err := book.Decide(t.Context(), h.Hash, d, now)
	must(t, err)
	want := h
	want.Decision, want.Decided = d, now
	if !reflect.DeepEqual(decided, want) {
		t.Fatalf("decided is %+v, want %+v", decided, want)
	}
	return decided
}

func TestDecide(t *testing.T) {
	book, s := newBook()
	a, b := held("a"), held("b")
	saveHolds(t, book, a, b)
	later := noon.Add(time.Hour)
	allowed := decide(t, book, a, rails.Allowed, later)
	wantHolds(t, book, nil, allowed, b)
	before := partition(t, s, "hold")
	if again, err := book.Decide(t.Context(), a.Hash, rails.Allowed, later.Add(time.Hour)); err != nil || !reflect.DeepEqual(again, allowed) {
		t.Errorf("the same again is %+v (%v)", again, err)
	}
	if after := partition(t, s, "hold"); after[a.Hash] != before[a.Hash] {
		t.Error("the same again was written")
	}
	wantHolds(t, book, nil, decide(t, book, a, rails.Refused, a.Expires.Add(-1)), b)
	_, err := book.Decide(t.Context(), a.Hash, rails.Refused, a.Expires)
	wantFault(t, "expired", err, fault.Conflict)
	for _, hash := range []string{"0123456789abcdef", "", "\xff"} {
		_, err = book.Decide(t.Context(), hash, rails.Allowed, noon)
		wantFault(t, fmt.Sprintf("unknown hash %q", hash), err, fault.NotFound)
	}
	for _, d := range []rails.Decision{"", rails.Waiting, "perhaps"} {
		_, err = book.Decide(t.Context(), b.Hash, d, noon)
		wantFault(t, fmt.Sprintf("decision %q", d), err, fault.Invalid)
	}
}

// A person decides between any two steps of a run's writing. Their decision is
// there afterwards, or was made on a hold that there is no more; it is never
// lost, and never an error of the run.
func TestDecisionMeanwhile(t *testing.T) {
	before := held("a")
	changed := before
	changed.Why = "still too many"
	for name, want := range map[string]rails.Holds{"kept": {before}, "changed": {changed}, "dropped": {}, "beside another": {changed, held("b")}} {
		t.Run(name, func(t *testing.T) {
			for at, ended := 0, false; !ended; at++ {
				book, s := newBook()
				saveHolds(t, book, before)
				var decided error
				busy := interrupt(s, at, func() {
					_, decided = book.Decide(t.Context(), before.Hash, rails.Allowed, noon)
				})
				run := ledger.NewBook(busy, "test")
				holds, err := run.Holds(t.Context())
				must(t, err)
				must(t, run.SaveHolds(t.Context(), holds, want))
				ended = busy.steps <= at
				checkDecision(t, book, holds, before.Hash, at, decided, ended)
			}
		})
	}
}

func checkDecision(t *testing.T, book *ledger.Book, written *ledger.Holds, hash string, at int, decided error, ended bool) {
	t.Helper()
	there := slices.ContainsFunc(readHolds(t, book).All(), func(h rails.Hold) bool {
		return h.Hash == hash && h.Decision == rails.Allowed
	})
	switch {
	case decided != nil && !fault.Is(decided, fault.NotFound):
		t.Fatalf("decided before step %d: %v", at, decided)
	case !ended && at > 0 && decided == nil && !there:
		t.Fatalf("a decision before step %d is lost", at)
	case (decided != nil || ended) && there:
		t.Fatalf("step %d: nobody decided so", at)
	}
	if len(written.All()) != len(readHolds(t, book).All()) {
		t.Fatalf("decided before step %d: the run takes %+v for the holds", at, written.All())
	}
}

// A run writes between any two steps of a person's decision, who decided on
// what they saw: it counts.
func TestRunMeanwhile(t *testing.T) {
	before := held("a")
	for at, ended := 0, false; !ended; at++ {
		book, s := newBook()
		saveHolds(t, book, before)
		changed := before
		changed.Why = "still too many"
		busy := interrupt(s, at, func() { saveHolds(t, book, changed) })
		_, err := ledger.NewBook(busy, "test").Decide(t.Context(), before.Hash, rails.Allowed, noon)
		must(t, err)
		ended = busy.steps <= at
		if all := readHolds(t, book).All(); all[0].Decision != rails.Allowed {
			t.Fatalf("a run before step %d undid the decision", at)
		}
	}
}

// Two runs that write the same holds at once end with them, whatever the order.
func TestHoldsOfTwoRuns(t *testing.T) {
	a, b := held("a"), held("b")
	for name, theirs := range map[string]rails.Holds{"the same": {a, b}, "others": {b}, "none": {}} {
		t.Run(name, func(t *testing.T) {
			for at, ended := 0, false; !ended; at++ {
				book, s := newBook()
				saveHolds(t, book, a)
				busy := interrupt(s, at, func() { saveHolds(t, book, theirs...) })
				run := ledger.NewBook(busy, "test")
				ours := a
				ours.Why = "still too many"
				holds, err := run.Holds(t.Context())
				must(t, err)
				must(t, run.SaveHolds(t.Context(), holds, rails.Holds{ours}))
				ended = busy.steps <= at
				saveHolds(t, book, ours) // the next run's
				wantHolds(t, book, nil, ours)
			}
		})
	}
}

// Killed or failing at any step, saving again ends with the holds wanted.
func TestHoldsMishap(t *testing.T) {
	gone, stays, comes := held("gone"), held("stays"), held("comes")
	stays.Why = "as before"
	for _, how := range mishaps() {
		for at, ended := 0, false; !ended; at++ {
			s := new(memledger.Store)
			book := ledger.NewBook(s, "test")
			saveHolds(t, book, gone, held("stays"))
			failing := failing(s, at, how)
			broken := ledger.NewBook(failing, "test")
			holds, err := broken.Holds(t.Context())
			if err == nil {
				err = broken.SaveHolds(t.Context(), holds, rails.Holds{stays, comes})
			}
			ended = failing.steps <= at
			if ended != (err == nil) || !ended && !fault.Is(err, fault.Unavailable) {
				t.Fatalf("%+v at %d: %v", how, at, err)
			}
			saveHolds(t, book, stays, comes)
			wantHolds(t, book, nil, stays, comes)
		}
	}
}

// A decision whose answer was lost stands, and may be made again.
func TestLostDecision(t *testing.T) {
	book, s := newBook()
	a := held("a")
	saveHolds(t, book, a)
	lost := errors.New("lost")
	if _, err := ledger.NewBook(&losing{s, lost}, "test").Decide(t.Context(), a.Hash, rails.Refused, noon); !errors.Is(err, lost) {
		t.Fatalf("error %v", err)
	}
	if _, err := book.Decide(t.Context(), a.Hash, rails.Refused, noon); err != nil {
		t.Error(err)
	}
}
