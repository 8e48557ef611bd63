package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/world"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// row is a row of a collection, or an object of Graph.
type row = map[string]any

// instance is the INSTANCE of the worlds that worldgen makes.
const instance = "test"

// chain is a small retailer in good order: stores with workers each, the first
// one the manager; one communications manager; three accounts of head office,
// and two that wait for a worker. Stores are 000001, 000002 and so on, their
// workers 000001000, 000001001 and so on.
func chain(stores, workers int) naive.World {
	w := worldgen.Chain(stores, workers)
	for _, name := range []string{"newcomer.a", "newcomer.b"} {
		w.Users = append(w.Users, row{
			"id": spareID(name), "userPrincipalName": name + "@contoso.example", "accountEnabled": true, "userType": "Member",
			"assignedPlans": []any{row{"servicePlanId": "57ff2da0-773e-42df-b2af-ffb7a2317929", "capabilityStatus": "Enabled"}},
		})
	}
	return w
}

// spareID is the object id of an account that waits for a worker.
func spareID(name string) string {
	return "5ba7e000-0000-4000-8000-0000000000" + strconv.FormatInt(int64(name[len(name)-1]), 16)
}

// chainSetup is a site of a chain.
func chainSetup(t *testing.T, w naive.World) setup {
	t.Helper()
	return setup{world: wire(t, w), settings: worldgen.ChainSettings(instance)}
}

// account is the object id of a chain's worker.
func account(t *testing.T, w naive.World, worker string) string {
	t.Helper()
	for _, r := range w.Commerce["RetailStaff"] {
		if r["PersonnelNumber"] == worker {
			return r["ExternalSubIdentifier"].(string)
		}
	}
	t.Fatalf("there is no worker %s", worker)
	return ""
}

// wire makes a world of rows as they come over the wire.
func wire(t *testing.T, w naive.World) world.World {
	t.Helper()
	for _, g := range w.Groups {
		if _, stated := g["mailEnabled"]; !stated { // Graph always states both
			types, _ := g["groupTypes"].([]any)
			g["mailEnabled"] = slices.Contains(types, any("Unified"))
			g["securityEnabled"] = !g["mailEnabled"].(bool)
		}
	}
	loaded, err := world.Load(bytes.NewReader(worldgen.WorldJSON(w)))
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// unwire is the opposite of wire.
func unwire(t *testing.T, w world.World) naive.World {
	t.Helper()
	rows := func(raw []json.RawMessage) []map[string]any {
		all := make([]map[string]any, len(raw))
		for i, text := range raw {
			if err := json.Unmarshal(text, &all[i]); err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	out := naive.World{Commerce: map[string][]map[string]any{}, Users: rows(w.Graph.Users), Groups: rows(w.Graph.Groups)}
	for name, raw := range w.Commerce {
		out.Commerce[name] = rows(raw)
	}
	return out
}

// sampleSettings are the sample's, in the second opinion's terms. What the
// sample leaves out has the settings' defaults.
func sampleSettings() naive.Settings {
	s := world.SampleSettings()
	return naive.Settings{
		Instance: s["INSTANCE"], TeamName: "{name} ({number})", CommunicationsTeamName: s["COMMUNICATIONS_TEAM_NAME"],
		FallbackOwners: strings.Split(s["FALLBACK_OWNERS"], ","), ManagerRule: "auto", Adopt: s["ADOPT"] == "yes",
		MaxCaretakerTeams: 200, CommunicationsRole: "Retail task manager",
	}
}

// handlerSettings are settings as the handler takes them, with the waits made
// short. OrgSync's schedule is the 30th of February: only tests start runs.
func handlerSettings(s naive.Settings) map[string]string {
	yesNo := map[bool]string{true: "yes", false: "no"}
	return map[string]string{
		"INSTANCE": s.Instance, "SCOPE": strings.Join(s.Scope, ","), "HIERARCHY": s.Hierarchy, "TEAM_NAME": s.TeamName,
		"COMMUNICATIONS_TEAM_NAME": s.CommunicationsTeamName, "COMMUNICATIONS_ROLE": s.CommunicationsRole,
		"FALLBACK_OWNERS": strings.Join(s.FallbackOwners, ","), "COMMUNICATIONS_OWNERS": strings.Join(s.CommunicationsOwners, ","),
		"MANAGER_RULE": s.ManagerRule, "MANAGER_TITLES": strings.Join(s.ManagerTitles, ","),
		"ALLOW_GUESTS": yesNo[s.AllowGuests], "ADOPT": yesNo[s.Adopt], "MAX_CARETAKER_TEAMS": strconv.Itoa(s.MaxCaretakerTeams),
		"MODE": "add", "TASK_MODE": "off", "ORG_SYNC_SCHEDULE": "0 0 0 30 2 *", "TASK_SWEEP_SCHEDULE": "0 0 0 30 2 *", "SUBSCRIPTION_SCHEDULE": "0 0 0 30 2 *", "TEAM_POLL_INTERVAL": "20ms", "GROUP_RETRY_INTERVAL": "20ms",
	}
}

// collections are the names of a world's collections, in order.
func collections(w world.World) []string { return slices.Sorted(maps.Keys(w.Commerce)) }
