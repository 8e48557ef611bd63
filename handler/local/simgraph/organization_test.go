package simgraph_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

func TestOrganization(t *testing.T) {
	const tenant = "5a1e0c6e-3f4b-4c1d-9a57-6f1d2b8e7c10"
	r := newRig(t, simgraph.Options{TenantID: tenant})
	rows := r.want(200, "GET", "/organization?$select=id", nil).rows()
	equal(t, "organizations", rows, []map[string]any{{"id": tenant}})
	equal(t, "by id", r.want(200, "GET", "/organization/"+tenant, nil).text("displayName"), "Contoso")
	r.want(404, "GET", "/organization/"+ghost, nil)
	r.want(400, "GET", "/organization?$select=size", nil)
	r.want(400, "GET", "/organization?$filter=id%20eq%20'x'", nil)
	r.want(405, "PATCH", "/organization/"+tenant, map[string]any{"displayName": "x"})
}

// TestProducts: a tenant has one product with units to spare, or what it is told.
func TestProducts(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	const picked = "/subscribedSkus?$select=skuPartNumber,consumedUnits,prepaidUnits"
	equal(t, "products", r.want(200, "GET", picked, nil).rows(), []map[string]any{
		{"skuPartNumber": "SPE_F1", "consumedUnits": 1.0, "prepaidUnits": map[string]any{"enabled": 15.0, "lockedOut": 0.0, "suspended": 0.0, "warning": 0.0}},
	})
	if err := r.tenant.DeleteUser(anna); err != nil {
		t.Fatal(err)
	}
	equal(t, "used once Anna is gone", r.want(200, "GET", picked, nil).rows()[0]["consumedUnits"], 0.0)

	r.tenant.SetSubscribedSkus(simgraph.SubscribedSku{
		SkuID: ghost, SkuPartNumber: "SPE_E3", ConsumedUnits: 3, PrepaidUnits: simgraph.Units{Warning: 2},
		ServicePlans: []simgraph.ServicePlan{{ServicePlanID: simgraph.TeamsPlan, ServicePlanName: "TEAMS1", ProvisioningStatus: "Disabled", AppliesTo: "User"}},
	})
	row := r.want(200, "GET", "/subscribedSkus", nil).rows()[0]
	for name, want := range map[string]any{
		"skuPartNumber": "SPE_E3", "skuId": ghost, "appliesTo": "User", "capabilityStatus": "Enabled", "accountName": nil,
		"servicePlans": []any{map[string]any{"servicePlanId": simgraph.TeamsPlan, "servicePlanName": "TEAMS1", "provisioningStatus": "Disabled", "appliesTo": "User"}},
	} {
		equal(t, name, row[name], want)
	}
	r.tenant.SetSubscribedSkus()
	equal(t, "none", len(r.want(200, "GET", "/subscribedSkus", nil).rows()), 0)
	r.want(400, "GET", "/subscribedSkus?$top=1", nil)
	r.want(400, "GET", "/subscribedSkus?$select=price", nil)
}

// TestDeniedByPermission: one kind of request is refused, inside a batch too, and
// the others are not.
func TestDeniedByPermission(t *testing.T) {
	r := newRig(t, simgraph.Options{})
	r.tenant.Inject(simgraph.Fault{Route: "GET /subscribedSkus", Do: simgraph.Refuse(403, "Authorization_RequestDenied", 0)})
	equal(t, "code", r.want(403, "GET", "/subscribedSkus", nil).code(), "Authorization_RequestDenied")
	r.want(200, "GET", "/organization", nil)
	batch := map[string]any{"requests": []any{map[string]any{"id": "1", "method": "GET", "url": "/subscribedSkus"}}}
	parts, _ := r.want(200, "POST", "/$batch", batch).body["responses"].([]any)
	part, _ := parts[0].(map[string]any)
	equal(t, "part", part["status"], 403.0)
}

func TestDateAhead(t *testing.T) {
	r := newRig(t, simgraph.Options{DateAhead: 10 * time.Minute})
	for target, status := range map[string]int{"/users": 200, "/groups/" + ghost: 404} {
		equal(t, target, r.want(status, "GET", target, nil).header.Get("Date"), "Sun, 01 Mar 2026 08:10:00 GMT")
	}
	r.tenant.Inject(simgraph.Fault{Route: "GET /users", Do: simgraph.Refuse(http.StatusForbidden, "Authorization_RequestDenied", 0)})
	equal(t, "of a fault", r.want(403, "GET", "/users", nil).header.Get("Date"), "Sun, 01 Mar 2026 08:10:00 GMT")
	equal(t, "without", newRig(t, simgraph.Options{}).want(200, "GET", "/users", nil).header.Get("Date"), "")
}
