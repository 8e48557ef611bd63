package simgraph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

var ifMissing = header{"Prefer": "create-if-missing"}

func TestUpsertCreatesThenUpdates(t *testing.T) {
	for _, path := range []string{"/groups(uniqueName='st-2')", "/groups/(uniqueName='st-2')"} {
		r := newRig(t, simgraph.Options{})
		r.want(404, "PATCH", path, newGroup("st-2", nil))
		r.want(404, "GET", path, nil)
		body := newGroup("st-2", map[string]any{
			"owners@odata.bind": []string{user(olga)}, "resourceBehaviorOptions": []string{"WelcomeEmailDisabled"},
		})
		made := r.want(201, "PATCH", path, body, ifMissing)
		id := made.text("id")
		equal(t, "uniqueName", made.text("uniqueName"), "st-2")
		equal(t, "created", r.state(id), simgraph.TeamState{
			ID: id, UniqueName: "st-2", Name: "Group st-2", Owners: []string{olga},
		})
		equal(t, "behaviour", made.body["resourceBehaviorOptions"], []string{"WelcomeEmailDisabled"})

		again := r.do("PATCH", path, newGroup("st-2", map[string]any{"displayName": "Renamed"}), ifMissing)
		equal(t, "status and body of an update", []any{again.status, again.raw}, []any{204, ""})
		equal(t, "name", r.want(200, "GET", "/groups/"+id, nil).text("displayName"), "Renamed")
		equal(t, "groups", len(r.tenant.Teams()), 3)

		// The creation again, binds and all, changes nothing.
		r.want(400, "PATCH", path, body, ifMissing)
		equal(t, "name after a refused upsert", r.state(id).Name, "Renamed")
	}
}

func TestUpsertFindsNamesWithoutCase(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	equal(t, "id", r.want(200, "GET", "/groups(uniqueName='STORE-1')", nil).text("id"), store)
}

func TestGroupCreationRefuses(t *testing.T) {
	tests := []struct {
		name   string
		more   map[string]any
		status int
	}{
		{"no displayName", map[string]any{"displayName": nil}, 400},
		{"no mailNickname", map[string]any{"mailNickname": nil}, 400},
		{"no mailEnabled", map[string]any{"mailEnabled": nil}, 400},
		{"no securityEnabled", map[string]any{"securityEnabled": nil}, 400},
		{"empty displayName", map[string]any{"displayName": ""}, 400},
		{"long displayName", map[string]any{"displayName": strings.Repeat("ä", 257)}, 400},
		{"displayName no string", map[string]any{"displayName": 7}, 400},
		{"long nickname", map[string]any{"mailNickname": strings.Repeat("n", 65)}, 400},
		{"nickname with a space", map[string]any{"mailNickname": "a b"}, 400},
		{"nickname with an at", map[string]any{"mailNickname": "a@b"}, 400},
		{"nickname beyond ASCII", map[string]any{"mailNickname": "filiale-ä"}, 400},
		{"nickname taken in other case", map[string]any{"mailNickname": "STORE-1"}, 400},
		{"uniqueName taken", map[string]any{"uniqueName": "Store-1"}, 400},
		{"unknown property", map[string]any{"displayname": "x"}, 400},
		{"read-only property", map[string]any{"mail": "x@y"}, 400},
		{"only settable later", map[string]any{"hideFromOutlookClients": true}, 400},
		{"provisioning options", map[string]any{"resourceProvisioningOptions": []string{"Team"}}, 400},
		{"unknown visibility", map[string]any{"visibility": "Secret"}, 400},
		{"unified without mail", map[string]any{"mailEnabled": false}, 400},
		{"mail without unified", map[string]any{"groupTypes": []string{}}, 400},
		{"the same bind twice", map[string]any{"members@odata.bind": []string{user(anna), user(anna)}}, 400},
		{"bind of nobody", map[string]any{"owners@odata.bind": []string{user(ghost)}}, 404},
		{"relative bind", map[string]any{"owners@odata.bind": []string{"/users/" + anna}}, 400},
		{"bind elsewhere", map[string]any{"owners@odata.bind": []string{"https://evil.example/v1.0/users/" + anna}}, 400},
		{"bind of a group", map[string]any{"owners@odata.bind": []string{"https://graph.microsoft.com/v1.0/groups/" + store}}, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{})
			r.want(test.status, "POST", "/groups", newGroup("new", test.more))
			equal(t, "groups", len(r.tenant.Teams()), 2)
		})
	}
}

func TestBindLimit(t *testing.T) {
	world := crowd(1, 21)
	var binds []string
	for _, u := range world.Users {
		binds = append(binds, user(u.ID))
	}
	r := rigOf(t, world, simgraph.Options{})
	body := newGroup("new", map[string]any{"owners@odata.bind": binds[:1], "members@odata.bind": binds[1:]})
	r.want(400, "POST", "/groups", body)
	body["members@odata.bind"] = binds[2:]
	id := r.want(201, "POST", "/groups", body).text("id")
	equal(t, "members", len(r.all("/groups/"+id+"/members")), 19)
}

func TestOneUniqueName(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	body := newGroup("n", map[string]any{"uniqueName": "other"})
	r.want(400, "PATCH", "/groups(uniqueName='n')", body, ifMissing)
	body["uniqueName"] = "n"
	r.want(201, "PATCH", "/groups(uniqueName='n')", body, ifMissing)
}

func TestGroupCreationAccepts(t *testing.T) {
	tests := []struct {
		name string
		more map[string]any
	}{
		{"256 characters", map[string]any{"displayName": strings.Repeat("ä", 256)}},
		{"64 characters of nickname", map[string]any{"mailNickname": strings.Repeat("n", 64)}},
		{"nobody in it", map[string]any{}},
		{"type annotation", map[string]any{"@odata.type": "#microsoft.graph.group"}},
		{"bind by address", map[string]any{"owners@odata.bind": []string{"https://graph.microsoft.com/v1.0/users/anna@shop.example"}}},
		{"bind here", map[string]any{"owners@odata.bind": []string{root + "/directoryObjects/" + anna}}},
		{"security group", map[string]any{"groupTypes": []string{}, "mailEnabled": false, "securityEnabled": true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{})
			made := r.want(201, "POST", "/groups", newGroup("new", test.more))
			want := []string{}
			if test.more["owners@odata.bind"] != nil {
				want = []string{anna}
			}
			equal(t, "owners", column(r.all("/groups/"+made.text("id")+"/owners"), "id"), want)
			// An owner bound in the directory is no member there.
			equal(t, "members", len(r.all("/groups/"+made.text("id")+"/members")), 0)
		})
	}
}

func TestGroupPatch(t *testing.T) {
	tests := []struct {
		name   string
		body   map[string]any
		status int
	}{
		{"name", map[string]any{"displayName": "New"}, 204},
		{"description cleared", map[string]any{"description": nil}, 204},
		{"same uniqueName", map[string]any{"uniqueName": "store-1"}, 204},
		{"other uniqueName", map[string]any{"uniqueName": "store-9"}, 400},
		{"nickname of another", map[string]any{"mailNickname": "Plain"}, 400},
		{"creation only", map[string]any{"resourceBehaviorOptions": []string{}}, 400},
		{"another type", map[string]any{"groupTypes": []string{}}, 400},
		{"dynamic all at once", map[string]any{"groupTypes": []string{"Unified", "DynamicMembership"}}, 400},
		{"another kind", map[string]any{"securityEnabled": true}, 400},
		{"hidden too late", map[string]any{"visibility": "HiddenMembership"}, 400},
		{"the same again", map[string]any{"groupTypes": []string{"Unified"}, "mailEnabled": true, "securityEnabled": false}, 204},
		{"something kept", map[string]any{"classification": "low"}, 204},
		{"null name", map[string]any{"displayName": nil}, 400},
		{"owners bound", map[string]any{"owners@odata.bind": []string{user(dora)}}, 400},
		{"member bound", map[string]any{"members@odata.bind": []string{user(dora)}}, 204},
		{"member there already", map[string]any{"displayName": "New", "members@odata.bind": []string{user(dora), user(anna)}}, 400},
		{"nobody bound", map[string]any{"displayName": "New", "members@odata.bind": []string{user(dora), user(ghost)}}, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{})
			before := r.state(store)
			r.want(test.status, "PATCH", "/groups/"+store, test.body)
			if test.status >= 400 {
				equal(t, "state after a refusal", r.state(store), before)
				return
			}
			if name, given := test.body["displayName"]; given {
				equal(t, "name", r.state(store).Name, name)
			}
			if test.body["members@odata.bind"] != nil {
				equal(t, "members", r.state(store).Members, []string{anna, ben, dora})
			}
		})
	}
}

func TestDeletedGroupKeepsItsNames(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.want(204, "DELETE", "/groups/"+store, nil)
	r.want(404, "GET", "/groups/"+store, nil)
	r.want(404, "GET", "/groups(uniqueName='store-1')", nil)
	r.want(404, "GET", "/teams/"+store, nil)
	r.want(404, "DELETE", "/groups/"+store, nil)
	r.want(400, "PATCH", "/groups(uniqueName='store-1')", newGroup("other", nil), ifMissing)
	r.want(400, "POST", "/groups", newGroup("store-1", nil))
	if err := r.tenant.RestoreGroup(store); err != nil {
		t.Fatal(err)
	}
	equal(t, "members", column(r.all("/teams/"+store+"/members"), "userId"), []string{anna, ben, olga})
	if err := r.tenant.PurgeGroup(store); err != nil {
		t.Fatal(err)
	}
	r.want(201, "PATCH", "/groups(uniqueName='store-1')", newGroup("store-1", nil), ifMissing)
}

func TestGroupReads(t *testing.T) {
	r := newRig(t, simgraph.Options{PageSize: 1})
	equal(t, "groups", column(r.all("/groups?$select=id"), "id"), []string{store, plain})
	equal(t, "members", column(r.all("/groups/"+store+"/members"), "id"), []string{anna, ben, olga})
	equal(t, "page", len(r.want(200, "GET", "/groups/"+store+"/members?$top=2", nil).rows()), 2)
	equal(t, "owners by quoted key", column(r.all("/groups('"+store+"')/owners"), "id"), []string{olga})
	got := r.want(200, "GET", "/groups/"+store+"?$select=id,resourceProvisioningOptions,onPremisesSyncEnabled", nil)
	delete(got.body, "@odata.context")
	equal(t, "selected", got.body, map[string]any{
		"id": store, "resourceProvisioningOptions": []string{"Team"}, "onPremisesSyncEnabled": nil,
	})
	for _, query := range []string{"$select=name", "$select=members", "$filter=id eq 'x'", "$expand=members", "$top=0", "$top=1000", "$skiptoken=junk"} {
		r.want(400, "GET", "/groups?"+strings.ReplaceAll(query, " ", "%20"), nil)
	}
}

func TestReadsLagBehindWrites(t *testing.T) {
	r := newRig(t, simgraph.Options{ReadLag: time.Minute})
	r.want(204, "POST", "/groups/"+store+"/members/$ref", object(dora))
	r.want(204, "DELETE", "/groups/"+store+"/members/"+anna+"/$ref", nil)
	r.want(204, "POST", "/groups/"+store+"/members/$ref", object(gus))
	r.want(204, "DELETE", "/groups/"+store+"/members/"+gus+"/$ref", nil)
	r.clock.Advance(59 * time.Second)
	for _, path := range []string{"/groups/" + store + "/members", "/teams/" + store + "/members"} {
		property := "id"
		if strings.HasPrefix(path, "/teams") {
			property = "userId"
		}
		equal(t, path, column(r.all(path), property), []string{anna, ben, olga})
	}
	// What a read does not show yet is refused as a duplicate all the same.
	r.want(400, "POST", "/groups/"+store+"/members/$ref", object(dora))
	equal(t, "truth", r.state(store).Members, []string{ben, dora})
	r.clock.Advance(time.Second)
	equal(t, "later", column(r.all("/groups/"+store+"/members"), "id"), []string{ben, olga, dora})
}

func TestPagingHoldsWhileMembersChange(t *testing.T) {
	r := newRig(t, simgraph.Options{PageSize: 1})
	page := r.want(200, "GET", "/groups/"+store+"/members?$select=id", nil)
	r.want(204, "DELETE", "/groups/"+store+"/members/"+anna+"/$ref", nil)
	rest := r.all(page.text("@odata.nextLink"))
	equal(t, "rest", column(rest, "id"), []string{ben, olga})
	for _, row := range rest {
		if len(row) != 2 {
			t.Errorf("the nextLink lost its $select: %v", fmt.Sprint(row))
		}
	}
}
