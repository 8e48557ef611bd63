package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/config"
)

var update = flag.Bool("update", false, "rewrite what is generated in the README")

// The README's table of settings is package config's list, between these.
const (
	readme     = "../README.md"
	tableBegin = "<!-- settings: go test ./handler -update writes this table -->\n"
	tableEnd   = "<!-- end of settings -->\n"
)

func TestReadmeListsEverySetting(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tableBegin)
	table, after, closed := strings.Cut(rest, tableEnd)
	if !found || !closed {
		t.Fatalf("%s has no place for the settings", readme)
	}
	want := settingsTable()
	if *update {
		if err := os.WriteFile(readme, []byte(before+tableBegin+want+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table != want {
		t.Errorf("the settings in %s are not those of package config; go test ./handler -update mends it", readme)
	}
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
