package graph_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// The tests in the files sim*_test.go run against the simulated tenant: round trips, and
// what is left in the tenant when things go wrong in the middle.

// inProcess carries requests to a handler without a network, so that synctest's
// clock can run ahead. A handler that aborts drops the connection.
func inProcess(h http.Handler) http.RoundTripper {
	return roundTrip(func(r *http.Request) (resp *http.Response, err error) {
		defer func() {
			switch aborted := recover(); aborted {
			case nil:
			case http.ErrAbortHandler:
				err = errors.New("connection reset")
			default:
				panic(aborted)
			}
		}()
		w := httptest.NewRecorder()
		served := r.Clone(r.Context())
		served.Host = r.URL.Host
		h.ServeHTTP(w, served)
		return w.Result(), nil
	})
}

// world is a tenant of n users, guid(0) to guid(n-1), who may all use Teams.
func world(n int) simgraph.World {
	var w simgraph.World
	for i := range n {
		w.Users = append(w.Users, simgraph.User{
			ID: guid(i), UserPrincipalName: fmt.Sprintf("U%d@contoso.com", i), DisplayName: "U", AccountEnabled: true, UserType: "Member",
			AssignedPlans: []simgraph.Plan{{ServicePlanID: simgraph.TeamsPlan, Service: "TeamspaceAPI", CapabilityStatus: "Enabled"}},
		})
	}
	return w
}

func newTenant(t *testing.T, users int, o simgraph.Options) (*simgraph.Tenant, *graph.Client) {
	t.Helper()
	tenant, err := simgraph.New(world(users), o)
	if err != nil {
		t.Fatal(err)
	}
	return tenant, newLoggingClient(t, inProcess(tenant), nil)
}

// only returns the tenant's one group.
func only(t *testing.T, tenant *simgraph.Tenant) simgraph.TeamState {
	t.Helper()
	groups := tenant.Teams()
	if len(groups) != 1 {
		t.Fatalf("%d groups, want one: %+v", len(groups), groups)
	}
	return groups[0]
}

// newTeam makes a team with one owner, the user 0.
func newTeam(t *testing.T, c *graph.Client) org.TeamID {
	t.Helper()
	id, _, err := c.EnsureGroup(t.Context(), orgsync.NewGroup{Marker: "storeteams-p-s-1", Name: "Berlin", Owner: user(0)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateTeam(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestRatesAreLowEnough provisions teams as fast as the rates allow against a
// tenant that enforces the published limits.
func TestRatesAreLowEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		throttled := 0
		tenant, err := simgraph.New(world(60), simgraph.Options{Throttle: true, Record: func(x simgraph.Exchange) {
			mu.Lock()
			defer mu.Unlock()
			if x.Status == http.StatusTooManyRequests {
				throttled++
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		base, err := url.Parse(root)
		if err != nil {
			t.Fatal(err)
		}
		rates := graph.NewRates(100)
		out, err := outbound.New(outbound.Options{
			Name: "graph", Base: base, Transport: inProcess(tenant), Admit: rates.Admit, Label: rates.Label,
		})
		if err != nil {
			t.Fatal(err)
		}
		c, err := graph.New(out, base, graph.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var all errgroup.Group
		all.SetLimit(16)
		for i := range 100 {
			all.Go(func() error { return provision(t, c, fmt.Sprintf("storeteams-p-s-%d", i)) })
		}
		if err := all.Wait(); err != nil {
			t.Error(err)
		}
		if throttled != 0 || len(tenant.Teams()) != 100 {
			t.Errorf("%d teams, throttled %d times", len(tenant.Teams()), throttled)
		}
		counts := out.Counts()
		if counts["POST /teams"] != 100 || counts["POST /teams/{id}/members/add"] != 100 || len(counts) > 12 {
			t.Errorf("counts %v", counts)
		}
	})
}

func provision(t *testing.T, c *graph.Client, marker string) error {
	id, _, err := c.EnsureGroup(t.Context(), orgsync.NewGroup{Marker: marker, Name: strings.ToUpper(marker), Owner: user(0)})
	if err != nil {
		return err
	}
	op, err := c.CreateTeam(t.Context(), id)
	if err != nil {
		return err
	}
	if _, err := c.OperationState(t.Context(), op); err != nil {
		return err
	}
	if _, err := c.AddMembers(t.Context(), id, []orgsync.Person{member(1), member(2)}); err != nil {
		return err
	}
	_, err = c.TeamMembers(t.Context(), id)
	return err
}
