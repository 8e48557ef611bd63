package commerce_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

func TestTexts(t *testing.T) {
	cases := map[string]string{ // as served: as read
		`"Houston"`:              "Houston",
		`"  Houston \t"`:         "Houston",
		`"\u00a0Houston\u2003"`:  "Houston",
		`"Z\u00fcrich \"City\""`: `Zürich "City"`,
		`"Zürich"`:               "Zürich",
		"\"Z\xfcrich\"":          "Z\ufffdrich",
		`"\ud83c\udfea"`:         "🏪",
		`null`:                   "",
		`""`:                     "",
		`"   "`:                  "",
		`5637144576`:             "5637144576",
		`-1`:                     "-1",
		`0`:                      "0",
		`12345678901234567890`:   "12345678901234567890",
	}
	for served, want := range cases {
		t.Run(served, func(t *testing.T) {
			e := newEnvironment(t)
			e.rows["OperatingUnits"] = []string{fmt.Sprintf(`{"OperatingUnitNumber":"052","Name":%s}`, served)}
			s := read(t, e)
			if want := []org.Unit{{Number: "052", Name: want}}; !slices.Equal(s.Units, want) {
				t.Errorf("units %+v, want %+v; bad rows %v", s.Units, want, s.BadRows)
			}
		})
	}
}

func TestNumbersAsKeys(t *testing.T) {
	e := newEnvironment(t)
	e.rows["RetailChannelWorkers"] = []string{`{"RetailChannelId":5637144592,"PersonnelNumber":20,"IsActive":1}`}
	want := []org.ChannelWorker{{Channel: "5637144592", Worker: "20", Active: org.Yes}}
	if got := read(t, e).ChannelWorkers; !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFlags(t *testing.T) {
	cases := map[string]struct {
		want    org.Flag
		unknown string
	}{
		`"Yes"`: {org.Yes, ""}, `"YES"`: {org.Yes, ""}, `" yes "`: {org.Yes, ""}, `true`: {org.Yes, ""}, `"True"`: {org.Yes, ""}, `1`: {org.Yes, ""}, `"1"`: {org.Yes, ""},
		`"No"`: {org.No, ""}, `"nO"`: {org.No, ""}, `false`: {org.No, ""}, `"FALSE"`: {org.No, ""}, `0`: {org.No, ""}, `"0"`: {org.No, ""},
		`null`: {org.Unknown, ""}, `""`: {org.Unknown, ""},
		`"Maybe"`: {org.Unknown, "Maybe"}, `2`: {org.Unknown, "2"}, `-1`: {org.Unknown, "-1"}, `1.5`: {org.Unknown, "1.5"}, `"y"`: {org.Unknown, "y"},
		`"` + strings.Repeat("é", 80) + `"`: {org.Unknown, strings.Repeat("é", 50) + "…"},
	}
	for served, c := range cases {
		t.Run(served, func(t *testing.T) {
			e := newEnvironment(t)
			row := fmt.Sprintf(`{"RetailChannelId":"1","PersonnelNumber":"20","IsActive":%s}`, served)
			e.rows["RetailChannelWorkers"] = []string{row, row}
			s := read(t, e)
			worker := org.ChannelWorker{Channel: "1", Worker: "20", Active: c.want}
			if want := []org.ChannelWorker{worker, worker}; !slices.Equal(s.ChannelWorkers, want) {
				t.Errorf("rows %+v, want %+v; bad rows %v", s.ChannelWorkers, want, s.BadRows)
			}
			var unknowns []string
			if c.unknown != "" {
				unknowns = []string{"RetailChannelWorkers.IsActive=" + c.unknown}
			}
			if !slices.Equal(s.Unknowns, unknowns) {
				t.Errorf("unknown values %q, want %q", s.Unknowns, unknowns)
			}
		})
	}
}

func TestDates(t *testing.T) {
	utc := func(year, month, day, hour, minute, second, nanosecond int) time.Time {
		return time.Date(year, time.Month(month), day, hour, minute, second, nanosecond, time.UTC)
	}
	cases := map[string]time.Time{
		`"2027-03-31T23:59:59Z"`:      utc(2027, 3, 31, 23, 59, 59, 0),
		`"2027-03-31T23:59:59"`:       utc(2027, 3, 31, 23, 59, 59, 0),
		`"2027-03-31T23:59:59.125"`:   utc(2027, 3, 31, 23, 59, 59, 125e6),
		`"2027-03-31T01:00:00+02:00"`: utc(2027, 3, 30, 23, 0, 0, 0),
		`"2027-03-31T23:59:59.5Z"`:    utc(2027, 3, 31, 23, 59, 59, 5e8),
		`" 2027-03-31 "`:              utc(2027, 3, 31, 0, 0, 0, 0),
		`"2028-02-29"`:                utc(2028, 2, 29, 0, 0, 0, 0),
		`"1900-01-03"`:                utc(1900, 1, 3, 0, 0, 0, 0),
		`"2154-12-30T23:59:59Z"`:      utc(2154, 12, 30, 23, 59, 59, 0),
		`null`:                        {},
		`""`:                          {},
		`"1900-01-01T00:00:00Z"`:      {},
		`"1900-01-01T12:00:00Z"`:      {},
		`"1900-01-02T14:00:00+14:00"`: {},
		`"1900-01-02"`:                {},
		`"0001-01-01T00:00:00Z"`:      {},
		`"2154-12-31T23:59:59Z"`:      {},
		`"2154-12-31"`:                {},
		`"9999-12-31T23:59:59Z"`:      {},
	}
	for served, want := range cases {
		t.Run(served, func(t *testing.T) {
			e := newEnvironment(t)
			e.rows["Employees"] = []string{fmt.Sprintf(`{"PersonnelNumber":"20","EmploymentEndDate":%s}`, served)}
			s := read(t, e)
			if want := []org.Employment{{Worker: "20", End: want}}; !reflect.DeepEqual(s.Employments, want) {
				t.Errorf("got %+v, want %+v; bad rows %v", s.Employments, want, s.BadRows)
			}
		})
	}
}

// A row that cannot be understood is left out and named; its neighbours stay.
func TestBadRows(t *testing.T) {
	cases := map[string]struct{ collection, served, row, problem string }{
		"flag of another type":    {"RetailChannelWorkers", `{"RetailChannelId":"1","PersonnelNumber":"20","IsActive":{"a":1}}`, "1/20", "IsActive: expected a text"},
		"text of another type":    {"OperatingUnits", `{"OperatingUnitNumber":"052","Name":["Jane"]}`, "052", "Name: expected a text"},
		"boolean as text":         {"OperatingUnits", `{"OperatingUnitNumber":"052","Name":true}`, "052", "Name: expected a text"},
		"key of another type":     {"Workers", `{"PersonnelNumber":{},"PartyNumber":"Jane"}`, "row 2", "PersonnelNumber: expected a text"},
		"date without a meaning":  {"Employees", `{"PersonnelNumber":"20","EmploymentEndDate":"31/03/2027"}`, "20", "EmploymentEndDate: expected a date"},
		"day that does not exist": {"Employees", `{"PersonnelNumber":"20","EmploymentEndDate":"2027-02-29"}`, "20", "EmploymentEndDate: expected a date"},
		"date as a number":        {"Employees", `{"PersonnelNumber":"20","EmploymentEndDate":1774915200}`, "20", "EmploymentEndDate: expected a date"},
		"date as an object":       {"PersonUsers", `{"PartyNumber":"P","UserId":"U","ValidFrom":{}}`, "P/U", "ValidFrom: expected a date"},
		"row of another type":     {"Workers", `"Jane"`, "row 2", "expected an object"},
		"array as a row":          {"Workers", `[{"PersonnelNumber":"20"}]`, "row 2", "expected an object"},
		"null as a row":           {"Workers", `null`, "row 2", "PersonnelNumber: expected a value, it is part of the row's key"},
		"very long key":           {"Employees", `{"PersonnelNumber":"` + strings.Repeat("9", 200) + `","EmploymentEndDate":"?"}`, strings.Repeat("9", 100) + "…", "EmploymentEndDate: expected a date"},
		"source of another type":  {"IntegrationSourceMappings", `{"SourceType":{},"SourceId":"000135"}`, "000135", "SourceType: expected a text"},
	}
	good := oneOfEach(t).rows
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			e.rows[c.collection] = []string{good[c.collection][0], c.served, good[c.collection][0]}
			s := read(t, e)
			for i := range s.BadRows {
				s.BadRows[i].Worker, s.BadRows[i].Store, s.BadRows[i].Channel = "", "", "" // TestWhomBadRowsAreAbout
			}
			if want := []org.BadRow{{Collection: c.collection, Row: c.row, Problem: c.problem}}; !slices.Equal(s.BadRows, want) {
				t.Errorf("bad rows %q, want %q", s.BadRows, want)
			}
			if n := understood(s); n != 2 || s.Rows[c.collection] != 3 {
				t.Errorf("%d rows understood of %d, want 2 of 3", n, s.Rows[c.collection])
			}
		})
	}
}

// Each key attribute on its own makes its row useless when it is empty, blank,
// null or not there.
func TestEmptyKeys(t *testing.T) {
	keys := map[string][]string{
		"RetailStores":                     {"StoreNumber"},
		"OperatingUnits":                   {"OperatingUnitNumber"},
		"Workers":                          {"PersonnelNumber"},
		"RetailChannelWorkers":             {"RetailChannelId", "PersonnelNumber"},
		"Employees":                        {"PersonnelNumber"},
		"RetailStaff":                      {"PersonnelNumber"},
		"PersonUsers":                      {"PartyNumber", "UserId"},
		"SystemUsers":                      {"UserID"},
		"PositionWorkerAssignmentsV2":      {"PositionId", "PersonnelNumber"},
		"PositionsV2":                      {"PositionId"},
		"RetailPositionPosPermissions":     {"PositionId"},
		"RetailPosPermissionGroups":        {"PosPermissionGroupId"},
		"OrganizationHierarchyPublishedV2": {"HierarchyType", "ChildOrganizationPartyNumber"},
		"OrganizationHierarchyPurposes":    {"HierarchyType"},
		"SecurityUserRoleAssociations":     {"UserId"},
		"SecurityUserRoleOrganizations":    {"UserId"},
		"IntegrationSourceMappings":        {"SourceId"},
	}
	for _, collection := range newEnvironment(t).collections() {
		e := newEnvironment(t)
		for _, attribute := range e.documented[collection] {
			t.Run(collection+"."+attribute, func(t *testing.T) {
				full := oneOfEach(t).rows[collection][0]
				for _, empty := range []string{`:""`, `:"  "`, `:null`, `Other:1`} {
					row := emptied(t, full, attribute, empty)
					e := newEnvironment(t)
					e.rows[collection] = []string{row}
					s := read(t, e)
					isKey := slices.Contains(keys[collection], attribute)
					isOther := attribute == "SourceType" // a mapping of nothing is no store's
					if bad := len(s.BadRows) == 1 && s.BadRows[0].Row == "row 1"; bad != isKey {
						t.Errorf("%s: bad rows %v, a key: %v", row, s.BadRows, isKey)
					}
					if n := understood(s); (n == 1) == (isKey || isOther) {
						t.Errorf("%s: %d rows understood", row, n)
					}
				}
			})
		}
	}
}

// emptied returns row with the attribute's value replaced: with is what stands
// behind its name.
func emptied(t *testing.T, row, attribute, with string) string {
	t.Helper()
	before, rest, found := strings.Cut(row, `"`+attribute+`":"`)
	_, after, closed := strings.Cut(rest, `"`)
	if !found || !closed {
		t.Fatalf("no %s in %s", attribute, row)
	}
	if name, renamed := strings.CutSuffix(with, ":1"); renamed {
		return before + `"` + name + `":1` + after
	}
	return before + `"` + attribute + `"` + with + after
}

func understood(s org.Snapshot) int {
	return len(s.Stores) + len(s.Units) + len(s.Workers) + len(s.ChannelWorkers) + len(s.Employments) + len(s.Staff) +
		len(s.PersonUsers) + len(s.SystemUsers) + len(s.Assignments) + len(s.Positions) + len(s.PositionPermissions) +
		len(s.PermissionGroups) + len(s.Hierarchy) + len(s.Purposes) + len(s.Roles) + len(s.RoleOrganizations) + len(s.Mappings)
}

// A row's memory is used again: nothing of one row may show in the next.
func TestRowsDoNotLeakIntoEachOther(t *testing.T) {
	e := newEnvironment(t)
	e.rows["PositionsV2"] = []string{
		`{"PositionId":"1","DepartmentNumber":"052","TitleId":"SM","Title":"Store manager"}`,
		`{"PositionId":"2"}`,
		`{"PositionId":"3","DepartmentNumber":"05","Title":null}`,
		`{"PositionId":"4","DepartmentNumber":"052","TitleId":"C","Title":"Clerk"}`,
		`{"PositionId":[],"DepartmentNumber":"7"}`,
		`{"PositionId":"6"}`,
	}
	s := read(t, e)
	want := []org.Position{
		{ID: "1", Department: "052", TitleID: "SM", Title: "Store manager"}, {ID: "2"},
		{ID: "3", Department: "05"}, {ID: "4", Department: "052", TitleID: "C", Title: "Clerk"}, {ID: "6"},
	}
	if !slices.Equal(s.Positions, want) || len(s.BadRows) != 1 {
		t.Errorf("got %+v and bad rows %v, want %+v and one", s.Positions, s.BadRows, want)
	}
}

func TestUnknownAttributesAreIgnored(t *testing.T) {
	e := newEnvironment(t)
	e.rows["Workers"] = []string{`{"@odata.etag":"W/\"x\"","dataAreaId":"usrt","Deep":{"a":[{"PersonnelNumber":"9"}]},"PersonnelNumber":"20","List":[1,null]}`}
	if got, want := read(t, e).Workers, []org.Worker{{Number: "20"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMappingsOfStoresOnly(t *testing.T) {
	e := newEnvironment(t)
	e.rows["IntegrationSourceMappings"] = []string{
		`{"SourceType":"Worker","SourceId":"","TeamId":"t"}`, `{"SourceType":null,"SourceId":"1","TeamId":"t"}`,
		`{"SourceType":"retailstore","SourceId":" 000135 ","TeamId":" {1F2E3D4C-0000-4000-8000-000000000135} "}`,
	}
	s := read(t, e)
	want := []org.Mapping{{SourceType: "retailstore", SourceID: "000135", Team: "1f2e3d4c-0000-4000-8000-000000000135"}}
	if !slices.Equal(s.Mappings, want) || len(s.BadRows) != 0 || s.Rows["IntegrationSourceMappings"] != 3 {
		t.Errorf("mappings %+v, bad rows %v, %v; want %+v of 3 rows", s.Mappings, s.BadRows, s.Rows, want)
	}
}

// Lists of what is wrong stay short when everything is.
func TestListsAreCut(t *testing.T) {
	e := newEnvironment(t)
	e.rows["Workers"] = slices.Repeat([]string{`{}`}, 1500)
	for i := range 150 {
		e.rows["RetailPosPermissionGroups"] = append(e.rows["RetailPosPermissionGroups"],
			fmt.Sprintf(`{"PosPermissionGroupId":"%d","ManagerPrivileges":"%03d"}`, i, 900-i))
	}
	s := read(t, e)
	if len(s.BadRows) != 1001 || s.Rows["Workers"] != 1500 {
		t.Fatalf("%d bad rows listed of %d rows, want 1001 of 1500", len(s.BadRows), s.Rows["Workers"])
	}
	if want := (org.BadRow{Collection: "Workers", Row: "others", Problem: "500 more rows could not be understood"}); s.BadRows[1000] != want {
		t.Errorf("the list ends with %v, want %v", s.BadRows[1000], want)
	}
	if len(s.Unknowns) != 100 || !slices.IsSorted(s.Unknowns) || len(s.PermissionGroups) != 150 {
		t.Errorf("%d unknown values (sorted: %v) and %d groups, want 100 and 150", len(s.Unknowns), slices.IsSorted(s.Unknowns), len(s.PermissionGroups))
	}
}
