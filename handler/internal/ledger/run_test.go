package ledger_test

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
)

func TestRunsAreInOrder(t *testing.T) {
	book, _ := newBook()
	if _, err := book.LastRun(t.Context()); !fault.Is(err, fault.NotFound) {
		t.Errorf("the last of no runs: %v", err)
	}
	elsewhere := time.FixedZone("elsewhere", -5*3600)
	for _, after := range []time.Duration{time.Hour, 0, 2 * time.Millisecond, 30 * 24 * time.Hour, time.Minute} {
		must(t, book.SaveRun(t.Context(), ledger.NewRun("OrgSync", "", "add", noon.Add(after).In(elsewhere))))
	}
	runs, err := book.Runs(t.Context())
	must(t, err)
	for i := 1; i < len(runs); i++ {
		if runs[i].Started.Before(runs[i-1].Started) {
			t.Errorf("%s comes after %s", runs[i].ID, runs[i-1].ID)
		}
	}
	last, err := book.LastRun(t.Context())
	must(t, err)
	if len(runs) != 5 || !last.Started.Equal(noon.Add(30*24*time.Hour)) || last.Outcome != ledger.Unfinished {
		t.Errorf("of %d runs the last is %+v", len(runs), last)
	}
}

func TestRunsOfOneInstantAreTwo(t *testing.T) {
	book, _ := newBook()
	last := ""
	for range 50 {
		run := ledger.NewRun("OrgSync", "", "add", noon)
		must(t, book.SaveRun(t.Context(), run))
		last = max(last, run.ID)
	}
	if runs, err := book.Runs(t.Context()); err != nil || len(runs) != 50 {
		t.Errorf("there are %d runs (%v)", len(runs), err)
	}
	if run, err := book.LastRun(t.Context()); err != nil || run.ID != last {
		t.Errorf("the last run is %v (%v), want %s", run, err, last)
	}
}

// The last run is the one that began last, by however little and whatever its
// id.
func TestLastRunBeganLast(t *testing.T) {
	book, _ := newBook()
	want := ledger.NewRun("OrgSync", "", "add", noon.Add(time.Nanosecond))
	must(t, book.SaveRun(t.Context(), want))
	for range 20 {
		must(t, book.SaveRun(t.Context(), ledger.NewRun("OrgSync", "", "add", noon)))
	}
	older := ledger.NewRun("OrgSync", "", "add", noon.Add(-time.Hour))
	older.ID = "z" + older.ID
	must(t, book.SaveRun(t.Context(), older))
	if run, err := book.LastRun(t.Context()); err != nil || run.ID != want.ID {
		t.Errorf("the last run is %v (%v), want %s", run, err, want.ID)
	}
}

func TestRunComesBack(t *testing.T) {
	book, _ := newBook()
	run := ledger.NewRun("OrgSync", "host-1", "add", noon)
	run.Ended, run.Outcome, run.Error, run.SnapshotAt = noon.Add(time.Minute), ledger.Partial, "why", noon
	run.Rows, run.Planned, run.Done = map[string]int{"Workers": 7}, map[string]int{"rename": 2}, map[string]int{"rename": 1}
	run.Failed, run.Errors, run.Waiting = map[string]int{"rename": 1}, map[string]int{"denied": 1}, 3
	run.Held, run.Later, run.Skipped, run.Extras, run.Short, run.Slowed = 1, 2, 3, 4, "Workers came short", true
	run.Notes = []ledger.Note{{Kind: "failed", Team: "store 000135", Text: "rename: denied"}}
	must(t, book.SaveRun(t.Context(), run))
	must(t, book.SaveRun(t.Context(), run))
	if last, err := book.LastRun(t.Context()); err != nil || !reflect.DeepEqual(last, run) {
		t.Errorf("it came back as %+v (%v)", last, err)
	}
}

func writeText(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

func readPlan(t *testing.T, book *ledger.Book, run string) (text string, err error) {
	t.Helper()
	err = book.ReadPlan(t.Context(), run, func(r io.Reader) error {
		all, err := io.ReadAll(r)
		text = string(all)
		return err
	})
	return text, err
}

func TestPlans(t *testing.T) {
	book, _ := newBook()
	_, err := readPlan(t, book, "none")
	wantFault(t, "no plan", err, fault.NotFound)
	for run, text := range map[string]string{"empty": "", "short": "+ owner\n", "long": strings.Repeat("+ member ü\n", 1<<20)} {
		must(t, book.SavePlan(t.Context(), run, writeText(text)))
		if got, err := readPlan(t, book, run); err != nil || got != text {
			t.Errorf("%s: %d bytes came back as %d (%v)", run, len(text), len(got), err)
		}
	}
}

// The last hundred stay. What another instance deleted already, or the plan of
// a run that had none, is no error.
func TestForgetRuns(t *testing.T) {
	book, s := newBook()
	must(t, book.ForgetRuns(t.Context()))
	var ids []string
	for i := range 107 {
		run := ledger.NewRun("OrgSync", fmt.Sprint(i), "add", noon.Add(time.Duration(i)*time.Minute))
		ids = append(ids, run.ID)
		must(t, book.SaveRun(t.Context(), run))
		if i != 2 {
			must(t, book.SavePlan(t.Context(), run.ID, writeText("plan "+run.ID)))
		}
	}
	must(t, ledger.DeleteBlob(t.Context(), s, "plan/"+ids[4])) // somebody is halfway through
	for range 2 {
		must(t, book.ForgetRuns(t.Context()))
	}
	runs, err := book.Runs(t.Context())
	must(t, err)
	if len(runs) != 100 || runs[0].ID != ids[7] || runs[99].ID != ids[106] {
		t.Errorf("%d runs are left, from %s to %s", len(runs), runs[0].ID, runs[len(runs)-1].ID)
	}
	for i, id := range ids {
		text, err := readPlan(t, book, id)
		if kept := i >= 7; kept != (err == nil) || kept && text != "plan "+id {
			t.Errorf("run %d's plan is %q (%v)", i, text, err)
		}
	}
}

// Two instances clean up at once, or one still writes what the other deletes:
// none of it is an error, and what is left over goes the next time.
func TestForgetRunsMeanwhile(t *testing.T) {
	_, full := newBook()
	var old *ledger.Run
	for i := range 101 {
		run := ledger.NewRun("OrgSync", "", "add", noon.Add(time.Duration(i)))
		must(t, ledger.NewBook(full, "test").SaveRun(t.Context(), run))
		if i == 0 {
			old = run
		}
	}
	for name, meanwhile := range map[string]func(*ledger.Book) error{
		"forgotten": func(b *ledger.Book) error { return b.ForgetRuns(t.Context()) },
		"written": func(b *ledger.Book) error {
			runs, err := b.Runs(t.Context())
			if err == nil && runs[0].ID == old.ID {
				err = b.SaveRun(t.Context(), runs[0])
			}
			return err
		},
	} {
		for at, ended := 0, false; !ended; at++ {
			s := new(memledger.Store)
			for row, err := range full.List(t.Context(), "run", "") {
				must(t, err)
				_, err = s.Put(t.Context(), row.Key, row.Value, "")
				must(t, err)
			}
			book := ledger.NewBook(s, "test")
			must(t, book.SavePlan(t.Context(), old.ID, writeText("plan")))
			busy := interrupt(s, at, func() { must(t, meanwhile(book)) })
			if err := ledger.NewBook(busy, "test").ForgetRuns(t.Context()); err != nil {
				t.Fatalf("%s before step %d: %v", name, at, err)
			}
			ended = busy.steps <= at
			must(t, book.ForgetRuns(t.Context()))
			if runs, err := book.Runs(t.Context()); err != nil || len(runs) != 100 || runs[0].ID == old.ID {
				t.Fatalf("%s before step %d: %d runs are left (%v)", name, at, len(runs), err)
			}
			_, err := readPlan(t, book, old.ID)
			wantFault(t, name, err, fault.NotFound)
		}
	}
}
