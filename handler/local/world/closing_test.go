package world_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/world"
)

// served is how a Commerce shows its rows, in an order of its own: what was
// created states attributes that a world file leaves to their defaults.
func served(t *testing.T, env *simcommerce.Environment) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for name, rows := range everything(t, env) {
		for _, row := range rows {
			text := ""
			for _, attribute := range []string{
				"StoreNumber", "RetailChannelId", "OperatingUnitNumber", "OperatingUnitPartyNumber", "ChannelTimeZone", "CultureName",
				"PersonnelNumber", "IsActive", "PartyNumber", "Name", "ManagerPersonnelNumber", "OperatingUnitType",
				"HierarchyType", "ParentOrganizationPartyNumber", "ChildOrganizationPartyNumber", "ChildOrganizationName", "validFrom", "validTo",
			} {
				text += row.text(attribute) + "|"
			}
			all[name] = append(all[name], text)
		}
		slices.Sort(all[name])
	}
	return all
}

func TestCloseAndReopen(t *testing.T) {
	for _, number := range []string{"000101", "B-12/3", "000116"} {
		t.Run(strings.ReplaceAll(number, "/", "-"), func(t *testing.T) {
			hq, env := running(t)
			before := served(t, env)
			store := with(now(t, env, "RetailStores"), "StoreNumber", number)[0]

			closed, err := hq.Close(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			for _, gone := range []struct{ collection, attribute, value string }{
				{"RetailStores", "StoreNumber", number},
				{"OperatingUnits", "OperatingUnitNumber", store.text("OperatingUnitNumber")},
				{"OrganizationHierarchyPublishedV2", "ChildOrganizationPartyNumber", store.text("OperatingUnitPartyNumber")},
			} {
				equal(t, gone.collection, len(with(now(t, env, gone.collection), gone.attribute, gone.value)), 0)
			}
			for _, place := range with(now(t, env, "RetailChannelWorkers"), "RetailChannelId", store.text("RetailChannelId")) {
				if active := place.text("IsActive"); active == "No" || active == "Yes" && place.text("PersonnelNumber") != "" {
					t.Errorf("%s still has a row there", place.text("PersonnelNumber"))
				}
			}
			equal(t, "other stores", len(now(t, env, "RetailStores")), len(before["RetailStores"])-1)
			equal(t, "workers", len(now(t, env, "Workers")), len(before["Workers"]))
			_, err = hq.Close(t.Context(), number)
			refused(t, err, "no store has the number "+number)

			if err := hq.Reopen(t.Context(), closed); err != nil {
				t.Fatal(err)
			}
			for name, rows := range served(t, env) {
				if !slices.Equal(rows, before[name]) {
					t.Errorf("%s is not as it was", name)
				}
			}
			refused(t, hq.Reopen(t.Context(), closed), "store "+number+" is there already")
		})
	}
}

// A store that could only be half closed is closed, and what went can come back.
func TestCloseHalfWay(t *testing.T) {
	hq, env := running(t)
	before := served(t, env)
	env.Intercept(func(r *http.Request) simcommerce.Fault {
		if r.Method == http.MethodDelete && strings.Contains(r.URL.Path, "OperatingUnits") {
			return simcommerce.Fault{Status: http.StatusServiceUnavailable}
		}
		return simcommerce.Fault{}
	})
	closed, err := hq.Close(t.Context(), "000101")
	refused(t, err, "503")
	equal(t, "rows of the store", len(with(now(t, env, "RetailStores"), "StoreNumber", "000101")), 0)
	if err := hq.Reopen(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	for name, rows := range served(t, env) {
		if !slices.Equal(rows, before[name]) {
			t.Errorf("%s is not as it was", name)
		}
	}
	_, err = hq.Close(t.Context(), "nowhere")
	refused(t, err, "no store has the number nowhere")
	refused(t, hq.Reopen(t.Context(), world.Closed{Number: "000101"}), "is there already")
}
