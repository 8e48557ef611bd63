package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/world"
)

// command is something to do to an environment that runs in another process:
// a change in Commerce, or what an operator does.
type command struct {
	// flags registers the command's own flags and returns what carries it out.
	flags func(*flag.FlagSet) action

	// values are the flags that may also be given without their names, in this
	// order; the first need of them must be given.
	values []string
	need   int

	operates bool // through Operations, rather than at headquarters
}

// action carries a command out and says in sentences what was done.
type action func(context.Context, place) (string, error)

// place is where the environment is.
type place struct {
	hq       world.Headquarters
	shutters environment.Shutters
	operator environment.Operator
}

// commands lists them by name.
func commands() map[string]command {
	all := changes()
	for name, c := range operations() {
		c.operates = true
		all[name] = c
	}
	return all
}

// find takes a command's name, of one or two words, off the arguments.
func find(args []string) (name string, c command, rest []string, found bool) {
	all := commands()
	for words := min(2, len(args)); words > 0; words-- {
		name := strings.Join(args[:words], " ")
		if c, found := all[name]; found {
			return name, c, args[words:], true
		}
	}
	return "", command{}, args, false
}

// run parses a command's arguments and carries it out.
func (c command) run(ctx context.Context, name string, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	at := c.addresses(flags)
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

// addresses registers the flags that say where the environment is, and returns
// what reads them once they are parsed.
func (c command) addresses(flags *flag.FlagSet) func() place {
	commerce := flags.String("commerce", "http://127.0.0.1:7082", "`address` of the simulated Commerce")
	o := environment.Operator{}
	if c.operates {
		flags.StringVar(&o.App, "app", "http://127.0.0.1:7071", "`address` of the Functions host's stand-in")
		flags.StringVar(&o.Key, "key", "", "function `key`; the stand-in asks for none")
		flags.StringVar(&o.Graph, "graph", "http://127.0.0.1:7081/v1.0", "`address` of the simulated Graph")
	}
	return func() place {
		o.Commerce = *commerce
		return place{hq: world.Headquarters{URL: *commerce}, shutters: environment.Shutters{Commerce: *commerce}, operator: o}
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
