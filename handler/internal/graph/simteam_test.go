package graph_test

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

func TestProvisionATeam(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, c := newTenant(t, 5, simgraph.Options{GroupDelay: time.Minute, PollsUntilDone: 2})
		ctx := t.Context()
		id, _, err := c.EnsureGroup(ctx, orgsync.NewGroup{Marker: "storeteams-p-s-1", Name: "Berlin", Owner: user(0)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreateTeam(ctx, id); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a young group: %v, want not found", err)
		}
		if there, err := c.TeamExists(ctx, id); err != nil || there {
			t.Fatalf("before its creation: %v, %v", there, err)
		}
		<-time.After(time.Minute) // the bubble's clock
		becomeTeam(t, c, id)
		results, err := c.AddMembers(ctx, id, []orgsync.Person{owner(1), member(2), member(3)})
		if err != nil || errors.Join(results...) != nil {
			t.Fatal(results, err)
		}
		if err := errors.Join(c.Promote(ctx, id, user(3)), c.Rename(ctx, id, "Berlin (1)")); err != nil {
			t.Fatal(err)
		}
		want := simgraph.TeamState{
			ID: string(id), UniqueName: "storeteams-p-s-1", Name: "Berlin (1)", HasTeam: true,
			Owners: []string{guid(0), guid(1), guid(3)}, Members: []string{guid(2)},
		}
		if got := only(t, tenant); !reflect.DeepEqual(got, want) {
			t.Errorf("tenant has %+v, want %+v", got, want)
		}
		wantPeople := []orgsync.Person{owner(0), owner(1), member(2), owner(3)}
		people, err := c.TeamMembers(ctx, id)
		if err != nil || !reflect.DeepEqual(people, wantPeople) {
			t.Errorf("people %v, %v, want %v", people, err, wantPeople)
		}
		group, err := c.GroupByMarker(ctx, "storeteams-p-s-1")
		wantGroup := orgsync.Group{
			ID: id, Marker: "storeteams-p-s-1", Name: "Berlin (1)",
			Unified: true, HasTeam: true, People: wantPeople,
		}
		if err != nil || !reflect.DeepEqual(group, wantGroup) {
			t.Errorf("group %+v, %v, want %+v", group, err, wantGroup)
		}
	})
}

// becomeTeam makes a team of a group and watches until it is there. The tenant
// needs two looks.
func becomeTeam(t *testing.T, c *graph.Client, id org.TeamID) {
	t.Helper()
	op, err := c.CreateTeam(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateTeam(t.Context(), id); !fault.Is(err, fault.Conflict) {
		t.Errorf("about to become a team: %v, want conflict", err)
	}
	var states []orgsync.OperationState
	for range 3 {
		state, err := c.OperationState(t.Context(), op)
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, state)
	}
	if states[0] != orgsync.OperationRunning || states[2] != orgsync.OperationSucceeded {
		t.Errorf("states %v, want running first and succeeded last", states)
	}
	if there, err := c.TeamExists(t.Context(), id); err != nil || !there {
		t.Errorf("after its creation: %v, %v", there, err)
	}
}

func TestRaceForAMarker(t *testing.T) {
	tenant, c := newTenant(t, 2, simgraph.Options{})
	// Between the first one's look and its upsert, the second does all of it.
	tenant.Inject(simgraph.Fault{
		Route: upsertRoute, Times: 1,
		Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if _, _, err := c.EnsureGroup(t.Context(), orgsync.NewGroup{Marker: "storeteams-p-s-1", Name: "Second", Owner: user(1)}); err != nil {
				t.Error(err)
			}
			next.ServeHTTP(w, r)
		},
	})
	id, _, err := c.EnsureGroup(t.Context(), orgsync.NewGroup{Marker: "storeteams-p-s-1", Name: "First", Owner: user(0)})
	if err != nil {
		t.Fatal(err)
	}
	group := only(t, tenant)
	if group.ID != string(id) || group.Name != "Second" || !slices.Equal(group.Owners, []string{guid(1)}) {
		t.Errorf("tenant has %+v, want the second one's group untouched", group)
	}
}

const upsertRoute = "PATCH /groups(uniqueName='{name}')"

func TestManyAtOnce(t *testing.T) {
	tenant, c := newTenant(t, 2, simgraph.Options{})
	var mu sync.Mutex
	ids := map[org.TeamID]bool{}
	var all errgroup.Group
	for range 8 {
		all.Go(func() error {
			id, _, err := c.EnsureGroup(t.Context(), orgsync.NewGroup{Marker: "storeteams-p-c", Name: "All", Owner: user(0)})
			mu.Lock()
			defer mu.Unlock()
			ids[id] = true
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.Error(err)
	}
	if group := only(t, tenant); len(ids) != 1 || !ids[org.TeamID(group.ID)] {
		t.Errorf("ids %v, want only %s", ids, group.ID)
	}
}

func TestLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, c := newTenant(t, 4, simgraph.Options{})
		lose := func(route string) {
			tenant.Inject(simgraph.Fault{Route: route, Times: 1, Do: simgraph.Lose})
		}
		ctx := t.Context()

		lose(upsertRoute)
		id, _, err := c.EnsureGroup(ctx, orgsync.NewGroup{Marker: "storeteams-p-s-1", Name: "Berlin", Owner: user(0)})
		if err != nil {
			t.Fatal(err)
		}
		lose("POST /groups/{group}/owners/$ref")
		if err := c.AddOwnerToGroup(ctx, id, user(1)); err != nil {
			t.Error(err)
		}
		lose("POST /teams")
		if _, err := c.CreateTeam(ctx, id); !fault.Is(err, fault.Conflict) {
			t.Errorf("a team created twice: %v, want conflict", err)
		}
		lose("POST /teams/{team}/members/add")
		results, err := c.AddMembers(ctx, id, []orgsync.Person{member(2), owner(3)})
		if err != nil || errors.Join(results...) != nil {
			t.Errorf("added twice: %v, %v", results, err)
		}
		lose("PATCH /teams/{team}/members/{membership}")
		lose("PATCH /groups/{group}")
		if err := errors.Join(c.Promote(ctx, id, user(2)), c.Rename(ctx, id, "Bern")); err != nil {
			t.Error(err)
		}
		want := simgraph.TeamState{
			ID: string(id), UniqueName: "storeteams-p-s-1", Name: "Bern", HasTeam: true,
			Owners: []string{guid(0), guid(1), guid(2), guid(3)},
		}
		if got := only(t, tenant); !reflect.DeepEqual(got, want) {
			t.Errorf("tenant has %+v, want %+v", got, want)
		}
	})
}

func TestBulkAddOfAllSorts(t *testing.T) {
	tenant, c := newTenant(t, 260, simgraph.Options{PageSize: 7})
	id := newTeam(t, c)
	if err := errors.Join(tenant.AddMember(string(id), guid(1)), tenant.AddMember(string(id), guid(2))); err != nil {
		t.Fatal(err)
	}
	people := []orgsync.Person{member(1), owner(2), member(0), member(9000)}
	for i := 3; i < 260; i++ {
		people = append(people, member(i))
	}
	results, err := c.AddMembers(t.Context(), id, people)
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range results {
		if nobody := people[i].User == user(9000); nobody != fault.Is(err, fault.NotFound) || !nobody && err != nil {
			t.Errorf("%s: %v", people[i].User, err)
		}
	}
	team := only(t, tenant)
	if !slices.Equal(team.Owners, []string{guid(0), guid(2)}) || len(team.Members) != 258 {
		t.Errorf("owners %v and %d members, want 0, 2 and 258 members", team.Owners, len(team.Members))
	}
}
