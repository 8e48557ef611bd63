package orgsync_test

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

var (
	adversaries    = flag.Int("adversary.seeds", 200, "how many adversaries TestAdversary tries; at most 8 with -short")
	firstAdversary = flag.Uint64("adversary.from", 1, "the first one's seed")
)

// adversaryGroups is how many groups of subtests there are, which run side by side.
const adversaryGroups = 10

// Commerce and Graph may serve any bytes. Each seed is a small chain or a random
// world, settled honestly; then an adversary sits on the way to both servers for
// one or two days: requests fail in all ways, tables and pages lie for one
// reading, an hour or a day, links lead elsewhere, people do by hand what they
// like, and processes are killed, or run two at once. A judge that shares no code
// with the engine holds every removal against what was served. When the adversary
// is gone the tenant has to become what Commerce wants.
//
// A seed draws the same each time. How long a retry waits, and which goroutine
// comes first, it does not say: what fails once may need a few tries to fail again.
func TestAdversary(t *testing.T) {
	seeds := *adversaries
	if testing.Short() {
		seeds = min(seeds, 8)
	}
	before := debug.SetGCPercent(400) // most of what a run leaves behind is garbage
	t.Cleanup(func() { debug.SetGCPercent(before) })
	for group := range min(adversaryGroups, seeds) {
		t.Run(fmt.Sprintf("group %d", group), func(t *testing.T) {
			t.Parallel()
			for n := group; n < seeds; n += adversaryGroups {
				seed := *firstAdversary + uint64(n)
				t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { faceAdversary(t, seed) })
					if t.Failed() {
						t.Logf("again: go test ./handler/internal/orgsync -run '^TestAdversary$' -adversary.from=%d -adversary.seeds=1", seed)
					}
				})
			}
		})
	}
}

// adversary sits on the way to both servers. What it does to a request depends
// on the seed, the process and the request alone, and not on who comes first.
type adversary struct {
	*bench
	t     *testing.T
	seed  uint64
	rng   *rand.Rand // for the test's own goroutine
	judge *judge

	gone       bool      // it left, or has not come: everything is served as it is
	left       time.Time // when it left
	random     bool      // the world is no chain
	unread     bool      // rows of Commerce, in the end
	honestList bool      // lists of members are not lied about
	everybody  []map[string]any
	extras     map[placement]bool // whom a person put in, or made owner
	names      *strings.Replacer  // of groups' ids by markers, which are the same each time

	lies    []lie
	fails   int // percent of requests that fail
	fibs    int // percent of Graph's answers that lie
	process int // how many there were

	mu    sync.Mutex // guards the rest
	asked map[string]int

	writing sync.Mutex // one write at a time reaches the tenant, so that its hooks are known to be about it
}

// placement is somebody in a group.
type placement struct{ group, user string }

func faceAdversary(t *testing.T, seed uint64) {
	a := newAdversary(t, seed)
	a.gone = true
	for range 3 {
		a.runs(1)
		a.judge.look()
		a.toNextTick(1)
	}
	a.gone = false
	for end := time.Now().Add(time.Duration(24+a.rng.IntN(31)) * time.Hour); time.Now().Before(end) && !t.Failed(); {
		a.weather()
		a.live()
		how := 1
		if a.rng.IntN(12) == 0 {
			how = 2
		}
		a.runs(how)
		a.judge.look()
		a.toNextTick(pickOne(a.rng, 1, 1, 1, 3, 10)) // a timer may miss its time
	}
	if !t.Failed() {
		a.leave()
	}
}

// newAdversary makes a world, settings and the adversary of a seed.
func newAdversary(t *testing.T, seed uint64) *adversary {
	a := &adversary{
		t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0x61647665)), asked: map[string]int{}, extras: map[placement]bool{},
		names: strings.NewReplacer(),
	}
	a.judge = newJudge(a)
	options := simgraph.Options{
		Seed: seed, PageSize: 5 + a.rng.IntN(40), DeltaOwners: a.rng.IntN(2) == 0, DeltaReplay: a.rng.IntN(4) == 0,
		PollsUntilDone: a.rng.IntN(3), MemberTags: a.rng.IntN(2) == 0,
		OnRemove: func(group, user string) { a.judge.taken(placement{group, user}, false) },
		OnDemote: func(group, user string) { a.judge.taken(placement{group, user}, true) },
		OnWrite:  func(_ int, phase simgraph.Phase, r *http.Request) { a.judge.onWrite(phase, r) },
	}
	stores, workers := 3+a.rng.IntN(6), 3+a.rng.IntN(6)
	if a.random = a.rng.IntN(4) == 0; a.random {
		o := worldgen.Options{Now: time.Now(), Stores: stores, Workers: stores * workers / 2}
		w := worldgen.Random(a.rng, o)
		a.bench = newBench(t, w, worldgen.RandomSettings(a.rng, o, w), options)
	} else {
		a.bench = newBench(t, worldgen.Chain(stores, workers), worldgen.ChainSettings("test"), options)
	}
	if a.rng.IntN(2) == 0 {
		environment, err := simcommerce.New(nil, simcommerce.Options{PageSize: 5 + a.rng.IntN(30)})
		must(t, err)
		a.commerce = environment
		for collection := range a.world.Commerce {
			a.refill(t, collection)
		}
	}
	a.poll, a.retry, a.budget = 35*time.Second, 10*time.Second, 10*time.Minute
	a.draw()
	return a
}

// draw draws the settings.
func (a *adversary) draw() {
	a.mode = orgsync.ModeFull
	a.settings.Adopt = true
	a.maxAge = pickOne(a.rng, 0, 0, time.Hour)
	a.archiveAfter = pickOne(a.rng, 30*day, 6*time.Hour)
	a.limits = pickOne(a.rng,
		a.limits, a.limits,
		rails.Limits{Removals: 1, RemovalPercent: 100, TeamPercent: 100, SightingInterval: tick},
		rails.Limits{Removals: 3, RemovalPercent: 100, TeamPercent: 20, SightingInterval: 2 * tick},
		rails.Limits{Removals: 100, RemovalPercent: 100, TeamPercent: 50, SightingInterval: tick},
		rails.Limits{Removals: 100, RemovalPercent: 25, TeamPercent: 100, SightingInterval: tick})
	a.limits.HandsDelay = pickOne(a.rng, 0, time.Hour)
	a.honestList = a.rng.IntN(2) == 0
	for _, u := range a.world.Users {
		a.everybody = append(a.everybody, u)
		if a.rng.IntN(15) == 0 {
			a.protected = append(a.protected, u["id"].(string))
		}
	}
}

func pickOne[T any](rng *rand.Rand, items ...T) T { return items[rng.IntN(len(items))] }

// dice are the numbers for one purpose: the same for the same seed.
func (a *adversary) dice(about ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintln(h, about...)
	return rand.New(rand.NewPCG(a.seed, h.Sum64()))
}

// toNextTick lets time pass until so many ticks from the last one.
func (a *adversary) toNextTick(ticks int) {
	pass(time.Until(time.Now().Truncate(tick).Add(time.Duration(ticks) * tick)))
}

// weather draws how much goes wrong in the next tick, and what it lies about.
func (a *adversary) weather() {
	a.fails = pickOne(a.rng, 0, 0, 0, 2, 2, 10, 60)
	a.fibs = pickOne(a.rng, 0, 0, 5, 5, 30)
	now := time.Now()
	a.lies = slices.DeleteFunc(a.lies, func(l lie) bool { return !now.Before(l.until) })
	if len(a.lies) < 2 && a.rng.IntN(5) == 0 {
		a.lies = append(a.lies, a.newLie())
	}
	names := []string{}
	for _, team := range a.tenant.Teams() {
		names = append(names, team.ID, team.UniqueName)
	}
	a.names = strings.NewReplacer(names...)
}

// runs starts so many processes at once, each of which runs once, and waits for
// them to end. A process may be killed on its way.
func (a *adversary) runs(processes int) {
	var done sync.WaitGroup
	for range processes {
		p := a.begin()
		done.Go(func() {
			defer p.kill()
			p.failed = p.syncer.Run(p.ctx, "adversary") != nil
		})
	}
	done.Wait()
	a.judge.close()
}

// begin starts a process.
func (a *adversary) begin() *asker {
	a.process++
	p := &asker{id: a.process, began: time.Now()}
	p.ctx, p.kill = context.WithCancel(a.t.Context())
	if !a.gone && a.rng.IntN(10) == 0 {
		p.last, p.after = 1+a.rng.IntN(30), a.rng.IntN(2) == 0
	}
	own := *a.bench
	own.store = diary{p, a.store}
	own.wrap = a.between(p)
	p.syncer = own.syncer(a.t)
	a.judge.hears(p)
	return p
}

// usable are all users there ever were, with everything that accounts need.
func (a *adversary) usable() []map[string]any {
	users := make([]map[string]any, len(a.everybody))
	for i, u := range a.everybody {
		users[i] = map[string]any{
			"id": u["id"], "userPrincipalName": u["userPrincipalName"], "accountEnabled": true, "userType": u["userType"],
			"assignedPlans": []any{map[string]any{"servicePlanId": simgraph.TeamsPlan, "capabilityStatus": "Enabled"}},
		}
	}
	return users
}

// markers are groups for naive, so that it knows each of our teams.
func markers(instance string, stores []string) []map[string]any {
	owner := []any{map[string]any{"@odata.type": "#microsoft.graph.user", "id": "00000000-0000-4000-8000-000000000000"}}
	group := func(n int, marker string) map[string]any {
		return map[string]any{
			"id": fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n), "uniqueName": marker, "displayName": "x",
			"groupTypes": []any{"Unified"}, "owners": owner, "members": owner,
		}
	}
	groups := []map[string]any{group(0, naive.CommunicationsMarker(instance))}
	for i, number := range stores {
		groups = append(groups, group(i+1, naive.StoreMarker(instance, number)))
	}
	return groups
}
