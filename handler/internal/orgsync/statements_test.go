package orgsync_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// employ adds an employment to a worker's, with a company for none of them; the
// end may be "".
func (b *bench) employ(t *testing.T, worker, company, end string) {
	t.Helper()
	b.add(t, "Employees", map[string]any{
		"PersonnelNumber": worker, "EmploymentLegalEntityId": company,
		"EmploymentStartDate": fmt.Sprintf("2020-01-01T00:00:00.%03dZ", len(b.world.Commerce["Employees"])), "EmploymentEndDate": end,
	})
}

// between lets the last snapshot serve for an hour.
func (b *bench) between(t *testing.T) {
	t.Helper()
	b.run(t, t)
	b.maxAge = time.Hour
}

const endless = "2154-12-31T23:59:59Z"

// Between two snapshots, a worker's employments say together if they left the
// company: an ended one says nothing of those that it is not. The next snapshot
// says the same.
func TestEmploymentsBetweenSnapshots(t *testing.T) {
	each(t, map[string]struct {
		before func(b *bench, t *testing.T)
		state  func(b *bench, t *testing.T)
		goes   bool
	}{
		"dismissed": {nil, func(b *bench, t *testing.T) { b.dismiss(t, 2, 1) }, true},
		"moved to another company": {nil, func(b *bench, t *testing.T) {
			b.dismiss(t, 2, 1)
			b.employ(t, number(2, 1), "dat", endless)
		}, false},
		"hired again the same day": {nil, func(b *bench, t *testing.T) {
			b.dismiss(t, 2, 1)
			b.employ(t, number(2, 1), "usrt", "")
		}, false},
		"moved, and left there too": {nil, func(b *bench, t *testing.T) {
			b.dismiss(t, 2, 1)
			b.employ(t, number(2, 1), "dat", moment(time.Now()))
		}, true},
		"left one of two companies": {
			func(b *bench, t *testing.T) { b.employ(t, number(2, 1), "dat", endless) },
			func(b *bench, t *testing.T) { b.endEmployment(t, number(2, 1), "dat", time.Now()) }, false,
		},
		"left both companies": {
			func(b *bench, t *testing.T) { b.employ(t, number(2, 1), "dat", endless) },
			func(b *bench, t *testing.T) { b.dismiss(t, 2, 1) }, true,
		},
		"an employment of years ago, entered late": {nil, func(b *bench, t *testing.T) {
			b.employ(t, number(2, 1), "dat", "2011-03-31T00:00:00Z")
		}, false},
		"one of last week, entered late": {nil, func(b *bench, t *testing.T) {
			b.employ(t, number(2, 1), "dat", moment(time.Now().Add(-7*day)))
		}, false},
		"dismissed a week ago, entered late": {nil, func(b *bench, t *testing.T) {
			b.endEmployment(t, number(2, 1), "", time.Now().Add(-7*day))
		}, true},
		"to end tomorrow": {nil, func(b *bench, t *testing.T) { b.endEmployment(t, number(2, 1), "", time.Now().Add(day)) }, false},
	}, func(t *testing.T, c struct {
		before func(b *bench, t *testing.T)
		state  func(b *bench, t *testing.T)
		goes   bool
	}) {
		b := newFull(t, 8, 4)
		if c.before != nil {
			c.before(b, t)
		}
		b.between(t)
		before := b.places(t)
		c.state(b, t)
		var lost []string
		if c.goes {
			lost = []string{b.place(t, 2, 1)}
		}
		for range 3 {
			b.tick(t)
			b.wantPlaces(t, "between two snapshots", before, lost, nil)
		}
		b.maxAge = 0
		b.tick(t)
		b.wantPlaces(t, "at the next snapshot", before, lost, nil)
	})
}

// endEmployment ends those of a worker's employments that are in a company; ""
// is all of them.
func (b *bench) endEmployment(t *testing.T, worker, company string, at time.Time) {
	t.Helper()
	b.edit(t, "Employees", func(row map[string]any) bool {
		if row["PersonnelNumber"] == worker && (company == "" || row["EmploymentLegalEntityId"] == company) {
			row["EmploymentEndDate"] = moment(at)
		}
		return true
	})
}

// A row that says no beside one that says yes is none of a leave, while nothing
// becomes of it.
func TestTwoRowsOfAChannel(t *testing.T) {
	row := func(active string) map[string]any {
		return map[string]any{"RetailChannelId": "C000002", "PersonnelNumber": number(2, 1), "IsActive": active}
	}
	each(t, map[string]struct {
		before []string // rows beside the one that says yes
		state  func(b *bench, t *testing.T)
		goes   bool
	}{
		"no beside yes": {[]string{"No"}, func(*bench, *testing.T) {}, false},
		"two of them":   {[]string{"No", "No"}, func(*bench, *testing.T) {}, false},
		"the yes says no too": {
			[]string{"No"}, func(b *bench, t *testing.T) { b.flip(t, "Yes", "No", 1) }, true,
		},
		"one of two yes says no": {[]string{"Yes"}, func(b *bench, t *testing.T) { b.flip(t, "Yes", "No", 1) }, false},
		"both say no":            {[]string{"Yes"}, func(b *bench, t *testing.T) { b.flip(t, "Yes", "No", 2) }, true},
	}, func(t *testing.T, c struct {
		before []string
		state  func(b *bench, t *testing.T)
		goes   bool
	}) {
		b := newFull(t, 8, 4)
		for _, active := range c.before {
			b.add(t, "RetailChannelWorkers", row(active))
		}
		before := b.places(t)
		b.between(t)
		b.wantPlaces(t, "at a snapshot", before, nil, nil)
		c.state(b, t)
		var lost []string
		if c.goes {
			lost = []string{b.place(t, 2, 1)}
		}
		for range 3 {
			b.tick(t)
			b.wantPlaces(t, "between two snapshots", before, lost, nil)
		}
		b.maxAge = 0
		b.tick(t)
		b.wantPlaces(t, "at the next snapshot", before, lost, nil)
	})
}

// flip changes what the first few of the second store's rows of worker 1 say.
func (b *bench) flip(t *testing.T, from, to string, few int) {
	t.Helper()
	b.editWorker(t, "RetailChannelWorkers", 2, 1, func(row map[string]any) bool {
		if row["IsActive"] == from && few > 0 {
			row["IsActive"] = to
			few--
		}
		return true
	})
}

// asksEmployments reports whether a request asks for the employments of some.
func asksEmployments(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/Employees") && strings.Contains(r.URL.Query().Get("$filter"), "PersonnelNumber eq ")
}

// Many may leave in an hour, and be hired again: twenty a request are asked
// about. Nobody is when there is nothing new.
func TestManyLeavers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 9, 7)
		b.between(t)
		requests := 0
		b.commerce.Intercept(func(r *http.Request) simcommerce.Fault {
			if asksEmployments(r) {
				requests++
			}
			return simcommerce.Fault{}
		})
		before := b.places(t)
		b.tick(t)
		if requests > 0 {
			t.Errorf("%d requests before somebody left", requests)
		}
		var lost []string
		for n := 1; n <= 9; n++ {
			for k := 2; k < 7; k++ {
				b.dismiss(t, n, k)
				if k%2 == 0 {
					b.employ(t, number(n, k), "dat", endless)
				} else if n > 1 || k > 3 { // 000001003 also has the communications team
					lost = append(lost, b.place(t, n, k))
				}
			}
		}
		lost = append(lost, b.placesOf(t, b.worker(t, 1, 3))...)
		b.tick(t)
		b.wantPlaces(t, "between two snapshots", before, lost, nil)
		if requests != 3 {
			t.Errorf("%d requests about 45 workers", requests)
		}
		b.maxAge = 0
		b.tick(t)
		b.wantPlaces(t, "at the next snapshot", before, lost, nil)
		if requests != 3 {
			t.Errorf("%d requests when the snapshot has all of it", requests)
		}
	})
}

// placesOf lists what a user is, as places does.
func (b *bench) placesOf(t *testing.T, user string) (lines []string) {
	t.Helper()
	for _, line := range b.places(t) {
		if strings.HasSuffix(line, " "+user) {
			lines = append(lines, line)
		}
	}
	return lines
}

// A personnel number is asked about as it is written.
func TestLeaverWithAQuote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFull(t, 8, 4)
		const worker = "o'neil & co"
		id, upn := b.newAccount(t, 1)
		b.add(t, "Workers", map[string]any{"PersonnelNumber": worker, "PartyNumber": "W-" + worker})
		b.add(t, "RetailStaff", map[string]any{"PersonnelNumber": worker, "ExternalSubIdentifier": id, "ExternalIdentityAlias": upn})
		b.add(t, "RetailChannelWorkers", map[string]any{"RetailChannelId": "C000002", "PersonnelNumber": worker, "IsActive": "Yes"})
		b.employ(t, worker, "usrt", endless)
		b.tick(t)
		b.between(t)
		before := b.places(t)
		b.endEmployment(t, worker, "", time.Now())
		b.tick(t)
		b.wantPlaces(t, "between two snapshots", before, []string{at(2, "member", id)}, nil)
	})
}

// While the employments of leavers cannot be read to their end nobody left the
// company: the run says so, what else is stated counts, and the next snapshot
// tells all.
func TestEmploymentsUnread(t *testing.T) {
	each(t, map[string]struct {
		more  int // leavers beside the one
		fault func(r *http.Request) simcommerce.Fault
		says  string
	}{
		"down":               {0, func(*http.Request) simcommerce.Fault { return simcommerce.Fault{Status: http.StatusServiceUnavailable} }, "1 workers"},
		"refused":            {0, func(*http.Request) simcommerce.Fault { return simcommerce.Fault{Status: http.StatusBadRequest} }, "1 workers"},
		"breaks off":         {0, func(*http.Request) simcommerce.Fault { return simcommerce.Fault{Truncate: true} }, "1 workers"},
		"a page is missing":  {0, func(*http.Request) simcommerce.Fault { return simcommerce.Fault{NextLink: "http://127.0.0.3/x"} }, "1 workers"},
		"the second request": {30, secondRequest(), "31 workers"},
		"too many":           {400, nil, "401 workers"},
	}, func(t *testing.T, c struct {
		more  int
		fault func(r *http.Request) simcommerce.Fault
		says  string
	}) {
		b := newFull(t, 8, 4)
		b.between(t)
		before := b.places(t)
		asked := false
		b.commerce.Intercept(func(r *http.Request) simcommerce.Fault {
			if !asksEmployments(r) {
				return simcommerce.Fault{}
			}
			asked = true
			return c.fault(r)
		})
		b.dismiss(t, 2, 1)
		b.inactive(t, 3, 1)
		for i := range c.more {
			b.employ(t, fmt.Sprintf("X%05d", i), "usrt", moment(time.Now()))
		}
		record := b.tick(t)
		b.wantPlaces(t, "while they cannot be read", before, []string{b.place(t, 3, 1)}, nil)
		if !noted(record, "unread", c.says) || asked != (c.fault != nil) {
			t.Errorf("asked: %v; notes %+v", asked, record.Notes)
		}
		b.maxAge = 0
		b.tick(t)
		b.wantPlaces(t, "at the next snapshot", before, []string{b.place(t, 2, 1), b.place(t, 3, 1)}, nil)
	})
}

// secondRequest lets one request pass and refuses the others.
func secondRequest() func(*http.Request) simcommerce.Fault {
	first := ""
	return func(r *http.Request) simcommerce.Fault {
		if first == "" {
			first = r.URL.RawQuery
		}
		if r.URL.RawQuery != first {
			return simcommerce.Fault{Status: http.StatusForbidden}
		}
		return simcommerce.Fault{}
	}
}
