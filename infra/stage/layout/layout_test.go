package layout_test

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/infra/stage/layout"
)

// module writes a module small enough to build in a moment, with two functions
// and the odds and ends a real one has around them.
func module(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                          "module example.com/tiny\n\ngo 1.26.0\n",
		"handler/main.go":                 "package main\n\nfunc main() { println(\"tiny handler\") }\n",
		"host.json":                       `{"version":"2.0"}`,
		"functions/OrgSync/function.json": `{"bindings":[]}`,
		"functions/OrgSync/notes.md":      "not for the host",
		"functions/Status/function.json":  `{"bindings":[1]}`,
		"functions/README.md":             "a file beside the folders",
	} {
		write(t, filepath.Join(root, name), text)
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// files lists every file under dir, slash-separated and sorted.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, relErr := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(rel))
			err = relErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func stage(t *testing.T, o layout.Options) string {
	t.Helper()
	dist, err := layout.Stage(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return dist
}

func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}

// leftovers lists the temporary folders a staging into root/dist forgot.
func leftovers(t *testing.T, root string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, ".stage-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestStageLaysOutTheScriptRootAndNothingElse(t *testing.T) {
	t.Parallel()
	root := module(t)
	var progress bytes.Buffer
	dist := stage(t, layout.Options{Root: root, Progress: &progress})
	if dist != filepath.Join(root, "dist") {
		t.Errorf("staged into %s, want dist in the root", dist)
	}
	wantFiles(t, dist, "OrgSync/function.json", "Status/function.json", "handler", "host.json")
	for from, to := range map[string]string{
		"host.json":                      "host.json",
		"functions/Status/function.json": "Status/function.json",
	} {
		want, _ := os.ReadFile(filepath.Join(root, from))
		if got, err := os.ReadFile(filepath.Join(dist, to)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s holds %q (%v), want %q", to, got, err, want)
		}
	}
	if !strings.Contains(progress.String(), "takes minutes") {
		t.Errorf("progress said %q, want a warning that the build is slow", progress.String())
	}
	if left := leftovers(t, root); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestTheHandlerIsBuiltForItsMachine(t *testing.T) {
	t.Parallel()
	root := module(t)
	tests := map[string]struct {
		options                 layout.Options
		file, system, processor string
	}{
		"azure by default": {layout.Options{}, "handler", "linux", "amd64"},
		"windows":          {layout.Options{GOOS: "windows", GOARCH: "arm64"}, "handler.exe", "windows", "arm64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := test.options
			o.Root, o.Dist = root, filepath.Join(t.TempDir(), "made", "for", "it")
			file := filepath.Join(stage(t, o), test.file)
			info, err := buildinfo.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, s := range info.Settings {
				got[s.Key] = s.Value
			}
			want := map[string]string{
				"GOOS": test.system, "GOARCH": test.processor, "CGO_ENABLED": "0",
			}
			for key, value := range want {
				if got[key] != value {
					t.Errorf("built with %s=%q, want %q", key, got[key], value)
				}
			}
		})
	}
}

func TestALocalStageRunsHere(t *testing.T) {
	t.Parallel()
	dist := stage(t, layout.Options{Root: module(t)}.Local())
	name := filepath.Join(dist, "handler")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	output, err := exec.CommandContext(t.Context(), name).CombinedOutput()
	if err != nil || string(output) != "tiny handler\n" {
		t.Errorf("the staged handler said %q (%v)", output, err)
	}
}

func TestStagingAgain(t *testing.T) {
	t.Parallel()
	root := module(t)
	dist := stage(t, layout.Options{Root: root})
	before, err := os.ReadFile(filepath.Join(dist, "handler"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dist, "local.settings.json"), `{"a person":"wrote this"}`)
	if err := os.RemoveAll(filepath.Join(root, "functions/OrgSync")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "host.json"), `{"version":"2.0","changed":true}`)

	stage(t, layout.Options{Root: root})
	wantFiles(t, dist, "Status/function.json", "handler", "host.json", "local.settings.json")
	if after, err := os.ReadFile(filepath.Join(dist, "handler")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("an unchanged handler came out different (%v)", err)
	}
	if text, _ := os.ReadFile(filepath.Join(dist, "host.json")); !strings.Contains(string(text), "changed") {
		t.Errorf("host.json is still %s", text)
	}

	write(t, filepath.Join(root, "handler/main.go"), "package main\n\nfunc main() { println(\"another\") }\n")
	stage(t, layout.Options{Root: root})
	if after, err := os.ReadFile(filepath.Join(dist, "handler")); err != nil || bytes.Equal(before, after) {
		t.Errorf("a changed handler was not built again (%v)", err)
	}
}

func TestAFailedStageLeavesTheOldOneWhole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(t *testing.T, root string)
		says  string
	}{
		"handler does not compile": {func(t *testing.T, root string) {
			write(t, filepath.Join(root, "handler/main.go"), "package main\n\nfunc main() { undefinedName() }\n")
		}, "undefinedName"},
		"function without function.json": {func(t *testing.T, root string) {
			write(t, filepath.Join(root, "functions/Broken/notes.md"), "")
		}, "Broken"},
		"no function": {func(t *testing.T, root string) {
			if err := errors.Join(os.RemoveAll(filepath.Join(root, "functions")),
				os.Mkdir(filepath.Join(root, "functions"), 0o755)); err != nil {
				t.Fatal(err)
			}
		}, "holds no function"},
		"no host.json": {func(t *testing.T, root string) {
			if err := os.Remove(filepath.Join(root, "host.json")); err != nil {
				t.Fatal(err)
			}
		}, "host.json"},
		"a stranger's file in the folder": {func(t *testing.T, root string) {
			write(t, filepath.Join(root, "dist/thesis.txt"), "the only copy")
		}, "thesis.txt"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := module(t)
			dist := stage(t, layout.Options{Root: root})
			test.spoil(t, root)
			before := files(t, dist)
			_, err := layout.Stage(t.Context(), layout.Options{Root: root})
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Stage said %v, want it to name %q", err, test.says)
			}
			wantFiles(t, dist, before...)
			if left := leftovers(t, root); left != nil {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func TestTheRepositoryIsNeverReplaced(t *testing.T) {
	t.Parallel()
	root := module(t)
	before := files(t, root)
	if _, err := layout.Stage(t.Context(), layout.Options{Root: root, Dist: root}); err == nil {
		t.Error("staged over the module's root")
	}
	wantFiles(t, root, before...)
}

func TestAStageThatIsCalledOffSaysSo(t *testing.T) {
	t.Parallel()
	root := module(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := layout.Stage(ctx, layout.Options{Root: root})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
	if _, err := os.Stat(filepath.Join(root, "dist")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder appeared all the same (%v)", err)
	}
}

// Packages of one test run may stage at the same time.
func TestStagingsAtTheSameTime(t *testing.T) {
	t.Parallel()
	root := module(t)
	group, ctx := errgroup.WithContext(t.Context())
	for range 4 {
		group.Go(func() error {
			_, err := layout.Stage(ctx, layout.Options{Root: root})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	wantFiles(t, filepath.Join(root, "dist"), "OrgSync/function.json", "Status/function.json", "handler", "host.json")
	if left := leftovers(t, root); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

// t.Chdir forbids parallel tests, hence one test for both ends.
func TestTheRootIsFoundFromAnywhereInside(t *testing.T) {
	root := module(t)
	t.Chdir(filepath.Join(root, "functions", "OrgSync"))
	if dist := stage(t, layout.Options{}); filepath.Base(filepath.Dir(dist)) != filepath.Base(root) {
		t.Errorf("staged into %s, want dist under %s", dist, root)
	}
	wantFiles(t, filepath.Join(root, "dist"), "OrgSync/function.json", "Status/function.json", "handler", "host.json")

	if found, err := layout.FindRoot(t.TempDir()); err == nil {
		t.Errorf("found a module at %s where there is none", found)
	}
}
