package simcommerce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// readAll follows nextLinks to the end and returns the rows page by page.
func (s site) readAll(address string) [][]map[string]any {
	s.t.Helper()
	var pages [][]map[string]any
	for address != "" {
		d := s.do("GET", address, "").document(s.t)
		pages = append(pages, d.Value)
		address = d.Next
	}
	return pages
}

func TestPagesJoinToTheWhole(t *testing.T) {
	s := newSite(t, workers(25), simcommerce.Options{PageSize: 10})
	for query, want := range map[string][]int{
		"":                 {10, 10, 5},
		"?$top=20":         {10, 10},
		"?$top=3":          {3},
		"?$top=0":          {0},
		"?$skip=20":        {5},
		"?$skip=5&$top=15": {10, 5},
		"?$skip=99":        {0},
		"?$filter=" + url.QueryEscape("PersonnelNumber ge 'W0012'"): {10, 3},
	} {
		var sizes []int
		var seen []string
		for _, page := range s.readAll("/data/Workers" + query) {
			sizes = append(sizes, len(page))
			for _, row := range page {
				seen = append(seen, fmt.Sprint(row["PersonnelNumber"]))
			}
		}
		if !slices.Equal(sizes, want) {
			t.Errorf("%s: pages of %v rows, want %v", query, sizes, want)
		}
		if slices.Sort(seen); len(slices.Compact(slices.Clone(seen))) != len(seen) {
			t.Errorf("%s: a row came twice: %v", query, seen)
		}
	}
}

func TestNextLinkKeepsTheQuestion(t *testing.T) {
	s := newSite(t, workers(3), simcommerce.Options{PageSize: 1})
	first := s.get("/data/Workers", "$select", "PersonnelNumber", "cross-company", "true", "$count", "true").document(t)
	next, err := url.Parse(first.Next)
	if err != nil || !strings.HasPrefix(first.Next, s.url+"/data/Workers?") {
		t.Fatalf("nextLink %q is not an address of %s (%v)", first.Next, s.url, err)
	}
	q := next.Query()
	if q.Get("$select") != "PersonnelNumber" || q.Get("cross-company") != "true" || q.Get("$skiptoken") == "" {
		t.Errorf("nextLink asks %v", q)
	}
	if first.Count == nil || *first.Count != 3 {
		t.Errorf("count %v, want 3", first.Count)
	}
	second := s.do("GET", first.Next, "").document(t)
	again := s.do("GET", first.Next, "").document(t)
	if a, b := column(second.Value, "PersonnelNumber"), column(again.Value, "PersonnelNumber"); a != "W0001" || a != b {
		t.Errorf("the second page is %q, then %q", a, b)
	}
	if last, err := url.Parse(second.Next); err != nil || len(last.Query()["$skiptoken"]) != 1 {
		t.Errorf("the second nextLink is %q (%v)", second.Next, err)
	}
	if len(second.Value[0]) != 2 {
		t.Errorf("the second page has attributes %v", second.Value[0])
	}
}

// A row that comes or goes between two pages moves no other row across their
// border, and shows in the next reading.
func TestReadingIsStable(t *testing.T) {
	s := newSite(t, workers(6), simcommerce.Options{PageSize: 2})
	first := s.get("/data/Workers").document(t)
	s.do("DELETE", "/data/Workers('W0000')", "")
	s.do("PATCH", "/data/Workers('W0003')", `{"Name":"Changed"}`)
	s.do("POST", "/data/Workers", `{"PersonnelNumber":"new"}`)
	var got []string
	for _, page := range s.readAll(first.Next) {
		got = append(got, column(page, "PersonnelNumber"), column(page, "Name"))
	}
	want := []string{"W0002 W0003", "Worker 2 Worker 3", "W0004 W0005", "Worker 4 Worker 5"}
	if !slices.Equal(got, want) {
		t.Errorf("went on with %q, want %q", got, want)
	}
	var now []string
	for _, page := range s.readAll("/data/Workers?$select=PersonnelNumber") {
		now = append(now, column(page, "PersonnelNumber"))
	}
	if want := []string{"W0001 W0002", "W0003 W0004", "W0005 new"}; !slices.Equal(now, want) {
		t.Errorf("the next reading has %q, want %q", now, want)
	}
}

func TestSkipTokenOfNoReading(t *testing.T) {
	s := newSite(t, workers(5), simcommerce.Options{PageSize: 2})
	next := s.get("/data/Workers").document(t).Next
	s.do("GET", strings.Replace(next, "Workers", "SystemUsers", 1), "").refused(t, http.StatusBadRequest, "not known")
	for _, token := range []string{"bm9uZQ", "OTk6MA", "MTotMQ", "MTo5OTk", "!"} {
		s.do("GET", "/data/Workers?$skiptoken="+token, "").refused(t, http.StatusBadRequest, "$skiptoken")
	}
}

// An old reading is forgotten an hour after its last page.
func TestReadingExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rows map[string][]json.RawMessage
		if err := json.Unmarshal([]byte(workers(5)), &rows); err != nil {
			t.Fatal(err)
		}
		env, err := simcommerce.New(rows, simcommerce.Options{PageSize: 2})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(address string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("GET", address, nil)
			r.Header.Set("Authorization", "Bearer local")
			w := httptest.NewRecorder()
			env.ServeHTTP(w, r)
			return w
		}
		var d document
		if err := json.Unmarshal(ask("/data/Workers").Body.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		for _, wait := range []time.Duration{50 * time.Minute, 50 * time.Minute} {
			<-time.After(wait)
			if w := ask(d.Next); w.Code != http.StatusOK {
				t.Fatalf("after %v: %d", wait, w.Code)
			}
		}
		<-time.After(61 * time.Minute)
		if w := ask(d.Next); w.Code != http.StatusBadRequest {
			t.Errorf("after an idle hour: %d", w.Code)
		}
	})
}

func TestSeedShufflesRowsTheSameWayEachTime(t *testing.T) {
	order := func(seed uint64) string {
		s := newSite(t, workers(50), simcommerce.Options{Seed: seed})
		return column(s.get("/data/Workers").document(t).Value, "PersonnelNumber")
	}
	first := order(1)
	if again := order(1); again != first {
		t.Error("one seed, two orders")
	}
	if first == order(2) || first == order(0) {
		t.Error("two seeds, one order")
	}
	if a, b := strings.Fields(order(3)), strings.Fields(order(0)); !slices.Equal(slices.Sorted(slices.Values(a)), b) {
		t.Error("shuffling lost rows")
	}
}

// A chain's worth of rows comes in pages of F&O's own size.
func TestFiftyThousandRows(t *testing.T) {
	s := newSite(t, `{}`, simcommerce.Options{PageSize: 1_000_000})
	rows := make([]json.RawMessage, 50_000)
	for i := range rows {
		rows[i] = fmt.Appendf(nil, `{"PersonnelNumber":"%06d","RetailChannelId":"C%d","IsActive":"Yes"}`, i, i%500)
	}
	if err := s.SetRows("RetailChannelWorkers", rows); err != nil {
		t.Fatal(err)
	}
	pages := s.readAll("/data/RetailChannelWorkers?$select=PersonnelNumber,RetailChannelId,IsActive&cross-company=true")
	if len(pages) != 5 || len(pages[0]) != 10_000 {
		t.Errorf("%d pages, the first of %d rows", len(pages), len(pages[0]))
	}
	if got := pages[4][9_999]["PersonnelNumber"]; got != "049999" {
		t.Errorf("the last row is %v", got)
	}
}
