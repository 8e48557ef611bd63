package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/cli"
	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/task"
	"github.com/storeteams/storeteams/infra/permission"
)

var update = flag.Bool("update", false, "rewrite what is generated in the README")

// The README's generated tables are between these.
const (
	readme        = "../README.md"
	settingsBegin = "<!-- settings: go test ./handler -update writes this table -->\n"
	settingsEnd   = "<!-- end of settings -->\n"
	commandsBegin = "<!-- commands: go test ./handler -update writes this table -->\n"
	commandsEnd   = "<!-- end of commands -->\n"
	matrixBegin   = "<!-- matrix: go test ./handler -update writes this table -->\n"
	matrixEnd     = "<!-- end of matrix -->\n"

	permissionsBegin = "<!-- permissions: go test ./handler -update writes this table -->\n"
	permissionsEnd   = "<!-- end of permissions -->\n"
	entitiesBegin    = "<!-- entities: go test ./handler -update writes this list -->\n"
	entitiesEnd      = "<!-- end of entities -->\n"
)

// TestReadmeTables: README and docs list every setting, every command, who wins
// each field of a task, every permission, and every entity that is read.
func TestReadmeTables(t *testing.T) {
	for _, table := range []struct{ file, begin, end, want string }{
		{readme, settingsBegin, settingsEnd, settingsTable()},
		{readme, commandsBegin, commandsEnd, commandsTable()},
		{readme, matrixBegin, matrixEnd, "\n" + task.MatrixTable() + "\n"},
		{"../docs/configure.md", settingsBegin, settingsEnd, settingsTable()},
		{"../docs/permissions.md", permissionsBegin, permissionsEnd, "\n" + permission.Table() + "\n"},
		{"../docs/permissions.md", entitiesBegin, entitiesEnd, entitiesList()},
	} {
		text, err := os.ReadFile(table.file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(string(text), table.begin)
		there, after, closed := strings.Cut(rest, table.end)
		if !found || !closed {
			t.Fatalf("%s has no place for the table after %q", table.file, table.begin)
		}
		if *update {
			if err := os.WriteFile(table.file, []byte(before+table.begin+table.want+table.end+after), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if there != table.want {
			t.Errorf("the table after %q in %s is not the program's; go test ./handler -update mends it", table.begin, table.file)
		}
	}
}

func commandsTable() string {
	var b strings.Builder
	b.WriteString("\n| command | what it does |\n| --- | --- |\n")
	for _, c := range cli.Commands() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(c.Name, "|", "\\|"), c.Does)
	}
	return b.String() + "\n"
}

// entitiesList are the collections in Commerce that are read, as settings name
// them, and tasks'.
func entitiesList() string {
	var b strings.Builder
	b.WriteString("\n")
	for _, s := range config.Settings() {
		if strings.HasPrefix(s.Name, "ENTITY_") || s.Name == "TASK_READ" {
			fmt.Fprintf(&b, "- `%s`\n", s.Default)
		}
	}
	return b.String() + "\n"
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("\n| setting | default | meaning |\n| --- | --- | --- |\n")
	var entities []string
	for _, s := range config.Settings() {
		if collection, ok := strings.CutPrefix(s.Name, "ENTITY_"); ok {
			entities = append(entities, collection)
			continue
		}
		standard := "`" + s.Default + "`"
		switch {
		case s.Required:
			standard = "*required*"
		case s.Default == "":
			standard = ""
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, standard, strings.ReplaceAll(s.Meaning, "|", "\\|"))
	}
	fmt.Fprintf(&b, "| `ENTITY_<COLLECTION>` | | Name of an OData collection that this environment publishes under another one; COLLECTION is one of %s. |\n\n",
		strings.Join(entities, ", "))
	return b.String()
}
