package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// starts is how often each program is started; the median counts.
const starts = 10

// startPatience is how long a program may take to answer.
const startPatience = 10 * time.Second

// lookAgain is the pause between two looks at whether a program answers yet,
// and so the figures' grain.
const lookAgain = 500 * time.Microsecond

// measureStarts measures how long the handler takes from its start to its
// first answer, with the ledger the runs left, and a hello world likewise.
func (b *bencher) measureStarts(ctx context.Context) (err error) {
	fmt.Fprintf(b.progress, "starting %d times\n", starts)
	hello, err := b.buildHello(ctx)
	if err != nil {
		return err
	}
	if b.figures.helloBinary, err = sizeOf(hello); err != nil {
		return err
	}
	if b.figures.helloStart, err = medianStart(ctx, hello, nil); err != nil {
		return err
	}
	b.figures.start, err = medianStart(ctx, b.handler(), b.settings)
	return err
}

// buildHello builds the hello world.
func (b *bencher) buildHello(ctx context.Context) (program string, err error) {
	program = filepath.Join(b.folder, "hello")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags", "-s -w", "-o", program, "./handler/local/bench/hello")
	build.Dir, build.Env = filepath.Dir(b.dist), append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the hello world: %w\n%s", err, output)
	}
	return program, nil
}

func medianStart(ctx context.Context, program string, settings map[string]string) (time.Duration, error) {
	env := os.Environ()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		env = append(env, name+"="+settings[name])
	}
	var took []time.Duration
	for range starts {
		d, err := startOnce(ctx, program, env)
		if err != nil {
			return 0, fmt.Errorf("start %s: %w", filepath.Base(program), err)
		}
		took = append(took, d)
	}
	slices.Sort(took)
	return (took[(starts-1)/2] + took[starts/2]) / 2, nil
}

// startOnce starts a program as the Functions host would, and kills it as soon
// as it has answered GET /.
func startOnce(ctx context.Context, program string, env []string) (time.Duration, error) {
	port, err := freePort(ctx)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(env[:len(env):len(env)], "FUNCTIONS_CUSTOMHANDLER_PORT="+port)
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	err = awaitAnswer(ctx, "http://127.0.0.1:"+port+"/")
	took := time.Since(began)
	cancel()
	_ = cmd.Wait() // it was killed
	if err != nil {
		return 0, fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	return took, nil
}

// freePort finds a port that nobody has now.
func freePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), l.Close()
}

// awaitAnswer asks until anything answers, whatever it says.
func awaitAnswer(ctx context.Context, address string) error {
	transport := &http.Transport{DisableKeepAlives: true}
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return err
		}
		resp, err := transport.RoundTrip(req)
		if err == nil {
			return resp.Body.Close()
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}
