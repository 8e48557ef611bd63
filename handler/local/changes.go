package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/storeteams/storeteams/handler/local/world"
)

// change is one thing that can happen in Commerce, as a command.
type change struct {
	// flags registers the change's own flags and returns what carries it out and
	// says in a sentence what was done.
	flags func(*flag.FlagSet) func(context.Context, world.Headquarters) (string, error)
	need  []string // flags that must be given
}

// changes lists them by name.
func changes() map[string]change {
	return map[string]change{
		"hire":    {hire, []string{"store"}},
		"promote": {promote, []string{"worker", "store"}},
		"open":    {openStore, []string{"store", "name", "region"}},
		"rename":  {rename, []string{"store", "name"}},
	}
}

// run parses a change's flags and makes it.
func (c change) run(ctx context.Context, name string, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	address := flags.String("commerce", "http://127.0.0.1:7082", "`address` of the simulated Commerce")
	do := c.flags(flags)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	for _, needed := range c.need {
		if flags.Lookup(needed).Value.String() == "" {
			fmt.Fprintf(stderr, "local: %s needs -%s\n", name, needed)
			return errUsage
		}
	}
	done, err := do(ctx, world.Headquarters{URL: *address})
	if err != nil {
		return fmt.Errorf("%w (is an environment running at %s? go run ./handler/local starts one)", err, *address)
	}
	fmt.Fprintln(stdout, done)
	return nil
}

func hire(flags *flag.FlagSet) func(context.Context, world.Headquarters) (string, error) {
	store := flags.String("store", "", "`number` of the store")
	var who world.Recruit
	flags.StringVar(&who.Name, "name", "", "`name` of the worker")
	flags.StringVar(&who.UPN, "user", "", "`UPN` of their Entra account; without it the first that waits for a worker")
	return func(ctx context.Context, hq world.Headquarters) (string, error) {
		hired, err := hq.Hire(ctx, *store, who)
		return fmt.Sprintf("Commerce: worker %s (%s, %s) works in store %s.", hired.PersonnelNumber, hired.Name, hired.UPN, *store), err
	}
}

func promote(flags *flag.FlagSet) func(context.Context, world.Headquarters) (string, error) {
	worker := flags.String("worker", "", "personnel `number` of the worker")
	store := flags.String("store", "", "`number` of the store")
	return func(ctx context.Context, hq world.Headquarters) (string, error) {
		return fmt.Sprintf("Commerce: worker %s has a manager position in store %s.", *worker, *store), hq.Promote(ctx, *worker, *store)
	}
}

func openStore(flags *flag.FlagSet) func(context.Context, world.Headquarters) (string, error) {
	store := flags.String("store", "", "`number` of the new store")
	name := flags.String("name", "", "`name` of the new store")
	region := flags.String("region", "", "`node` of the hierarchy it belongs to, by name")
	return func(ctx context.Context, hq world.Headquarters) (string, error) {
		return fmt.Sprintf("Commerce: store %s, %s, is open.", *store, *name), hq.Open(ctx, *store, *name, *region)
	}
}

func rename(flags *flag.FlagSet) func(context.Context, world.Headquarters) (string, error) {
	store := flags.String("store", "", "`number` of the store")
	name := flags.String("name", "", "its new `name`")
	return func(ctx context.Context, hq world.Headquarters) (string, error) {
		return fmt.Sprintf("Commerce: store %s is called %s.", *store, *name), hq.Rename(ctx, *store, *name)
	}
}
