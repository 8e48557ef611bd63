package worldgen

import (
	"fmt"
	"strings"

	"github.com/storeteams/storeteams/handler/local/naive"
)

// makeGroups makes the groups the tenant has already: teams of stores left by
// an earlier run or known to Commerce, and others that are not ours.
func (b *builder) makeGroups() {
	var before *shop // the store before that may be mapped too
	for i := range b.stores {
		st := &b.stores[i]
		if st.twin {
			continue // whose number counts is not to be decided by a mail nickname
		}
		if b.makeStoreGroup(*st, before) {
			before = nil
		} else {
			before = st
		}
	}
	if oneIn(b.d, 3) {
		g := b.team("Communications of old", b.marker(""))
		g["resourceProvisioningOptions"] = pick(b.d, []any{"Team"}, []any{})
	}
	for range b.d.IntN(4) {
		b.makeOtherGroup()
	}
}

// marker is the marker of a store's group, or without a number that of the
// communications team's.
func (b *builder) marker(number string) string {
	if number == "" {
		return naive.CommunicationsMarker(b.o.instance())
	}
	return naive.StoreMarker(b.o.instance(), number)
}

// otherInstance is an INSTANCE whose groups are not ours.
func (b *builder) otherInstance() string {
	if b.o.instance() == "prod" {
		return "dev"
	}
	return "prod"
}

// makeStoreGroup draws what the tenant has for a store, and reports whether
// the store is mapped.
func (b *builder) makeStoreGroup(st shop, before *shop) bool {
	name := fmt.Sprintf("Team of old %d", b.next())
	switch kind := b.d.IntN(26); kind {
	case 12, 13: // left by an earlier run, with people added by hand
		b.team(name, b.marker(st.number))
		return false
	case 14: // left by an earlier run that was killed
		g := b.team(name, b.marker(st.number))
		g["resourceProvisioningOptions"] = []any{}
		if oneIn(b.d, 2) {
			g["members"] = []any{}
		}
		return false
	case 15: // marked, and Commerce knows another
		b.team(name, b.marker(st.number))
		b.mapTo(st, b.team(name+" too", nil)["id"])
	case 16, 17, 18:
		b.mapTo(st, b.team(name, pick(b.d, nil, any(fmt.Sprintf("acme-%d", b.next()))))["id"])
	case 19:
		b.mapTo(st, pick(b.d, b.id("gone", b.next()), "no guid"))
	case 20:
		b.add("IntegrationSourceMappings", row{"SourceType": "Project", "SourceId": st.number, "TeamId": b.team(name, nil)["id"]})
		return false
	case 21:
		if before == nil {
			return false
		}
		g := b.team(name, nil)
		b.mapTo(st, g["id"])
		b.mapTo(*before, g["id"])
	case 22: // another instance's, or another store's
		number := st.number
		instance := b.otherInstance()
		if before != nil && oneIn(b.d, 2) {
			number, instance = before.number, b.o.instance()
		}
		b.mapTo(st, b.team(name, naive.StoreMarker(instance, number))["id"])
	case 23, 24, 25:
		b.mapTo(st, b.unfit(name, kind)["id"])
	default:
		return false
	}
	return true
}

// unfit adds a group that cannot be adopted, or only after it was made a team.
func (b *builder) unfit(name string, kind int) row {
	g := b.team(name, nil)
	switch kind {
	case 23:
		g["resourceProvisioningOptions"] = []any{}
		if oneIn(b.d, 2) {
			g["owners"], g["members"] = []any{}, []any{}
		}
	case 24:
		g["groupTypes"] = []any{"Unified", "DynamicMembership"}
	case 25:
		g["resourceProvisioningOptions"] = []any{}
		if oneIn(b.d, 2) {
			g["groupTypes"] = []any{}
		} else {
			g["onPremisesSyncEnabled"] = true
		}
	}
	return g
}

// mapTo maps a store to a group in Commerce.
func (b *builder) mapTo(st shop, group any) {
	id := fmt.Sprint(group)
	b.add("IntegrationSourceMappings", row{
		"SourceType": pick(b.d, "RetailStore", "RetailStore", "retailstore"), "SourceId": b.padded(st.number),
		"TeamId": pick(b.d, id, id, strings.ToUpper(id), "{"+id+"}"),
	})
}

// makeOtherGroup adds a group that has nothing to do with a store of ours.
func (b *builder) makeOtherGroup() {
	n := b.next()
	st := b.stores[b.d.IntN(len(b.stores))]
	switch b.d.IntN(4) {
	case 0:
		b.team(fmt.Sprintf("Shop %d (%s)", b.d.IntN(3), st.number), nil)
	case 1:
		b.team("Of another instance", naive.StoreMarker(b.otherInstance(), fmt.Sprintf("other%d", n)))
	case 2:
		b.team("Of a store that is no more", b.marker(fmt.Sprintf("closed %d", n)))
	case 3:
		g := b.team("Mail only", nil)
		g["groupTypes"], g["resourceProvisioningOptions"], g["owners"] = []any{}, []any{}, []any{}
	}
}

// team adds a group with a team, a few owners and members, and returns it to
// be changed. A unique name that is taken is left out.
func (b *builder) team(name string, unique any) row {
	nickname := fmt.Sprintf("team%d", b.next())
	if marker, ok := unique.(string); ok {
		if b.names[strings.ToLower(marker)] {
			unique = nil
		} else {
			nickname = marker
		}
	}
	b.names[strings.ToLower(nickname)] = true
	var owners, members []any
	seen := map[string]bool{}
	for range 1 + b.d.IntN(2) {
		if a := b.anyAccount(); !seen[a.id] && !a.guest {
			seen[a.id] = true
			owners, members = append(owners, reference(a)), append(members, reference(a))
		}
	}
	if len(owners) == 0 {
		owners, members = []any{reference(b.accounts[0])}, []any{reference(b.accounts[0])}
		seen[b.accounts[0].id] = true
	}
	for range b.d.IntN(5) {
		if a := b.anyAccount(); !seen[a.id] {
			seen[a.id] = true
			members = append(members, reference(a))
		}
	}
	g := row{
		"id": b.id("group", b.next()), "displayName": name, "mailNickname": nickname, "uniqueName": unique,
		"groupTypes": []any{"Unified"}, "resourceProvisioningOptions": []any{"Team"}, "onPremisesSyncEnabled": pick[any](b.d, nil, false),
		"owners": owners, "members": members,
	}
	b.world.Groups = append(b.world.Groups, g)
	return g
}

// reference is how a group names a user.
func reference(a account) row {
	return row{"@odata.type": "#microsoft.graph.user", "id": a.id}
}
