package simgraph

import (
	"cmp"
	"slices"
	"strings"
)

// spareUnits is how many more units than users a tenant has of its product,
// unless [Tenant.SetSubscribedSkus] says otherwise.
const spareUnits = 10

// SubscribedSku is a product's row. AppliesTo is User or Company, empty is User;
// CapabilityStatus is Enabled, Warning, Suspended, Deleted or LockedOut, empty is
// Enabled.
type SubscribedSku struct {
	SkuID            string
	SkuPartNumber    string
	AppliesTo        string
	CapabilityStatus string
	ConsumedUnits    int
	PrepaidUnits     Units
	ServicePlans     []ServicePlan
}

// Units is how many units of a product there are, by state.
type Units struct {
	Enabled   int `json:"enabled"`
	LockedOut int `json:"lockedOut"`
	Suspended int `json:"suspended"`
	Warning   int `json:"warning"`
}

// ServicePlan is a service plan of a product. ProvisioningStatus is Success,
// Disabled, PendingInput, PendingActivation or PendingProvisioning.
type ServicePlan struct {
	ServicePlanID      string `json:"servicePlanId"`
	ServicePlanName    string `json:"servicePlanName"`
	ProvisioningStatus string `json:"provisioningStatus"`
	AppliesTo          string `json:"appliesTo"`
}

// SetSubscribedSkus sets the tenant's products. Until then it has one, SPE_F1,
// with Teams, assigned to whoever has a plan with Teams.
func (t *Tenant) SetSubscribedSkus(skus ...SubscribedSku) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.skus = func() []SubscribedSku { return skus }
}

// frontline is the product of a tenant nobody gave others.
func (t *Tenant) frontline() []SubscribedSku {
	units, consumed := spareUnits, 0
	for _, u := range t.users {
		if u.deleted {
			continue
		}
		units++
		if slices.ContainsFunc(u.row.AssignedPlans, func(p Plan) bool { return strings.EqualFold(p.ServicePlanID, TeamsPlan) }) {
			consumed++
		}
	}
	return []SubscribedSku{{
		SkuID: "66b55226-6b4f-492c-910c-a3b7a3c9d993", SkuPartNumber: "SPE_F1",
		ConsumedUnits: consumed, PrepaidUnits: Units{Enabled: units},
		ServicePlans: []ServicePlan{
			{ServicePlanID: "902b47e5-dcb2-4fdc-858b-c63a90a2bdb9", ServicePlanName: "SHAREPOINTDESKLESS", ProvisioningStatus: "Success", AppliesTo: "User"},
			{ServicePlanID: TeamsPlan, ServicePlanName: "TEAMS1", ProvisioningStatus: "Success", AppliesTo: "User"},
		},
	}}
}

func (t *Tenant) organizationRoutes() []route {
	return []route{
		at("GET /organization", t.listOrganizations, budget{directory, 1}),
		at("GET /organization/{organization}", t.getOrganization, budget{directory, 1}),
		at("GET /subscribedSkus", t.listSubscribedSkus, budget{directory, 3}),
	}
}

// listOrganizations lists the one organization there is.
func (t *Tenant) listOrganizations(c *call) (reply, error) {
	row, err := t.organization(c)
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"@odata.context": c.base + "/$metadata#organization", "value": []any{row}}), nil
}

func (t *Tenant) getOrganization(c *call) (reply, error) {
	row, err := t.organization(c)
	if err != nil {
		return reply{}, err
	}
	if fold(c.args[0]) != fold(t.opts.TenantID) {
		return reply{}, missing(c.args[0])
	}
	row["@odata.context"] = c.base + "/$metadata#organization/$entity"
	return ok(row), nil
}

// organization renders the tenant as an organization, whose id is the tenant's.
func (t *Tenant) organization(c *call) (map[string]any, error) {
	if err := c.only("$select"); err != nil {
		return nil, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.organization, organizationNames)
	if err != nil {
		return nil, err
	}
	row := make(map[string]any, len(picked))
	for _, name := range picked {
		switch name {
		case "id":
			row[name] = t.opts.TenantID
		case "displayName":
			row[name] = "Contoso"
		default:
			row[name] = nil
		}
	}
	return row, nil
}

func (t *Tenant) listSubscribedSkus(c *call) (reply, error) {
	if err := c.only("$select"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.sku, skuNames)
	if err != nil {
		return reply{}, err
	}
	rows := []any{}
	for _, sku := range t.skus() {
		row := make(map[string]any, len(picked))
		for _, name := range picked {
			row[name] = sku.value(t.opts.TenantID, name)
		}
		rows = append(rows, row)
	}
	return ok(map[string]any{"@odata.context": c.base + "/$metadata#subscribedSkus", "value": rows}), nil
}

// value is a property of the product in a tenant. Those that are not simulated
// are null.
func (s SubscribedSku) value(tenantID, name string) any {
	switch name {
	case "id":
		return tenantID + "_" + s.SkuID
	case "accountId":
		return tenantID
	case "skuId":
		return s.SkuID
	case "skuPartNumber":
		return s.SkuPartNumber
	case "appliesTo":
		return cmp.Or(s.AppliesTo, "User")
	case "capabilityStatus":
		return cmp.Or(s.CapabilityStatus, "Enabled")
	case "consumedUnits":
		return s.ConsumedUnits
	case "prepaidUnits":
		return s.PrepaidUnits
	case "servicePlans":
		return append([]ServicePlan{}, s.ServicePlans...)
	case "subscriptionIds":
		return []string{}
	}
	return nil
}
