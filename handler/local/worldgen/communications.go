package worldgen

import "fmt"

// makeCommunications gives the communications managers' role to a few people,
// and another role to others.
func (b *builder) makeCommunications() {
	taken := map[string]bool{}
	for range b.d.IntN(4) {
		if w, ok := b.soundWorker(); ok && !taken[w.number] && w.listed && !oneIn(b.d, 3) {
			taken[w.number] = true
			b.limit(b.giveRole(b.personUser(w, true, nil, w.account.upn)))
		}
	}
	for _, w := range b.workers {
		if w.listed && !taken[w.number] && oneIn(b.d, 40+len(b.workers)/10) {
			b.limit(b.giveRole(b.personUser(w, true, nil, w.account.upn)))
		}
	}
	if oneIn(b.d, 3) { // no worker's user, or no longer: limited to what covers no store
		user := fmt.Sprintf("u%06d", b.next())
		if w, ok := b.soundWorker(); ok && oneIn(b.d, 2) {
			user = b.personUser(w, false, nil, b.anyAccount().upn)
		} else {
			b.systemUser(user, pick(b.d, nil, any(b.anyAccount().id)), b.anyAccount().upn)
		}
		b.giveRole(user)
		b.limitTo(user, "no such organization")
	}
	if oneIn(b.d, 3) {
		user := fmt.Sprintf("u%06d", b.next())
		b.systemUser(user, nil, b.anyAccount().upn)
		b.add("SecurityUserRoleAssociations", row{
			"UserId": user, "SecurityRoleName": "Store clerk", "SecurityRoleIdentifier": "RetailStoreClerk", "AssignmentStatus": "Enabled",
		})
	}
}

// The communications managers' role as Commerce calls and identifies it.
const (
	roleName       = "Retail task manager"
	roleIdentifier = "RetailTaskManager"
)

// giveRole makes an F&O user communications manager.
func (b *builder) giveRole(user string) string {
	b.add("SecurityUserRoleAssociations", row{
		"UserId": otherCase(b.d, user), "SecurityRoleName": otherCase(b.d, roleName),
		"SecurityRoleIdentifier": roleIdentifier, "AssignmentStatus": "Enabled",
	})
	return user
}

// limit limits the role of some to a few organizations, of others not at all.
func (b *builder) limit(user string) {
	for range pick(b.d, 0, 0, 1, 2) {
		st, n := b.stores[b.d.IntN(len(b.stores))], b.nodes[b.d.IntN(len(b.nodes))]
		switch {
		case n.unit != "" && !oneIn(b.d, 3):
			b.limitTo(user, n.unit)
		case st.ownUnit:
			b.limitTo(user, st.unit)
		default:
			b.limitTo(user, "no such organization")
		}
	}
}

// limitTo limits the role to an organization.
func (b *builder) limitTo(user, organization string) {
	b.add("SecurityUserRoleOrganizations", row{
		"UserId": otherCase(b.d, user), "SecurityRoleIdentifier": otherCase(b.d, roleIdentifier), "OrganizationId": organization,
	})
}
