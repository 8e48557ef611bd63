package main

import (
	"fmt"
	"strings"
)

// worker is a person in Commerce, with the account in the tenant if there is one.
type worker struct {
	number  string // PersonnelNumber
	party   string
	name    string
	upn     string
	id      string // object id
	company string
}

// hire adds a worker who is employed and has no account yet.
func (r *retailer) hire(company string) *worker {
	first, last := fullName(r.people)
	return r.hireNamed(company, first, last)
}

func (r *retailer) hireNamed(company string, first, last spelt) *worker {
	r.people++
	w := &worker{
		number: fmt.Sprintf("%06d", 1000+r.people), party: fmt.Sprintf("P-%06d", 1000+r.people),
		name: first.name + " " + last.name, company: company,
	}
	upn := first.ascii + "." + last.ascii
	if r.upns[upn]++; r.upns[upn] > 1 {
		upn += fmt.Sprint(r.upns[upn])
	}
	w.upn = upn + "@" + domain
	w.id = guid("user " + w.upn)
	r.add("Workers", "PersonnelNumber", w.number, "PartyNumber", w.party, "Name", w.name,
		"FirstName", first.name, "LastName", last.name)
	return w
}

// employ adds an employment.
func (r *retailer) employ(w *worker, from, to string) {
	r.add("Employees", "dataAreaId", w.company, "PersonnelNumber", w.number,
		"EmploymentLegalEntityId", w.company, "EmploymentStartDate", from, "EmploymentEndDate", to)
}

// started is a start date that differs from worker to worker.
func (r *retailer) started() string {
	return fmt.Sprintf("20%02d-%02d-01T00:00:00Z", 12+r.people%12, 1+r.people%11)
}

// account gives the worker a licensed account and records it in RetailStaff.
func (r *retailer) account(w *worker) {
	r.user(w.id, w.upn, w.name, licensed)
	r.identity(w, w.id, w.upn)
}

// identity records in RetailStaff which Entra account a worker has.
func (r *retailer) identity(w *worker, objectID, upn string) {
	r.add("RetailStaff", "PersonnelNumber", w.number, "ExternalIdentifier", tenant,
		"ExternalSubIdentifier", objectID, "ExternalIdentityAlias", upn)
}

// systemUser gives a person an F&O user, linked by the person's party.
func (r *retailer) systemUser(w *worker) (userID string) {
	userID, _, _ = strings.Cut(w.upn, "@")
	r.add("PersonUsers", "UserId", userID, "PartyNumber", w.party, "ValidFrom", "2018-01-01T00:00:00Z", "ValidTo", open)
	r.add("SystemUsers", "UserID", userID, "Alias", w.upn, "Enabled", true)
	return userID
}

// worksIn makes the worker one of a store's.
func (r *retailer) worksIn(w *worker, s *store) { r.channelWorker(w.number, s.channel, "Yes") }

func (r *retailer) channelWorker(number, channel, active any) {
	r.add("RetailChannelWorkers", "PersonnelNumber", number, "RetailChannelId", channel, "IsActive", active)
}

// ordinary hires somebody with nothing special about them into a store.
func (r *retailer) ordinary(s *store) *worker {
	w := r.hire(s.company)
	r.employ(w, r.started(), open)
	r.account(w)
	r.worksIn(w, s)
	return w
}

// title is a job, as positions have it.
type title struct{ id, name string }

var (
	storeManager = title{"STMGR", "Store manager"}
	deputy       = title{"STDEP", "Deputy manager"}
	associate    = title{"SALES", "Sales associate"}
	stock        = title{"STOCK", "Stock associate"}
	office       = title{"HQ", "Head office"}
)

// position gives the worker a position in a department, valid for a time, and
// returns its id.
func (r *retailer) position(w *worker, t title, department, from, to string) string {
	id := fmt.Sprintf("POS-%05d", 1+len(r.commerce["PositionsV2"]))
	r.add("PositionsV2", "PositionId", id, "TitleId", t.id, "Title", t.name, "DepartmentNumber", department)
	r.add("PositionWorkerAssignmentsV2", "PositionId", id, "PersonnelNumber", w.number, "ValidFrom", from, "ValidTo", to)
	return id
}

// permit says what a position may do at the till.
func (r *retailer) permit(position, managerPrivileges, group string) {
	r.add("RetailPositionPosPermissions", "PositionId", position,
		"ManagerPrivileges", managerPrivileges, "PosPermissionGroupId", group)
}

// staffStores gives every store its ordinary staff, the first of them as its
// manager, and writes the stores' operating units.
func (r *retailer) staffStores() {
	r.add("RetailPosPermissionGroups", "PosPermissionGroupId", "MANAGER", "Name", "Store managers", "ManagerPrivileges", "Yes")
	r.add("RetailPosPermissionGroups", "PosPermissionGroupId", "SUPERVISOR", "Name", "Supervisors", "ManagerPrivileges", "No")
	for i, s := range r.stores {
		named := ""
		for j := range s.staff {
			w := r.ordinary(s)
			s.accounts = append(s.accounts, w.id)
			switch {
			case j == 0 && !s.managerless():
				s.manager = w
				named = r.appoint(i, s)
			case j == 1:
				r.permit(r.position(w, deputy, s.unit, r.started(), open), "No", "SUPERVISOR")
			case j%2 == 0:
				r.position(w, associate, s.unit, r.started(), open)
			default:
				r.position(w, stock, s.unit, r.started(), open)
			}
		}
		r.addUnit(s.unit, s.party, s.name, "RetailChannel", named)
	}
}

// appoint makes a store's manager its manager, in one of the ways there are,
// and returns whom the operating unit is to name.
func (r *retailer) appoint(i int, s *store) string {
	switch {
	case s.number == "000106" || s.number == "000110":
		// CASE a manager only through a permission group: the position itself has
		// no manager privileges.
		r.permit(r.position(s.manager, storeManager, s.unit, r.started(), open), "No", "MANAGER")
		return ""
	case s.number == "000111":
		// CASE a manager by privilege alone: the position's department names no
		// store, so being active in the store counts.
		r.permit(r.position(s.manager, storeManager, "HR-STORES", r.started(), open), "Yes", "")
		return ""
	case i%3 == 0:
		// CASE a manager whom the operating unit names, and nothing else.
		r.position(s.manager, storeManager, s.unit, r.started(), open)
		return s.manager.number
	}
	// CASE a manager by a privileged position in the store's own department.
	r.permit(r.position(s.manager, storeManager, s.unit, r.started(), open), "Yes", "")
	return ""
}
