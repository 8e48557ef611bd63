package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// did makes an event of a minute after noon.
func did(minute int, what string, store string) ledger.Event {
	key := shop(store)
	return ledger.Event{At: noon.Add(time.Duration(minute) * time.Minute), Team: &key, What: what, Text: what}
}

func whats(events []ledger.Event) []string {
	names := []string{}
	for _, e := range events {
		names = append(names, e.What)
	}
	return names
}

// What runs and operators did is one story, in order, and each question gets its
// own part of it. A run that was killed left no events, and spoils nothing.
func TestEvents(t *testing.T) {
	book, _ := newBook()
	ctx := t.Context()
	for minute, events := range map[int][]ledger.Event{
		0: {did(1, "add", "1"), did(3, "remove", "2")},
		5: {did(6, "add again", "1")},
		7: nil, // killed
		8: nil, // did nothing
	} {
		run := ledger.NewRun("OrgSync", "", "full", noon.Add(time.Duration(minute)*time.Minute))
		if len(events) > 0 {
			must(t, book.SaveEvents(ctx, run.ID, events))
		}
		if minute < 8 {
			run.Done = map[string]int{"add member": 1}
		}
		must(t, book.SaveRun(ctx, run))
	}
	must(t, book.RecordAct(ctx, did(2, "block", "1")))
	must(t, book.RecordAct(ctx, ledger.Event{At: noon.Add(4 * time.Minute), What: "rebuild", Text: "rebuild"}))

	all, err := book.Events(ctx, func(ledger.Event) bool { return true })
	must(t, err)
	if got, want := whats(all), []string{"add", "block", "remove", "rebuild", "add again"}; !slices.Equal(got, want) {
		t.Errorf("all are %q, want %q", got, want)
	}
	of, err := book.Events(ctx, func(e ledger.Event) bool { return e.Team != nil && *e.Team == shop("1") })
	must(t, err)
	if got, want := whats(of), []string{"add", "block", "add again"}; !slices.Equal(got, want) {
		t.Errorf("of store 1 are %q, want %q", got, want)
	}
}

// Events go with their run's record, acts after 90 days and not before.
func TestOldEventsAreForgotten(t *testing.T) {
	book, _ := newBook()
	ctx := t.Context()
	for i := range 101 {
		run := ledger.NewRun("OrgSync", "", "full", noon.Add(time.Duration(i)*time.Minute))
		run.Done = map[string]int{"add member": 1}
		must(t, book.SaveEvents(ctx, run.ID, []ledger.Event{did(i, "add", "1")}))
		must(t, book.SaveRun(ctx, run))
	}
	must(t, book.RecordAct(ctx, did(0, "block", "1")))
	must(t, book.RecordAct(ctx, did(1, "unblock", "1")))
	must(t, book.ForgetRuns(ctx))
	must(t, book.ForgetActs(ctx, noon.Add(90*24*time.Hour)))
	left, err := book.Events(ctx, func(ledger.Event) bool { return true })
	must(t, err)
	if len(left) != 101 || left[0].What != "add" && left[1].What != "add" || slices.Contains(whats(left), "block") || !slices.Contains(whats(left), "unblock") {
		t.Errorf("%d events are left, the first %+v", len(left), left[:min(3, len(left))])
	}
}
