package rails_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// TestSightings tells what happens to one person of store 1 whom Commerce
// stopped mentioning, reading by reading.
func TestSightings(t *testing.T) {
	type reading struct {
		after   time.Duration // since noon
		short   bool
		planned bool
		want    string
	}
	const (
		nothing = "passed 0"
		waits   = "passed 0, later 1 by sighting"
		short   = "passed 0, later 1 by source"
		passes  = "passed 1"
	)
	minute := time.Minute
	tests := map[string]struct {
		interval time.Duration
		readings []reading
	}{
		"a second reading confirms":      {15 * minute, []reading{{0, false, true, waits}, {15 * minute, false, true, passes}}},
		"one too soon does not":          {15 * minute, []reading{{0, false, true, waits}, {15*minute - 1, false, true, waits}, {15 * minute, false, true, passes}}},
		"the same reading does not":      {0, []reading{{0, false, true, waits}, {0, false, true, waits}, {1, false, true, passes}}},
		"an older reading does not":      {15 * minute, []reading{{time.Hour, false, true, waits}, {0, false, true, waits}}},
		"it stays confirmed":             {15 * minute, []reading{{0, false, true, waits}, {time.Hour, false, true, passes}, {time.Hour, false, true, passes}, {2 * time.Hour, false, true, passes}}},
		"a short reading sees nothing":   {15 * minute, []reading{{0, true, true, short}, {time.Hour, false, true, waits}, {2 * time.Hour, false, true, passes}}},
		"a short reading stops":          {15 * minute, []reading{{0, false, true, waits}, {time.Hour, true, true, short}, {2 * time.Hour, false, true, passes}}},
		"a short one wants nobody back":  {15 * minute, []reading{{0, false, true, waits}, {time.Hour, true, false, nothing}, {2 * time.Hour, false, true, passes}}},
		"a good one that wants them":     {15 * minute, []reading{{0, false, true, waits}, {time.Hour, false, false, nothing}, {2 * time.Hour, false, true, waits}}},
		"wanted after it was confirmed":  {15 * minute, []reading{{0, false, true, waits}, {1 * time.Hour, false, true, passes}, {2 * time.Hour, false, false, nothing}, {3 * time.Hour, false, true, waits}}},
		"only good readings count as it": {15 * minute, []reading{{0, true, true, short}, {15 * minute, true, true, short}, {30 * minute, false, true, waits}}},
	}
	for _, kind := range []plan.Kind{plan.Remove, plan.Demote} {
		for _, leave := range []org.Leave{org.Absent, org.Replaced} {
			for name, test := range tests {
				t.Run(kind.String()+"/"+leave.String()+"/"+name, func(t *testing.T) {
					limits := wide()
					limits.SightingInterval = test.interval
					w := newWorld(limits)
					for i, r := range test.readings {
						source := good(noon.Add(r.after))
						if r.short {
							source.Short = "Workers is empty"
						}
						var p plan.Plan
						if r.planned {
							c := going(store(1), 1, leave)
							c.Kind = kind
							p = changes(c)
						}
						if got := outcome(w.check(t, source, noon.Add(time.Duration(i)*day), p)); got != r.want {
							t.Fatalf("reading %d: got %q, want %q", i, got, r.want)
						}
					}
				})
			}
		}
	}
}

func TestStatedLeavesNeedNoSighting(t *testing.T) {
	for _, leave := range []org.Leave{org.LeftStore, org.LeftCompany, org.Blocked} {
		for _, source := range []rails.Source{good(noon), {ReadAt: noon, Short: "Workers is empty"}} {
			w := newWorld(wide())
			expect(t, w.check(t, source, noon, changes(going(store(1), 1, leave))), "passed 1")
			if len(w.state.Memory) != 0 {
				t.Errorf("%s left a memory: %+v", leave, w.state.Memory)
			}
		}
	}
}

func TestADemotionSightedConfirmsNoRemoval(t *testing.T) {
	w := newWorld(wide())
	demotion := going(store(1), 1, org.Absent)
	demotion.Kind = plan.Demote
	w.check(t, good(noon), noon, changes(demotion))
	expect(t, w.check(t, good(noon.Add(time.Hour)), noon, changes(going(store(1), 1, org.Absent))), "passed 0, later 1 by sighting")
}

func TestSightingInOneTeamConfirmsNothingInAnother(t *testing.T) {
	w := newWorld(wide())
	w.check(t, good(noon), noon, changes(going(store(1), 1, org.Absent)))
	both := changes(going(store(1), 1, org.Absent), going(store(2), 1, org.Absent))
	expect(t, w.check(t, good(noon.Add(time.Hour)), noon, both), "passed 1, later 1 by sighting")
}

func TestShortReadingLeavesSightingsAlone(t *testing.T) {
	w := newWorld(wide())
	w.state.Memory = map[org.TeamKey]rails.Memory{store(1): sighted(1, 3)}
	before := w.state.Memory
	v := w.check(t, rails.Source{ReadAt: noon, Short: "Workers is empty"}, noon, changes(many(store(1), 2, 4, org.Absent)...))
	expect(t, v, "passed 0, later 3 by source")
	if !reflect.DeepEqual(v.Memory, before) {
		t.Errorf("got %+v, want %+v", v.Memory, before)
	}
	if why := v.Plan.Later[0].Why; !strings.Contains(why, "Workers is empty") {
		t.Errorf("it does not say what came short: %q", why)
	}
}

func TestSightingOfATeamThatWasNotLookedAt(t *testing.T) {
	for name, test := range map[string]struct {
		source rails.Source
		kept   int
	}{
		"the same reading":     {good(noon.Add(-time.Hour)), 1},
		"a newer one":          {good(noon), 0},
		"a newer one, short":   {rails.Source{ReadAt: noon, Short: "Workers is empty"}, 1},
		"an older one, so far": {good(noon.Add(-2 * time.Hour)), 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(wide())
			w.state.Memory = map[org.TeamKey]rails.Memory{store(1): sighted(1, 1)}
			w.state.Looked = func(key org.TeamKey) bool { return key != store(1) }
			if v := w.check(t, test.source, noon, plan.Plan{}); len(v.Memory[store(1)].Sightings) != test.kept {
				t.Errorf("got %+v", v.Memory)
			}
		})
	}
}

func TestMemoryIsInOrderAndToldWhenEmpty(t *testing.T) {
	w := newWorld(wide())
	w.state.Memory = map[org.TeamKey]rails.Memory{store(2): sighted(1, 1)}
	demotion := going(store(1), 2, org.Absent)
	demotion.Kind = plan.Demote
	v := w.check(t, good(noon), noon, changes(
		going(store(1), 3, org.Absent), going(store(1), 2, org.Absent), demotion, back(store(1), 9), back(store(1), 8)))
	at := func(n int, kind plan.Kind) rails.Sighting {
		return rails.Sighting{User: user(n), Kind: kind, ReadAt: noon}
	}
	want := map[org.TeamKey]rails.Memory{
		store(1): {
			Sightings: []rails.Sighting{at(2, plan.Demote), at(2, plan.Remove), at(3, plan.Remove)},
			Hands:     []rails.Hand{{User: user(8), Noticed: noon}, {User: user(9), Noticed: noon}},
		},
		store(2): {},
	}
	if !reflect.DeepEqual(v.Memory, want) {
		t.Errorf("got %+v, want %+v", v.Memory, want)
	}
}

func TestClosing(t *testing.T) {
	const interval = 15 * time.Minute
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	short := rails.Source{ReadAt: hour(2), Short: "RetailStores is empty"}
	once := rails.Closing{Sighted: noon}
	closed := rails.Closing{Sighted: noon, Closed: hour(1)}
	named := rails.Closing{Closed: hour(1)}
	tests := map[string]struct {
		was      rails.Closing
		presence org.Presence
		source   rails.Source
		want     rails.Closing
	}{
		"open":                       {rails.Closing{}, org.InScope, good(hour(2)), rails.Closing{}},
		"first missed":               {rails.Closing{}, org.Missing, good(noon), once},
		"missed in the same reading": {once, org.Missing, good(noon), once},
		"missed again too soon":      {once, org.Missing, good(noon.Add(interval - 1)), once},
		"missed again":               {once, org.Missing, good(noon.Add(interval)), rails.Closing{Sighted: noon, Closed: hour(5)}},
		"missed ever since":          {closed, org.Missing, good(hour(4)), closed},
		"missed in a short reading":  {rails.Closing{}, org.Missing, short, rails.Closing{}},
		"missed again, short":        {once, org.Missing, short, once},
		"unreadable":                 {rails.Closing{}, org.Unreadable, good(hour(2)), rails.Closing{}},
		"unreadable after missed":    {once, org.Unreadable, good(hour(2)), once},
		"named":                      {rails.Closing{}, org.Closed, good(noon), rails.Closing{Closed: hour(5)}},
		"named in a short reading":   {rails.Closing{}, org.Closed, short, rails.Closing{Closed: hour(5)}},
		"named ever since":           {named, org.Closed, good(hour(4)), named},
		"named after missed":         {once, org.Closed, good(hour(4)), rails.Closing{Sighted: noon, Closed: hour(5)}},
		"named, then missing":        {named, org.Missing, good(hour(4)), rails.Closing{Sighted: hour(4), Closed: hour(1)}},
		"back":                       {closed, org.InScope, good(hour(4)), rails.Closing{}},
		"back in a short reading":    {closed, org.InScope, short, rails.Closing{}},
		"back, out of scope":         {closed, org.OutOfScope, good(hour(4)), rails.Closing{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := test.was.Next(test.presence, test.source, interval, hour(5))
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if again := got.Next(test.presence, test.source, interval, hour(5)); again != got {
				t.Errorf("the same look again says %+v", again)
			}
			if got.Frozen() != (got != rails.Closing{}) {
				t.Errorf("%+v: frozen is %t", got, got.Frozen())
			}
		})
	}
	same := once.Next(org.Missing, good(noon), 0, hour(5))
	if !same.Closed.IsZero() {
		t.Error("without an interval a reading confirms itself")
	}
}

func TestArchiveDue(t *testing.T) {
	for name, test := range map[string]struct {
		closing rails.Closing
		after   time.Duration
		want    bool
	}{
		"open":          {rails.Closing{}, 400 * day, false},
		"only sighted":  {rails.Closing{Sighted: noon}, 400 * day, false},
		"not yet":       {rails.Closing{Sighted: noon, Closed: noon}, 30*day - 1, false},
		"thirty days":   {rails.Closing{Sighted: noon, Closed: noon}, 30 * day, true},
		"by its number": {rails.Closing{Closed: noon}, 31 * day, true},
	} {
		if got := test.closing.ArchiveDue(30*day, noon.Add(test.after)); got != test.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}
