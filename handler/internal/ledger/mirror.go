package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// People are the persons of a team, ordered by user, each once. In a row they
// are 17 bytes a person (id, role), in base64 as JSON has no bytes: the 25,000
// members a team can have fit into one row.
type People []org.Person

const personSize = 17

// MarshalJSON packs.
func (p People) MarshalJSON() ([]byte, error) {
	packed := make([]byte, 0, len(p)*personSize)
	for _, person := range p {
		packed = append(packed, person.User[:]...)
		packed = append(packed, byte(person.Role))
	}
	return json.Marshal(packed)
}

// UnmarshalJSON unpacks.
func (p *People) UnmarshalJSON(text []byte) error {
	var packed []byte
	if err := json.Unmarshal(text, &packed); err != nil {
		return err
	}
	if len(packed)%personSize != 0 {
		return fmt.Errorf("%d bytes are no whole number of people", len(packed))
	}
	people := make(People, len(packed)/personSize)
	for i := range people {
		chunk := packed[i*personSize:]
		people[i].User = org.UserID(chunk[:16])
		people[i].Role = org.Role(chunk[16])
		if people[i].Role > org.Owner || i > 0 && bytes.Compare(people[i-1].User[:], people[i].User[:]) >= 0 {
			return fmt.Errorf("person %d is out of order or has an unknown role", i) // and would not be found again
		}
	}
	*p = people
	return nil
}

// Role returns what a user is among the people, and whether they are at all.
func (p People) Role(user org.UserID) (role org.Role, ok bool) {
	i, ok := p.search(user)
	if !ok {
		return 0, false
	}
	return p[i].Role, true
}

// Set puts a user in, or changes their role.
func (p *People) Set(user org.UserID, role org.Role) {
	i, ok := p.search(user)
	if ok {
		(*p)[i].Role = role
		return
	}
	*p = slices.Insert(*p, i, org.Person{User: user, Role: role})
}

// Drop takes a user out.
func (p *People) Drop(user org.UserID) {
	if i, ok := p.search(user); ok {
		*p = slices.Delete(*p, i, i+1)
	}
}

// Owned reports whether one of them is an owner.
func (p People) Owned() bool {
	return slices.ContainsFunc(p, func(person org.Person) bool { return person.Role == org.Owner })
}

func (p People) search(user org.UserID) (int, bool) {
	return slices.BinarySearchFunc(p, user, func(person org.Person, user org.UserID) int {
		return bytes.Compare(person.User[:], user[:])
	})
}

// Group is the mirror of one group of the tenant: what it last showed, with
// our own confirmed writes since.
type Group struct {
	ID         org.TeamID `json:"id"`
	Marker     string     `json:"marker,omitempty"`
	Name       string     `json:"name"`
	Unified    bool       `json:"unified,omitempty"`
	Dynamic    bool       `json:"dynamic,omitempty"`
	OnPremises bool       `json:"onPremises,omitempty"`
	HasTeam    bool       `json:"hasTeam,omitempty"`
	Gone       bool       `json:"gone,omitempty"`     // deleted
	Missed     int        `json:"missed,omitempty"`   // while Gone: how often it was not among the deleted groups
	Archived   bool       `json:"archived,omitempty"` // the team is, as verification last saw it or we made it
	People     People     `json:"people"`

	// Unread says that the group was never read whole: only its id and marker are
	// known. Again says that it has to be read whole in the next run, because it
	// could not be in this one.
	Unread bool `json:"unread,omitempty"`
	Again  bool `json:"again,omitempty"`

	// Verified is when Teams' own list of members was last asked for, or the team
	// was made.
	Verified time.Time `json:"verified,omitzero"`

	// Written is when we last wrote to the group ourselves. For a while after, an
	// entry of the feed that says no more than the mirror knows is our own echo.
	Written time.Time `json:"written,omitzero"`

	etag string
}

func (g *Group) key(string) Key   { return Key{partMirror, string(g.ID)} }
func (g *Group) version() *string { return &g.etag }

// missedTwice is how often a deleted group has to be missed among the deleted
// ones to be gone for good: a replica that lags misses it too.
const missedTwice = 2

// Purged reports whether the group is gone for good and cannot be restored.
func (g *Group) Purged() bool { return g.Gone && g.Missed >= missedTwice }

// Groups returns the mirror.
func (b *Book) Groups(ctx context.Context) (map[org.TeamID]*Group, error) {
	return readAll(ctx, b, new(Group), func(g *Group) org.TeamID { return g.ID })
}

// ReadGroup returns one group of the mirror, nil if it has none of that id.
func (b *Book) ReadGroup(ctx context.Context, id org.TeamID) (*Group, error) {
	return readRow(ctx, b, Key{partMirror, string(id)}, new(Group))
}

// SaveGroup writes a group's mirror.
func (b *Book) SaveGroup(ctx context.Context, g *Group) error { return saveRow(ctx, b, g) }
