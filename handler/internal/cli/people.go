package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// person says whom a command is about: an Entra user, or the user of a worker.
// Neither ever travels in an address, because the platform logs those.
type person struct{ user, worker string }

func (p *person) flags(set *pflag.FlagSet) {
	set.StringVar(&p.user, "user", "", "the `user`: an object id or a user principal name")
	set.StringVar(&p.worker, "worker", "", "the `personnel number` of the worker who is the user")
}

// fields puts the person into a request's body.
func (p *person) fields(body map[string]string) map[string]string {
	if p.user != "" {
		body["user"] = p.user
	}
	if p.worker != "" {
		body["worker"] = p.worker
	}
	return body
}

// one makes a command need exactly one way to say who is meant.
func one(c *cobra.Command) *cobra.Command {
	c.MarkFlagsMutuallyExclusive("user", "worker")
	c.MarkFlagsOneRequired("user", "worker")
	return c
}

// unmapped is a worker without a user who could be in a team.
type unmapped struct {
	Worker string   `json:"worker"`
	Cause  string   `json:"cause"`
	Fix    string   `json:"fix"`
	Stores []string `json:"stores"`
}

func (s *seat) unmappedCommand() *cobra.Command {
	asCSV := false
	c := s.command(&cobra.Command{
		Use:   "unmapped [--csv]",
		Short: "List workers who are in no team for want of a usable account, and what to fix",
		Long: `List the workers who belong in a team and are in none, because no usable account
could be found for them, each with the cause and what to fix.`,
		Example: "  handler unmapped\n  handler unmapped --csv > unmapped.csv",
	}, func(ctx context.Context, _ []string) error {
		if asCSV && s.flags.form == jsonForm {
			return wrong("--csv and --output json ask for two forms, expected one")
		}
		if asCSV {
			s.flags.form = csvForm
		}
		return s.answer(ctx, get("unmapped", "unmapped"), unmappedView())
	})
	c.Flags().BoolVar(&asCSV, "csv", false, "the same as --output csv")
	return c
}

func unmappedView() view {
	return viewOf(func(p *page, workers []unmapped) {
		if len(workers) == 0 {
			p.line("Every worker who belongs in a team has a usable account.")
			return
		}
		p.table(unmappedRows(workers))
		p.line("")
		p.line("%s. One of them step by step: %s explain --worker N", number(len(workers), "worker"), program)
	}, unmappedRows, nil)
}

func unmappedRows(workers []unmapped) [][]string {
	rows := [][]string{{"worker", "cause", "stores", "fix"}}
	for _, w := range workers {
		rows = append(rows, []string{w.Worker, w.Cause, strings.Join(w.Stores, " "), w.Fix})
	}
	return rows
}

// extra is somebody in one of our teams whom Commerce never wanted there.
type extra struct {
	Team  string `json:"team"`
	Group string `json:"group"`
	User  string `json:"user"`
	Role  string `json:"role"`
	Why   string `json:"why"`
}

func (s *seat) extrasCommand() *cobra.Command {
	return s.command(&cobra.Command{
		Use:   "extras",
		Short: "List people in our teams whom Commerce never wanted there",
		Long: `List people in our teams whom Commerce never wanted there: somebody added them by
hand, and storeteams leaves them alone.`,
		Example: "  handler extras\n  handler extras --output csv",
	}, func(ctx context.Context, _ []string) error {
		return s.answer(ctx, get("extras", "extras"), extrasView())
	})
}

func extrasView() view {
	return viewOf(func(p *page, extras []extra) {
		if len(extras) == 0 {
			p.line("Nobody is in our teams whom Commerce never wanted there.")
			return
		}
		p.table(extraRows(extras))
	}, extraRows, nil)
}

func extraRows(extras []extra) [][]string {
	slices.SortStableFunc(extras, func(a, b extra) int { return strings.Compare(a.Team, b.Team) })
	rows := [][]string{{"team", "user", "role", "why", "group"}}
	for _, e := range extras {
		rows = append(rows, []string{teamName(e.Team), e.User, e.Role, e.Why, e.Group})
	}
	return rows
}
