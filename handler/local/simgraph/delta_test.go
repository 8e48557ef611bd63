package simgraph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// round follows a delta to its deltaLink.
func (r *rig) round(target string) (items []map[string]any, link string) {
	r.t.Helper()
	for {
		page := r.want(200, "GET", target, nil)
		items = append(items, page.rows()...)
		next, last := page.text("@odata.nextLink"), page.text("@odata.deltaLink")
		if (next == "") == (last == "") {
			r.t.Fatalf("a page has one of nextLink and deltaLink: %s", page.raw)
		}
		if last != "" {
			return items, last
		}
		target = next
	}
}

// mirror is what a client knows after reading deltas: the members of each group.
type mirror map[string]map[string]bool

// apply merges items as the documentation tells clients to.
func (m mirror) apply(items []map[string]any, what string) {
	for _, item := range items {
		id := fmt.Sprint(item["id"])
		if item["@removed"] != nil {
			delete(m, id)
			continue
		}
		if m[id] == nil {
			m[id] = map[string]bool{}
		}
		links, _ := item[what+"@delta"].([]any)
		for _, each := range links {
			link, _ := each.(map[string]any)
			if link["@removed"] != nil {
				delete(m[id], fmt.Sprint(link["id"]))
			} else {
				m[id][fmt.Sprint(link["id"])] = true
			}
		}
	}
}

func (m mirror) of(id string) []string { return slices.Sorted(maps.Keys(m[id])) }

// linkReasons is why each link of a members@delta was removed; empty: it was not.
func linkReasons(links any) map[string]string {
	reasons := map[string]string{}
	list, _ := links.([]any)
	for _, each := range list {
		link, _ := each.(map[string]any)
		removed, _ := link["@removed"].(map[string]any)
		reason, _ := removed["reason"].(string)
		reasons[fmt.Sprint(link["id"])] = reason
	}
	return reasons
}

const membersDelta = "/groups/delta?$select=id,displayName,uniqueName,resourceProvisioningOptions,members"

func TestGroupDeltaFirstRound(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	items, _ := r.round(membersDelta)
	equal(t, "groups", column(items, "id"), []string{store, plain})
	known := mirror{}
	known.apply(items, "members")
	equal(t, "members", known.of(store), []string{anna, ben, olga})
	for _, item := range items {
		if item["id"] == plain {
			equal(t, "a group without members or uniqueName", item, map[string]any{
				"id": plain, "displayName": "Plain", "resourceProvisioningOptions": []string{},
			})
		}
	}
}

func TestMembersShowOnlyWhenSelected(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	for _, target := range []string{"/groups/delta", "/groups/delta?$select=displayName", "/groups/delta()", "/groups/microsoft.graph.delta()"} {
		items, link := r.round(target)
		for _, item := range items {
			if item["members@delta"] != nil || item["id"] == nil {
				t.Errorf("%s: %v", target, item)
			}
		}
		if err := r.tenant.AddMember(store, dora); err != nil {
			t.Fatal(err)
		}
		items, _ = r.round(link)
		equal(t, target+" after a member came", len(items), 0)
		if err := r.tenant.RemoveMember(store, dora); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOwnersInDelta(t *testing.T) {
	for _, shown := range []bool{false, true} {
		r := newRig(t, simgraph.Options{DeltaOwners: shown})
		items, link := r.round("/groups/delta?$select=id,owners")
		known := mirror{}
		known.apply(items, "owners")
		equal(t, "shown", known[store][olga], shown)
		if err := r.tenant.AddOwner(store, anna); err != nil {
			t.Fatal(err)
		}
		items, _ = r.round(link)
		equal(t, "changed", len(items) > 0, shown)
	}
}

func TestGroupDeltaLaterRounds(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	_, link := r.round(membersDelta)
	items, link := r.round(link)
	equal(t, "nothing changed", len(items), 0)

	r.want(204, "POST", "/groups/"+store+"/members/$ref", object(dora))
	r.want(204, "DELETE", "/groups/"+store+"/members/"+anna+"/$ref", nil)
	r.want(204, "POST", "/groups/"+store+"/members/$ref", object(gus))
	r.want(204, "DELETE", "/groups/"+store+"/members/"+gus+"/$ref", nil)
	r.want(204, "PATCH", "/groups/"+store, map[string]any{"description": "not selected"})
	r.want(202, "POST", "/teams", teamOf(plain))
	items, link = r.round(link)
	equal(t, "changed", column(items, "id"), []string{store, plain})
	for _, item := range items {
		if item["id"] == store {
			equal(t, "links", linkReasons(item["members@delta"]), map[string]string{dora: "", anna: "deleted", gus: "deleted"})
			equal(t, "unchanged properties come too", item["uniqueName"], "store-1")
		} else {
			equal(t, "became a team", item["resourceProvisioningOptions"], []string{"Team"})
		}
	}
	r.want(204, "PATCH", "/groups/"+store, map[string]any{"description": "still not selected"})
	items, _ = r.round(link)
	equal(t, "unselected change", len(items), 0)
}

func TestRemovedGroups(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	_, link := r.round(membersDelta)
	gone := func(reason string) []any {
		return []any{map[string]any{"id": store, "@removed": map[string]any{"reason": reason}}}
	}
	r.want(204, "DELETE", "/groups/"+store, nil)
	items, link := r.round(link)
	equal(t, "deleted for now", items, gone("changed"))
	first, _ := r.round(membersDelta)
	equal(t, "first rounds tell it too", len(first), 2)

	if err := r.tenant.RestoreGroup(store); err != nil {
		t.Fatal(err)
	}
	items, link = r.round(link)
	known := mirror{}
	known.apply(items, "members")
	equal(t, "restored whole", known.of(store), []string{anna, ben, olga})

	if err := r.tenant.PurgeGroup(store); err != nil {
		t.Fatal(err)
	}
	items, _ = r.round(link)
	equal(t, "deleted for good", items, gone("deleted"))
	first, _ = r.round(membersDelta)
	equal(t, "forgotten", column(first, "id"), []string{plain})
}

func TestUserDelta(t *testing.T) {
	r := newRig(t, simgraph.Options{PageSize: 2})
	const target = "/users/delta?$select=id,userPrincipalName,accountEnabled,assignedPlans"
	items, link := r.round(target)
	equal(t, "users", column(items, "id"), []string{anna, ben, olga, gus, dora})
	change := func(do error) {
		t.Helper()
		if do != nil {
			t.Fatal(do)
		}
	}
	change(r.tenant.SetUser(anna, func(u *simgraph.User) { u.AccountEnabled = false }))
	change(r.tenant.SetUser(ben, func(u *simgraph.User) { u.DisplayName = "Benjamin" })) // not selected
	change(r.tenant.SetUser(dora, func(u *simgraph.User) {
		u.AssignedPlans = []simgraph.Plan{{ServicePlanID: simgraph.TeamsPlan, CapabilityStatus: "Suspended"}}
	}))
	change(r.tenant.DeleteUser(gus))
	change(r.tenant.AddUser(simgraph.User{ID: ghost, UserPrincipalName: "new@shop.example", AccountEnabled: true}))
	items, link = r.round(link)
	equal(t, "changed", column(items, "id"), []string{anna, gus, dora, ghost})
	byID := map[string]map[string]any{}
	for _, item := range items {
		byID[fmt.Sprint(item["id"])] = item
	}
	equal(t, "disabled", byID[anna]["accountEnabled"], false)
	equal(t, "removed", byID[gus], map[string]any{"id": gus, "@removed": map[string]any{"reason": "changed"}})
	equal(t, "new", byID[ghost]["userPrincipalName"], "new@shop.example")
	equal(t, "licence", strings.Contains(fmt.Sprint(byID[dora]["assignedPlans"]), "Suspended"), true)
	equal(t, "how many", len(byID), 4)
	items, _ = r.round(link)
	equal(t, "quiet", len(items), 0)
}

func TestDeltaRefuses(t *testing.T) {
	r := newRig(t, simgraph.Options{PageSize: 1})
	first := r.want(200, "GET", "/users/delta", nil)
	next := first.text("@odata.nextLink")
	for _, query := range []string{
		"$top=5", "$expand=members", "$orderby=id", "$filter=id%20eq%20'x'", "$select=nothing", "$select=members",
		"$deltatoken=junk", "$skiptoken=junk", "$skiptoken=latest2",
	} {
		r.want(400, "GET", "/users/delta?"+query, nil)
	}
	r.want(400, "GET", next+"&$select=id", nil)
	r.want(400, "GET", strings.Replace(next, "/users/", "/groups/", 1), nil)
	r.want(400, "GET", strings.Replace(next, "$skiptoken", "$deltatoken", 1), nil)
	// A page asked for again is the same page.
	equal(t, "again", r.want(200, "GET", next, nil).rows(), r.want(200, "GET", next, nil).rows())
}

func TestDeltaFromNowOn(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	items, link := r.round("/groups/delta?$select=id,members&$deltaToken=latest")
	equal(t, "items", len(items), 0)
	if err := r.tenant.AddMember(plain, anna); err != nil {
		t.Fatal(err)
	}
	items, _ = r.round(link)
	equal(t, "changed", column(items, "id"), []string{plain})
}

func TestTokensExpire(t *testing.T) {
	r := newRig(t, simgraph.Options{PageSize: 1})
	next := r.want(200, "GET", membersDelta, nil).text("@odata.nextLink")
	_, link := r.round(membersDelta)
	r.clock.Advance(7 * 24 * time.Hour)
	r.round(link)
	r.clock.Advance(time.Second)
	for _, dead := range []string{next, link} {
		got := r.want(410, "GET", dead, nil)
		location := got.header.Get("Location")
		equal(t, "Location", location, root+"/groups/delta?$deltatoken=")
		items, _ := r.round(location)
		equal(t, "a full round", column(items, "id"), []string{store, plain})
	}
	other := newRig(t, simgraph.Options{ExpiredStatus: 400})
	_, link = other.round(membersDelta)
	other.clock.Advance(8 * 24 * time.Hour)
	equal(t, "code", other.want(400, "GET", link, nil).code(), "syncStateNotFound")
}

func TestForgottenRound(t *testing.T) {
	r := newRig(t, simgraph.Options{PageSize: 1})
	next := r.want(200, "GET", membersDelta, nil).text("@odata.nextLink")
	for range 255 {
		r.want(200, "GET", membersDelta, nil)
	}
	r.want(200, "GET", next, nil)
	r.want(200, "GET", membersDelta, nil)
	r.want(410, "GET", next, nil)
}

func TestTokenOfAnotherTenant(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	if err := r.tenant.AddMember(plain, anna); err != nil {
		t.Fatal(err)
	}
	_, link := r.round(membersDelta)
	newRig(t, simgraph.Options{}).want(410, "GET", link, nil)
}
