package simhost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// process is one run of the handler.
type process struct {
	cmd      *exec.Cmd
	out, err *lineWriter
	last     []string    // the end of stderr, for the crash message
	disposed atomic.Bool // the host itself ended it, so its exit is no error
	// gone is closed once the process has ended and the worker has noticed.
	gone chan struct{}
}

// crashLines is how much of stderr the host repeats in a crash message.
const crashLines = 3

// launch starts the handler. It is killed, without a word before, when ctx
// ends: the host knows no graceful stop of a custom handler.
func launch(ctx context.Context, executable, dir string, env []string, j *journal) (*process, error) {
	p := &process{gone: make(chan struct{})}
	p.out = &lineWriter{emit: func(text string) {
		j.write(Line{Level: slog.LevelInfo, Source: FromHandler, Text: text})
	}}
	p.err = &lineWriter{emit: func(text string) {
		level := slog.LevelError
		if strings.Contains(strings.ToLower(text), "warn") {
			level = slog.LevelWarn
		}
		j.write(Line{Level: level, Source: FromHandler, Text: text})
		p.last = append(p.last[max(0, len(p.last)-crashLines+1):], text)
	}}
	p.cmd = exec.CommandContext(ctx, executable)
	p.cmd.Dir, p.cmd.Env = dir, env
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	p.cmd.WaitDelay = time.Second // a grandchild may hold the pipes open
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the handler: %w", err)
	}
	return p, nil
}

// wait returns when the process has ended and all it wrote was passed on.
func (p *process) wait() {
	// The error only repeats what ProcessState says.
	_ = p.cmd.Wait()
	p.out.flush()
	p.err.flush()
}

// kill ends the process at once. One that has ended already is fine.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the handler: %w", err)
	}
	return nil
}

// verdict is nil when the exit counts as normal: the host then starts the
// handler anew without counting. Only to be called after wait.
func (p *process) verdict() error {
	code := exitCode(p.cmd.ProcessState)
	const restart, terminated = 200, 128 + int(syscall.SIGTERM)
	if p.disposed.Load() || code == 0 || code == restart || code == terminated {
		return nil
	}
	return fmt.Errorf("the handler exited with code %d: %s", code, strings.Join(p.last, " "))
}

// exitCode is the code as .NET gives it: 128 + the signal for a killed process.
func exitCode(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}
