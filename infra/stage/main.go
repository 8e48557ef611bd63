// Command stage lays out the folder the Functions host runs, from the sources
// around the working directory:
//
//	go run ./infra/stage             # dist/, for Azure (linux/amd64)
//	go run ./infra/stage -local      # dist/, for this machine
//	go run ./infra/stage -o /tmp/app # another folder
//
// What the folder holds, and why, is package layout's to say.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/storeteams/storeteams/infra/stage/layout"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := layout.Options{Progress: stderr}
	flags := flag.NewFlagSet("stage", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Dist, "o", "", "folder to lay out (default: dist in the module's root)")
	flags.StringVar(&o.GOOS, "goos", "linux", "operating system the handler is for")
	flags.StringVar(&o.GOARCH, "goarch", "amd64", "processor the handler is for")
	flags.StringVar(&o.Version, "version", "", "version to stamp into the handler, e.g. v1.2.0")
	local := flags.Bool("local", false, "stage for this machine, whatever -goos and -goarch say")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("stage: unexpected argument %q", flags.Arg(0))
	}
	if *local {
		o = o.Local()
	}
	dist, err := layout.Stage(ctx, o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "staged %s for %s/%s\n", dist, o.GOOS, o.GOARCH)
	return err
}
