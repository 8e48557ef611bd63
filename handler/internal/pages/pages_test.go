package pages_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/outbound"
	"github.com/storeteams/storeteams/handler/internal/pages"
)

const root = "http://127.0.0.1:8080/v1.0"

// served are pages by path and query below the root.
type served map[string]string

// RoundTrip implements http.RoundTripper.
func (s served) RoundTrip(r *http.Request) (*http.Response, error) {
	page, there := s[strings.TrimPrefix(r.URL.String(), root)]
	status := http.StatusOK
	if !there {
		status = http.StatusNotFound
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(page)), Request: r,
	}, nil
}

func read(t *testing.T, s served, first string, fail error) (items []string, delta string, err error) {
	t.Helper()
	base, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	out, err := outbound.New(outbound.Options{Name: "graph", Base: base, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	delta, err = pages.Read(t.Context(), out, "test", first, func(item struct{ ID string }) error {
		items = append(items, item.ID)
		return fail
	})
	return items, delta, err
}

func TestReadFollowsTheLinks(t *testing.T) {
	items, delta, err := read(t, served{
		"/things":     `{"value":[{"id":"a"},{"id":"b"}],"@odata.nextLink":"` + root + `/things?p=2","x":[{}]}`,
		"/things?p=2": `{"@odata.nextLink":"` + root + `/things?p=3","value":[]}`,
		"/things?p=3": `{"value":[{"id":"c"}],"@odata.deltaLink":"later"}`,
	}, "things", nil)
	if err != nil || delta != "later" || !slices.Equal(items, []string{"a", "b", "c"}) {
		t.Errorf("read %v, %q, %v", items, delta, err)
	}
	if items, delta, err := read(t, nil, "", nil); err != nil || delta != "" || items != nil {
		t.Errorf("without a page: %v, %q, %v", items, delta, err)
	}
}

func TestReadErrors(t *testing.T) {
	tests := map[string]struct {
		page string
		want fault.Kind
	}{
		"a page that links to itself": {`{"value":[],"@odata.nextLink":"` + root + `/things?p=1"}`, fault.Incomplete},
		"elsewhere":                   {`{"value":[],"@odata.nextLink":"http://evil.example/v1.0/things"}`, fault.Denied},
		"another port":                {`{"value":[],"@odata.nextLink":"http://127.0.0.1:8081/v1.0/things"}`, fault.Denied},
		"a page that is gone":         {`{"value":[],"@odata.nextLink":"` + root + `/others"}`, fault.NotFound},
		"no value":                    {`{}`, fault.Incomplete},
		"a value that is null":        {`{"value":null}`, fault.Incomplete},
		"a list":                      {`[]`, fault.Incomplete},
		"half a page":                 {`{"value":[{"id":"a"}`, fault.Incomplete},
		"an item of another shape":    {`{"value":["a"]}`, fault.Incomplete},
		"a link of another shape":     {`{"value":[],"@odata.nextLink":7}`, fault.Incomplete},
		"nothing":                     {``, fault.Incomplete},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, delta, err := read(t, served{"/things?p=1": test.page}, root+"/things?p=1", nil)
			if !fault.Is(err, test.want) || delta != "" {
				t.Errorf("%q, %v, want %v", delta, err, test.want)
			}
		})
	}
}

func TestReadPassesOnWhatTheVisitorSays(t *testing.T) {
	stop := errors.New("stop")
	items, _, err := read(t, served{"/things": `{"value":[{"id":"a"},{"id":"b"}]}`}, "things", stop)
	if !errors.Is(err, stop) || len(items) != 1 {
		t.Errorf("read %v, %v, want the visitor's error at the first item", items, err)
	}
}
