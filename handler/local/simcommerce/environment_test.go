package simcommerce_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

func TestNewRefusesWhatItCannotHold(t *testing.T) {
	for world, word := range map[string]string{
		`{"Wrokers":[]}`:                  "Wrokers",
		`{"Workers":[{},"x"]}`:            "Workers, row 2",
		`{"Workers":[null]}`:              "expected an object",
		`{"Workers":[{"Bad \" name":1}]}`: "no attribute name",
	} {
		var rows map[string][]json.RawMessage
		if err := json.Unmarshal([]byte(world), &rows); err != nil {
			t.Fatal(err)
		}
		if _, err := simcommerce.New(rows, simcommerce.Options{}); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %v, want one with %q", world, err, word)
		}
	}
}

func TestRowsAreAsAWorldFileHasThem(t *testing.T) {
	s := newSite(t, `{"Workers":[{"@odata.etag":"old","PersonnelNumber":"1","Name":null,"Odd":7}]}`, simcommerce.Options{})
	s.do("POST", "/data/Workers", `{"PersonnelNumber":"2","Name":"Zoë \"Z\""}`)
	want := []string{`{"PersonnelNumber":"1","Name":null,"Odd":7}`, `{"PersonnelNumber":"2","Name":"Zoë \"Z\""}`}
	var got []string
	for _, row := range s.Rows("Workers") {
		got = append(got, string(row))
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %s, want %s", got, want)
	}
	if s.Rows("Nothing") != nil {
		t.Error("an unknown collection has rows")
	}
	if err := s.SetRows("Nothing", nil); err == nil {
		t.Error("an unknown collection takes rows")
	}
}

func TestRequestsAreCountedAndRecorded(t *testing.T) {
	var mu sync.Mutex
	var recorded []string
	s := newSite(t, workers(1), simcommerce.Options{Record: func(method, url string, body []byte) {
		mu.Lock()
		defer mu.Unlock()
		recorded = append(recorded, method+" "+url+" "+string(body))
	}})
	s.get("/data/Workers", "$top", "1")
	s.get("/data/Workers('W0000')")
	s.do("GET", "/data/Workers", "", "Authorization", "")
	s.do("PATCH", "/data/Workers('W0000')", `{"Name":"x"}`)
	got := s.Requests()
	if got["GET Workers"] != 3 || got["PATCH Workers"] != 1 || len(got) != 2 {
		t.Errorf("counts %v", got)
	}
	want := []string{
		"GET /data/Workers?%24top=1 ", "GET /data/Workers('W0000')? ", "GET /data/Workers ",
		`PATCH /data/Workers('W0000') {"Name":"x"}`,
	}
	if !slices.Equal(recorded, want) {
		t.Errorf("recorded %q, want %q", recorded, want)
	}
}

// once breaks the first request and no other.
func once(f simcommerce.Fault) func(*http.Request) simcommerce.Fault {
	var first sync.Once
	return func(*http.Request) (broken simcommerce.Fault) {
		first.Do(func() { broken = f })
		return broken
	}
}

func TestFaultStatus(t *testing.T) {
	s := newSite(t, workers(1), simcommerce.Options{})
	s.Intercept(once(simcommerce.Fault{Status: http.StatusTooManyRequests, RetryAfter: 1500 * time.Millisecond}))
	a := s.get("/data/Workers")
	a.refused(t, http.StatusTooManyRequests, "Too Many Requests")
	if got := a.header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q, want 2", got)
	}
	if a := s.get("/data/Workers"); a.status != http.StatusOK {
		t.Errorf("the next request: %d", a.status)
	}
	s.Intercept(func(r *http.Request) simcommerce.Fault {
		body, err := io.ReadAll(r.Body)
		if err == nil && strings.Contains(string(body), "doomed") {
			return simcommerce.Fault{Status: http.StatusInternalServerError}
		}
		return simcommerce.Fault{}
	})
	a = s.do("POST", "/data/Workers", `{"PersonnelNumber":"doomed"}`)
	a.refused(t, http.StatusInternalServerError, "")
	if a.header.Get("Retry-After") != "" {
		t.Error("Retry-After came unasked")
	}
	s.do("POST", "/data/Workers", `{"PersonnelNumber":"fine"}`)
	if n := len(s.Rows("Workers")); n != 2 {
		t.Errorf("%d workers, want 2", n)
	}
	s.Intercept(nil)
	if a := s.do("POST", "/data/Workers", `{"PersonnelNumber":"doomed"}`); a.status != http.StatusCreated {
		t.Errorf("without a hook: %d", a.status)
	}
}

func TestFaultTruncate(t *testing.T) {
	s := newSite(t, workers(100), simcommerce.Options{})
	s.Intercept(once(simcommerce.Fault{Truncate: true}))
	a := s.get("/data/Workers")
	if !errors.Is(a.readErr, io.ErrUnexpectedEOF) || a.status != http.StatusOK || json.Valid([]byte(a.body)) {
		t.Errorf("status %d, error %v, %d bytes", a.status, a.readErr, len(a.body))
	}
	s.Intercept(once(simcommerce.Fault{Truncate: true}))
	a = s.do("POST", "/data/Workers", `{"PersonnelNumber":"new"}`)
	if !errors.Is(a.readErr, io.ErrUnexpectedEOF) {
		t.Errorf("the answer to a create is whole: %v", a.readErr)
	}
	if a := s.get("/data/Workers('new')"); a.status != http.StatusOK {
		t.Errorf("the row whose answer was lost: %d", a.status)
	}
}

func TestFaultOnPages(t *testing.T) {
	s := newSite(t, workers(10), simcommerce.Options{PageSize: 4})
	s.Intercept(once(simcommerce.Fault{NextLink: "https://elsewhere.example/data/Workers?a&b"}))
	if d := s.get("/data/Workers").document(t); d.Next != "https://elsewhere.example/data/Workers?a&b" {
		t.Errorf("nextLink %q", d.Next)
	}
	s.Intercept(once(simcommerce.Fault{DropRows: 3}))
	var sizes []int
	for _, page := range s.readAll("/data/Workers") {
		sizes = append(sizes, len(page))
	}
	if !slices.Equal(sizes, []int{1, 4, 2}) {
		t.Errorf("pages of %v rows", sizes)
	}
	s.Intercept(once(simcommerce.Fault{DropRows: 99}))
	if d := s.get("/data/Workers").document(t); len(d.Value) != 0 || d.Next == "" {
		t.Errorf("%d rows, nextLink %q", len(d.Value), d.Next)
	}
}
