package simgraph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// membership is the membership id of a user in the store team.
func (r *rig) membership(userID string) string {
	r.t.Helper()
	for _, row := range r.all("/teams/" + store + "/members") {
		if row["userId"] == userID {
			return fmt.Sprint(row["id"])
		}
	}
	r.t.Fatalf("%s is not in the team", userID)
	return ""
}

func TestMemberShape(t *testing.T) {
	r := newRig(t, simgraph.Options{TenantID: "tenant", PageSize: 2})
	rows := r.all("/teams/" + store + "/members")
	equal(t, "users", column(rows, "userId"), []string{anna, ben, olga})
	for _, row := range rows {
		id := fmt.Sprint(row["id"])
		if id == row["userId"] || strings.Contains(id, fmt.Sprint(row["userId"])) {
			t.Errorf("membership id %q is the user's", id)
		}
		delete(row, "id")
	}
	equal(t, "row", rows[0], map[string]any{
		"@odata.type": "#microsoft.graph.aadUserConversationMember", "roles": []string{}, "displayName": "Anna", "userId": anna,
		"email": "anna@shop.example", "tenantId": "tenant", "visibleHistoryStartDateTime": "0001-01-01T00:00:00Z",
	})
	equal(t, "owner", rows[2]["roles"], []string{"owner"})
	id := r.membership(ben)
	equal(t, "one", r.want(200, "GET", "/teams/"+store+"/members/"+id, nil).text("userId"), ben)
	r.want(404, "GET", "/teams/"+store+"/members/"+ben, nil)
	r.want(400, "GET", "/teams/"+store+"/members?$filter=x", nil)
}

func TestPostMember(t *testing.T) {
	without := func(name string) map[string]any {
		body := member(dora)
		delete(body, name)
		return body
	}
	tests := []struct {
		name            string
		body            any
		status          int
		owners, members []string
	}{
		{"member", member(dora), 201, []string{olga}, []string{anna, ben, dora}},
		{"owner", member(dora, "owner"), 201, []string{olga, dora}, []string{anna, ben}},
		{"by address", member("DORA@shop.example"), 201, []string{olga}, []string{anna, ben, dora}},
		{"guest", member(gus), 201, []string{olga}, []string{anna, ben, gus}},
		{"guest, said so", member(gus, "guest"), 201, []string{olga}, []string{anna, ben, gus}},
		{"guest as owner", member(gus, "owner"), 400, nil, nil},
		{"worker as guest", member(dora, "guest"), 400, nil, nil},
		{"unknown role", member(dora, "admin"), 400, nil, nil},
		{"two roles", member(dora, "owner", "guest"), 400, nil, nil},
		{"there already", member(anna), 400, nil, nil},
		{"there already, as owner", member(anna, "owner"), 400, nil, nil},
		{"nobody", member(ghost), 404, nil, nil},
		{"no type", without("@odata.type"), 400, nil, nil},
		{"no user", without("user@odata.bind"), 400, nil, nil},
		{"unknown property", map[string]any{"userId": dora}, 400, nil, nil},
		{"no object", "[]", 400, nil, nil},
		{"no JSON", "{", 400, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{})
			got := r.want(test.status, "POST", "/teams/"+store+"/members", test.body)
			if test.status != 201 {
				test.owners, test.members = []string{olga}, []string{anna, ben}
			} else if got.text("id") != r.membership(got.text("userId")) {
				t.Errorf("the answer's id %q is not the membership's", got.text("id"))
			}
			state := r.state(store)
			equal(t, "owners", state.Owners, test.owners)
			equal(t, "members", state.Members, test.members)
			// The group is the same people seen from the other side.
			equal(t, "group", len(r.all("/groups/"+store+"/members")), len(test.owners)+len(test.members))
			equal(t, "group owners", column(r.all("/groups/"+store+"/owners"), "id"), test.owners)
		})
	}
}

func TestChangeAndRemoveMember(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	path := func(id string) string { return "/teams/" + store + "/members/" + r.membership(id) }
	owner := map[string]any{"@odata.type": "#microsoft.graph.aadUserConversationMember", "roles": []string{"owner"}}
	none := map[string]any{"roles": []string{}}

	r.want(400, "PATCH", path(olga), none)
	r.want(400, "DELETE", path(olga), nil)
	r.want(400, "PATCH", path(anna), map[string]any{})
	r.want(400, "PATCH", path(anna), map[string]any{"roles": []string{"guest"}})
	r.want(404, "PATCH", "/teams/"+store+"/members/"+anna, owner)
	equal(t, "answer", r.want(200, "PATCH", path(anna), owner).body["roles"], []string{"owner"})
	equal(t, "owners", r.state(store).Owners, []string{anna, olga})
	r.want(200, "PATCH", path(olga), none)
	equal(t, "owners", r.state(store).Owners, []string{anna})
	equal(t, "members", r.state(store).Members, []string{ben, olga})

	before := path(ben)
	r.want(204, "DELETE", before, nil)
	r.want(404, "DELETE", before, nil)
	r.want(201, "POST", "/teams/"+store+"/members", member(ben))
	r.want(404, "DELETE", before, nil) // a new membership has a new id
	r.want(204, "DELETE", path(ben), nil)
	equal(t, "members", r.state(store).Members, []string{olga})
}

func TestAddExistingCanSucceed(t *testing.T) {
	r := newRig(t, simgraph.Options{AddExisting: true})
	r.want(201, "POST", "/teams/"+store+"/members", member(anna, "owner"))
	r.want(201, "POST", "/teams/"+store+"/members", member(olga))
	equal(t, "owners", r.state(store).Owners, []string{anna, olga})
}

func TestUserHasAtMostAThousandTeams(t *testing.T) {
	world := simgraph.World{Users: []simgraph.User{
		{ID: olga, UserPrincipalName: "o"}, {ID: anna, UserPrincipalName: "a"},
	}}
	for i := range 1001 {
		id := fmt.Sprintf("bbbbbbbb-0000-4000-8000-%012d", i)
		g := simgraph.Group{
			ID: id, DisplayName: id, MailNickname: id, GroupTypes: []string{"Unified"}, MailEnabled: true,
			ResourceProvisioningOptions: []string{"Team"}, Owners: []simgraph.Ref{{ID: olga}},
		}
		if i < 999 {
			g.Members = []simgraph.Ref{{ID: anna}}
		}
		world.Groups = append(world.Groups, g)
	}
	r := rigOf(t, world, simgraph.Options{})
	r.want(201, "POST", "/teams/bbbbbbbb-0000-4000-8000-000000000999/members", member(anna))
	last := "bbbbbbbb-0000-4000-8000-000000001000"
	r.want(400, "POST", "/teams/"+last+"/members", member(anna))
	r.want(400, "POST", "/groups/"+last+"/members/$ref", object(anna))
	if err := r.tenant.DeleteGroup(world.Groups[0].ID); err != nil {
		t.Fatal(err)
	}
	r.want(201, "POST", "/teams/"+last+"/members", member(anna))
	r.want(200, "POST", "/directory/deletedItems/"+world.Groups[0].ID+"/restore", nil)
	r.want(204, "POST", "/teams/"+last+"/members/remove", values(member(anna)))
	r.want(400, "POST", "/teams/"+last+"/members", member(anna)) // the restored one counts again
}

func values(rows ...map[string]any) map[string]any {
	if rows == nil {
		rows = []map[string]any{}
	}
	return map[string]any{"values": rows}
}

// rowErrors is the error code of each row by user id; empty for success.
func rowErrors(got answer) map[string]string {
	codes := map[string]string{}
	for _, row := range got.rows() {
		code := ""
		if inner, failed := row["error"].(map[string]any); failed {
			code = fmt.Sprint(inner["code"])
		}
		codes[fmt.Sprint(row["userId"])] = code
	}
	return codes
}

func TestBulkAdd(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	path := "/teams/" + store + "/members/add"
	got := r.want(207, "POST", path, values(
		member(dora, "owner"), member(anna), member(ghost), member(gus, "owner"), member("nobody@shop.example")))
	equal(t, "rows", rowErrors(got), map[string]string{
		dora: "", anna: "BadRequest", ghost: "NotFound", gus: "BadRequest", "nobody@shop.example": "NotFound",
	})
	equal(t, "type", got.rows()[0]["@odata.type"], "#microsoft.graph.aadUserConversationMemberResult")
	equal(t, "owners", r.state(store).Owners, []string{olga, dora})
	equal(t, "all well", rowErrors(r.want(200, "POST", path, values(member(gus)))), map[string]string{gus: ""})
	equal(t, "all failed", len(r.want(207, "POST", path, values(member(gus), member(anna))).rows()), 2)
	plainType := member(anna)
	plainType["@odata.type"] = "microsoft.graph.aadUserConversationMember"
	r.want(207, "POST", path, values(plainType))

	r.want(400, "POST", path, values())
	r.want(400, "POST", path, map[string]any{})
	r.want(400, "POST", path, map[string]any{"value": []any{}})
	r.want(400, "POST", path, values(map[string]any{"user@odata.bind": user(anna)}))
	r.want(400, "POST", path, values(member(anna, "boss")))
	r.want(404, "POST", "/teams/"+plain+"/members/add", values(member(anna)))
}

func TestBulkLimits(t *testing.T) {
	world := simgraph.World{Users: []simgraph.User{{ID: olga, UserPrincipalName: "olga"}}}
	var rows []map[string]any
	for i := range 201 {
		id := fmt.Sprintf("dddddddd-0000-4000-8000-%012d", i)
		world.Users = append(world.Users, simgraph.User{ID: id, UserPrincipalName: id})
		rows = append(rows, member(id))
	}
	world.Groups = []simgraph.Group{{
		ID: store, DisplayName: "s", MailNickname: "s", GroupTypes: []string{"Unified"}, MailEnabled: true,
		ResourceProvisioningOptions: []string{"Team"}, Owners: []simgraph.Ref{{ID: olga}},
	}}
	r := rigOf(t, world, simgraph.Options{})
	r.want(400, "POST", "/teams/"+store+"/members/add", values(rows...))
	equal(t, "members", len(r.state(store).Members), 0)
	got := r.want(200, "POST", "/teams/"+store+"/members/add", values(rows[:200]...))
	equal(t, "members", len(r.state(store).Members), 200)
	inOrder := true
	for i, row := range got.rows() {
		inOrder = inOrder && row["userId"] == world.Users[i+1].ID
	}
	equal(t, "rows come in the order sent", inOrder, false)
	r.want(400, "POST", "/teams/"+store+"/members/remove", values(rows[:21]...))
	r.want(204, "POST", "/teams/"+store+"/members/remove", values(rows[:20]...))
	equal(t, "members", len(r.state(store).Members), 180)
}

func TestBulkRemove(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	path := "/teams/" + store + "/members/remove"
	bare := member(ben)
	delete(bare, "roles")
	got := r.want(207, "POST", path, values(bare, member(olga), member(dora), member(ghost)))
	equal(t, "rows", rowErrors(got), map[string]string{ben: "", olga: "BadRequest", dora: "NotFound", ghost: "NotFound"})
	equal(t, "members", r.state(store).Members, []string{anna})
	equal(t, "body of 204", r.want(204, "POST", path, values(member(anna))).raw, "")
	equal(t, "owners", r.state(store).Owners, []string{olga})
}

func TestUserReads(t *testing.T) {
	r := newRig(t, simgraph.Options{PageSize: 2})
	equal(t, "users", column(r.all("/users?$select=id"), "id"), []string{anna, ben, olga, gus, dora})
	byID := r.want(200, "GET", "/users/"+strings.ToUpper(anna), nil)
	for _, left := range []string{"accountEnabled", "assignedPlans", "userType"} {
		if _, there := byID.body[left]; there {
			t.Errorf("%s is served unselected", left)
		}
	}
	equal(t, "name", byID.text("displayName"), "Anna")
	byName := r.want(200, "GET", "/users/Anna@shop.example?$select=id,accountEnabled,assignedPlans", nil)
	delete(byName.body, "@odata.context")
	equal(t, "selected", byName.body, map[string]any{
		"id": anna, "accountEnabled": true, "assignedPlans": []any{map[string]any{
			"servicePlanId": simgraph.TeamsPlan, "service": "TeamspaceAPI", "capabilityStatus": "Enabled", "assignedDateTime": "2025-01-01T00:00:00Z",
		}},
	})
	r.want(404, "GET", "/users/"+ghost, nil)
	r.want(400, "GET", "/users/"+anna+"?$select=id,enabled", nil)
	r.want(400, "GET", "/users?$filter=accountEnabled", nil)
	r.want(405, "POST", "/users", map[string]any{})
	if err := r.tenant.DeleteUser(anna); err != nil {
		t.Fatal(err)
	}
	r.want(404, "GET", "/users/"+anna, nil)
	equal(t, "users", len(r.all("/users")), 4)
	equal(t, "members", r.state(store).Members, []string{ben})
	equal(t, "a group they were not in", r.state(plain).Members, []string(nil))
}
