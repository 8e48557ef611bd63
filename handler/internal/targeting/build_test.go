package targeting_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/targeting"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func group(n int) org.TeamID { return org.TeamID(fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n)) }

func key(number string) org.TeamKey { return org.TeamKey{Store: org.StoreNumber(number)} }

// small is a survey of a chain of four stores in two districts, with nothing
// wrong.
func small() *orgsync.Survey {
	s := &orgsync.Survey{At: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC), Found: map[org.TeamKey]plan.Found{}}
	s.Settings.Rules.CommunicationsTeamName = "Store communications"
	s.Snapshot.Purposes = []org.HierarchyPurpose{{Hierarchy: "Regions", Purpose: "RetailReporting"}}
	s.Roster.Teams = []org.Team{{Key: org.Communications, Name: "Store communications"}}
	s.Found[org.Communications] = plan.Found{Group: group(0), HasTeam: true}
	hang(s, "", "R", "Larkmoor Retail")
	hang(s, "R", "N", "North Coast")
	hang(s, "R", "S", "South")
	for i, name := range []string{"Ashcombe", "Brindleford", "Carrow Bay", "Dunmere"} {
		open(s, fmt.Sprintf("10%d", i+1), name, []string{"N", "S"}[i/2], i+1)
	}
	return s
}

// hang puts a node below another.
func hang(s *orgsync.Survey, parent, child, name string) {
	s.Snapshot.Hierarchy = append(s.Snapshot.Hierarchy, org.HierarchyLink{Hierarchy: "Regions", Parent: parent, Child: child, ChildName: name})
}

// open puts a store below a node, with a team of its own.
func open(s *orgsync.Survey, number, name, parent string, team int) {
	party := "P" + number
	s.Snapshot.Stores = append(s.Snapshot.Stores, org.Store{Number: org.StoreNumber(number), Party: party})
	hang(s, parent, party, name)
	s.Roster.Teams = append(s.Roster.Teams, org.Team{Key: key(number), Name: fmt.Sprintf("%s (%s)", name, number)})
	s.Found[key(number)] = plan.Found{Group: group(team), HasTeam: true}
}

// found changes what is found of the first store's team.
func found(edit func(*plan.Found)) func(*orgsync.Survey) {
	return func(s *orgsync.Survey) {
		f := s.Found[key("101")]
		edit(&f)
		s.Found[key("101")] = f
	}
}

// rename calls a store's team something else.
func rename(number, name string) func(*orgsync.Survey) {
	return func(s *orgsync.Survey) {
		for i := range s.Roster.Teams {
			if string(s.Roster.Teams[i].Key.Store) == number {
				s.Roster.Teams[i].Name = name
			}
		}
	}
}

// call gives a node of the hierarchy another name.
func call(party, name string) func(*orgsync.Survey) {
	return func(s *orgsync.Survey) {
		for i := range s.Snapshot.Hierarchy {
			if s.Snapshot.Hierarchy[i].Child == party {
				s.Snapshot.Hierarchy[i].ChildName = name
			}
		}
	}
}

// move puts a node below another one.
func move(party, parent string) func(*orgsync.Survey) {
	return func(s *orgsync.Survey) {
		for i := range s.Snapshot.Hierarchy {
			if s.Snapshot.Hierarchy[i].Child == party {
				s.Snapshot.Hierarchy[i].Parent = parent
			}
		}
	}
}

// file is what an export writes.
func file(t interface{ Fatal(...any) }, e targeting.Export) []byte {
	var b bytes.Buffer
	if err := e.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	e := targeting.Build(small())
	if e.Sick() {
		t.Errorf("problems %+v", e.Problems)
	}
	asJSON, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for path, got := range map[string][]byte{"testdata/small.csv": file(t, e), "testdata/small.json": append(asJSON, '\n')} {
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is different now (go test -update rewrites it):\n%s", path, got)
		}
	}
}

// Whatever is wrong is said, with what to do; what remains is a file without
// faults all the same.
func TestWhatIsWrong(t *testing.T) {
	const all = "101 102 103 104"
	for name, c := range map[string]struct {
		edit   func(*orgsync.Survey)
		about  string // subject and part of the text
		stores string // in the file
	}{
		"no team yet":     {func(s *orgsync.Survey) { delete(s.Found, key("101")) }, "store 101: there is no team yet", "102 103 104"},
		"no GUID":         {found(func(f *plan.Found) { f.Group = "nonsense" }), `store 101: the ledger's group "nonsense" is no GUID`, "102 103 104"},
		"no group at all": {found(func(f *plan.Found) { f.Group = "" }), "is no GUID", "102 103 104"},
		"the zero GUID":   {found(func(f *plan.Found) { f.Group = "00000000-0000-0000-0000-000000000000" }), "is no GUID", "102 103 104"},
		"linked twice":    {found(func(f *plan.Found) { f.Group = group(2) }), "store 102: group " + string(group(2)) + " is linked to several teams", "103 104"},
		"not clear":       {found(func(f *plan.Found) { f.Unclear = "two groups" }), "store 101: it is not clear which team it has: two groups", "102 103 104"},
		"deleted":         {found(func(f *plan.Found) { f.Existence = plan.Deleted }), "is deleted", "102 103 104"},
		"gone for good":   {found(func(f *plan.Found) { f.Existence = plan.Purged }), "is gone for good", "102 103 104"},
		"not adopted":     {found(func(f *plan.Found) { f.Origin = plan.Mapped }), "not adopted yet", "102 103 104"},
		"a group only":    {found(func(f *plan.Found) { f.HasTeam = false }), "has no team yet", "102 103 104"},
		"no place":        {func(s *orgsync.Survey) { s.Snapshot.Stores[0].Party = "" }, `store 101: the hierarchy "Regions" does not have the store`, "102 103 104"},
		"a circle":        {move("N", "P101"), `store 102: the hierarchy "Regions" runs in a circle above the store`, "103 104"},
		"no publishers":   {func(s *orgsync.Survey) { delete(s.Found, org.Communications) }, "communications: there is no team yet", all},
		"no hierarchy":    {func(s *orgsync.Survey) { s.Snapshot.Purposes = nil }, "hierarchy: Commerce has no hierarchy", ""},
		"empty hierarchy": {func(s *orgsync.Survey) { s.Settings.Rules.Hierarchy = "Formats" }, `hierarchy: Commerce has published nothing of the hierarchy "Formats"`, ""},
		"no stores":       {func(s *orgsync.Survey) { s.Roster.Teams = s.Roster.Teams[:1] }, "file: there is no store to publish to", ""},
		"a short reading": {func(s *orgsync.Survey) { s.Source.Short = "80 of 100 stores" }, "file: stores may be missing, because Commerce's last reading was short: 80 of 100 stores", all},
	} {
		t.Run(name, func(t *testing.T) {
			s := small()
			c.edit(s)
			e := targeting.Build(s)
			if !e.Sick() || !says(e.Problems, targeting.Wrong, c.about) {
				t.Errorf("problems %+v", e.Problems)
			}
			var stores []string
			for _, row := range e.Rows {
				if row.Store != "" {
					stores = append(stores, string(row.Store))
				}
			}
			if slices.Sort(stores); strings.Join(stores, " ") != c.stores {
				t.Errorf("stores %v, want %s", stores, c.stores)
			}
			problems, err := targeting.Lint(bytes.NewReader(file(t, e)))
			if err != nil || c.stores != "" && says(problems, targeting.Wrong, "") {
				t.Errorf("the file has problems: %+v, %v", problems, err)
			}
		})
	}
}

// says reports whether a problem of the level reads so, as subject and text.
func says(problems []targeting.Problem, level targeting.Level, about string) bool {
	return slices.ContainsFunc(problems, func(p targeting.Problem) bool {
		return p.Level == level && strings.Contains(p.Subject+": "+p.Text, about) && (p.Fix != "" || level == targeting.Note)
	})
}

// What can be made right is, and said.
func TestWhatIsMadeRight(t *testing.T) {
	long := strings.Repeat("x", 100)
	for name, c := range map[string]struct {
		edit  func(*orgsync.Survey)
		about string            // a note; empty: none of its own
		names map[string]string // by store or team
	}{
		"marks and punctuation":   {rename("101", "Café \"Öl\" – l'été & Co. (101)"), "", map[string]string{"101": "Cafe Ol lete Co 101"}},
		"letters without a base":  {rename("101", "Straße Łódź Ærø Þórr Œuvre (101)"), "", map[string]string{"101": "Strasse Lodz AEro Thorr OEuvre 101"}},
		"another script, in part": {rename("101", "東京 Tokyo (101)"), `store 101: it is called "Tokyo 101" in the file: only A-Z`, map[string]string{"101": "Tokyo 101"}},
		"another script":          {rename("101", "東京"), `store 101: it is called "Store 101" in the file: it has no name in letters`, map[string]string{"101": "Store 101"}},
		"no name":                 {func(s *orgsync.Survey) { s.Roster.Teams[1].Nameless = true }, `it is called "Store 101"`, map[string]string{"101": "Store 101"}},
		"a formula":               {rename("101", "=1+1 (101)"), "", map[string]string{"101": "1 1 101"}},
		"semicolons and lines":    {rename("101", "A;B\r\nC\tD,E"), "", map[string]string{"101": "A B C D E"}},
		"over-long":               {rename("101", long+"yz"), "a name has at most 100 characters", map[string]string{"101": long}},
		"cut at a space":          {rename("101", long[:99]+" y"), "a name has at most 100 characters", map[string]string{"101": long[:99]}},
		"100 are not too many":    {rename("101", long), "", map[string]string{"101": long}},
		"two of one name":         {func(s *orgsync.Survey) { rename("101", "Shop")(s); rename("103", "SHOP")(s) }, "others have the same name", map[string]string{"101": "Shop 101", "103": "SHOP 103"}},
		"long ones of one name":   {func(s *orgsync.Survey) { rename("101", long)(s); rename("103", long)(s) }, "others have the same name", map[string]string{"101": long[:96] + " 101", "103": long[:96] + " 103"}},
		"and their number is": {func(s *orgsync.Survey) {
			rename("101", "Shop")(s)
			rename("103", "Shop")(s)
			rename("104", "Shop 101")(s)
		}, "others have the same name", map[string]string{"101": "Shop 101 2", "103": "Shop 103", "104": "Shop 101"}},
		"a store and a node": {rename("101", "South"), `node S: it is called "South S"`, map[string]string{"101": "South 101"}},
		"an archived team":   {found(func(f *plan.Found) { f.Archived = true }), "store 101: its team is archived", map[string]string{"101": "Ashcombe 101"}},
		"several hierarchies": {func(s *orgsync.Survey) {
			s.Snapshot.Purposes = append(s.Snapshot.Purposes, org.HierarchyPurpose{Hierarchy: "Z", Purpose: "RetailReporting"})
		}, `hierarchy: several hierarchies have the purpose RetailReporting; "Regions" was taken`, nil},
		"one place for two stores": {func(s *orgsync.Survey) { s.Snapshot.Stores[1].Party = "P101" }, "store 102: the store has the same place in the hierarchy as store 101", map[string]string{"102": "Brindleford 102"}},
		"a store above a store":    {move("P102", "P101"), "", map[string]string{"102": "Brindleford 102", "101": "Ashcombe 101"}},
		"a node without a name":    {call("N", ""), `node N: it is called "Node N" in the file`, nil},
		"a group id in capitals":   {found(func(f *plan.Found) { f.Group = "AAAAAAAA-0000-4000-8000-00000000BBBB" }), "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := small()
			c.edit(s)
			e := targeting.Build(s)
			if e.Sick() || c.about != "" && !says(e.Problems, targeting.Note, c.about) {
				t.Errorf("problems %+v", e.Problems)
			}
			if c.about == "" && slices.ContainsFunc(e.Problems, func(p targeting.Problem) bool { return p.Subject != "names" }) {
				t.Errorf("problems %+v", e.Problems)
			}
			names := map[string]string{}
			for _, row := range e.Rows {
				names[string(row.Store)] = row.Name
			}
			for store, want := range c.names {
				if names[store] != want {
					t.Errorf("store %s is called %q, want %q", store, names[store], want)
				}
			}
			if problems, err := targeting.Lint(bytes.NewReader(file(t, e))); err != nil || len(problems) > 0 {
				t.Errorf("the file has problems: %+v, %v", problems, err)
			}
		})
	}
}

// The tree in the file is Commerce's.
func TestParents(t *testing.T) {
	s := small()
	move("P102", "P101")(s)
	move("S", "")(s) // a second root
	got := map[string]string{}
	for _, row := range targeting.Build(s).Rows {
		got[row.Name] = row.Parent
	}
	want := map[string]string{
		"Store communications": "", "Larkmoor Retail": "Store communications", "North Coast": "Larkmoor Retail", "Ashcombe 101": "North Coast",
		"Brindleford 102": "Ashcombe 101", "South": "Store communications", "Carrow Bay 103": "South", "Dunmere 104": "South",
	}
	if !maps.Equal(got, want) {
		t.Errorf("parents %v, want %v", got, want)
	}
}

func TestMoreRowsThanAllowed(t *testing.T) {
	for _, stores := range []int{15000 - 5 - 3, 15000 - 5 - 2} { // beside the 4 stores, 3 nodes and the top
		s := small()
		for n := range stores {
			open(s, fmt.Sprintf("%06d", n), "Shop", "S", n+10)
		}
		e := targeting.Build(s)
		tooMany := len(e.Rows) > 15000
		if said := says(e.Problems, targeting.Wrong, "file: 15001 rows are more than the 15000 that Teams takes"); said != tooMany || e.Sick() != tooMany {
			t.Errorf("%d rows: problems %+v", len(e.Rows), e.Problems[:1])
		}
		if problems, err := targeting.Lint(bytes.NewReader(file(t, e))); err != nil || says(problems, targeting.Wrong, "Teams takes 15000 rows at most") != tooMany {
			t.Errorf("%d rows: lint %+v, %v", len(e.Rows), problems, err)
		}
	}
}

type fullDisk struct{}

var errFull = errors.New("full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestFileThatCannotBeWritten(t *testing.T) {
	if err := targeting.Build(small()).WriteCSV(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
