package graph_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/graph"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// recorded collects what was asked, from many goroutines.
type recorded struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorded) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
}

// has reports whether a line begins so.
func (r *recorded) has(start string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}

func TestProbeOfTheTenant(t *testing.T) {
	var asked recorded
	tenant, c := newTenant(t, 3, simgraph.Options{DateAhead: -10 * time.Minute, Record: func(x simgraph.Exchange) {
		asked.add(x.Method + " " + x.URL)
	}})
	id := newTeam(t, c)
	writes := tenant.Writes()
	for name, call := range probed(t.Context(), t, c) {
		if call.Err != nil {
			t.Errorf("%s: %v", name, call.Err)
		}
		if ahead := call.Clock.Ahead; !call.Clock.Known || ahead > -10*time.Minute || ahead < -11*time.Minute {
			t.Errorf("%s: clock %+v", name, call.Clock)
		}
	}
	for _, want := range []string{"GET /v1.0/teams/" + string(id) + "/members", "GET /v1.0/groups/" + string(id) + "/owners"} {
		if !asked.has(want) {
			t.Errorf("not asked: %s", want)
		}
	}
	if tenant.Writes() != writes {
		t.Errorf("the probe wrote %d times", tenant.Writes()-writes)
	}
	if n := tenant.Requests()["GET /groups/delta"]; n != 1 {
		t.Errorf("read %d pages of a delta", n)
	}
}

func TestProbeOfAnEmptyTenant(t *testing.T) {
	_, c := newTenant(t, 0, simgraph.Options{})
	for name, call := range probed(t.Context(), t, c) {
		if call.Err != nil {
			t.Errorf("%s: %v", name, call.Err)
		}
	}
}

// TestProbeFindsWhatIsDenied plants each missing permission.
func TestProbeFindsWhatIsDenied(t *testing.T) {
	routes := map[string]string{
		"GET /groups":                                       "GET /groups",
		"GET /groups/delta":                                 "GET /groups/delta",
		"GET /users/delta":                                  "GET /users/delta",
		"GET /groups/{id}":                                  "GET /groups/{group}",
		"GET /groups/{id}/members":                          "GET /groups/{group}/members",
		"GET /groups/{id}/owners":                           "GET /groups/{group}/owners",
		"GET /groups(uniqueName='{marker}')":                "GET /groups(uniqueName='{name}')",
		"GET /teams/{id}":                                   "GET /teams/{team}",
		"GET /teams/{id}/members":                           "GET /teams/{team}/members",
		"GET /directory/deletedItems/microsoft.graph.group": "GET /directory/deletedItems/microsoft.graph.group",
		"GET /organization":                                 "GET /organization",
		"POST /$batch":                                      "POST /$batch",
	}
	for _, denied := range probeNames() {
		t.Run(denied, func(t *testing.T) {
			tenant, c := newTenant(t, 3, simgraph.Options{})
			newTeam(t, c)
			tenant.Inject(simgraph.Fault{Route: routes[denied], Do: simgraph.Refuse(403, "Authorization_RequestDenied", 0)})
			for name, call := range probed(t.Context(), t, c) {
				if (name == denied) != fault.Is(call.Err, fault.Denied) || name != denied && call.Err != nil {
					t.Errorf("%s: error %v", name, call.Err)
				}
			}
		})
	}
}

// TestProbesAreCountedAndAdmitted like any other request.
func TestProbesAreCountedAndAdmitted(t *testing.T) {
	tenant, err := simgraph.New(world(3), simgraph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	rates := graph.NewRates(1000)
	var admitted recorded
	out, err := outbound.New(outbound.Options{
		Name: "graph", Base: base, Transport: inProcess(tenant), Label: rates.Label,
		Admit: func(r *http.Request) error {
			admitted.add(r.Method)
			return rates.Admit(r)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := graph.New(out, base, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	calls := probed(t.Context(), t, c)
	if _, err := c.Licences(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(admitted.lines) != len(calls)+1 {
		t.Errorf("%d requests were admitted, want %d", len(admitted.lines), len(calls)+1)
	}
	want := map[string]int{
		"GET /groups": 1, "GET /groups/delta": 1, "GET /users/delta": 1, "GET /groups/{id}": 1, "GET /groups/{id}/members": 1,
		"GET /groups/{id}/owners": 1, "GET /groups(uniqueName)": 1, "GET /teams/{id}": 1, "GET /teams/{id}/members": 1,
		"GET /directory/deletedItems/group": 1, "GET /organization": 1, "POST /$batch": 1, "GET /subscribedSkus": 1,
	}
	if got := out.Counts(); !reflect.DeepEqual(got, want) {
		t.Errorf("counts %v, want %v", got, want)
	}
}

func TestLicencesOfTheTenant(t *testing.T) {
	tenant, c := newTenant(t, 3, simgraph.Options{})
	got, err := c.Licences(t.Context())
	if want := []doctor.Licence{{Product: "SPE_F1", Enabled: 13, Used: 3}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("licences %+v, %v; want %+v", got, err, want)
	}

	teams := func(status string) []simgraph.ServicePlan {
		return []simgraph.ServicePlan{
			{ServicePlanID: guid(1), ServicePlanName: "OTHER", ProvisioningStatus: "Success"},
			{ServicePlanID: strings.ToUpper(simgraph.TeamsPlan), ServicePlanName: "TEAMS1", ProvisioningStatus: status},
		}
	}
	units := func(enabled, warning, suspended, lockedOut int) simgraph.Units {
		return simgraph.Units{Enabled: enabled, Warning: warning, Suspended: suspended, LockedOut: lockedOut}
	}
	tenant.SetSubscribedSkus(
		simgraph.SubscribedSku{SkuPartNumber: "SPE_F1", ConsumedUnits: 7, PrepaidUnits: units(10, 0, 0, 0), ServicePlans: teams("Success")},
		simgraph.SubscribedSku{SkuPartNumber: "ENDING", ConsumedUnits: 5, PrepaidUnits: units(0, 2, 3, 0), ServicePlans: teams("Success"), CapabilityStatus: "Warning"},
		simgraph.SubscribedSku{SkuPartNumber: "ENDED", PrepaidUnits: units(0, 0, 0, 4), ServicePlans: teams("Success"), CapabilityStatus: "LockedOut"},
		simgraph.SubscribedSku{SkuPartNumber: "ENDED_IN_USE", ConsumedUnits: 1, PrepaidUnits: units(0, 0, 0, 4), ServicePlans: teams("Success"), CapabilityStatus: "LockedOut"},
		simgraph.SubscribedSku{SkuPartNumber: "NEW", PrepaidUnits: units(1, 0, 0, 0), ServicePlans: teams("PendingActivation")},
		simgraph.SubscribedSku{SkuPartNumber: "TEAMS_OFF", PrepaidUnits: units(1, 0, 0, 0), ServicePlans: teams("Disabled")},
		simgraph.SubscribedSku{SkuPartNumber: "NO_TEAMS", PrepaidUnits: units(1, 0, 0, 0), ServicePlans: teams("Success")[:1]},
		simgraph.SubscribedSku{SkuPartNumber: "COMPANY", AppliesTo: "Company", PrepaidUnits: units(1, 0, 0, 0), ServicePlans: teams("Success")},
	)
	want := []doctor.Licence{
		{Product: "ENDED_IN_USE", Used: 1},
		{Product: "ENDING", Used: 5, Suspended: 5},
		{Product: "NEW", Enabled: 1},
		{Product: "SPE_F1", Enabled: 10, Used: 7},
	}
	if got, err = c.Licences(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("licences %+v, %v; want %+v", got, err, want)
	}

	tenant.SetSubscribedSkus()
	if got, err = c.Licences(t.Context()); err != nil || len(got) > 0 {
		t.Errorf("of a tenant without products: %+v, %v", got, err)
	}
	tenant.Inject(simgraph.Fault{Route: "GET /subscribedSkus", Do: simgraph.Refuse(403, "Authorization_RequestDenied", 0)})
	if got, err = c.Licences(t.Context()); !fault.Is(err, fault.Denied) || got != nil {
		t.Errorf("denied: %+v, %v", got, err)
	}
}
