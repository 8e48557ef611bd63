package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// inCommerce is a plant in Commerce: its rows, and what it serves of them.
func inCommerce(change func(*testing.T, *site)) plant {
	return func(t *testing.T, s *site) func(*testing.T) {
		t.Helper()
		rows := map[string][]json.RawMessage{}
		for name := range s.world.Commerce {
			rows[name] = s.Commerce.Rows(name)
		}
		change(t, s)
		return func(t *testing.T) {
			t.Helper()
			s.Commerce.Intercept(nil)
			for name, was := range rows {
				s.Commerce.Publish(name, true)
				do(t, s.Commerce.SetRows(name, was))
			}
		}
	}
}

func unpublished(names ...string) plant {
	return inCommerce(func(_ *testing.T, s *site) {
		if len(names) == 0 {
			names = slices.Collect(maps.Keys(s.world.Commerce))
		}
		for _, name := range names {
			s.Commerce.Publish(name, false)
		}
	})
}

func emptied(names ...string) plant {
	return inCommerce(func(t *testing.T, s *site) {
		t.Helper()
		for _, name := range names {
			do(t, s.Commerce.SetRows(name, nil))
		}
	})
}

func lacking(collection, attribute string) plant {
	return inCommerce(func(t *testing.T, s *site) {
		t.Helper()
		do(t, s.Commerce.DropAttribute(collection, attribute))
	})
}

// denied has Commerce refuse what is asked of a collection; of all for "".
func denied(collection string) plant {
	return inCommerce(func(_ *testing.T, s *site) {
		s.Commerce.Intercept(func(r *http.Request) simcommerce.Fault {
			if strings.HasSuffix(r.URL.Path, collection) {
				return simcommerce.Fault{Status: http.StatusForbidden}
			}
			return simcommerce.Fault{}
		})
	})
}

// faultyCommerce is what the doctor sees in Commerce by looking.
func faultyCommerce() []fault {
	const menu = "Microsoft Entra ID applications"
	return []fault{
		{"collection unpublished", unpublished("RetailStaff"), "commerce", "RetailStaff", amiss, "ENTITY_RETAILSTAFF", nil},
		{"optional collection unpublished", unpublished("Employees"), "commerce", "Employees", note, "ENTITY_EMPLOYEES", nil},
		{"nothing published", unpublished(), "commerce", "COMMERCE_URL", amiss, "set COMMERCE_URL", nil},
		{"attribute missing", lacking("RetailStaff", "ExternalSubIdentifier"), "commerce", "RetailStaff", amiss, "ExternalSubIdentifier", nil},
		{"another attribute missing", lacking("OperatingUnits", "ManagerPersonnelNumber"), "commerce", "OperatingUnits", amiss, "ENTITY_OPERATINGUNITS", nil},
		{"collection denied", denied("SecurityUserRoleAssociations"), "commerce", "SecurityUserRoleAssociations", amiss, menu, nil},
		{"everything denied", denied(""), "commerce", "", amiss, menu, nil},
		{"no stores", emptied("RetailStores"), "commerce", "RetailStores", amiss, "a role that may read stores", nil},
		{"nobody works anywhere", emptied("RetailChannelWorkers"), "commerce", "RetailChannelWorkers", amiss, "address books", nil},
		{"no units", emptied("OperatingUnits"), "commerce", "OperatingUnits", amiss, "operating units", nil},
		{"no workers", emptied("Workers"), "commerce", "Workers", amiss, "may read workers", nil},
		{"no accounts", emptied("RetailStaff", "PersonUsers"), "commerce", "RetailStaff", amiss, "Associate existing identity", nil},
		{"no hierarchy", emptied("OrganizationHierarchyPublishedV2"), "commerce", "OrganizationHierarchyPublishedV2", note, "publish the retail hierarchy", nil},
		{"no roles", emptied("SecurityUserRoleAssociations"), "commerce", "SecurityUserRoleAssociations", note, "Assign users to roles", nil},
	}
}

// forbidden has the tenant refuse one kind of request.
func forbidden(route string) plant {
	return func(_ *testing.T, s *site) func(*testing.T) {
		var lifted atomic.Bool
		refuse := simgraph.Refuse(http.StatusForbidden, "Authorization_RequestDenied", 0)
		s.Tenant.Inject(simgraph.Fault{Route: route, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if lifted.Load() {
				next.ServeHTTP(w, r)
				return
			}
			refuse(w, r, next)
		}})
		return func(*testing.T) { lifted.Store(true) }
	}
}

// licences gives the tenant other products.
func licences(skus ...simgraph.SubscribedSku) plant {
	return func(_ *testing.T, s *site) func(*testing.T) {
		s.Tenant.SetSubscribedSkus(skus...)
		return func(*testing.T) { s.Tenant.SetSubscribedSkus(frontline(40)) }
	}
}

// frontline is a product with Teams, of which 100 units were bought.
func frontline(consumed int) simgraph.SubscribedSku {
	return simgraph.SubscribedSku{
		SkuID: "66b55226-6b4f-492c-910c-a3b7a3c9d993", SkuPartNumber: "SPE_F1",
		ConsumedUnits: consumed, PrepaidUnits: simgraph.Units{Enabled: 100},
		ServicePlans: []simgraph.ServicePlan{{ServicePlanID: simgraph.TeamsPlan, ServicePlanName: "TEAMS1", ProvisioningStatus: "Success", AppliesTo: "User"}},
	}
}

// faultyTenant is what the doctor sees in the tenant by looking.
func faultyTenant() []fault {
	ending := frontline(40)
	ending.PrepaidUnits.Warning = 3
	return []fault{
		{"groups' changes denied", forbidden("GET /groups/delta"), "graph", "GET /groups/delta", amiss, "permission GroupMember.Read.All", nil},
		{"users' changes denied", forbidden("GET /users/delta"), "graph", "GET /users/delta", amiss, "permission User.Read.All", nil},
		{"teams' people denied", forbidden("GET /teams/{team}/members"), "graph", "GET /teams/{id}/members", amiss, "permission TeamMember.", nil},
		{"deleted groups denied", forbidden("GET /directory/deletedItems/microsoft.graph.group"), "graph", "GET /directory/deletedItems/microsoft.graph.group", amiss, "permission Group.Read.All", nil},
		{"organization denied", forbidden("GET /organization"), "graph", "GET /organization", amiss, "permission Organization.Read.All", nil},
		{"licences denied", forbidden("GET /subscribedSkus"), "licences", "", unknown, "permission Organization.Read.All", nil},
		{"no product with Teams", licences(), "licences", "", amiss, "buy licences with Microsoft Teams", nil},
		{"more licences assigned than bought", licences(frontline(101)), "licences", "SPE_F1", amiss, "renew or buy units of SPE_F1", nil},
		{"licences used up", licences(frontline(100)), "licences", "SPE_F1", note, "buy more units of SPE_F1", nil},
		{"licences about to end", licences(ending), "licences", "SPE_F1", note, "renew SPE_F1", nil},
	}
}

// twins makes the last two stores of a chain have one name, which the number in
// their teams' names tells apart.
func twins(w naive.World) naive.World {
	units := w.Commerce["OperatingUnits"]
	units[len(units)-1]["Name"] = units[len(units)-2]["Name"]
	return w
}
