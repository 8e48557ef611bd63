package orgsync_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// draw gives worldgen rapid's choices, so that a failing world shrinks.
type draw struct{ t *rapid.T }

// IntN implements worldgen.Draw.
func (d draw) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "choice") }

// undated hides a test's deadline, which means nothing on synctest's clock.
type undated struct{ rapid.TB }

// TestRandomWorlds is the main claim: from raw rows to the state of the tenant,
// the same as a second implementation works out that shares nothing with ours.
//
// It runs on synctest's clock, which stands still while anybody works: a date a
// second away stays a second away.
func TestRandomWorlds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(undated{t}, func(rt *rapid.T) { checkRandomWorld(rt, t) })
	})
}

func checkRandomWorld(rt *rapid.T, t *testing.T) {
	now := time.Now()
	d := draw{rt}
	options := worldgen.Options{Now: now}
	w := worldgen.Random(d, options)
	s := worldgen.RandomSettings(d, options, w)
	b := newBench(rt, w, s, simgraph.Options{})

	first := b.run(rt, t)
	compareGroups(rt, naive.ExpectTenant(w, s, now), b.groups(), first)
	compareUnmapped(rt, naive.Expect(w, s, now).Unmapped, first)

	writes := b.tenant.Writes()
	if again := b.run(rt, t); b.tenant.Writes() != writes {
		rt.Fatalf("a further run wrote to the tenant:\n%s", again.Plan)
	}

	other := newBench(rt, worldgen.Shuffle(d, w), s, simgraph.Options{})
	if shuffled := other.run(rt, t); shuffled.Plan != first.Plan {
		rt.Fatalf("the order of rows changed the plan:\n%s\nwas:\n%s", shuffled.Plan, first.Plan)
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
