package rails_test

import (
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// crowd is a world in which every team of stores 1..teams has so many people,
// and all of them were missed by a reading an hour before noon.
func crowd(teams, people int, l rails.Limits) *world {
	w := newWorld(l)
	w.state.People, w.state.Memory = map[org.TeamKey]int{}, map[org.TeamKey]rails.Memory{}
	for n := 1; n <= teams; n++ {
		w.state.People[store(n)], w.state.Memory[store(n)] = people, sighted(1, people)
	}
	w.state.Present = func(org.TeamKey, org.UserID) bool { return true }
	return w
}

func TestTeamCap(t *testing.T) {
	tests := map[string]struct {
		people, percent, going int
		leave                  org.Leave
		want                   string
	}{
		"half":                          {10, 50, 5, org.Absent, "passed 5"},
		"over half":                     {10, 50, 6, org.Absent, "passed 0, held 6 by team cap"},
		"replaced ones count":           {10, 50, 6, org.Replaced, "passed 0, held 6 by team cap"},
		"rounded down":                  {11, 50, 6, org.Absent, "passed 0, held 6 by team cap"},
		"four may all go":               {4, 50, 4, org.Absent, "passed 4"},
		"five may not":                  {5, 50, 3, org.Absent, "passed 0, held 3 by team cap"},
		"one may always go":             {5, 1, 1, org.Absent, "passed 1"},
		"two of one percent may not":    {5, 1, 2, org.Absent, "passed 0, held 2 by team cap"},
		"stated ones have five times":   {20, 10, 10, org.LeftStore, "passed 10"},
		"and not more":                  {20, 10, 11, org.LeftCompany, "passed 0, held 11 by team cap"},
		"blocked ones have no cap":      {20, 10, 20, org.Blocked, "passed 20"},
		"nobody knows how many there":   {0, 50, 3, org.Absent, "passed 3"},
		"all of a hundred percent":      {10, 100, 10, org.Absent, "passed 10"},
		"nine of a hundred at 8%":       {100, 8, 9, org.Absent, "passed 0, held 9 by team cap"},
		"five times one of one percent": {5, 1, 5, org.LeftStore, "passed 5"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			limits := wide()
			limits.TeamPercent = test.percent
			w := crowd(1, test.people, limits)
			w.state.People[store(2)] = 1000 // so that the total caps are far
			w.state.Memory[store(1)] = sighted(1, 100)
			expect(t, w.check(t, good(noon), noon, changes(many(store(1), 1, test.going, test.leave)...)), test.want)
		})
	}
}

func TestTeamCapHoldsOnlyThatTeamAndThatBasis(t *testing.T) {
	limits := wide()
	limits.TeamPercent = 20
	w := crowd(2, 20, limits)
	all := append(many(store(1), 1, 5, org.Absent), many(store(1), 6, 10, org.LeftStore)...)
	all = append(all, many(store(2), 1, 4, org.Absent)...)
	all = append(all, plan.Change{Team: store(1), Kind: plan.AddMember, User: user(99)}, plan.Change{Team: store(1), Kind: plan.Rename, Name: "x"})
	v := w.check(t, good(noon), noon, changes(all...))
	expect(t, v, "passed 11, held 5 by team cap")
	if len(v.Plan.Held) != 1 || v.Plan.Held[0].Team != store(1) {
		t.Errorf("it is not one halt of the team: %+v", v.Plan.Held)
	}
	for _, part := range []string{"5 of the team's 20 people", "MAX_TEAM_REMOVAL_PERCENT=20", "lets 4 go"} {
		if why := v.Plan.Held[0].Why; !strings.Contains(why, part) {
			t.Errorf("%q does not say %q", why, part)
		}
	}
}

func TestDemotionsCountLikeRemovals(t *testing.T) {
	limits := wide()
	limits.TeamPercent = 50
	w := crowd(1, 6, limits)
	all := many(store(1), 1, 4, org.LeftStore)
	all[0].Kind, all[1].Kind, all[2].Kind = plan.Demote, plan.Demote, plan.Demote
	for i := range all {
		all[i].Leave = org.Absent
	}
	m := w.state.Memory[store(1)]
	for i := range 3 {
		m.Sightings[i].Kind = plan.Demote
	}
	expect(t, w.check(t, good(noon), noon, changes(all...)), "passed 0, held 4 by team cap")
}

func TestTotalCap(t *testing.T) {
	tests := map[string]struct {
		removals, percent int
		perTeam           int // of each of 10 teams of 20
		leave             org.Leave
		want, why         string
	}{
		"as many as there may":       {20, 100, 2, org.Absent, "passed 20", ""},
		"one more":                   {19, 100, 2, org.Absent, "passed 0, held 20 by total cap", "MAX_REMOVALS=19 lets 19 go"},
		"the percent":                {100, 10, 2, org.Absent, "passed 20", ""},
		"over the percent":           {100, 9, 2, org.Absent, "passed 0, held 20 by total cap", "MAX_REMOVAL_PERCENT=9 of 200 memberships lets 18 go"},
		"stated, five times":         {4, 100, 2, org.LeftStore, "passed 20", ""},
		"stated, over five times":    {3, 100, 2, org.LeftStore, "passed 0, held 20 by total cap", "five times MAX_REMOVALS=3 lets 15 go"},
		"stated, five percents":      {100, 2, 2, org.LeftStore, "passed 20", ""},
		"stated, over five percents": {100, 1, 2, org.LeftStore, "passed 0, held 20 by total cap", "five times MAX_REMOVAL_PERCENT=1 of 200 memberships lets 10 go"},
		"none by absence":            {0, 100, 1, org.Absent, "passed 0, held 10 by total cap", "MAX_REMOVALS=0 lets 0 go"},
		"none by statement":          {0, 100, 1, org.LeftCompany, "passed 0, held 10 by total cap", "MAX_REMOVALS=0 lets 0 go"},
		"none but the blocked":       {0, 100, 1, org.Blocked, "passed 10", ""},
		"no percent is nobody":       {1, 0, 1, org.Absent, "passed 0, held 10 by total cap", "MAX_REMOVAL_PERCENT=0 of 200 memberships lets 0 go"},
		"a little is still somebody": {100, 1, 1, org.LeftStore, "passed 10", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			limits := wide()
			limits.Removals, limits.RemovalPercent = test.removals, test.percent
			w := crowd(10, 20, limits)
			var all []plan.Change
			for n := 1; n <= 10; n++ {
				all = append(all, many(store(n), 1, test.perTeam, test.leave)...)
			}
			v := w.check(t, good(noon), noon, changes(all...))
			expect(t, v, test.want)
			if test.why == "" {
				return
			}
			if len(v.Plan.Held) != 10 || len(v.Holds) != 10 {
				t.Errorf("they are not listed store by store: %+v", v.Plan.Held)
			}
			if why := v.Plan.Held[0].Why; !strings.Contains(why, test.why) {
				t.Errorf("%q does not say %q", why, test.why)
			}
		})
	}
}

func TestTeamsHeldByTheirOwnCapLeaveTheTotalToOthers(t *testing.T) {
	limits := wide()
	limits.TeamPercent, limits.Removals = 50, 5
	w := crowd(2, 20, limits)
	all := append(many(store(1), 1, 15, org.Absent), many(store(2), 1, 5, org.Absent)...)
	expect(t, w.check(t, good(noon), noon, changes(all...)), "passed 5, held 15 by team cap")
}

func TestTakingsCountForADay(t *testing.T) {
	limits := wide()
	limits.Removals = 3
	for name, test := range map[string]struct {
		after time.Duration
		want  string
	}{
		"within a day": {day - 1, "passed 0, held 2 by total cap"},
		"after a day":  {day, "passed 2"},
	} {
		t.Run(name, func(t *testing.T) {
			w := crowd(2, 20, limits)
			expect(t, w.check(t, good(noon), noon, changes(many(store(1), 1, 2, org.Absent)...)), "passed 2")
			w.state.Takings = settle(w.state.Takings, func(rails.Taking) bool { return true })
			w.state.Memory[store(2)] = sighted(1, 2) // the good reading in between ended them
			v := w.check(t, good(noon), noon.Add(test.after), changes(many(store(2), 1, 2, org.Absent)...))
			expect(t, v, test.want)
		})
	}
}

func TestTakingIsWrittenOnceHoweverOftenItIsTried(t *testing.T) {
	limits := wide()
	limits.Removals = 2
	w := crowd(1, 20, limits)
	p := changes(many(store(1), 1, 2, org.Absent)...)
	for n := range 40 {
		now := noon.Add(time.Duration(n) * time.Hour)
		expect(t, w.check(t, good(noon), now, p), "passed 2")
		if len(w.state.Takings) != 2 || !w.state.Takings[0].At.Equal(now) {
			t.Fatalf("after %d hours there is %+v", n, w.state.Takings)
		}
	}
	// The last try may have been the one that worked.
	w.state.Memory[store(1)] = sighted(1, 9)
	expect(t, w.check(t, good(noon), noon.Add(62*time.Hour), changes(many(store(1), 3, 3, org.Absent)...)), "passed 0, held 1 by total cap")
}

func TestWhatIsDoneCountsAnewWhenPlannedAgain(t *testing.T) {
	limits := wide()
	limits.Removals = 1
	p := changes(going(store(1), 1, org.Absent))
	for name, done := range map[string]func(t *testing.T, w *world){
		"it happened": func(_ *testing.T, w *world) {
			w.state.Takings = settle(w.state.Takings, func(rails.Taking) bool { return true })
		},
		"nobody wanted it any more": func(t *testing.T, w *world) {
			w.check(t, good(noon), noon.Add(time.Hour), plan.Plan{})
			w.state.Memory[store(1)] = sighted(1, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := crowd(1, 20, limits)
			expect(t, w.check(t, good(noon), noon, p), "passed 1")
			done(t, w)
			if !w.state.Takings[0].Done {
				t.Fatalf("it is not done: %+v", w.state.Takings)
			}
			expect(t, w.check(t, good(noon), noon.Add(2*time.Hour), p), "passed 0, held 1 by total cap")
		})
	}
}

func TestTakingOfATeamThatWasNotLookedAtMayStillHappen(t *testing.T) {
	w := crowd(1, 20, wide())
	w.check(t, good(noon), noon, changes(going(store(1), 1, org.Absent)))
	w.state.Looked = func(org.TeamKey) bool { return false }
	if v := w.check(t, good(noon), noon.Add(time.Hour), plan.Plan{}); v.Takings[0].Done {
		t.Error("a taking that nobody looked for is done")
	}
}

func TestARetryOnAnotherBasisNeedsRoom(t *testing.T) {
	limits := wide()
	limits.Removals = 1
	w := crowd(1, 20, limits)
	expect(t, w.check(t, good(noon), noon, changes(many(store(1), 1, 5, org.LeftStore)...)), "passed 5")
	expect(t, w.check(t, good(noon), noon, changes(many(store(1), 1, 2, org.Absent)...)), "passed 0, held 2 by total cap")
	expect(t, w.check(t, good(noon), noon, changes(many(store(1), 1, 5, org.LeftCompany)...)), "passed 2, held 3 by total cap")
}

// TestShareIsOfThoseWhoWereThere takes five of ten out after four others went:
// half of ten, but more than half of the six who are left. It is so whoever
// tells who is there.
func TestShareIsOfThoseWhoWereThere(t *testing.T) {
	for _, told := range []bool{true, false} {
		limits := wide()
		limits.TeamPercent = 50
		w := crowd(1, 10, limits)
		w.state.Present = nil
		if told {
			w.state.Present = func(_ org.TeamKey, u org.UserID) bool { return u[15] > 4 }
		}
		w.state.People[store(2)] = 1000
		expect(t, w.check(t, good(noon), noon, changes(many(store(1), 1, 4, org.LeftStore)...)), "passed 4")
		w.state.People[store(1)] = 6
		w.state.Takings = settle(w.state.Takings, func(rails.Taking) bool { return true })
		w.state.Memory[store(1)] = sighted(5, 10)
		expect(t, w.check(t, good(noon), noon, changes(many(store(1), 5, 9, org.Absent)...)), "passed 5")
		w.state.Takings = nil // of six, then
		w.state.Memory[store(1)] = sighted(5, 10)
		expect(t, w.check(t, good(noon), noon, changes(many(store(1), 5, 9, org.Absent)...)), "passed 0, held 5 by team cap")
	}
}

func TestTheShareDoesNotGrowWithWhatWasOnlyTried(t *testing.T) {
	limits := wide()
	limits.TeamPercent = 50
	w := crowd(1, 10, limits)
	first := many(store(1), 1, 5, org.Absent)
	expect(t, w.check(t, good(noon), noon, changes(first...)), "passed 5")
	w.state.Memory[store(1)] = sighted(1, 6)
	expect(t, w.check(t, good(noon), noon, changes(append(first, going(store(1), 6, org.Absent))...)), "passed 5, held 1 by team cap")
}

func TestWhoIsToBeTakenOutIsThere(t *testing.T) {
	limits := wide()
	limits.RemovalPercent = 10
	w := crowd(1, 10, limits)
	w.state.Present = func(org.TeamKey, org.UserID) bool { return false } // an older look than the plan's
	all := append(many(store(1), 1, 1, org.Absent), many(store(1), 2, 7, org.LeftStore)...)
	expect(t, w.check(t, good(noon), noon, changes(all...)), "passed 1, held 6 by total cap")
}

func TestBlockedCountForOthers(t *testing.T) {
	limits := wide()
	limits.Removals = 1
	w := crowd(1, 20, limits)
	expect(t, w.check(t, good(noon), noon, changes(many(store(1), 1, 5, org.Blocked)...)), "passed 5")
	if len(w.state.Takings) != 5 || !w.state.Takings[0].Stated {
		t.Errorf("the blocked are not recorded: %+v", w.state.Takings)
	}
	all := append(many(store(1), 1, 5, org.Blocked), going(store(1), 6, org.LeftStore))
	expect(t, w.check(t, good(noon), noon, changes(all...)), "passed 5, held 1 by total cap")
}

// settle marks takings as done.
func settle(takings []rails.Taking, done func(rails.Taking) bool) []rails.Taking {
	for i, t := range takings {
		takings[i].Done = t.Done || done(t)
	}
	return takings
}
