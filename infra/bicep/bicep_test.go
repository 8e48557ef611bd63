package bicep_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/infra/bicep"
)

// TestProblems: each mistake that a compiler would find in names is found, at
// its line, and templates without one have none.
func TestProblems(t *testing.T) {
	t.Parallel()
	const module = "param need string\nparam may string = ''\noutput both string = '${need}${may}'\n"
	const user = "module m '../module.bicep' = {\n  name: 'm'\n  params: { need: 'x' }\n}\n"
	for name, c := range map[string]struct{ main, want string }{
		"fine":              {"module m 'module.bicep' = {\n  name: 'm'\n  params: { need: 'x' }\n}\noutput x string = m.outputs.both\n", ""},
		"a loop":            {"var all = ['a']\nvar b = [for one in all: { name: one }]\noutput x array = b\n", ""},
		"a lambda":          {"param p object\noutput x array = filter(items(p), s => !empty(s.value))\n", ""},
		"no Bicep":          {"var a = {\n", "no Bicep"},
		"unknown name":      {"output x string = y\n", "main.bicep:1:19: y is not declared"},
		"unknown function":  {"output x string = upper('a')\n", "no function upper"},
		"unused":            {"param p string\n", "main.bicep:1:1: p is not used"},
		"twice":             {"var a = 1\nvar a = 2\noutput x int = a\n", "declared twice"},
		"no such module":    {"module m 'none.bicep' = {\n  name: 'm'\n}\n", "there is no none.bicep"},
		"parameter missing": {"module m 'module.bicep' = {\n  name: 'm'\n}\n", "not given its parameter need"},
		"parameter unknown": {"module m 'module.bicep' = {\n  name: 'm'\n  params: { need: 'x', nead: 'y' }\n}\n", "knows no parameter nead"},
		"output unknown":    {"module m 'module.bicep' = {\n  name: 'm'\n  params: { need: 'x' }\n}\noutput x string = m.outputs.bath\n", "no output bath"},
		"property unknown":  {"var a = { b: 'c' }\noutput x string = a.d\n", "a has no d"},
		"two versions":      {"resource a 'T/t@1' = {\n  name: 'a'\n}\nresource b 'T/t@2' = {\n  name: 'b'\n}\n", "versions 1 and 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			all := read(t, map[string]string{filepath.Join(dir, "main.bicep"): c.main, filepath.Join(dir, "module.bicep"): module, filepath.Join(dir, "user", "main.bicep"): user})
			found := strings.Join(bicep.Problems(all), "\n")
			if c.want == "" && found != "" || !strings.Contains(found, c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
}

// TestTemplate: what is declared is found: nested resources, conditions, loops,
// and not what exists already.
func TestTemplate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "main.bicep")
	got := read(t, map[string]string{file: `
@description('what it is')
@secure()
param p string = 'x'
resource there 'T/there@1' existing = {
  name: 'there'
  resource nested 'nested' = {
    name: p
    properties: { a: { b: 'c' } }
  }
}
resource maybe 'T/maybe@1' = if (p == 'x') {
  name: 'maybe'
}
resource many 'T/many@1' = [for i in ['a']: {
  name: i
}]
`})[file]
	if p := got.Params["p"]; !p.Secure || p.Describe != "what it is" || p.Default.Text() != "'x'" {
		t.Errorf("the parameter is %+v", p)
	}
	var names []string
	for _, r := range got.Resources {
		names = append(names, r.Name)
	}
	if strings.Join(names, " ") != "nested maybe many" {
		t.Errorf("resources %q", names)
	}
	if c, _ := got.Resources[0].Body.Get("properties", "a", "b").Literal(); c != "c" {
		t.Errorf("a.b is %q", c)
	}
	if got.Resources[1].If.Text() != "(p == 'x')" || got.Resources[2].Body.Get("name").Text() != "i" {
		t.Errorf("condition %q, name in the loop %q", got.Resources[1].If.Text(), got.Resources[2].Body.Get("name").Text())
	}
}

func read(t *testing.T, texts map[string]string) map[string]*bicep.Template {
	t.Helper()
	for path, text := range texts {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trees, err := bicep.Trees(t.Context(), "../..", bicep.Names(texts)...)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*bicep.Template{}
	for path, tree := range trees {
		all[path] = bicep.New(path, tree)
	}
	return all
}
