package plan

import (
	"fmt"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Kind is what a change does. The order is the order of carrying out within a
// team: the team before its people, owners before members, coming before going.
type Kind uint8

// The kinds of change.
const (
	CreateTeam  Kind = iota // make the group and its team, with User as its first owner
	RestoreTeam             // bring a deleted group back
	AdoptTeam               // take an existing group for the store's from now on
	MakeTeam                // give a group of ours that has no team one; User is made owner if it has none
	Unarchive               // the store came back
	Rename
	Promote // a member becomes an owner
	AddOwner
	AddMember
	Demote // an owner becomes a member
	Remove
	Archive // the store closed
)

var kindNames = [...]string{
	"create team", "restore team", "adopt team", "make team", "unarchive", "rename",
	"promote", "add owner", "add member", "demote", "remove", "archive",
}

// String names the kind as plans and run records show it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown change"
}

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no kind of change", text)
	}
	*k = Kind(i)
	return nil
}

// Making reports whether the change makes the team, before anything else.
func (k Kind) Making() bool { return k <= MakeTeam }

// Taking reports whether the change takes something from a person: what the
// rails are there for.
func (k Kind) Taking() bool { return k == Demote || k == Remove }

// Change is one line of a plan. Its JSON is how holds are kept.
type Change struct {
	Team   org.TeamKey         `json:"team"`
	Kind   Kind                `json:"kind"`
	Group  org.TeamID          `json:"group,omitempty"`  // the group it is about; empty for CreateTeam
	User   org.UserID          `json:"user,omitzero"`    // whom it is about; for CreateTeam and MakeTeam the first owner
	Worker org.PersonnelNumber `json:"worker,omitempty"` // the worker behind the user, if any
	Reason org.Reason          `json:"reason,omitempty"` // why somebody comes or is promoted
	Name   string              `json:"name,omitempty"`   // CreateTeam, Rename: the display name to be
	Was    string              `json:"was,omitempty"`    // Rename: the display name that is

	Role  org.Role   `json:"role,omitempty"`  // Demote, Remove: what they are in the team
	Leave org.Leave  `json:"leave,omitempty"` // Demote, Remove: why
	After org.UserID `json:"after,omitzero"`  // Remove: the account that has to be in the team first

	// PutBack marks an addition or promotion that somebody has undone by hand.
	PutBack bool `json:"putBack,omitempty"`
}
