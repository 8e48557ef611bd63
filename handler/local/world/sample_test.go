package world_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/world"
)

// record is a row decoded.
type record map[string]any

func (r record) text(name string) string {
	s, _ := r[name].(string)
	return s
}

// sampled is the sample in a form that tests can ask questions of.
type sampled struct {
	commerce      map[string][]record
	users, groups []record
}

func decode(t *testing.T, rows []json.RawMessage) []record {
	t.Helper()
	all := make([]record, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row, &all[i]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func sampleWorld(t *testing.T) sampled {
	t.Helper()
	w, err := world.Sample()
	if err != nil {
		t.Fatal(err)
	}
	s := sampled{commerce: map[string][]record{}, users: decode(t, w.Graph.Users), groups: decode(t, w.Graph.Groups)}
	for name, rows := range w.Commerce {
		s.commerce[name] = decode(t, rows)
	}
	return s
}

// where returns the rows that meet a condition.
func where(rows []record, condition func(record) bool) []record {
	return slices.DeleteFunc(slices.Clone(rows), func(r record) bool { return !condition(r) })
}

// with returns the rows whose attribute is that text.
func with(rows []record, attribute, value string) []record {
	return where(rows, func(r record) bool { return r.text(attribute) == value })
}

func TestSampleIsServedByTheSimulator(t *testing.T) {
	w, err := world.Sample()
	if err != nil {
		t.Fatal(err)
	}
	env, err := simcommerce.New(w.Commerce, simcommerce.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range w.Commerce {
		if got := len(env.Rows(name)); got != len(rows) {
			t.Errorf("%s: %d rows of %d", name, got, len(rows))
		}
	}
}

func TestSampleSize(t *testing.T) {
	s := sampleWorld(t)
	if n := len(s.commerce["RetailStores"]); n < 20 || n > 60 {
		t.Errorf("%d stores", n)
	}
	if n := len(s.commerce["Workers"]); n < 180 {
		t.Errorf("%d workers", n)
	}
	names := map[string]int{}
	for _, w := range s.commerce["Workers"] {
		names[w.text("Name")]++
	}
	if len(names) < len(s.commerce["Workers"])-1 {
		t.Errorf("%d names for %d workers", len(names), len(s.commerce["Workers"]))
	}
}

// What refers to something refers to something that is there, but for the cases
// that are about just that.
func TestSampleHoldsTogether(t *testing.T) {
	s := sampleWorld(t)
	for _, c := range []struct {
		from, attribute, to, key string
		strays                   int
	}{
		{"RetailStores", "OperatingUnitNumber", "OperatingUnits", "OperatingUnitNumber", 0},
		{"RetailStores", "OperatingUnitPartyNumber", "OperatingUnits", "PartyNumber", 0},
		{"OperatingUnits", "ManagerPersonnelNumber", "Workers", "PersonnelNumber", 0},
		{"Employees", "PersonnelNumber", "Workers", "PersonnelNumber", 0},
		{"RetailStaff", "PersonnelNumber", "Workers", "PersonnelNumber", 0},
		{"RetailChannelWorkers", "PersonnelNumber", "Workers", "PersonnelNumber", 0},
		{"RetailChannelWorkers", "RetailChannelId", "RetailStores", "RetailChannelId", 2}, // the online channel
		{"PositionWorkerAssignmentsV2", "PersonnelNumber", "Workers", "PersonnelNumber", 0},
		{"PositionWorkerAssignmentsV2", "PositionId", "PositionsV2", "PositionId", 0},
		{"RetailPositionPosPermissions", "PositionId", "PositionsV2", "PositionId", 0},
		{"RetailPositionPosPermissions", "PosPermissionGroupId", "RetailPosPermissionGroups", "PosPermissionGroupId", 0},
		{"PersonUsers", "PartyNumber", "Workers", "PartyNumber", 0},
		{"PersonUsers", "UserId", "SystemUsers", "UserID", 0},
		{"SecurityUserRoleAssociations", "UserId", "SystemUsers", "UserID", 0},
		{"SecurityUserRoleOrganizations", "OrganizationId", "OperatingUnits", "OperatingUnitNumber", 0},
		{"RetailTaskManagementReports", "StoreNumber", "RetailStores", "StoreNumber", 0},
		{"RetailTaskManagementReports", "AssignedWorker", "Workers", "PersonnelNumber", 0},
		{"RetailTaskManagementReports", "ResolvedBy", "Workers", "PersonnelNumber", 0},
		{"IntegrationSourceMappings", "SourceId", "RetailStores", "StoreNumber", 1}, // a store long gone
	} {
		strays := 0
		for _, r := range s.commerce[c.from] {
			if v := r.text(c.attribute); v != "" && len(with(s.commerce[c.to], c.key, v)) == 0 {
				strays++
			}
		}
		if strays != c.strays {
			t.Errorf("%s.%s names %d rows that %s does not have, want %d", c.from, c.attribute, strays, c.to, c.strays)
		}
	}
}

func TestSampleTenant(t *testing.T) {
	s := sampleWorld(t)
	ids, upns := map[string]bool{}, map[string]bool{}
	for _, u := range s.users {
		id, upn := u.text("id"), strings.ToLower(u.text("userPrincipalName"))
		if ids[id] || upns[upn] || len(id) != 36 {
			t.Errorf("user %s is not one of a kind", id)
		}
		ids[id], upns[upn] = true, true
	}
	nicknames := map[string]bool{}
	for _, g := range s.groups {
		if nicknames[g.text("mailNickname")] {
			t.Errorf("mailNickname %s twice", g.text("mailNickname"))
		}
		nicknames[g.text("mailNickname")] = true
		for _, link := range append(g["members"].([]any), g["owners"].([]any)...) {
			if !ids[link.(map[string]any)["id"].(string)] {
				t.Errorf("%s links to nobody", g.text("mailNickname"))
			}
		}
	}
	if waiting := where(s.users, func(u record) bool { return strings.HasPrefix(u.text("userPrincipalName"), "new.hire.") }); len(waiting) < 10 {
		t.Errorf("%d accounts wait for a worker", len(waiting))
	}
}

func TestSampleSettings(t *testing.T) {
	s, settings := sampleWorld(t), world.SampleSettings()
	for name, want := range map[string]string{"INSTANCE": "local", "MODE": "full", "TASK_MODE": "sync", "ADOPT": "yes"} {
		if settings[name] != want {
			t.Errorf("%s=%s, want %s", name, settings[name], want)
		}
	}
	if len(settings["TENANT_ID"]) != 36 || settings["COMMUNICATIONS_TEAM_NAME"] == "" {
		t.Errorf("settings %v", settings)
	}
	owners := strings.Split(settings["FALLBACK_OWNERS"], ",")
	if len(owners) != 2 {
		t.Fatalf("fallback owners %v", owners)
	}
	for _, owner := range owners {
		found := with(s.users, "userPrincipalName", owner)
		if len(found) != 1 || found[0]["accountEnabled"] != true || !licensed(found[0], "Enabled") {
			t.Errorf("%s is no licensed user", owner)
		}
		if len(with(s.commerce["RetailStaff"], "ExternalIdentityAlias", owner)) > 0 {
			t.Errorf("%s is a worker", owner)
		}
	}
	settings["MODE"] = "plan"
	if world.SampleSettings()["MODE"] != "full" {
		t.Error("settings are shared between callers")
	}
}

func licensed(user record, status string) bool {
	for _, plan := range user["assignedPlans"].([]any) {
		p := plan.(map[string]any)
		if p["servicePlanId"] == "57ff2da0-773e-42df-b2af-ffb7a2317929" && p["capabilityStatus"] == status {
			return true
		}
	}
	return false
}

// Fewer than a fifth of the stores lack a manager, also when one more opens.
func TestSampleStoresHaveManagers(t *testing.T) {
	s := sampleWorld(t)
	lacking := 0
	for _, store := range s.commerce["RetailStores"] {
		if len(s.managers(store)) == 0 {
			lacking++
		}
	}
	if total := len(s.commerce["RetailStores"]); lacking < 1 || lacking > 2 || (lacking+1)*5 >= total {
		t.Errorf("%d of %d stores have no manager", lacking, total)
	}
}

// managers finds, by the plainest reading of the rules, who manages a store.
func (s sampled) managers(store record) []string {
	unit := store.text("OperatingUnitNumber")
	var found []string
	for _, u := range with(s.commerce["OperatingUnits"], "OperatingUnitNumber", unit) {
		if u.text("ManagerPersonnelNumber") != "" {
			found = append(found, u.text("ManagerPersonnelNumber"))
		}
	}
	for _, p := range s.commerce["RetailPositionPosPermissions"] {
		group := with(s.commerce["RetailPosPermissionGroups"], "PosPermissionGroupId", p.text("PosPermissionGroupId"))
		if p.text("ManagerPrivileges") != "Yes" && (len(group) == 0 || group[0].text("ManagerPrivileges") != "Yes") {
			continue
		}
		position := with(s.commerce["PositionsV2"], "PositionId", p.text("PositionId"))[0]
		for _, a := range with(s.commerce["PositionWorkerAssignmentsV2"], "PositionId", p.text("PositionId")) {
			active := len(where(s.commerce["RetailChannelWorkers"], func(r record) bool {
				return r.text("PersonnelNumber") == a.text("PersonnelNumber") &&
					r.text("RetailChannelId") == store.text("RetailChannelId") && r.text("IsActive") == "Yes"
			})) > 0
			from, err := time.Parse(time.RFC3339, a.text("ValidFrom"))
			to, err2 := time.Parse(time.RFC3339, a.text("ValidTo"))
			now := time.Now()
			if err != nil || err2 != nil || from.After(now) || !to.After(now) {
				continue
			}
			if d := position.text("DepartmentNumber"); d == unit || active && strings.HasPrefix(d, "HR-") {
				found = append(found, a.text("PersonnelNumber"))
			}
		}
	}
	return found
}

func TestSampleStoreNames(t *testing.T) {
	s := sampleWorld(t)
	names := map[string]string{}
	for _, store := range s.commerce["RetailStores"] {
		names[store.text("StoreNumber")] = with(s.commerce["OperatingUnits"], "OperatingUnitNumber", store.text("OperatingUnitNumber"))[0].text("Name")
	}
	if names["000117"] != names["000118"] {
		t.Error("no two stores have one name")
	}
	if !strings.Contains(names["000119"], "\u200d") {
		t.Error("no emoji is joined")
	}
	if n := utf8.RuneCountInString(names["000120"]); n != 300 {
		t.Errorf("the long name has %d characters", n)
	}
	if _, ok := names["B-12/3"]; !ok {
		t.Error("no odd store number")
	}
	if n := names["000122"]; n == strings.TrimSpace(n) {
		t.Error("no name with blanks around it")
	}
}
