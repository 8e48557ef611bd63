package graph_test

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// gone is the want of somebody who is not in the team any more.
const gone = fault.Kind(255)

// users is users by number.
func users(numbers ...int) []org.UserID {
	ids := make([]org.UserID, len(numbers))
	for i, n := range numbers {
		ids[i] = user(n)
	}
	return ids
}

func TestRemoveMembersRowByRow(t *testing.T) {
	tests := map[string]struct {
		before map[int]string
		odd    func(*room)
		users  []org.UserID
		want   []fault.Kind
		after  map[int]string
		calls  int
	}{
		"all of them, 204": {
			before: map[int]string{0: "owner", 1: "", 2: ""},
			users:  users(1, 2), want: []fault.Kind{gone, gone}, after: map[int]string{0: "owner"}, calls: 1,
		},
		"all of them, 200 with rows": {
			before: map[int]string{0: "owner", 1: "", 2: ""},
			odd:    func(m *room) { m.rowsOf = 200 },
			users:  users(1, 2), want: []fault.Kind{gone, gone}, after: map[int]string{0: "owner"}, calls: 1,
		},
		"rows without a type": {
			before: map[int]string{0: "owner", 1: ""},
			odd:    func(m *room) { m.rowsOf, m.untyped = 207, true },
			users:  users(1), want: []fault.Kind{gone}, after: map[int]string{0: "owner"}, calls: 1,
		},
		"not there": {
			before: map[int]string{0: "owner", 1: ""},
			users:  users(7, 8), want: []fault.Kind{fault.NotFound, fault.NotFound}, after: map[int]string{0: "owner", 1: ""},
		},
		"nobody": {before: map[int]string{0: "owner"}, after: map[int]string{0: "owner"}},
		"named twice": {
			before: map[int]string{0: "owner", 1: ""},
			users:  users(1, 7, 1), want: []fault.Kind{gone, fault.NotFound, gone}, after: map[int]string{0: "owner"}, calls: 1,
		},
		"some of the owners": {
			before: map[int]string{0: "owner", 1: "owner", 2: ""},
			users:  users(0, 2), want: []fault.Kind{gone, gone}, after: map[int]string{1: "owner"}, calls: 1,
		},
		"all of the owners": {
			before: map[int]string{0: "owner", 1: "owner", 2: "", 3: ""},
			users:  users(0, 2, 1, 0), want: []fault.Kind{fault.Conflict, gone, fault.Conflict, fault.Conflict},
			after: map[int]string{0: "owner", 1: "owner", 3: ""}, calls: 1,
		},
		"the last owner alone": {
			before: map[int]string{0: "owner", 1: ""},
			users:  users(0), want: []fault.Kind{fault.Conflict}, after: map[int]string{0: "owner", 1: ""},
		},
		"a team without owners": {
			before: map[int]string{1: "", 2: ""},
			users:  users(1), want: []fault.Kind{gone}, after: map[int]string{2: ""}, calls: 1,
		},
		"the last owner by the time": {
			before: map[int]string{0: "owner", 1: "owner", 2: ""},
			odd:    func(m *room) { m.removing = func(int) { delete(m.roles, guid(1)) } },
			users:  users(0, 2), want: []fault.Kind{fault.Conflict, gone}, after: map[int]string{0: "owner"}, calls: 1,
		},
		"gone by the time": {
			before: map[int]string{0: "owner", 1: "", 2: ""},
			odd:    func(m *room) { m.removing = func(int) { delete(m.roles, guid(1)) } },
			users:  users(1, 2), want: []fault.Kind{gone, gone}, after: map[int]string{0: "owner"}, calls: 1,
		},
		"there, and said not to be": {
			before: map[int]string{0: "owner", 1: "", 2: ""},
			odd:    func(m *room) { m.stay[guid(1)] = true },
			users:  users(1, 2), want: []fault.Kind{fault.Unavailable, gone}, after: map[int]string{0: "owner", 1: ""}, calls: 1,
		},
		"gone, and no row says so": {
			before: map[int]string{0: "owner", 1: "", 2: ""},
			odd:    func(m *room) { m.mute[guid(1)] = true },
			users:  users(1, 2), want: []fault.Kind{gone, gone}, after: map[int]string{0: "owner"}, calls: 1,
		},
		"no row, and still there": {
			before: map[int]string{0: "owner", 1: "", 2: ""},
			odd:    func(m *room) { m.stay[guid(1)], m.mute[guid(1)] = true, true },
			users:  users(1, 2), want: []fault.Kind{fault.Unavailable, gone}, after: map[int]string{0: "owner", 1: ""}, calls: 1,
		},
		"the second look fails": {
			before: map[int]string{0: "owner", 1: "", 2: ""},
			odd:    func(m *room) { m.stay[guid(1)], m.removing = true, func(int) { m.blind = 403 } },
			users:  users(1, 2), want: []fault.Kind{fault.Unavailable, gone}, after: map[int]string{0: "owner", 1: ""}, calls: 1,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newRoom(t)
			m.roles = rolesOf(test.before)
			if test.odd != nil {
				test.odd(m)
			}
			results, err := newClient(t, m.serve).RemoveMembers(t.Context(), "t1", test.users)
			if err != nil {
				t.Fatal(err)
			}
			checkRemovals(t, results, test.want)
			if after := rolesOf(test.after); !reflect.DeepEqual(m.roles, after) {
				t.Errorf("in the team %v, want %v", m.roles, after)
			}
			for _, call := range m.removals {
				if slices.Sort(call); len(slices.Compact(call)) != len(call) {
					t.Errorf("somebody is removed twice: %v", call)
				}
			}
			if len(m.removals) != test.calls {
				t.Errorf("%d calls, want %d: %v", len(m.removals), test.calls, m.removals)
			}
		})
	}
}

func checkRemovals(t *testing.T, results []error, want []fault.Kind) {
	t.Helper()
	if len(results) != len(want) {
		t.Fatalf("results %v, want %d", results, len(want))
	}
	for i, err := range results {
		switch {
		case want[i] == gone && err != nil, want[i] != gone && !fault.Is(err, want[i]):
			t.Errorf("person %d: error %v, want %v", i, err, want[i])
		case err != nil && strings.Contains(err.Error(), "Secret"):
			t.Errorf("the error quotes the server: %v", err)
		}
	}
}

// crowd is a room of owner 0 and n members from 1 on, and their ids.
func crowd(t *testing.T, n int) (*room, []org.UserID) {
	m := newRoom(t)
	m.roles[guid(0)] = "owner"
	ids := make([]org.UserID, n)
	for i := range ids {
		m.roles[guid(i+1)] = ""
		ids[i] = user(i + 1)
	}
	return m, ids
}

func TestRemoveMembersInFewCalls(t *testing.T) {
	m, all := crowd(t, 45)
	results, err := newClient(t, m.serve).RemoveMembers(t.Context(), "t1", all)
	if err != nil || len(results) != 45 || errors.Join(results...) != nil {
		t.Fatal(results, err)
	}
	var asked []string
	for _, call := range m.removals {
		asked = append(asked, call...)
	}
	if len(m.removals) != 3 || len(asked) != 45 || asked[44] != guid(45) || len(m.roles) != 1 {
		t.Errorf("%d calls for %d people, in order, leave %d", len(m.removals), len(asked), len(m.roles))
	}
}

func TestRemoveMembersFailingAsAWhole(t *testing.T) {
	m, all := crowd(t, 65)
	m.instead = func(call int) *http.Response {
		if call == 1 {
			return refusal(403, "Forbidden")
		}
		return nil
	}
	c := newClient(t, m.serve)
	results, err := c.RemoveMembers(t.Context(), "t1", append(all, user(99), user(0)))
	if !fault.Is(err, fault.Denied) || len(results) != 67 || len(m.removals) != 2 {
		t.Fatalf("%d results of %d calls, error %v, want denied", len(results), len(m.removals), err)
	}
	for i, result := range results[:65] {
		if made := i < 20; made != (result == nil) || !made && !errors.Is(result, err) {
			t.Errorf("person %d: %v", i, result)
		}
	}
	if !fault.Is(results[65], fault.NotFound) || !fault.Is(results[66], fault.Conflict) {
		t.Errorf("a stranger %v, the last owner %v, want not found and conflict: no call was for them", results[65], results[66])
	}
	if len(m.roles) != 46 {
		t.Errorf("%d people left, want 46", len(m.roles))
	}
}

func TestRemoveMembersOfNoTeam(t *testing.T) {
	m, all := crowd(t, 3)
	c := newClient(t, m.serve)
	results, err := c.RemoveMembers(t.Context(), "t2", all)
	if !fault.Is(err, fault.NotFound) || len(results) != 3 || !fault.Is(results[2], fault.NotFound) {
		t.Errorf("no such team: %v, %v, want not found", results, err)
	}
	m.removing = func(int) { m.gone = true }
	m.instead = func(int) *http.Response { return refusal(404, "NotFound") }
	results, err = c.RemoveMembers(t.Context(), "t1", all)
	if !fault.Is(err, fault.NotFound) || len(results) != 3 || !fault.Is(results[0], fault.NotFound) {
		t.Errorf("gone in the middle: %v, %v, want not found", results, err)
	}
}

func TestRemoveMembersAnswerWithoutRows(t *testing.T) {
	for _, body := range []string{``, `{}`, `{"value":null}`, `{"value":[]}`, `{"value":[`, `<html>`} {
		m, all := crowd(t, 2)
		m.instead = func(int) *http.Response {
			delete(m.roles, guid(1))
			return answer(200, body)
		}
		results, err := newClient(t, m.serve).RemoveMembers(t.Context(), "t1", all)
		if err != nil {
			t.Fatal(err)
		}
		checkRemovals(t, results, []fault.Kind{gone, fault.Unavailable})
	}
}

func TestRemoveMembersThrottledAndLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, all := crowd(t, 2)
		m.instead = func(call int) *http.Response {
			switch call {
			case 0:
				return refusal(429, "TooManyRequests", "Retry-After", "7")
			case 1:
				return answer(504, "<html>", "Content-Type", "text/html")
			}
			return nil
		}
		m.removing = func(call int) {
			if call == 1 {
				delete(m.roles, guid(1)) // done, and the answer is lost
			}
		}
		results, err := newClient(t, m.serve).RemoveMembers(t.Context(), "t1", all)
		if err != nil || errors.Join(results...) != nil || len(m.roles) != 1 || len(m.removals) != 3 {
			t.Errorf("%v, %v after %d calls, leaving %v", results, err, len(m.removals), m.roles)
		}
		m, all = crowd(t, 1)
		m.instead = func(int) *http.Response { return refusal(429, "TooManyRequests", "Retry-After", "3600") }
		results, err = newClient(t, m.serve).RemoveMembers(t.Context(), "t1", all)
		if !fault.Is(err, fault.Throttled) || !fault.Is(results[0], fault.Throttled) || len(m.roles) != 2 {
			t.Errorf("throttled for an hour: %v, %v, leaving %v", results, err, m.roles)
		}
	})
}
