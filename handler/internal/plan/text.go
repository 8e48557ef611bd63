package plan

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// sign is the mark in front of a change: something comes (+) or turns into
// something else (~).
func (k Kind) sign() string {
	if k == Rename || k == Promote {
		return "~"
	}
	return "+"
}

// WriteText writes the plan for people: a block a team, a line a change, the
// counts last. Ids only; names of teams, but none of persons.
func (p Plan) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	if p.Hold != "" {
		fmt.Fprintf(b, "HELD as a whole: %s\n", p.Hold)
	}
	for _, changes := range p.ByTeam() {
		fmt.Fprintln(b, changes[0].Team)
		for _, c := range changes {
			fmt.Fprintf(b, "  %s %s\n", c.Kind.sign(), c)
		}
	}
	for _, h := range p.Held {
		fmt.Fprintf(b, "%s\n  ! held: %s\n", h.Team, h.Why)
	}
	for _, h := range p.Skipped {
		fmt.Fprintf(b, "%s\n  ! left alone: %s\n", h.Team, h.Why)
	}
	fmt.Fprintln(b, p.Summary())
	return b.Flush()
}

// String is the change in words, without its team.
func (c Change) String() string {
	switch c.Kind {
	case CreateTeam:
		return fmt.Sprintf("team %q, first owner %s", c.Name, c.who())
	case AdoptTeam:
		return fmt.Sprintf("adopt group %s, which Commerce maps to this store", c.Group)
	case MakeTeam:
		if c.User.IsZero() {
			return fmt.Sprintf("team for group %s", c.Group)
		}
		return fmt.Sprintf("team for group %s, first owner %s", c.Group, c.who())
	case Rename:
		return fmt.Sprintf("name %q -> %q", c.Was, c.Name)
	case Promote:
		return "member -> owner " + c.who()
	case AddOwner:
		return "owner " + c.who()
	case AddMember:
		return "member " + c.who()
	}
	return c.Kind.String()
}

func (c Change) who() string {
	if c.Worker == "" {
		return fmt.Sprintf("%s: %s", c.User, c.Reason)
	}
	return fmt.Sprintf("%s, worker %s: %s", c.User, c.Worker, c.Reason)
}

// Summary counts the plan on one line.
func (p Plan) Summary() string {
	counts := p.Counts()
	if len(p.Changes) == 0 && len(p.Held) == 0 {
		return "nothing to do"
	}
	parts := make([]string, 0, len(kindNames))
	for k := range Kind(len(kindNames)) {
		if counts[k] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", k, counts[k]))
		}
	}
	text := fmt.Sprintf("%s in %s", number(len(p.Changes), "change"), number(len(p.ByTeam()), "team"))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if len(p.Held) > 0 {
		text += fmt.Sprintf("; %d held", len(p.Held))
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

// MarshalJSON writes the plan for programs. The shape is part of Operations'
// version 1: fields are only ever added.
func (p Plan) MarshalJSON() ([]byte, error) {
	type line struct {
		Team   org.TeamKey         `json:"team"`
		Kind   Kind                `json:"kind"`
		Group  org.TeamID          `json:"group,omitempty"`
		User   *org.UserID         `json:"user,omitempty"`
		Worker org.PersonnelNumber `json:"worker,omitempty"`
		Why    string              `json:"why,omitempty"`
		Name   string              `json:"name,omitempty"`
		Was    string              `json:"was,omitempty"`
	}
	type halt struct {
		Team org.TeamKey `json:"team"`
		Why  string      `json:"why"`
	}
	halts := func(from []Halt) []halt {
		to := make([]halt, 0, len(from))
		for _, h := range from {
			to = append(to, halt(h))
		}
		return to
	}
	out := struct {
		Hold    string       `json:"hold,omitempty"`
		Counts  map[Kind]int `json:"counts"`
		Changes []line       `json:"changes"`
		Held    []halt       `json:"held"`
		Skipped []halt       `json:"skipped"`
	}{Hold: p.Hold, Counts: p.Counts(), Changes: make([]line, 0, len(p.Changes)), Held: halts(p.Held), Skipped: halts(p.Skipped)}
	for _, c := range p.Changes {
		l := line{Team: c.Team, Kind: c.Kind, Group: c.Group, Worker: c.Worker, Name: c.Name, Was: c.Was}
		if !c.User.IsZero() {
			user := c.User
			l.User, l.Why = &user, c.Reason.String()
		}
		out.Changes = append(out.Changes, l)
	}
	return json.Marshal(out)
}
