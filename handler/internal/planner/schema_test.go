package planner_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// schema is a slice of Graph's published metadata: testdata/graph-schema.json.
type schema struct {
	EntitySets   map[string]string
	Singletons   map[string]string
	EntityTypes  map[string]schemaType
	ComplexTypes map[string]schemaType
}

type schemaType struct {
	Base       string
	Open       bool
	Properties map[string]string
	Navigation map[string]string
}

func readSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile("testdata/graph-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// checked passes requests on to next and fails the test for each that asks for
// something the schema does not have, or lacks what Planner wants.
func checked(t *testing.T, next http.RoundTripper) http.RoundTripper {
	s := readSchema(t)
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		var body []byte
		if r.Body != nil {
			var err error
			if body, err = io.ReadAll(r.Body); err != nil {
				return nil, err
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		}
		if err := s.checkRequest(r, body); err != nil {
			t.Errorf("%s %s %s: %v", r.Method, r.URL, body, err)
		}
		return next.RoundTrip(r)
	})
}

func (s *schema) checkRequest(r *http.Request, body []byte) error {
	below, ok := strings.CutPrefix(r.URL.EscapedPath(), "/v1.0/")
	if !ok {
		return errors.New("not below the root")
	}
	guarded := r.Method == http.MethodPatch || r.Method == http.MethodDelete
	switch {
	case r.Header.Get("Authorization") == "":
		return errors.New("no token")
	case guarded != (r.Header.Get("If-Match") != ""):
		return errors.New("If-Match belongs to PATCH and DELETE, and only there")
	case r.Method == http.MethodPatch && r.Header.Get("Prefer") != "return=representation":
		return errors.New("PATCH without Prefer")
	}
	if below == "$batch" {
		return s.checkBatch(body)
	}
	return s.check(r.Method, below, r.URL.RawQuery, body)
}

func (s *schema) checkBatch(body []byte) error {
	var batch struct {
		Requests []struct{ ID, Method, URL string }
	}
	if err := json.Unmarshal(body, &batch); err != nil {
		return err
	}
	if n := len(batch.Requests); n < 1 || n > 20 {
		return fmt.Errorf("a batch of %d requests", n)
	}
	for _, request := range batch.Requests {
		path, query, _ := strings.Cut(request.URL, "?")
		below, slash := strings.CutPrefix(path, "/")
		if !slash {
			return fmt.Errorf("batch: %q is not relative to the root", request.URL)
		}
		if err := s.check(request.Method, below, query, nil); err != nil {
			return fmt.Errorf("batch: %w", err)
		}
	}
	return nil
}

func (s *schema) check(method, path, rawQuery string, body []byte) error {
	typ, err := s.walk(path)
	if err != nil {
		return err
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return err
	}
	for option, values := range query {
		if option != "$select" && option != "$skiptoken" || strings.Contains(rawQuery, "%24") {
			return fmt.Errorf("a query with %s", option)
		}
		for name := range strings.SplitSeq(values[0], ",") {
			if _, has := s.property(typ, name); option == "$select" && !has {
				return fmt.Errorf("$select: %s has no %q", typ, name)
			}
		}
	}
	if method == http.MethodGet || method == http.MethodDelete {
		if len(body) > 0 {
			return errors.New("body: none is wanted")
		}
		return nil
	}
	return s.checkValue(typ, body)
}

// walk follows a path and returns the type at its end.
func (s *schema) walk(path string) (typ string, err error) {
	collection := false
	for i, segment := range strings.Split(path, "/") {
		link, known := s.link(typ, segment)
		switch {
		case i == 0 && s.Singletons[segment] != "":
			typ = plain(s.Singletons[segment])
		case i == 0 && s.EntitySets[segment] != "":
			typ, collection = plain(s.EntitySets[segment]), true
		case known && !collection:
			typ, collection = plain(link), strings.HasPrefix(link, "Collection(")
		case collection && segment != "":
			collection = false // a key
		default:
			return "", fmt.Errorf("%s has no %q", typ, segment)
		}
	}
	return typ, nil
}

func plain(link string) string {
	link = strings.TrimSuffix(strings.TrimPrefix(link, "Collection("), ")")
	return link[strings.LastIndex(link, ".")+1:]
}

func (s *schema) link(typ, name string) (link string, ok bool) {
	for ; typ != "" && !ok; typ = s.EntityTypes[typ].Base {
		link, ok = s.EntityTypes[typ].Navigation[name]
	}
	return link, ok
}

// property returns the type of a property; of an open type's, none.
func (s *schema) property(typ, name string) (of string, ok bool) {
	for ; typ != "" && !ok; typ = s.EntityTypes[typ].Base {
		if of, ok = s.EntityTypes[typ].Properties[name]; !ok {
			of, ok = s.ComplexTypes[typ].Properties[name]
		}
		ok = ok || s.ComplexTypes[typ].Open
	}
	return of, ok
}

// checkValue checks the names in a value of a type, to the last one. What stands
// in an open type says what it is.
func (s *schema) checkValue(typ string, value []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(value, &fields); err != nil {
		return fmt.Errorf("%s: %w", typ, err)
	}
	if len(fields) == 0 {
		return fmt.Errorf("an empty %s", typ)
	}
	for name, raw := range fields {
		if name == "@odata.type" {
			continue
		}
		of, has := s.property(typ, name)
		if !has {
			return fmt.Errorf("%s has no %q", typ, name)
		}
		if s.ComplexTypes[typ].Open && string(raw) != "null" {
			var stated struct {
				Type string `json:"@odata.type"`
			}
			if err := json.Unmarshal(raw, &stated); err != nil {
				return err
			}
			entry, is := strings.CutPrefix(stated.Type, "#microsoft.graph.")
			if _, known := s.ComplexTypes[entry]; !is || !known {
				return fmt.Errorf("an entry of %s does not say what it is", typ)
			}
			of = "graph." + entry
		}
		if _, complex := s.ComplexTypes[plain(of)]; complex && string(raw) != "null" {
			if err := s.checkValue(plain(of), raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestSchemaCheckObjects makes sure that the check above can fail.
func TestSchemaCheckObjects(t *testing.T) {
	s := readSchema(t)
	wrong := []struct{ method, path, query, body string }{
		{"GET", "plans/1", "", ""},
		{"GET", "planner/plans/1/task", "", ""},
		{"GET", "planner/tasks/1", "$select=id,name", ""},
		{"GET", "planner/tasks/1", "$expand=details", ""},
		{"GET", "planner/tasks/1", "%24select=id", ""},
		{"GET", "planner/tasks/1", "", "{}"},
		{"GET", "groups/1/planner/tasks", "", ""},
		{"PATCH", "planner/tasks/1", "", `{}`},
		{"PATCH", "planner/tasks/1", "", `{"description":"x"}`},
		{"PATCH", "planner/tasks/1", "", `{"assignments":{}}`},
		{"PATCH", "planner/tasks/1", "", `{"assignments":{"1":{"orderHint":" !"}}}`},
		{"PATCH", "planner/tasks/1", "", `{"assignments":{"1":{"@odata.type":"#microsoft.graph.plannerAssignment","order":" !"}}}`},
		{"PATCH", "planner/tasks/1/details", "", `{"checklist":{"1":{"@odata.type":"#microsoft.graph.plannerChecklistItem","text":"x"}}}`},
		{"POST", "planner/plans", "", `{"container":{"link":"x"}}`},
	}
	for _, w := range wrong {
		if err := s.check(w.method, w.path, w.query, []byte(w.body)); err == nil {
			t.Errorf("%s %s?%s %s passes", w.method, w.path, w.query, w.body)
		}
	}
}
