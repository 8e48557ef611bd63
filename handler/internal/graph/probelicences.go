package graph

import (
	"context"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/pages"
)

// skuItem is a product that the tenant subscribed to.
type skuItem struct {
	Product string `json:"skuPartNumber"`
	For     string `json:"appliesTo"` // Company: nobody can be assigned it
	Used    int    `json:"consumedUnits"`
	Units   struct {
		Enabled   int `json:"enabled"`
		Suspended int `json:"suspended"`
		Warning   int `json:"warning"`
	} `json:"prepaidUnits"`
	Plans []struct {
		ID     string `json:"servicePlanId"`
		Status string `json:"provisioningStatus"`
	} `json:"servicePlans"`
}

// Licences implements doctor.Tenant. Products that ended, of which nothing is
// left, are left out. It needs Organization.Read.All, as looking at the tenant
// does.
func (c *Client) Licences(ctx context.Context) ([]doctor.Licence, error) {
	ctx, cancel := outbound.Probing(ctx)
	defer cancel()
	var licences []doctor.Licence
	const ref = "subscribedSkus?$select=skuPartNumber,appliesTo,consumedUnits,prepaidUnits,servicePlans"
	_, err := pages.Read(ctx, c.out, "graph: read licences", ref, func(sku skuItem) error {
		licence := doctor.Licence{
			Product: sku.Product, Enabled: sku.Units.Enabled, Used: sku.Used,
			Suspended: sku.Units.Suspended + sku.Units.Warning,
		}
		if sku.hasTeams() && licence != (doctor.Licence{Product: sku.Product}) {
			licences = append(licences, licence)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(licences, func(a, b doctor.Licence) int { return strings.Compare(a.Product, b.Product) })
	return licences, nil
}

// hasTeams reports whether who is assigned the product may use Teams. A plan that
// is not provisioned yet counts: it is when the first user gets it.
func (s skuItem) hasTeams() bool {
	if strings.EqualFold(s.For, "Company") {
		return false
	}
	for _, plan := range s.Plans {
		if strings.EqualFold(plan.ID, teamsServicePlan) && !strings.EqualFold(plan.Status, "Disabled") {
			return true
		}
	}
	return false
}
