package graph_test

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
	Actions      []schemaCall
	Functions    []schemaCall
}

type schemaType struct {
	Base       string
	Properties map[string]string
	Navigation map[string]string
}

type schemaCall struct {
	Name    string
	Binding string
	Params  map[string]string
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
// something the schema does not have.
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
		below, ok := strings.CutPrefix(r.URL.EscapedPath(), "/v1.0/")
		if err := s.check(r.Method, below, r.URL.RawQuery, body); err != nil || !ok {
			t.Errorf("%s %s %s: %v", r.Method, r.URL, body, err)
		}
		if r.Header.Get("Authorization") == "" {
			t.Errorf("%s %s has no token", r.Method, r.URL)
		}
		return next.RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (s *schema) check(method, path, rawQuery string, body []byte) error {
	if path == "$batch" {
		return s.checkBatch(body)
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return err
	}
	if strings.Contains(rawQuery, "%24") {
		return errors.New("a query option's dollar is escaped")
	}
	typ, call, err := s.walk(path)
	if err != nil {
		return err
	}
	if properties := query.Get("$select"); properties != "" {
		for name := range strings.SplitSeq(properties, ",") {
			if !s.has(typ, name, call == "delta") {
				return fmt.Errorf("$select: %s has no %q", typ, name)
			}
		}
	}
	action, takesRows := s.action(call)
	switch {
	case method == http.MethodGet, method == http.MethodDelete, action && !takesRows:
		if len(body) > 0 {
			return errors.New("body: none is wanted")
		}
		return nil
	}
	return s.checkBody(typ, call, body)
}

func (s *schema) checkBatch(body []byte) error {
	var batch struct{ Requests []inner }
	if err := json.Unmarshal(body, &batch); err != nil {
		return err
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

// walk follows a path and returns the type at its end, and the action, function
// or "$ref" it ends in.
func (s *schema) walk(path string) (typ, call string, err error) {
	collection := false
	for i, raw := range strings.Split(path, "/") {
		segment, err := url.PathUnescape(raw)
		if err != nil {
			return "", "", err
		}
		segment, _, keyed := strings.Cut(segment, "(")
		link, navigates := s.navigation(typ, segment)
		switch {
		case i == 0 && s.Singletons[segment] != "":
			typ, _ = plain(s.Singletons[segment])
		case i == 0:
			link = s.EntitySets[segment]
			if link == "" {
				return "", "", fmt.Errorf("there is no %q", segment)
			}
			link = "Collection(" + link + ")"
			fallthrough
		case navigates && !collection:
			typ, collection = plain(link)
			collection = collection && !keyed
		case segment == "$ref":
			return typ, segment, nil
		case s.calls(typ, collection, segment):
			return typ, segment, nil
		case collection:
			collection = false // a key
		default:
			return "", "", fmt.Errorf("%s has no %q", typ, segment)
		}
	}
	return typ, "", nil
}

// action reports whether there is an action of that name, and whether it takes
// rows of values.
func (s *schema) action(name string) (is, takesRows bool) {
	for _, action := range s.Actions {
		if action.Name == name {
			return true, action.Params["values"] != ""
		}
	}
	return false, false
}

func plain(link string) (typ string, collection bool) {
	link, collection = strings.CutPrefix(link, "Collection(")
	link = strings.TrimSuffix(link, ")")
	return link[strings.LastIndex(link, ".")+1:], collection
}

func (s *schema) calls(typ string, collection bool, name string) bool {
	for _, call := range append(append([]schemaCall{}, s.Actions...), s.Functions...) {
		bound, onCollection := plain(call.Binding)
		if call.Name == name && bound == typ && onCollection == collection {
			return true
		}
	}
	return false
}

func (s *schema) navigation(typ, name string) (link string, ok bool) {
	for ; typ != ""; typ = s.EntityTypes[typ].Base {
		if link, ok = s.EntityTypes[typ].Navigation[name]; ok {
			return link, true
		}
	}
	return "", false
}

// has reports whether a type has a property, or, where links count, a link.
func (s *schema) has(typ, name string, links bool) bool {
	if _, ok := s.navigation(typ, name); ok && links {
		return true
	}
	for ; typ != ""; typ = s.EntityTypes[typ].Base {
		if _, ok := s.EntityTypes[typ].Properties[name]; ok {
			return true
		}
	}
	return false
}

func (s *schema) checkBody(typ, call string, body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	switch call {
	case "":
		return s.checkEntity(typ, fields)
	case "$ref":
		if len(fields) != 1 || fields["@odata.id"] == nil {
			return errors.New("body: only @odata.id is wanted")
		}
		return nil
	}
	for name, raw := range fields {
		if _, takesRows := s.action(call); !takesRows || name != "values" {
			return fmt.Errorf("body: %s takes no %q", call, name)
		}
		var rows []map[string]json.RawMessage
		if err := json.Unmarshal(raw, &rows); err != nil {
			return fmt.Errorf("body: %w", err)
		}
		for _, row := range rows {
			if err := s.checkEntity(typ, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkEntity checks the names in a body, of the type it says it is.
func (s *schema) checkEntity(typ string, fields map[string]json.RawMessage) error {
	var stated string
	if raw, ok := fields["@odata.type"]; ok {
		if err := json.Unmarshal(raw, &stated); err != nil {
			return err
		}
		typ = strings.TrimPrefix(stated, "#microsoft.graph.")
	}
	for name := range fields {
		link, isBind := strings.CutSuffix(name, "@odata.bind")
		_, navigates := s.navigation(typ, link)
		switch {
		case name == "@odata.type":
		case isBind && (navigates || typ == "team" && link == "template"):
		case !isBind && s.has(typ, name, false):
		default:
			return fmt.Errorf("body: %s has no %q", typ, name)
		}
	}
	return nil
}

// TestSchemaCheckObjects makes sure that the check above can fail.
func TestSchemaCheckObjects(t *testing.T) {
	s := readSchema(t)
	wrong := []struct{ method, path, query, body string }{
		{"GET", "group/1", "", ""},
		{"GET", "groups/1/people", "", ""},
		{"GET", "groups/1", "$select=id,nickname", ""},
		{"GET", "users/delta", "$select=id,licenses", ""},
		{"GET", "groups/1", "%24select=id", ""},
		{"POST", "teams/1/members/drop", "", `{"values":[]}`},
		{"POST", "teams/1/members/remove", "", `{"members":[]}`},
		{"POST", "teams/1/members/remove", "", ""},
		{"DELETE", "teams/1/members/2", "", `{}`},
		{"POST", "groups/1/archive", "", ""},
		{"POST", "teams/1/archive", "", `{"archived":true}`},
		{"GET", "directory/deleted/1", "", ""},
		{"GET", "directory/deletedItems/1", "$select=isArchived", ""},
		{"POST", "directory/deletedItems/1/undelete", "", ""},
		{"POST", "teams/1/members/add", "", `{"members":[]}`},
		{"POST", "teams/1/members/add", "", `{"values":[{"@odata.type":"#microsoft.graph.aadUserConversationMember","role":"owner"}]}`},
		{"PATCH", "groups/1", "", `{"name":"x"}`},
		{"POST", "groups/1/owners/$ref", "", `{"id":"x"}`},
		{"POST", "$batch", "", `{"requests":[{"id":"1","method":"GET","url":"/groups/1/people"}]}`},
	}
	for _, w := range wrong {
		if err := s.check(w.method, w.path, w.query, []byte(w.body)); err == nil {
			t.Errorf("%s %s?%s %s passes", w.method, w.path, w.query, w.body)
		}
	}
}
