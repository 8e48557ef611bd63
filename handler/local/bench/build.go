package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// measureBuilds measures, if asked to, how long staging takes with an empty
// build cache, and with a full one after a change of handler/main.go.
func (b *bencher) measureBuilds(ctx context.Context) (err error) {
	if !b.options.build {
		return nil
	}
	fmt.Fprintln(b.progress, "building from nothing; this takes minutes")
	cache := "GOCACHE=" + filepath.Join(b.folder, "cache")
	if b.figures.coldBuild, err = b.timeStaging(ctx, "cold", cache); err != nil {
		return err
	}
	flags, err := b.changeMain(ctx)
	if err != nil {
		return err
	}
	b.figures.warmBuild, err = b.timeStaging(ctx, "warm", cache, flags)
	return err
}

// timeStaging stages into a new folder, as a person would.
func (b *bencher) timeStaging(ctx context.Context, name string, env ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, "go", "run", "./infra/stage", "-local", "-o", filepath.Join(b.folder, name))
	cmd.Dir, cmd.Env = filepath.Dir(b.dist), append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	began := time.Now()
	if output, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("stage (%s): %w\n%s", name, err, output)
	}
	return time.Since(began), nil
}

// changeMain returns the setting under which the go command finds a changed
// handler/main.go. The file itself is left alone.
func (b *bencher) changeMain(ctx context.Context) (setting string, err error) {
	source := filepath.Join(filepath.Dir(b.dist), "handler", "main.go")
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	changed, overlay := filepath.Join(b.folder, "main.go.txt"), filepath.Join(b.folder, "overlay.json")
	if err := os.WriteFile(changed, append(text, "\n// a change\n"...), 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {source: changed}})
	if err != nil {
		return "", err
	}
	flags, err := exec.CommandContext(ctx, "go", "env", "GOFLAGS").Output()
	if err != nil {
		return "", fmt.Errorf("ask for GOFLAGS: %w", err)
	}
	return "GOFLAGS=" + strings.TrimSpace(string(flags)) + " -overlay=" + overlay, os.WriteFile(overlay, replace, 0o600)
}
