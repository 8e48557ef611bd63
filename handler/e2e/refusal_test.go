package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxBody is the most that Operations reads of a body.
const maxBody = 4 << 10

// refusesWrong makes a call in all the ways in which the document says that it
// is wrong.
func (s *site) refusesWrong(t *testing.T, op operation, c call) {
	t.Helper()
	for _, path := range wrongPaths(op, c) {
		if got := s.say(t, op.method, path, c.body); got.status != http.StatusBadRequest {
			t.Errorf("%s at %s: %+v", c.operation, path, got)
		}
	}
	if op.method != http.MethodPost {
		return
	}
	for _, body := range wrongBodies(t, op, c) {
		if got := s.say(t, op.method, c.path, body); got.status != http.StatusBadRequest {
			t.Errorf("%s with %.300s: %+v", c.operation, body, got)
		}
	}
	said := c.body
	if said == "" {
		said = "{}"
	}
	if got := s.say(t, op.method, c.path, said, "Content-Type", "text/plain"); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("%s with plain text: %+v", c.operation, got)
	}
	if got := s.say(t, op.method, c.path, strings.Repeat(" ", maxBody)+said); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%s with a long body: %+v", c.operation, got)
	}
}

// wrongPaths are a call's address with something wrong in it.
func wrongPaths(op operation, c call) []string {
	path, query, _ := strings.Cut(c.path, "?")
	all := []string{path + "?nonsense=1", path + "?" + query + "&nonsense=1"}
	for _, ref := range op.Parameters {
		p, schema := ref.Value, ref.Value.Schema.Value
		if p.In == openapi3.ParameterInPath {
			begin, rest, _ := strings.Cut(path, "/")
			_, end, more := strings.Cut(rest, "/")
			if more {
				end = "/" + end
			}
			all = append(all, begin+"/not~one"+end, begin+"/"+strings.Repeat("a", 65)+end)
			continue
		}
		wrong := []string{"", "%20", "1&" + p.Name + "=1"}
		if schema.Type.Is("integer") {
			wrong = append(wrong, "one", "1.5", fmt.Sprint(*schema.Min-1), fmt.Sprint(*schema.Max+1))
		} else {
			wrong = append(wrong, strings.Repeat("a", int(*schema.MaxLength)+1))
		}
		for _, value := range wrong {
			all = append(all, path+"?"+p.Name+"="+value)
		}
	}
	return all
}

// wrongBodies are a call's body with something wrong in it, each of which the
// document refuses.
func wrongBodies(t *testing.T, op operation, c call) []string {
	t.Helper()
	schema := op.RequestBody.Value.Content.Get("application/json").Schema.Value
	good := map[string]any{}
	if c.body != "" {
		do(t, json.Unmarshal([]byte(c.body), &good))
	}
	wrong := []any{[]any{good}, "text", nil, 1.0, true, with(good, "nonsense", "x")}
	for name, property := range schema.Properties {
		for _, value := range []any{1.0, true, nil, "", " ", []any{"x"}, map[string]any{}, strings.Repeat("a", longest(property.Value)+1)} {
			wrong = append(wrong, with(good, name, value))
		}
	}
	if nothing := map[string]any{}; schema.VisitJSON(nothing) != nil {
		wrong = append(wrong, nothing)
	}
	if schema.Properties["user"] != nil {
		wrong = append(wrong, with(with(good, "user", "somebody@contoso.example"), "worker", sampleWorker))
	}
	all := []string{"{", "{}{}", `{"":""}`}
	for _, value := range wrong {
		if schema.VisitJSON(value) == nil {
			t.Errorf("%s: the document takes %v", c.operation, value)
		}
		text, err := json.Marshal(value)
		do(t, err)
		all = append(all, string(text))
	}
	return all
}

// with is an object with another value in it.
func with(object map[string]any, name string, value any) map[string]any {
	changed := maps.Clone(object)
	changed[name] = value
	return changed
}

// longest is the most characters a property has.
func longest(schema *openapi3.Schema) int {
	if len(schema.AllOf) > 0 {
		return longest(schema.AllOf[0].Value)
	}
	return int(*schema.MaxLength)
}
