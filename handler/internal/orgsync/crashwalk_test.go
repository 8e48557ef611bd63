package orgsync_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// walk is which mishaps befall the processes of a scene, and at every how manyth
// effect.
type walk map[mishap]int

// A process that dies between any two effects, or does not hear what became of
// one, or is overtaken by another, leaves nothing that the next one cannot
// finish: the tenant ends as if nothing had happened.
//
// Effects come one at a time, so dead after one is as dead before the next: the
// one is tried at every effect, the other at some.
func TestCrashAnywhere(t *testing.T) {
	options := simgraph.Options{PollsUntilDone: 2}
	for name, scene := range beginnings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene.walk(t, options, walk{diesAfter: 1, diesBefore: 7, answerLost: 5, overtaken: 7, forsaken: 13})
		})
	}
	for name, scene := range changes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene.walk(t, options, walk{diesAfter: 1, diesBefore: 7, answerLost: 1, overtaken: 2, forsaken: 7})
		})
	}
}

// No read of the tenant tells of a write for some time: neither the dead
// process's successor nor the one who did not hear sees what was done.
func TestCrashWhileReadsLag(t *testing.T) {
	for _, lag := range []time.Duration{2 * time.Minute, 20 * time.Minute} {
		for name, scene := range changes() {
			t.Run(fmt.Sprintf("%s, %s late", name, lag), func(t *testing.T) {
				t.Parallel()
				scene.walk(t, simgraph.Options{PollsUntilDone: 2, ReadLag: lag},
					walk{diesAfter: 7, diesBefore: 23, answerLost: 11, overtaken: 11, forsaken: 17})
			})
		}
	}
}

// undisturbed is how a scene goes when nothing befalls anybody.
type undisturbed struct {
	effects []string
	outcome []string
}

// walk lets the mishaps befall a process at one effect after the other.
func (c scene) walk(t *testing.T, options simgraph.Options, at walk) {
	var calm undisturbed
	synctest.Test(t, func(t *testing.T) {
		s := c.set(t, options)
		p := newProcess(s, 0, "")
		p.live(t)
		c.settle(t, s)
		calm = undisturbed{p.effects, s.outcome(t)}
	})
	if t.Failed() {
		return
	}
	if len(calm.effects) < 20 {
		t.Fatalf("only %d effects: there is nothing to interrupt", len(calm.effects))
	}
	points := 0
	for _, fate := range slices.Sorted(maps.Keys(at)) {
		step := stride(at[fate])
		for n := 1; n <= len(calm.effects); n += step {
			points++
			t.Run(fmt.Sprintf("%s at effect %d", fate, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { c.interrupt(t, options, n, fate, calm) })
			})
		}
	}
	t.Logf("%d points in %d effects", points, len(calm.effects))
}

// stride is at every how manyth effect something happens: fewer under the race
// detector (-short), all of them when the random tests are told to try more
// cases than they do by themselves (make soak).
func stride(normal int) int {
	checks := flag.Lookup("rapid.checks")
	given, err := strconv.Atoi(checks.Value.String())
	usual, _ := strconv.Atoi(checks.DefValue)
	switch {
	case testing.Short():
		return 29 * normal
	case err == nil && given > usual:
		return 1
	}
	return normal
}

// interrupt lets a mishap befall a process, and others come after it.
func (c scene) interrupt(t *testing.T, options simgraph.Options, n int, fate mishap, calm undisturbed) {
	s := c.set(t, options)
	p := newProcess(s, n, fate)
	p.other = func() { newProcess(s, 0, "").once(t) }
	p.live(t)
	if !p.befell() {
		t.Fatal("nothing befell the process")
	}
	if !slices.Equal(p.effects[:n], calm.effects[:n]) {
		for i := range n {
			if p.effects[i] != calm.effects[i] {
				t.Errorf("effect %d is %q, and was %q", i+1, p.effects[i], calm.effects[i])
			}
		}
	}
	c.settle(t, s)
	if now := s.outcome(t); !slices.Equal(now, calm.outcome) {
		t.Errorf("after effect %q the end is another:\n%s", calm.effects[n-1], difference(calm.outcome, now))
	}
}

// settle lets whatever there is to do be done, and looks at how it ended.
func (c scene) settle(t *testing.T, s *stage) {
	t.Helper()
	s.calm(t, 2)
	if s.lags {
		s.passDay(t)
		s.calm(t, 2)
	}
	s.unreplaced(t)
	if c.want != nil {
		c.want(t, s)
	}
}
