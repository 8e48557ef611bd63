package rails_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// TestHands tells what happens to one person of store 1, moment by moment.
func TestHands(t *testing.T) {
	type moment struct {
		after   time.Duration // since noon
		missing bool          // taken out by hand, and Commerce wants them
		want    string
	}
	const (
		nothing = "passed 0"
		later   = "passed 0, later 1 by delay"
		passes  = "passed 1"
		held    = "passed 0, held 1 by hands"
	)
	there, missing := false, true
	tests := map[string][]moment{
		"put back after the delay": {
			{0, missing, later}, {59 * time.Minute, missing, later}, {time.Hour, missing, passes}, {61 * time.Minute, there, nothing}},
		"the delay counts from the first notice": {
			{0, missing, later}, {50 * time.Minute, missing, later}, {100 * time.Minute, missing, passes}},
		"came back by themselves, so a later removal waits anew": {
			{0, missing, later}, {30 * time.Minute, there, nothing}, {2 * time.Hour, missing, later}, {3 * time.Hour, missing, passes}},
		"a putting back that never happened is tried again": {
			{0, missing, later}, {time.Hour, missing, passes}, {75 * time.Minute, missing, passes}, {10 * time.Hour, missing, passes}},
		"removed again": {
			{0, missing, later}, {time.Hour, missing, passes}, {2 * time.Hour, there, nothing}, {3 * time.Hour, missing, held}, {4 * time.Hour, missing, held}},
		"removed again on the last of thirty days": {
			{0, missing, later}, {time.Hour, missing, passes}, {2 * time.Hour, there, nothing}, {30*day + 59*time.Minute, missing, held}},
		"removed again after thirty days": {
			{0, missing, later}, {time.Hour, missing, passes}, {2 * time.Hour, there, nothing},
			{30*day + time.Hour, missing, later}, {30*day + 2*time.Hour, missing, passes}},
		"time alone does not end a hold": {
			{0, missing, later}, {time.Hour, missing, passes}, {2 * time.Hour, there, nothing}, {3 * time.Hour, missing, held}, {90 * day, missing, held}},
		"removed a third time": {
			{0, missing, later}, {time.Hour, missing, passes}, {2 * time.Hour, there, nothing}, {3 * time.Hour, missing, held},
			{4 * time.Hour, there, nothing}, {5 * time.Hour, missing, held}},
	}
	for name, moments := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(wide())
			for i, m := range moments {
				w.there[user(1)] = !m.missing
				var p plan.Plan
				if m.missing {
					p = changes(back(store(1), 1))
				}
				v := w.check(t, good(noon), noon.Add(m.after), p)
				if got := outcome(v); got != m.want {
					t.Fatalf("moment %d: got %q, want %q", i, got, m.want)
				}
			}
		})
	}
}

func TestHandsWithoutADelay(t *testing.T) {
	limits := wide()
	limits.HandsDelay = 0
	w := newWorld(limits)
	expect(t, w.check(t, good(noon), noon, changes(back(store(1), 1))), "passed 1")
}

// held is a world in which user 1 of store 1 was put back and removed again, at
// noon.
func heldByHands(t *testing.T) *world {
	t.Helper()
	w := newWorld(wide())
	w.state.Memory = map[org.TeamKey]rails.Memory{store(1): {Hands: []rails.Hand{
		{User: user(1), Noticed: noon.Add(-3 * time.Hour), PutBack: noon.Add(-2 * time.Hour), Back: noon.Add(-time.Hour)}}}}
	expect(t, w.check(t, good(noon), noon, changes(back(store(1), 1))), "passed 0, held 1 by hands")
	return w
}

func TestAllowedHandPassesOnce(t *testing.T) {
	w := heldByHands(t)
	w.decide(rails.Allowed, noon)
	p := changes(back(store(1), 1))
	expect(t, w.check(t, good(noon), noon.Add(time.Minute), p), "passed 1")
	expect(t, w.check(t, good(noon), noon.Add(time.Hour), p), "passed 1") // the run was killed
	w.there[user(1)] = true
	if v := w.check(t, good(noon), noon.Add(2*time.Hour), plan.Plan{}); len(v.Holds) != 0 {
		t.Errorf("the decision is used up, and there is still %+v", v.Holds)
	}
	w.there[user(1)] = false
	expect(t, w.check(t, good(noon), noon.Add(3*time.Hour), p), "passed 0, held 1 by hands")
}

func TestRefusedHandStaysHeld(t *testing.T) {
	w := heldByHands(t)
	w.decide(rails.Refused, noon)
	p := changes(back(store(1), 1))
	expect(t, w.check(t, good(noon), noon.Add(6*day), p), "passed 0, held 1 by hands")
	v := w.check(t, good(noon), noon.Add(7*day), p)
	expect(t, v, "passed 0, held 1 by hands")
	if len(v.Holds) != 1 || v.Holds[0].Decision != rails.Waiting || !v.Holds[0].Since.Equal(noon.Add(7*day)) {
		t.Errorf("a refusal that expired is not asked about anew: %+v", v.Holds)
	}
}

func TestAnotherHandIsAskedAboutOnItsOwn(t *testing.T) {
	w := heldByHands(t)
	first := w.state.Holds[0]
	m := w.state.Memory[store(1)]
	m.Hands = append(m.Hands, rails.Hand{User: user(2), Noticed: noon.Add(-3 * time.Hour), PutBack: noon.Add(-2 * time.Hour), Back: noon})
	w.state.Memory[store(1)] = m
	v := w.check(t, good(noon), noon.Add(time.Hour), changes(back(store(1), 1), back(store(1), 2)))
	if len(v.Holds) != 2 || !reflect.DeepEqual(first.Since, find(t, v.Holds, first.Hash).Since) {
		t.Errorf("a second person changed the first one's hold: %+v", v.Holds)
	}
}

func TestHandIsForgotten(t *testing.T) {
	put := rails.Hand{User: user(1), Noticed: noon.Add(-2 * time.Hour), PutBack: noon.Add(-time.Hour), Back: noon}
	tests := map[string]struct {
		hand  rails.Hand
		after time.Duration
		there bool
		kept  bool
	}{
		"there, within thirty days":   {put, 29 * day, true, true},
		"there, after thirty days":    {put, 30 * day, true, false},
		"no longer wanted":            {put, time.Hour, false, false},
		"came back before the delay":  {rails.Hand{User: user(1), Noticed: noon}, time.Minute, true, false},
		"no longer wanted, not back":  {rails.Hand{User: user(1), Noticed: noon, PutBack: noon}, time.Minute, false, false},
		"first seen after it was put": {rails.Hand{User: user(1), Noticed: noon, PutBack: noon}, time.Minute, true, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(wide())
			w.there[user(1)] = test.there
			w.state.Memory = map[org.TeamKey]rails.Memory{store(1): {Hands: []rails.Hand{test.hand}}}
			v := w.check(t, good(noon), noon.Add(test.after), plan.Plan{})
			m, told := v.Memory[store(1)]
			if !told || len(m.Hands) > 0 != test.kept {
				t.Errorf("the memory is %+v, told %t", m, told)
			}
		})
	}
}

func TestReturnedIsAsGoodAsSeen(t *testing.T) {
	w := newWorld(wide())
	p := changes(back(store(1), 1))
	w.check(t, good(noon), noon, p)
	expect(t, w.check(t, good(noon), noon.Add(time.Hour), p), "passed 1")
	before := w.state.Memory[store(1)]
	after := before.Returned(user(1), noon.Add(time.Hour))
	if !before.Hands[0].Back.IsZero() {
		t.Error("Returned changed the memory it was asked about")
	}
	w.state.Memory[store(1)] = after
	expect(t, w.check(t, good(noon), noon.Add(75*time.Minute), p), "passed 0, held 1 by hands")
}

func TestReturnedOfOthersIsNothing(t *testing.T) {
	m := rails.Memory{Hands: []rails.Hand{{User: user(1), Noticed: noon}, {User: user(2), Noticed: noon, PutBack: noon, Back: noon}}}
	for n := range 4 {
		if got := m.Returned(user(n), noon.Add(time.Hour)); !reflect.DeepEqual(got, m) {
			t.Errorf("user %d: got %+v", n, got)
		}
	}
}

func TestHandsOfATeamThatWasNotLookedAt(t *testing.T) {
	w := heldByHands(t)
	before := w.state.Memory[store(1)]
	w.state.Looked = func(org.TeamKey) bool { return false }
	v := w.check(t, good(noon), noon.Add(90*day), plan.Plan{})
	if !reflect.DeepEqual(v.Memory[store(1)], before) {
		t.Errorf("got %+v", v.Memory)
	}
}

func TestHandsWhenNobodyLookedWhoIsThere(t *testing.T) {
	w := newWorld(wide())
	w.state.Present = nil
	p := changes(back(store(1), 1))
	w.check(t, good(noon), noon, p)
	w.check(t, good(noon), noon.Add(time.Hour), p)
	w.check(t, good(noon), noon.Add(2*time.Hour), plan.Plan{})
	expect(t, w.check(t, good(noon), noon.Add(3*time.Hour), p), "passed 0, held 1 by hands")
}

func TestHandsSayWhen(t *testing.T) {
	w := newWorld(wide())
	v := w.check(t, good(noon), noon, changes(back(store(1), 1)))
	if why := v.Plan.Later[0].Why; !strings.Contains(why, "2026-05-04 13:00 UTC") {
		t.Errorf("it does not say when: %q", why)
	}
}

func TestMemoryJSON(t *testing.T) {
	m := rails.Memory{
		Sightings: []rails.Sighting{{User: user(1), Kind: plan.Demote, ReadAt: noon}},
		Hands:     []rails.Hand{{User: user(1), Noticed: noon, PutBack: noon, Back: noon, Again: noon}, {User: user(2), Noticed: noon}},
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var got rails.Memory
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%s came back as %+v, %v", text, got, err)
	}
	if strings.Count(string(text), "putBack") != 1 {
		t.Errorf("a time that is not known is written: %s", text)
	}
}
