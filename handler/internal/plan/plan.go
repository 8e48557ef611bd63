// Package plan compares the teams Commerce wants with the teams the tenant
// has, and says what to change. A plan is a value: sorted, each change with its
// reason, the same for the same input. Computing one touches nothing, which is
// what makes it safe to show, to store and to argue about.
//
// The package is pure and imports only org. What of a plan may be done now is
// package rails' to say; carrying it out is orgsync's.
package plan

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Rail names the rule that stopped something.
type Rail string

// The rails that stop changes of one team.
const (
	RailAdoption  Rail = "adoption"   // a mapping alone does not make a team ours
	RailNewTeam   Rail = "new team"   // a team of ours is gone for good, and another would take its place
	RailDeleted   Rail = "deleted"    // a team that was restored is deleted again
	RailHands     Rail = "hands"      // what was put back is undone by hand again
	RailTeamCap   Rail = "team cap"   // too many of one team would go
	RailTotalCap  Rail = "total cap"  // too many people would go in all
	RailUnclear   Rail = "unclear"    // what the tenant or Commerce shows can be read in two ways
	RailProtected Rail = "protected"  // PROTECTED_USERS
	RailLastOwner Rail = "last owner" // nobody else may own the team
	RailNotOurs   Rail = "not ours"   // not ours to change
	RailSighting  Rail = "sighting"   // waits for another complete reading
	RailSource    Rail = "source"     // Commerce's last reading was short
	RailDelay     Rail = "delay"      // what was undone by hand is put back after a while
)

// Halt is something the plan does not do, and why.
type Halt struct {
	Team    org.TeamKey `json:"team"`
	Rail    Rail        `json:"rail"`
	Why     string      `json:"why"`               // one sentence
	Changes []Change    `json:"changes,omitempty"` // what is stopped, in the plan's order; none: there is nothing to allow
}

// Hash identifies what is stopped: the same changes by the same rail have the
// same hash, whatever the order they come in. It has 16 hex digits.
func (h Halt) Hash() string {
	lines := make([]string, 0, len(h.Changes))
	for _, c := range h.Changes {
		lines = append(lines, fmt.Sprintf("%s|%s|%s", c.Kind, c.Group, c.User))
	}
	slices.Sort(lines)
	sum := sha256.New()
	fmt.Fprintf(sum, "%s|%s", h.Team, h.Rail)
	for _, line := range lines {
		fmt.Fprintf(sum, "\n%s", line)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Plan is what to change, in order.
type Plan struct {
	Hold    string   // not empty: nothing of the plan may be carried out, and why
	Changes []Change // by team, kind, user
	Held    []Halt   // stopped by a rule, waiting for a person
	Later   []Halt   // waiting for time to pass or another reading
	Skipped []Halt   // left alone: not ours to change
}

// Sort puts the plan in order.
func (p *Plan) Sort() {
	slices.SortFunc(p.Changes, Compare)
	for _, halts := range [][]Halt{p.Held, p.Later, p.Skipped} {
		slices.SortStableFunc(halts, func(a, b Halt) int {
			return cmp.Or(cmp.Compare(a.Team.Store, b.Team.Store), cmp.Compare(a.Rail, b.Rail))
		})
	}
}

// Compare orders changes: by team, kind, user.
func Compare(a, b Change) int {
	return cmp.Or(cmp.Compare(a.Team.Store, b.Team.Store), cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.User[:], b.User[:]))
}

// Counts returns the number of changes of each kind that occurs.
func (p Plan) Counts() map[Kind]int {
	counts := map[Kind]int{}
	for _, c := range p.Changes {
		counts[c.Kind]++
	}
	return counts
}

// ByTeam returns the changes team by team, in the plan's order.
func (p Plan) ByTeam() [][]Change {
	var teams [][]Change
	for start := 0; start < len(p.Changes); {
		end := start
		for end < len(p.Changes) && p.Changes[end].Team == p.Changes[start].Team {
			end++
		}
		teams = append(teams, p.Changes[start:end])
		start = end
	}
	return teams
}

// Of returns what the plan says of one team.
func (p Plan) Of(key org.TeamKey) Plan {
	p.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(c Change) bool { return c.Team != key })
	elsewhere := func(h Halt) bool { return h.Team != key }
	p.Held = slices.DeleteFunc(slices.Clone(p.Held), elsewhere)
	p.Later = slices.DeleteFunc(slices.Clone(p.Later), elsewhere)
	p.Skipped = slices.DeleteFunc(slices.Clone(p.Skipped), elsewhere)
	return p
}
