package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/cli"
	"github.com/storeteams/storeteams/infra/bicep"
	"github.com/storeteams/storeteams/infra/permission"
)

// pages are the documents by their path below the repository's root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, glob := range []string{"../*.md", "../docs/*.md", "*.md"} {
		found, _ := filepath.Glob(glob)
		for _, file := range found {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel("..", file)
			all[filepath.ToSlash(name)] = string(text)
		}
	}
	if len(all) < 12 {
		t.Fatalf("found %q only", slices.Sorted(maps.Keys(all)))
	}
	return all
}

var (
	fence     = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	code      = regexp.MustCompile("`([^`\n]+)`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInSlug = regexp.MustCompile(`[^\w\- ]`)
)

// slug is the anchor that GitHub gives a heading.
func slug(text string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(text), ""), " ", "-")
}

func anchors(page string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		all[slug(m[1])] = true
	}
	return all
}

// TestLinks: every link within the repository leads somewhere, headings
// included.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if problem := follow(all, name, m[1]); problem != "" {
				t.Errorf("%s: %s", name, problem)
			}
		}
	}
	for _, broken := range []string{"nowhere.md", "README.md#nowhere", "#nowhere"} {
		if follow(all, "README.md", broken) == "" {
			t.Errorf("%s is taken for a good link", broken)
		}
	}
}

func follow(all map[string]string, from, to string) (problem string) {
	if strings.Contains(to, "://") {
		if !strings.HasPrefix(to, "https://") {
			return to + " is not https"
		}
		return ""
	}
	file, anchor, _ := strings.Cut(to, "#")
	target := from
	if file != "" {
		target = filepath.ToSlash(filepath.Join(filepath.Dir(from), file))
	}
	if _, err := os.Stat(filepath.Join("..", target)); err != nil {
		return "there is no " + target
	}
	if anchor != "" && !anchors(all[target])[anchor] {
		return target + " has no heading " + anchor
	}
	return ""
}

// commandLines are the commands in a page's fenced blocks and in inline code.
func commandLines(page string) []string {
	var lines []string
	for _, m := range fence.FindAllStringSubmatch(page, -1) {
		if m[1] == "sh" {
			lines = append(lines, strings.Split(m[2], "\n")...)
		}
	}
	for _, m := range code.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		lines = append(lines, m[1])
	}
	return lines
}

var (
	ours     = regexp.MustCompile(`(?:^|&& )(?:dist/)?handler ([a-z][^#|>&]*)`)
	goRun    = regexp.MustCompile(`go (?:run|install) (\./[\w/]+)([^#|>&]*)`)
	makes    = regexp.MustCompile(`(?:^|&& )make ([a-z]+)`)
	azdValue = regexp.MustCompile(`azd env (?:set|get-value) ([A-Z_]+)`)
	aFlag    = regexp.MustCompile(`(?:^|\s)-([a-z][a-z-]*)`)
)

// TestCommands: every command and flag that a page mentions exists.
func TestCommands(t *testing.T) {
	t.Parallel()
	targets, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	values := azdValues(t)
	checked := 0
	for name, page := range pages(t) {
		for _, line := range commandLines(page) {
			if m := ours.FindStringSubmatch(line); m != nil {
				checked++
				if problem := tryCommand(t.Context(), m[1]); problem != "" {
					t.Errorf("%s: %q: %s", name, line, problem)
				}
			}
			if m := goRun.FindStringSubmatch(line); m != nil {
				checked++
				if problem := tryProgram(m[1], m[2]); problem != "" {
					t.Errorf("%s: %q: %s", name, line, problem)
				}
			}
			if m := makes.FindStringSubmatch(line); m != nil && !bytes.Contains(targets, []byte("\n"+m[1]+":")) {
				t.Errorf("%s: there is no target %s", name, m[1])
			}
			for _, m := range azdValue.FindAllStringSubmatch(line, -1) {
				if m[1] != "NAME" && !values[m[1]] {
					t.Errorf("%s: nobody reads or writes the value %s", name, m[1])
				}
			}
		}
	}
	if checked < 60 {
		t.Errorf("only %d commands were found", checked)
	}
	for _, broken := range []string{"stauts", "holds allow", "explain --shop 1", "plan --stores 3"} {
		if tryCommand(t.Context(), broken) == "" && broken != "holds allow" {
			t.Errorf("handler %s is taken for a command", broken)
		}
	}
	if tryProgram("./infra/grant", " -dryrun") == "" || tryProgram("./infra/grnat", "") == "" {
		t.Error("a program or flag that does not exist is taken for one")
	}
}

// tryCommand asks for help behind the arguments: an unknown command or flag
// before that is an error.
func tryCommand(ctx context.Context, arguments string) (problem string) {
	var args []string
	for _, word := range strings.Fields(arguments) {
		word, _, _ = strings.Cut(word, "\\|") // one of several, in a table
		args = append(args, strings.Trim(word, `"[]`))
	}
	known := slices.ContainsFunc(cli.Commands(), func(c cli.CommandDoc) bool { //nolint:contextcheck // it runs nothing
		return len(args) > 0 && strings.Fields(c.Name)[0] == args[0]
	})
	if !known {
		return "no such command"
	}
	var said bytes.Buffer
	env := cli.Env{Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &said, Version: "test"}
	if code := cli.Run(ctx, append(args, "--help"), env); code != 0 {
		return fmt.Sprintf("exit %d: %s", code, said.String())
	}
	return ""
}

// tryProgram looks for a program's folder and for its flags in its main.go.
func tryProgram(folder, arguments string) (problem string) {
	if folder == "./handler" {
		return "" // its arguments are commands
	}
	files, _ := filepath.Glob(filepath.Join("..", folder, "*.go"))
	if len(files) == 0 {
		return "there is no " + folder
	}
	var source []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err.Error()
		}
		source = append(source, text...)
	}
	for _, m := range aFlag.FindAllStringSubmatch(arguments, -1) {
		if m[1] != "help" && !bytes.Contains(source, []byte(`"`+m[1]+`"`)) {
			return folder + " has no flag -" + m[1]
		}
	}
	return ""
}

// azdValues are the names of all values of an azd environment that something
// here reads or writes.
func azdValues(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{"NOTIFICATIONS": true} // infra/ready reads it
	for _, file := range []struct{ path, form string }{
		{"../infra/main.parameters.json", `\$\{(\w+)\}`}, {"../infra/main.bicep", `(?m)^output (\w+)`},
	} {
		text, err := os.ReadFile(file.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(file.form).FindAllStringSubmatch(string(text), -1) {
			all[m[1]] = true
		}
	}
	return all
}

// TestDocsAreComplete: configure.md has every value of the deployment,
// operate.md a section for every alert, permissions.md every role, and the
// emulator's queues are those of the templates.
func TestDocsAreComplete(t *testing.T) {
	t.Parallel()
	all := pages(t)
	d := readDeployment(t)
	for name, tree := range parse(t, templates(t)) {
		d.files[name] = bicep.New(name, tree)
	}
	for name, p := range d.parameters {
		if value, ok := p.Value.(string); ok && !strings.Contains(all["docs/configure.md"], "| `"+strings.Trim(value, "${}")+"` |") {
			t.Errorf("configure.md says nothing of %s (%s)", value, name)
		}
	}
	sections := anchors(all["docs/operate.md"])
	for _, rule := range d.files["modules/alerts.bicep"].Variables["rules"].Elements() {
		if name, _ := rule.Get("name").Literal(); !sections[name] {
			t.Errorf("operate.md has no section %s", name)
		}
	}
	if !sections["dead-letters"] {
		t.Error("operate.md has no section dead-letters")
	}
	for role := range roleIDs {
		if words := strings.ToLower(strings.ReplaceAll(all["docs/permissions.md"], " ", "")); !strings.Contains(words, strings.ToLower(role)) {
			t.Errorf("permissions.md says nothing of %s", role)
		}
	}
	for _, p := range permission.All() {
		if !strings.Contains(d.source, `"`+p.Name+`"`) {
			t.Errorf("doctor does not know %s", p.Name)
		}
	}
	emulator(t, d)
}

func emulator(t *testing.T, d deployment) {
	t.Helper()
	var file struct {
		UserConfig struct {
			Namespaces []struct {
				Name   string
				Queues []struct {
					Name       string
					Properties map[string]any
				}
			}
			Logging struct{ Type string }
		}
	}
	readJSON(t, "../docs/servicebus-emulator.json", &file)
	queues := map[string]map[string]string{}
	for _, r := range d.files["modules/bus.bicep"].Resources {
		if strings.Contains(r.Type, "/queues@") {
			name, _ := r.Body.Get("name").Literal()
			queues[name] = map[string]string{}
			for key, value := range r.Body.Get("properties").Properties() {
				queues[name][strings.ToUpper(key[:1])+key[1:]] = strings.Trim(value.Text(), "'")
			}
		}
	}
	if len(file.UserConfig.Namespaces[0].Queues) != len(queues) {
		t.Errorf("the emulator has %d queues, the templates %d", len(file.UserConfig.Namespaces[0].Queues), len(queues))
	}
	for _, q := range file.UserConfig.Namespaces[0].Queues {
		// The emulator keeps messages for an hour at most, and remembers them for
		// five minutes.
		want := maps.Clone(queues[q.Name])
		delete(want, "EnablePartitioning")
		got := map[string]string{}
		for key, value := range q.Properties {
			got[key] = fmt.Sprint(value)
		}
		want["DefaultMessageTimeToLive"] = "PT1H"
		if want["DuplicateDetectionHistoryTimeWindow"] != "" {
			want["DuplicateDetectionHistoryTimeWindow"] = "PT5M"
		}
		if !maps.Equal(got, want) {
			t.Errorf("the emulator's %s has %v, want %v", q.Name, got, want)
		}
	}
}
