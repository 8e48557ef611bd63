package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger/tableledger"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// edited is a plant that changes the rows of a collection that meet a condition;
// a nil change deletes them.
func edited(collection string, meets, change row) plant {
	return inCommerce(func(t *testing.T, s *site) { t.Helper(); s.edit(t, collection, having(meets), change) })
}

// added is a plant that adds a row as no screen could write it.
func added(collection string, r row) plant {
	return inCommerce(func(t *testing.T, s *site) {
		t.Helper()
		text, err := json.Marshal(r)
		do(t, err)
		do(t, s.Commerce.SetRows(collection, append(s.Commerce.Rows(collection), text)))
	})
}

// both plants two things.
func both(one, other plant) plant {
	return func(t *testing.T, s *site) func(*testing.T) {
		t.Helper()
		mend, mendOther := one(t, s), other(t, s)
		return func(t *testing.T) { t.Helper(); mendOther(t); mend(t) }
	}
}

// unmanaged takes the manager from a chain's store.
func unmanaged(store string) plant {
	return both(edited("OperatingUnits", row{"OperatingUnitNumber": "U" + store}, row{"ManagerPersonnelNumber": nil}),
		edited("RetailPositionPosPermissions", row{"PositionId": "POS" + store + "000"}, row{"ManagerPrivileges": "No"}))
}

// vanished deletes the rows that put workers into a store.
func vanished(store string, workers ...string) plant {
	return inCommerce(func(t *testing.T, s *site) { t.Helper(); s.vanish(t, store, workers...) })
}

// byHand changes a store's team, and has the next run look at all of them.
func byHand(store string, change, back func(*simgraph.Tenant, string) error) plant {
	return func(t *testing.T, s *site) func(*testing.T) {
		t.Helper()
		team := s.store(t, store).ID
		do(t, change(s.Tenant, team))
		do(t, s.Operator().Rebuild(t.Context()))
		return func(t *testing.T) {
			t.Helper()
			do(t, back(s.Tenant, team))
			do(t, s.Operator().Rebuild(t.Context()))
		}
	}
}

// faultyStores is what runs find out about stores and their teams.
func faultyStores() []fault {
	return []fault{
		{"a store without a manager", unmanaged("000002"), "stores", "managers", note, "operating unit", nil},
		{"many stores without a manager", both(unmanaged("000002"), unmanaged("000003")), "stores", "managers", amiss, "MANAGER_RULE", nil},
		{"two rows of one store", added("RetailStores", row{"StoreNumber": "000004", "RetailChannelId": "C9", "OperatingUnitNumber": "U000004", "OperatingUnitPartyNumber": "P-000004"}),
			"stores", "numbers", amiss, "a number of its own", nil},
		{"a hierarchy that runs in a circle", edited("OrganizationHierarchyPublishedV2", row{"ChildOrganizationPartyNumber": "N-R0"}, row{"ParentOrganizationPartyNumber": "N-A0"}),
			"stores", "hierarchy", amiss, "Organization hierarchies", nil},
		{"a store outside the hierarchy", edited("OrganizationHierarchyPublishedV2", row{"ChildOrganizationPartyNumber": "P-000003"}, nil),
			"stores", "hierarchy", note, "add the store to the retail hierarchy", nil},
		{"a store without a name", edited("OperatingUnits", row{"OperatingUnitNumber": "U000001"}, row{"Name": nil}), "stores", "names", note, "name the operating units", nil},
		{"a team archived by hand", byHand("000003",
			func(tenant *simgraph.Tenant, team string) error { return tenant.Archive(team, true) },
			func(tenant *simgraph.Tenant, team string) error { return tenant.Archive(team, false) }), "stores", "archived", note, "CLOSED_STORES", nil},
		{"a hold that waits", vanished("000002", "000002001", "000002002", "000002003", "000002004"), "runs", "holds", note, "`holds list`", nil},
	}
}

// faultyRows is what runs find out about Commerce's rows.
func faultyRows() []fault {
	return []fault{
		{"a reading that is short", inCommerce(func(t *testing.T, s *site) {
			t.Helper()
			for _, store := range []string{"000001", "000002", "000003", "000004"} { // 28 of 36 rows are left
				s.vanish(t, store, store+"001", store+"002")
			}
		}), "commerce", "short", amiss, "`baseline accept`", nil},
		{"a row that cannot be read", edited("PositionWorkerAssignmentsV2", row{"PositionId": "POS000001001"}, row{"ValidTo": "soon"}),
			"commerce", "PositionWorkerAssignmentsV2", note, "correct the row", nil},
		{"a row that may be about anybody", added("RetailChannelWorkers", row{"RetailChannelId": nil, "PersonnelNumber": nil, "IsActive": "No"}),
			"commerce", "rows", amiss, "names a worker or a store", nil},
		{"a value nobody knows", edited("RetailChannelWorkers", row{"PersonnelNumber": "000001001"}, row{"IsActive": "Perhaps"}),
			"commerce", "values", note, "correct the values", nil},
		{"no hierarchy is the retail one", edited("OrganizationHierarchyPurposes", row{"HierarchyType": "Retail"}, row{"HierarchyPurpose": "Security"}), "settings", "HIERARCHY", amiss, "set HIERARCHY", nil},
		{"a Commerce that could not be read", inCommerce(func(_ *testing.T, s *site) {
			s.Commerce.Intercept(func(r *http.Request) simcommerce.Fault {
				if r.URL.Query().Has("$top") { // the doctor may
					return simcommerce.Fault{}
				}
				return simcommerce.Fault{Status: http.StatusForbidden}
			})
		}), "runs", "last", note, "`runs show last`", nil},
	}
}

// clerk is a worker of a chain.
const clerk = "000003002"

// ofClerk is a plant in the clerk's account.
func ofClerk(change func(*simgraph.User)) plant {
	return func(t *testing.T, s *site) func(*testing.T) {
		t.Helper()
		var was simgraph.User
		id := account(t, unwire(t, s.world), clerk)
		do(t, s.Tenant.SetUser(id, func(u *simgraph.User) { was = *u; change(u) }))
		return func(t *testing.T) {
			t.Helper()
			do(t, s.Tenant.SetUser(id, func(u *simgraph.User) { *u = was }))
		}
	}
}

// faultyPeople is what runs find out about accounts, and people in teams.
func faultyPeople() []fault {
	staff := func(change row) plant { return edited("RetailStaff", row{"PersonnelNumber": clerk}, change) }
	return []fault{
		{"no account is recorded", staff(nil), "people", "no identity", note, "Associate existing identity", nil},
		{"what is recorded is no id", staff(row{"ExternalSubIdentifier": "not-a-guid", "ExternalIdentityAlias": nil}), "people", "bad identity", note, "GUID", nil},
		{"an account of another tenant", staff(row{"ExternalSubIdentifier": "99999999-9999-4999-8999-999999999999", "ExternalIdentityAlias": nil}),
			"people", "not in tenant", note, "TENANT_ID", nil},
		{"an account without a licence", ofClerk(func(u *simgraph.User) { u.AssignedPlans = nil }), "people", "unlicensed", note, "Teams service plan", nil},
		{"a licence that is wanted", ofClerk(func(u *simgraph.User) { u.AssignedPlans = nil }), "licences", "people", note, "assign them licences", nil},
		{"a disabled account", ofClerk(func(u *simgraph.User) { u.AccountEnabled = false }), "people", "disabled", note, "enable the account", nil},
		{"a guest", ofClerk(func(u *simgraph.User) { u.UserType = "Guest" }), "people", "guest", note, "ALLOW_GUESTS=yes", nil},
		{"somebody added by hand", byHand("000003",
			func(tenant *simgraph.Tenant, team string) error { return tenant.AddMember(team, spareID("newcomer.a")) },
			func(tenant *simgraph.Tenant, team string) error {
				return tenant.RemoveMember(team, spareID("newcomer.a"))
			}), "people", "extras", note, "`extras`", nil},
	}
}

// faultyStart is a fault that a site has from the beginning: plant is what has to
// happen before the doctor looks, if anything.
type faultyStart struct {
	fault
	change func(*testing.T, *setup, *naive.World)
}

// faultyStarts are faults that cannot be planted in a site that runs.
func faultyStarts() []faultyStart {
	const gone = "99999999-9999-4999-8999-999999999999"
	nothing := func(*testing.T, *setup, *naive.World) {}
	return []faultyStart{
		{fault{"no run yet", nil, "runs", "last", note, "`run`", nil}, nothing},
		{fault{"Graph's clock", nil, "clock", "Graph", amiss, "set the clock", nil},
			func(_ *testing.T, s *setup, _ *naive.World) { s.graph.DateAhead = -10 * time.Minute }},
		{fault{"Commerce's clock", nil, "clock", "Commerce", note, "set the clock", nil},
			func(_ *testing.T, s *setup, _ *naive.World) { s.commerce.DateAhead = 2 * time.Minute }},
		{fault{"another tenant", nil, "graph", "GET /organization", amiss, "TENANT_ID", nil},
			func(_ *testing.T, s *setup, _ *naive.World) {
				s.graph.TenantID = "11111111-0000-4000-8000-000000000000"
			}},
		{fault{"a mapping to a group that is gone", ran, "stores", "mappings", note, "IntegrationSourceMappings", nil},
			func(_ *testing.T, s *setup, w *naive.World) {
				s.handler["MODE"] = "plan" // else the store has a team of its own by now
				mapped(w, "000002", gone)
			}},
		{fault{"Commerce's own integration", ran, "integration", "IntegrationSourceMappings", note, "Provision teams", nil},
			func(_ *testing.T, s *setup, w *naive.World) { s.settings.Adopt = true; grouped(w, row{}) }},
		{fault{"a team that waits to be adopted", ran, "settings", "ADOPT", note, "ADOPT=yes", nil},
			func(_ *testing.T, _ *setup, w *naive.World) { grouped(w, row{}) }},
		{fault{"a group with a rule", ran, "stores", "groups", amiss, "membership type to Assigned", nil},
			func(_ *testing.T, s *setup, w *naive.World) {
				s.settings.Adopt = true
				grouped(w, row{"groupTypes": []any{"Unified", "DynamicMembership"}})
			}},
		{fault{"a group from on-premises", ran, "stores", "groups", amiss, "synchronization", nil},
			func(_ *testing.T, s *setup, w *naive.World) {
				s.settings.Adopt = true
				grouped(w, row{"onPremisesSyncEnabled": true})
			}},
		{fault{"changes that fail", quarantined, "runs", "quarantine", amiss, "`runs show ", nil}, nothing},
		{fault{"a run that failed", failed, "runs", "last", amiss, "start a run with `run`", []string{"graph"}}, nothing},
		{fault{"a ledger that refuses", nil, "tables", "TABLES_CONNECTION", amiss, "Storage Table Data Contributor", nil},
			refused(http.StatusForbidden, "AuthorizationFailure")},
	}
}

// mapped maps a store to a group in Commerce.
func mapped(w *naive.World, store, group string) {
	w.Commerce["IntegrationSourceMappings"] = append(w.Commerce["IntegrationSourceMappings"],
		row{"SourceId": store, "SourceType": "RetailStore", "TeamId": group})
}

// grouped adds a Microsoft 365 group that store 000002 is mapped to.
func grouped(w *naive.World, more row) {
	const group = "77777777-7777-4777-8777-777777777777"
	g := row{"id": group, "displayName": "Shop", "mailNickname": "shop", "groupTypes": []any{"Unified"}, "members": []any{}, "owners": []any{}}
	maps.Copy(g, more)
	w.Groups = append(w.Groups, g)
	mapped(w, "000002", group)
}

// ran is the plant of a site that has had a run.
func ran(t *testing.T, s *site) func(*testing.T) {
	t.Helper()
	s.sync(t)
	return nil
}

// quarantined has most of a first run's changes fail.
func quarantined(t *testing.T, s *site) func(*testing.T) {
	t.Helper()
	lift := forbidden("POST /teams/{team}/members/add")(t, s)
	s.sync(t)
	return lift
}

// failed is the plant of a site whose last run failed.
func failed(t *testing.T, s *site) func(*testing.T) {
	t.Helper()
	s.sync(t)
	lift := forbidden("GET /groups/delta")(t, s)
	if _, err := s.Host.Invoke(t.Context(), "OrgSync"); err == nil {
		t.Error("the run did not fail")
	}
	return lift
}

// refused makes the ledger a table service that refuses everything with that
// status, the making of the table too.
func refused(status int, code string) func(*testing.T, *setup, *naive.World) {
	return func(t *testing.T, s *setup, _ *naive.World) {
		t.Helper()
		tables := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"odata.error":{"code":%q,"message":{"lang":"en-US","value":"No."}}}`, code)
		}))
		t.Cleanup(tables.Close)
		s.handler["LEDGER"], s.handler["TABLES_CONNECTION"] = "tables", tableledger.DevelopmentConnection(tables.URL+"/devstoreaccount1")
	}
}

// TestDoctorAtTheStart plants what a site can only start with.
func TestDoctorAtTheStart(t *testing.T) {
	t.Parallel()
	for _, f := range faultyStarts() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w := chain(3, 5)
			given := fullSetup(t, w)
			f.change(t, &given, &w)
			given.world = wire(t, w)
			s := start(t, given)
			if f.plant != nil {
				f.plant(t, s)
			}
			f.found(t, s)
		})
	}
}
