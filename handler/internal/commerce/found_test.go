package commerce_test

import (
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

const hires = `{
 "Workers":[{"PersonnelNumber":"7","PartyNumber":"P7"},{"PersonnelNumber":"O'8","PartyNumber":""},{"PersonnelNumber":"9","PartyNumber":"P9"}],
 "RetailChannelWorkers":[{"RetailChannelId":"C1","PersonnelNumber":"7","IsActive":"Yes"},{"RetailChannelId":"C2","PersonnelNumber":"9","IsActive":"Yes"},
  {"RetailChannelId":"C3","PersonnelNumber":"O'8","IsActive":"No"}],
 "Employees":[{"PersonnelNumber":"7","EmploymentEndDate":"2154-12-31T23:59:59Z"}],
 "RetailStaff":[{"PersonnelNumber":"9","ExternalSubIdentifier":"","ExternalIdentityAlias":"nine@x.example"}],
 "PositionWorkerAssignmentsV2":[{"PositionId":"POS","PersonnelNumber":"7","ValidFrom":"2020-01-01T00:00:00Z","ValidTo":"2154-12-31T23:59:59Z"}],
 "PersonUsers":[{"PartyNumber":"P7","UserId":"U7"},{"PartyNumber":"P9","UserId":"U9"}],
 "SystemUsers":[{"UserID":"u7","Alias":"seven@x.example"},{"UserID":"U9","Alias":"nine@x.example"}]}`

// Everything about those who are asked about, their accounts too, and nothing of
// others.
func TestWorkers(t *testing.T) {
	t.Parallel()
	env := simulate(t, hires, simcommerce.Options{})
	rows, err := newClient(t, env, commerce.Options{}).Workers(t.Context(), []org.PersonnelNumber{"7", "O'8", "404"})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows.Workers) != 2 || len(rows.ChannelWorkers) != 2 || len(rows.Employments) != 1 || len(rows.Staff) != 0 || len(rows.Assignments) != 1 {
		t.Errorf("read %+v", rows)
	}
	if !slices.Contains(rows.PersonUsers, org.PersonUser{Party: "P7", User: "U7"}) || len(rows.PersonUsers) != 1 ||
		len(rows.SystemUsers) != 1 || rows.SystemUsers[0].Alias != "seven@x.example" {
		t.Errorf("accounts %+v %+v", rows.PersonUsers, rows.SystemUsers)
	}
}

// A collection that fails fails the reading: half of somebody is no worker.
func TestWorkersReadInPart(t *testing.T) {
	t.Parallel()
	env := simulate(t, hires, simcommerce.Options{})
	env.Publish("RetailStaff", false)
	_, err := newClient(t, env, commerce.Options{}).Workers(t.Context(), []org.PersonnelNumber{"7"})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("collections are missing: %v", err)
	}
}
