package org

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// StoreNumber names a store: RetailStores.StoreNumber, e.g. "000135".
type StoreNumber string

// Folded makes store numbers comparable: Finance & Operations ignores their
// case, and so do mail nicknames.
func (n StoreNumber) Folded() string { return strings.ToLower(string(n)) }

// PersonnelNumber names a worker: Workers.PersonnelNumber.
type PersonnelNumber string

// TeamID is the id of a Microsoft 365 group with (or about to get) a team.
// Text of a GUID in lower case.
type TeamID string

// UserID is an Entra object id in binary: GUIDs compare without case, and a
// chain has a million memberships to keep in memory.
type UserID [16]byte

// ParseUserID reads a GUID in its usual form (8-4-4-4-12 hex digits, any case,
// optionally in braces as Finance & Operations writes them).
func ParseUserID(s string) (UserID, error) {
	var id UserID
	t := strings.TrimSpace(s)
	if len(t) == 38 && t[0] == '{' && t[37] == '}' {
		t = t[1:37]
	}
	if len(t) != 36 || t[8] != '-' || t[13] != '-' || t[18] != '-' || t[23] != '-' {
		return id, fmt.Errorf("%q is not a GUID", s)
	}
	digits := t[0:8] + t[9:13] + t[14:18] + t[19:23] + t[24:36]
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return UserID{}, fmt.Errorf("%q is not a GUID", s)
	}
	return id, nil
}

// IsZero reports whether the id is unset.
func (u UserID) IsZero() bool { return u == UserID{} }

// String returns the GUID in lower case.
func (u UserID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText implements encoding.TextMarshaler.
func (u UserID) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *UserID) UnmarshalText(text []byte) error {
	id, err := ParseUserID(string(text))
	*u = id
	return err
}

// NormalTeamID returns s as a TeamID: trimmed, lower case, without braces.
func NormalTeamID(s string) TeamID {
	return TeamID(strings.ToLower(strings.Trim(strings.TrimSpace(s), "{}")))
}

// Role is what a person is in a team. Owner is the stronger one.
type Role uint8

// The roles.
const (
	Member Role = iota
	Owner
)

// String names the role as plans show it.
func (r Role) String() string {
	if r == Owner {
		return "owner"
	}
	return "member"
}

// TeamKey says which of our teams is meant: a store's, or (the zero value) the
// communications team.
type TeamKey struct{ Store StoreNumber }

// Communications is the key of the communications team.
var Communications = TeamKey{}

// IsStore reports whether the key is a store's.
func (k TeamKey) IsStore() bool { return k.Store != "" }

// String names the team for people: "communications" or "store 000135".
func (k TeamKey) String() string {
	if !k.IsStore() {
		return "communications"
	}
	return "store " + string(k.Store)
}

// MarshalText writes the key for records: "c" or "s/000135".
func (k TeamKey) MarshalText() ([]byte, error) {
	if !k.IsStore() {
		return []byte("c"), nil
	}
	return []byte("s/" + string(k.Store)), nil
}

// UnmarshalText reads what MarshalText wrote.
func (k *TeamKey) UnmarshalText(text []byte) error {
	number, isStore := strings.CutPrefix(string(text), "s/")
	switch {
	case isStore && number != "":
		k.Store = StoreNumber(number)
	case string(text) == "c":
		k.Store = ""
	default:
		return fmt.Errorf("%q names no team", text)
	}
	return nil
}

// Less orders keys: the communications team first, then stores by number.
func (k TeamKey) Less(other TeamKey) bool { return k.Store < other.Store }
