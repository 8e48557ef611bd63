package graph_test

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// staffedTeam is a team of two owners, 0 and 1, and the members 2 to n-1.
func staffedTeam(t *testing.T, c *graph.Client, n int) org.TeamID {
	t.Helper()
	id := newTeam(t, c)
	people := []orgsync.Person{owner(1)}
	for i := 2; i < n; i++ {
		people = append(people, member(i))
	}
	results, err := c.AddMembers(t.Context(), id, people)
	if err = errors.Join(err, errors.Join(results...)); err != nil {
		t.Fatal(err)
	}
	return id
}

// inTeam checks who is in the tenant's one group.
func inTeam(t *testing.T, tenant *simgraph.Tenant, owners, members []int) {
	t.Helper()
	ids := func(numbers []int) (all []string) {
		for _, n := range numbers {
			all = append(all, guid(n))
		}
		return all
	}
	if got := only(t, tenant); !slices.Equal(got.Owners, ids(owners)) || !slices.Equal(got.Members, ids(members)) {
		t.Errorf("owners %v, members %v, want %v and %v", got.Owners, got.Members, owners, members)
	}
}

func TestRemovalsLeaveAnOwner(t *testing.T) {
	tenant, c := newTenant(t, 30, simgraph.Options{PageSize: 4, MemberTags: true})
	id := staffedTeam(t, c, 30)
	leavers := users(0, 1)
	for i := 5; i < 30; i++ {
		leavers = append(leavers, user(i))
	}
	for _, outcome := range []fault.Kind{gone, fault.NotFound} { // twice is once
		results, err := c.RemoveMembers(t.Context(), id, append(leavers, user(9000)))
		if err != nil {
			t.Fatal(err)
		}
		want := append([]fault.Kind{fault.Conflict, fault.Conflict}, slices.Repeat([]fault.Kind{outcome}, 25)...)
		checkRemovals(t, results, append(want, fault.NotFound))
		inTeam(t, tenant, []int{0, 1}, []int{2, 3, 4})
	}
	results, err := c.RemoveMembers(t.Context(), id, users(0, 2))
	if err = errors.Join(err, errors.Join(results...)); err != nil {
		t.Error(err)
	}
	for _, n := range []int{1, 3, 3} {
		if err := c.Demote(t.Context(), id, user(n)); (n == 1) != fault.Is(err, fault.Conflict) || n != 1 && err != nil {
			t.Errorf("user %d demoted: %v", n, err)
		}
	}
	inTeam(t, tenant, []int{1}, []int{3, 4})
}

func TestRemovalsWhileReadsLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, c := newTenant(t, 6, simgraph.Options{ReadLag: time.Minute, MemberTags: true})
		id := staffedTeam(t, c, 5)
		<-time.After(time.Minute) // the bubble's clock
		ctx := t.Context()
		if results, err := c.RemoveMembers(ctx, id, users(0, 2)); errors.Join(results...) != nil || err != nil {
			t.Fatal(results, err)
		}
		// Reads still show an owner who has gone, and two.
		results, err := c.RemoveMembers(ctx, id, users(1, 2, 3))
		if err != nil || results[0] == nil || !fault.Is(results[1], fault.Unavailable) || results[2] != nil {
			t.Errorf("results %v, %v: the owner stays, who went before is not seen to be gone", results, err)
		}
		if err := c.Demote(ctx, id, user(1)); err == nil {
			t.Error("the last owner is a member")
		}
		inTeam(t, tenant, []int{1}, []int{4})
		<-time.After(time.Minute)
		// And they do not show an owner who has come.
		if _, err := c.AddMembers(ctx, id, []orgsync.Person{owner(5)}); err != nil {
			t.Fatal(err)
		}
		if err := c.Demote(ctx, id, user(1)); !fault.Is(err, fault.Conflict) {
			t.Errorf("before the successor shows: %v, want conflict", err)
		}
		<-time.After(time.Minute)
		if err := c.Demote(ctx, id, user(1)); err != nil {
			t.Error(err)
		}
		results, err = c.RemoveMembers(ctx, id, users(1, 2, 3))
		if err != nil || results[0] != nil || !fault.Is(results[1], fault.NotFound) || !fault.Is(results[2], fault.NotFound) {
			t.Errorf("results %v, %v: the owner goes, the others went before", results, err)
		}
		inTeam(t, tenant, []int{5}, []int{4})
	})
}

// TestRemovalsOneByOne meets a cloud without members/remove.
func TestRemovalsOneByOne(t *testing.T) {
	tenant, c := newTenant(t, 6, simgraph.Options{MemberTags: true})
	id := staffedTeam(t, c, 6)
	tenant.Inject(simgraph.Fault{Route: "POST /teams/{team}/members/remove", Do: simgraph.Refuse(400, "BadRequest", 0)})
	tenant.Inject(simgraph.Fault{Route: "DELETE /teams/{team}/members/{membership}", Times: 1, Do: simgraph.Lose})
	results, err := c.RemoveMembers(t.Context(), id, users(0, 2, 3))
	if err = errors.Join(err, errors.Join(results...)); err != nil {
		t.Error(err)
	}
	inTeam(t, tenant, []int{1}, []int{4, 5})
}

// TestPromotedWhileBeingDemoted has somebody else write between look and write.
func TestPromotedWhileBeingDemoted(t *testing.T) {
	tenant, c := newTenant(t, 3, simgraph.Options{MemberTags: true})
	id := staffedTeam(t, c, 3)
	tenant.Inject(simgraph.Fault{
		Route: "PATCH /teams/{team}/members/{membership}", Times: 1,
		Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			err := errors.Join(tenant.RemoveMember(string(id), guid(1)), tenant.AddOwner(string(id), guid(1)))
			if err != nil {
				t.Error(err)
			}
			next.ServeHTTP(w, r)
		},
	})
	if err := c.Demote(t.Context(), id, user(1)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a membership that began anew: %v, want not found", err)
	}
	inTeam(t, tenant, []int{0, 1}, []int{2})
}

func TestLostAnswersOfDepartures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, c := newTenant(t, 6, simgraph.Options{PollsUntilDone: 1})
		lose := func(route string) {
			tenant.Inject(simgraph.Fault{Route: route, Times: 1, Do: simgraph.Lose})
		}
		ctx := t.Context()
		id := newTeam(t, c)
		if _, err := c.TeamExists(ctx, id); err != nil {
			t.Fatal(err)
		}
		if _, err := c.AddMembers(ctx, id, []orgsync.Person{owner(1), owner(2), member(3), member(4)}); err != nil {
			t.Fatal(err)
		}
		lose("POST /teams/{team}/members/remove")
		lose("PATCH /teams/{team}/members/{membership}")
		results, err := c.RemoveMembers(ctx, id, users(0, 3))
		if err = errors.Join(err, errors.Join(results...), c.Demote(ctx, id, user(1))); err != nil {
			t.Error(err)
		}
		inTeam(t, tenant, []int{2}, []int{1, 4})

		lose("POST /teams/{team}/archive")
		if op, err := c.Archive(ctx, id); err != nil || op != "" {
			t.Errorf("archived twice: operation %q, %v", op, err)
		}
		if archived, err := c.TeamArchived(ctx, id); err != nil || !archived {
			t.Errorf("archived %v, %v", archived, err)
		}
		if err := tenant.DeleteGroup(string(id)); err != nil {
			t.Fatal(err)
		}
		lose("POST /directory/deletedItems/{item}/restore")
		if err := c.RestoreGroup(ctx, id); err != nil {
			t.Error(err)
		}
		inTeam(t, tenant, []int{2}, []int{1, 4})
		if !only(t, tenant).Archived {
			t.Error("the restored team is not archived any more")
		}
	})
}

func TestArchiveAgainstTheTenant(t *testing.T) {
	tenant, c := newTenant(t, 2, simgraph.Options{PollsUntilDone: 1})
	id := newTeam(t, c)
	if _, err := c.TeamExists(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for _, archived := range []bool{true, false} {
		way := ways()[archived]
		op, err := way.do(c, t.Context(), id)
		if err != nil || op == "" {
			t.Fatalf("%s: operation %q, %v", way.action, op, err)
		}
		for _, want := range []orgsync.OperationState{orgsync.OperationRunning, orgsync.OperationSucceeded} {
			if state, err := c.OperationState(t.Context(), op); err != nil || state != want {
				t.Errorf("%s: state %v, %v, want %v", way.action, state, err, want)
			}
		}
		again, err := way.do(c, t.Context(), id)
		is, look := c.TeamArchived(t.Context(), id)
		if err = errors.Join(err, look); err != nil || again != "" || is != archived || only(t, tenant).Archived != archived {
			t.Errorf("%s again: operation %q, archived %v, %v", way.action, again, is, err)
		}
	}
}

func TestRestoreAgainstTheTenant(t *testing.T) {
	tenant, c := newTenant(t, 4, simgraph.Options{})
	id := staffedTeam(t, c, 4)
	look := func() bool {
		there, err := c.DeletedGroup(t.Context(), id)
		if err != nil {
			t.Error(err)
		}
		return there
	}
	if look() || c.RestoreGroup(t.Context(), id) != nil {
		t.Error("a group that is there is not among the deleted, and restored")
	}
	cursor, err := c.GroupChanges(t.Context(), "", mirror{}.group)
	if err != nil {
		t.Fatal(err)
	}
	before := only(t, tenant)
	if err := tenant.DeleteGroup(string(id)); err != nil {
		t.Fatal(err)
	}
	if !look() {
		t.Error("a deleted group is not found")
	}
	if err := errors.Join(c.RestoreGroup(t.Context(), id), c.RestoreGroup(t.Context(), id)); err != nil {
		t.Error(err)
	}
	if got := only(t, tenant); !reflect.DeepEqual(got, before) || look() {
		t.Errorf("restored %+v, want %+v", got, before)
	}
	seen := mirror{}
	if _, err := c.GroupChanges(t.Context(), cursor, seen.group); err != nil {
		t.Fatal(err)
	}
	if team := seen.at(string(id)); team.gone || len(team.people) != 4 {
		t.Errorf("delta shows %+v", team)
	}
	if err := tenant.PurgeGroup(string(id)); err != nil {
		t.Fatal(err)
	}
	if err := c.RestoreGroup(t.Context(), id); !fault.Is(err, fault.NotFound) || look() {
		t.Errorf("a group gone for good: %v, want not found", err)
	}
}
