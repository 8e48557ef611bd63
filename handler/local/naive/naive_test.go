package naive

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// rows writes rows tersely: attribute names and values divided by bars. "-"
// leaves an attribute out, "null", "true", "false" and "#7" are JSON values.
func rows(attributes string, lines ...string) []map[string]any {
	names := strings.Split(attributes, "|")
	var all []map[string]any
	for _, line := range lines {
		r := map[string]any{}
		for i, v := range strings.Split(line, "|") {
			switch {
			case v == "-":
			case v == "null":
				r[names[i]] = nil
			case v == "true" || v == "false":
				r[names[i]] = v == "true"
			case v == "{}":
				r[names[i]] = map[string]any{}
			case strings.HasPrefix(v, "#"):
				r[names[i]] = map[string]float64{"#0": 0, "#1": 1, "#7": 7}[v]
			default:
				r[names[i]] = v
			}
		}
		all = append(all, r)
	}
	return all
}

// id is the object id of user n, whose UPN is n@x.example.
func id(n int) string { return fmt.Sprintf("abcdef00-0000-4000-8000-%012d", n) }

// person is an addable user.
func person(n int) map[string]any {
	return map[string]any{
		"id": id(n), "userPrincipalName": fmt.Sprintf("%d@x.example", n), "accountEnabled": true, "userType": "Member",
		"assignedPlans": []any{map[string]any{"servicePlanId": teamsPlan, "capabilityStatus": "Enabled"}},
	}
}

// column headings of the collections the tests fill often.
const (
	storeColumns      = "StoreNumber|RetailChannelId|OperatingUnitNumber|OperatingUnitPartyNumber"
	unitColumns       = "OperatingUnitNumber|PartyNumber|Name|ManagerPersonnelNumber"
	workerColumns     = "PersonnelNumber|PartyNumber"
	activeColumns     = "RetailChannelId|PersonnelNumber|IsActive"
	staffColumns      = "PersonnelNumber|ExternalSubIdentifier|ExternalIdentityAlias"
	personUserColumns = "PartyNumber|UserId|ValidFrom|ValidTo"
	systemUserColumns = "UserID|UserObjectId|Alias"
	assignmentColumns = "PositionId|PersonnelNumber|ValidFrom|ValidTo"
	positionColumns   = "PositionId|DepartmentNumber|TitleId|Title"
	permissionColumns = "PositionId|ManagerPrivileges|PosPermissionGroupId"
	linkColumns       = "HierarchyType|ParentOrganizationPartyNumber|ChildOrganizationPartyNumber|ParentOrganizationName|ChildOrganizationName|validFrom|validTo"
	purposeColumns    = "HierarchyType|HierarchyPurpose|SetAsDefault"
	roleColumns       = "UserId|SecurityRoleName|SecurityRoleIdentifier"
	limitColumns      = "UserId|SecurityRoleIdentifier|OrganizationId"
	mappingColumns    = "SourceType|SourceId|TeamId"
)

// shop is a world with store 1 (channel c1, unit u1, party p1), whose unit
// names worker m manager. Worker m is user 1, workers a, b and c are users 2, 3
// and 4, linked through RetailStaff; nobody is active. Users 8 and 9 are no
// workers, 9 is the fallback owner.
func shop() (World, Settings) {
	w := World{Commerce: map[string][]map[string]any{
		"RetailStores":   rows(storeColumns, "1|c1|u1|p1"),
		"OperatingUnits": rows(unitColumns, "u1|p1|Shop|m"),
		"Workers":        rows(workerColumns, "m|pm", "a|pa", "b|pb", "c|pc"),
		"RetailStaff":    rows(staffColumns, "m|"+id(1)+"|-", "a|"+id(2)+"|-", "b|"+id(3)+"|-", "c|"+id(4)+"|-"),
	}}
	for _, n := range []int{1, 2, 3, 4, 8, 9} {
		w.Users = append(w.Users, person(n))
	}
	return w, Settings{
		Instance: "t", TeamName: "{name} ({number})", CommunicationsTeamName: "Communications",
		FallbackOwners: []string{"9@x.example"}, ManagerRule: "auto", MaxCaretakerTeams: 200,
		CommunicationsRole: "Retail task manager", Adopt: true,
	}
}

// add appends rows to a collection.
func (w World) add(collection, attributes string, lines ...string) {
	w.Commerce[collection] = append(w.Commerce[collection], rows(attributes, lines...)...)
}

// set replaces a collection.
func (w World) set(collection, attributes string, lines ...string) {
	w.Commerce[collection] = rows(attributes, lines...)
}

// user returns user n to change it.
func (w World) user(n int) map[string]any {
	i := slices.IndexFunc(w.Users, func(u map[string]any) bool { return u["id"] == id(n) })
	return w.Users[i]
}

// show writes a team's people as "owners / members", by user number.
func show(t Team) string {
	if t.Skipped != "" {
		return "skipped: " + t.Skipped
	}
	return people(t.Owners) + " / " + people(t.Members)
}

func people(ids []string) string {
	var numbers []string
	for _, id := range ids {
		numbers = append(numbers, strings.TrimLeft(id[24:], "0"))
	}
	return strings.Join(numbers, " ")
}

// showUnmapped writes the unmapped workers as "worker: cause, ...".
func showUnmapped(e Expectation) string {
	var all []string
	for _, worker := range slices.Sorted(maps.Keys(e.Unmapped)) {
		all = append(all, worker+": "+e.Unmapped[worker])
	}
	return strings.Join(all, ", ")
}

// scenario is a change to the shop and what store 1 then looks like.
type scenario struct {
	name     string
	change   func(w World, s *Settings)
	want     string // of store 1
	unmapped string
}

// check runs scenarios, each on a shop of its own.
func check(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			w, s := shop()
			sc.change(w, &s)
			e := Expect(w, s, now)
			if got := show(e.Stores["1"]); got != sc.want {
				t.Errorf("store 1 is %q, want %q", got, sc.want)
			}
			if got := showUnmapped(e); got != sc.unmapped {
				t.Errorf("unmapped are %q, want %q", got, sc.unmapped)
			}
		})
	}
}
