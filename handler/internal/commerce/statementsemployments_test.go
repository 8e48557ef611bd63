package commerce_test

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// employees is a world of these employments: worker, company, end.
func employees(rows ...[3]string) string {
	var texts []string
	for i, row := range rows {
		texts = append(texts, fmt.Sprintf(
			`{"PersonnelNumber":%q,"EmploymentLegalEntityId":%q,"EmploymentStartDate":"2020-01-01T00:00:%02dZ","EmploymentEndDate":%q,"dataAreaId":%[2]q}`,
			row[0], row[1], i, row[2]))
	}
	return `{"Employees":[` + strings.Join(texts, ",") + `]}`
}

const goesOn, lately, longAgo = "2154-12-31T23:59:59Z", "2026-11-20T00:00:00Z", "2011-03-31T00:00:00Z"

func day(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || text == goesOn {
		return time.Time{}
	}
	return t
}

// employmentsOf reads employments that must be readable, in order.
func employmentsOf(t *testing.T, transport http.RoundTripper, workers ...org.PersonnelNumber) []org.Employment {
	t.Helper()
	rows, err := newClient(t, transport, commerce.Options{}).Employments(t.Context(), workers)
	if err != nil {
		t.Fatal(err)
	}
	return sorted(rows)
}

func sorted(rows []org.Employment) []org.Employment {
	slices.SortFunc(rows, func(a, b org.Employment) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return rows
}

// All rows of whom is asked about, of all companies and times, and none of others.
func TestEmployments(t *testing.T) {
	world := employees(
		[3]string{"000020", "usrt", lately}, [3]string{"000020", "dat", goesOn}, // moved
		[3]string{"000021", "usrt", lately}, [3]string{"000021", "usrt", goesOn}, // hired again
		[3]string{"000022", "usrt", longAgo}, [3]string{"000022", "usrt", lately}, // left for good
		[3]string{"o'neil", "usrt", lately}, [3]string{"o'neil", "dat", ""},
		[3]string{"O'Neil", "usrt", longAgo},                                 // alike to F&O
		[3]string{"0000*", "dat", goesOn}, [3]string{"00002", "dat", lately}, // taken for a pattern
		[3]string{"000030", "usrt", lately},
	)
	row := func(worker org.PersonnelNumber, end string) org.Employment {
		return org.Employment{Worker: worker, End: day(end)}
	}
	for name, c := range map[string]struct {
		workers []org.PersonnelNumber
		want    []org.Employment
	}{
		"nobody":      {nil, nil},
		"moved":       {[]org.PersonnelNumber{"000020"}, []org.Employment{row("000020", goesOn), row("000020", lately)}},
		"hired again": {[]org.PersonnelNumber{"000021"}, []org.Employment{row("000021", goesOn), row("000021", lately)}},
		"left":        {[]org.PersonnelNumber{"000022"}, []org.Employment{row("000022", longAgo), row("000022", lately)}},
		"a quote":     {[]org.PersonnelNumber{"o'neil"}, []org.Employment{row("o'neil", goesOn), row("o'neil", lately)}},
		"a star":      {[]org.PersonnelNumber{"0000*"}, []org.Employment{row("0000*", goesOn)}},
		"not there":   {[]org.PersonnelNumber{"000099"}, nil},
		"several": {[]org.PersonnelNumber{"000030", "000099", "O'Neil", "000022"}, []org.Employment{
			row("000030", lately), row("O'Neil", longAgo), row("000022", longAgo), row("000022", lately),
		}},
		"another's filter": {[]org.PersonnelNumber{"x' or PersonnelNumber ne 'x"}, nil},
	} {
		for _, pageSize := range []int{1, 10_000} {
			t.Run(fmt.Sprintf("%s, pages of %d", name, pageSize), func(t *testing.T) {
				got := employmentsOf(t, simulate(t, world, simcommerce.Options{PageSize: pageSize}), c.workers...)
				if want := sorted(c.want); !slices.Equal(got, want) {
					t.Errorf("got  %v\nwant %v", got, want)
				}
			})
		}
	}
}

// crowd is so many workers who were dismissed and hired again.
func crowd(n int) (world string, workers []org.PersonnelNumber) {
	var rows [][3]string
	for i := range n {
		number := fmt.Sprintf("%06d", i)
		rows = append(rows, [3]string{number, "usrt", lately}, [3]string{number, "usrt", goesOn})
		workers = append(workers, org.PersonnelNumber(number))
	}
	return employees(rows...), workers
}

// Twenty workers a request, across companies, with little asked for of each.
func TestEmploymentsOfMany(t *testing.T) {
	for workers, requests := range map[int]int{0: 0, 1: 1, 20: 1, 21: 2, 45: 3} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			world, all := crowd(45)
			s := simulate(t, world, simcommerce.Options{})
			rows := employmentsOf(t, s, all[:workers]...)
			for _, worker := range all[:workers] {
				for _, want := range []org.Employment{{Worker: worker}, {Worker: worker, End: day(lately)}} {
					if !slices.Contains(rows, want) {
						t.Errorf("%v is not there", want)
					}
				}
			}
			if len(rows) != 2*workers || len(s.asked) != requests {
				t.Errorf("%d rows in %d requests, want %d in %d", len(rows), len(s.asked), 2*workers, requests)
			}
			for _, u := range s.asked {
				q := u.Query()
				if u.Path != "/data/Employees" || q.Get("cross-company") != "true" || q.Get("$select") != "PersonnelNumber,EmploymentEndDate" {
					t.Errorf("asked for %s?%s", u.Path, u.RawQuery)
				}
				if strings.ContainsAny(u.RawQuery, " +'") || len(u.RequestURI()) > 2000 {
					t.Errorf("the query %s is not escaped, or too long", u.RawQuery)
				}
			}
			if workers == 1 && s.asked[0].Query().Get("$filter") != "PersonnelNumber eq '000000'" {
				t.Errorf("asked for %s", s.asked[0].Query().Get("$filter"))
			}
		})
	}
}

// Rows that are missing might be the ones that say that somebody is employed: a
// page that cannot be read, of whichever request, leaves nothing to believe.
func TestEmploymentsReadInPart(t *testing.T) {
	for name, c := range map[string]struct {
		broken simcommerce.Fault
		want   fault.Kind
	}{
		"refused": {simcommerce.Fault{Status: 403}, fault.Denied}, "rejected": {simcommerce.Fault{Status: 400}, fault.Invalid},
		"down": {simcommerce.Fault{Status: 503}, fault.Unavailable}, "cut behind a row": {simcommerce.Fault{Truncate: true}, fault.Incomplete},
		"continued elsewhere": {simcommerce.Fault{NextLink: "https://evil.example/data/Employees?$skiptoken=x"}, fault.Denied},
	} {
		for _, where := range []string{"a second page", "the second request"} {
			t.Run(name+", "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					world, workers := crowd(45)
					s := simulate(t, world, simcommerce.Options{PageSize: 5})
					s.Intercept(func(r *http.Request) simcommerce.Fault {
						if where == "a second page" && second(r, "Employees") || where != "a second page" && strings.Contains(r.URL.Query().Get("$filter"), "'000020'") {
							return c.broken
						}
						return simcommerce.Fault{}
					})
					rows, err := newClient(t, s, commerce.Options{}).Employments(t.Context(), workers)
					if len(rows) > 0 || !fault.Is(err, c.want) {
						t.Errorf("%d rows, error %v of kind %v, want %v", len(rows), err, fault.KindOf(err), c.want)
					}
				})
			})
		}
	}
}

// Employees is optional, but whoever asks about leavers had it shortly before.
func TestEmploymentsNotPublished(t *testing.T) {
	s := simulate(t, employees(), simcommerce.Options{})
	s.Publish("Employees", false)
	if rows, err := newClient(t, s, commerce.Options{}).Employments(t.Context(), []org.PersonnelNumber{"000020"}); len(rows) > 0 || !fault.Is(err, fault.NotFound) {
		t.Errorf("rows %v, error %v", rows, err)
	}
}

// A server that ignores the filter serves everybody. A row that is not understood
// may say that somebody is employed: there is nothing of its worker, and nothing
// at all if it does not say whose it is.
func TestEmploymentsNotUnderstood(t *testing.T) {
	const ended, open, others = `{"PersonnelNumber":"000020","EmploymentEndDate":"2026-11-20"}`, `{"PersonnelNumber":"000020"}`,
		`{"PersonnelNumber":"000099"},{"PersonnelNumber":"000098","EmploymentEndDate":7}`
	left := org.Employment{Worker: "000020", End: day(lately)}
	for name, c := range map[string]struct {
		rows string
		want []org.Employment
		none bool
	}{
		"all of it":               {ended + "," + open + "," + others, []org.Employment{left, {Worker: "000020"}}, false},
		"without an end":          {ended + `,{"PersonnelNumber":"000020","EmploymentEndDate":null}`, []org.Employment{left, {Worker: "000020"}}, false},
		"a number for a text":     {`{"PersonnelNumber":20,"EmploymentEndDate":null}`, []org.Employment{{Worker: "20"}}, false},
		"no date":                 {ended + `,{"PersonnelNumber":"000020","EmploymentEndDate":"soon"}`, nil, false},
		"no date, before":         {`{"PersonnelNumber":"000020","EmploymentEndDate":{}},` + ended, nil, false},
		"no date, of another":     {ended + `,{"PersonnelNumber":"000021","EmploymentEndDate":"soon"}`, []org.Employment{left}, false},
		"nobody's":                {ended + `,{"EmploymentEndDate":"2026-11-20"}`, nil, true},
		"nobody's, without value": {ended + `,{"PersonnelNumber":" ","EmploymentEndDate":null}`, nil, true},
		"no row":                  {ended + `,null`, nil, true},
		"no object":               {ended + `,[]`, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			e.rows["Employees"] = []string{c.rows}
			rows, err := newClient(t, e, commerce.Options{}).Employments(t.Context(), []org.PersonnelNumber{"000020", "000021", "20"})
			if !slices.Equal(rows, c.want) || c.none != fault.Is(err, fault.Incomplete) || c.none != (err != nil) {
				t.Errorf("rows %v, error %v\nwant %v, an error: %v", rows, err, c.want, c.none)
			}
		})
	}
	t.Run("thousands", func(t *testing.T) { // more than are listed
		e := newEnvironment(t)
		e.rows["Employees"] = append(slices.Repeat([]string{`{"PersonnelNumber":"000021","EmploymentEndDate":7}`}, 1001), ended)
		if rows, err := newClient(t, e, commerce.Options{}).Employments(t.Context(), []org.PersonnelNumber{"000020", "000021"}); len(rows) > 0 || !fault.Is(err, fault.Incomplete) {
			t.Errorf("rows %v, error %v", rows, err)
		}
	})
}

func TestEmploymentsCallerGivesUp(t *testing.T) {
	world, workers := crowd(45)
	s := simulate(t, world, simcommerce.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Intercept(func(r *http.Request) simcommerce.Fault {
		if path.Base(r.URL.Path) == "Employees" {
			cancel()
		}
		return simcommerce.Fault{}
	})
	if rows, err := newClient(t, s, commerce.Options{}).Employments(ctx, workers); len(rows) > 0 || !fault.Is(err, fault.Canceled) {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}
