package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// TestSIGTERM tells a handler to stop while a run is under way. It exits with 0,
// and the next one completes what was begun.
func TestSIGTERM(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  simgraph.Fault
		status int  // what the run's caller is told
		whole  bool // whether the run got to its end
	}{
		// The calls under way are waited for.
		{"a run that ends soon", simgraph.Fault{}, http.StatusOK, true},
		// Told to wait for minutes, the run cannot end in the time there is.
		{"a run that would take long",
			simgraph.Fault{Route: "POST /teams", Times: 1, Do: simgraph.Refuse(http.StatusTooManyRequests, "TooManyRequests", 200)},
			http.StatusInternalServerError, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			begun := make(chan struct{})
			begin := sync.OnceFunc(func() { close(begun) })
			given := chainSetup(t, chain(2, 3))
			given.graph.OnWrite = func(int, simgraph.Phase, *http.Request) { begin() }
			s := start(t, given)
			s.Host.Close()
			if test.fault.Do != nil {
				s.Tenant.Inject(test.fault)
			}

			if status := s.stopDuringRun(t, begun); status != test.status {
				t.Errorf("the run was answered with %d", status)
			}
			if diff := difference(s.expected(t), s.tenant(t)); (diff == "") != test.whole {
				t.Errorf("whole is to be %v, and this is missing:\n%s", test.whole, diff)
			}

			s.restart(t)
			s.check(t, s.settle(t))
			s.calm(t)
		})
	}
}

// stopDuringRun starts a handler and a run, sends it SIGTERM once the run has
// begun to write, and returns how the run was answered. The handler has to end
// with 0.
func (s *site) stopDuringRun(t *testing.T, begun <-chan struct{}) (status int) {
	t.Helper()
	p := launch(t, s.Settings)
	p.serves(t)
	var resp *http.Response
	var calls errgroup.Group
	calls.Go(func() (err error) {
		resp, err = p.request(t.Context(), http.MethodPost, "/OrgSync", tick)
		return err
	})
	select {
	case <-begun:
	case <-time.After(patience):
		t.Error("the run never wrote anything")
	}
	p.terminate(t)
	if err := calls.Wait(); err != nil {
		t.Fatal(err)
	}
	closeBody(t, resp)
	if code := p.exit(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, &p.stderr)
	}
	return resp.StatusCode
}
