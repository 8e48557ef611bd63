package graph

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// teamsServicePlan is the service plan TEAMS1, which every licence with Teams
// contains.
const teamsServicePlan = "57ff2da0-773e-42df-b2af-ffb7a2317929"

// mention is a property that an item may leave out. Leaving out says nothing,
// null says there is no value: delta tells a cleared property that way.
type mention[T any] struct {
	said  bool
	value T // the zero value for null
}

// UnmarshalJSON implements json.Unmarshaler; it is called for null too, and not
// at all for a property that is not there.
func (m *mention[T]) UnmarshalJSON(text []byte) error {
	m.said = true
	return json.Unmarshal(text, &m.value)
}

// as returns what read makes of a mentioned value, nil if there is no mention.
func as[T, R any](m mention[T], read func(T) R) *R {
	if !m.said {
		return nil
	}
	r := read(m.value)
	return &r
}

func same[T any](v T) T { return v }

// groupItem is a group as delta and ordinary reads serve it.
type groupItem struct {
	ID           string            `json:"id"`
	Removed      *struct{}         `json:"@removed"`
	Marker       mention[string]   `json:"uniqueName"`
	Name         mention[string]   `json:"displayName"`
	Types        mention[[]string] `json:"groupTypes"`
	OnPremises   mention[bool]     `json:"onPremisesSyncEnabled"` // null: never synced
	Provisioning mention[[]string] `json:"resourceProvisioningOptions"`
	Members      []objectItem      `json:"members@delta"`
	Owners       []objectItem      `json:"owners@delta"`
}

// objectItem is a directory object at the other end of a link.
type objectItem struct {
	Type    string    `json:"@odata.type"`
	ID      string    `json:"id"`
	Removed *struct{} `json:"@removed"`
}

func isUnified(types []string) bool { return containsFold(types, "Unified") }
func isDynamic(types []string) bool { return containsFold(types, "DynamicMembership") }
func hasTeam(options []string) bool { return containsFold(options, "Team") }

func containsFold(values []string, want string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, want) })
}

// change says what a delta item says. Links to ids that are no GUID are counted
// in strays.
func (g groupItem) change(strays *int) orgsync.GroupChange {
	return orgsync.GroupChange{
		ID:         org.NormalTeamID(g.ID),
		Removed:    g.Removed != nil,
		Marker:     as(g.Marker, same),
		Name:       as(g.Name, same),
		Unified:    as(g.Types, isUnified),
		Dynamic:    as(g.Types, isDynamic),
		OnPremises: as(g.OnPremises, same),
		HasTeam:    as(g.Provisioning, hasTeam),
		Members:    memberChanges(g.Members, strays),
		Owners:     memberChanges(g.Owners, strays),
	}
}

// group says the same of a group read whole. It has no people yet.
func (g groupItem) group() orgsync.Group {
	return orgsync.Group{
		ID:         org.NormalTeamID(g.ID),
		Marker:     g.Marker.value,
		Name:       g.Name.value,
		Unified:    isUnified(g.Types.value),
		Dynamic:    isDynamic(g.Types.value),
		OnPremises: g.OnPremises.value,
		HasTeam:    hasTeam(g.Provisioning.value),
	}
}

func memberChanges(items []objectItem, strays *int) []orgsync.MemberChange {
	var changes []orgsync.MemberChange
	for _, item := range items {
		user, ok := item.user(strays)
		if ok {
			changes = append(changes, orgsync.MemberChange{User: user, Removed: item.Removed != nil})
		}
	}
	return changes
}

// user returns the id of an object that is a user, or does not say what it is.
// Devices, nested groups and service principals are no people.
func (o objectItem) user(strays *int) (org.UserID, bool) {
	if o.Type != "" && o.Type != "#microsoft.graph.user" {
		return org.UserID{}, false
	}
	id, err := org.ParseUserID(o.ID)
	if err != nil {
		*strays++
		return org.UserID{}, false
	}
	return id, true
}

// userItem is a user as delta serves it.
type userItem struct {
	ID      string                  `json:"id"`
	Removed *struct{}               `json:"@removed"`
	UPN     mention[string]         `json:"userPrincipalName"`
	Enabled *bool                   `json:"accountEnabled"`
	Type    mention[string]         `json:"userType"`
	Plans   mention[[]assignedPlan] `json:"assignedPlans"`
}

type assignedPlan struct {
	ServicePlanID    string `json:"servicePlanId"`
	CapabilityStatus string `json:"capabilityStatus"`
}

// change says what a delta item says; not ok, if its id is no GUID.
func (u userItem) change() (change orgsync.UserChange, ok bool) {
	id, err := org.ParseUserID(u.ID)
	if err != nil {
		return orgsync.UserChange{}, false
	}
	return orgsync.UserChange{
		ID:      id,
		Removed: u.Removed != nil,
		UPN:     as(u.UPN, strings.ToLower),
		// A null is no mention here: a disabled account is a stated leave, and
		// only a false states it.
		Enabled:  u.Enabled,
		Licensed: as(u.Plans, licensed),
		Guest:    as(u.Type, func(t string) bool { return strings.EqualFold(t, "Guest") }),
	}, true
}

// licensed reports whether Teams is among the plans and usable. Warning is the
// grace time after a subscription ended: Teams still works. Suspended,
// LockedOut and Deleted are not usable.
func licensed(plans []assignedPlan) bool {
	return slices.ContainsFunc(plans, func(p assignedPlan) bool {
		return strings.EqualFold(p.ServicePlanID, teamsServicePlan) &&
			(strings.EqualFold(p.CapabilityStatus, "Enabled") || strings.EqualFold(p.CapabilityStatus, "Warning"))
	})
}
