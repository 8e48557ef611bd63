package infra_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// TestAzureYAML: azd understands the file (its schema, restated in testdata), it
// names what is there, and both systems run the same.
func TestAzureYAML(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("testdata/azure.yaml.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../azure.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "# yaml-language-server: $schema=https://raw.githubusercontent.com/Azure/azure-dev/main/schemas/v1.0/azure.yaml.json\n") {
		t.Error("editors are not told the schema")
	}
	var file map[string]any
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(file); err != nil {
		t.Error(err)
	}
	at := func(keys ...string) string {
		var v any = file
		for _, key := range keys {
			m, _ := v.(map[string]any)
			v = m[key]
		}
		return fmt.Sprint(v)
	}
	if _, err := os.Stat(filepath.Join("..", at("infra", "path"), at("infra", "module")+".bicep")); err != nil {
		t.Error(err)
	}
	app, err := os.ReadFile("modules/app.bicep")
	if err != nil {
		t.Fatal(err)
	}
	if at("services", "handler", "host") != "function" || !strings.Contains(string(app), "'azd-service-name': 'handler'") {
		t.Error("no site carries the service's name as its tag azd-service-name")
	}
	if at("services", "handler", "dist") != "dist" {
		t.Error("infra/stage lays out dist, which is not what is deployed")
	}
	runs := regexp.MustCompile(`(?m)^\s+run: go run \./(\S+)$`).FindAllStringSubmatch(string(text), -1)
	if len(runs) != 4 || runs[0][1] != runs[1][1] || runs[2][1] != runs[3][1] {
		t.Fatalf("the hooks run %q", runs)
	}
	for _, run := range runs {
		if _, err := os.Stat(filepath.Join("..", run[1], "main.go")); err != nil {
			t.Error(err)
		}
	}
}

// TestSchemaRefuses: the schema in testdata is not so lenient that anything
// passes.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("testdata/azure.yaml.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"name: Storeteams\nservices: {a: {host: function, project: .}}",
		"name: storeteams\nservices: {}",
		"name: storeteams\nservices: {a: {project: .}}",
		"name: storeteams\nservices: {a: {host: function, project: ., hook: {}}}",
		"name: storeteams\nservices: {a: {host: function, project: .}}\nhooks: {preprovision: {posix: {run: x}}}",
	} {
		var file any
		if err := yaml.Unmarshal([]byte(text), &file); err != nil {
			t.Fatal(err)
		}
		if schema.Validate(file) == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}
