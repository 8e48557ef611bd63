package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/infra/bicep"
)

// TestNothingCanBeTakenOut: without any one app setting, role, queue or other
// resource, or alert, the test above fails. So the test is worth something.
func TestNothingCanBeTakenOut(t *testing.T) {
	t.Parallel()
	d := readDeployment(t)
	files := templates(t)
	trees := parse(t, files)
	for name, tree := range trees {
		d.files[name] = bicep.New(name, tree)
	}
	mutants := map[string]string{} // "N/what/modules/bus.bicep" to its text
	cut := func(file, what string, n *bicep.Node) {
		text := files[file]
		mutants[path.Join(fmt.Sprint(len(mutants)), what, file)] = text[:n.From] + text[n.To:]
	}
	for name, tmpl := range d.files {
		tree := trees[name]
		tree.Walk(func(n *bicep.Node) bool {
			switch n.Kind {
			case "resource_declaration", "module_declaration":
				cut(name, n.Children[0].Text(), n)
			case "object_property":
				return true
			}
			return true
		})
		for _, variable := range []string{"standard", "wired", "host", "told", "roles", "rules"} {
			value := tmpl.Variables[variable]
			for _, n := range append(value.Parts(), value.Elements()...) {
				cut(name, variable, n)
			}
		}
	}
	mutated := parse(t, mutants)
	if len(mutated) < 50 {
		t.Fatalf("only %d parts were taken out", len(mutated))
	}
	for key, tree := range mutated {
		what := strings.SplitN(key, "/", 3)
		other := d
		other.files = maps.Clone(d.files)
		other.files[what[2]] = bicep.New(what[2], tree)
		if len(other.problems()) == 0 {
			t.Errorf("%s can be taken out of %s, and no test fails", what[1], what[2])
		}
	}
	for name := range d.parameters["settings"].Value.(map[string]any) {
		other := d
		values := maps.Clone(d.parameters["settings"].Value.(map[string]any))
		delete(values, name)
		other.parameters = maps.Clone(d.parameters)
		other.parameters["settings"] = parameter{values}
		if len(other.problems()) == 0 {
			t.Errorf("the setting %s can be taken out of main.parameters.json, and no test fails", name)
		}
	}
}

// readDeployment reads everything but the templates' trees.
func readDeployment(t *testing.T) deployment {
	t.Helper()
	d := deployment{files: map[string]*bicep.Template{}, functions: map[string][]binding{}}
	for _, name := range folders(t) {
		d.functions[name] = bindings(t, name)
	}
	var file struct {
		Schema         string `json:"$schema"`
		ContentVersion string
		Parameters     map[string]parameter
	}
	readJSON(t, "../infra/main.parameters.json", &file)
	d.parameters = file.Parameters
	var workbook any
	readJSON(t, "../infra/workbook.json", &workbook)
	text, err := json.Marshal(workbook)
	if err != nil {
		t.Fatal(err)
	}
	d.workbook = string(text)
	for _, glob := range []string{"*.go", "internal/*/*.go"} {
		found, _ := filepath.Glob(glob)
		for _, file := range found {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d.source += string(text)
		}
	}
	return d
}

// templates are the files of infra by their path below it.
func templates(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, glob := range []string{"../infra/*.bicep", "../infra/modules/*.bicep"} {
		found, _ := filepath.Glob(glob)
		for _, file := range found {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel("../infra", file)
			files[filepath.ToSlash(name)] = string(text)
		}
	}
	if len(files) < 10 {
		t.Fatalf("found %d templates only", len(files))
	}
	return files
}

// parse has the files parsed, in one go.
func parse(t *testing.T, files map[string]string) map[string]*bicep.Node {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, file)
	}
	trees, err := bicep.Trees(t.Context(), "..", paths...)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]*bicep.Node{}
	for file, tree := range trees {
		name, _ := filepath.Rel(dir, file)
		named[filepath.ToSlash(name)] = tree
	}
	return named
}
