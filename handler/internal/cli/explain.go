package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/storeteams/storeteams/handler/internal/explain"
)

func (s *seat) explainCommand() *cobra.Command {
	var (
		who   person
		store string
	)
	c := s.command(&cobra.Command{
		Use:   "explain --store N|--worker P|--user U",
		Short: "Explain step by step why somebody is or is not in a team",
		Long: `Explain step by step, with the values that were looked at, why a worker or user
is or is not in the teams, or how a store's team comes about: what was read,
whether it is in scope, which rule matched, what is wanted, what was found, and
what was done when. --store together with one of the others asks about them in
that store's team.`,
		Example: `  handler explain --worker 001008
  handler explain --worker 001008 --store 000101
  handler explain --user ana@example.com
  handler explain --store 000101`,
	}, func(ctx context.Context, _ []string) error {
		body := who.fields(map[string]string{})
		if store != "" {
			body["store"] = store
		}
		return s.answer(ctx, post("explain", "explanation", body), explanationView())
	})
	who.flags(c.Flags())
	c.Flags().StringVar(&store, "store", "", "the `number` of the store")
	c.MarkFlagsMutuallyExclusive("user", "worker")
	c.MarkFlagsOneRequired("user", "worker", "store")
	return c
}

func explanationView() view {
	return viewOf(func(p *page, e explain.Explanation) {
		_ = e.WriteText(p) // memory takes everything
	}, nil, nil)
}
