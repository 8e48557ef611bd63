// Package layout lays out the folder the Functions host runs: host.json, the
// handler's binary, and one folder a function with its function.json.
//
// The sources keep the functions under functions/, beside the Go code, but the
// host lists only the direct subfolders of its script root
// (HostFunctionMetadataProvider in azure-functions-host). This one step bridges
// the two; azd, Core Tools, the local environment and the tests all run what it
// lays out, so that none of them tests anything but what is deployed.
//
// It owns the folder it writes and refuses to replace one that holds anything
// it would not have put there. It knows nothing of Azure and packs nothing:
// zipping and publishing belong to azd.
package layout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Names in a script root that the Functions host or Core Tools give a meaning.
const (
	hostFile     = "host.json"
	functionFile = "function.json"
	settingsFile = "local.settings.json"
)

// Options say what to lay out, and where. The zero value stages the module
// around the working directory for Azure.
type Options struct {
	// Root is the module's root. Empty: the nearest folder with a go.mod, from
	// the working directory upward.
	Root string
	// Dist is the folder to lay out. Empty: dist under Root.
	Dist string
	// GOOS and GOARCH name the machine the handler is for. Empty: linux and
	// amd64, which is what a Flex Consumption app runs on.
	GOOS, GOARCH string
	// Version is stamped into the handler. Empty: it goes by what the build knows.
	Version string
	// Progress gets a line for a person when something slow begins. Nil: nobody
	// is told.
	Progress io.Writer
}

// Local returns o for the machine this runs on.
func (o Options) Local() Options {
	o.GOOS, o.GOARCH = runtime.GOOS, runtime.GOARCH
	return o
}

// Stage lays out the script root and returns its absolute path.
//
// Everything is built in a temporary folder beside it, and takes its place by a
// rename: at any moment the folder is the old one, missing, or the new one,
// never half of one. An existing local.settings.json is kept, because Core
// Tools reads it there and a person wrote it; no packaging tool publishes it.
// Two stagings at once are safe; the later rename wins.
func Stage(ctx context.Context, o Options) (dist string, err error) {
	if o, err = o.complete(); err != nil {
		return "", fmt.Errorf("stage: %w", err)
	}
	names, err := functionNames(o.Root)
	if err != nil {
		return "", fmt.Errorf("stage: %w", err)
	}
	if err := checkOurs(o.Dist); err != nil {
		return "", fmt.Errorf("stage: %w", err)
	}
	// Beside the target, because a rename must not cross file systems.
	if err := os.MkdirAll(filepath.Dir(o.Dist), 0o755); err != nil {
		return "", fmt.Errorf("stage: %w", err)
	}
	next, err := os.MkdirTemp(filepath.Dir(o.Dist), ".stage-*")
	if err != nil {
		return "", fmt.Errorf("stage: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(next)) }()
	if err := o.fill(ctx, next, names); err != nil {
		return "", fmt.Errorf("stage: %w", err)
	}
	if err := swap(next, o.Dist); err != nil {
		return "", fmt.Errorf("stage: put the new folder in place: %w", err)
	}
	return o.Dist, nil
}

// FindRoot returns the nearest folder with a go.mod, from dir upward.
func FindRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the module's root: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the module's root: no go.mod in %s or above it", dir)
		}
	}
}

// complete fills in the defaults and makes both paths absolute.
func (o Options) complete() (Options, error) {
	var err error
	if o.Root == "" {
		if o.Root, err = FindRoot("."); err != nil {
			return o, err
		}
	}
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return o, err
	}
	if o.Dist == "" {
		o.Dist = filepath.Join(o.Root, "dist")
	}
	if o.Dist, err = filepath.Abs(o.Dist); err != nil {
		return o, err
	}
	if o.GOOS == "" {
		o.GOOS = "linux"
	}
	if o.GOARCH == "" {
		o.GOARCH = "amd64"
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	return o, nil
}

// binary is the handler's file name. host.json says "handler"; Windows finds
// handler.exe under that name only when told so by a setting.
func (o Options) binary() string {
	if o.GOOS == "windows" {
		return "handler.exe"
	}
	return "handler"
}

// fill puts everything into next, which nobody else looks at yet.
func (o Options) fill(ctx context.Context, next string, names []string) error {
	// MkdirTemp makes folders private, and packaging keeps the modes it finds.
	if err := os.Chmod(next, 0o755); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(o.Root, hostFile), filepath.Join(next, hostFile), 0o644); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Mkdir(filepath.Join(next, name), 0o755); err != nil {
			return err
		}
		from := filepath.Join(o.Root, "functions", name, functionFile)
		if err := copyFile(from, filepath.Join(next, name, functionFile), 0o644); err != nil {
			return err
		}
	}
	if err := copyIfPresent(filepath.Join(o.Dist, settingsFile), filepath.Join(next, settingsFile), 0o600); err != nil {
		return err
	}
	return o.build(ctx, next)
}

// functionNames lists the folders under functions/. A folder without its
// function.json is a mistake the host would pass over in silence, so it is
// refused here.
func functionNames(root string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, "functions", e.Name(), functionFile)); err != nil {
			return nil, fmt.Errorf("every folder under functions/ needs a %s: %w", functionFile, err)
		}
		names = append(names, e.Name())
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s holds no function", filepath.Join(root, "functions"))
	}
	return names, nil
}

func copyIfPresent(from, to string, mode fs.FileMode) error {
	err := copyFile(from, to, mode)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// copyFile copies one regular file; a file left half-written by an error is
// removed with the folder around it.
func copyFile(from, to string, mode fs.FileMode) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	return out.Close()
}
