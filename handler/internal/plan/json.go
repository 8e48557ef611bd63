package plan

import (
	"encoding/json"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Line is a change as programs see it. It is not how holds are kept: reasons
// and roles are words here, for whoever reads, and may be worded anew.
type Line struct {
	Team    org.TeamKey         `json:"team"`
	Kind    Kind                `json:"kind"`
	Sign    string              `json:"sign"` // "+" comes, "~" turns into something else, "-" goes
	Text    string              `json:"text"` // the change in words, without its team
	Group   org.TeamID          `json:"group,omitempty"`
	User    *org.UserID         `json:"user,omitempty"`
	Worker  org.PersonnelNumber `json:"worker,omitempty"`
	Why     string              `json:"why,omitempty"` // of every change about a person
	Name    string              `json:"name,omitempty"`
	Was     string              `json:"was,omitempty"`
	Role    string              `json:"role,omitempty"`  // demote, remove: what they are
	Leave   string              `json:"leave,omitempty"` // demote, remove: what is known of their leaving
	After   *org.UserID         `json:"after,omitempty"` // remove: the account that comes first
	PutBack bool                `json:"putBack,omitempty"`
}

// Stop is a halt as programs see it.
type Stop struct {
	Team    org.TeamKey `json:"team"`
	Rail    Rail        `json:"rail,omitempty"`
	Why     string      `json:"why"`
	Hash    string      `json:"hash,omitempty"` // none: there is nothing to allow
	Changes []Line      `json:"changes,omitempty"`
}

// shape is a plan as programs see it. It is part of Operations' version 1:
// fields are only ever added.
type shape struct {
	Hold    string       `json:"hold,omitempty"`
	Summary string       `json:"summary"`
	Counts  map[Kind]int `json:"counts"`
	Cost    *Cost        `json:"cost,omitempty"`
	Changes []Line       `json:"changes"`
	Held    []Stop       `json:"held"`
	Later   []Stop       `json:"later"`
	Skipped []Stop       `json:"skipped"`
}

func (p Plan) shape() shape {
	return shape{
		Hold: p.Hold, Summary: p.Summary(), Counts: p.Counts(),
		Changes: lines(p.Changes), Held: stops(p.Held), Later: stops(p.Later), Skipped: stops(p.Skipped),
	}
}

// MarshalJSON writes the plan for programs.
func (p Plan) MarshalJSON() ([]byte, error) { return json.Marshal(p.shape()) }

// Priced is a plan with what it costs. In JSON it is the plan with one more
// field, "cost".
type Priced struct {
	Plan
	Cost Cost
}

// MarshalJSON writes the plan and its cost for programs.
func (p Priced) MarshalJSON() ([]byte, error) {
	s := p.shape()
	s.Cost = &p.Cost
	return json.Marshal(s)
}

func lines(changes []Change) []Line {
	all := make([]Line, 0, len(changes))
	for _, c := range changes {
		l := Line{
			Team: c.Team, Kind: c.Kind, Sign: c.Kind.sign(), Text: c.String(),
			Group: c.Group, Worker: c.Worker, Name: c.Name, Was: c.Was, PutBack: c.PutBack,
		}
		if !c.User.IsZero() {
			l.User, l.Why = &c.User, c.why()
		}
		if c.Kind.Taking() {
			l.Role, l.Leave = c.Role.String(), c.Leave.String()
		}
		if !c.After.IsZero() {
			l.After = &c.After
		}
		all = append(all, l)
	}
	return all
}

func stops(halts []Halt) []Stop {
	all := make([]Stop, 0, len(halts))
	for _, h := range halts {
		all = append(all, h.Stop())
	}
	return all
}

// Stop is the halt as programs see it.
func (h Halt) Stop() Stop {
	s := Stop{Team: h.Team, Rail: h.Rail, Why: h.Why, Changes: lines(h.Changes)}
	if len(h.Changes) > 0 {
		s.Hash = h.Hash()
	}
	return s
}
