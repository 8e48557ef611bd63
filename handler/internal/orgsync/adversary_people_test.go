package orgsync_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// live has things happen that happen every day: people come and go in Commerce
// and in the tenant, and do by hand what they like.
func (a *adversary) live() {
	if a.rng.IntN(6) == 0 {
		changes := []func(){
			a.leaveStore, a.leaveStore, a.loseRow, a.loseRow, a.endEmployment, a.disable, a.deleteUser, a.unlicense, a.hire, a.hire,
			a.transfer, a.changeManager, a.changeManager, a.rename, a.closeStore, a.openStore, a.otherAccount,
		}
		pickOne(a.rng, changes...)()
	}
	if a.rng.IntN(8) == 0 {
		a.byHand()
	}
}

// editOne changes one row of a collection at random, or drops it.
func (a *adversary) editOne(collection string, change func(row map[string]any) (keep bool)) {
	rows := a.world.Commerce[collection]
	if len(rows) < 2 {
		return
	}
	at, n := a.rng.IntN(len(rows)), -1
	a.edit(a.t, collection, func(row map[string]any) bool {
		n++
		return n != at || change(row)
	})
}

func (a *adversary) leaveStore() {
	a.editOne("RetailChannelWorkers", func(row map[string]any) bool { row["IsActive"] = "No"; return true })
}

func (a *adversary) loseRow() {
	a.editOne("RetailChannelWorkers", func(map[string]any) bool { return false })
}

func (a *adversary) endEmployment() {
	a.editOne("Employees", func(row map[string]any) bool {
		row["EmploymentEndDate"] = time.Now().UTC().Format(time.RFC3339)
		return true
	})
}

// someUser is anybody but the first of head office, who owns what nobody owns.
func (a *adversary) someUser() string {
	return pickOne(a.rng, a.everybody[3:]...)["id"].(string)
}

func (a *adversary) setUser(id string, edit func(*simgraph.User)) {
	_ = a.tenant.SetUser(id, edit) // deleted before, maybe
}

func (a *adversary) disable() {
	on := a.rng.IntN(4) == 0
	a.setUser(a.someUser(), func(u *simgraph.User) { u.AccountEnabled = on })
}

func (a *adversary) unlicense() {
	on := a.rng.IntN(2) == 0
	a.setUser(a.someUser(), func(u *simgraph.User) {
		u.AssignedPlans = nil
		if on {
			u.AssignedPlans = []simgraph.Plan{{ServicePlanID: simgraph.TeamsPlan, CapabilityStatus: "Enabled"}}
		}
	})
}

func (a *adversary) deleteUser() {
	if a.rng.IntN(3) == 0 {
		_ = a.tenant.DeleteUser(a.someUser()) // deleted before, maybe
	}
}

// hire adds a user and a worker who is active in some store.
func (a *adversary) hire() {
	n := len(a.everybody)
	id, upn, worker := fmt.Sprintf("cccccccc-0000-4000-8000-%012d", n), fmt.Sprintf("hired%d@contoso.example", n), fmt.Sprintf("9%08d", n)
	a.addUser(id, upn)
	a.add(a.t, "Workers", map[string]any{"PersonnelNumber": worker, "PartyNumber": "W-" + worker})
	a.add(a.t, "RetailStaff", map[string]any{"PersonnelNumber": worker, "ExternalSubIdentifier": id, "ExternalIdentityAlias": upn})
	store := pickOne(a.rng, a.world.Commerce["RetailStores"]...)
	a.add(a.t, "RetailChannelWorkers", map[string]any{"RetailChannelId": store["RetailChannelId"], "PersonnelNumber": worker, "IsActive": "Yes"})
}

func (a *adversary) addUser(id, upn string) {
	must(a.t, a.tenant.AddUser(simgraph.User{
		ID: id, UserPrincipalName: upn, AccountEnabled: true, UserType: "Member",
		AssignedPlans: []simgraph.Plan{{ServicePlanID: simgraph.TeamsPlan, CapabilityStatus: "Enabled"}},
	}))
	a.everybody = append(a.everybody, map[string]any{"id": id, "userPrincipalName": upn, "userType": "Member"})
}

// otherAccount gives a worker another account.
func (a *adversary) otherAccount() {
	n := len(a.everybody)
	id, upn := fmt.Sprintf("dddddddd-0000-4000-8000-%012d", n), fmt.Sprintf("renamed%d@contoso.example", n)
	a.addUser(id, upn)
	a.editOne("RetailStaff", func(row map[string]any) bool {
		row["ExternalSubIdentifier"], row["ExternalIdentityAlias"] = id, upn
		return true
	})
}

func (a *adversary) transfer() {
	store := pickOne(a.rng, a.world.Commerce["RetailStores"]...)
	a.editOne("RetailChannelWorkers", func(row map[string]any) bool {
		row["RetailChannelId"] = store["RetailChannelId"]
		return true
	})
}

// changeManager gives a store another manager; sometimes the one before keeps no
// privileges.
func (a *adversary) changeManager() {
	worker := pickOne(a.rng, a.world.Commerce["Workers"]...)["PersonnelNumber"]
	a.editOne("OperatingUnits", func(row map[string]any) bool { row["ManagerPersonnelNumber"] = worker; return true })
	if a.rng.IntN(2) == 0 {
		a.editOne("RetailPositionPosPermissions", func(row map[string]any) bool { row["ManagerPrivileges"] = "No"; return true })
	}
}

func (a *adversary) rename() {
	a.editOne("OperatingUnits", func(row map[string]any) bool { row["Name"] = fmt.Sprintf("Renamed %d", a.rng.IntN(99)); return true })
}

func (a *adversary) closeStore() {
	if len(a.world.Commerce["RetailStores"]) > 3 && a.rng.IntN(2) == 0 {
		a.editOne("RetailStores", func(map[string]any) bool { return false })
	}
}

func (a *adversary) openStore() {
	n := len(a.world.Commerce["RetailStores"])
	store := maps.Clone(pickOne(a.rng, a.world.Commerce["RetailStores"]...))
	store["StoreNumber"] = fmt.Sprintf("8%04d%d", a.process, n) // a second till point of the same channel
	a.add(a.t, "RetailStores", store)
}

// byHand does something in Teams, or in the admin center.
func (a *adversary) byHand() {
	teams := a.tenant.Teams()
	teams = slices.DeleteFunc(teams, func(team simgraph.TeamState) bool {
		_, ours := a.judge.teams[team.ID]
		return !ours || len(team.Owners)+len(team.Members) == 0
	})
	if len(teams) == 0 {
		return
	}
	team, stranger := pickOne(a.rng, teams...), a.someUser()
	somebody := pickOne(a.rng, slices.Concat(team.Owners, team.Members)...)
	_ = a.touch(team, stranger, somebody) // what cannot be done is not done
}

// touch does one thing to a team by hand.
func (a *adversary) touch(team simgraph.TeamState, stranger, somebody string) error {
	switch a.rng.IntN(10) {
	case 0, 1:
		a.extras[placement{team.ID, stranger}] = true
		return a.tenant.AddMember(team.ID, stranger)
	case 2:
		a.extras[placement{team.ID, stranger}] = true
		return a.tenant.AddOwner(team.ID, stranger)
	case 3:
		a.extras[placement{team.ID, somebody}] = true
		return a.tenant.AddOwner(team.ID, somebody)
	case 4, 5:
		return a.tenant.RemoveMember(team.ID, somebody)
	case 6:
		return a.tenant.Demote(team.ID, somebody)
	case 7:
		return a.tenant.RenameGroup(team.ID, "Our place")
	case 8:
		return a.tenant.Archive(team.ID, !team.Archived)
	}
	if a.rng.IntN(3) > 0 {
		return nil
	}
	return a.tenant.DeleteGroup(team.ID)
}
