package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/storeteams/storeteams/handler/internal/cli"
	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/telemetry"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// The exit codes of the server. The Functions host restarts a handler that ends,
// three times at most; 2 tells the reader of its log that trying again will not
// help.
const (
	exitDone     = 0
	exitFailed   = 1
	exitSettings = 2
)

// bindPatience bounds how long the start waits for the ledger. The host wants
// an answer at its port within half a minute.
const bindPatience = 10 * time.Second

// memoryLimit is what the garbage collector holds the process to, unless
// GOMEMLIMIT says otherwise: host and handler share an instance of 2 GiB.
const memoryLimit = 900 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program. With arguments it is the operator's command line, a client
// of an app that runs elsewhere. Without, as the Functions host starts it, it
// reads settings through getenv, serves the host until ctx ends, and returns the
// exit code. Logs go to stdout, where the host takes each line as it is; stderr
// gets the one line a failed start is explained by, because the platform shows
// no more.
func run(ctx context.Context, args []string, getenv func(string) string, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		return cli.Run(ctx, args, cli.Env{Getenv: getenv, Stdin: stdin, Stdout: stdout, Stderr: stderr, Version: version()})
	}
	settings, err := config.FromEnv(getenv, environ...)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitSettings
	}
	logger := slog.New(telemetry.Lines(slog.NewJSONHandler(stdout, nil)))
	if err := serve(ctx, settings, getenv, logger); err != nil {
		fmt.Fprintln(stderr, err)
		if errors.As(err, new(*bindError)) {
			return exitSettings
		}
		return exitFailed
	}
	return exitDone
}

// bindError says that the ledger belongs to other settings.
type bindError struct{ error }

// Unwrap returns the cause.
func (e *bindError) Unwrap() error { return e.error }

// serve wires the parts and answers the host until ctx ends.
func serve(ctx context.Context, settings config.Config, getenv func(string) string, logger *slog.Logger) (err error) {
	told, err := startTelemetry(ctx, settings, logger)
	if err != nil {
		return err
	}
	defer func() {
		if err := told.Stop(context.WithoutCancel(ctx)); err != nil {
			logger.WarnContext(ctx, "telemetry lost at the end", "err", err)
		}
	}()
	app, err := wire(settings, getenv, told, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.close(context.WithoutCancel(ctx))) }()
	if err := bind(ctx, app, logger); err != nil {
		return err
	}
	listener, err := trigger.Listen(ctx, settings.Port)
	if err != nil {
		return err
	}
	handler := app.functions.Handler(logger) //nolint:contextcheck // each request brings its own
	return trigger.Server{Handler: handler, Logger: logger}.Serve(ctx, listener)
}

// startTelemetry begins exporting, if the settings say where to.
func startTelemetry(ctx context.Context, settings config.Config, logger *slog.Logger) (*telemetry.Telemetry, error) {
	headers := map[string]string{}
	for name, value := range settings.Telemetry.Headers {
		headers[name] = value.Reveal()
	}
	return telemetry.Start(ctx, telemetry.Options{
		Endpoint: settings.Telemetry.Endpoint, Headers: headers,
		Instance: settings.Rules.Instance, Version: version(), Log: logger,
	})
}

// bind checks that the ledger is ours. A ledger that cannot be reached now is
// no reason to stop: each run checks again.
func bind(ctx context.Context, app *app, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, bindPatience)
	defer cancel()
	switch err := app.bind(ctx); {
	case fault.Is(err, fault.Invalid):
		return &bindError{err}
	case err != nil:
		logger.WarnContext(ctx, "ledger not reached at the start", "err", err)
	}
	return nil
}

// stamped is the release's version, which infra/stage puts here.
var stamped string

// version is the program's: the release's, else that of its module when it was
// built from one, else the commit it was built from, as far as the build knew.
func version() string {
	if stamped != "" {
		return stamped
	}
	info, known := debug.ReadBuildInfo()
	if !known {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && info.Main.Version == "(devel)" {
			return setting.Value
		}
	}
	return info.Main.Version
}
