package tasklist_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
)

// story is everything that can become of two lists, one look after the other.
func story(w *world) {
	minute := func() {
		w.now = w.now.Add(time.Minute)
		w.settle()
		w.history = append(w.history, w.print())
	}
	w.settle()
	w.now = w.now.Add(5 * time.Minute) // the board was claimed, if not made
	w.draft("all")
	w.list("summer", "West")
	w.complete("summer-send", worker)
	minute() // a refusal
	w.complete("spring-send", manager)
	minute() // a preview
	w.complete("spring-send", manager)
	w.complete("summer-send", manager)
	minute() // it is sent; and a preview
	w.work(2)
	w.complete("summer-send", manager)
	minute()
	w.work(4)
	minute()
	w.edit("spring-send", task.Instructions, "North")
	w.remove("spring-b")
	minute()
	w.work(4)
	w.edit("summer-send", task.Title, "Cancel")
	w.now = w.now.Add(20 * time.Minute)
	minute() // spring-b is gone for the second time; summer is withdrawn
	w.work(4)
	minute()
	w.do("000001", task.Completed)
	w.do("000003", task.Completed)
	w.now = w.now.Add(5 * time.Minute)
	minute()
}

// sameHistory checks that each look ended in the same state.
func sameHistory(t *testing.T, got, want []string) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("look %d ends with %s", i, difference(got[i], want[i]))
		}
	}
}

// difference is the first line that differs.
func difference(got, want string) string {
	wanted := strings.Split(want, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(wanted) || line != wanted[i] {
			return fmt.Sprintf("\n%s\nwant\n%s", line, strings.Join(wanted[i:min(i+1, len(wanted))], ""))
		}
	}
	return "less"
}

func TestKilledAnywhereTheEndIsTheSame(t *testing.T) {
	t.Parallel()
	calm := newWorld(t, 4)
	story(calm)
	want := calm.history
	calm.inState("spring-send", task.Done)
	calm.inState("summer-send", task.Withdrawn)
	if calm.effects < 25 {
		t.Fatalf("the story has %d effects only", calm.effects)
	}
	for n := 1; n <= calm.effects; n++ {
		for _, behind := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d behind %t", n, behind), func(t *testing.T) {
				w := newWorld(t, 4)
				w.killAt(n, behind)
				story(w)
				if w.effects < n {
					t.Fatalf("nobody was killed: %d effects", w.effects)
				}
				sameHistory(t, w.history, want)
			})
		}
	}
}

// Another instance looks at the board in the middle of a look, at each effect.
func TestTwoLooksAtOnceSendOnce(t *testing.T) {
	t.Parallel()
	calm := newWorld(t, 4)
	story(calm)
	want := calm.history
	for n := 2; n <= calm.effects; n++ { // at the first the board is just claimed
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := newWorld(t, 4)
			w.before = func(m int, _ string) error {
				if m == n {
					if _, err := w.engine().Settle(t.Context()); err != nil {
						return err
					}
				}
				return nil
			}
			story(w)
			sameHistory(t, w.history, want)
		})
	}
}

// The first completion must not count for the second, whatever was lost between.
func TestOneCompletionNeverSends(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		for _, behind := range []bool{false, true} {
			w := newWorld(t, 4)
			w.draft("all")
			w.effects = 0
			w.killAt(n+1, behind)
			w.complete("spring-send", manager)
			for range 5 {
				w.settle()
				w.now = w.now.Add(time.Minute)
			}
			w.inState("spring-send", task.Draft)
			w.shows("spring-send", task.InProgress, preview)
			if len(w.inbox) > 0 {
				t.Errorf("cut off at effect %d: sent", n+1)
			}
		}
	}
}

func TestAStaleReadingOfTheFirstCompletionDoesNotSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.complete("spring-send", manager)
	old := copied(w.cards["spring-send"].item)
	w.settle()
	w.stale = map[string]tasksync.Item{"spring-send": old}
	w.settle()
	w.inState("spring-send", task.Draft)
	w.stale = nil
	w.settle()
	w.shows("spring-send", task.InProgress, preview)
	if len(w.inbox) > 0 {
		t.Error("sent")
	}
}

func TestAnAnswerFromBeforeTheReopeningSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.lag = true
	w.complete("spring-send", manager)
	old := copied(w.cards["spring-send"].item)
	w.settle()
	w.stale = map[string]tasksync.Item{"spring-send": old}
	w.lag = false
	for range 2 { // the stale reading ends
		if _, err := w.engine().Settle(t.Context()); err != nil && !fault.Is(err, fault.Conflict) {
			t.Fatal(err)
		}
		w.stale = nil
	}
	w.inState("spring-send", task.Draft)
	w.shows("spring-send", task.InProgress, preview)
	if len(w.inbox) > 0 {
		t.Error("sent")
	}
}

func TestWhatPeopleTypeMeanwhileCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4)
	w.draft("all")
	w.complete("spring-send", manager)
	typed := false
	w.before = func(_ int, kind string) error {
		if kind == "change" && !typed {
			typed = true
			w.edit("spring-send", task.Instructions, "North")
		}
		return nil
	}
	w.settle()
	w.shows("spring-send", task.InProgress, strings.Replace(preview, "4 stores", "2 stores", 1))
	if got := w.cards["spring-send"].item.State.Values[task.Instructions]; got != "North" {
		t.Errorf("the targets became %q", got)
	}
	w.before = func(_ int, kind string) error {
		if kind == "change" {
			w.edit("spring-send", task.Instructions, "West")
		}
		return nil
	}
	w.complete("spring-send", manager)
	if _, err := w.engine().Settle(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("typing without end: %v", err)
	}
}
