package simcommerce_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

func TestBearerTokenIsRequired(t *testing.T) {
	s := newSite(t, workers(1), simcommerce.Options{})
	for _, header := range []string{"", "Bearer ", "Basic bG9jYWw="} {
		a := s.do("GET", "/data/Workers", "", "Authorization", header)
		a.refused(t, http.StatusUnauthorized, "bearer")
		if got := a.header.Get("WWW-Authenticate"); got != "Bearer" {
			t.Errorf("Authorization %q: WWW-Authenticate is %q", header, got)
		}
	}
	if a := s.do("GET", "/data/Workers", ""); a.status != http.StatusOK {
		t.Errorf("with a token: %d", a.status)
	}
}

func TestSelect(t *testing.T) {
	s := newSite(t, workers(2), simcommerce.Options{})
	row := s.get("/data/Workers", "$select", "Name, PersonnelNumber").document(t).Value[0]
	want := []string{"@odata.etag", "Name", "PersonnelNumber"}
	if got := slices.Sorted(maps.Keys(row)); !slices.Equal(got, want) {
		t.Errorf("attributes %q, want %q", got, want)
	}
	if row := s.get("/data/Workers", "$select", "*").document(t).Value[0]; len(row) < 100 {
		t.Errorf("$select=* serves %d attributes", len(row))
	}
	s.get("/data/Workers", "$select", "").refused(t, http.StatusBadRequest, "property named ''")
	s.get("/data/Workers", "$select", "Name,Nmae").refused(t, http.StatusBadRequest, "property named 'Nmae'")
	s.get("/data/Workers", "$select", "name").refused(t, http.StatusBadRequest, "property named 'name'")
}

// What a row does not state is served as the empty value of its kind; what it
// does state is served as it is, however wrong.
func TestValuesAreRawAndDefaultsEmpty(t *testing.T) {
	s := newSite(t, `{
		"RetailChannelWorkers": [{"PersonnelNumber":null,"RetailChannelId":7,"IsActive":"Perhaps"}, {}],
		"PositionWorkerAssignmentsV2": [{"PositionId":"P1","ValidFrom":"31/12/2025"}],
		"SystemUsers": [{"UserID":"u"}],
		"PositionsV2": [{"PositionId":"P1"}],
		"IntegrationSourceMappings": [{"SourceId":"1"}],
		"RetailTaskManagementReports": [{}]
	}`, simcommerce.Options{})
	for _, c := range []struct{ collection, columns, want string }{
		{"RetailChannelWorkers", "PersonnelNumber,RetailChannelId,IsActive",
			`[{"PersonnelNumber":null,"RetailChannelId":7,"IsActive":"Perhaps"},{"PersonnelNumber":"","RetailChannelId":"","IsActive":"No"}]`},
		{"PositionWorkerAssignmentsV2", "ValidFrom,ValidTo", `[{"ValidFrom":"31/12/2025","ValidTo":"2154-12-31T23:59:59Z"}]`},
		{"SystemUsers", "Enabled,Alias", `[{"Enabled":false,"Alias":""}]`},
		{"PositionsV2", "Activation,Retirement,FullTimeEquivalent", `[{"Activation":"1900-01-01T00:00:00Z","Retirement":"2154-12-31T23:59:59Z","FullTimeEquivalent":0}]`},
		{"IntegrationSourceMappings", "SourceType", `[{"SourceType":"None"}]`},
		{"RetailTaskManagementReports", "TaskId", `[{"TaskId":"00000000-0000-0000-0000-000000000000"}]`},
	} {
		t.Run(c.collection, func(t *testing.T) {
			d := s.get("/data/"+c.collection, "$select", c.columns).document(t)
			for _, row := range d.Value {
				delete(row, "@odata.etag")
			}
			var want []map[string]any
			if err := json.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(d.Value, want, maps.Equal) {
				t.Errorf("got %v, want %v", d.Value, want)
			}
		})
	}
}

func TestAttributesOfRowsExtendTheCollection(t *testing.T) {
	s := newSite(t, `{"SystemUsers":[{"UserID":"a"}]}`, simcommerce.Options{})
	s.get("/data/SystemUsers", "$select", "UserObjectId").refused(t, http.StatusBadRequest, "UserObjectId")
	s = newSite(t, `{"SystemUsers":[{"UserID":"a"},{"UserID":"b","UserObjectId":"x","Rank":3,"Hidden":true}]}`, simcommerce.Options{})
	d := s.get("/data/SystemUsers", "$filter", "UserObjectId eq 'x' and Rank gt 2 and Hidden eq true").document(t)
	if got := column(d.Value, "UserID"); got != "b" {
		t.Errorf("found %q, want b", got)
	}
}

func TestUnknownAddresses(t *testing.T) {
	s := newSite(t, workers(1), simcommerce.Options{})
	for _, path := range []string{"/data/Wrokers", "/data/workers", "/data/", "/", "/api/data/Workers", "/data/Workers/Positions"} {
		s.get(path).refused(t, http.StatusNotFound, "No HTTP resource")
	}
	s.Publish("Workers", false)
	s.get("/data/Workers").refused(t, http.StatusNotFound, "Workers")
	s.get("/data/Workers('W0000')").refused(t, http.StatusNotFound, "Workers")
	s.Publish("Workers", true)
	if a := s.get("/data/Workers"); a.status != http.StatusOK {
		t.Errorf("published again: %d", a.status)
	}
}

func TestFurtherNames(t *testing.T) {
	s := newSite(t, `{"StoreTasks":[{"TaskId":"6b0d4c5e-0000-4000-8000-000000000001","Name":"Windows"}]}`,
		simcommerce.Options{Names: map[string]string{"StoreTasks": "RetailTaskManagementReports"}})
	s.Publish("StoreTasks", false)
	s.get("/data/StoreTasks").refused(t, http.StatusNotFound, "StoreTasks")
	if got := column(s.get("/data/RetailTaskManagementReports").document(t).Value, "Name"); got != "Windows" {
		t.Errorf("names %q", got)
	}
	if _, err := simcommerce.New(nil, simcommerce.Options{Names: map[string]string{"A": "Nothing"}}); err == nil {
		t.Error("a name for an unknown collection was taken")
	}
}

func TestUnsupportedOptionsAreRefused(t *testing.T) {
	s := newSite(t, workers(1), simcommerce.Options{})
	for _, c := range [][2]string{
		{"$expand", "Positions"}, {"$apply", "x"}, {"$search", "x"}, {"$top", "-1"}, {"$top", "many"},
		{"$skip", "x"}, {"$orderby", "Name sideways"}, {"$orderby", ""}, {"$orderby", "Nmae"}, {"$skiptoken", "x"},
	} {
		if a := s.get("/data/Workers", c[0], c[1]); a.status != http.StatusBadRequest {
			t.Errorf("%s=%s: %d", c[0], c[1], a.status)
		}
	}
	s.do("GET", "/data/Workers?$top=%zz", "").refused(t, http.StatusBadRequest, "query")
	s.do("PUT", "/data/Workers", "{}").refused(t, http.StatusMethodNotAllowed, "PUT")
	s.do("POST", "/data/Workers('W0000')", "{}").refused(t, http.StatusMethodNotAllowed, "POST")
}

func TestCrossCompany(t *testing.T) {
	s := newSite(t, `{"Employees":[
		{"PersonnelNumber":"1","dataAreaId":"lkuk"}, {"PersonnelNumber":"2","dataAreaId":"LKIE"}, {"PersonnelNumber":"3"}, {"PersonnelNumber":"4","dataAreaId":null}
	]}`, simcommerce.Options{Company: "lkie"})
	for _, c := range []struct{ want, query string }{
		{"2 3 4", "$count=false"},
		{"2 3 4", "cross-company=false"},
		{"1 2 3 4", "cross-company=true"},
		{"1", "cross-company=true&$filter=dataAreaId%20eq%20%27lkuk%27"},
		{"", "$filter=dataAreaId%20eq%20%27lkuk%27"},
	} {
		if got := column(s.do("GET", "/data/Employees?"+c.query, "").document(t).Value, "PersonnelNumber"); got != c.want {
			t.Errorf("%s: rows %q, want %q", c.query, got, c.want)
		}
	}
}

func TestCompression(t *testing.T) {
	s := newSite(t, workers(500), simcommerce.Options{})
	plain := s.do("GET", "/data/Workers", "", "Accept-Encoding", "identity")
	for accepted, want := range map[string]string{
		"gzip": "gzip", "br, gzip;q=0.5": "gzip", "gzip; q=1.0": "gzip", "gzip;q=0": "", "br": "", "identity": "",
	} {
		a := s.do("GET", "/data/Workers", "", "Accept-Encoding", accepted)
		if got := a.header.Get("Content-Encoding"); got != want {
			t.Errorf("%s: Content-Encoding %q, want %q", accepted, got, want)
			continue
		}
		body := a.body
		if want == "gzip" {
			z, err := gzip.NewReader(strings.NewReader(a.body))
			if err != nil {
				t.Fatal(err)
			}
			whole, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			body = string(whole)
		}
		if body != plain.body {
			t.Errorf("%s: another body", accepted)
		}
	}
}

func TestKeyedRead(t *testing.T) {
	s := newSite(t, `{
		"Workers": [{"PersonnelNumber":"000123","Name":"Ada"},{"PersonnelNumber":"O'Neil","Name":"Jo"}],
		"RetailChannelWorkers": [{"PersonnelNumber":"000123","RetailChannelId":"C1","IsActive":"Yes"}],
		"PositionWorkerAssignmentsV2": [{"PositionId":"P1","ValidFrom":"2020-01-01T00:00:00Z","PersonnelNumber":"000123"}],
		"IntegrationSourceMappings": [{"SourceType":"RetailStore","SourceId":"B-12/3","TeamId":"t"}],
		"ProcessTemplateTasks": [{"TaskId":"6b0d4c5e-0000-4000-8000-000000000001","Name":"Sweep"}]
	}`, simcommerce.Options{})
	for _, c := range []struct{ path, attribute, want string }{
		{"Workers('000123')", "Name", "Ada"},
		{"Workers(PersonnelNumber='000123')", "Name", "Ada"},
		{"Workers('o''neil')", "Name", "Jo"},
		{"RetailChannelWorkers(RetailChannelId='C1',PersonnelNumber='000123')", "IsActive", "Yes"},
		{"PositionWorkerAssignmentsV2(PositionId='P1', ValidFrom=2020-01-01T01:00:00%2B01:00)", "PersonnelNumber", "000123"},
		{"IntegrationSourceMappings(SourceType=Microsoft.Dynamics.DataEntities.RetailTeamsIntegrationSourceType'RetailStore',SourceId='B-12%2F3')", "TeamId", "t"},
		{"ProcessTemplateTasks(6b0d4c5e-0000-4000-8000-000000000001)", "Name", "Sweep"},
	} {
		a := s.do("GET", "/data/"+strings.ReplaceAll(c.path, " ", "%20"), "")
		if a.status != http.StatusOK || a.row(t)[c.attribute] != c.want {
			t.Errorf("%s: %d %.200s", c.path, a.status, a.body)
		}
	}
	if row := s.do("GET", "/data/Workers('000123')?$select=Name", "").row(t); len(row) != 3 {
		t.Errorf("$select on a row: %v", row)
	}
}

func TestKeyedReadRefusals(t *testing.T) {
	s := newSite(t, `{
		"Workers": [{"PersonnelNumber":"000123"},{"PersonnelNumber":null}],
		"RetailChannelWorkers": [{"PersonnelNumber":"000123","RetailChannelId":"C1"}]
	}`, simcommerce.Options{})
	for _, c := range []struct {
		path   string
		status int
	}{
		{"Workers('999999')", 404}, {"Workers('')", 404}, {"Workers()", 400}, {"Workers('1','2')", 400},
		{"Workers(000123)", 400}, {"Workers('000123'", 400}, {"Workers('000123", 400}, {"Workers(Name='x')", 400},
		{"RetailChannelWorkers('000123')", 400},
		{"RetailChannelWorkers(PersonnelNumber='000123')", 400},
		{"RetailChannelWorkers(PersonnelNumber='000123',RetailChannelId='C1',IsActive='Yes')", 400},
		{"RetailChannelWorkers(PersonnelNumber='000123'=RetailChannelId='C1')", 400},
		{"RetailChannelWorkers(PersonnelNumber='000123',RetailChannelId='C2')", 404},
	} {
		if a := s.do("GET", "/data/"+c.path, ""); a.status != c.status {
			t.Errorf("%s: %d, want %d", c.path, a.status, c.status)
		}
	}
	s.get("/data/RetailChannelWorkers(PersonnelNumber='000123')").refused(t, 400, "PersonnelNumber, RetailChannelId")
}
