package ledger_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// People behave like a map from user to role, whatever is done to them, and
// come back from a row as they were.
func TestPeopleAreAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var people ledger.People
		model := map[org.UserID]org.Role{}
		ids := rapid.Custom(func(t *rapid.T) (id org.UserID) {
			copy(id[:], rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 127, 128, 255}), 16, 16).Draw(t, "bytes"))
			return id
		})
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			id := ids.Draw(t, "user")
			if len(people) > 0 && rapid.Bool().Draw(t, "known") {
				id = people[rapid.IntRange(0, len(people)-1).Draw(t, "which")].User
			}
			if rapid.IntRange(0, 2).Draw(t, "kind") == 0 {
				people.Drop(id)
				delete(model, id)
				continue
			}
			role := org.Role(rapid.IntRange(0, 1).Draw(t, "role"))
			people.Set(id, role)
			model[id] = role
		}
		checkPeople(t, people, model)
		text, err := json.Marshal(people)
		if err != nil {
			t.Fatal(err)
		}
		back := ledger.People{{User: user(9)}} // overwritten, not added to
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		checkPeople(t, back, model)
	})
}

func checkPeople(t *rapid.T, people ledger.People, model map[org.UserID]org.Role) {
	t.Helper()
	if len(people) != len(model) {
		t.Fatalf("there are %d people, want %d", len(people), len(model))
	}
	for id, want := range model {
		if role, ok := people.Role(id); !ok || role != want {
			t.Fatalf("%s is %v (%v), want %v", id, role, ok, want)
		}
	}
	sorted := slices.IsSortedFunc(people, func(a, b org.Person) int { return strings.Compare(a.User.String(), b.User.String()) })
	if owned := slices.Contains(slices.Collect(maps.Values(model)), org.Owner); !sorted || people.Owned() != owned {
		t.Fatalf("sorted %v, owned %v, want %v", sorted, people.Owned(), owned)
	}
}

// The 25,000 people that a team can have fit into a row of the mirror, and as
// managed into one of the links.
func TestLargestTeamFits(t *testing.T) {
	book, _ := newBook()
	var people ledger.People
	for i := range 25_000 {
		people.Set(user(i), org.Role(i%2))
	}
	name := strings.Repeat("🏪", 128)
	must(t, book.SaveGroup(t.Context(), &ledger.Group{ID: "g", Marker: strings.Repeat("m", 64), Name: name, People: people}))
	must(t, book.SaveLink(t.Context(), &ledger.Link{Team: shop("1"), Group: "g", KeepName: name, Managed: people}))
	groups, err := book.Groups(t.Context())
	must(t, err)
	links, err := book.Links(t.Context())
	must(t, err)
	if !slices.Equal(groups["g"].People, people) || !slices.Equal(links[shop("1")].Managed, people) {
		t.Error("they came back as others")
	}
}

func TestManage(t *testing.T) {
	const absent = org.Role(99)
	cases := map[string]struct {
		wanted, found, managed org.Role // of one user
		want                   org.Role
		news                   bool
	}{
		"wanted and found":           {org.Member, org.Member, absent, org.Member, true},
		"wanted, found, managed":     {org.Member, org.Member, org.Member, org.Member, false},
		"found as more":              {org.Member, org.Owner, absent, org.Member, true},
		"found as less":              {org.Owner, org.Member, absent, absent, false},
		"found as less, managed":     {org.Owner, org.Member, org.Member, org.Member, false},
		"promoted":                   {org.Owner, org.Owner, org.Member, org.Owner, true},
		"wanted as less now":         {org.Member, org.Owner, org.Owner, org.Member, true},
		"not there":                  {org.Member, absent, absent, absent, false},
		"not there any more":         {org.Member, absent, org.Member, org.Member, false},
		"an extra":                   {absent, org.Owner, absent, absent, false},
		"wanted before, still there": {absent, org.Member, org.Member, org.Member, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var link ledger.Link
			var group ledger.Group
			var team org.Team
			if c.wanted != absent {
				team.Entries = []org.Entry{{User: user(1), Role: c.wanted}}
			}
			if c.found != absent {
				group.People.Set(user(1), c.found)
			}
			if c.managed != absent {
				link.Managed.Set(user(1), c.managed)
			}
			news := link.Manage(team, &group)
			got, ok := link.Managed.Role(user(1))
			if !ok {
				got = absent
			}
			if got != c.want || news != c.news {
				t.Errorf("managed as %d, news %v; want %d, %v", got, news, c.want, c.news)
			}
			if link.Manage(team, &group) {
				t.Error("the same again is news")
			}
		})
	}
}
