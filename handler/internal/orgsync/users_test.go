package orgsync_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// licence makes a user's Teams plan have a status.
func licence(status string) func(*simgraph.User) {
	return func(u *simgraph.User) {
		u.AssignedPlans = []simgraph.Plan{{ServicePlanID: simgraph.TeamsPlan, CapabilityStatus: status}}
	}
}

func enabled(yes bool) func(*simgraph.User) { return func(u *simgraph.User) { u.AccountEnabled = yes } }

// What becomes of worker 1 of store 1 when their account changes in Entra.
func TestAccountsChange(t *testing.T) {
	type step struct {
		do       func(b *bench, t *testing.T, user string)
		in       bool // they are in the team afterwards
		unmapped org.UnmappedCause
	}
	set := func(edit func(*simgraph.User)) func(*bench, *testing.T, string) {
		return func(b *bench, t *testing.T, user string) { must(t, b.tenant.SetUser(user, edit)) }
	}
	remove := func(b *bench, t *testing.T, user string) {
		must(t, b.tenant.RemoveMember(b.team(t, store(1)).ID, user))
	}
	cases := map[string][]step{
		"disabled stays, is not put back, and comes back": {
			{set(enabled(false)), true, org.Disabled},
			{remove, false, org.Disabled},
			{set(enabled(true)), true, ""},
		},
		"licence lapses, is suspended and returns": {
			{set(licence("Warning")), true, ""},
			{set(licence("Suspended")), true, org.Unlicensed},
			{remove, false, org.Unlicensed},
			{set(licence("Enabled")), true, ""},
		},
		"becomes a guest": {
			{set(func(u *simgraph.User) { u.UserType = "Guest" }), true, org.GuestUser},
			{remove, false, org.GuestUser},
		},
		"another UPN is the same person": {
			{set(func(u *simgraph.User) { u.UserPrincipalName = "other@contoso.example" }), true, ""},
		},
		"deleted": {
			{func(b *bench, t *testing.T, user string) { must(t, b.tenant.DeleteUser(user)) }, false, org.NotInTenant},
		},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 2, 3, simgraph.Options{})
				b.run(t, t)
				user := b.worker(t, 1, 1)
				for i, s := range steps {
					s.do(b, t, user)
					b.ticks(t, 2*time.Hour) // what was undone by hand is put back after HANDS_DELAY
					record := b.tick(t)
					members := []string{b.worker(t, 1, 2)}
					if s.in {
						members = append(members, user)
					}
					wantPeople(t, b.team(t, store(1)), []string{b.worker(t, 1, 0)}, members)
					if n := record.Unmapped[string(s.unmapped)]; s.unmapped != "" && n != 1 || s.unmapped == "" && len(record.Unmapped) > 0 {
						t.Errorf("unmapped are %v, want one %q", record.Unmapped, s.unmapped)
					}
					if t.Failed() {
						t.Fatalf("after step %d", i+1)
					}
				}
			})
		})
	}
}

// Somebody hired in Commerce before they have an account gets into the team
// when the account is there, found by its UPN.
func TestAccountIsCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 1, 2, simgraph.Options{})
		const upn, id = "new@contoso.example", "dddddddd-0000-4000-8000-000000000001"
		b.add(t, "Workers", map[string]any{"PersonnelNumber": "new", "PartyNumber": "W-new"})
		b.add(t, "RetailStaff", map[string]any{"PersonnelNumber": "new", "ExternalSubIdentifier": nil, "ExternalIdentityAlias": upn})
		b.add(t, "RetailChannelWorkers", map[string]any{"RetailChannelId": "C000001", "PersonnelNumber": "new", "IsActive": "Yes"})
		if first := b.run(t, t); first.Unmapped[string(org.NotInTenant)] != 1 {
			t.Errorf("unmapped are %v", first.Unmapped)
		}
		must(t, b.tenant.AddUser(simgraph.User{ID: id, UserPrincipalName: "New@Contoso.example", AccountEnabled: true}))
		if second := b.tick(t); second.Unmapped[string(org.Unlicensed)] != 1 {
			t.Errorf("unmapped are %v", second.Unmapped)
		}
		wantPeople(t, b.team(t, store(1)), []string{b.worker(t, 1, 0)}, []string{b.worker(t, 1, 1)})
		must(t, b.tenant.SetUser(id, licence("Enabled")))
		b.tick(t)
		wantPeople(t, b.team(t, store(1)), []string{b.worker(t, 1, 0)}, []string{b.worker(t, 1, 1), id})
	})
}

// An unlicensed worker who is in an adopted team belongs to it and is managed,
// though they could not be added.
func TestStayOnlyIsManaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldgen.Chain(1, 3)
		manager := w.Commerce["RetailStaff"][0]["ExternalSubIdentifier"].(string)
		in, out := w.Commerce["RetailStaff"][1]["ExternalSubIdentifier"].(string), w.Commerce["RetailStaff"][2]["ExternalSubIdentifier"].(string)
		id := existing(&w, "", true, w.Users[1]["id"].(string), in)
		w.Commerce["IntegrationSourceMappings"] = append(w.Commerce["IntegrationSourceMappings"], mapping(1, id))
		b := newBenchOf(t, w, simgraph.Options{})
		b.settings.Adopt = true
		for _, user := range []string{in, out} {
			must(t, b.tenant.SetUser(user, licence("Suspended")))
		}
		b.run(t, t)
		wantPeople(t, b.team(t, store(1)), []string{b.office(1), manager, in}, nil)
		b.wantManaged(t, store(1), map[string]org.Role{manager: org.Owner, in: org.Member})
	})
}

// wantManaged checks who is managed in a team.
func (b *bench) wantManaged(t *testing.T, key org.TeamKey, want map[string]org.Role) {
	t.Helper()
	managed := b.link(t, key).Managed
	for user, role := range want {
		if got, ok := managed.Of(userID(t, user)); !ok || got.Role != role {
			t.Errorf("%s: %s is managed as %v (%v), want %v", key, user, got.Role, ok, role)
		}
	}
	if len(managed) != len(want) {
		t.Errorf("%s: %d people are managed, want %d: %v", key, len(managed), len(want), managed)
	}
}
