package cli

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

// block keeps a user out of one store's team, or of all.
type block struct {
	User  string `json:"user"`
	Store string `json:"store"`
}

func (s *seat) blocksCommand() *cobra.Command {
	return s.command(&cobra.Command{
		Use:     "blocks",
		Short:   "List who is kept out of teams, whatever Commerce wants",
		Long:    "List who is kept out of teams by an operator, whatever Commerce wants.",
		Example: "  handler blocks\n  handler blocks --output csv",
	}, func(ctx context.Context, _ []string) error {
		return s.answer(ctx, get("blocks", "blocks"), blocksView(""))
	})
}

func (s *seat) blockCommand() *cobra.Command {
	return s.changeBlocks(&cobra.Command{
		Use:   "block --user U|--worker P [--store N]",
		Short: "Keep somebody out of a team, or of all",
		Long: `Keep somebody out of one store's team or, without --store, of every team, from
the next run on, whatever Commerce wants. To take them out at once, see revoke.`,
		Example: "  handler block --worker 001008 --store 000101\n  handler block --user ana@example.com",
	}, "Blocked, from the next run on.")
}

func (s *seat) unblockCommand() *cobra.Command {
	return s.changeBlocks(&cobra.Command{
		Use:   "unblock --user U|--worker P [--store N]",
		Short: "Take a block back",
		Long: `Take back the block of exactly that person and store; without --store, the one
for every team. Whom Commerce wants in a team comes back with the next run.`,
		Example: "  handler unblock --worker 001008 --store 000101",
	}, "Not blocked there any more, from the next run on.")
}

func (s *seat) changeBlocks(c *cobra.Command, done string) *cobra.Command {
	var (
		who   person
		store string
	)
	path := c.Name()
	c = s.command(c, func(ctx context.Context, _ []string) error {
		body := who.fields(map[string]string{})
		if store != "" {
			body["store"] = store
		}
		return s.answer(ctx, post(path, "blocks", body), blocksView(done))
	})
	who.flags(c.Flags())
	c.Flags().StringVar(&store, "store", "", "the `number` of the only store it is about")
	return one(c)
}

// blocksView shows the blocks there are, below what was done.
func blocksView(done string) view {
	return viewOf(func(p *page, blocks []block) {
		if done != "" {
			p.line("%s", done)
		}
		if len(blocks) == 0 {
			p.line("Nobody is blocked.")
			return
		}
		p.table(blockRows(blocks))
	}, blockRows, nil)
}

func blockRows(blocks []block) [][]string {
	rows := [][]string{{"user", "out of"}}
	for _, b := range blocks {
		from := "every team"
		if b.Store != "" {
			from = "store " + b.Store
		}
		rows = append(rows, []string{b.User, from})
	}
	return rows
}

// revocation is what came of taking somebody out of everything.
type revocation struct {
	User  string            `json:"user"`
	Out   []string          `json:"out"`
	Still map[string]string `json:"still"`
}

func (s *seat) revokeCommand() *cobra.Command {
	var who person
	c := s.command(&cobra.Command{
		Use:   "revoke --user U|--worker P",
		Short: "Take somebody out of every team now, and block them",
		Long: `Take somebody out of every team now, and block them, so that they stay out
whatever Commerce wants. The caps do not stop it: a person says so, and it is
recorded. The last owner of a team stays until there is another one.

Exit code 1 says that they may still be in some team.`,
		Example: "  handler revoke --worker 001008",
	}, func(ctx context.Context, _ []string) error {
		return s.answer(ctx, post("revoke", "revoked", who.fields(map[string]string{})), revokedView())
	})
	who.flags(c.Flags())
	return one(c)
}

func revokedView() view {
	return viewOf(writeRevocation, nil, func(r revocation) int {
		if len(r.Still) > 0 {
			return exitFailed
		}
		return exitDone
	})
}

func writeRevocation(p *page, r revocation) {
	p.line("User %s is blocked from every team.", r.User)
	if len(r.Out) == 0 {
		p.line("They were taken out of no team.")
	}
	for _, team := range r.Out {
		p.line("  out of %s", teamName(team))
	}
	for _, team := range slices.Sorted(maps.Keys(r.Still)) {
		p.line("  maybe STILL in %s: %s", teamName(team), r.Still[team])
	}
	if len(r.Still) > 0 {
		p.line("Say it again, or take them out there by hand. In MODE=full the next runs try again.")
	}
}
