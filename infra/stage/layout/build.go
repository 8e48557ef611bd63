package layout

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// build compiles the handler into next.
//
// The binary staged before is put there first: the go command compares its
// build id and leaves it alone when nothing it is made of has changed, which
// saves linking some 26 MB. It is a copy, not a link, because the go command
// may write into the file and the old one may be running.
func (o Options) build(ctx context.Context, next string) error {
	target := filepath.Join(next, o.binary())
	if err := copyIfPresent(filepath.Join(o.Dist, o.binary()), target, 0o755); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(o.Progress, "building the handler; the first build compiles the Graph SDK and takes minutes"); err != nil {
		return err
	}
	// Without version control data the binary depends on its sources alone, and
	// a checkout that belongs to another user builds too.
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false",
		"-ldflags", "-s -w -X main.stamped="+o.Version, "-o", target, "./handler")
	cmd.Dir = o.Root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+o.GOOS, "GOARCH="+o.GOARCH)
	if output, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err() // says more than "signal: killed"
		}
		return fmt.Errorf("build the handler for %s/%s: %w\n%s", o.GOOS, o.GOARCH, err, bytes.TrimSpace(output))
	}
	return nil
}
