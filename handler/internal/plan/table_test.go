package plan_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

func user(n int) org.UserID { return org.UserID{15: byte(n)} }

func worker(n int) org.PersonnelNumber { return org.PersonnelNumber(fmt.Sprintf("W%03d", n)) }

func store(number string) org.TeamKey { return org.TeamKey{Store: org.StoreNumber(number)} }

func owner(n int) org.Entry {
	return org.Entry{User: user(n), Role: org.Owner, Worker: worker(n), Reason: org.UnitManager}
}

func member(n int) org.Entry {
	return org.Entry{User: user(n), Worker: worker(n), Reason: org.StoreWorker}
}

func stayOnly(e org.Entry) org.Entry {
	e.StayOnly = true
	return e
}

// people are persons by number: owners are negative.
func people(numbers ...int) []org.Person {
	var all []org.Person
	for _, n := range numbers {
		all = append(all, org.Person{User: user(max(n, -n)), Role: role(n)})
	}
	slices.SortFunc(all, func(a, b org.Person) int { return bytes.Compare(a.User[:], b.User[:]) })
	return all
}

// managed are managed people by number: who was managed as an owner is negative.
func managed(numbers ...int) []org.Managed {
	var all []org.Managed
	for _, person := range people(numbers...) {
		all = append(all, org.Managed{User: person.User, Role: person.Role, Worker: worker(int(person.User[15]))})
	}
	return all
}

func role(n int) org.Role {
	if n < 0 {
		return org.Owner
	}
	return org.Member
}

// table is evidence as a table, by user number. Who is not in it stays.
type table struct {
	leaves     map[int]org.Leave
	successors map[int]int
	protected  map[int]bool
}

func (t table) Departure(_ org.TeamKey, m org.Managed) org.Departure {
	n := int(m.User[15])
	d := org.Departure{Leave: t.leaves[n]}
	if d.Leave == org.Replaced {
		d.Successor = user(t.successors[n])
	}
	return d
}

func (t table) Demotion(_ org.TeamKey, m org.Managed) org.Leave { return t.leaves[int(m.User[15])] }

func (t table) Protected(u org.UserID) bool { return t.protected[int(u[15])] }

func (t table) Blocked(_ org.TeamKey, u org.UserID) bool { return t.leaves[int(u[15])] == org.Blocked }

// left says of each user that they left in that way.
func left(how org.Leave, numbers ...int) table {
	t := table{leaves: map[int]org.Leave{}}
	for _, n := range numbers {
		t.leaves[n] = how
	}
	return t
}

// said is a plan in short: kinds and user numbers of its changes, then what it
// holds and skips, by rail and with the changes that are stopped.
func said(p plan.Plan) []string {
	var all []string
	for _, c := range p.Changes {
		all = append(all, brief(c))
	}
	for title, halts := range map[string][]plan.Halt{"held": p.Held, "later": p.Later, "skipped": p.Skipped} {
		for _, h := range halts {
			text := title + ", " + string(h.Rail)
			for _, c := range h.Changes {
				text += ", " + brief(c)
			}
			all = append(all, text)
		}
	}
	slices.Sort(all[len(p.Changes):])
	return all
}

func brief(c plan.Change) string {
	text := c.Kind.String()
	if !c.User.IsZero() {
		text += fmt.Sprintf(" %d", c.User[15])
	}
	if c.PutBack {
		text += " again"
	}
	return text
}

// lakeside is the store that most tests are about: one owner, two members, all
// of them there and managed.
var lakeside = org.Team{Key: store("000135"), Name: "Lakeside (000135)", Entries: []org.Entry{owner(1), member(2), member(3)}}

func there(change func(*plan.Found)) *plan.Found {
	f := plan.Found{Group: "g-1", Name: lakeside.Name, HasTeam: true, People: people(-1, 2, 3), Managed: managed(-1, 2, 3)}
	if change != nil {
		change(&f)
	}
	return &f
}

// expectation is one case of a table about a single team.
type expectation struct {
	entries  []org.Entry // nil: lakeside's own
	found    *plan.Found // nil: there is nothing
	unwanted bool        // the roster does not have the team
	evidence table
	adds     bool // MODE=add: nothing is taken
	adopt    bool
	allowed  func(plan.Halt) bool
	standIns []org.UserID // FALLBACK_OWNERS
	want     []string
}

func (e expectation) build() plan.Plan {
	team := lakeside
	if e.entries != nil {
		team.Entries = e.entries
	}
	roster := org.Roster{FallbackOwners: e.standIns}
	if !e.unwanted {
		roster.Teams = []org.Team{team}
	}
	found := map[org.TeamKey]plan.Found{}
	if e.found != nil {
		found[team.Key] = *e.found
	}
	return plan.Build(roster, found, e.evidence, plan.Options{Adopt: e.adopt, Takes: !e.adds, Allowed: e.allowed})
}

func check(t *testing.T, cases map[string]expectation) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := said(c.build()); !slices.Equal(got, c.want) {
				t.Errorf("planned %q, want %q", got, c.want)
			}
		})
	}
}
