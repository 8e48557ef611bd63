package targeting_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/targeting"
)

// draw is a survey of anything: circles, shared parties and groups, names that
// cannot be written, teams that are not there.
func draw(t *rapid.T) *orgsync.Survey {
	s := &orgsync.Survey{At: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC), Found: map[org.TeamKey]plan.Found{}}
	names := rapid.OneOf(rapid.SampledFrom([]string{"", "North", "NORTH", "Nörth", "North 1", "東", "=1", "A;B"}), rapid.String())
	s.Settings.Rules.CommunicationsTeamName = names.Draw(t, "communications")
	s.Snapshot.Purposes = []org.HierarchyPurpose{{Hierarchy: "H", Purpose: "RetailReporting"}}
	parties := []string{"", "1", "2", "3", "!", "?", "P1", "P2", "P3"}
	for range rapid.IntRange(0, 12).Draw(t, "links") {
		s.Snapshot.Hierarchy = append(s.Snapshot.Hierarchy, org.HierarchyLink{
			Hierarchy: "H", Parent: rapid.SampledFrom(parties).Draw(t, "parent"), Child: rapid.SampledFrom(parties[1:]).Draw(t, "child"),
			ChildName: names.Draw(t, "child's name"), ParentName: names.Draw(t, "parent's name"),
		})
	}
	find := func(key org.TeamKey, n int) {
		if rapid.IntRange(0, 9).Draw(t, "has no team") == 0 {
			return
		}
		s.Found[key] = plan.Found{
			Group: group(rapid.SampledFrom([]int{n, n, n, n, n, n, 1}).Draw(t, "group")), HasTeam: rapid.IntRange(0, 9).Draw(t, "is no team") > 0,
			Archived: rapid.Bool().Draw(t, "archived"),
		}
	}
	s.Roster.Teams = []org.Team{{Key: org.Communications}}
	find(org.Communications, 1000)
	for n := range rapid.IntRange(0, 6).Draw(t, "stores") {
		number := org.StoreNumber(rapid.SampledFrom([]string{"", "!", "ä"}).Draw(t, "number") + fmt.Sprint(n))
		s.Snapshot.Stores = append(s.Snapshot.Stores, org.Store{Number: number, Party: rapid.SampledFrom(parties).Draw(t, "party")})
		s.Roster.Teams = append(s.Roster.Teams, org.Team{Key: org.TeamKey{Store: number}, Name: names.Draw(t, "name"), Nameless: rapid.IntRange(0, 9).Draw(t, "nameless") == 0})
		find(org.TeamKey{Store: number}, n+1)
	}
	return s
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9]+( [A-Za-z0-9]+)*$`)

// Whatever Commerce and the tenant have: a file that nothing is wrong with has
// no problem, one that lacks something has none but that; and a store is in the
// file or something wrong is said of it.
func TestWhatIsBuiltIsClean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		e := targeting.Build(s)
		problems, err := targeting.Lint(bytes.NewReader(file(t, e)))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			if !e.Sick() || p.Level == targeting.Wrong && len(e.Rows) > 0 {
				t.Errorf("of what is built: %+v\nrows %+v\nproblems %+v", p, e.Rows, e.Problems)
			}
		}
		for _, row := range e.Rows {
			if !plainName.MatchString(row.Name) || len(row.Name) > 100 {
				t.Errorf("a row is called %q", row.Name)
			}
		}
		for _, team := range s.Roster.Teams[1:] {
			there := slices.ContainsFunc(e.Rows, func(r targeting.Row) bool { return r.Store == team.Key.Store })
			said := slices.ContainsFunc(e.Problems, func(p targeting.Problem) bool {
				return p.Level == targeting.Wrong && (p.Subject == team.Key.String() || p.Subject == "hierarchy")
			})
			if there == said {
				t.Errorf("%s is in the file: %t; something wrong is said of it: %t\n%+v", team.Key, there, said, e.Problems)
			}
		}
	})
}

// The order of Commerce's rows means nothing.
func TestOrderMeansNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		before := targeting.Build(s)
		slices.Reverse(s.Snapshot.Hierarchy)
		slices.Reverse(s.Snapshot.Stores)
		if after := targeting.Build(s); !slices.Equal(before.Rows, after.Rows) || !slices.Equal(before.Problems, after.Problems) {
			t.Errorf("%+v\nand %+v", before, after)
		}
	})
}
