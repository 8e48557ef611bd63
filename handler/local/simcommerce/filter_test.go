package simcommerce_test

import (
	"net/http"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

const assorted = `{"Workers":[
	{"PersonnelNumber":"1","Name":"Ann Lee","IsDisabled":"Yes","BirthDate":"1980-05-01T00:00:00Z","NumberOfDependents":2,"WorkerType":"Employee"},
	{"PersonnelNumber":"2","Name":"O'Hara","IsDisabled":"No","BirthDate":"1990-05-01T00:00:00Z","NumberOfDependents":0,"WorkerType":"Contractor"},
	{"PersonnelNumber":"3","Name":null,"IsDisabled":"Maybe","BirthDate":"no date","NumberOfDependents":"x"},
	{"PersonnelNumber":"4"}
], "SystemUsers":[{"UserID":"a","Enabled":true},{"UserID":"b"},{"UserID":"c","Enabled":true}],
"ProcessTemplateTasks":[{"TaskId":"6b0d4c5e-0000-4000-8000-00000000000A"}]}`

func TestFilter(t *testing.T) {
	s := newSite(t, assorted, simcommerce.Options{})
	const noYes = "Microsoft.Dynamics.DataEntities.NoYes"
	for filter, want := range map[string]string{
		"PersonnelNumber eq '2'":            "2",
		"PersonnelNumber ne '2'":            "1 3 4",
		"PersonnelNumber gt '2'":            "3 4",
		"PersonnelNumber ge '2'":            "2 3 4",
		"PersonnelNumber lt '2'":            "1",
		"PersonnelNumber le '2'":            "1 2",
		"Name eq 'ann lee'":                 "1",
		"Name eq 'O''Hara'":                 "2",
		"Name eq '*HAR*'":                   "2",
		"Name ne '*a*'":                     "3 4",
		"Name eq null":                      "3",
		"Name ne null":                      "1 2 4",
		"Name eq ''":                        "4",
		"Name eq '*.*'":                     "",
		"IsDisabled eq " + noYes + "'Yes'":  "1",
		"IsDisabled ne " + noYes + "'Yes'":  "2 3 4",
		"BirthDate lt 1985-01-01":           "1 4",
		"BirthDate ge 1990-05-01T00:00:00Z": "2",
		"BirthDate eq 1990-05-01T00:00:00Z": "2",
		"NumberOfDependents ge 1":           "1",
		"NumberOfDependents eq 0":           "2 4",
		"not PersonnelNumber eq '1'":        "2 3 4",
		"not (Name eq '' or Name eq 'O*')":  "1 3",
		"PersonnelNumber eq '1' or PersonnelNumber eq '2' and Name eq 'x'":         "1",
		"(PersonnelNumber eq '1' or PersonnelNumber eq '2') and Name eq 'O''Hara'": "2",
		"WorkerType eq Microsoft.Dynamics.DataEntities.HcmWorkerType'Employee'":    "1",
	} {
		t.Run(filter, func(t *testing.T) {
			d := s.get("/data/Workers", "$filter", filter).document(t)
			if got := column(d.Value, "PersonnelNumber"); got != want {
				t.Errorf("rows %q, want %q", got, want)
			}
		})
	}
	if got := column(s.get("/data/SystemUsers", "$filter", "Enabled eq true").document(t).Value, "UserID"); got != "a c" {
		t.Errorf("enabled users %q", got)
	}
	if got := len(s.get("/data/Workers", "$filter", "NameValidTo gt 2100-01-01").document(t).Value); got != 4 {
		t.Errorf("%d open ends, want 4", got)
	}
	d := s.get("/data/ProcessTemplateTasks", "$filter", "TaskId eq 6b0d4c5e-0000-4000-8000-00000000000a").document(t)
	if len(d.Value) != 1 {
		t.Errorf("%d rows by GUID", len(d.Value))
	}
}

func TestFilterRefusals(t *testing.T) {
	s := newSite(t, assorted, simcommerce.Options{})
	for filter, word := range map[string]string{
		"Nmae eq 'x'":              "Nmae",
		"'x' eq Name":              "property named 'x'",
		"IsDisabled eq 'Yes'":      "NoYes",
		"WorkerType eq 'Employee'": "incompatible",
		"IsDisabled eq Microsoft.Dynamics.DataEntities.HcmWorkerType'Yes'": "incompatible",
		"IsDisabled eq Other.NoYes'Yes'":                                   "Other.NoYes",
		"IsDisabled gt Microsoft.Dynamics.DataEntities.NoYes'Yes'":         "Only eq and ne",
		"Name gt null":              "Only eq and ne",
		"BirthDate gt '1985-01-01'": "incompatible",
		"NumberOfDependents eq '1'": "incompatible",
		"Name eq 5":                 "incompatible",
		"Name in ('a','b')":         "'in' is not supported",
		"IsDisabled has Microsoft.Dynamics.DataEntities.NoYes'Yes'": "'has' is not supported",
		"contains(Name,'a')":            "function 'contains'",
		"NumberOfDependents add 1 eq 2": "'add' is not supported",
		"Name eq 'x":                    "unterminated",
		"Name eq E'x":                   "unterminated",
		"Name eq Ann":                   "literal",
		"Name eq":                       "literal",
		"Name":                          "operator",
		"":                              "property named ''",
		"(Name eq 'x'":                  "')' is missing",
		"Name eq 'x')":                  "Syntax error",
		"Name eq 'x' and":               "property named ''",
		"Name eq 'x' xor Name eq 'y'":   "Syntax error",
		"not":                           "property named ''",
	} {
		t.Run(filter, func(t *testing.T) {
			s.get("/data/Workers", "$filter", filter).refused(t, http.StatusBadRequest, word)
		})
	}
}

func TestOrderBy(t *testing.T) {
	s := newSite(t, assorted, simcommerce.Options{Seed: 5})
	for order, want := range map[string]string{
		"PersonnelNumber":                         "1 2 3 4",
		"PersonnelNumber desc":                    "4 3 2 1",
		"BirthDate asc,PersonnelNumber":           "3 4 1 2",
		"NumberOfDependents,PersonnelNumber desc": "3 4 2 1",
		"Name,PersonnelNumber":                    "3 4 1 2",
	} {
		if got := column(s.get("/data/Workers", "$orderby", order).document(t).Value, "PersonnelNumber"); got != want {
			t.Errorf("%s: %q, want %q", order, got, want)
		}
	}
	if got := column(s.get("/data/SystemUsers", "$orderby", "Enabled,UserID").document(t).Value, "UserID"); got != "b a c" {
		t.Errorf("users by Enabled: %q", got)
	}
}
