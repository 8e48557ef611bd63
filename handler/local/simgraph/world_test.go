package simgraph_test

import (
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

func TestWorldMistakes(t *testing.T) {
	u := `{"id":"u1","userPrincipalName":"a@x","displayName":"A","accountEnabled":true,"userType":"Member","assignedPlans":[]}`
	g := func(more string) string {
		return `{"id":"g1","displayName":"G","mailNickname":"g","groupTypes":["Unified"],"mailEnabled":true,"securityEnabled":false,"visibility":"Private"` + more + `}`
	}
	tests := []struct{ name, users, groups, says string }{
		{"unknown member", u, g(`,"members":[{"@odata.type":"#microsoft.graph.user","id":"nobody"}]`), `graph.groups[0] "g1": members names "nobody", and no user has that id`},
		{"unknown owner", u, g(`,"owners":[{"id":"nobody"}]`), `owners names "nobody"`},
		{"a group as member", u, g(`,"members":[{"@odata.type":"#microsoft.graph.group","id":"u1"}]`), "only users are simulated"},
		{"unknown user property", `{"id":"u1","upn":"x"}`, "", `graph.users[0]: the type has no property "upn"`},
		{"unknown group property", "", `{"id":"g1","name":"x"}`, `graph.groups[0]: the type has no property "name"`},
		{"no id", `{"userPrincipalName":"x"}`, "", "id and userPrincipalName must be given"},
		{"user twice", u + "," + u, "", `id "u1" is there twice`},
		{"group twice", "", g("") + "," + g(""), "the id is there twice"},
		{"nickname twice", "", g("") + "," + strings.Replace(g(""), "g1", "g2", 1), `mailNickname "g" is there twice`},
		{"team of no unified group", "", strings.Replace(g(`,"resourceProvisioningOptions":["Team"]`), "Unified", "Other", 1), "groupTypes lacks Unified"},
		{"wrong type", `{"id":7}`, "", "world"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			world, err := simgraph.ParseWorld([]byte(`{"users":[` + test.users + `],"groups":[` + test.groups + `]}`))
			if err == nil {
				_, err = simgraph.New(world, simgraph.Options{})
			}
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want it to say %s", err, test.says)
			}
		})
	}
}

func TestHands(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	fail := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s was allowed", what)
		}
	}
	fine := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fail("a member nobody knows", r.tenant.AddMember(store, ghost))
	fail("a group nobody knows", r.tenant.AddMember(ghost, anna))
	fail("the last owner going", r.tenant.RemoveMember(store, olga))
	fail("demoting the last owner", r.tenant.Demote(store, olga))
	fail("removing who is not there", r.tenant.RemoveMember(store, dora))
	fail("archiving what has no team", r.tenant.Archive(plain, true))
	fail("restoring what is there", r.tenant.RestoreGroup(store))
	fail("an address twice", r.tenant.SetUser(anna, func(u *simgraph.User) { u.UserPrincipalName = "BEN@shop.example" }))
	fine(r.tenant.RenameGroup(store, "By hand"))
	fine(r.tenant.AddOwner(store, dora))
	fine(r.tenant.Demote(store, olga))
	fine(r.tenant.Archive(store, true))
	equal(t, "state", r.state(store), simgraph.TeamState{
		ID: store, UniqueName: "store-1", Name: "By hand", HasTeam: true, Archived: true,
		Owners: []string{dora}, Members: []string{anna, ben, olga},
	})
	fine(r.tenant.SetUser(anna, func(u *simgraph.User) { u.UserPrincipalName = "anna.b@shop.example" }))
	r.want(404, "GET", "/users/anna@shop.example", nil)
	equal(t, "id", r.want(200, "GET", "/users/anna.b@shop.example", nil).text("id"), anna)
	equal(t, "writes", r.tenant.Writes(), 0)
}
