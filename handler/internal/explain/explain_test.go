package explain_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/explain"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// What holds are known by: the hash of the team, the rail and the change.
const (
	handsHold    = "6b31d76f77ef7c08"
	capHold      = "6a22013c809f8ce2"
	refusedHold  = "8aeaeb5340a1301f"
	adoptionHold = "032b7066b5116ece"

	mappedGroup = org.TeamID("20000000-0000-0000-0000-000000000001")
)

// dismiss ends a worker's employment, a day ago.
func (w *world) dismiss(worker org.PersonnelNumber) {
	for i, row := range w.snapshot.Employments {
		if row.Worker == worker {
			w.snapshot.Employments[i].End = w.now.Add(-24 * time.Hour)
		}
	}
}

// position gives a worker a position in a department.
func (w *world) position(worker org.PersonnelNumber, id, department string, from, to time.Time, manager org.Flag) {
	w.snapshot.Positions = append(w.snapshot.Positions, org.Position{ID: id, Department: department, TitleID: "T", Title: "Lead"})
	w.snapshot.PositionPermissions = append(w.snapshot.PositionPermissions, org.PositionPermission{Position: id, Manager: manager})
	w.snapshot.Assignments = append(w.snapshot.Assignments, org.Assignment{Position: id, Worker: worker, From: from, To: to})
}

// moreStores adds stores that have managers: one without is then no reason to
// doubt them all.
func (w *world) moreStores() {
	for _, n := range []string{"3", "4", "5"} {
		manager := org.PersonnelNumber("00" + n + "001")
		w.hire(manager)
		w.snapshot.Stores = append(w.snapshot.Stores, org.Store{Number: org.StoreNumber("00010" + n), Channel: "C" + n, Unit: "U" + n, Party: "P" + n})
		w.snapshot.Units = append(w.snapshot.Units, org.Unit{Number: "U" + n, Party: "P" + n, Name: "Shop " + n, Manager: manager})
	}
}

// TestSituations: the clock stands at the first second of 2000 (testing/synctest),
// and the last reading is ten minutes old.
func TestSituations(t *testing.T) {
	for _, c := range slices.Concat(
		comingSituations(), handsSituations(), accountSituations(), unfitSituations(),
		rowSituations(), positionSituations(), railSituations(), teamSituations(), userSituations(), storeSituations(), placeSituations(),
		failureSituations(), blockSituations(),
	) {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.check(t) })
		})
	}
}

func (c situation) check(t *testing.T) {
	w := newWorld()
	if c.before != nil {
		c.before(w)
	}
	if !c.bare {
		w.settle()
	}
	if c.after != nil {
		c.after(w)
	}
	ask := c.ask
	if ask == nil {
		ask = inStore("")
	}
	e, err := ask(w.survey(t), w.events)
	if err != nil {
		t.Fatal(err)
	}
	if e.Verdict != c.verdict {
		t.Errorf("verdict %q\nwant    %q", e.Verdict, c.verdict)
	}
	if !says(e, c.fact) {
		t.Errorf("no fact %q that says %q", c.fact[0], c.fact[1])
	}
	if t.Failed() {
		var text strings.Builder
		if err := e.WriteText(&text); err != nil {
			t.Error(err)
		}
		t.Logf("\n%s", text.String())
	}
}

func says(e explain.Explanation, fact [2]string) bool {
	for _, step := range e.Steps {
		for _, f := range step.Facts {
			if strings.Contains(f.Name, fact[0]) && strings.Contains(f.Value, fact[1]) {
				return true
			}
		}
	}
	return false
}
