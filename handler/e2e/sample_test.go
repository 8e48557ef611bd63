package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/world"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

func sampleSetup(t *testing.T) setup {
	t.Helper()
	w, err := world.Sample()
	if err != nil {
		t.Fatal(err)
	}
	return setup{world: w, settings: sampleSettings(), graph: simgraph.Options{PollsUntilDone: 1}}
}

// TestSampleWorld is the product's promise on the world that ships with it:
// every team's owners and members are those whom the rules name, and once they
// are, nothing more is done.
func TestSampleWorld(t *testing.T) {
	t.Parallel()
	s := start(t, sampleSetup(t))
	run := s.settle(t)
	s.check(t, run)
	if made := len(s.Tenant.Teams()) - len(s.world.Graph.Groups); made < 10 {
		t.Errorf("only %d teams were made", made)
	}
	s.calm(t)
}

// TestRandomWorlds runs worlds full of oddities through the binary. In process
// thousands of them are tried; these few show that settings, sockets and
// processes in between change nothing.
func TestRandomWorlds(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{4, 47, 59} {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			draw := rand.New(rand.NewPCG(seed, 1))
			// Dates lie around an hour ago, so that none passes while we look.
			options := worldgen.Options{Now: time.Now().Add(-time.Hour), Instance: instance}
			w := worldgen.Random(draw, options)
			settings := worldgen.RandomSettings(draw, options, w)

			s := start(t, setup{world: wire(t, w), settings: settings})
			if run := s.settle(t); run.Outcome == "held" {
				t.Fatalf("a world that is held shows nothing: %s", run.Error)
			} else {
				s.check(t, run)
			}
			s.calm(t)

			other := start(t, setup{
				world: wire(t, worldgen.Shuffle(draw, w)), settings: settings,
				commerce: simcommerce.Options{PageSize: 3, Seed: seed}, graph: simgraph.Options{PageSize: 2, Seed: seed},
			})
			other.settle(t)
			if diff := difference(s.tenant(t), other.tenant(t)); diff != "" {
				t.Errorf("the order of rows changed the tenant:\n%s", diff)
			}
		})
	}
}

// The conversions between raw rows and the second opinion's world lose nothing:
// if they did, the two sides would be asked about different worlds.
func TestWorldsSurviveConversion(t *testing.T) {
	t.Parallel()
	w := unwire(t, sampleSetup(t).world)
	again := unwire(t, wire(t, w))
	if !bytes.Equal(worldgen.WorldJSON(w), worldgen.WorldJSON(again)) {
		t.Error("the sample is not what it was")
	}
}
