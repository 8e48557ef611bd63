package e2e

import (
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simhost"
	"github.com/storeteams/storeteams/handler/local/world"
)

const (
	// patience bounds every wait for a condition.
	patience = time.Minute

	// look is the pause between two looks at a condition.
	look = 20 * time.Millisecond
)

// setup says what a site is made of. World and settings are required.
type setup struct {
	world    world.World
	settings naive.Settings
	handler  map[string]string // settings of the handler beyond those
	graph    simgraph.Options
	commerce simcommerce.Options
	key      string
	log      func(simhost.Line) // of what host and handler say; nil: nobody
}

// site is a retailer with storeteams: a running environment, and what the rules
// are applied to.
type site struct {
	*environment.Environment
	setup
	ledger string // the ledger's file
}

// start starts a site. It stops with the test.
func start(t *testing.T, s setup) *site {
	t.Helper()
	st := &site{setup: s, ledger: filepath.Join(t.TempDir(), "ledger.db")}
	settings := handlerSettings(s.settings)
	settings["LEDGER"] = "file:" + st.ledger
	maps.Copy(settings, s.handler)
	e, err := environment.Start(t.Context(), environment.Options{
		World: s.world, Settings: settings, Dist: dist, Key: s.key, Graph: s.graph, Commerce: s.commerce,
		Log: func(line simhost.Line) {
			t.Logf("%s: %s", line.Source, line.Text)
			if s.log != nil {
				s.log(line)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	st.Environment = e
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// sync runs OrgSync once.
func (s *site) sync(t *testing.T) environment.Run {
	t.Helper()
	run, err := s.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// settle runs OrgSync until a run has nothing to do, now or later, or is held,
// and returns that run.
func (s *site) settle(t *testing.T) environment.Run {
	t.Helper()
	again := time.NewTicker(look)
	defer again.Stop()
	for began := time.Now(); ; <-again.C {
		run := s.sync(t)
		switch {
		case run.Outcome == "held", run.Outcome == "done" && run.Settled():
			return run
		case time.Since(began) > patience:
			t.Fatalf("still not settled: %+v", run)
		}
	}
}

// calm checks that a further run writes nothing to the tenant.
func (s *site) calm(t *testing.T) {
	t.Helper()
	writes := s.Tenant.Writes()
	run := s.sync(t)
	if now := s.Tenant.Writes(); now != writes {
		t.Errorf("a further run made %d writes:\n%s", now-writes, run.Plan)
	}
	if len(run.Planned) > 0 {
		t.Errorf("a further run planned %v", run.Planned)
	}
}

// restart starts the host, and with it the handler, anew with the same ledger.
func (s *site) restart(t *testing.T) {
	t.Helper()
	s.Host.Close()
	if err := s.StartHost(t.Context()); err != nil {
		t.Fatal(err)
	}
}
