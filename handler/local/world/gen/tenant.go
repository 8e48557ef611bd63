package main

import "fmt"

// accountState is what is the matter with an account.
type accountState uint8

const (
	licensed accountState = iota // nothing
	unlicensed
	suspended
	disabled
	guest
)

// teamsPlan is the service plan that makes a user a Teams user.
const teamsPlan = "57ff2da0-773e-42df-b2af-ffb7a2317929"

// user adds an account to the tenant.
func (r *retailer) user(id, upn, name string, state accountState) {
	kind, plans := "Member", []row{}
	if state == guest {
		kind = "Guest"
	}
	if state != unlicensed {
		status := "Enabled"
		if state == suspended {
			status = "Suspended"
		}
		plans = []row{{"servicePlanId", teamsPlan, "service", "TeamspaceAPI", "capabilityStatus", status,
			"assignedDateTime", "2021-09-01T08:00:00Z"}}
	}
	r.users = append(r.users, row{"id", id, "userPrincipalName", upn, "displayName", name,
		"accountEnabled", state != disabled, "userType", kind, "assignedPlans", plans})
}

// fillTenant adds the accounts that are no worker's.
func (r *retailer) fillTenant() {
	// The fallback owners, whom SampleSettings names.
	r.user(guid("user it.operations"), "it.operations@"+domain, "IT Operations", licensed)
	r.user(guid("user store.support"), "store.support@"+domain, "Store Support", licensed)

	// Accounts waiting for the people a newcomer hires.
	for i := range 12 {
		upn := fmt.Sprintf("new.hire.%02d@%s", i+1, domain)
		r.user(guid("user "+upn), upn, fmt.Sprintf("New Hire %02d", i+1), licensed)
	}

	// People of head office whom Commerce knows nothing of; some have no licence.
	for i := range 18 {
		first, last := fullName(1000 + i)
		upn := first.ascii + "." + last.ascii + "@" + domain
		state := licensed
		if i%5 == 4 {
			state = unlicensed
		}
		r.user(guid("user "+upn), upn, first.name+" "+last.name, state)
	}
	r.user(guid("user guest 1"), "mira_designco.example#EXT#@"+domain, "Mira (Design Co)", guest)
	r.user(guid("user guest 2"), "tom_fitouts.example#EXT#@"+domain, "Tom (Fitouts)", guest)
}

// addGroups adds the groups there are before storeteams comes.
func (r *retailer) addGroups() {
	it, support := guid("user it.operations"), guid("user store.support")

	// CASE the team of store 000123, which Commerce maps: some of its staff, two
	// guests added by hand, and an owner whom Commerce does not want.
	quay := r.storeNumbered("000123")
	members := append(quay.accounts[:4:4], guid("user guest 1"), guid("user guest 2"), support)
	r.group("Old Quay", "oldquay", []string{"Unified"}, true, members, []string{quay.manager.id, support})

	// CASE the mapped group of store 000125, no team yet.
	r.group("Quarry Bank", "quarrybank", []string{"Unified"}, false, []string{it}, []string{it})

	// CASE the mapped group of store 000126, whose members a rule picks.
	r.group("Rushmere", "rushmere", []string{"Unified", "DynamicMembership"}, true, r.storeNumbered("000126").accounts, []string{it})

	// CASE the mapped group of store 000130, synced from on-premises.
	vale := r.storeNumbered("000130")
	r.group("Vale Retail Park", "valeretailpark", []string{"Unified"}, true, vale.accounts, []string{vale.manager.id})
	r.groups[len(r.groups)-1].set("onPremisesSyncEnabled", true)

	// CASE a team that merely has the name a store's team would have.
	r.group("Ashcombe (000101)", "ashcombe-walking-club", []string{"Unified"}, true, []string{it, support}, []string{support})

	// CASE a security group: it cannot be a team.
	r.group("Store staff (all)", "storestaffall", []string{}, false, r.stores[0].accounts, []string{it})
	r.groups[len(r.groups)-1].set("securityEnabled", true)
	r.groups[len(r.groups)-1].set("mailEnabled", false)

	// Groups that are none of storeteams' business.
	r.group("Larkmoor News", "larkmoornews", []string{"Unified"}, true, []string{it, support, guid("user newsroom")}, []string{guid("user newsroom")})
	r.group("Finance", "finance", []string{"Unified"}, false, []string{it}, []string{it})
}

// group adds a Microsoft 365 group, with a team if it has one.
func (r *retailer) group(name, nickname string, types []string, team bool, members, owners []string) {
	options := []string{}
	if team {
		options = append(options, "Team")
	}
	r.groups = append(r.groups, row{"id", guid("group " + name), "displayName", name, "mailNickname", nickname,
		"groupTypes", types, "mailEnabled", true, "securityEnabled", false, "visibility", "Private",
		"resourceProvisioningOptions", options, "onPremisesSyncEnabled", nil,
		"members", links(members), "owners", links(owners)})
}

func links(ids []string) []row {
	all := make([]row, len(ids))
	for i, id := range ids {
		all[i] = row{"@odata.type", "#microsoft.graph.user", "id", id}
	}
	return all
}
