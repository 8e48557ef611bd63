package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"slices"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/world"
)

// command is a change in the Commerce of an environment that runs in another
// process.
type command struct {
	// flags registers the command's own flags and returns what carries it out.
	flags func(*flag.FlagSet) action

	// values are the flags that may also be given without their names, in this
	// order; the first need of them must be given.
	values []string
	need   int
}

// action carries a command out and says in sentences what was done.
type action func(context.Context, place) (string, error)

// place is where the environment is.
type place struct {
	hq       world.Headquarters
	shutters environment.Shutters
	teams    string // Graph's root with its version
}

// find takes a command's name off the arguments.
func find(args []string) (name string, c command, rest []string, found bool) {
	if len(args) > 0 {
		if c, found = changes()[args[0]]; !found {
			c, found = taskChanges()[args[0]]
		}
	}
	if !found {
		return "", command{}, args, false
	}
	return args[0], c, args[1:], true
}

// run parses a command's arguments and carries it out.
func (c command) run(ctx context.Context, name string, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	at := address(flags)
	do := c.flags(flags)
	if err := c.parse(flags, args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	done, err := do(ctx, at())
	if err != nil {
		var unreachable *url.Error
		if errors.As(err, &unreachable) {
			return fmt.Errorf("%w (is an environment running there? go run ./handler/local starts one)", err)
		}
		return err
	}
	fmt.Fprintln(stdout, done)
	return nil
}

// address registers the flag that says where the environment is, and returns
// what reads it once it is parsed.
func address(flags *flag.FlagSet) func() place {
	commerce := flags.String("commerce", "http://127.0.0.1:7082", "`address` of the simulated Commerce")
	graph := flags.String("graph", "http://127.0.0.1:7081/v1.0", "`address` of the simulated Graph")
	return func() place {
		return place{hq: world.Headquarters{URL: *commerce}, shutters: environment.Shutters{Commerce: *commerce}, teams: *graph}
	}
}

// parse parses flags and values, and says what is wrong with them.
func (c command) parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	open := slices.DeleteFunc(slices.Clone(c.values), func(name string) bool { return given[name] })
	for i, value := range flags.Args() {
		if i >= len(open) {
			fmt.Fprintf(flags.Output(), "local: %q is one value too many for %s, and flags come before values\n", value, flags.Name())
			return errUsage
		}
		if err := flags.Set(open[i], value); err != nil {
			return err
		}
	}
	for _, needed := range c.values[:c.need] {
		if flags.Lookup(needed).Value.String() == "" {
			fmt.Fprintf(flags.Output(), "local: %s needs -%s\n", flags.Name(), needed)
			return errUsage
		}
	}
	return nil
}
