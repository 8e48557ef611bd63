package plan

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// sign is the mark in front of a change: something comes (+), turns into
// something else (~) or goes (-).
func (k Kind) sign() string {
	switch k {
	case Unarchive, Rename, Promote, Demote:
		return "~"
	case Remove, Archive:
		return "-"
	}
	return "+"
}

// maxStopped is how many changes of one halt the text shows. What passes a cap
// can be thousands; the first few tell what went wrong.
const maxStopped = 20

// WriteText writes the plan for people: a block a team, a line a change, what
// was stopped below it, the counts last. Ids only; names of teams, but none of
// persons.
func (p Plan) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	if p.Hold != "" {
		fmt.Fprintf(b, "HELD as a whole: %s\n", p.Hold)
	}
	for _, block := range p.blocks() {
		block.write(b)
	}
	fmt.Fprintln(b, p.Summary())
	return b.Flush()
}

// block is what a plan says of one team.
type block struct {
	team                 org.TeamKey
	changes              []Change
	held, later, skipped []Halt
}

// blocks returns the plan team by team, the communications team first.
func (p Plan) blocks() []block {
	teams := map[org.TeamKey]*block{}
	of := func(key org.TeamKey) *block {
		if teams[key] == nil {
			teams[key] = &block{team: key}
		}
		return teams[key]
	}
	for _, c := range p.Changes {
		of(c.Team).changes = append(of(c.Team).changes, c)
	}
	for _, h := range p.Held {
		of(h.Team).held = append(of(h.Team).held, h)
	}
	for _, h := range p.Later {
		of(h.Team).later = append(of(h.Team).later, h)
	}
	for _, h := range p.Skipped {
		of(h.Team).skipped = append(of(h.Team).skipped, h)
	}
	all := make([]block, 0, len(teams))
	for _, one := range teams {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b block) int { return cmp.Compare(a.team.Store, b.team.Store) })
	return all
}

func (t block) write(w io.Writer) {
	fmt.Fprintln(w, t.team)
	for _, c := range t.changes {
		fmt.Fprintf(w, "  %s %s\n", c.Kind.sign(), c)
	}
	for _, h := range t.held {
		if len(h.Changes) == 0 { // nothing that a person could allow
			h.write(w, "! held")
		} else {
			h.write(w, "! held "+h.Hash())
		}
	}
	for _, h := range t.later {
		h.write(w, ". later")
	}
	for _, h := range t.skipped {
		h.write(w, "! left alone")
	}
}

func (h Halt) write(w io.Writer, title string) {
	fmt.Fprintf(w, "  %s: %s\n", title, h.Why)
	shown := h.Changes[:min(len(h.Changes), maxStopped)]
	for _, c := range shown {
		fmt.Fprintf(w, "      %s %s\n", c.Kind.sign(), c)
	}
	if more := len(h.Changes) - len(shown); more > 0 {
		fmt.Fprintf(w, "      ... and %d more\n", more)
	}
}

// String is the change in words, without its team.
func (c Change) String() string {
	switch c.Kind {
	case CreateTeam:
		if c.User.IsZero() { // to be allowed first
			return fmt.Sprintf("team %q in place of group %s", c.Name, c.Group)
		}
		return fmt.Sprintf("team %q, first owner %s", c.Name, c.who())
	case RestoreTeam:
		return fmt.Sprintf("restore the deleted group %s", c.Group)
	case AdoptTeam:
		return fmt.Sprintf("adopt group %s, which Commerce maps to this store", c.Group)
	case MakeTeam:
		if c.User.IsZero() {
			return fmt.Sprintf("team for group %s", c.Group)
		}
		return fmt.Sprintf("team for group %s, first owner %s", c.Group, c.who())
	case Unarchive:
		return "team active again"
	case Rename:
		return fmt.Sprintf("name %q -> %q", c.Was, c.Name)
	case Archive:
		return "archive the team: the store is closed"
	}
	return c.personal()
}

// personal is a change about a person in words.
func (c Change) personal() string {
	switch c.Kind {
	case Promote:
		return "member -> owner " + c.who()
	case AddOwner:
		return "owner " + c.who()
	case AddMember:
		return "member " + c.who()
	case Demote:
		return "owner -> member " + c.who()
	case Remove:
		if c.Role == org.Owner {
			return "out owner " + c.who()
		}
		return "out " + c.who()
	}
	return c.Kind.String()
}

// who names the person of a change, and says why they come or go.
func (c Change) who() string {
	text := c.User.String()
	if c.Worker != "" {
		text += ", worker " + string(c.Worker)
	}
	text += ": " + c.why()
	if !c.After.IsZero() {
		text += fmt.Sprintf(", %s comes first", c.After)
	}
	if c.PutBack {
		text += "; was undone by hand"
	}
	return text
}

// why says why a person comes or goes.
func (c Change) why() string {
	switch {
	case c.Kind == Demote && c.Leave == org.Absent: // they still belong, but not as an owner
		return "no row makes them an owner any more"
	case c.Kind == Demote && c.Leave == org.LeftStore:
		return "their manager position has ended"
	case c.Kind.Taking():
		return c.Leave.String()
	}
	return c.Reason.String()
}

// Summary counts the plan on one line.
func (p Plan) Summary() string {
	if len(p.Changes) == 0 && len(p.Held) == 0 && len(p.Later) == 0 {
		return "nothing to do"
	}
	text := fmt.Sprintf("%s in %s", number(len(p.Changes), "change"), number(len(p.ByTeam()), "team"))
	counts := p.Counts()
	parts := make([]string, 0, len(kindNames))
	for k := range Kind(len(kindNames)) {
		if counts[k] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", k, counts[k]))
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	var stopped []string
	if len(p.Held) > 0 {
		stopped = append(stopped, fmt.Sprintf("%d held", len(p.Held)))
	}
	if len(p.Later) > 0 {
		stopped = append(stopped, fmt.Sprintf("%d later", len(p.Later)))
	}
	if len(stopped) > 0 {
		text += "; " + strings.Join(stopped, ", ")
	}
	return text
}

// number writes a count of things.
func number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
