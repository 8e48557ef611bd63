package graph_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

func TestTeamMembers(t *testing.T) {
	m := newRoom(t)
	m.roles = rolesOf(map[int]string{1: "owner", 2: "", 3: "guest"})
	var log lines
	got, err := newLoggingClient(t, server(m.serve), log.logger()).TeamMembers(t.Context(), "t1")
	if want := []orgsync.Person{owner(1), member(2), member(3)}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if log.count() != 1 || !strings.Contains(log.text.String(), "count=1") {
		t.Errorf("log %q, want one line for the id that is no GUID, none for the row without", log.text.String())
	}
	if _, err := newClient(t, m.serve).TeamMembers(t.Context(), "t2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such team: %v, want not found", err)
	}
}

func TestAddMembersInOrderAndInFewCalls(t *testing.T) {
	m := newRoom(t)
	people := []orgsync.Person{owner(450)}
	want := []string{guid(450)}
	for i := range 449 {
		people = append(people, member(i))
		want = append(want, guid(i))
	}
	results, err := newClient(t, m.serve).AddMembers(t.Context(), "t1", people)
	if err != nil || len(results) != len(people) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for i, err := range results {
		if err != nil {
			t.Errorf("person %d: %v", i, err)
		}
	}
	var got []string
	for _, call := range m.calls {
		got = append(got, call...)
	}
	if len(m.calls) != 3 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d calls, want 3, with everybody in order", len(m.calls))
	}
	if m.roles[guid(450)] != "owner" || m.roles[guid(1)] != "" {
		t.Errorf("the roles are wrong")
	}
	if none, err := newClient(t, m.serve).AddMembers(t.Context(), "t1", nil); err != nil || len(none) != 0 {
		t.Errorf("nobody: %v, %v", none, err)
	}
}

func TestAddMembersRowByRow(t *testing.T) {
	const ok = fault.Kind(255)
	tests := map[string]struct {
		before map[int]string
		odd    func(*room)
		people []orgsync.Person
		want   []fault.Kind
		after  map[int]string
	}{
		"there already": {
			before: map[int]string{1: "", 2: "owner", 3: "owner"},
			people: []orgsync.Person{member(1), owner(2), member(3), member(4)},
			want:   []fault.Kind{ok, ok, ok, ok},
			after:  map[int]string{1: "", 2: "owner", 3: "owner", 4: ""},
		},
		"there as less": {
			before: map[int]string{1: ""},
			people: []orgsync.Person{owner(1)},
			want:   []fault.Kind{ok},
			after:  map[int]string{1: "owner"},
		},
		"no such user": {
			odd:    func(m *room) { m.unknown[guid(1)] = true },
			people: []orgsync.Person{member(1), member(2)},
			want:   []fault.Kind{fault.NotFound, ok},
			after:  map[int]string{2: ""},
		},
		"rows without a type": {
			odd:    func(m *room) { m.untyped = true },
			people: []orgsync.Person{member(1), owner(2)},
			want:   []fault.Kind{ok, ok},
			after:  map[int]string{1: "", 2: "owner"},
		},
		"added, but no row says so": {
			odd:    func(m *room) { m.mute[guid(1)] = true },
			people: []orgsync.Person{member(1), member(2)},
			want:   []fault.Kind{ok, ok},
			after:  map[int]string{1: "", 2: ""},
		},
		"neither row nor member": {
			odd:    func(m *room) { m.mute[guid(1)], m.unknown[guid(1)] = true, true },
			people: []orgsync.Person{member(1)},
			want:   []fault.Kind{fault.Unavailable},
		},
		"the look fails": {
			before: map[int]string{1: ""},
			odd:    func(m *room) { m.blind = 403 },
			people: []orgsync.Person{member(1), member(2)},
			want:   []fault.Kind{fault.Invalid, ok},
			after:  map[int]string{1: "", 2: ""},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newRoom(t)
			m.roles = rolesOf(test.before)
			if test.odd != nil {
				test.odd(m)
			}
			results, err := newClient(t, m.serve).AddMembers(t.Context(), "t1", test.people)
			if err != nil {
				t.Fatal(err)
			}
			for i, err := range results {
				switch want := test.want[i]; {
				case want == ok && err != nil, want != ok && !fault.Is(err, want):
					t.Errorf("person %d: error %v, want %v", i, err, want)
				case err != nil && strings.Contains(err.Error(), "Secret"):
					t.Errorf("the error quotes the server: %v", err)
				}
			}
			if after := rolesOf(test.after); !reflect.DeepEqual(m.roles, after) {
				t.Errorf("in the team %v, want %v", m.roles, after)
			}
		})
	}
}

func TestAddMembersFailingAsAWhole(t *testing.T) {
	m := newRoom(t)
	m.refuse = 403
	people := make([]orgsync.Person, 500)
	for i := range people {
		people[i] = member(i)
	}
	results, err := newClient(t, m.serve).AddMembers(t.Context(), "t1", people)
	if !fault.Is(err, fault.Denied) || len(results) != 500 {
		t.Fatalf("%d results, error %v, want denied", len(results), err)
	}
	for i, result := range results {
		if made := i < 200; made != (result == nil) || !made && !errors.Is(result, err) {
			t.Fatalf("person %d: %v", i, result)
		}
	}
	if _, err := newClient(t, m.serve).AddMembers(t.Context(), "t2", people[:1]); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such team: %v, want not found", err)
	}
}

func TestAddMembersAnswerWithoutRows(t *testing.T) {
	m := newRoom(t)
	m.roles[guid(1)] = ""
	for _, body := range []string{``, `{}`, `{"value":null}`, `{"value":[]}`} {
		serve := func(r *http.Request, in string) *http.Response {
			if strings.HasSuffix(r.URL.Path, "/add") {
				return answer(200, body)
			}
			return m.serve(r, in)
		}
		if body == "" {
			serve = func(r *http.Request, in string) *http.Response {
				if strings.HasSuffix(r.URL.Path, "/add") {
					return answer(204, "")
				}
				return m.serve(r, in)
			}
		}
		results, err := newClient(t, serve).AddMembers(t.Context(), "t1", []orgsync.Person{member(1), member(2)})
		if err != nil || results[0] != nil || !fault.Is(results[1], fault.Unavailable) {
			t.Errorf("%q: %v, %v, want the first confirmed by looking", body, results, err)
		}
	}
}

func TestPromote(t *testing.T) {
	m := newRoom(t)
	m.roles = map[string]string{guid(1): "owner", guid(2): "", guid(3): ""}
	c := newClient(t, m.serve)
	for n := 1; n <= 2; n++ {
		if err := c.Promote(t.Context(), "t1", user(n)); err != nil {
			t.Error(err)
		}
	}
	m.etag = `W/"7"`
	if err := c.Promote(t.Context(), "t1", user(3)); err != nil {
		t.Error(err)
	}
	if want := []string{"", `W/"7"`}; !reflect.DeepEqual(m.matched, want) {
		t.Errorf("If-Match %q, want %q: none for an owner, one with an etag", m.matched, want)
	}
	for n := 1; n <= 3; n++ {
		if m.roles[guid(n)] != "owner" {
			t.Errorf("user %d is no owner", n)
		}
	}
	if err := c.Promote(t.Context(), "t1", user(4)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v, want not found", err)
	}
	if err := c.Promote(t.Context(), "t2", user(1)); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such team: %v, want not found", err)
	}
}

func TestRename(t *testing.T) {
	name := "old"
	c := newClient(t, func(r *http.Request, body string) *http.Response {
		if ask(r) != "PATCH /groups/g1" {
			return refusal(404, "Request_ResourceNotFound")
		}
		var in struct{ DisplayName string }
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Error(err)
		}
		name = in.DisplayName
		return answer(204, "")
	})
	if err := c.Rename(t.Context(), "g1", "Zürich & Söhne (000135)"); err != nil || name != "Zürich & Söhne (000135)" {
		t.Errorf("name %q, %v", name, err)
	}
	if err := c.Rename(t.Context(), org.TeamID("g2"), "x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such group: %v, want not found", err)
	}
}
