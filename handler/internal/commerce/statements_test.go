package commerce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

var (
	since = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	now   = time.Date(2026, 11, 23, 18, 15, 0, 0, time.UTC)
)

// leavers is a world in which 000020 and 000021 left a store each, and 000030
// to 000032 left the company lately.
const leavers = `{
	"RetailChannelWorkers": [
		{"RetailChannelId":"1","PersonnelNumber":"000020","IsActive":"No"},
		{"RetailChannelId":"1","PersonnelNumber":"000010","IsActive":"Yes"},
		{"RetailChannelId":"2","PersonnelNumber":"000021","IsActive":"No"},
		{"RetailChannelId":"2","PersonnelNumber":"000020","IsActive":"Yes"},
		{"RetailChannelId":"2","PersonnelNumber":"000011","IsActive":"Perhaps"}],
	"Employees": [
		{"PersonnelNumber":"000030","EmploymentLegalEntityId":"usrt","EmploymentStartDate":"2020-01-01T00:00:00Z","EmploymentEndDate":"2026-11-01T00:00:00Z","dataAreaId":"usrt"},
		{"PersonnelNumber":"000010","EmploymentLegalEntityId":"usrt","EmploymentStartDate":"2020-01-01T00:00:00Z","dataAreaId":"usrt"},
		{"PersonnelNumber":"000012","EmploymentLegalEntityId":"usrt","EmploymentStartDate":"2020-01-01T00:00:00Z","EmploymentEndDate":"2026-10-31T23:59:59Z","dataAreaId":"usrt"},
		{"PersonnelNumber":"000031","EmploymentLegalEntityId":"dat","EmploymentStartDate":"2020-01-01T00:00:00Z","EmploymentEndDate":"2026-11-20","dataAreaId":"dat"},
		{"PersonnelNumber":"000013","EmploymentLegalEntityId":"usrt","EmploymentStartDate":"2020-01-01T00:00:00Z","EmploymentEndDate":"2026-11-23T18:15:01Z","dataAreaId":"usrt"},
		{"PersonnelNumber":"000014","EmploymentLegalEntityId":"usrt","EmploymentStartDate":"2020-01-01T00:00:00Z","EmploymentEndDate":"2154-12-31T23:59:59Z","dataAreaId":"usrt"},
		{"PersonnelNumber":"000032","EmploymentLegalEntityId":"usrt","EmploymentStartDate":"2020-01-01T00:00:00Z","EmploymentEndDate":"2026-11-23T18:15:00Z","dataAreaId":"usrt"}]
}`

var leftLately = org.Statements{
	Inactive: []org.ChannelWorker{{Channel: "1", Worker: "000020", Active: org.No}, {Channel: "2", Worker: "000021", Active: org.No}},
	Ended: []org.Employment{
		{Worker: "000030", End: since},
		{Worker: "000031", End: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)},
		{Worker: "000032", End: now},
	},
}

// simulated is an environment of simcommerce that is called in process.
type simulated struct {
	*simcommerce.Environment

	mu    sync.Mutex
	asked []*url.URL
}

func simulate(t *testing.T, world string, o simcommerce.Options) *simulated {
	t.Helper()
	var rows map[string][]json.RawMessage
	if err := json.Unmarshal([]byte(world), &rows); err != nil {
		t.Fatal(err)
	}
	env, err := simcommerce.New(rows, o)
	if err != nil {
		t.Fatal(err)
	}
	return &simulated{Environment: env}
}

// RoundTrip implements http.RoundTripper.
func (s *simulated) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.asked = append(s.asked, r.URL)
	s.mu.Unlock()
	// As a server gets it: without host, with nothing parsed already.
	served := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.RequestURI(), nil)
	served.Header, served.Host = r.Header, r.URL.Host
	w := httptest.NewRecorder()
	s.ServeHTTP(w, served)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// statementsOf reads the statements of an environment; there must be an answer.
func statementsOf(t *testing.T, transport http.RoundTripper, o commerce.Options) (org.Statements, []string) {
	t.Helper()
	st, unread, err := newClient(t, transport, o).Statements(t.Context(), since, now)
	if err != nil {
		t.Fatal(err)
	}
	return st, unread
}

func TestStatements(t *testing.T) {
	for _, pageSize := range []int{1, 2, 10_000} {
		t.Run(fmt.Sprint(pageSize), func(t *testing.T) {
			got, unread := statementsOf(t, simulate(t, leavers, simcommerce.Options{PageSize: pageSize}), commerce.Options{})
			if !reflect.DeepEqual(got, leftLately) || len(unread) > 0 {
				t.Errorf("got  %+v, unread %q\nwant %+v", got, unread, leftLately)
			}
		})
	}
}

// What is asked for is little: two collections, of all companies, the rows that
// state something, and of them what is used.
func TestStatementsAskForLittle(t *testing.T) {
	s := simulate(t, leavers, simcommerce.Options{})
	base, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	toServer, err := outbound.New(outbound.Options{Name: "commerce", Base: base, Transport: s, Label: commerce.Label})
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("two hours ahead", 2*60*60)
	client := commerce.New(toServer, commerce.Options{})
	if _, _, err := client.Statements(t.Context(), since.In(zone), now.Add(999*time.Millisecond).In(zone)); err != nil {
		t.Fatal(err)
	}
	want := map[string]url.Values{
		"/data/RetailChannelWorkers": {
			"cross-company": {"true"}, "$select": {"RetailChannelId,PersonnelNumber,IsActive"},
			"$filter": {"IsActive eq Microsoft.Dynamics.DataEntities.NoYes'No'"},
		},
		"/data/Employees": {
			"cross-company": {"true"}, "$select": {"PersonnelNumber,EmploymentEndDate"},
			"$filter": {"EmploymentEndDate ge 2026-11-01T00:00:00Z and EmploymentEndDate le 2026-11-23T18:15:00Z"},
		},
	}
	got := map[string]url.Values{}
	for _, u := range s.asked {
		got[u.Path] = u.Query()
		if strings.ContainsAny(u.RawQuery, " +'") {
			t.Errorf("the query %s is not escaped", u.RawQuery)
		}
	}
	if len(s.asked) != 2 || !reflect.DeepEqual(got, want) {
		t.Errorf("asked %d times, for %v\nwant %v", len(s.asked), got, want)
	}
	if want := map[string]int{"RetailChannelWorkers": 1, "Employees": 1}; !reflect.DeepEqual(toServer.Counts(), want) {
		t.Errorf("calls counted %v, want %v", toServer.Counts(), want)
	}
}

func TestStatementsOfOtherNames(t *testing.T) {
	names := map[string]string{"MyChannelWorkers": "RetailChannelWorkers", "MyEmployees": "Employees"}
	s := simulate(t, leavers, simcommerce.Options{Names: names})
	s.Publish("RetailChannelWorkers", false)
	s.Publish("Employees", false)
	o := commerce.Options{Collections: map[string]string{"RetailChannelWorkers": "MyChannelWorkers", "Employees": "MyEmployees"}}
	if got, unread := statementsOf(t, s, o); !reflect.DeepEqual(got, leftLately) || len(unread) > 0 {
		t.Errorf("got %+v, unread %q, want %+v", got, unread, leftLately)
	}
}

// Since and now are both included, to the moment and not to the second.
func TestStatementsSinceAndNow(t *testing.T) {
	const world = `{"Employees":[{"PersonnelNumber":"000030","EmploymentLegalEntityId":"usrt","EmploymentStartDate":"2020-01-01T00:00:00Z","EmploymentEndDate":%q}]}`
	for name, c := range map[string]struct {
		end        string
		since, now time.Time
		stated     bool
	}{
		"at since":                  {"2026-11-01T00:00:00Z", since, now, true},
		"just before since":         {"2026-10-31T23:59:59Z", since, now, false},
		"before since, same second": {"2026-11-01T00:00:00.25Z", since.Add(time.Second / 2), now, false},
		"at now":                    {"2026-11-23T18:15:00Z", since, now, true},
		"just after now":            {"2026-11-23T18:15:01Z", since, now, false},
		"since is now":              {"2026-11-23T18:15:00Z", now, now, true},
		"since after now":           {"2026-11-20T00:00:00Z", now, since, false},
		"a date alone":              {"2026-11-23", since, now, true},
		"a date alone, at since":    {"2026-11-01", since, now, true},
		"a date alone, tomorrow":    {"2026-11-24", since, now, false},
		"in another zone":           {"2026-11-23T19:15:00+01:00", since, now, true},
		"none, since ever":          {"1900-01-01T00:00:00Z", time.Time{}, now, false},
		"never, until ever":         {"2154-12-31T23:59:59Z", since, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), false},
		"no date":                   {"soon", time.Time{}, now, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := simulate(t, fmt.Sprintf(world, c.end), simcommerce.Options{})
			st, unread, err := newClient(t, s, commerce.Options{}).Statements(t.Context(), c.since, c.now)
			if err != nil || len(unread) > 0 || (len(st.Ended) == 1) != c.stated {
				t.Errorf("employments %v, unread %q, error %v; stated should be %v", st.Ended, unread, err, c.stated)
			}
		})
	}
}

// A server that ignores a filter serves rows that state nothing, or cannot be
// read. None of them counts.
func TestStatementsAreJudgedByWhatTheySay(t *testing.T) {
	e := newEnvironment(t)
	e.rows["RetailChannelWorkers"] = []string{
		`{"RetailChannelId":"1","PersonnelNumber":"000010","IsActive":"Yes"}`, `{"RetailChannelId":"1","PersonnelNumber":"000011","IsActive":null}`,
		`{"RetailChannelId":"1","PersonnelNumber":"000012","IsActive":"Nope"}`, `{"RetailChannelId":"1","PersonnelNumber":"","IsActive":"No"}`,
		`{"RetailChannelId":"1","PersonnelNumber":"000020","IsActive":"No"}`, `{"RetailChannelId":"1","PersonnelNumber":"000021","IsActive":false}`,
		`{"RetailChannelId":"1","PersonnelNumber":"000022","IsActive":0}`, `{"RetailChannelId":"1","PersonnelNumber":"000013","IsActive":[]}`,
	}
	e.rows["Employees"] = []string{
		`{"PersonnelNumber":"000010"}`, `{"PersonnelNumber":"000011","EmploymentEndDate":"1900-01-01T00:00:00Z"}`,
		`{"PersonnelNumber":"000012","EmploymentEndDate":"2027-01-01T00:00:00Z"}`, `{"PersonnelNumber":"000013","EmploymentEndDate":20}`,
		`{"EmploymentEndDate":"2026-11-20"}`, `{"PersonnelNumber":"000030","EmploymentEndDate":"2026-11-20"}`, `null`,
	}
	got, unread := statementsOf(t, e, commerce.Options{})
	want := org.Statements{
		Inactive: []org.ChannelWorker{
			{Channel: "1", Worker: "000020", Active: org.No}, {Channel: "1", Worker: "000021", Active: org.No}, {Channel: "1", Worker: "000022", Active: org.No},
		},
		Ended: []org.Employment{{Worker: "000030", End: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}},
	}
	if !reflect.DeepEqual(got, want) || len(unread) > 0 {
		t.Errorf("got  %+v, unread %q\nwant %+v", got, unread, want)
	}
}
