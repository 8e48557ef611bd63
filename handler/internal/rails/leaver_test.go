package rails_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// Whatever keeps a leaver in, it is from the first statement on that they are
// late, until they are out or a person says that they stay.
func TestLeaversAreOverdue(t *testing.T) {
	overdue := func(v rails.Verdict, now time.Time) int { return len(v.Overdue(store(1), time.Hour, now)) }
	limits := wide()
	limits.Removals = 0 // everybody is held
	w := crowd(1, 20, limits)
	first := w.check(t, good(noon), noon, changes(going(store(1), 1, org.LeftCompany)))
	if n := overdue(first, noon.Add(59*time.Minute)); n != 0 {
		t.Errorf("%d are overdue within the hour", n)
	}
	later := noon.Add(time.Hour)
	both := w.check(t, good(later), later, changes(going(store(1), 1, org.LeftCompany), going(store(1), 2, org.LeftStore)))
	if n := overdue(both, later); n != 1 {
		t.Errorf("%d are overdue although another hold keeps them now, want 1", n)
	}
	for i, hold := range w.state.Holds {
		if len(hold.Changes) == 2 {
			w.state.Holds[i].Decision = rails.Refused
		}
	}
	refused := w.check(t, good(later), later, changes(going(store(1), 1, org.LeftCompany), going(store(1), 2, org.LeftStore)))
	if n := overdue(refused, later.Add(day)); n != 0 {
		t.Errorf("%d are overdue whom a person keeps in", n)
	}
	out := w.check(t, good(later), later, changes())
	if n := len(out.Memory[store(1)].Leavers); n != 0 {
		t.Errorf("%d leavers are remembered who are out", n)
	}
}

func TestLastOwnerIsOverdueToo(t *testing.T) {
	w := crowd(1, 20, wide())
	p := plan.Plan{Skipped: []plan.Halt{{Team: store(1), Rail: plan.RailLastOwner, Changes: []plan.Change{going(store(1), 1, org.LeftCompany)}}}}
	w.check(t, good(noon), noon, p)
	later := noon.Add(2 * time.Hour)
	if v := w.check(t, good(later), later, p); len(v.Overdue(store(1), time.Hour, later)) != 1 {
		t.Errorf("the last owner, who left, is in unnoticed: %+v", v.Memory)
	}
}

// Who refused to let somebody go for want of a row has not said that they may
// stay once a row states that they left.
func TestRefusalOfAnAbsenceIsNoneOfAStatement(t *testing.T) {
	limits := wide()
	limits.Removals = 0
	w := crowd(1, 20, limits)
	w.state.Memory = map[org.TeamKey]rails.Memory{store(1): sighted(1, 1)}
	later := noon.Add(time.Hour)
	w.check(t, good(later), later, changes(going(store(1), 1, org.Absent)))
	if len(w.state.Holds) != 1 {
		t.Fatalf("holds are %+v", w.state.Holds)
	}
	w.state.Holds[0].Decision = rails.Refused
	w.limits.Removals = 10
	expect(t, w.check(t, good(later), later, changes(going(store(1), 1, org.Absent))), "passed 0, held 1 by total cap")
	expect(t, w.check(t, good(later), later, changes(going(store(1), 1, org.LeftCompany))), "passed 1")
}
