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
	for range 50 {
		must(t, book.SaveRun(t.Context(), ledger.NewRun("OrgSync", "", "add", noon)))
	}
	if runs, err := book.Runs(t.Context()); err != nil || len(runs) != 50 {
		t.Errorf("there are %d runs (%v)", len(runs), err)
	}
}

func TestRunComesBack(t *testing.T) {
	book, _ := newBook()
	run := ledger.NewRun("OrgSync", "host-1", "add", noon)
	run.Ended, run.Outcome, run.Error, run.SnapshotAt = noon.Add(time.Minute), ledger.Partial, "why", noon
	run.Rows, run.Planned, run.Done = map[string]int{"Workers": 7}, map[string]int{"rename": 2}, map[string]int{"rename": 1}
	run.Failed, run.Errors, run.Waiting = map[string]int{"rename": 1}, map[string]int{"denied": 1}, 3
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
