package commerce_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// Whom a bad row is about is read wherever the row says so, whatever else is
// wrong with it, and is nobody where it does not: nothing may be concluded about
// that worker, or that store, and of a row about nobody about anybody.
func TestWhomBadRowsAreAbout(t *testing.T) {
	long := strings.Repeat("9", 200)
	cases := map[string]struct {
		collection, served string
		worker             org.PersonnelNumber
		store              org.StoreNumber
	}{
		"store":                      {"RetailStores", `{"StoreNumber":" 000135 ","RetailChannelId":[]}`, "", "000135"},
		"store without a number":     {"RetailStores", `{"StoreNumber":{},"RetailChannelId":"1"}`, "", ""},
		"unit and its manager":       {"OperatingUnits", `{"OperatingUnitNumber":"052","Name":[],"ManagerPersonnelNumber":"000020"}`, "000020", ""},
		"unit's manager unreadable":  {"OperatingUnits", `{"OperatingUnitNumber":"052","ManagerPersonnelNumber":[]}`, "", ""},
		"worker":                     {"Workers", `{"PersonnelNumber":"000020","PartyNumber":{}}`, "000020", ""},
		"worker without a number":    {"Workers", `{"PersonnelNumber":null,"PartyNumber":"P"}`, "", ""},
		"worker by a number":         {"Workers", `{"PersonnelNumber":20,"PartyNumber":{}}`, "20", ""},
		"channel worker":             {"RetailChannelWorkers", `{"RetailChannelId":"1","PersonnelNumber":"000020","IsActive":[]}`, "000020", ""},
		"channel worker, no channel": {"RetailChannelWorkers", `{"RetailChannelId":"","PersonnelNumber":"000020","IsActive":"No"}`, "000020", ""},
		"channel worker, no worker":  {"RetailChannelWorkers", `{"RetailChannelId":"1","IsActive":"No"}`, "", ""},
		"employment":                 {"Employees", `{"PersonnelNumber":"000020","EmploymentEndDate":"?"}`, "000020", ""},
		"employment, very long":      {"Employees", `{"PersonnelNumber":"` + long + `","EmploymentEndDate":"?"}`, org.PersonnelNumber(long), ""},
		"staff":                      {"RetailStaff", `{"PersonnelNumber":"000020","ExternalIdentityAlias":{}}`, "000020", ""},
		"assignment":                 {"PositionWorkerAssignmentsV2", `{"PositionId":"","PersonnelNumber":"000020"}`, "000020", ""},
		"assignment, wrong date":     {"PositionWorkerAssignmentsV2", `{"PositionId":"P","PersonnelNumber":"000020","ValidTo":"?"}`, "000020", ""},
		"position":                   {"PositionsV2", `{"PositionId":"P","Title":[]}`, "", ""},
		"position's permissions":     {"RetailPositionPosPermissions", `{"PositionId":"P","ManagerPrivileges":[]}`, "", ""},
		"person's user":              {"PersonUsers", `{"PartyNumber":"P","UserId":"U","ValidFrom":{}}`, "", ""},
		"mapping of a store":         {"IntegrationSourceMappings", `{"SourceType":"RetailStore","SourceId":"000135","TeamId":{}}`, "", "000135"},
		"mapping of who knows what":  {"IntegrationSourceMappings", `{"SourceType":{},"SourceId":"000135"}`, "", ""},
		"no row at all":              {"Workers", `"000020"`, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			// The row before it is about somebody else, whom it must not stand for.
			e.rows[c.collection] = []string{strings.ReplaceAll(oneOfEach(t).rows[c.collection][0], "000020", "000077"), c.served}
			s := read(t, e)
			if len(s.BadRows) != 1 || s.BadRows[0].Worker != c.worker || s.BadRows[0].Store != c.store {
				t.Fatalf("bad rows %q, want one, about worker %q and store %q", s.BadRows, c.worker, c.store)
			}
			if channel := s.BadRows[0].Channel; (channel == "1") != strings.HasPrefix(c.served, `{"RetailChannelId":"1"`) {
				t.Errorf("the bad row is about channel %q", channel)
			}
		})
	}
}

// The row that stands for those not listed is about nobody in particular.
func TestUnlistedBadRowsAreAboutNobody(t *testing.T) {
	e := newEnvironment(t)
	e.rows["Employees"] = slices.Repeat([]string{`{"PersonnelNumber":"000020","EmploymentEndDate":"?"}`}, 1001)
	s := read(t, e)
	if len(s.BadRows) != 1001 || s.BadRows[999].Worker != "000020" || s.BadRows[1000].Worker != "" {
		t.Errorf("%d bad rows, the last about %q, want 1001 and nobody", len(s.BadRows), s.BadRows[len(s.BadRows)-1].Worker)
	}
}
