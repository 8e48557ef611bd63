package simgraph_test

import (
	"fmt"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

func TestGroupLinks(t *testing.T) {
	tests := []struct {
		name, method, path string
		body               any
		status             int
		owners, members    []string
	}{
		{"add member", "POST", "/members/$ref", object(dora), 204, []string{olga}, []string{anna, ben, dora}},
		{"add member again", "POST", "/members/$ref", object(anna), 400, nil, nil},
		{"add nobody", "POST", "/members/$ref", object(ghost), 404, nil, nil},
		{"add owner", "POST", "/owners/$ref", object(anna), 204, []string{anna, olga}, []string{ben}},
		{"add owner again", "POST", "/owners/$ref", object(olga), 400, nil, nil},
		{"no reference", "POST", "/members/$ref", map[string]any{}, 400, nil, nil},
		{"something else", "POST", "/members/$ref", map[string]any{"id": dora}, 400, nil, nil},
		{"remove member", "DELETE", "/members/" + anna + "/$ref", nil, 204, []string{olga}, []string{ben}},
		{"remove no member", "DELETE", "/members/" + dora + "/$ref", nil, 404, nil, nil},
		{"remove last owner", "DELETE", "/owners/" + olga + "/$ref", nil, 400, nil, nil},
		{"remove no owner", "DELETE", "/owners/" + anna + "/$ref", nil, 404, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, simgraph.Options{})
			r.want(test.status, test.method, "/groups/"+store+test.path, test.body)
			if test.status >= 400 {
				test.owners, test.members = []string{olga}, []string{anna, ben}
			}
			state := r.state(store)
			equal(t, "owners", state.Owners, test.owners)
			equal(t, "members", state.Members, test.members)
		})
	}
}

func TestOwnerOutOfTheMembersStaysInTheTeam(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.want(204, "DELETE", "/groups/"+store+"/members/"+olga+"/$ref", nil)
	equal(t, "group", column(r.all("/groups/"+store+"/members"), "id"), []string{anna, ben})
	equal(t, "team", column(r.all("/teams/"+store+"/members"), "userId"), []string{anna, ben, olga})
}

func TestOwnersPerTeam(t *testing.T) {
	world := crowd(1, 102)
	world.Groups[0].Owners = world.Groups[0].Members[:99]
	r := rigOf(t, world, simgraph.Options{})
	id := world.Groups[0].ID
	owner := func(n int) string { return world.Users[n].ID }
	r.want(204, "POST", "/groups/"+id+"/owners/$ref", object(owner(99)))
	r.want(400, "POST", "/groups/"+id+"/owners/$ref", object(owner(100)))
	for _, row := range r.all("/teams/" + id + "/members") {
		if row["userId"] == owner(100) {
			r.want(400, "PATCH", fmt.Sprint("/teams/", id, "/members/", row["id"]), map[string]any{"roles": []string{"owner"}})
		}
	}
	if err := r.tenant.AddUser(simgraph.User{ID: ghost, UserPrincipalName: "new"}); err != nil {
		t.Fatal(err)
	}
	r.want(400, "POST", "/teams/"+id+"/members", member(ghost, "owner"))
	r.want(201, "POST", "/teams/"+id+"/members", member(ghost))
	equal(t, "owners", len(r.state(id).Owners), 100)
}

func TestNewOwnerOfATeamIsMemberToo(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.want(204, "POST", "/groups/"+store+"/owners/$ref", object(dora))
	r.want(204, "POST", "/groups/"+plain+"/owners/$ref", object(dora))
	equal(t, "members of the team", column(r.all("/groups/"+store+"/members"), "id"), []string{anna, ben, olga, dora})
	equal(t, "members of the group", len(r.all("/groups/"+plain+"/members")), 0)
}

func TestSecondOwnerMayGo(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.want(204, "POST", "/groups/"+store+"/owners/$ref", object(anna))
	r.want(204, "DELETE", "/groups/"+store+"/owners/"+olga+"/$ref", nil)
	state := r.state(store)
	equal(t, "owners", state.Owners, []string{anna})
	equal(t, "members", state.Members, []string{ben, olga})
}

func TestMasteredElsewhere(t *testing.T) {
	world, err := simgraph.ParseWorld([]byte(smallWorld))
	if err != nil {
		t.Fatal(err)
	}
	synced := true
	world.Groups[0].OnPremisesSyncEnabled = &synced
	world.Groups[1].GroupTypes = []string{"Unified", "DynamicMembership"}
	r := rigOf(t, world, simgraph.Options{})
	r.want(400, "PATCH", "/groups/"+store, map[string]any{"displayName": "New"})
	r.want(400, "POST", "/groups/"+store+"/members/$ref", object(dora))
	r.want(400, "POST", "/teams/"+store+"/members", member(dora))
	r.want(400, "DELETE", "/groups/"+store, nil)
	r.want(400, "POST", "/groups/"+plain+"/members/$ref", object(dora))
	r.want(204, "POST", "/groups/"+plain+"/owners/$ref", object(dora))
	equal(t, "synced", r.state(store).Members, []string{anna, ben})
}
