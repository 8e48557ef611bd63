package simcommerce_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

const twoWorkers = `{"Workers":[
	{"PersonnelNumber":"1","Name":"Ada","PartyNumber":"P1"},
	{"PersonnelNumber":"2","Name":"Ben","PartyNumber":"P2"}]}`

func TestDroppedAttribute(t *testing.T) {
	s := newSite(t, twoWorkers, simcommerce.Options{PageSize: 1})
	before := s.do("GET", "/data/Workers?$select=PersonnelNumber,PartyNumber", "")
	_, link, _ := strings.Cut(before.body, `"@odata.nextLink":"`)
	link = strings.TrimSuffix(link, `"}`)
	if err := s.DropAttribute("Workers", "Name"); err != nil {
		t.Fatal(err)
	}
	for _, request := range []struct{ method, address, body string }{
		{"GET", "/data/Workers?$select=Name", ""},
		{"GET", "/data/Workers?$select=PersonnelNumber,Name,PartyNumber", ""},
		{"GET", "/data/Workers?$filter=Name%20eq%20'Ada'", ""},
		{"GET", "/data/Workers?$orderby=Name", ""},
		{"POST", "/data/Workers", `{"PersonnelNumber":"3","Name":"Cleo"}`},
		{"GET", link, ""}, // of a reading from before
	} {
		got := s.do(request.method, request.address, request.body)
		if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"error"`) {
			t.Errorf("%s %s: %d %s, want 400", request.method, request.address, got.status, got.body)
		}
	}
	got := s.do("GET", "/data/Workers('2')", "")
	if got.status != http.StatusOK || strings.Contains(got.body, "Ben") || !strings.Contains(got.body, `"PartyNumber":"P2"`) {
		t.Errorf("the row: %d %s", got.status, got.body)
	}
	if rows := s.Rows("Workers"); string(rows[0]) != `{"PersonnelNumber":"1","PartyNumber":"P1"}` {
		t.Errorf("rows %s", rows)
	}
	if got := s.do("PATCH", "/data/Workers('2')", `{"PartyNumber":"P3"}`); got.status != http.StatusNoContent {
		t.Errorf("a change of another attribute: %d %s", got.status, got.body)
	}
}

func TestAttributesThatCannotBeDropped(t *testing.T) {
	s := newSite(t, twoWorkers, simcommerce.Options{})
	for _, refused := range [][2]string{{"Wrokers", "Name"}, {"Workers", "Nmae"}, {"Workers", "PersonnelNumber"}} {
		if err := s.DropAttribute(refused[0], refused[1]); err == nil {
			t.Errorf("%s was dropped", refused)
		}
	}
}

func TestDateAhead(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	s := newSite(t, twoWorkers, simcommerce.Options{Now: func() time.Time { return at }, DateAhead: -time.Hour})
	for _, path := range []string{"/data/Workers", "/data/Nothing"} { // refusals tell the time too
		if got := s.do("GET", path, "").header.Get("Date"); got != "Sun, 01 Mar 2026 07:00:00 GMT" {
			t.Errorf("%s: Date %q", path, got)
		}
	}
	s = newSite(t, twoWorkers, simcommerce.Options{Now: func() time.Time { return at }})
	got, err := http.ParseTime(s.do("GET", "/data/Workers", "").header.Get("Date"))
	if err != nil || got.Equal(at) {
		t.Errorf("without: Date %v, %v; want the server's own", got, err)
	}
}
