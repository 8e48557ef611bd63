package graph_test

import (
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

func TestDeltaAgainstTheTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, c := newTenant(t, 30, simgraph.Options{PageSize: 3, DeltaLinks: 4, DeltaReplay: true})
		id := newTeam(t, c)
		var people []orgsync.Person
		for i := 1; i < 30; i++ {
			people = append(people, member(i))
		}
		if _, err := c.AddMembers(t.Context(), id, people); err != nil {
			t.Fatal(err)
		}
		seen := mirror{}
		groups, err := c.GroupChanges(t.Context(), "", seen.group)
		if err != nil {
			t.Fatal(err)
		}
		users, err := c.UserChanges(t.Context(), "", seen.user)
		if err != nil {
			t.Fatal(err)
		}
		if len(seen[string(id)].people) != 30 || seen[string(id)].name != "Berlin" || !seen[guid(5)].usable {
			t.Errorf("after a full read: %+v", seen[string(id)])
		}
		err = errors.Join(
			tenant.RenameGroup(string(id), "Bern"), tenant.RemoveMember(string(id), guid(29)),
			tenant.SetUser(guid(5), func(u *simgraph.User) { u.AccountEnabled = false }), tenant.DeleteUser(guid(6)),
		)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.GroupChanges(t.Context(), groups, seen.group); err != nil {
			t.Fatal(err)
		}
		if _, err = c.UserChanges(t.Context(), users, seen.user); err != nil {
			t.Fatal(err)
		}
		team := seen[string(id)]
		if team.people[user(29)] || !team.people[user(28)] || team.name != "Bern" {
			t.Errorf("after the changes: %+v", team)
		}
		if seen[guid(5)].usable || seen[guid(6)].usable || !seen[guid(7)].usable {
			t.Errorf("after the changes, users 5, 6, 7: %+v, %+v, %+v", seen[guid(5)], seen[guid(6)], seen[guid(7)])
		}
		if err := tenant.DeleteGroup(string(id)); err != nil {
			t.Fatal(err)
		}
		if _, err = c.GroupChanges(t.Context(), "", seen.group); err != nil || !seen[string(id)].gone {
			t.Errorf("after the deletion: %+v, %v", seen[string(id)], err)
		}
		<-time.After(8 * 24 * time.Hour) // the bubble's clock
		if _, err = c.GroupChanges(t.Context(), groups, seen.group); !fault.Is(err, fault.Gone) {
			t.Errorf("a cursor eight days old: %v, want gone", err)
		}
	})
}

// mirror is what delta said about things, by id.
type mirror map[string]*mirrored

type mirrored struct {
	name   string
	gone   bool
	usable bool
	people map[org.UserID]bool
}

func (m mirror) at(id string) *mirrored {
	if m[id] == nil {
		m[id] = &mirrored{people: map[org.UserID]bool{}}
	}
	return m[id]
}

func (m mirror) group(change orgsync.GroupChange) error {
	g := m.at(string(change.ID))
	g.gone = change.Removed
	if change.Name != nil {
		g.name = *change.Name
	}
	for _, link := range change.Members {
		if link.Removed {
			delete(g.people, link.User)
		} else {
			g.people[link.User] = true
		}
	}
	return nil
}

func (m mirror) user(change orgsync.UserChange) error {
	u := m.at(change.ID.String())
	if change.Enabled != nil {
		u.usable = *change.Enabled
	}
	u.usable = u.usable && !change.Removed
	return nil
}

func TestExpiredCursorByCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newTenant(t, 3, simgraph.Options{ExpiredStatus: 400})
		nothing := func(orgsync.UserChange) error { return nil }
		cursor, err := c.UserChanges(t.Context(), "", nothing)
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(8 * 24 * time.Hour) // the bubble's clock
		if _, err := c.UserChanges(t.Context(), cursor, nothing); !fault.Is(err, fault.Gone) {
			t.Errorf("error %v, want gone", err)
		}
	})
}

func TestBatchesWithThrottledParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, c := newTenant(t, 3, simgraph.Options{})
		id := newTeam(t, c)
		for _, part := range []string{"", "/members", "/owners"} {
			tenant.Inject(simgraph.Fault{Route: "GET /groups/{group}" + part, Times: 2, Do: simgraph.Refuse(429, "TooManyRequests", 3)})
		}
		got, _, err := c.Groups(t.Context(), []org.TeamID{id, "00000000-0000-4000-8000-00000000dead"})
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[id].People, []orgsync.Person{owner(0)}) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
