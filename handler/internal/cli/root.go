package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// program is the name of the program as its users know it.
const program = "handler"

// action is what a command does with its arguments.
type action func(ctx context.Context, args []string) error

// root returns the tree of commands.
func (s *seat) root() *cobra.Command {
	root := &cobra.Command{
		Use:   program,
		Short: "Operate storeteams: Microsoft Teams in step with Dynamics 365 Commerce",
		Long: `The operator's commands of storeteams. They ask the app's function Operations;
nothing here opens its ledger or calls Commerce or Graph. Without a command the
binary is the app itself, which the Azure Functions host starts.

Name the app by --app or ` + appVariable + `: its address, with the function's key in
` + keyVariable + `, or its Azure resource id, with a login (az login) that may
read that key.

Exit codes: 0 done or nothing to do, 1 failed or something must be fixed, 2 wrong
use or settings, 3 changes or holds are waiting.`,
		Example: `  handler status
  handler explain --worker 001008 --store 000101
  handler plan --store 000101`,
		Args:          unknownCommand,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
	}
	root.RunE = needCommand
	s.flags.add(root)
	root.AddCommand(
		s.statusCommand(), s.planCommand(), s.explainCommand(), s.holdsCommand(), s.runsCommand(), s.runCommand(),
		s.jobCommand(), s.unmappedCommand(), s.extrasCommand(), s.blockCommand(), s.unblockCommand(), s.blocksCommand(),
		s.revokeCommand(), s.baselineCommand(), s.rebuildCommand(), s.doctorCommand(), s.hierarchyCommand(), s.tasksCommand(), s.versionCommand(),
	)
	return root
}

// command completes a command that does something.
func (s *seat) command(c *cobra.Command, do action) *cobra.Command {
	c.DisableFlagsInUseLine = true
	if c.Args == nil {
		c.Args = cobra.NoArgs
	}
	if c.ValidArgsFunction == nil {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		for _, check := range []func() error{s.flags.check, func() error { return notEmpty(c.Flags()) }} {
			if err := check(); err != nil {
				return err
			}
		}
		ctx, cancel := context.WithTimeout(c.Context(), s.flags.timeout)
		defer cancel()
		return asFailure(do(ctx, args))
	}
	return c
}

// asFailure keeps errors of a command's work from being taken for cobra's.
func asFailure(err error) error {
	if err == nil || errors.As(err, new(*failure)) {
		return err
	}
	return &failure{kind: fault.KindOf(err), text: err.Error(), err: err}
}

// group is a command that only has others below it.
func group(use, short, long, example string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		Args: unknownCommand, RunE: needCommand,
		DisableFlagsInUseLine:      true,
		SuggestionsMinimumDistance: 2,
	}
	c.AddCommand(below...)
	return c
}

func needCommand(c *cobra.Command, _ []string) error {
	return wrong("%s needs one of these: %s", called(c), strings.Join(below(c), ", "))
}

func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	f := wrong("%s has no command %q", called(c), args[0])
	f.hint = "It has these: " + strings.Join(below(c), ", ")
	if close := c.SuggestionsFor(args[0]); len(close) > 0 {
		f.hint = "Did you mean " + strings.Join(close, " or ") + "?"
	}
	return f
}

// called is how a command with others below it is spoken of.
func called(c *cobra.Command) string {
	if c.HasParent() {
		return c.Name()
	}
	return program
}

// below names the commands below one.
func below(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}
