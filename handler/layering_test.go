package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/storeteams/storeteams/"

// mayImport says which packages of ours each package may import. A package that
// is not listed fails the test: whoever adds one decides where it belongs.
var mayImport = map[string][]string{
	// Pure: see isPure.
	"handler/internal/fault":    {},
	"handler/internal/org":      {},
	"handler/internal/plan":     {"handler/internal/org"},
	"handler/internal/rails":    {"handler/internal/org", "handler/internal/plan"},
	"handler/internal/config":   {"handler/internal/notify", "handler/internal/org"},
	"handler/internal/progress": {},
	"handler/internal/hint":     {"handler/internal/org"},
	"handler/internal/task":     {"handler/internal/org"},
	"handler/internal/notify":   {"handler/internal/fault", "handler/internal/org"},

	"handler/internal/businessevent": {"handler/internal/org"},

	"handler/internal/ledger": {
		"handler/internal/fault", "handler/internal/org", "handler/internal/plan", "handler/internal/rails",
		"handler/internal/task",
	},
	"handler/internal/ledger/boltledger":  {"handler/internal/fault", "handler/internal/ledger"},
	"handler/internal/ledger/memledger":   {"handler/internal/fault", "handler/internal/ledger"},
	"handler/internal/ledger/tableledger": {"handler/internal/fault", "handler/internal/ledger"},
	"handler/internal/ledger/ledgertest":  {"handler/internal/fault", "handler/internal/ledger"},
	"handler/internal/ledger/azuritetest": {"handler/internal/ledger/tableledger"},

	"handler/internal/outbound": {"handler/internal/fault"},
	"handler/internal/batch":    {"handler/internal/fault", "handler/internal/outbound"},
	"handler/internal/pages":    {"handler/internal/fault", "handler/internal/outbound"},
	"handler/internal/commerce": {
		"handler/internal/doctor", "handler/internal/fault", "handler/internal/org", "handler/internal/outbound",
		"handler/internal/task", "handler/internal/tasksync",
	},
	"handler/internal/bus": {"handler/internal/fault", "handler/internal/hint"},
	"handler/internal/orgsync": {
		"handler/internal/fault", "handler/internal/ledger", "handler/internal/org", "handler/internal/plan", "handler/internal/progress",
		"handler/internal/rails",
	},
	"handler/internal/graph": {
		"handler/internal/batch", "handler/internal/doctor", "handler/internal/fault", "handler/internal/org",
		"handler/internal/orgsync", "handler/internal/outbound", "handler/internal/pages", "handler/internal/subscription",
	},
	"handler/internal/planner": {
		"handler/internal/batch", "handler/internal/fault", "handler/internal/org", "handler/internal/outbound",
		"handler/internal/pages", "handler/internal/task", "handler/internal/tasksync",
	},
	"handler/internal/tasksync": {
		"handler/internal/fault", "handler/internal/hint", "handler/internal/ledger", "handler/internal/org",
		"handler/internal/task",
	},
	"handler/internal/tasksync/taskstest": {
		"handler/internal/fault", "handler/internal/org", "handler/internal/task", "handler/internal/tasksync",
	},
	"handler/internal/explain": {
		"handler/internal/fault", "handler/internal/ledger", "handler/internal/org", "handler/internal/orgsync",
		"handler/internal/plan", "handler/internal/rails",
	},
	"handler/internal/targeting": {
		"handler/internal/fault", "handler/internal/ledger", "handler/internal/org", "handler/internal/orgsync", "handler/internal/plan",
	},
	"handler/internal/tasklist": {
		"handler/internal/fault", "handler/internal/hint", "handler/internal/org", "handler/internal/task",
		"handler/internal/tasksync",
	},
	"handler/internal/tasksweep": {
		"handler/internal/fault", "handler/internal/hint", "handler/internal/ledger", "handler/internal/org",
		"handler/internal/task", "handler/internal/tasksync",
	},
	"handler/internal/inbox": {
		"handler/internal/fault", "handler/internal/hint", "handler/internal/org", "handler/internal/tasksync",
	},
	"handler/internal/taskorg": {
		"handler/internal/fault", "handler/internal/ledger", "handler/internal/org", "handler/internal/tasksync",
	},
	"handler/internal/webhook": {"handler/internal/fault", "handler/internal/hint", "handler/internal/notify"},
	"handler/internal/subscription": {
		"handler/internal/fault", "handler/internal/hint", "handler/internal/ledger", "handler/internal/notify", "handler/internal/org",
	},
	"handler/internal/orgchange": {
		"handler/internal/businessevent", "handler/internal/fault", "handler/internal/hint", "handler/internal/ledger",
		"handler/internal/org", "handler/internal/orgsync",
	},
	"handler/internal/trigger":   {"handler/internal/fault", "handler/internal/progress"},
	"handler/internal/telemetry": {"handler/internal/fault", "handler/internal/ledger"},
	"handler/internal/cli": {
		"handler/internal/doctor", "handler/internal/explain", "handler/internal/fault", "handler/internal/progress",
		"handler/internal/targeting",
	},
	"handler/internal/doctor": {
		"handler/internal/config", "handler/internal/fault", "handler/internal/ledger", "handler/internal/org",
		"handler/internal/orgsync", "handler/internal/plan", "handler/internal/progress", "handler/internal/rails",
		"handler/internal/subscription",
	},

	"handler/internal/desk": {
		"handler/internal/bus",
		"handler/internal/doctor", "handler/internal/explain", "handler/internal/fault", "handler/internal/ledger",
		"handler/internal/org", "handler/internal/orgsync", "handler/internal/plan", "handler/internal/rails",
		"handler/internal/targeting", "handler/internal/task", "handler/internal/tasksync", "handler/internal/trigger",
		"handler/internal/subscription",
	},

	"handler": {
		"handler/internal/cli", "handler/internal/commerce", "handler/internal/config", "handler/internal/desk",
		"handler/internal/doctor", "handler/internal/fault", "handler/internal/graph", "handler/internal/ledger",
		"handler/internal/ledger/boltledger", "handler/internal/ledger/tableledger", "handler/internal/orgsync",
		"handler/internal/bus", "handler/internal/inbox", "handler/internal/outbound", "handler/internal/plan",
		"handler/internal/planner", "handler/internal/rails", "handler/internal/tasklist", "handler/internal/taskorg",
		"handler/internal/tasksweep", "handler/internal/tasksync", "handler/internal/telemetry", "handler/internal/trigger",
		"handler/internal/notify", "handler/internal/orgchange", "handler/internal/subscription", "handler/internal/webhook",
	},

	// The local environment. Its simulators and second opinions know nothing of
	// the handler.
	"handler/local/simbus":      {},
	"handler/local/simgraph":    {},
	"handler/local/simplanner":  {},
	"handler/local/simcommerce": {},
	"handler/local/simhost":     {},
	"handler/local/naive":       {},
	"handler/local/worldgen":    {"handler/local/naive"},
	"handler/local/world":       {},
	"handler/local/world/gen":   {},
	"handler/local/environment": {
		"handler/local/simbus", "handler/local/simcommerce", "handler/local/simgraph", "handler/local/simhost",
		"handler/local/simplanner", "handler/local/world",
	},
	"handler/local": {
		"handler/internal/config", "handler/local/environment", "handler/local/simbus", "handler/local/simcommerce",
		"handler/local/simgraph", "handler/local/simhost", "handler/local/simplanner", "handler/local/world",
		"infra/stage/layout",
	},
	"handler/local/bench": {
		"handler/internal/notify", "handler/local/environment", "handler/local/simbus", "handler/local/simcommerce", "handler/local/simgraph", "handler/local/simhost",
		"handler/local/world", "handler/local/worldgen", "infra/stage/layout",
	},
	"handler/local/bench/hello": {},
	"handler/e2e":               {},

	"infra":              {},
	"infra/bicep":        {},
	"infra/permission":   {},
	"infra/ready":        {},
	"infra/grant":        {"infra/permission"},
	"infra/release":      {"infra/stage/layout"},
	"infra/stage":        {"infra/stage/layout"},
	"infra/stage/layout": {},
}

// pure packages use the standard library and these, and nothing of it that
// reads clocks, files, networks or prints.
var pure = map[string][]string{
	"handler/internal/fault":     {},
	"handler/internal/org":       {"github.com/rivo/uniseg"},
	"handler/internal/plan":      {},
	"handler/internal/rails":     {},
	"handler/internal/config":    {},
	"handler/internal/progress":  {},
	"handler/internal/explain":   {"github.com/rivo/uniseg"},
	"handler/internal/hint":      {},
	"handler/internal/task":      {"github.com/rivo/uniseg"},
	"handler/internal/targeting": {"golang.org/x/text/unicode/norm"},
}

// impure are the standard library's packages that a pure one stays away from.
// package net/http is allowed to fault for the names of statuses, log/slog to
// config for values that hide themselves, io to those who write to a writer.
var impure = []string{"os", "os/exec", "net", "log", "math/rand", "math/rand/v2", "crypto/rand", "syscall", "runtime"}

// models is the Graph SDK's package that takes minutes and gigabytes to compile.
const models = "github.com/microsoftgraph/msgraph-sdk-go"

// openTelemetry begins the packages of OpenTelemetry.
const openTelemetry = "go.opentelemetry.io/"

type goPackage struct {
	Dir        string
	ImportPath string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func TestLayering(t *testing.T) {
	var graphSDK []string
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, listed := mayImport[name]
		if !listed {
			t.Errorf("%s is not in the table of layers", name)
			continue
		}
		libraries, isPure := pure[name]
		for _, imported := range p.Imports {
			own, ours := strings.CutPrefix(imported, module)
			switch {
			case ours && !slices.Contains(allowed, own):
				t.Errorf("%s imports %s, which is not below it", name, own)
			case isPure && !ours && strings.Contains(imported, ".") && !slices.Contains(libraries, imported):
				t.Errorf("%s is pure and imports %s", name, imported)
			case isPure && slices.Contains(impure, imported):
				t.Errorf("%s is pure and imports %s", name, imported)
			case imported == models || strings.HasPrefix(imported, models+"/"):
				graphSDK = append(graphSDK, name)
			case strings.HasPrefix(imported, openTelemetry) && name != "handler/internal/telemetry":
				t.Errorf("%s imports %s; only handler/internal/telemetry should", name, imported)
			}
		}
		if isPure {
			checkNoClock(t, p)
		}
		if name == "handler" {
			for _, dep := range p.Deps {
				if strings.HasPrefix(dep, module+"handler/local") {
					t.Errorf("the handler links %s", strings.TrimPrefix(dep, module))
				}
			}
		}
	}
	if using := slices.Compact(graphSDK); !slices.Equal(using, []string{"handler/internal/graph"}) {
		t.Errorf("the Graph SDK is imported by %v; exactly handler/internal/graph should", using)
	}
}

// checkNoClock fails if a package asks what time it is; in pure ones time is an
// argument.
func checkNoClock(t *testing.T, p goPackage) {
	t.Helper()
	for _, name := range p.GoFiles {
		text, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{"time.Now(", "time.Since(", "time.Until(", "time.After("} {
			if strings.Contains(string(text), call) {
				t.Errorf("%s/%s is pure and calls %s)", p.ImportPath, name, call)
			}
		}
	}
}

// packages lists the module's packages.
func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=Dir,ImportPath,GoFiles,Imports,Deps", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
