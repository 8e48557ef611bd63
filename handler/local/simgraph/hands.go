package simgraph

import (
	"fmt"
	"reflect"
	"time"
)

// The methods in this file do what a person does in Teams or in the Entra
// admin center. They ask no token, count as no write of the app's, and show up
// in delta. Each fails only when the id names nothing, or the service would
// not let a person do it either.

// RenameGroup gives a group, and with it its team, another name.
func (t *Tenant) RenameGroup(groupID, name string) error {
	return t.byHand(groupID, func(g *group, now time.Time) error {
		g.row.DisplayName = name
		t.note(change{group: g, what: "displayName"}, now)
		return nil
	})
}

// AddMember puts a user into a group.
func (t *Tenant) AddMember(groupID, userID string) error {
	return t.handLink(groupID, userID, "members")
}

// AddOwner makes a user owner of a group; in a team they are a member too.
func (t *Tenant) AddOwner(groupID, userID string) error { return t.handLink(groupID, userID, "owners") }

func (t *Tenant) handLink(groupID, userID, what string) error {
	return t.byHand(groupID, func(g *group, now time.Time) error {
		u := t.user(userID)
		if u == nil {
			return missing(userID)
		}
		t.addLink(g, u, what, now)
		return nil
	})
}

// Demote makes an owner a member.
func (t *Tenant) Demote(groupID, userID string) error {
	return t.handPlace(groupID, userID, true)
}

// RemoveMember takes a user out of a group, whatever they were in it.
func (t *Tenant) RemoveMember(groupID, userID string) error {
	return t.handPlace(groupID, userID, false)
}

func (t *Tenant) handPlace(groupID, userID string, member bool) error {
	return t.byHand(groupID, func(g *group, now time.Time) error {
		u := t.user(userID)
		if u == nil {
			return missing(userID)
		}
		is := g.at(u)
		if is.membership == "" {
			return missing(userID)
		}
		if is.owner && g.owners() == 1 {
			return badDirectory("The last owner cannot go.")
		}
		t.place(g, u, member, false, now)
		return nil
	})
}

// Archive archives a team, or makes an archived one active again.
func (t *Tenant) Archive(groupID string, archived bool) error {
	return t.byHand(groupID, func(g *group, _ time.Time) error {
		if g.team == nil {
			return missingTeam(groupID)
		}
		g.team.archived = archived
		return nil
	})
}

// DeleteGroup deletes a group for now: it could be restored.
func (t *Tenant) DeleteGroup(groupID string) error {
	return t.byHand(groupID, func(g *group, now time.Time) error {
		t.remove(g, deleted, now)
		return nil
	})
}

// PurgeGroup deletes a group for good, deleted for now or not.
func (t *Tenant) PurgeGroup(groupID string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.groupByID[fold(groupID)]
	if g == nil || g.gone == purged {
		return fmt.Errorf("simgraph: %w", missing(groupID))
	}
	t.remove(g, purged, t.opts.Now())
	return nil
}

// RestoreGroup brings a deleted group back with everything it had.
func (t *Tenant) RestoreGroup(groupID string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.groupByID[fold(groupID)]
	if g == nil || g.gone != deleted {
		return fmt.Errorf("simgraph: %w", missing(groupID))
	}
	t.restore(g, t.opts.Now())
	return nil
}

// AddUser adds a user to the tenant.
func (t *Tenant) AddUser(row User) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.loadUser(row); err != nil {
		return fmt.Errorf("simgraph: %w", err)
	}
	u := t.userByID[fold(row.ID)]
	u.first = t.note(change{user: u}, t.opts.Now())
	return nil
}

// SetUser changes a user's row: their account, licence, name. The id stays.
func (t *Tenant) SetUser(userID string, edit func(*User)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.user(userID)
	if u == nil {
		return fmt.Errorf("simgraph: %w", missing(userID))
	}
	row := u.row
	row.AssignedPlans = append([]Plan{}, row.AssignedPlans...)
	edit(&row)
	row.ID = u.row.ID
	if other := t.userByUPN[fold(row.UserPrincipalName)]; other != nil && other != u {
		return fmt.Errorf("simgraph: userPrincipalName is another user's")
	}
	delete(t.userByUPN, fold(u.row.UserPrincipalName))
	t.userByUPN[fold(row.UserPrincipalName)] = u
	before := user{row: u.row}
	u.row = row
	for _, name := range []string{"accountEnabled", "assignedPlans", "displayName", "mail", "userPrincipalName", "userType"} {
		if !reflect.DeepEqual(before.value(name), u.value(name)) {
			t.note(change{user: u, what: name}, t.opts.Now())
		}
	}
	return nil
}

// DeleteUser deletes a user for now. Their places in groups go with them, even
// that of a last owner.
func (t *Tenant) DeleteUser(userID string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.user(userID)
	if u == nil {
		return fmt.Errorf("simgraph: %w", missing(userID))
	}
	now := t.opts.Now()
	for _, g := range t.groups {
		t.place(g, u, false, false, now)
	}
	u.deleted = true
	delete(t.userByUPN, fold(u.row.UserPrincipalName))
	t.note(change{user: u}, now)
	return nil
}

func (t *Tenant) byHand(groupID string, do func(*group, time.Time) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.opts.Now()
	t.settle(now)
	g := t.groupByID[fold(groupID)]
	if g == nil || g.gone != here {
		return fmt.Errorf("simgraph: %w", missing(groupID))
	}
	if err := do(g, now); err != nil {
		return fmt.Errorf("simgraph: %w", err)
	}
	return nil
}
