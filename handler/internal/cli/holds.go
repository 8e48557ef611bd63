package cli

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// The decisions on a hold.
const (
	waiting = "waiting"
	allowed = "allowed"
	refused = "refused"
)

// hold is what a rail stopped, and what a person said of it.
type hold struct {
	halt
	Since    time.Time `json:"since"`
	Expires  time.Time `json:"expires"`
	Decision string    `json:"decision"`
	Decided  time.Time `json:"decided"`
}

func (s *seat) holdsCommand() *cobra.Command {
	return group("holds", "See what the rails stopped, and decide on it",
		`See what the rails stopped, and decide on it. A hold is bound to its changes by
its hash: what is allowed is what was shown, and what comes later is asked about
anew. Holds and decisions last 7 days.`,
		"  handler holds list\n  handler holds show 0123456789abcdef",
		s.command(&cobra.Command{
			Use:   "list",
			Short: "List what waits for a person, and what was decided",
			Long: `List what waits for a person, and what was decided, store by store.

Exit code 3 says that at least one hold waits.`,
			Example: "  handler holds list\n  handler holds list --output csv",
		}, func(ctx context.Context, _ []string) error {
			return s.answer(ctx, get("holds", "holds"), holdsView())
		}),
		s.holdCommand("show HASH", "Show one hold with all its changes", "", "", holdView(writeHold)),
		s.holdCommand("allow HASH", "Allow what a hold stopped", `
The next run makes the hold's changes, and only those. Allowing again is no harm.`, "/allow", holdView(writeAllowed)),
		s.holdCommand("refuse HASH", "Refuse what a hold stopped", `
The hold's changes are not made while the refusal lasts. A removal that Commerce
states meanwhile, because somebody was dismissed, is another matter and is made.`, "/refuse", holdView(writeRefused)),
	)
}

// fullHash is a hold's hash as holds list shows it.
var fullHash = regexp.MustCompile(`^[0-9a-f]{16}$`)

// holdCommand is a command about one hold.
func (s *seat) holdCommand(use, short, more, suffix string, v view) *cobra.Command {
	return s.command(&cobra.Command{
		Use: use, Short: short,
		Long:    short + ". HASH is the whole hash that holds list and plan show.\n" + more,
		Example: "  handler holds " + use[:len(use)-len("HASH")] + "0123456789abcdef",
		Args:    cobra.ExactArgs(1),
	}, func(ctx context.Context, args []string) error {
		if !fullHash.MatchString(args[0]) {
			return wrong("%q is no hold's hash, expected all its 16 digits as holds list shows them", args[0])
		}
		what := get("holds/"+args[0], "hold")
		if suffix != "" {
			what = post("holds/"+args[0]+suffix, "hold", nil)
		}
		return s.answer(ctx, what, v)
	})
}

func holdsView() view {
	return viewOf(writeHolds, holdRows, func(holds []hold) int {
		if slices.ContainsFunc(holds, func(h hold) bool { return h.Decision == waiting }) {
			return exitWaiting
		}
		return exitDone
	})
}

func holdView(text func(*page, hold)) view { return viewOf(text, nil, nil) }

func writeHolds(p *page, holds []hold) {
	if len(holds) == 0 {
		p.line("Nothing is held.")
		return
	}
	p.table(holdRows(holds))
	p.line("")
	p.line("All of one: %s holds show HASH. Decide: %s holds allow HASH, or refuse HASH.", program, program)
}

func holdRows(holds []hold) [][]string {
	slices.SortFunc(holds, func(a, b hold) int {
		return cmp.Or(cmp.Compare(a.Team, b.Team), cmp.Compare(a.Rail, b.Rail), cmp.Compare(a.Hash, b.Hash))
	})
	rows := [][]string{{"hash", "team", "rail", "decision", "changes", "expires", "why"}}
	for _, h := range holds {
		rows = append(rows, []string{
			h.Hash, teamName(h.Team), h.Rail, h.Decision, strconv.Itoa(len(h.Changes)), when(h.Expires), h.Why,
		})
	}
	return rows
}

func writeHold(p *page, h hold) {
	p.line("hold %s, %s, by %s: %s", h.Hash, teamName(h.Team), cmp.Or(h.Rail, "a rail"), h.Why)
	for _, c := range h.Changes {
		p.line("  %s", c.words())
	}
	p.line("since %s, expires %s", when(h.Since), when(h.Expires))
	if h.Decision == waiting {
		p.line("It waits for a person: %s holds allow %s, or refuse %s", program, h.Hash, h.Hash)
		return
	}
	p.line("%s at %s", h.Decision, when(h.Decided))
}

// writeAllowed says what happens now, and when.
func writeAllowed(p *page, h hold) {
	p.line("Hold %s of %s is %s. The next run makes these changes:", h.Hash, teamName(h.Team), cmp.Or(h.Decision, allowed))
	for _, c := range h.Changes {
		p.line("  %s", c.words())
	}
	now := program + " run"
	if store := storeOf(h.Team); store != "" {
		now += " --store " + store
	}
	p.line("The app runs by itself, as a rule every 15 minutes; at once: %s", now)
	p.line("What is not made until %s is asked about anew.", when(h.Expires))
}

func writeRefused(p *page, h hold) {
	p.line("Hold %s of %s is %s. These changes are not made:", h.Hash, teamName(h.Team), cmp.Or(h.Decision, refused))
	for _, c := range h.Changes {
		p.line("  %s", c.words())
	}
	p.line("The refusal ends %s; what still applies then is asked about anew.", when(h.Expires))
}
