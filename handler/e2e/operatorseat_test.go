package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"
)

// The exit codes of the operator's command line.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitWaiting = 3
)

// told is what a command of the operator's command line answered.
type told struct {
	code        int
	out, errout string
}

// handler runs the staged binary as the operator of this site does, with nothing
// in its environment but where the app is.
func (s *site) handler(t *testing.T, args ...string) told {
	t.Helper()
	return command(t, "STORETEAMS_APP="+s.Host.URL(), args...)
}

// command runs the staged binary with arguments and one environment variable.
func command(t *testing.T, variable string, args ...string) told {
	t.Helper()
	var out, errout bytes.Buffer
	cmd := exec.CommandContext(t.Context(), filepath.Join(dist, "handler"), args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{variable}, &out, &errout
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return told{code: cmd.ProcessState.ExitCode(), out: out.String(), errout: errout.String()}
}

// read decodes the JSON that a command answered.
func (a told) read(t *testing.T, value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.out), value); err != nil {
		t.Fatalf("%v: exit code %d\n%s%s", err, a.code, a.out, a.errout)
	}
}
