package orgsync_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// draw gives worldgen rapid's choices, so that a failing world shrinks.
type draw struct{ t *rapid.T }

// IntN implements worldgen.Draw.
func (d draw) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "choice") }

// TestRandomWorlds is the main claim: from raw rows to the state of the tenant,
// the same as a second implementation works out that shares nothing with ours.
//
// The runs happen on synctest's clock, which stands still while anybody works:
// a date a second away stays a second away. Rapid stays outside: it shrinks a
// failing world for some time, which on that clock would never end.
func TestRandomWorlds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := draw{rt}
		options := worldgen.Options{Now: bubbleTime}
		w := worldgen.Random(d, options)
		s := worldgen.RandomSettings(d, options, w)
		shuffled := worldgen.Shuffle(d, w)
		var said verdict
		synctest.Test(t, func(t *testing.T) {
			defer said.hear()
			checkRandomWorld(&said, t, w, shuffled, s)
		})
		if said != "" {
			rt.Fatal(string(said))
		}
	})
}

// bubbleTime is when every synctest bubble begins.
var bubbleTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// verdict is a tester that remembers what went wrong, for somebody in another
// goroutine to tell. Its Fatal ends what hear is deferred in.
type verdict string

func (v *verdict) Helper()                      {}
func (v *verdict) Logf(string, ...any)          {}
func (v *verdict) Errorf(f string, args ...any) { *v += verdict(fmt.Sprintf(f, args...) + "\n") }
func (v *verdict) Fatal(args ...any)            { v.Fatalf("%s", fmt.Sprint(args...)) }
func (v *verdict) Fatalf(f string, args ...any) {
	v.Errorf(f, args...)
	panic(v)
}

func (v *verdict) hear() {
	if cause := recover(); cause != nil && cause != v {
		panic(cause)
	}
}

func checkRandomWorld(tt tester, t *testing.T, w, shuffled naive.World, s naive.Settings) {
	now := time.Now()
	b := newBench(tt, w, s, simgraph.Options{})

	first := b.run(tt, t)
	compareGroups(tt, naive.ExpectTenant(w, s, now), b.groups(), first)
	if first.Outcome != ledger.HeldBack { // then nobody works out whom nobody would add
		compareUnmapped(tt, naive.Expect(w, s, now).Unmapped, first)
	}

	writes := b.tenant.Writes()
	if again := b.run(tt, t); b.tenant.Writes() != writes {
		tt.Fatalf("a further run wrote to the tenant:\n%s", again.Plan)
	}

	other := newBench(tt, shuffled, s, simgraph.Options{})
	if again := other.run(tt, t); again.Plan != first.Plan {
		tt.Fatalf("the order of rows changed the plan:\n%s\nwas:\n%s", again.Plan, first.Plan)
	}
}

func compareGroups(t tester, want, got []naive.Group, run orgsync.Record) {
	t.Helper()
	wanted, found := lines(want), lines(got)
	var diff []string
	for _, line := range wanted {
		if !contains(found, line) {
			diff = append(diff, "want "+line)
		}
	}
	for _, line := range found {
		if !contains(wanted, line) {
			diff = append(diff, "got  "+line)
		}
	}
	if len(diff) > 0 {
		t.Fatalf("the tenant is not as it should be:\n%s\nplan:\n%s\nnotes: %+v", strings.Join(diff, "\n"), run.Plan, run.Notes)
	}
}

// lines writes groups one a line. A group of our own making has its marker for
// a name; what it is called differs only where it should.
func lines(groups []naive.Group) []string {
	var all []string
	for _, g := range groups {
		all = append(all, fmt.Sprintf("%s|%s|%s|%v|owners %s|members %s",
			g.ID, g.Marker, g.Name, g.Team, strings.Join(g.Owners, " "), strings.Join(g.Members, " ")))
	}
	return all
}

func contains(all []string, line string) bool {
	for _, l := range all {
		if l == line {
			return true
		}
	}
	return false
}

func compareUnmapped(t tester, want map[string]string, run orgsync.Record) {
	t.Helper()
	counts := map[string]int{}
	for _, cause := range want {
		counts[cause]++
	}
	if fmt.Sprint(counts) != fmt.Sprint(run.Unmapped) {
		t.Fatalf("unmapped %v, want %v\nplan:\n%s", run.Unmapped, want, run.Plan)
	}
}
