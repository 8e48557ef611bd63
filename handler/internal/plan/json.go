package plan

import (
	"encoding/json"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// line is a change as programs see it. It is not how holds are kept: reasons
// and roles are words here, for whoever reads, and may be worded anew.
type line struct {
	Team    org.TeamKey         `json:"team"`
	Kind    Kind                `json:"kind"`
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

// stop is a halt as programs see it.
type stop struct {
	Team    org.TeamKey `json:"team"`
	Rail    Rail        `json:"rail,omitempty"`
	Why     string      `json:"why"`
	Hash    string      `json:"hash,omitempty"` // none: there is nothing to allow
	Changes []line      `json:"changes,omitempty"`
}

// MarshalJSON writes the plan for programs. The shape is part of Operations'
// version 1: fields are only ever added.
func (p Plan) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Hold    string       `json:"hold,omitempty"`
		Counts  map[Kind]int `json:"counts"`
		Changes []line       `json:"changes"`
		Held    []stop       `json:"held"`
		Later   []stop       `json:"later"`
		Skipped []stop       `json:"skipped"`
	}{p.Hold, p.Counts(), lines(p.Changes), stops(p.Held), stops(p.Later), stops(p.Skipped)})
}

func lines(changes []Change) []line {
	all := make([]line, 0, len(changes))
	for _, c := range changes {
		l := line{Team: c.Team, Kind: c.Kind, Group: c.Group, Worker: c.Worker, Name: c.Name, Was: c.Was, PutBack: c.PutBack}
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

func stops(halts []Halt) []stop {
	all := make([]stop, 0, len(halts))
	for _, h := range halts {
		s := stop{Team: h.Team, Rail: h.Rail, Why: h.Why, Changes: lines(h.Changes)}
		if len(h.Changes) > 0 {
			s.Hash = h.Hash()
		}
		all = append(all, s)
	}
	return all
}
