package e2e

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is the handler's binary started by hand, without a host around it.
type process struct {
	cmd            *exec.Cmd
	url            string
	stdout, stderr bytes.Buffer // to be read once it has ended
}

// launch starts the binary with these settings and nothing else in its
// environment. It is killed when the test ends, or runs out of patience.
func launch(t *testing.T, settings map[string]string, arguments ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(ctx, filepath.Join(dist, "handler"), arguments...), url: "http://" + address}
	p.cmd.Env = []string{"FUNCTIONS_CUSTOMHANDLER_PORT=" + port}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		p.cmd.Env = append(p.cmd.Env, name+"="+settings[name])
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// freeAddress is an address of this machine that nobody listened at just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// exit waits for the process to end by itself and returns its exit code. A
// process that was killed, by us or by anybody, has none: that fails the test.
func (p *process) exit(t *testing.T) int {
	t.Helper()
	err := p.cmd.Wait()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	code := p.cmd.ProcessState.ExitCode()
	if code < 0 {
		t.Fatalf("the handler did not end by itself: %v\n%s%s", err, &p.stdout, &p.stderr)
	}
	return code
}

// serves waits until the process answers.
func (p *process) serves(t *testing.T) {
	t.Helper()
	again := time.NewTicker(look)
	defer again.Stop()
	for began := time.Now(); ; <-again.C {
		resp, err := p.request(t.Context(), http.MethodGet, "/", "")
		if err == nil {
			closeBody(t, resp)
			return
		}
		if time.Since(began) > patience {
			t.Fatalf("the handler never answered: %v", err)
		}
	}
}

// tick is what the host posts when OrgSync's timer fires.
const tick = `{"Data":{"timer":{"Schedule":{"AdjustForDST":true},"IsPastDue":false}},` +
	`"Metadata":{"sys":{"MethodName":"OrgSync","UtcNow":"2026-01-01T00:00:00Z","RandGuid":"11111111-2222-4333-8444-555555555555"}}}`

func (p *process) request(ctx context.Context, method, path, body string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return http.DefaultClient.Do(req)
}

func closeBody(t *testing.T, resp *http.Response) {
	t.Helper()
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

// terminate sends SIGTERM, as a platform does before it takes a machine away.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}
