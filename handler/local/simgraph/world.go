package simgraph

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// TeamsPlan is the servicePlanId of Teams in assignedPlans.
const TeamsPlan = "57ff2da0-773e-42df-b2af-ffb7a2317929"

// World is what a tenant holds at the start: the "graph" part of a world file,
// rows as the service returns them.
type World struct {
	Users  []User  `json:"users"`
	Groups []Group `json:"groups"`
}

// User is a user's row.
type User struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	DisplayName       string `json:"displayName"`
	Mail              string `json:"mail,omitempty"`
	AccountEnabled    bool   `json:"accountEnabled"`
	UserType          string `json:"userType"` // Member or Guest; empty is Member
	AssignedPlans     []Plan `json:"assignedPlans"`
}

// Plan is one service plan a user has. CapabilityStatus is Enabled, Warning,
// Suspended, LockedOut or Deleted.
type Plan struct {
	ServicePlanID    string `json:"servicePlanId"`
	Service          string `json:"service"`
	CapabilityStatus string `json:"capabilityStatus"`
	AssignedDateTime string `json:"assignedDateTime,omitempty"`
}

// Group is a group's row with its links. It has a team when
// ResourceProvisioningOptions contains "Team".
type Group struct {
	ID                          string   `json:"id"`
	DisplayName                 string   `json:"displayName"`
	Description                 *string  `json:"description"`
	MailNickname                string   `json:"mailNickname"`
	UniqueName                  string   `json:"uniqueName,omitempty"`
	GroupTypes                  []string `json:"groupTypes"`
	MailEnabled                 bool     `json:"mailEnabled"`
	SecurityEnabled             bool     `json:"securityEnabled"`
	Visibility                  string   `json:"visibility"`
	ResourceBehaviorOptions     []string `json:"resourceBehaviorOptions,omitempty"`
	ResourceProvisioningOptions []string `json:"resourceProvisioningOptions"`
	OnPremisesSyncEnabled       *bool    `json:"onPremisesSyncEnabled"`
	IsArchived                  bool     `json:"isArchived,omitempty"` // of the team
	Members                     []Ref    `json:"members"`
	Owners                      []Ref    `json:"owners"`
}

// Ref is a link to a user.
type Ref struct {
	Type string `json:"@odata.type"`
	ID   string `json:"id"`
}

// ParseWorld reads the JSON of a World. Properties of the real types that the
// simulator does not hold are read past; any other name is an error, so that a
// misspelt row does not go unnoticed.
func ParseWorld(data []byte) (World, error) {
	var raw struct {
		Users  []map[string]json.RawMessage `json:"users"`
		Groups []map[string]json.RawMessage `json:"groups"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return World{}, fmt.Errorf("simgraph: world: %w", err)
	}
	known := newSchema()
	links := names("members owners")
	for i, row := range raw.Users {
		if err := checkNames("users", i, row, known.user, nil); err != nil {
			return World{}, err
		}
	}
	for i, row := range raw.Groups {
		if err := checkNames("groups", i, row, known.group, links); err != nil {
			return World{}, err
		}
	}
	var world World
	if err := json.Unmarshal(data, &world); err != nil {
		return World{}, fmt.Errorf("simgraph: world: %w", err)
	}
	return world, nil
}

func checkNames(list string, i int, row map[string]json.RawMessage, known, more nameSet) error {
	for name := range row {
		if !known[name] && !more[name] && !strings.HasPrefix(name, "@odata.") {
			return fmt.Errorf("simgraph: world: graph.%s[%d]: the type has no property %q", list, i, name)
		}
	}
	return nil
}

// load fills the tenant. Nothing of it is a change: delta starts after it.
func (t *Tenant) load(world World) error {
	now := t.opts.Now()
	for i, row := range world.Users {
		if err := t.loadUser(row); err != nil {
			return fmt.Errorf("world: graph.users[%d]: %w", i, err)
		}
	}
	for i, row := range world.Groups {
		if err := t.loadGroup(row, now); err != nil {
			return fmt.Errorf("world: graph.groups[%d] %q: %w", i, row.ID, err)
		}
	}
	t.log, t.seq = nil, 0 // what loading logged is the state every first round lists
	for _, g := range t.groups {
		g.first, g.links, g.undo = 0, nil, nil
	}
	return nil
}

func (t *Tenant) loadUser(row User) error {
	switch {
	case row.ID == "" || row.UserPrincipalName == "":
		return fmt.Errorf("id and userPrincipalName must be given")
	case t.userByID[fold(row.ID)] != nil:
		return fmt.Errorf("id %q is there twice", row.ID)
	case t.userByUPN[fold(row.UserPrincipalName)] != nil:
		return fmt.Errorf("userPrincipalName of %q is there twice", row.ID)
	}
	if row.UserType == "" {
		row.UserType = "Member"
	}
	u := &user{row: row}
	t.users = append(t.users, u)
	t.userByID[fold(row.ID)] = u
	t.userByUPN[fold(row.UserPrincipalName)] = u
	return nil
}

func (t *Tenant) loadGroup(row Group, now time.Time) error {
	switch {
	case row.ID == "" || row.DisplayName == "" || row.MailNickname == "":
		return fmt.Errorf("id, displayName and mailNickname must be given")
	case t.groupByID[fold(row.ID)] != nil:
		return fmt.Errorf("the id is there twice")
	case t.groupByNick[fold(row.MailNickname)] != nil:
		return fmt.Errorf("mailNickname %q is there twice", row.MailNickname)
	case row.UniqueName != "" && t.groupByName[fold(row.UniqueName)] != nil:
		return fmt.Errorf("uniqueName %q is there twice", row.UniqueName)
	}
	g := t.enter(row, now.Add(-t.opts.GroupDelay))
	for _, link := range []struct {
		name string
		refs []Ref
	}{{"members", row.Members}, {"owners", row.Owners}} {
		for _, ref := range link.refs {
			u := t.userByID[fold(ref.ID)]
			if u == nil {
				return fmt.Errorf("%s names %q, and no user has that id", link.name, ref.ID)
			}
			if ref.Type != "" && ref.Type != "#microsoft.graph.user" {
				return fmt.Errorf("%s: %q is a %s; only users are simulated", link.name, ref.ID, ref.Type)
			}
			t.addLink(g, u, link.name, now)
		}
	}
	if slices.Contains(row.ResourceProvisioningOptions, "Team") {
		if !g.unified() {
			return fmt.Errorf("has a team, but groupTypes lacks Unified")
		}
		t.openTeam(g, nil, now)
	}
	if row.IsArchived {
		if g.team == nil {
			return fmt.Errorf("is archived, but has no team")
		}
		g.team.archived = true
	}
	return nil
}

// fold makes ids, names and addresses comparable: the service ignores case.
func fold(s string) string { return strings.ToLower(s) }

// World returns the tenant as a world to start another from: the users and the
// groups that exist now. What is under way, deleted or lagging is not in it.
func (t *Tenant) World() World {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle(t.opts.Now())
	var w World
	for _, u := range t.users {
		if !u.deleted {
			w.Users = append(w.Users, u.row)
		}
	}
	for _, g := range t.groups {
		if g.gone != here {
			continue
		}
		row := g.row
		row.Members, row.Owners = nil, nil
		row.IsArchived = g.team != nil && g.team.archived
		if g.team != nil && !slices.Contains(row.ResourceProvisioningOptions, "Team") {
			row.ResourceProvisioningOptions = append(slices.Clone(row.ResourceProvisioningOptions), "Team")
		}
		for _, p := range g.order {
			ref := Ref{Type: "#microsoft.graph.user", ID: p.user.row.ID}
			if p.member {
				row.Members = append(row.Members, ref)
			}
			if p.owner {
				row.Owners = append(row.Owners, ref)
			}
		}
		w.Groups = append(w.Groups, row)
	}
	return w
}
