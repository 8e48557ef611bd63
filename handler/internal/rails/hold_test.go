package rails_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

func find(t rapid.TB, holds rails.Holds, hash string) rails.Hold {
	t.Helper()
	i := slices.IndexFunc(holds, func(h rails.Hold) bool { return h.Hash == hash })
	if i < 0 {
		t.Fatalf("no hold %s among %+v", hash, holds)
	}
	return holds[i]
}

// over is a world in which the plan returned, of three absent people of store 1,
// is held by the total cap since noon.
func over(t *testing.T) (*world, []plan.Change) {
	t.Helper()
	limits := wide()
	limits.Removals = 2
	w := crowd(2, 20, limits)
	all := many(store(1), 1, 3, org.Absent)
	expect(t, w.check(t, good(noon), noon, changes(all...)), "passed 0, held 3 by total cap")
	return w, all
}

func TestHoldIsKeptWhileItApplies(t *testing.T) {
	w, all := over(t)
	first := w.state.Holds[0]
	if first.Hash != first.Halt.Hash() || !first.Since.Equal(noon) || !first.Expires.Equal(noon.Add(7*day)) || first.Decision != rails.Waiting {
		t.Fatalf("got %+v", first)
	}
	v := w.check(t, good(noon), noon.Add(6*day), changes(all...))
	if got := find(t, v.Holds, first.Hash); !got.Since.Equal(noon) {
		t.Errorf("the hold begins anew: %+v", got)
	}
	v = w.check(t, good(noon), noon.Add(7*day), changes(all...))
	if got := find(t, v.Holds, first.Hash); !got.Since.Equal(noon.Add(7*day)) || !got.Expires.Equal(noon.Add(14*day)) {
		t.Errorf("the hold did not expire: %+v", got)
	}
	if v := w.check(t, good(noon), noon.Add(8*day), plan.Plan{}); len(v.Holds) != 0 {
		t.Errorf("a hold that applies no more is kept: %+v", v.Holds)
	}
}

func TestAllowedPasses(t *testing.T) {
	w, all := over(t)
	w.decide(rails.Allowed, noon)
	hash := w.state.Holds[0].Hash
	w.state.Memory[store(1)] = sighted(1, 4)
	fourth := going(store(1), 4, org.Absent)
	v := w.check(t, good(noon), noon.Add(time.Hour), changes(append(all, fourth)...))
	expect(t, v, "passed 3, held 1 by total cap")
	if len(v.Takings) != 3 {
		t.Errorf("what was allowed is not counted: %+v", v.Takings)
	}
	if got := find(t, v.Holds, hash); got.Decision != rails.Allowed || len(got.Changes) != 3 {
		t.Errorf("the decision is not as it was: %+v", got)
	}
	// Two happened, one failed: the decision stands for that one.
	v = w.check(t, good(noon), noon.Add(2*day), changes(all[2]))
	if got := find(t, v.Holds, hash); got.Decision != rails.Allowed {
		t.Errorf("the decision ended too soon: %+v", got)
	}
	if v = w.check(t, good(noon), noon.Add(2*day), plan.Plan{}); len(v.Holds) != 0 {
		t.Errorf("the decision outlives its changes: %+v", v.Holds)
	}
}

func TestAllowedStillNeedsTwoCompleteReadings(t *testing.T) {
	w, all := over(t)
	w.decide(rails.Allowed, noon)
	short := rails.Source{ReadAt: noon, Short: "Workers is empty"}
	expect(t, w.check(t, short, noon, changes(all...)), "passed 0, later 3 by source")
	w.state.Memory = nil
	expect(t, w.check(t, good(noon), noon, changes(all...)), "passed 0, later 3 by sighting")
	if len(w.state.Holds) != 1 || w.state.Holds[0].Decision != rails.Allowed {
		t.Errorf("waiting for a reading ended the decision: %+v", w.state.Holds)
	}
	expect(t, w.check(t, good(noon.Add(time.Hour)), noon, changes(all...)), "passed 3")
}

func TestAllowedExpires(t *testing.T) {
	w, all := over(t)
	w.decide(rails.Allowed, noon)
	v := w.check(t, good(noon), noon.Add(7*day), changes(all...))
	expect(t, v, "passed 0, held 3 by total cap")
	if len(v.Holds) != 1 || v.Holds[0].Decision != rails.Waiting || !v.Holds[0].Since.Equal(noon.Add(7*day)) || !v.Holds[0].Decided.IsZero() {
		t.Errorf("got %+v", v.Holds)
	}
}

func TestAllowedCoversNothingElse(t *testing.T) {
	w, all := over(t)
	w.decide(rails.Allowed, noon)
	for name, change := range map[string]func(*plan.Change){
		"another team":  func(c *plan.Change) { c.Team = store(2) },
		"another group": func(c *plan.Change) { c.Group = "g-other" },
		"another user":  func(c *plan.Change) { c.User = org.UserID{1, 14: 0, 15: c.User[15]} },
		"another kind":  func(c *plan.Change) { c.Kind = plan.Demote },
	} {
		t.Run(name, func(t *testing.T) {
			other := slices.Clone(all)
			for i := range other {
				change(&other[i])
				other[i].Leave = org.LeftStore
			}
			limits := w.limits
			limits.Removals = 0
			v := rails.Check(changes(other...), w.state, good(noon), limits, noon)
			expect(t, v, "passed 0, held 3 by total cap")
		})
	}
}

func TestRefusedStaysHeldUnderItsHold(t *testing.T) {
	w, all := over(t)
	w.decide(rails.Refused, noon)
	hold := w.state.Holds[0]
	w.limits = wide() // there would be room now
	w.state.Memory[store(1)] = sighted(1, 4)
	v := w.check(t, good(noon), noon.Add(6*day), changes(all[0], all[2], going(store(1), 4, org.Absent)))
	expect(t, v, "passed 1, held 2 by total cap")
	if len(v.Holds) != 1 || !reflect.DeepEqual(v.Holds[0], hold) {
		t.Errorf("the hold is not as it was: %+v, was %+v", v.Holds, hold)
	}
	if v.Plan.Held[0].Why != hold.Why {
		t.Errorf("it is held for another reason: %q", v.Plan.Held[0].Why)
	}
	w.state.Memory[store(1)] = sighted(1, 4)
	expect(t, w.check(t, good(noon), noon.Add(7*day), changes(all...)), "passed 3")
}

func TestRefusedKeepsItsSightings(t *testing.T) {
	w, all := over(t)
	w.decide(rails.Refused, noon)
	before := w.state.Memory[store(1)]
	v := w.check(t, good(noon), noon.Add(day), changes(all...))
	if !reflect.DeepEqual(v.Memory[store(1)], before) {
		t.Errorf("got %+v, want %+v", v.Memory[store(1)], before)
	}
	short := rails.Source{ReadAt: noon, Short: "Workers is empty"}
	expect(t, w.check(t, short, noon.Add(day), changes(all...)), "passed 0, held 3 by total cap")
}

func TestBlockIsStrongerThanAnOlderRefusal(t *testing.T) {
	w, all := over(t)
	w.decide(rails.Refused, noon)
	all[0].Leave = org.Blocked
	expect(t, w.check(t, good(noon), noon.Add(time.Hour), changes(all...)), "passed 1, held 2 by total cap")
}

// replace is the plan's own halt on a second team for a store.
func replace() plan.Halt {
	return plan.Halt{Team: store(7), Rail: plan.RailNewTeam, Why: "gone", Changes: []plan.Change{
		{Team: store(7), Kind: plan.CreateTeam, Group: "g-gone", Name: "Seven"}}}
}

func TestHaltsOfThePlanAreHoldsToo(t *testing.T) {
	w := newWorld(wide())
	bare := plan.Halt{Team: store(8), Rail: plan.RailUnclear, Why: "two ways"}
	v := w.check(t, good(noon), noon, plan.Plan{Held: []plan.Halt{bare, replace()}})
	if len(v.Plan.Held) != 2 || len(v.Holds) != 1 || v.Holds[0].Hash != replace().Hash() {
		t.Fatalf("got %+v", v.Holds)
	}
	w.decide(rails.Refused, noon)
	v = w.check(t, good(noon), noon.Add(day), plan.Plan{Held: []plan.Halt{replace()}})
	if len(v.Holds) != 1 || v.Holds[0].Decision != rails.Refused || !v.Holds[0].Since.Equal(noon) {
		t.Errorf("the refusal is forgotten: %+v", v.Holds)
	}
}

func TestAllowedNewTeamLastsUntilItIsMade(t *testing.T) {
	w := newWorld(wide())
	w.check(t, good(noon), noon, plan.Plan{Held: []plan.Halt{replace()}})
	w.decide(rails.Allowed, noon)
	if !w.state.Holds.Allowed(noon)(replace()) {
		t.Fatal("it is not allowed")
	}
	// What is planned then has no group yet, and a first owner.
	create := plan.Change{Team: store(7), Kind: plan.CreateTeam, User: user(1), Name: "Seven"}
	expect(t, w.check(t, good(noon), noon, changes(create)), "passed 1")
	if !w.state.Holds.Allowed(noon)(replace()) {
		t.Fatal("the decision ended before the team was made")
	}
	if v := w.check(t, good(noon), noon, plan.Plan{}); len(v.Holds) != 0 {
		t.Errorf("the decision outlives the change: %+v", v.Holds)
	}
}

func TestRefusedRestoreIsNotDone(t *testing.T) {
	w := newWorld(wide())
	restore := plan.Change{Team: store(7), Kind: plan.RestoreTeam, Group: "g-7"}
	w.check(t, good(noon), noon, plan.Plan{Held: []plan.Halt{{Team: store(7), Rail: plan.RailDeleted, Changes: []plan.Change{restore}}}})
	w.decide(rails.Refused, noon)
	expect(t, w.check(t, good(noon), noon.Add(day), changes(restore)), "passed 0, held 1 by deleted")
	expect(t, w.check(t, good(noon), noon.Add(7*day), changes(restore)), "passed 1")
}

func TestHoldOfATeamThatWasNotLookedAt(t *testing.T) {
	w, _ := over(t)
	before := w.state.Holds
	w.state.Looked = func(key org.TeamKey) bool { return key != store(1) }
	if v := w.check(t, good(noon), noon.Add(6*day), plan.Plan{}); !reflect.DeepEqual(v.Holds, before) {
		t.Errorf("got %+v", v.Holds)
	}
	if v := w.check(t, good(noon), noon.Add(7*day), plan.Plan{}); len(v.Holds) != 0 {
		t.Errorf("it never expires: %+v", v.Holds)
	}
}

func TestHoldsAllowed(t *testing.T) {
	all := many(store(1), 1, 3, org.Absent)
	halt := plan.Halt{Team: store(1), Rail: plan.RailTeamCap, Changes: all}
	hold := func(d rails.Decision, rail plan.Rail, of ...plan.Change) rails.Hold {
		return rails.Hold{Halt: plan.Halt{Team: store(1), Rail: rail, Changes: of}, Decision: d, Since: noon, Expires: noon.Add(7 * day)}
	}
	for name, test := range map[string]struct {
		holds rails.Holds
		halt  plan.Halt
		after time.Duration
		want  bool
	}{
		"no hold":             {nil, halt, 0, false},
		"allowed":             {rails.Holds{hold(rails.Allowed, plan.RailTeamCap, all...)}, halt, 7*day - 1, true},
		"expired":             {rails.Holds{hold(rails.Allowed, plan.RailTeamCap, all...)}, halt, 7 * day, false},
		"waiting":             {rails.Holds{hold(rails.Waiting, plan.RailTeamCap, all...)}, halt, 0, false},
		"refused":             {rails.Holds{hold(rails.Refused, plan.RailTeamCap, all...)}, halt, 0, false},
		"by another rail":     {rails.Holds{hold(rails.Allowed, plan.RailTotalCap, all...)}, halt, 0, false},
		"not all of it":       {rails.Holds{hold(rails.Allowed, plan.RailTeamCap, all[:2]...)}, halt, 0, false},
		"more than it":        {rails.Holds{hold(rails.Allowed, plan.RailTeamCap, all...)}, plan.Halt{Team: store(1), Rail: plan.RailTeamCap, Changes: all[1:]}, 0, true},
		"in two":              {rails.Holds{hold(rails.Allowed, plan.RailTeamCap, all[:2]...), hold(rails.Allowed, plan.RailTeamCap, all[2])}, halt, 0, true},
		"one of it refused":   {rails.Holds{hold(rails.Refused, plan.RailTeamCap, all[0]), hold(rails.Allowed, plan.RailTeamCap, all...)}, halt, 0, false},
		"nothing to allow":    {rails.Holds{hold(rails.Allowed, plan.RailTeamCap, all...)}, plan.Halt{Team: store(1), Rail: plan.RailTeamCap}, 0, false},
		"refused afterwards":  {rails.Holds{hold(rails.Allowed, plan.RailTeamCap, all...), hold(rails.Refused, plan.RailTeamCap, all[1])}, halt, 0, false},
		"refused by another":  {rails.Holds{hold(rails.Allowed, plan.RailTeamCap, all...), hold(rails.Refused, plan.RailTotalCap, all[1])}, halt, 0, true},
		"not a known decider": {rails.Holds{hold("maybe", plan.RailTeamCap, all...)}, halt, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.holds.Allowed(noon.Add(test.after))(test.halt); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
