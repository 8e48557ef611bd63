package cli

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// deadLetter is a message that nobody works on any more.
type deadLetter struct {
	ID          string    `json:"id"`
	Kind        string    `json:"kind"`
	Store       string    `json:"store"`
	Key         string    `json:"key"`
	Attempts    int       `json:"attempts"`
	Reason      string    `json:"reason"`
	Description string    `json:"description"`
	Excerpt     string    `json:"excerpt"`
	At          time.Time `json:"at"`
}

func (s *seat) deadLettersCommand() *cobra.Command {
	about := func(use, short, more string) *cobra.Command {
		return s.command(&cobra.Command{
			Use: use + " ID|all", Short: short, Long: short + ".\n" + more,
			Example: "  handler tasks dead-letters " + use + " 42\n  handler tasks dead-letters " + use + " all",
			Args:    cobra.ExactArgs(1),
		}, func(ctx context.Context, args []string) error {
			body := map[string]string{"letter": args[0]}
			return s.answer(ctx, post("tasks/dead-letters/"+use, "deadLetters", body), lettersView("Done. Left are:"))
		})
	}
	return group("dead-letters", "See messages that were given up, and decide on them",
		`See messages of the queue task-hints that were given up, and decide on them. A
hint says where to look, never what happened there; so dropping one loses nothing
but time: the store is looked at within the hour anyway.`,
		"  handler tasks dead-letters list\n  handler tasks dead-letters retry all",
		s.command(&cobra.Command{
			Use: "list", Short: "List the oldest messages that were given up, and why",
			Long:    "List the oldest messages that were given up, at most 200, and why.",
			Example: "  handler tasks dead-letters list --output csv",
		}, func(ctx context.Context, _ []string) error {
			return s.answer(ctx, get("tasks/dead-letters", "deadLetters"), lettersView(""))
		}),
		about("retry", "Send a message once more", "It counts as new, with ten attempts."),
		about("drop", "Remove a message", "What it hinted at is found by the next sweep."),
	)
}

func lettersView(done string) view {
	return viewOf(func(p *page, letters []deadLetter) {
		if done != "" {
			p.line("%s", done)
		}
		if len(letters) == 0 {
			p.line("No dead letters.")
			return
		}
		p.table(letterRows(letters))
	}, letterRows, nil)
}

func letterRows(letters []deadLetter) [][]string {
	rows := [][]string{{"id", "about", "attempts", "since", "reason", "why"}}
	for _, l := range letters {
		about := strings.Join(strings.Fields(strings.Join([]string{l.Kind, l.Store, l.Key}, " ")), " ")
		rows = append(rows, []string{l.ID, cmp.Or(about, l.Excerpt), strconv.Itoa(l.Attempts), when(l.At), l.Reason, l.Description})
	}
	return rows
}
