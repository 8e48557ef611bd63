package commerce_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// workers returns n rows of Workers.
func workers(n int) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"PersonnelNumber":"%06d","PartyNumber":"P-%d"}`, i, i)
	}
	return rows
}

// at reports whether r asks for the page of Workers that begins with row skip.
func at(r *http.Request, skip string) bool {
	return path.Base(r.URL.Path) == "Workers" && r.URL.Query().Get("$skiptoken") == skip
}

func TestPagesAreReadToTheEnd(t *testing.T) {
	for _, pageSize := range []int{1, 3, 6, 7, 8} {
		t.Run(fmt.Sprint(pageSize), func(t *testing.T) {
			e := newEnvironment(t)
			e.rows["Workers"], e.pageSize = workers(7), pageSize
			s := read(t, e)
			var got []string
			for _, w := range s.Workers {
				got = append(got, string(w.Number))
			}
			want := []string{"000000", "000001", "000002", "000003", "000004", "000005", "000006"}
			if !slices.Equal(got, want) || s.Rows["Workers"] != 7 {
				t.Errorf("workers %v of %d rows, want %v of 7", got, s.Rows["Workers"], want)
			}
		})
	}
}

func TestLinksAreFollowedAsGiven(t *testing.T) {
	cases := map[string]string{
		"absolute":         root + `/data/Workers?opaque=%20%2B%24&last`,
		"relative":         `Workers?opaque=%20%2B%24&last`,
		"relative, rooted": `/data/Workers?opaque=%20%2B%24&last`,
		"in another case":  `HTTP://127.0.0.1:8080/data/Workers?opaque=%20%2B%24&last`,
	}
	for name, link := range cases {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			e.rows["Workers"] = workers(1)
			e.intercept = func(r *http.Request) *http.Response {
				switch {
				case r.URL.Path == "/data/Workers" && r.URL.RawQuery == "opaque=%20%2B%24&last":
					return answer(200, `{"value":[{"PersonnelNumber":"last"}]}`)
				case at(r, ""):
					return answer(200, fmt.Sprintf(`{"@odata.nextLink":%q,"value":[{"PersonnelNumber":"first"}]}`, link))
				}
				return nil
			}
			got := read(t, e).Workers
			if want := []org.Worker{{Number: "first"}, {Number: "last"}}; !slices.Equal(got, want) {
				t.Errorf("workers %v, want %v", got, want)
			}
		})
	}
}

// A page that cannot be read, wherever it is, leaves nothing of the reading.
func TestBrokenPageFailsTheReading(t *testing.T) {
	cases := map[string]struct {
		answer *http.Response
		want   fault.Kind
	}{
		"breaks off in a row":       {answer(200, `{"value":[{"PersonnelNumber":"1"},{"Personnel`), fault.Incomplete},
		"breaks off between rows":   {answer(200, `{"value":[{"PersonnelNumber":"1"}`), fault.Incomplete},
		"breaks off after a comma":  {answer(200, `{"value":[{"PersonnelNumber":"1"},`), fault.Incomplete},
		"breaks off after the rows": {answer(200, `{"value":[]`), fault.Incomplete},
		"breaks off in the link":    {answer(200, `{"value":[],"@odata.nextLink":"http`), fault.Incomplete},
		"is empty":                  {answer(200, ``), fault.Incomplete},
		"has no content":            {answer(204, ``), fault.Incomplete},
		"is a sign-in form":         {answer(200, `<html><body>Sign in</body></html>`), fault.Incomplete},
		"is an array":               {answer(200, `[]`), fault.Incomplete},
		"is null":                   {answer(200, `null`), fault.Incomplete},
		"has no value":              {answer(200, `{"@odata.context":"x"}`), fault.Incomplete},
		"has a null value":          {answer(200, `{"value":null}`), fault.Incomplete},
		"has an object as value":    {answer(200, `{"value":{}}`), fault.Incomplete},
		"has a link of no text":     {answer(200, `{"value":[],"@odata.nextLink":7}`), fault.Incomplete},
		"has a link of no URL":      {answer(200, `{"value":[],"@odata.nextLink":"http://[::1"}`), fault.Incomplete},
		"has two values":            {answer(200, `{"value":[],"value":[]}`), fault.Incomplete},
		"is followed by something":  {answer(200, `{"value":[]}{"value":[]}`), fault.Incomplete},
		"is malformed between rows": {answer(200, `{"value":[{} {}]}`), fault.Incomplete},
		"is gone":                   {answer(404, `{}`), fault.Incomplete},
		"is refused":                {answer(403, `{}`), fault.Denied},
		"leads elsewhere":           {answer(302, ``, "Location", root+"/data/Workers"), fault.Invalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			e.rows["Workers"], e.pageSize = workers(3), 1
			e.intercept = func(r *http.Request) *http.Response {
				if at(r, "1") {
					return c.answer
				}
				return nil
			}
			s, err := newClient(t, e, commerce.Options{}).Snapshot(t.Context())
			if !fault.Is(err, c.want) || !strings.Contains(err.Error(), "Workers") {
				t.Errorf("error %v of kind %v, want %v, about Workers", err, fault.KindOf(err), c.want)
			}
			if !reflect.DeepEqual(s, org.Snapshot{}) {
				t.Errorf("got %+v beside the error", s)
			}
		})
	}
}

// An optional collection may be missing; it may not be read in part.
func TestBrokenPageOfAnOptionalCollection(t *testing.T) {
	for name, resp := range map[string]*http.Response{
		"refused":  answer(403, `{}`),
		"cut":      answer(200, `{"value":[{"PersonnelNumber":"1"}`),
		"rejected": answer(400, `{}`),
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			e.intercept = func(r *http.Request) *http.Response {
				if path.Base(r.URL.Path) == "Employees" {
					return resp
				}
				return nil
			}
			if s, err := newClient(t, e, commerce.Options{}).Snapshot(t.Context()); err == nil || !strings.Contains(err.Error(), "Employees") {
				t.Errorf("error %v, missing %v; want an error about Employees", err, s.Missing)
			}
		})
	}
}

func TestLinkToAnotherHost(t *testing.T) {
	for _, link := range []string{
		"https://evil.example/data/Workers?$skiptoken=1", "//evil.example/data/Workers", "https://127.0.0.1:8080/data/Workers",
		"http://127.0.0.1:8081/data/Workers", "http://127.0.0.1:8080@evil.example/data/Workers", "file:///etc/passwd",
	} {
		t.Run(link, func(t *testing.T) {
			e := newEnvironment(t)
			e.intercept = func(r *http.Request) *http.Response {
				if at(r, "") {
					return answer(200, fmt.Sprintf(`{"value":[{"PersonnelNumber":"1"}],"@odata.nextLink":%q}`, link))
				}
				return nil
			}
			_, err := newClient(t, e, commerce.Options{}).Snapshot(t.Context())
			if !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "Workers") {
				t.Errorf("error %v, want Denied, about Workers", err)
			}
			for _, r := range e.requests {
				if (&url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host}).String() != root {
					t.Errorf("a request with %q went to %s", r.Header.Get("Authorization"), r.URL)
				}
			}
		})
	}
}

func TestLinksInACircle(t *testing.T) {
	for name, next := range map[string]map[string]string{ // from a page's token to the next one's
		"to the first page":   {"": "", "1": ""},
		"to itself":           {"": "1", "1": "1"},
		"to an earlier page":  {"": "1", "1": "2", "2": "3", "3": "2"},
		"from a page without": {"": "1", "1": "2", "2": "1"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			pages := 0
			e.intercept = func(r *http.Request) *http.Response {
				if path.Base(r.URL.Path) != "Workers" {
					return nil
				}
				if pages++; pages > 10 {
					return answer(400, `{}`)
				}
				token := next[r.URL.Query().Get("$skiptoken")]
				return answer(200, fmt.Sprintf(`{"value":[],"@odata.nextLink":"%s/data/Workers?$skiptoken=%s"}`, root, token))
			}
			_, err := newClient(t, e, commerce.Options{}).Snapshot(t.Context())
			if !fault.Is(err, fault.Incomplete) {
				t.Errorf("error %v, want Incomplete", err)
			}
		})
	}
}

func TestThrottledPageIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnvironment(t)
		e.rows["Workers"], e.pageSize = workers(5), 2
		var refused time.Time
		e.intercept = func(r *http.Request) *http.Response {
			if at(r, "2") && refused.IsZero() {
				refused = time.Now()
				return answer(429, `{}`, "Retry-After", "45")
			}
			if wait := time.Since(refused); at(r, "2") && wait < 45*time.Second {
				t.Errorf("asked again after %v, told to wait 45s", wait)
			}
			return nil
		}
		if s := read(t, e); refused.IsZero() || len(s.Workers) != 5 {
			t.Errorf("%d workers, want 5 after one refusal", len(s.Workers))
		}
	})
}

func TestServerThatKeepsFailing(t *testing.T) {
	for status, want := range map[int]fault.Kind{
		503: fault.Unavailable, 500: fault.Unavailable, 429: fault.Throttled, 401: fault.Denied,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnvironment(t)
				e.rows["Workers"], e.pageSize = workers(5), 2
				e.intercept = func(r *http.Request) *http.Response {
					if at(r, "4") {
						return answer(status, `{}`)
					}
					return nil
				}
				s, err := newClient(t, e, commerce.Options{}).Snapshot(t.Context())
				if !fault.Is(err, want) || s.Workers != nil {
					t.Errorf("error %v of kind %v and %d workers, want %v and none", err, fault.KindOf(err), len(s.Workers), want)
				}
			})
		})
	}
}
