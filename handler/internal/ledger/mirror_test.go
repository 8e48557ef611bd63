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

// The 25,000 people that a team can have fit into a row of the mirror.
func TestLargestTeamFits(t *testing.T) {
	book, _ := newBook()
	var people ledger.People
	for i := range 25_000 {
		people.Set(user(i), org.Role(i%2))
	}
	name := strings.Repeat("🏪", 128)
	must(t, book.SaveGroup(t.Context(), &ledger.Group{ID: "g", Marker: strings.Repeat("m", 64), Name: name, People: people}))
	group, err := book.ReadGroup(t.Context(), "g")
	must(t, err)
	if !slices.Equal(group.People, people) {
		t.Error("they came back as others")
	}
}
