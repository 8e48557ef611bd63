package simgraph_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

const deletedItems = "/directory/deletedItems/"

func TestRestore(t *testing.T) {
	var phases []simgraph.Phase
	r := newRig(t, simgraph.Options{OnWrite: func(_ int, phase simgraph.Phase, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/restore") {
			phases = append(phases, phase)
		}
	}})
	if err := r.tenant.Archive(store, true); err != nil {
		t.Fatal(err)
	}
	before := r.state(store)
	_, link := r.round(membersDelta)
	restore := deletedItems + store + "/restore"
	r.want(404, "GET", deletedItems+store, nil)
	r.want(404, "POST", restore, nil)
	r.want(204, "DELETE", "/groups/"+store, nil)
	r.want(404, "GET", "/groups/"+store, nil)
	r.want(404, "GET", "/teams/"+store, nil)

	read := r.want(200, "GET", deletedItems+strings.ToUpper(store), nil)
	equal(t, "read", []string{read.text("@odata.type"), read.text("id"), read.text("deletedDateTime")},
		[]string{"#microsoft.graph.group", store, "2026-03-01T08:00:00Z"})
	equal(t, "cast", r.want(200, "GET", deletedItems+store+"/microsoft.graph.group?$select=id", nil).text("id"), store)
	r.want(400, "GET", deletedItems+store+"?$select=nickname", nil)
	r.want(400, "POST", restore, map[string]any{"newUserPrincipalName": "x"})
	r.want(405, "DELETE", deletedItems+store, nil)

	back := r.want(200, "POST", restore, nil)
	equal(t, "answer", []any{back.text("@odata.type"), back.text("id"), back.body["deletedDateTime"]}, []any{"#microsoft.graph.group", store, nil})
	equal(t, "state", r.state(store), before)
	equal(t, "archived", r.want(200, "GET", "/teams/"+store, nil).body["isArchived"], true)
	equal(t, "in the team", column(r.all("/teams/"+store+"/members"), "userId"), []string{anna, ben, olga})
	items, _ := r.round(link)
	known := mirror{}
	known.apply(items, "members")
	equal(t, "delta", known.of(store), []string{anna, ben, olga})
	equal(t, "all of it", []any{items[0]["displayName"], items[0]["uniqueName"], items[0]["resourceProvisioningOptions"]},
		[]any{"Store 1", "store-1", []string{"Team"}})
	r.want(404, "POST", restore, nil)
	equal(t, "hooks", phases, slices.Repeat([]simgraph.Phase{simgraph.Before, simgraph.After}, 4))
}

func TestRestoreRefuses(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	security := r.want(201, "POST", "/groups", newGroup("sec", map[string]any{
		"groupTypes": []string{}, "mailEnabled": false, "securityEnabled": true,
	})).text("id")
	r.want(204, "DELETE", "/groups/"+security, nil)
	if err := r.tenant.PurgeGroup(plain); err != nil {
		t.Fatal(err)
	}
	if err := r.tenant.DeleteUser(anna); err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]string{"never was": ghost, "purged": plain, "no unified group": security, "a user": anna} {
		for method, path := range map[string]string{"GET": deletedItems + id, "POST": deletedItems + id + "/restore"} {
			if got := r.do(method, path, nil); got.status != 404 {
				t.Errorf("%s, %s: got %d, want 404", name, method, got.status)
			}
		}
	}
	equal(t, "groups", len(r.tenant.Teams()), 1)
}

func TestRestoreWithoutWhoIsGone(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.want(204, "DELETE", "/groups/"+store, nil)
	if err := r.tenant.DeleteUser(ben); err != nil {
		t.Fatal(err)
	}
	r.want(200, "POST", deletedItems+store+"/restore", nil)
	equal(t, "members", r.state(store).Members, []string{anna})
}

func TestListDeleted(t *testing.T) {
	r := newRig(t, simgraph.Options{PageSize: 1})
	equal(t, "none", len(r.all(deletedItems+"microsoft.graph.group")), 0)
	r.want(204, "DELETE", "/groups/"+store, nil)
	r.want(204, "DELETE", "/groups/"+plain, nil)
	equal(t, "both", column(r.all(deletedItems+"microsoft.graph.group?$select=id"), "id"), []string{store, plain})
	r.want(200, "POST", deletedItems+plain+"/restore", nil)
	equal(t, "one", column(r.all(deletedItems+"microsoft.graph.group"), "id"), []string{store})
}

func TestDeparturesAreTold(t *testing.T) {
	var told []string
	names := map[string]string{anna: "anna", ben: "ben", olga: "olga", dora: "dora", gus: "gus"}
	var r *rig
	note := func(what string) func(string, string) {
		return func(group, user string) {
			// No lock is held, and the effect is there.
			if state := r.state(group); slices.Contains(state.Owners, user) || slices.Contains(state.Members, user) != (what == "demoted") {
				t.Errorf("%s is told of, but: %+v", names[user], state)
			}
			told = append(told, names[user]+" "+what)
		}
	}
	r = newRig(t, simgraph.Options{OnRemove: note("removed"), OnDemote: note("demoted")})
	expect := func(what string, want ...string) {
		t.Helper()
		equal(t, what, told, append([]string{}, want...))
		told = []string{}
	}
	told = []string{}
	people, byMembership := "/teams/"+store+"/members", "/teams/"+store+"/members/"
	r.want(201, "POST", people, member(dora, "owner"))
	r.want(201, "POST", people, member(gus))
	expect("additions")
	r.want(207, "POST", people+"/remove", values(member(anna), member(ghost)))
	expect("bulk", "anna removed")
	r.want(200, "PATCH", byMembership+r.membership(dora), map[string]any{"roles": []string{}})
	r.want(200, "PATCH", byMembership+r.membership(dora), map[string]any{"roles": []string{}})
	expect("a role", "dora demoted")
	r.want(400, "DELETE", byMembership+r.membership(olga), nil)
	r.want(204, "DELETE", byMembership+r.membership(dora), nil)
	expect("a membership", "dora removed")
	r.want(204, "DELETE", "/groups/"+store+"/members/"+ben+"/$ref", nil)
	r.want(204, "POST", "/groups/"+store+"/owners/$ref", object(ben))
	r.want(204, "DELETE", "/groups/"+store+"/owners/"+ben+"/$ref", nil)
	expect("links", "ben removed", "ben demoted")
	if err := r.tenant.RemoveMember(store, gus); err != nil {
		t.Fatal(err)
	}
	expect("a hand")
	r.want(200, "POST", "/$batch", map[string]any{"requests": []any{
		map[string]any{"id": "1", "method": "DELETE", "url": byMembership + r.membership(ben)},
	}})
	expect("a batch", "ben removed")
}

func TestConditionsOnMemberships(t *testing.T) {
	r := newRig(t, simgraph.Options{MemberTags: true})
	tag := func(id string) header {
		for _, row := range r.all("/teams/" + store + "/members") {
			if text, given := row["@odata.etag"].(string); given && row["userId"] == id {
				return header{"If-Match": text}
			}
		}
		t.Fatalf("%s has no ETag", id)
		return nil
	}
	path := "/teams/" + store + "/members/" + r.membership(ben)
	old := tag(ben)
	owner, none := map[string]any{"roles": []string{"owner"}}, map[string]any{"roles": []string{}}
	r.want(200, "PATCH", path, owner, old)
	r.want(412, "PATCH", path, none, old)
	r.want(412, "DELETE", path, nil, old)
	equal(t, "owners", r.state(store).Owners, []string{ben, olga})
	r.want(200, "PATCH", path, none, tag(ben))
	r.want(204, "DELETE", path, nil, header{"If-Match": "*"})
	equal(t, "members", r.state(store).Members, []string{anna})
}

func TestAllReadsLagBehindDepartures(t *testing.T) {
	r := newRig(t, simgraph.Options{ReadLag: time.Minute, MemberTags: true, DeltaOwners: true})
	const delta = "/groups/delta?$select=id,members,owners"
	r.want(201, "POST", "/teams/"+store+"/members", member(dora, "owner"))
	r.clock.Advance(time.Minute)
	_, link := r.round(delta)
	id := r.membership(olga)
	r.want(200, "PATCH", "/teams/"+store+"/members/"+id, map[string]any{"roles": []string{}})
	r.want(204, "POST", "/teams/"+store+"/members/remove", values(member(anna)))
	look := func(members, owners []string) {
		t.Helper()
		group, team := "/groups/"+store, "/teams/"+store
		var teamOwners []string
		for _, row := range r.all(team + "/members") {
			if roles, _ := row["roles"].([]any); len(roles) == 1 {
				teamOwners = append(teamOwners, row["userId"].(string))
			}
		}
		equal(t, "team members", column(r.all(team+"/members"), "userId"), members)
		equal(t, "team owners", teamOwners, owners)
		equal(t, "group members", column(r.all(group+"/members"), "id"), members)
		equal(t, "group owners", column(r.all(group+"/owners"), "id"), owners)
		inner := r.want(200, "POST", "/$batch", map[string]any{"requests": []any{
			map[string]any{"id": "1", "method": "GET", "url": group + "/members?$select=id"},
		}}).body["responses"].([]any)[0].(map[string]any)["body"].(map[string]any)
		equal(t, "batch", column(answer{body: inner}.rows(), "id"), members)
		first, _ := r.round(delta)
		for _, what := range []string{"members", "owners"} {
			known := mirror{}
			known.apply(first, what)
			equal(t, "delta "+what, known.of(store), map[string][]string{"members": members, "owners": owners}[what])
		}
	}
	r.clock.Advance(59 * time.Second)
	look([]string{anna, ben, olga, dora}, []string{olga, dora})
	items, link := r.round(link)
	equal(t, "later rounds", len(items), 0)
	r.clock.Advance(time.Second)
	look([]string{ben, olga, dora}, []string{dora})
	items, _ = r.round(link)
	known := mirror{store: {anna: true, ben: true, olga: true, dora: true}}
	known.apply(items, "members")
	equal(t, "later rounds", known.of(store), []string{ben, olga, dora})
}

func TestWorldKeepsArchivedTeams(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	if err := r.tenant.Archive(store, true); err != nil {
		t.Fatal(err)
	}
	next := rigOf(t, r.tenant.World(), simgraph.Options{})
	equal(t, "archived", next.state(store).Archived, true)
	if err := next.tenant.Archive(store, false); err != nil {
		t.Fatal(err)
	}
	equal(t, "active again", rigOf(t, next.tenant.World(), simgraph.Options{}).state(store).Archived, false)
	world := next.tenant.World()
	world.Groups[1].IsArchived = true // has no team
	if _, err := simgraph.New(world, simgraph.Options{}); err == nil {
		t.Error("a group without a team is archived")
	}
}
