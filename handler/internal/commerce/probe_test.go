package commerce_test

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
)

// probed returns what a probe says of one collection, and checks what it says of
// the others: one element each, in the order of a snapshot, and nothing wrong.
func probed(t *testing.T, e *environment, collection string) doctor.Collection {
	t.Helper()
	found := newClient(t, e, commerce.Options{}).Probe(t.Context())
	var names []string
	var one doctor.Collection
	for _, c := range found {
		names = append(names, c.Name)
		if c.Name == collection {
			one = c
		} else if c.Err != nil || c.Lacks != nil || c.Rows != 0 || c.Actual == "" {
			t.Errorf("%+v", c)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(names)), e.collections()) || names[0] != "RetailStores" || names[16] != "IntegrationSourceMappings" {
		t.Errorf("collections %v", names)
	}
	return one
}

// asked lists the query of each request for a collection.
func (e *environment) asked(collection string) (queries []string) {
	for _, r := range e.requests {
		if path.Base(r.URL.Path) == collection {
			queries = append(queries, r.URL.RawQuery)
		}
	}
	return queries
}

func TestProbeAsksForOneRow(t *testing.T) {
	e := newEnvironment(t)
	e.rows["OperatingUnits"] = []string{`{"OperatingUnitNumber":"7"}`}
	got := probed(t, e, "OperatingUnits")
	want := doctor.Collection{Name: "OperatingUnits", Actual: "OperatingUnits", Rows: 1}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("found %+v, want %+v", got, want)
	}
	if len(e.requests) != len(e.collections()) {
		t.Errorf("%d requests for %d collections", len(e.requests), len(e.collections()))
	}
	queries := e.asked("OperatingUnits")
	if !slices.Equal(queries, []string{"cross-company=true&$select=OperatingUnitNumber,PartyNumber,Name,ManagerPersonnelNumber&$top=1"}) {
		t.Errorf("asked %q", queries)
	}
}

func TestProbeFindsMissingAttributes(t *testing.T) {
	without := func(collection string, attributes ...string) func(*environment) {
		return func(e *environment) {
			e.documented[collection] = slices.DeleteFunc(slices.Clone(e.documented[collection]), func(a string) bool {
				return slices.Contains(attributes, a)
			})
		}
	}
	tests := map[string]struct {
		collection string
		change     func(*environment)
		lacks      []string
		err        fault.Kind // Internal: none
		requests   int
	}{
		"one":             {"OperatingUnits", without("OperatingUnits", "ManagerPersonnelNumber"), []string{"ManagerPersonnelNumber"}, 0, 6},
		"two":             {"OperatingUnits", without("OperatingUnits", "Name", "PartyNumber"), []string{"PartyNumber", "Name"}, 0, 6},
		"only a newer":    {"SystemUsers", without("SystemUsers", "UserObjectId"), nil, 0, 2},
		"a newer and one": {"SystemUsers", without("SystemUsers", "UserObjectId", "Alias"), []string{"Alias"}, 0, 5},
		"one but a newer": {"SystemUsers", without("SystemUsers", "Alias"), []string{"Alias"}, 0, 5},
		"all of an optional": {"SecurityUserRoleOrganizations",
			without("SecurityUserRoleOrganizations", "UserId", "SecurityRoleIdentifier", "OrganizationId"),
			[]string{"UserId", "SecurityRoleIdentifier", "OrganizationId"}, 0, 5},
		"none, refused together": {"Workers", refusing(http.StatusBadRequest, "Workers", "PersonnelNumber,PartyNumber"), nil, fault.Invalid, 3},
		"none, always refused":   {"Workers", refusing(http.StatusBadRequest, "Workers", ""), nil, fault.Invalid, 4},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			test.change(e)
			got := probed(t, e, test.collection)
			if !slices.Equal(got.Lacks, test.lacks) || fault.KindOf(got.Err) != test.err || (got.Err != nil) != (test.err != fault.Internal) {
				t.Errorf("lacks %v, error %v; want %v, %v", got.Lacks, got.Err, test.lacks, test.err)
			}
			if queries := e.asked(test.collection); len(queries) != test.requests {
				t.Errorf("%d requests, want %d:\n%s", len(queries), test.requests, strings.Join(queries, "\n"))
			}
		})
	}
}

// refusing makes an environment answer with a status to what selects exactly
// these attributes of a collection; to everything if none is named.
func refusing(status int, collection, attributes string) func(*environment) {
	return func(e *environment) {
		e.intercept = func(r *http.Request) *http.Response {
			if path.Base(r.URL.Path) == collection && (attributes == "" || r.URL.Query().Get("$select") == attributes) {
				return answer(status, `{"error":{"code":"","message":"Ms. Secret"}}`)
			}
			return nil
		}
	}
}

// TestProbeReadsPastWhatIsMissing: Rows and Err beside Lacks are those of a read
// without the attributes that lack.
func TestProbeReadsPastWhatIsMissing(t *testing.T) {
	e := newEnvironment(t)
	e.documented["Workers"] = []string{"PersonnelNumber"}
	e.rows["Workers"] = []string{`{"PersonnelNumber":"1"}`}
	if got := probed(t, e, "Workers"); got.Rows != 1 || got.Err != nil || !slices.Equal(got.Lacks, []string{"PartyNumber"}) {
		t.Errorf("found %+v", got)
	}

	e = newEnvironment(t)
	e.documented["Workers"] = []string{"PersonnelNumber"}
	seen := 0
	e.intercept = func(r *http.Request) *http.Response {
		if r.URL.Query().Get("$select") != "PersonnelNumber" {
			return nil
		}
		if seen++; seen == 1 {
			return nil // alone; the next is the read without PartyNumber
		}
		return answer(http.StatusForbidden, "")
	}
	if got := probed(t, e, "Workers"); !fault.Is(got.Err, fault.Denied) || !slices.Equal(got.Lacks, []string{"PartyNumber"}) {
		t.Errorf("found %+v", got)
	}

	e = newEnvironment(t)
	e.documented["Workers"] = nil
	refusing(http.StatusForbidden, "Workers", "PartyNumber")(e)
	if got := probed(t, e, "Workers"); !fault.Is(got.Err, fault.Denied) || got.Lacks != nil {
		t.Errorf("refused half way: found %+v", got)
	}
}

func TestProbeClassifies(t *testing.T) {
	tests := map[string]struct {
		resp func() *http.Response
		want fault.Kind
	}{
		"not published":    {func() *http.Response { return answer(404, "") }, fault.NotFound},
		"no token":         {func() *http.Response { return answer(401, `{"error":{"code":"x"}}`) }, fault.Denied},
		"no role":          {func() *http.Response { return answer(403, "") }, fault.Denied},
		"a sign-in page":   {func() *http.Response { return answer(200, "<html>") }, fault.Incomplete},
		"a redirect":       {func() *http.Response { return answer(302, "", "Location", "http://evil.example/") }, fault.Invalid},
		"no collection":    {func() *http.Response { return answer(200, `{"PersonnelNumber":"1"}`) }, fault.Incomplete},
		"throttled":        {func() *http.Response { return answer(429, "") }, fault.Throttled},
		"down":             {func() *http.Response { return answer(503, "") }, fault.Unavailable},
		"broken elsewhere": {func() *http.Response { return answer(500, "<html>") }, fault.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnvironment(t)
				e.intercept = func(r *http.Request) *http.Response {
					if path.Base(r.URL.Path) == "IntegrationSourceMappings" {
						return test.resp()
					}
					return nil
				}
				got := probed(t, e, "IntegrationSourceMappings")
				if !fault.Is(got.Err, test.want) || got.Lacks != nil || strings.Contains(fmt.Sprint(got.Err), "Secret") {
					t.Errorf("error %v of kind %v, want %v; lacks %v", got.Err, fault.KindOf(got.Err), test.want, got.Lacks)
				}
			})
		})
	}
}

func TestProbeUsesTheNameHere(t *testing.T) {
	e := newEnvironment(t)
	e.documented["CustomStaff"], e.rows["CustomStaff"] = e.documented["RetailStaff"], []string{`{}`}
	found := newClient(t, e, commerce.Options{Collections: map[string]string{"RetailStaff": "CustomStaff"}}).Probe(t.Context())
	for _, c := range found {
		if c.Name == "RetailStaff" && (c.Actual != "CustomStaff" || c.Rows != 1) {
			t.Errorf("found %+v", c)
		}
	}
	if queries := e.asked("RetailStaff"); len(queries) > 0 {
		t.Errorf("asked for the default name: %q", queries)
	}
}

func TestProbeMarksTheOptional(t *testing.T) {
	var optional []string
	for _, c := range newClient(t, newEnvironment(t), commerce.Options{}).Probe(t.Context()) {
		if c.Optional {
			optional = append(optional, c.Name)
		}
	}
	if want := []string{"Employees", "SecurityUserRoleOrganizations"}; !slices.Equal(optional, want) {
		t.Errorf("optional %v, want %v", optional, want)
	}
}

func TestProbeComparesClocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnvironment(t)
		e.intercept = func(r *http.Request) *http.Response {
			date := time.Now().Add(-10 * time.Minute).UTC().Format(http.TimeFormat)
			switch path.Base(r.URL.Path) {
			case "Workers":
				return answer(200, `{"value":[]}`, "Date", date)
			case "RetailStaff": // refusals tell the time too
				return answer(403, "", "Date", date)
			}
			return nil
		}
		for _, c := range newClient(t, e, commerce.Options{}).Probe(t.Context()) {
			want := doctor.Clock{}
			if c.Name == "Workers" || c.Name == "RetailStaff" {
				want = doctor.Clock{Known: true, Ahead: -10 * time.Minute}
			}
			if c.Clock != want {
				t.Errorf("%s: clock %+v, want %+v", c.Name, c.Clock, want)
			}
		}
	})
}

// hanging accepts requests and answers none.
type hanging struct{}

// RoundTrip implements http.RoundTripper.
func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestProbeGivesUpOnASilentServer: after half a minute for each, four at once.
func TestProbeGivesUpOnASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		for _, c := range newClient(t, hanging{}, commerce.Options{}).Probe(t.Context()) {
			if !fault.Is(c.Err, fault.Unavailable) {
				t.Errorf("%s: error %v, want Unavailable", c.Name, c.Err)
			}
		}
		if took := time.Since(began); took != 150*time.Second { // of the bubble's clock
			t.Errorf("took %v", took)
		}
	})
}

func TestProbeEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	found := newClient(t, hanging{}, commerce.Options{}).Probe(ctx)
	for _, c := range found {
		if c.Name == "" || !fault.Is(c.Err, fault.Canceled) {
			t.Errorf("%q: error %v, want Canceled", c.Name, c.Err)
		}
	}
	if len(found) != 17 {
		t.Errorf("%d collections", len(found))
	}
}
