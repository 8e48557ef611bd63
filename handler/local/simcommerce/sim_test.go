package simcommerce_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// site is an environment behind a real server.
type site struct {
	*simcommerce.Environment
	t   *testing.T
	url string
}

func newSite(t *testing.T, world string, o simcommerce.Options) site {
	t.Helper()
	var rows map[string][]json.RawMessage
	if err := json.Unmarshal([]byte(world), &rows); err != nil {
		t.Fatal(err)
	}
	env, err := simcommerce.New(rows, o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(env)
	t.Cleanup(server.Close)
	return site{Environment: env, t: t, url: server.URL}
}

// answer is a response read to its end.
type answer struct {
	status  int
	header  http.Header
	body    string
	readErr error
}

func (s site) do(method, address, body string, header ...string) answer {
	s.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = s.url + address
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer local")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{status: resp.StatusCode, header: resp.Header, body: string(text), readErr: err}
}

// get reads a path, escaping its query: get("/data/Workers", "$top", "1").
func (s site) get(path string, query ...string) answer {
	s.t.Helper()
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	return s.do("GET", path+"?"+q.Encode(), "")
}

// document is an OData answer.
type document struct {
	Count *int             `json:"@odata.count"`
	Next  string           `json:"@odata.nextLink"`
	Value []map[string]any `json:"value"`
}

func (a answer) document(t *testing.T) document {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	var d document
	if err := json.Unmarshal([]byte(a.body), &d); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return d
}

// row decodes the answer to a keyed request.
func (a answer) row(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("status %d, %v in %s", a.status, err, a.body)
	}
	return m
}

// refused fails unless the answer is that status with F&O's error body, the
// message of which mentions a word.
func (a answer) refused(t *testing.T, status int, word string) {
	t.Helper()
	var body struct {
		Error *struct {
			Code  *string `json:"code"`
			Inner struct {
				Message string `json:"message"`
			} `json:"innererror"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || body.Error == nil || body.Error.Code == nil {
		t.Fatalf("status %d, not an OData error: %s", a.status, a.body)
	}
	if a.status != status || !strings.Contains(body.Error.Inner.Message, word) {
		t.Errorf("got %d %q, want %d and %q in it", a.status, body.Error.Inner.Message, status, word)
	}
}

// column collects one attribute of every row.
func column(rows []map[string]any, name string) string {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprint(r[name]))
	}
	return strings.Join(all, " ")
}

// workers makes a world of n workers, W0000 and on.
func workers(n int) string {
	var b strings.Builder
	b.WriteString(`{"Workers":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"PersonnelNumber":"W%04d","Name":"Worker %d"}`, i, i)
	}
	return b.String() + `]}`
}
