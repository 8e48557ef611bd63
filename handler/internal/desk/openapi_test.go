package desk_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/storeteams/storeteams/handler/internal/desk"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// document loads and validates the document.
func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(desk.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableSchemaFormatValidation(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// Every route and method is in the document, and nothing else. HEAD goes with
// GET, and nobody documents it.
func TestOpenAPIRoutes(t *testing.T) {
	t.Parallel()
	doc := document(t)
	base := doc.Servers[0].URL
	var described, routed []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+base+path)
		}
	}
	for _, route := range trigger.Routes() {
		if route.Function != "Operations" {
			continue
		}
		for _, method := range route.Methods {
			if method != http.MethodHead {
				routed = append(routed, method+" "+route.Path)
			}
		}
	}
	for _, one := range routed {
		if !slices.Contains(described, one) {
			t.Errorf("%s is not in the document", one)
		}
	}
	for _, one := range described {
		if !slices.Contains(routed, one) {
			t.Errorf("%s is in the document and has no route", one)
		}
	}
}

// Whatever is asked, the document says what it takes, what it answers and how it
// fails. Every call but that for the document itself may become a job.
func TestOpenAPIOperations(t *testing.T) {
	t.Parallel()
	doc := document(t)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			name := method + " " + path
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 || doc.Tags.Get(op.Tags[0]) == nil {
				t.Errorf("%s: operationId %q, summary %q, tags %v", name, op.OperationID, op.Summary, op.Tags)
			}
			statuses := []int{200, 400, 401, 500, 502, 503}
			if path != "/openapi" {
				statuses = append(statuses, http.StatusAccepted, http.StatusTooManyRequests)
			}
			if method == http.MethodPost {
				statuses = append(statuses, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
			}
			for _, status := range statuses {
				if op.Responses.Status(status) == nil {
					t.Errorf("%s: no answer %d", name, status)
				}
			}
			if (method == http.MethodPost) != (op.RequestBody != nil) {
				t.Errorf("%s: has a body: %t", name, op.RequestBody != nil)
			}
			if op.Security != nil {
				t.Errorf("%s: has its own rule about keys", name)
			}
		}
	}
	if len(doc.Security) == 0 {
		t.Error("anybody may call")
	}
}

// Objects are closed, so that a test against the document notices what is not in
// it; whatever comes in is bounded; and everything is described.
func TestOpenAPISchemas(t *testing.T) {
	t.Parallel()
	doc := document(t)
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		schema := doc.Components.Schemas[name].Value
		isRequest := strings.HasSuffix(name, "Request")
		if schema.Description == "" {
			t.Errorf("%s is not described", name)
		}
		if schema.Type.Is("object") && name != "Counts" && (schema.AdditionalProperties.Has == nil || *schema.AdditionalProperties.Has) {
			t.Errorf("%s is open", name)
		}
		for property, ref := range schema.Properties {
			if ref.Value.Description == "" {
				t.Errorf("%s.%s is not described", name, property)
			}
			if isRequest && !bounded(ref.Value) {
				t.Errorf("%s.%s has no bounds", name, property)
			}
		}
		for _, needed := range schema.Required {
			if schema.Properties[needed] == nil {
				t.Errorf("%s requires %s, which it does not have", name, needed)
			}
		}
	}
}

// bounded reports whether text that comes in has an end.
func bounded(schema *openapi3.Schema) bool {
	for _, part := range schema.AllOf {
		if bounded(part.Value) {
			return true
		}
	}
	return schema.Type.Is("string") && schema.MaxLength != nil
}

// Every component is used by something.
func TestOpenAPIHasNothingIdle(t *testing.T) {
	t.Parallel()
	text := string(desk.OpenAPI())
	doc := document(t)
	names := map[string][]string{
		"schemas":       slices.Collect(maps.Keys(doc.Components.Schemas)),
		"responses":     slices.Collect(maps.Keys(doc.Components.Responses)),
		"parameters":    slices.Collect(maps.Keys(doc.Components.Parameters)),
		"requestBodies": slices.Collect(maps.Keys(doc.Components.RequestBodies)),
		"headers":       slices.Collect(maps.Keys(doc.Components.Headers)),
	}
	for kind, all := range names {
		for _, name := range all {
			// A path says 405 to the methods it does not have, so no operation does.
			if name != "MethodNotAllowed" && !strings.Contains(text, "'#/components/"+kind+"/"+name+"'") {
				t.Errorf("nothing uses %s/%s", kind, name)
			}
		}
	}
}
