package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// example is a plan with a line of every kind, stopped in every way.
func example() plan.Plan {
	roster := org.Roster{Teams: []org.Team{
		{Key: org.Communications, Name: "Store communications", Entries: []org.Entry{
			{User: user(8), Worker: worker(8), Reason: org.CommunicationsManager}, {User: user(9), Role: org.Owner, Reason: org.CommunicationsOwner}}},
		{Key: store("000135"), Name: "Lakeside (000135)", Entries: []org.Entry{owner(1), member(2), member(3)}},
		{Key: store("000136"), Name: "Harbour (000136)", Entries: []org.Entry{member(1), owner(2), owner(4), member(5)}},
		{Key: store("000137"), Name: "Station (000137)", Entries: []org.Entry{owner(6)}},
		{Key: store("000138"), Name: "Airport (000138)", Entries: []org.Entry{owner(7)}},
		{Key: store("000139"), Name: "Mill (000139)", Entries: []org.Entry{owner(7)}},
		{Key: store("000140"), Name: "Castle (000140)", Entries: []org.Entry{owner(7)}},
		{Key: store("000141"), Name: "Bridge (000141)", Entries: []org.Entry{owner(7)}},
		{Key: store("000142"), Name: "Market (000142)", Entries: []org.Entry{member(5), stayOnly(owner(7))}},
		{Key: store("000143"), Name: "Park (000143)", Entries: []org.Entry{owner(7), owner(8)}},
	}}
	found := map[org.TeamKey]plan.Found{
		store("000136"): {Group: "g-136", Name: "Harbor (000136)", HasTeam: true, People: people(-1, -2, 3, 4, -6), Managed: managed(-1, -2, 3, 4, 5, -6)},
		store("000137"): {Group: "g-137", Origin: plan.Mapped, Name: "Station crew"},
		store("000138"): {Group: "g-138", Blocked: "the group's membership follows a rule in Entra"},
		store("000139"): {Group: "g-139", Unclear: "Commerce maps this store to several groups; delete all of these mappings but one"},
		store("000140"): {Group: "g-140", Existence: plan.Deleted},
		store("000141"): {Group: "g-141", Existence: plan.Purged},
		store("000142"): {Group: "g-142", Name: "Market (000142)", HasTeam: true, Archived: true, ArchivedByUs: true, People: people(-1, 2, 5), Managed: managed(-1, 2, 5)},
		store("000143"): {Group: "g-143", Name: "Park (000143)", People: people(-8), Managed: managed(-8)},
		store("000144"): {Group: "g-144", Name: "Closed (000144)", HasTeam: true, Frozen: true, ArchiveDue: true, People: people(-1, 2), Managed: managed(-1, 2)},
	}
	evidence := table{
		leaves:     map[int]org.Leave{1: org.LeftStore, 2: org.LeftCompany, 3: org.Replaced, 6: org.Absent},
		successors: map[int]int{3: 5},
		protected:  map[int]bool{},
	}
	p := plan.Build(roster, found, evidence, plan.Options{Adopt: true, Takes: true})
	return stopped(p)
}

// stopped adds to a plan what rails would.
func stopped(p plan.Plan) plan.Plan {
	var many []plan.Change
	for n := range 57 {
		many = append(many, plan.Change{Team: store("000134"), Kind: plan.Remove, Group: "g-134", User: user(n + 1), Leave: org.Absent})
	}
	again := plan.Change{Team: store("000136"), Kind: plan.AddMember, Group: "g-136", User: user(5), Worker: worker(5), Reason: org.StoreWorker, PutBack: true}
	p.Held = append(p.Held,
		plan.Halt{Team: store("000134"), Rail: plan.RailTeamCap, Why: "57 of the team's 60 people would go", Changes: many},
		plan.Halt{Team: store("000136"), Rail: plan.RailHands, Why: "what was put back was undone by hand again", Changes: []plan.Change{again}})
	p.Later = append(p.Later,
		plan.Halt{Team: store("000136"), Rail: plan.RailDelay, Why: "put back an hour after it was seen undone", Changes: []plan.Change{again}},
		plan.Halt{Team: store("000134"), Rail: plan.RailSource, Why: "Commerce's last reading was short"})
	p.Sort()
	return p
}

func TestGoldenText(t *testing.T) {
	var text bytes.Buffer
	if err := example().WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/plan.txt", text.Bytes())
}

func TestGoldenJSON(t *testing.T) {
	text, err := json.MarshalIndent(example(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/plan.json", append(text, '\n'))
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
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

// Both forms name all that the plan has: nothing is lost between blocks.
func TestEveryHashIsShown(t *testing.T) {
	p := example()
	var text strings.Builder
	if err := p.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range p.Held {
		shown := strings.Contains(text.String(), "! held "+h.Hash()+": "+h.Why)
		if toAllow := len(h.Changes) > 0; toAllow != shown || toAllow != bytes.Contains(asJSON, []byte(h.Hash())) {
			t.Errorf("%s, %q: hash shown %t, want %t", h.Team, h.Why, shown, toAllow)
		}
	}
	if n := strings.Count(text.String(), "store 000136\n"); n != 1 {
		t.Errorf("a team has %d blocks", n)
	}
}

func TestLongHaltsAreCut(t *testing.T) {
	for _, c := range []struct {
		changes, lines int
		more           string
	}{{20, 20, ""}, {21, 20, "... and 1 more\n"}, {57, 20, "... and 37 more\n"}} {
		h := plan.Halt{Team: store("1"), Rail: plan.RailTeamCap, Why: "too many"}
		for n := range c.changes {
			h.Changes = append(h.Changes, removal(n+1))
		}
		for _, p := range []plan.Plan{{Held: []plan.Halt{h}}, {Later: []plan.Halt{h}}} {
			var text strings.Builder
			if err := p.WriteText(&text); err != nil {
				t.Fatal(err)
			}
			shown := strings.Count(text.String(), "      - out owner ")
			if shown != c.lines || strings.Contains(text.String(), "more") != (c.more != "") || !strings.Contains(text.String(), c.more) {
				t.Errorf("%d changes are shown in %d lines:\n%s", c.changes, shown, &text)
			}
		}
	}
}

func TestSummary(t *testing.T) {
	one := []plan.Halt{{Team: store("1"), Why: "so"}}
	rename := []plan.Change{{Team: store("1"), Kind: plan.Rename}}
	for _, c := range []struct {
		plan plan.Plan
		want string
	}{
		{plan.Plan{}, "nothing to do"},
		{plan.Plan{Skipped: one}, "nothing to do"},
		{plan.Plan{Held: one}, "0 changes in 0 teams; 1 held"},
		{plan.Plan{Later: one}, "0 changes in 0 teams; 1 later"},
		{plan.Plan{Changes: rename}, "1 change in 1 team: rename 1"},
		{plan.Plan{Changes: append(rename, removal(1), removal(2)), Held: append(one, one...), Later: one}, "3 changes in 1 team: rename 1, remove 2; 2 held, 1 later"},
	} {
		if got := c.plan.Summary(); got != c.want {
			t.Errorf("summary %q, want %q", got, c.want)
		}
	}
}

func TestWhyAnOwnerIsAMemberOnly(t *testing.T) {
	for leave, why := range map[org.Leave]string{
		org.Absent:    "no row makes them an owner any more",
		org.LeftStore: "their manager position has ended", // they have not left the store
		org.Blocked:   org.Blocked.String(),
	} {
		c := removal(1)
		c.Kind, c.Leave, c.After = plan.Demote, leave, org.UserID{}
		if want := "owner -> member " + c.User.String() + ", worker W001: " + why; c.String() != want {
			t.Errorf("%q, want %q", c, want)
		}
	}
	if c := (plan.Change{Kind: plan.Archive + 1}); c.String() != "unknown change" {
		t.Errorf("a change of no kind is %q", c)
	}
}

func TestHoldOfTheWholePlan(t *testing.T) {
	var text strings.Builder
	if err := (plan.Plan{Hold: "no store has a manager"}).WriteText(&text); err != nil || text.String() != "HELD as a whole: no store has a manager\nnothing to do\n" {
		t.Errorf("got %q, %v", text.String(), err)
	}
}

type fullDisk struct{}

var errFull = errors.New("full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestTextThatCannotBeWritten(t *testing.T) {
	if err := example().WriteText(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
