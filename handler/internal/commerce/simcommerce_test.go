package commerce_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// The simulated environment was written from the same public pages by itself:
// it tells what this package's own test environment and its reader might both
// have wrong.
func TestSimulatedEnvironment(t *testing.T) {
	var rows map[string][]json.RawMessage
	err := json.Unmarshal([]byte(`{
		"Workers": [{"PersonnelNumber":"1"},{"PersonnelNumber":"2"},{"PersonnelNumber":"3"},{"PersonnelNumber":"4"},{"PersonnelNumber":"5"}],
		"Employees": [
			{"PersonnelNumber":"1","EmploymentLegalEntityId":"usrt","EmploymentStartDate":"2020-01-01T00:00:00Z","dataAreaId":"usrt"},
			{"PersonnelNumber":"2","EmploymentLegalEntityId":"dat","EmploymentStartDate":"2020-01-01T00:00:00Z","EmploymentEndDate":"2026-01-31T00:00:00Z","dataAreaId":"dat"}],
		"SystemUsers": [{"UserID":"DANA","Alias":"dana@example.com"}],
		"PositionWorkerAssignmentsV2": [{"PositionId":"P","PersonnelNumber":"1","ValidFrom":"2024-01-15T00:00:00Z"}]
	}`), &rows)
	if err != nil {
		t.Fatal(err)
	}
	env, err := simcommerce.New(rows, simcommerce.Options{PageSize: 2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	env.Publish("SecurityUserRoleOrganizations", false)
	server := httptest.NewServer(env)
	defer server.Close()
	s := readServer(t, server.URL)

	slices.SortFunc(s.Workers, func(a, b org.Worker) int { return strings.Compare(string(a.Number), string(b.Number)) })
	if want := []org.Worker{{Number: "1"}, {Number: "2"}, {Number: "3"}, {Number: "4"}, {Number: "5"}}; !slices.Equal(s.Workers, want) {
		t.Errorf("workers %v, want %v", s.Workers, want)
	}
	slices.SortFunc(s.Employments, func(a, b org.Employment) int { return strings.Compare(string(a.Worker), string(b.Worker)) })
	if want := []org.Employment{{Worker: "1"}, {Worker: "2", End: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)}}; !slices.Equal(s.Employments, want) {
		t.Errorf("employments %v, want %v: both companies'", s.Employments, want)
	}
	if want := []org.SystemUser{{ID: "DANA", Alias: "dana@example.com"}}; !slices.Equal(s.SystemUsers, want) {
		t.Errorf("users %v, want %v, without UserObjectId", s.SystemUsers, want)
	}
	if want := []org.Assignment{{Position: "P", Worker: "1", From: time.Date(2024, 1, 15, 0, 0, 0, 0, time.UTC)}}; !slices.Equal(s.Assignments, want) {
		t.Errorf("assignments %v, want %v", s.Assignments, want)
	}
	if !slices.Equal(s.Missing, []string{"SecurityUserRoleOrganizations"}) || len(s.BadRows)+len(s.Unknowns) > 0 {
		t.Errorf("missing %v, bad %v, unknown %v", s.Missing, s.BadRows, s.Unknowns)
	}
}

// TestProbeOfTheSimulatedEnvironment plants a fault of each kind.
func TestProbeOfTheSimulatedEnvironment(t *testing.T) {
	rows := map[string][]json.RawMessage{}
	for _, name := range newEnvironment(t).collections() {
		rows[name] = []json.RawMessage{json.RawMessage(`{"dataAreaId":"usrt"}`)} // of another company than the user's
	}
	env, err := simcommerce.New(rows, simcommerce.Options{DateAhead: 10 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	env.Publish("RetailPosPermissionGroups", false)
	env.Intercept(func(r *http.Request) simcommerce.Fault {
		if strings.HasPrefix(r.URL.Path, "/data/PositionsV2") {
			return simcommerce.Fault{Status: http.StatusForbidden}
		}
		return simcommerce.Fault{}
	})
	err = errors.Join(env.SetRows("RetailStores", nil), env.DropAttribute("RetailStaff", "ExternalIdentityAlias"),
		env.DropAttribute("OperatingUnits", "ManagerPersonnelNumber"), env.DropAttribute("OperatingUnits", "Name"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(env)
	defer server.Close()

	for _, c := range serverClient(t, server.URL).Probe(t.Context()) {
		want := doctor.Collection{Name: c.Name, Actual: c.Name, Optional: c.Optional, Rows: 1, Clock: c.Clock}
		kind := fault.Internal
		switch c.Name {
		case "RetailStores":
			want.Rows = 0
		case "RetailStaff":
			want.Lacks = []string{"ExternalIdentityAlias"}
		case "OperatingUnits":
			want.Lacks = []string{"Name", "ManagerPersonnelNumber"}
		case "RetailPosPermissionGroups":
			want.Rows, kind = 0, fault.NotFound
		case "PositionsV2":
			want.Rows, kind = 0, fault.Denied
		}
		if fault.KindOf(c.Err) != kind || (c.Err != nil) != (kind != fault.Internal) {
			t.Errorf("%s: error %v, want %v", c.Name, c.Err, kind)
		}
		if want.Err = c.Err; !reflect.DeepEqual(c, want) {
			t.Errorf("found %+v, want %+v", c, want)
		}
		if ahead := c.Clock.Ahead; !c.Clock.Known || ahead < 9*time.Minute || ahead > 10*time.Minute {
			t.Errorf("%s: clock %+v", c.Name, c.Clock)
		}
	}
}
