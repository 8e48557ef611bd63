package commerce_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// oneOfEach has one row in every collection, all attributes stated.
func oneOfEach(t *testing.T) *environment {
	e := newEnvironment(t)
	for name, row := range map[string]string{
		"RetailStores":                     `{"@odata.etag":"W/\"1\"","StoreNumber":"000135","RetailChannelId":"000000135","OperatingUnitNumber":"052","OperatingUnitPartyNumber":"000005052","ChannelTimeZoneInfoId":"Central Standard Time"}`,
		"OperatingUnits":                   `{"OperatingUnitNumber":"052","PartyNumber":"000005052","Name":"Houston","ManagerPersonnelNumber":"000020"}`,
		"Workers":                          `{"PersonnelNumber":"000020","PartyNumber":"P-20"}`,
		"RetailChannelWorkers":             `{"RetailChannelId":"000000135","PersonnelNumber":"000020","IsActive":"Yes"}`,
		"Employees":                        `{"PersonnelNumber":"000020","EmploymentEndDate":"2027-03-31T23:59:59Z"}`,
		"RetailStaff":                      `{"PersonnelNumber":"000020","ExternalSubIdentifier":"8c7a6d1e-0000-4000-8000-000000000020","ExternalIdentityAlias":"dana@example.com"}`,
		"PersonUsers":                      `{"PartyNumber":"P-20","UserId":"DANA","ValidFrom":"2024-01-15T00:00:00Z","ValidTo":"2154-12-31T23:59:59Z"}`,
		"SystemUsers":                      `{"UserID":"DANA","Alias":"dana@example.com","UserObjectId":"{8C7A6D1E-0000-4000-8000-000000000020}"}`,
		"PositionWorkerAssignmentsV2":      `{"PositionId":"000300","PersonnelNumber":"000020","ValidFrom":"2024-01-15T08:00:00Z","ValidTo":"2154-12-31T23:59:59Z"}`,
		"PositionsV2":                      `{"PositionId":"000300","DepartmentNumber":"052","TitleId":"SM","Title":"Store manager"}`,
		"RetailPositionPosPermissions":     `{"PositionId":"000300","ManagerPrivileges":"No","PosPermissionGroupId":"Manager"}`,
		"RetailPosPermissionGroups":        `{"PosPermissionGroupId":"Manager","ManagerPrivileges":"Yes"}`,
		"OrganizationHierarchyPublishedV2": `{"HierarchyType":"Retail Stores by Region","ParentOrganizationPartyNumber":"000005001","ChildOrganizationPartyNumber":"000005052","ParentOrganizationName":"South","ChildOrganizationName":"Houston","validFrom":"1900-01-01T00:00:00Z","validTo":"2154-12-31T23:59:59Z"}`,
		"OrganizationHierarchyPurposes":    `{"HierarchyType":"Retail Stores by Region","HierarchyPurpose":"RetailReporting","SetAsDefault":"Yes"}`,
		"SecurityUserRoleAssociations":     `{"UserId":"DANA","SecurityRoleIdentifier":"RETAILTASKMANAGER","SecurityRoleName":"Retail task manager","AssignmentStatus":"Enabled"}`,
		"SecurityUserRoleOrganizations":    `{"UserId":"DANA","SecurityRoleIdentifier":"RETAILTASKMANAGER","OrganizationId":"052"}`,
		"IntegrationSourceMappings":        `{"SourceType":"RetailStore","SourceId":"000135","TeamId":"{1F2E3D4C-0000-4000-8000-000000000135}"}`,
	} {
		e.rows[name] = []string{row}
	}
	return e
}

func TestSnapshotReadsEveryAttribute(t *testing.T) {
	e := oneOfEach(t)
	before := time.Now()
	got := read(t, e)
	if got.ReadAt.Before(before) || got.ReadAt.After(time.Now()) {
		t.Errorf("read at %v, began after %v", got.ReadAt, before)
	}
	want := org.Snapshot{
		ReadAt:              got.ReadAt,
		Stores:              []org.Store{{Number: "000135", Channel: "000000135", Unit: "052", Party: "000005052", Zone: "Central Standard Time"}},
		Units:               []org.Unit{{Number: "052", Party: "000005052", Name: "Houston", Manager: "000020"}},
		Workers:             []org.Worker{{Number: "000020", Party: "P-20"}},
		ChannelWorkers:      []org.ChannelWorker{{Channel: "000000135", Worker: "000020", Active: org.Yes}},
		Employments:         []org.Employment{{Worker: "000020", End: time.Date(2027, 3, 31, 23, 59, 59, 0, time.UTC)}},
		Staff:               []org.Staff{{Worker: "000020", ObjectID: "8c7a6d1e-0000-4000-8000-000000000020", Alias: "dana@example.com"}},
		PersonUsers:         []org.PersonUser{{Party: "P-20", User: "DANA", From: time.Date(2024, 1, 15, 0, 0, 0, 0, time.UTC)}},
		SystemUsers:         []org.SystemUser{{ID: "DANA", Alias: "dana@example.com", ObjectID: "{8C7A6D1E-0000-4000-8000-000000000020}"}},
		Assignments:         []org.Assignment{{Position: "000300", Worker: "000020", From: time.Date(2024, 1, 15, 8, 0, 0, 0, time.UTC)}},
		Positions:           []org.Position{{ID: "000300", Department: "052", TitleID: "SM", Title: "Store manager"}},
		PositionPermissions: []org.PositionPermission{{Position: "000300", Manager: org.No, Group: "Manager"}},
		PermissionGroups:    []org.PermissionGroup{{ID: "Manager", Manager: org.Yes}},
		Hierarchy:           []org.HierarchyLink{{Hierarchy: "Retail Stores by Region", Parent: "000005001", Child: "000005052", ParentName: "South", ChildName: "Houston"}},
		Purposes:            []org.HierarchyPurpose{{Hierarchy: "Retail Stores by Region", Purpose: "RetailReporting", Default: org.Yes}},
		Roles:               []org.RoleAssignment{{User: "DANA", Role: "RETAILTASKMANAGER", Name: "Retail task manager", Status: "Enabled"}},
		RoleOrganizations:   []org.RoleOrganization{{User: "DANA", Role: "RETAILTASKMANAGER", Organization: "052"}},
		Mappings:            []org.Mapping{{SourceType: "RetailStore", SourceID: "000135", Team: "1f2e3d4c-0000-4000-8000-000000000135"}},
		Rows:                map[string]int{},
	}
	for _, name := range e.collections() {
		want.Rows[name] = 1
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Every request asks for all companies' rows and for documented attributes; the
// environment refuses others. All documented ones in the list are asked for.
func TestRequestsAskForWhatIsUsed(t *testing.T) {
	e := oneOfEach(t)
	read(t, e)
	asked := map[string][]string{}
	for _, r := range e.requests {
		if r.Method != http.MethodGet || r.Header.Get("Authorization") == "" || r.URL.Query().Get("cross-company") != "true" {
			t.Errorf("%s %s: want a GET with a token and cross-company=true", r.Method, r.URL)
		}
		selected := strings.Split(r.URL.Query().Get("$select"), ",")
		slices.Sort(selected)
		asked[path.Base(r.URL.Path)] = selected
	}
	if !reflect.DeepEqual(asked, e.documented) {
		t.Errorf("asked for %v\nwant      %v", asked, e.documented)
	}
}

func TestEmptyEnvironment(t *testing.T) {
	got := read(t, newEnvironment(t))
	want := org.Snapshot{ReadAt: got.ReadAt, Rows: got.Rows}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want no rows", got)
	}
	if n, read := got.Rows["Workers"]; !read || n != 0 || len(got.Rows) != 17 {
		t.Errorf("rows %v, want 17 collections of 0", got.Rows)
	}
}

func TestCollectionsOfOtherNames(t *testing.T) {
	e := oneOfEach(t)
	e.rows["ContosoStaff"], e.documented["ContosoStaff"] = e.rows["RetailStaff"], e.documented["RetailStaff"]
	delete(e.rows, "RetailStaff")
	s, err := newClient(t, e, commerce.Options{Collections: map[string]string{"RetailStaff": "ContosoStaff"}}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Staff) != 1 || s.Rows["RetailStaff"] != 1 {
		t.Errorf("staff %v, rows %v; want one row, counted under the default name", s.Staff, s.Rows)
	}
}

func TestCollectionThatIsNotPublished(t *testing.T) {
	optional := []string{"Employees", "SecurityUserRoleOrganizations"}
	for _, name := range newEnvironment(t).collections() {
		t.Run(name, func(t *testing.T) {
			e := oneOfEach(t)
			delete(e.rows, name)
			s, err := newClient(t, e, commerce.Options{}).Snapshot(t.Context())
			if slices.Contains(optional, name) {
				if _, counted := s.Rows[name]; err != nil || !slices.Equal(s.Missing, []string{name}) || counted {
					t.Errorf("missing %v, rows %v, error %v; want it missing and not counted", s.Missing, s.Rows, err)
				}
				return
			}
			if !fault.Is(err, fault.NotFound) || !reflect.DeepEqual(s, org.Snapshot{}) {
				t.Fatalf("error %v and %d stores, want NotFound and nothing", err, len(s.Stores))
			}
			if !strings.Contains(err.Error(), "ENTITY_"+strings.ToUpper(name)) {
				t.Errorf("the error does not name the setting: %v", err)
			}
		})
	}
}

func TestSystemUsersWithoutObjectID(t *testing.T) {
	e := oneOfEach(t)
	e.documented["SystemUsers"] = []string{"UserID", "Alias"}
	e.rows["SystemUsers"] = []string{`{"UserID":"DANA","Alias":"dana@example.com"}`, `{"UserID":"SAM","Alias":"sam@example.com"}`}
	e.pageSize = 1
	var log bytes.Buffer
	c := newClient(t, e, commerce.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	s, err := c.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []org.SystemUser{{ID: "DANA", Alias: "dana@example.com"}, {ID: "SAM", Alias: "sam@example.com"}}
	if !slices.Equal(s.SystemUsers, want) {
		t.Errorf("users %v, want %v", s.SystemUsers, want)
	}
	if !strings.Contains(log.String(), "UserObjectId") {
		t.Errorf("log %q, want the attribute done without", log.String())
	}
}

// Only attributes known to come and go are done without, and only once.
func TestAttributeNobodyMayLack(t *testing.T) {
	cases := map[string][]string{ // collection: what it still has
		"SystemUsers": {"UserID"},
		"RetailStaff": {"PersonnelNumber", "ExternalSubIdentifier"},
	}
	for name, attributes := range cases {
		t.Run(name, func(t *testing.T) {
			e := oneOfEach(t)
			e.documented[name] = attributes
			_, err := newClient(t, e, commerce.Options{}).Snapshot(t.Context())
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "Alias") {
				t.Errorf("error %v, want Invalid, about %s and its attributes", err, name)
			}
		})
	}
}

func TestCompressedPages(t *testing.T) {
	e := oneOfEach(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := e.RoundTrip(r)
		if err != nil || r.Header.Get("Accept-Encoding") != "gzip" {
			http.Error(w, "ask for gzip", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(resp.StatusCode)
		z := gzip.NewWriter(w)
		_, copied := io.Copy(z, resp.Body)
		if err := errors.Join(copied, z.Close()); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	s := readServer(t, server.URL)
	if len(s.Stores) != 1 || s.Stores[0].Number != "000135" {
		t.Errorf("stores %v, want store 000135", s.Stores)
	}
}
