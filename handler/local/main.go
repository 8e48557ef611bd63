// Command local runs storeteams on this machine alone: the handler as it will
// run in Azure, between a simulated Commerce and a simulated tenant.
//
//	go run ./handler/local -once     bring the tenant in step, show it, and end
//	go run ./handler/local           stay, and follow changes of Commerce
//	go run ./handler/local hire …    change a running environment's Commerce
//	go run ./handler status          be its operator
//
// See -help for the flags and the commands. Settings of the handler that are set
// in the environment, such as MODE=plan, stand in place of the sample's.
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

	"github.com/storeteams/storeteams/handler/local/world"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errUsage says that the command line was wrong; what and how was said.
var errUsage = errors.New("wrong use")

// run is the program. What it shows goes to stdout, how it goes about it to
// stderr.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	err := dispatch(ctx, args, getenv, stdout, stderr)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return exitDone
	case errors.Is(err, errUsage):
		return exitUsage
	}
	fmt.Fprintln(stderr, "local:", err)
	return exitFailed
}

func dispatch(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if name, command, rest, found := find(args); found {
		return command.run(ctx, name, rest, stdout, stderr)
	}
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	return o.run(ctx, getenv, stdout, stderr)
}

// options are the program's flags.
type options struct {
	world    string
	state    string
	tables   string
	once     bool
	host     bool
	verbose  bool
	port     int
	graph    int
	commerce int
	bus      int
}

const usage = `Runs storeteams on this machine: the staged handler, a simulated Commerce, a simulated tenant.

  go run ./handler/local [flags]
  go run ./handler/local COMMAND [flags]    in a second terminal; COMMAND -help tells its flags

Changes of a running environment's Commerce:
  hire -store N [-name NAME] [-user UPN]    a worker starts in a store
  leave -worker P                           a worker leaves the company
  transfer -worker P -store N               a worker moves to a store, out of all others
  promote -worker P -store N                a worker gets a manager position there
  demote -worker P                          a worker manages nothing any more
  open -store N -name NAME -region NODE     a store opens below a node of the hierarchy
  close -store N                            a store closes: its rows are gone
  reopen -store N                           a closed store comes back as it was
  rename -store N -name NAME                a store gets another name
  event -worker P                           Commerce says that something about a worker changed

What people do about tasks, at the till or with -at board in Teams:
  tasks -store N                            shows a store's tasks on both sides
  tick, untick -store N -task TITLE         completes a task, or reopens it
  assign -store N -task TITLE -worker P     gives it to somebody
  add, delete -store N -task TITLE          makes a task of the store's own, or deletes one
  start -campaign NAME -store N,N -task T;T headquarters sends a list to stores
  cancel -store N -task TITLE               headquarters cancels the process of that task

Its operator's seat is the handler's own command line, as in Azure:
  go run ./handler -help

The names of flags that must be given, and of -store, may be left out:
  go run ./handler/local transfer 001008 000102

Flags:
`

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	flags.StringVar(&o.world, "world", "", "world `file` to load in place of the sample")
	flags.StringVar(&o.state, "state", "", "`folder` that keeps ledger and world from start to start; without it everything is forgotten")
	flags.StringVar(&o.tables, "tables", "", "\"azurite\": keep the ledger in a running Azurite (make azurite) in place of a file")
	flags.BoolVar(&o.once, "once", false, "run until there is nothing to do, show the teams, and end")
	flags.BoolVar(&o.host, "host", true, "run the handler; -host=false starts only the simulators, for func start")
	flags.BoolVar(&o.verbose, "v", false, "show what the handler logs")
	flags.IntVar(&o.port, "port", 7071, "`port` of the Functions host's stand-in (with -once alone any free one)")
	flags.IntVar(&o.graph, "graph-port", 7081, "`port` of the simulated Graph (likewise)")
	flags.IntVar(&o.bus, "bus-port", 7083, "`port` of the Service Bus stand-in (likewise)")
	flags.IntVar(&o.commerce, "commerce-port", 7082, "`port` of the simulated Commerce (likewise)")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errUsage
	}
	wrong := func(text string, values ...any) (options, error) {
		fmt.Fprintf(stderr, "local: "+text+"; -help tells more\n", values...)
		return o, errUsage
	}
	switch {
	case flags.NArg() > 0:
		return wrong("%q is no command", flags.Arg(0))
	case o.tables != "" && o.tables != "azurite":
		return wrong("-tables can only be azurite")
	case o.once && !o.host:
		return wrong("-once needs the handler; leave out -host=false")
	}
	// A ledger that is kept is bound to Commerce's address, so its port must not change.
	if o.once && o.state == "" && o.tables == "" {
		given := map[string]bool{}
		flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
		for name, port := range map[string]*int{"port": &o.port, "graph-port": &o.graph, "commerce-port": &o.commerce, "bus-port": &o.bus} {
			if !given[name] {
				*port = 0
			}
		}
	}
	return o, nil
}

// load reads the world: the one kept from last time, the file asked for, or
// the sample.
func (o options) load() (world.World, error) {
	if o.state != "" {
		if kept, err := world.LoadFile(o.keptWorld()); !errors.Is(err, os.ErrNotExist) {
			return kept, err
		}
	}
	if o.world != "" {
		return world.LoadFile(o.world)
	}
	return world.Sample()
}
