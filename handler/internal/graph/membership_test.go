package graph_test

import (
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

func TestRemoveMembersOneByOne(t *testing.T) {
	for _, status := range []int{400, 404, 501} {
		m := newRoom(t)
		m.roles = rolesOf(map[int]string{0: "owner", 1: "", 2: "", 3: ""})
		m.etag, m.stay[guid(3)] = `W/"7"`, true
		m.instead = func(int) *http.Response { return refusal(status, "UnknownError") }
		m.removing = func(int) { delete(m.roles, guid(2)) }
		results, err := newClient(t, m.serve).RemoveMembers(t.Context(), "t1", users(1, 2, 3, 0))
		if err != nil {
			t.Fatal(err)
		}
		checkRemovals(t, results, []fault.Kind{gone, gone, fault.Unavailable, fault.Conflict})
		if want := slices.Repeat([]string{m.etag}, 3); !slices.Equal(m.matched, want) {
			t.Errorf("%d: If-Match %q, want %q", status, m.matched, want)
		}
		if want := []string{guid(1), guid(2), guid(3)}; !slices.Equal(m.deleted, want) || len(m.roles) != 2 {
			t.Errorf("%d: deleted %v, want %v, leaving %v", status, m.deleted, want, m.roles)
		}
	}
}

func TestRemoveOneWhoChanged(t *testing.T) {
	m, all := crowd(t, 2)
	m.etag = `W/"7"`
	m.instead = func(int) *http.Response {
		m.etag = `W/"8"`
		return refusal(404, "NotFound")
	}
	results, err := newClient(t, m.serve).RemoveMembers(t.Context(), "t1", all)
	if err != nil {
		t.Fatal(err)
	}
	checkRemovals(t, results, []fault.Kind{fault.Conflict, fault.Conflict})
	if len(m.roles) != 3 {
		t.Errorf("in the team %v, want all of them", m.roles)
	}
}

func TestDemote(t *testing.T) {
	m := newRoom(t)
	m.roles = rolesOf(map[int]string{1: "owner", 2: "owner", 3: ""})
	c := newClient(t, m.serve)
	m.etag = `W/"7"`
	for _, n := range []int{3, 2, 2} {
		if err := c.Demote(t.Context(), "t1", user(n)); err != nil {
			t.Error(err)
		}
	}
	if err := c.Demote(t.Context(), "t1", user(1)); !fault.Is(err, fault.Conflict) {
		t.Errorf("the last owner: %v, want conflict", err)
	}
	if want := rolesOf(map[int]string{1: "owner", 2: "", 3: ""}); !reflect.DeepEqual(m.roles, want) {
		t.Errorf("in the team %v, want %v", m.roles, want)
	}
	if want := []string{`W/"7"`}; !slices.Equal(m.matched, want) {
		t.Errorf("If-Match %q, want %q: one call for the one who was an owner", m.matched, want)
	}
	if err := c.Demote(t.Context(), "t1", user(4)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v, want not found", err)
	}
	if err := c.Demote(t.Context(), "t2", user(1)); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such team: %v, want not found", err)
	}
}
