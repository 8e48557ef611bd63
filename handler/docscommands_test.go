package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/cli"
)

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
