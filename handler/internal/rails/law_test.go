package rails_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// drawPlan draws any plan at all, about few people, so that things meet.
func drawPlan(t *rapid.T) plan.Plan {
	kinds := []plan.Kind{plan.CreateTeam, plan.RestoreTeam, plan.AdoptTeam, plan.Rename, plan.Promote, plan.AddOwner,
		plan.AddMember, plan.Demote, plan.Remove, plan.Remove, plan.Remove, plan.Archive}
	var p plan.Plan
	have := map[string]bool{}
	for range rapid.IntRange(0, 25).Draw(t, "changes") {
		key := store(rapid.IntRange(1, 3).Draw(t, "team"))
		c := plan.Change{Team: key, Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Group: group(key)}
		switch {
		case c.Kind.Taking():
			c.User, c.Leave = user(rapid.IntRange(1, 8).Draw(t, "user")), org.Leave(rapid.IntRange(int(org.Absent), int(org.Blocked)).Draw(t, "leave"))
		case c.Kind >= plan.Promote && c.Kind <= plan.AddMember:
			c.User, c.PutBack = user(rapid.IntRange(1, 8).Draw(t, "user")), rapid.Bool().Draw(t, "put back")
		}
		if have[name(c)] {
			continue
		}
		have[name(c)] = true
		if c.Kind.Making() && rapid.Bool().Draw(t, "held") {
			p.Held = append(p.Held, plan.Halt{Team: key, Rail: plan.RailAdoption, Why: "ask", Changes: []plan.Change{c}})
			continue
		}
		p.Changes = append(p.Changes, c)
	}
	if rapid.Bool().Draw(t, "protected") {
		p.Skipped = append(p.Skipped, plan.Halt{Team: store(1), Rail: plan.RailProtected, Changes: many(store(1), 9, 9, org.Absent)})
	}
	if rapid.IntRange(0, 9).Draw(t, "hold") == 0 {
		p.Hold = "the manager rule matches almost nobody"
	}
	return p
}

func drawLimits(t *rapid.T) rails.Limits {
	return rails.Limits{
		Removals:         rapid.IntRange(0, 6).Draw(t, "removals"),
		RemovalPercent:   rapid.IntRange(0, 100).Draw(t, "removal percent"),
		TeamPercent:      rapid.IntRange(0, 100).Draw(t, "team percent"),
		SightingInterval: time.Duration(rapid.IntRange(0, 90).Draw(t, "interval")) * time.Minute,
		HandsDelay:       time.Duration(rapid.IntRange(0, 90).Draw(t, "delay")) * time.Minute,
	}
}

// TestLaws feeds random plans to one memory, and people decide at random.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(drawLimits(t))
		now, read := noon, noon
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 15, 60, 600, 3000}).Draw(t, "minutes")) * time.Minute)
			if rapid.Bool().Draw(t, "new reading") {
				read = now
			}
			w.state.People = map[org.TeamKey]int{}
			for n := 1; n <= 3; n++ {
				w.state.People[store(n)] = rapid.IntRange(0, 20).Draw(t, "people")
			}
			for n := 1; n <= 8; n++ {
				w.there[user(n)] = rapid.Bool().Draw(t, "there")
			}
			source := good(read)
			if rapid.IntRange(0, 4).Draw(t, "short") == 0 {
				source.Short = "Workers is empty"
			}
			p := drawPlan(t)
			before, was := fmt.Sprintf("%+v", p), fmt.Sprintf("%+v", w.state.Holds)
			holds := w.state.Holds
			v := w.check(t, source, now, p)
			if fmt.Sprintf("%+v", p) != before || fmt.Sprintf("%+v", holds) != was {
				t.Fatal("Check changed what it was given")
			}
			lawful(t, p, v, holds, source, now)
			w.decide(rapid.SampledFrom([]rails.Decision{rails.Waiting, rails.Waiting, rails.Allowed, rails.Refused}).Draw(t, "decision"), now)
		}
	})
}

// lawful checks what holds of every verdict.
func lawful(t *rapid.T, p plan.Plan, v rails.Verdict, before rails.Holds, source rails.Source, now time.Time) {
	t.Helper()
	resorted := v.Plan
	resorted.Changes, resorted.Held, resorted.Later = slices.Clone(v.Plan.Changes), slices.Clone(v.Plan.Held), slices.Clone(v.Plan.Later)
	resorted.Sort()
	if !reflect.DeepEqual(resorted, v.Plan) {
		t.Fatalf("the plan is not in order: %+v", v.Plan)
	}
	if !reflect.DeepEqual(v.Plan.Skipped, slices.Clone(p.Skipped)) {
		t.Fatalf("what was left alone is %+v", v.Plan.Skipped)
	}
	if p.Hold != "" {
		for _, c := range v.Plan.Changes {
			if c.Kind != plan.Remove || !c.Leave.Gone() {
				t.Fatalf("the plan was held as a whole, and passed is %v", c)
			}
		}
		return
	}
	lawfulHolds(t, v, before, now)
	for _, c := range v.Plan.Changes {
		if c.Kind.Taking() && !c.Leave.Stated() && source.Short != "" {
			t.Fatalf("a short reading took out %+v", c)
		}
		if c.Kind.Taking() && !slices.ContainsFunc(v.Takings, func(taking rails.Taking) bool {
			return !taking.Done && taking.At.Equal(now) && taking.Team == c.Team && taking.User == c.User && taking.Kind == c.Kind && taking.Stated == c.Leave.Stated()
		}) {
			t.Fatalf("nobody counts %+v", c)
		}
		if c.Leave == org.Blocked {
			continue
		}
		for _, h := range before {
			if h.Decision == rails.Refused && now.Before(h.Expires) && slices.ContainsFunc(h.Changes, func(of plan.Change) bool { return name(of) == name(c) }) {
				t.Fatalf("refused, and passed: %+v", c)
			}
		}
	}
	for _, c := range p.Changes {
		if c.Leave == org.Blocked && !slices.Contains(v.Plan.Changes, c) {
			t.Fatalf("blocked, and stopped: %+v", c)
		}
	}
}

// lawfulHolds checks that whatever is held can be decided on.
func lawfulHolds(t *rapid.T, v rails.Verdict, before rails.Holds, now time.Time) {
	t.Helper()
	for _, halt := range v.Plan.Held {
		for _, c := range halt.Changes {
			if !slices.ContainsFunc(v.Holds, func(h rails.Hold) bool {
				return h.Team == halt.Team && h.Rail == halt.Rail && slices.ContainsFunc(h.Changes, func(of plan.Change) bool { return name(of) == name(c) })
			}) {
				t.Fatalf("held without a hold: %+v", c)
			}
		}
	}
	if !slices.IsSortedFunc(v.Holds, func(a, b rails.Hold) int { return cmpHash(a, b) }) {
		t.Fatalf("the holds are not in order: %+v", v.Holds)
	}
	for _, h := range v.Holds {
		pruned := h.Decision == rails.Allowed // of what is no longer planned
		if !pruned && h.Hash != h.Halt.Hash() || !now.Before(h.Expires) || !h.Expires.Equal(h.Since.Add(7*day)) {
			t.Fatalf("not a hold: %+v", h)
		}
		for _, was := range before {
			if was.Hash == h.Hash && now.Before(was.Expires) && (!was.Since.Equal(h.Since) || was.Decision != h.Decision) {
				t.Fatalf("the hold was %+v, and is %+v", was, h)
			}
		}
	}
}

func cmpHash(a, b rails.Hold) int {
	switch {
	case a.Hash < b.Hash:
		return -1
	case a.Hash > b.Hash:
		return 1
	}
	return 0
}

func TestPlanHeldAsAWholeLetsOnlyTheGoneGo(t *testing.T) {
	w := crowd(1, 20, wide())
	w.state.Holds = rails.Holds{{Halt: replace(), Hash: replace().Hash(), Since: noon, Expires: noon.Add(day), Decision: rails.Allowed}}
	p := changes(going(store(1), 1, org.Absent), going(store(1), 99, org.Absent), going(store(1), 98, org.LeftStore),
		going(store(1), 2, org.LeftCompany), back(store(1), 50))
	p.Hold = "the manager rule matches almost nobody"
	v := w.check(t, good(noon), noon, p)
	if len(v.Plan.Changes) != 1 || v.Plan.Changes[0].User != user(2) || len(v.Takings) != 1 || len(v.Holds) != 1 || v.Plan.Hold != p.Hold {
		t.Errorf("got %+v", v)
	}
	// A complete reading that does not plan it ends a sighting all the same.
	if want := sighted(1, 2).Sightings; !reflect.DeepEqual(v.Memory[store(1)].Sightings, want) {
		t.Errorf("it remembers %+v", v.Memory[store(1)])
	}
}

func TestPlanHeldAsAWholeKeepsTheCaps(t *testing.T) {
	limits := wide()
	limits.Removals = 1
	w := crowd(1, 20, limits)
	p := changes(many(store(1), 1, 6, org.LeftCompany)...)
	p.Hold = "no store is in scope"
	if v := w.check(t, good(noon), noon, p); len(v.Plan.Changes) != 0 || len(v.Holds) != 1 {
		t.Errorf("six went where five may: %+v", v.Plan)
	}
}

func TestTheOrderOfThePlanDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, limits := drawPlan(t), drawLimits(t)
		other := p
		other.Changes = rapid.Permutation(p.Changes).Draw(t, "other order")
		s := rails.State{Memory: map[org.TeamKey]rails.Memory{store(1): sighted(1, 8)}, People: map[org.TeamKey]int{store(1): 9, store(2): 9}}
		if a, b := rails.Check(p, s, good(noon), limits, noon), rails.Check(other, s, good(noon), limits, noon); !reflect.DeepEqual(a, b) {
			t.Fatalf("got\n%+v\nand\n%+v", a, b)
		}
	})
}

func TestNothingToSayOfNothing(t *testing.T) {
	v := rails.Check(plan.Plan{}, rails.State{}, rails.Source{}, rails.Limits{}, noon)
	if len(v.Plan.Changes)+len(v.Plan.Held)+len(v.Plan.Later)+len(v.Memory)+len(v.Takings)+len(v.Holds) != 0 {
		t.Errorf("got %+v", v)
	}
}

// chain is a big chain's state, and a plan of a few people.
func chain(asked *int) (rails.State, plan.Plan) {
	s := rails.State{People: map[org.TeamKey]int{}, Memory: map[org.TeamKey]rails.Memory{store(1): sighted(1, 20)}}
	for n := range 10_000 {
		s.People[store(n)] = 100
	}
	s.Present = func(org.TeamKey, org.UserID) bool {
		*asked++
		return true
	}
	return s, changes(many(store(1), 1, 20, org.Absent)...)
}

func TestASmallPlanOfABigChainIsSmall(t *testing.T) {
	asked := 0
	s, p := chain(&asked)
	s.Takings = rails.Check(p, s, good(noon), wide(), noon).Takings
	asked = 0
	expect(t, rails.Check(p, s, good(noon), wide(), noon), "passed 20")
	if asked > 40 {
		t.Errorf("asked %d times who is there, for a plan of 20", asked)
	}
}

func BenchmarkCheckSmallPlan(b *testing.B) {
	asked := 0
	s, p := chain(&asked)
	b.ReportAllocs()
	for b.Loop() {
		rails.Check(p, s, good(noon), wide(), noon)
	}
}
