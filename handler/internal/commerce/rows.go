package commerce

import (
	"strings"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// The rows on the wire, one type per collection. Types of package org say what
// the attributes mean. A key here is what a row cannot do without, which need
// not be what F&O calls the entity's key.

type storeRow struct {
	Number  cell `json:"StoreNumber"`
	Channel cell `json:"RetailChannelId"`
	Unit    cell `json:"OperatingUnitNumber"`
	Party   cell `json:"OperatingUnitPartyNumber"`
	Zone    cell `json:"ChannelTimeZoneInfoId"`
}

func (r *storeRow) decode(d *decoder) org.Store {
	return org.Store{
		Number:  d.store(d.key(&r.Number)),
		Channel: d.text(&r.Channel),
		Unit:    d.text(&r.Unit),
		Party:   d.text(&r.Party),
		Zone:    d.repeated(&r.Zone),
	}
}

type unitRow struct {
	Number  cell `json:"OperatingUnitNumber"`
	Party   cell `json:"PartyNumber"`
	Name    cell `json:"Name"`
	Manager cell `json:"ManagerPersonnelNumber"`
}

func (r *unitRow) decode(d *decoder) org.Unit {
	return org.Unit{
		Number:  d.key(&r.Number),
		Party:   d.text(&r.Party),
		Name:    d.text(&r.Name),
		Manager: d.worker(d.text(&r.Manager)),
	}
}

type workerRow struct {
	Number cell `json:"PersonnelNumber"`
	Party  cell `json:"PartyNumber"`
}

func (r *workerRow) decode(d *decoder) org.Worker {
	return org.Worker{
		Number: d.worker(d.key(&r.Number)),
		Party:  d.text(&r.Party),
	}
}

type channelWorkerRow struct {
	Channel cell `json:"RetailChannelId"`
	Worker  cell `json:"PersonnelNumber"`
	Active  cell `json:"IsActive"`
}

func (r *channelWorkerRow) decode(d *decoder) org.ChannelWorker {
	return org.ChannelWorker{
		Channel: d.channel(d.repeatedKey(&r.Channel)),
		Worker:  d.worker(d.key(&r.Worker)),
		Active:  d.flag(&r.Active),
	}
}

type employmentRow struct {
	Worker cell `json:"PersonnelNumber"`
	End    cell `json:"EmploymentEndDate"`
}

func (r *employmentRow) decode(d *decoder) org.Employment {
	return org.Employment{
		Worker: d.worker(d.key(&r.Worker)),
		End:    d.date(&r.End),
	}
}

type staffRow struct {
	Worker   cell `json:"PersonnelNumber"`
	ObjectID cell `json:"ExternalSubIdentifier"`
	Alias    cell `json:"ExternalIdentityAlias"`
}

func (r *staffRow) decode(d *decoder) org.Staff {
	return org.Staff{
		Worker:   d.worker(d.key(&r.Worker)),
		ObjectID: d.text(&r.ObjectID),
		Alias:    d.text(&r.Alias),
	}
}

type personUserRow struct {
	Party cell `json:"PartyNumber"`
	User  cell `json:"UserId"`
	From  cell `json:"ValidFrom"`
	To    cell `json:"ValidTo"`
}

func (r *personUserRow) decode(d *decoder) org.PersonUser {
	return org.PersonUser{
		Party: d.key(&r.Party),
		User:  d.key(&r.User),
		From:  d.date(&r.From),
		To:    d.date(&r.To),
	}
}

type systemUserRow struct {
	ID       cell `json:"UserID"`
	Alias    cell `json:"Alias"`
	ObjectID cell `json:"UserObjectId"`
}

func (r *systemUserRow) decode(d *decoder) org.SystemUser {
	return org.SystemUser{
		ID:       d.key(&r.ID),
		Alias:    d.text(&r.Alias),
		ObjectID: d.text(&r.ObjectID),
	}
}

type assignmentRow struct {
	Position cell `json:"PositionId"`
	Worker   cell `json:"PersonnelNumber"`
	From     cell `json:"ValidFrom"`
	To       cell `json:"ValidTo"`
}

func (r *assignmentRow) decode(d *decoder) org.Assignment {
	return org.Assignment{
		Position: d.key(&r.Position),
		Worker:   d.worker(d.key(&r.Worker)),
		From:     d.date(&r.From),
		To:       d.date(&r.To),
	}
}

type positionRow struct {
	ID         cell `json:"PositionId"`
	Department cell `json:"DepartmentNumber"`
	TitleID    cell `json:"TitleId"`
	Title      cell `json:"Title"`
}

func (r *positionRow) decode(d *decoder) org.Position {
	return org.Position{
		ID:         d.key(&r.ID),
		Department: d.repeated(&r.Department),
		TitleID:    d.repeated(&r.TitleID),
		Title:      d.repeated(&r.Title),
	}
}

type positionPermissionRow struct {
	Position cell `json:"PositionId"`
	Manager  cell `json:"ManagerPrivileges"`
	Group    cell `json:"PosPermissionGroupId"`
}

func (r *positionPermissionRow) decode(d *decoder) org.PositionPermission {
	return org.PositionPermission{
		Position: d.key(&r.Position),
		Manager:  d.flag(&r.Manager),
		Group:    d.repeated(&r.Group),
	}
}

type permissionGroupRow struct {
	ID      cell `json:"PosPermissionGroupId"`
	Manager cell `json:"ManagerPrivileges"`
}

func (r *permissionGroupRow) decode(d *decoder) org.PermissionGroup {
	return org.PermissionGroup{
		ID:      d.key(&r.ID),
		Manager: d.flag(&r.Manager),
	}
}

type hierarchyRow struct {
	Hierarchy  cell `json:"HierarchyType"`
	Parent     cell `json:"ParentOrganizationPartyNumber"`
	Child      cell `json:"ChildOrganizationPartyNumber"`
	ParentName cell `json:"ParentOrganizationName"`
	ChildName  cell `json:"ChildOrganizationName"`
	From       cell `json:"validFrom"`
	To         cell `json:"validTo"`
}

func (r *hierarchyRow) decode(d *decoder) org.HierarchyLink {
	return org.HierarchyLink{
		Hierarchy:  d.repeatedKey(&r.Hierarchy),
		Parent:     d.repeated(&r.Parent),
		Child:      d.key(&r.Child),
		ParentName: d.repeated(&r.ParentName),
		ChildName:  d.text(&r.ChildName),
		From:       d.date(&r.From),
		To:         d.date(&r.To),
	}
}

type purposeRow struct {
	Hierarchy cell `json:"HierarchyType"`
	Purpose   cell `json:"HierarchyPurpose"`
	Default   cell `json:"SetAsDefault"`
}

func (r *purposeRow) decode(d *decoder) org.HierarchyPurpose {
	return org.HierarchyPurpose{
		Hierarchy: d.key(&r.Hierarchy),
		Purpose:   d.text(&r.Purpose),
		Default:   d.flag(&r.Default),
	}
}

type roleRow struct {
	User   cell `json:"UserId"`
	Role   cell `json:"SecurityRoleIdentifier"`
	Name   cell `json:"SecurityRoleName"`
	Status cell `json:"AssignmentStatus"`
}

func (r *roleRow) decode(d *decoder) org.RoleAssignment {
	return org.RoleAssignment{
		User:   d.key(&r.User),
		Role:   d.repeated(&r.Role),
		Name:   d.repeated(&r.Name),
		Status: d.repeated(&r.Status),
	}
}

type roleOrganizationRow struct {
	User         cell `json:"UserId"`
	Role         cell `json:"SecurityRoleIdentifier"`
	Organization cell `json:"OrganizationId"`
}

func (r *roleOrganizationRow) decode(d *decoder) org.RoleOrganization {
	return org.RoleOrganization{
		User:         d.key(&r.User),
		Role:         d.repeated(&r.Role),
		Organization: d.repeated(&r.Organization),
	}
}

type mappingRow struct {
	SourceType cell `json:"SourceType"`
	SourceID   cell `json:"SourceId"`
	Team       cell `json:"TeamId"`
}

// decode leaves out mappings of anything but stores. Other source types exist
// (the enum RetailTeamsIntegrationSourceType) and their keys mean other things.
func (r *mappingRow) decode(d *decoder) org.Mapping {
	source := d.repeated(&r.SourceType)
	ofStore := strings.EqualFold(source, "RetailStore")
	if d.problem == "" && !ofStore {
		d.skip()
	}
	mapping := org.Mapping{SourceType: source, SourceID: d.key(&r.SourceID)}
	if ofStore {
		d.store(mapping.SourceID)
	}
	// A team that is no GUID is no group anybody could look up, but the store
	// seems to have one: the mapping stays, without it.
	if team := d.text(&r.Team); isGUID(team) {
		mapping.Team = org.NormalTeamID(team)
	}
	return mapping
}

func isGUID(text string) bool {
	_, err := org.ParseUserID(text)
	return err == nil
}
