package main

// The security role that makes a communications manager.
const (
	taskManagerID   = "RETAILTASKMANAGER"
	taskManagerName = "Retail task manager"
)

// headOffice hires the people above the stores. They come first, so that their
// personnel numbers are the lowest.
func (r *retailer) headOffice() {
	// CASE a communications manager for every store.
	communications := r.headOfficer()
	r.role(r.systemUser(communications), taskManagerID, taskManagerName)

	// CASE a regional manager whom the node's operating unit names, and whose role
	// as communications manager is limited to their region.
	north := r.headOfficer()
	user := r.systemUser(north)
	r.role(user, taskManagerID, taskManagerName)
	r.add("SecurityUserRoleOrganizations", "UserId", user, "SecurityRoleIdentifier", taskManagerID,
		"OrganizationType", "OperatingUnit", "OrganizationId", "910", "HierarchyType", byRegion)

	// CASE a regional manager who is no communications manager.
	central := r.headOfficer()

	// CASE a communications manager whom no unit names.
	south := r.headOfficer()
	r.role(r.systemUser(south), taskManagerID, taskManagerName)

	// CASE an F&O user with another role.
	finance := r.headOfficer()
	r.role(r.systemUser(finance), "LEDGERACCOUNTANT", "Accountant")

	// CASE a communications manager who is an F&O user and no worker.
	r.user(guid("user newsroom"), "newsroom@"+domain, "Larkmoor Newsroom", licensed)
	r.add("SystemUsers", "UserID", "newsroom", "Alias", "Newsroom@"+domain, "Enabled", true)
	r.role("newsroom", taskManagerID, taskManagerName)

	managers := map[string]string{"North": north.number, "Central": central.number}
	for _, n := range nodes {
		r.addUnit(n.unit, n.party, n.name, "Department", managers[n.name])
	}
	// CASE an online channel: it has a unit and workers and is no store.
	r.addUnit("940", "LM-940", "larkmoor.example online shop", "RetailChannel", central.number)
	r.channelWorker(communications.number, onlineChannel, "Yes")
	r.channelWorker(finance.number, onlineChannel, "Yes")
}

const onlineChannel = "5637144999"

// headOfficer hires somebody who works in no store.
func (r *retailer) headOfficer() *worker {
	w := r.hire(britain)
	r.employ(w, r.started(), open)
	r.account(w)
	r.position(w, office, "HQ-RETAIL", r.started(), open)
	return w
}

func (r *retailer) role(userID, role, name string) {
	r.add("SecurityUserRoleAssociations", "UserId", userID, "SecurityRoleIdentifier", role, "SecurityRoleName", name,
		"AssignmentStatus", "Enabled", "AssignmentMode", "Manual")
}
