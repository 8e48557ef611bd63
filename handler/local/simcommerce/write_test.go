package simcommerce_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

func TestCreate(t *testing.T) {
	s := newSite(t, `{}`, simcommerce.Options{Seed: 3})
	a := s.do("POST", "/data/RetailChannelWorkers", `{"@odata.type":"x","PersonnelNumber":"0/1","RetailChannelId":"C'1"}`)
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	made := a.row(t)
	if made["IsActive"] != "No" || made["PersonnelNumber"] != "0/1" {
		t.Errorf("created %v", made)
	}
	found := s.do("GET", a.header.Get("Location"), "")
	if found.status != http.StatusOK || found.row(t)["@odata.etag"] != made["@odata.etag"] {
		t.Errorf("at its Location %q: %d %s", a.header.Get("Location"), found.status, found.body)
	}
	mapping := s.do("POST", "/data/IntegrationSourceMappings", `{"SourceType":"RetailStore","SourceId":"1","TeamId":"t"}`)
	if again := s.do("GET", mapping.header.Get("Location"), ""); again.status != http.StatusOK {
		t.Errorf("at %q: %d", mapping.header.Get("Location"), again.status)
	}
}

func TestCreateRefusals(t *testing.T) {
	s := newSite(t, `{"RetailChannelWorkers":[{"PersonnelNumber":"1","RetailChannelId":"C1"}]}`, simcommerce.Options{})
	for body, word := range map[string]string{
		``:                        "JSON object",
		`null`:                    "JSON object",
		`[]`:                      "JSON object",
		`{"PersonnelNumber":"1"}`: "'RetailChannelId' must be filled in",
		`{"PersonnelNumber":"","RetailChannelId":"C1"}`:                       "'PersonnelNumber' must be filled in",
		`{"PersonnelNumber":null,"RetailChannelId":"C1"}`:                     "'PersonnelNumber' must be filled in",
		`{"PersonnelNumber":"1","RetailChannelId":"c1"}`:                      "already exists",
		`{"PersonnelNumber":"2","RetailChannelId":"C1","Active":"Yes"}`:       "'Active'",
		`{"PersonnelNumber":"2","RetailChannelId":"C1","IsActive":"Perhaps"}`: "NoYes",
		`{"PersonnelNumber":"2","RetailChannelId":"C1","IsActive":true}`:      "NoYes",
		`{"PersonnelNumber":2,"RetailChannelId":"C1"}`:                        "Edm.String",
	} {
		s.do("POST", "/data/RetailChannelWorkers", body).refused(t, http.StatusBadRequest, word)
	}
	s.do("POST", "/data/Employees", `{"PersonnelNumber":"1","EmploymentLegalEntityId":"a","EmploymentStartDate":"1/2/2020"}`).
		refused(t, http.StatusBadRequest, "DateTimeOffset")
	s.do("POST", "/data/Employees", `{"PersonnelNumber":"1","EmploymentLegalEntityId":"a"}`).
		refused(t, http.StatusBadRequest, "'EmploymentStartDate' must")
	s.do("POST", "/data/Workers", strings.Repeat(" ", 2<<20)).refused(t, http.StatusRequestEntityTooLarge, "body")
	if n := len(s.Rows("RetailChannelWorkers")) + len(s.Rows("Employees")) + len(s.Rows("Workers")); n != 1 {
		t.Errorf("%d rows after refusals, want the 1 from before", n)
	}
}

func TestUpdate(t *testing.T) {
	s := newSite(t, `{"OperatingUnits":[{"OperatingUnitNumber":"U1","Name":"Old","PartyNumber":"P1"},{"OperatingUnitNumber":"U2","Name":"Other"}]}`,
		simcommerce.Options{})
	before := s.get("/data/OperatingUnits('U1')").row(t)
	if a := s.do("PATCH", "/data/OperatingUnits('U1')", `{"Name":"New","ManagerPersonnelNumber":null}`); a.status != http.StatusNoContent || a.body != "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	after := s.get("/data/OperatingUnits('U1')").row(t)
	if after["Name"] != "New" || after["PartyNumber"] != "P1" || after["ManagerPersonnelNumber"] != nil {
		t.Errorf("after the change: %v", after)
	}
	if before["@odata.etag"] == after["@odata.etag"] {
		t.Error("the ETag stayed")
	}
	if other := s.get("/data/OperatingUnits('U2')").row(t); other["Name"] != "Other" {
		t.Errorf("the other row: %v", other)
	}
	s.do("PATCH", "/data/OperatingUnits('U1')", `{"OperatingUnitNumber":"U9"}`).refused(t, http.StatusBadRequest, "key attribute")
	s.do("PATCH", "/data/OperatingUnits('U1')", `{"Nmae":"x"}`).refused(t, http.StatusBadRequest, "Nmae")
	s.do("PATCH", "/data/OperatingUnits('U9')", `{}`).refused(t, http.StatusNotFound, "U9")
	if a := s.do("PATCH", "/data/OperatingUnits('U1')", `{"OperatingUnitNumber":"U1","Name":"Newer"}`); a.status != http.StatusNoContent {
		t.Errorf("stating the key unchanged: %d %s", a.status, a.body)
	}
}

func TestIfMatch(t *testing.T) {
	s := newSite(t, workers(1), simcommerce.Options{})
	const row = "/data/Workers('W0000')"
	stale := fmt.Sprint(s.get(row).row(t)["@odata.etag"])
	s.do("PATCH", row, `{"Name":"A"}`, "If-Match", stale)
	s.do("PATCH", row, `{"Name":"B"}`, "If-Match", stale).refused(t, http.StatusPreconditionFailed, "changed")
	s.do("DELETE", row, "", "If-Match", stale).refused(t, http.StatusPreconditionFailed, "changed")
	if got := s.get(row).row(t)["Name"]; got != "A" {
		t.Errorf("name %v, want A", got)
	}
	for _, match := range []string{"*", ""} {
		if a := s.do("PATCH", row, `{"Name":"C"}`, "If-Match", match); a.status != http.StatusNoContent {
			t.Errorf("If-Match %q: %d", match, a.status)
		}
	}
}

func TestDelete(t *testing.T) {
	s := newSite(t, workers(3), simcommerce.Options{})
	if a := s.do("DELETE", "/data/Workers('W0001')", ""); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := column(s.get("/data/Workers").document(t).Value, "PersonnelNumber"); got != "W0000 W0002" {
		t.Errorf("left: %s", got)
	}
	s.do("DELETE", "/data/Workers('W0001')", "").refused(t, http.StatusNotFound, "W0001")
}

// Writers and readers at once: every write counts, every reading is whole.
func TestConcurrentUse(t *testing.T) {
	s := newSite(t, workers(40), simcommerce.Options{PageSize: 7})
	t.Run("all at once", func(t *testing.T) {
		for i := range 20 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				writeAndRead(t, site{s.Environment, t, s.url}, i)
			})
		}
	})
	if n := len(s.Rows("Workers")); n != 60 {
		t.Errorf("%d workers, want 60", n)
	}
	patched := s.get("/data/Workers", "$filter", "Name eq 'patched'", "$top", "0", "$count", "true").document(t)
	if *patched.Count != 20 {
		t.Errorf("%d patched, want 20", *patched.Count)
	}
}

func writeAndRead(t *testing.T, s site, i int) {
	t.Helper()
	if a := s.do("POST", "/data/Workers", fmt.Sprintf(`{"PersonnelNumber":"N%d"}`, i)); a.status != http.StatusCreated {
		t.Errorf("create: %d", a.status)
	}
	if a := s.do("PATCH", fmt.Sprintf("/data/Workers('W%04d')", i), `{"Name":"patched"}`); a.status != http.StatusNoContent {
		t.Errorf("update: %d", a.status)
	}
	n := 0
	for _, page := range s.readAll("/data/Workers?$select=Name") {
		n += len(page)
	}
	if n < 41 || n > 60 {
		t.Errorf("a reading had %d rows", n)
	}
}
