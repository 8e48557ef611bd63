// Command bench measures the staged handler, whole, and prints a table:
//
//	go run ./handler/local/bench           1,000 stores of 50 workers
//	go run ./handler/local/bench -quick    200 stores of 20
//	go run ./handler/local/bench -build    builds too, the first from nothing: minutes
//
// A regular chain (worldgen.Chain) is brought into an empty simulated tenant,
// over sockets, with throttling off and rates so high that nothing waits for
// them. What is left is the handler's own work, and the number of requests,
// which with Microsoft's limits decides how long it takes in earnest.
//
// The handler is a process of its own, started anew for each run, so its
// figures hold nothing of the simulators but the processors they keep busy.
// They come from /proc, which only Linux has.
//
// It refuses to judge: it asserts nothing, and what is wrong is for tests to
// find. How fast single packages are is for their own benchmarks to say.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := bench(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// errUsage says that the command line was wrong; what and how was said.
var errUsage = errors.New("wrong use")

// options are the program's flags.
type options struct {
	notices         bool // nothing else is measured
	stores, workers int
	tables          string
	build           bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.stores, "stores", 1000, "`number` of stores")
	flags.IntVar(&o.workers, "workers", 50, "`number` of workers a store")
	flags.StringVar(&o.tables, "tables", "", "\"azurite\": keep the ledger in a running Azurite (make azurite), empty as it starts")
	flags.BoolVar(&o.build, "build", false, "measure builds too, one of them from nothing")
	flags.BoolVar(&o.notices, "notices", false, "measure notifications alone")
	quick := flags.Bool("quick", false, "a small chain, to see that everything works: 200 stores of 20 workers")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return o, err
	case err != nil:
		return o, errUsage
	}
	if *quick {
		o.stores, o.workers = 200, 20
	}
	if flags.NArg() > 0 || o.stores < 1 || o.workers < 1 || o.tables != "" && o.tables != "azurite" {
		fmt.Fprintln(stderr, "bench: -stores and -workers are at least 1, -tables can only be azurite, and there is nothing but flags")
		return o, errUsage
	}
	return o, nil
}

// bench measures everything asked for and writes the table to stdout. What
// takes long, and what the handler complains of, goes to stderr.
func bench(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "storeteams-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := &bencher{options: o, folder: folder, progress: stderr}
	steps := []func(context.Context) error{b.stage, b.measureRuns, b.measureQuestions, b.measureTasks, b.measureNotices, b.measureStarts, b.measureBuilds}
	if o.notices {
		steps = []func(context.Context) error{b.stage, b.measureNotices}
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return b.figures.write(stdout)
}
