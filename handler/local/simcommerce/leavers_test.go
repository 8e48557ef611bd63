package simcommerce_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// departed has people who left, in the ways F&O can write it.
const departed = `{
"RetailChannelWorkers":[
	{"RetailChannelId":"1","PersonnelNumber":"1","IsActive":"Yes"},
	{"RetailChannelId":"1","PersonnelNumber":"2","IsActive":"No"},
	{"RetailChannelId":"1","PersonnelNumber":"3"},
	{"RetailChannelId":"1","PersonnelNumber":"4","IsActive":null},
	{"RetailChannelId":"1","PersonnelNumber":"5","IsActive":"Perhaps"},
	{"RetailChannelId":"1","PersonnelNumber":"6","IsActive":false},
	{"RetailChannelId":"2","PersonnelNumber":"1","IsActive":"no"}
],
"Employees":[
	{"PersonnelNumber":"1"},
	{"PersonnelNumber":"2","EmploymentEndDate":"1900-01-01T00:00:00Z"},
	{"PersonnelNumber":"3","EmploymentEndDate":"2154-12-31T23:59:59Z"},
	{"PersonnelNumber":"4","EmploymentEndDate":"2026-10-31T23:59:59Z"},
	{"PersonnelNumber":"5","EmploymentEndDate":"2026-11-01T00:00:00Z","dataAreaId":"usrt"},
	{"PersonnelNumber":"6","EmploymentEndDate":"2026-11-15"},
	{"PersonnelNumber":"7","EmploymentEndDate":"2026-11-23T19:15:00+01:00"},
	{"PersonnelNumber":"8","EmploymentEndDate":"2026-11-23T18:15:01Z"},
	{"PersonnelNumber":"9","EmploymentEndDate":"soon"}
]}`

func TestFilterOfLeavers(t *testing.T) {
	s := newSite(t, departed, simcommerce.Options{Seed: 3})
	for _, c := range []struct{ collection, filter, want string }{
		// A row that does not state the flag has the enum's first member.
		{"RetailChannelWorkers", "IsActive eq Microsoft.Dynamics.DataEntities.NoYes'No'", "1 2 3"},
		{"RetailChannelWorkers", "IsActive ne Microsoft.Dynamics.DataEntities.NoYes'No'", "1 4 5 6"},
		{"RetailChannelWorkers", "IsActive eq Microsoft.Dynamics.DataEntities.NoYes'No' and RetailChannelId eq '1'", "2 3"},
		{"Employees", "EmploymentEndDate ge 2026-11-01T00:00:00Z and EmploymentEndDate le 2026-11-23T18:15:00Z", "5 6 7"},
		{"Employees", "EmploymentEndDate ge 2026-11-01 and EmploymentEndDate le 2026-11-23", "5 6"},
		{"Employees", "EmploymentEndDate gt 2026-11-01T00:00:00Z and EmploymentEndDate lt 2026-11-23T18:15:00Z", "6"},
		{"Employees", "EmploymentEndDate ge 2026-11-01T01:00:00+01:00 and EmploymentEndDate le 2026-11-01T00:00:00Z", "5"},
		{"Employees", "EmploymentEndDate ge 2026-11-23T18:15:00Z and EmploymentEndDate le 2026-11-01T00:00:00Z", ""},
		{"Employees", "EmploymentEndDate le 1900-01-01T00:00:00Z", "2"}, // no date is a date like others
	} {
		t.Run(c.filter, func(t *testing.T) {
			d := s.get("/data/"+c.collection, "$filter", c.filter, "$orderby", "PersonnelNumber", "cross-company", "true").document(t)
			if got := column(d.Value, "PersonnelNumber"); got != c.want {
				t.Errorf("rows %q, want %q", got, c.want)
			}
		})
	}
}

// What F&O refuses, or might take for something else, is refused.
func TestFilterOfLeaversRefused(t *testing.T) {
	s := newSite(t, departed, simcommerce.Options{})
	for _, c := range []struct{ collection, filter, word string }{
		{"RetailChannelWorkers", "IsActive eq 'No'", "incompatible"},
		{"RetailChannelWorkers", "IsActive eq No", "no literal"},
		{"RetailChannelWorkers", "IsActive eq false", "incompatible"},
		{"RetailChannelWorkers", "IsActive eq 0", "incompatible"},
		{"RetailChannelWorkers", "IsActive eq NoYes'No'", "Unrecognized type"},
		{"RetailChannelWorkers", "IsActive eq Microsoft.Dynamics.DataEntities.NoYes'no'", "no member"},
		{"RetailChannelWorkers", "IsActive eq Microsoft.Dynamics.DataEntities.NoYes'Nope'", "no member"},
		{"RetailChannelWorkers", "IsActive eq Microsoft.Dynamics.DataEntities.NoYes''", "no member"},
		{"RetailChannelWorkers", "IsActive le Microsoft.Dynamics.DataEntities.NoYes'No'", "Only eq and ne"},
		{"RetailChannelWorkers", "IsActive eq Microsoft.Dynamics.DataEntities.NoYes'No", "unterminated"},
		{"Employees", "EmploymentEndDate ge '2026-11-01T00:00:00Z'", "incompatible"},
		{"Employees", "EmploymentEndDate ge datetime'2026-11-01T00:00:00Z'", "Unrecognized type"},
		{"Employees", "EmploymentEndDate ge 2026-11-01T00:00:00", "no literal"}, // in which zone
		{"Employees", "EmploymentEndDate ge 2026-11-31", "no literal"},
		{"Employees", "EmploymentEndDate ge 20261101", "incompatible"},
		{"Employees", "EmploymentEndDate ge now()", "no literal"},
		{"Employees", "EmploymentEndDate between 2026-11-01 and 2026-11-23", "'between' is not supported"},
		{"Employees", "EndDate ge 2026-11-01T00:00:00Z", "property named 'EndDate'"},
	} {
		t.Run(c.filter, func(t *testing.T) {
			s.get("/data/"+c.collection, "$filter", c.filter).refused(t, http.StatusBadRequest, c.word)
		})
	}
	// A plus sign that nobody escaped is a blank.
	address := "/data/Employees?$filter=" + strings.ReplaceAll("EmploymentEndDate ge 2026-11-01T00:00:00+01:00", " ", "%20")
	s.do("GET", address, "").refused(t, http.StatusBadRequest, "no literal")
}

// The filter holds over all pages, and over all companies only when asked.
func TestFilterOfLeaversInPages(t *testing.T) {
	s := newSite(t, departed, simcommerce.Options{PageSize: 1})
	for company, want := range map[string]string{"true": "5 6 7", "false": "6 7"} {
		answer := s.get("/data/Employees", "cross-company", company, "$select", "PersonnelNumber",
			"$filter", "EmploymentEndDate ge 2026-11-01T00:00:00Z and EmploymentEndDate le 2026-11-23T18:15:00Z").document(t)
		rows := answer.Value
		for answer.Next != "" {
			answer = s.do("GET", answer.Next, "").document(t)
			rows = append(rows, answer.Value...)
		}
		if got := column(rows, "PersonnelNumber"); got != want {
			t.Errorf("cross-company=%s: rows %q, want %q", company, got, want)
		}
	}
}
