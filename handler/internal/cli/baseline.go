package cli

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// baseline compares the newest reading of Commerce with the accepted one, by
// which later readings are measured.
type baseline struct {
	Accepted    time.Time `json:"accepted"`
	Newest      time.Time `json:"newest"`
	Short       string    `json:"short"`
	Collections []struct {
		Name     string `json:"name"`
		Accepted int    `json:"accepted"`
		Newest   int    `json:"newest"`
	} `json:"collections"`
}

func (s *seat) baselineCommand() *cobra.Command {
	return group("baseline", "Compare Commerce's newest reading with the accepted one, and accept it",
		`Compare Commerce's newest reading with the accepted one, and accept it. A reading
that is much smaller than the accepted one takes nobody out for want of a row,
until a person accepts that Commerce has become that small.`,
		"  handler baseline show\n  handler baseline accept",
		s.command(&cobra.Command{
			Use: "show", Short: "Show both readings, collection by collection",
			Long:    "Show how many rows the accepted and the newest reading have, collection by collection.",
			Example: "  handler baseline show",
		}, func(ctx context.Context, _ []string) error {
			return s.answer(ctx, get("baseline", "baseline"), baselineView())
		}),
		s.baselineAcceptCommand(),
	)
}

func (s *seat) baselineAcceptCommand() *cobra.Command {
	var reading string
	c := s.command(&cobra.Command{
		Use: "accept [--reading TIME]", Short: "Measure later readings by the newest one",
		Long: `Measure later readings by the newest one, however few rows it has. On a terminal
both are shown first, and you are asked. In a script --reading says which reading
was looked at; another one that came since is not accepted.`,
		Example: "  handler baseline accept\n  handler baseline accept --reading 2026-11-23T21:00:00Z",
	}, func(ctx context.Context, _ []string) error {
		if err := s.hasForm(baselineView()); err != nil {
			return err
		}
		readAt, err := s.reading(ctx, reading)
		if err != nil {
			return err
		}
		body := map[string]string{"readAt": readAt.Format(time.RFC3339Nano)}
		return s.answer(ctx, post("baseline/accept", "baseline", body), acceptedView())
	})
	c.Flags().StringVar(&reading, "reading", "", "the `time` of the reading to accept, as baseline show has it")
	return c
}

// reading returns which reading is accepted: the one that was named, or the
// newest if a person who sees it says so.
func (s *seat) reading(ctx context.Context, named string) (time.Time, error) {
	if named != "" {
		t, err := time.Parse(time.RFC3339, named)
		if err != nil {
			return t, wrong("--reading %q is no time, expected one like 2026-11-23T21:00:00Z", named)
		}
		return t, nil
	}
	got, err := s.ask(ctx, get("baseline", "baseline"))
	if err != nil {
		return time.Time{}, err
	}
	b, err := decode[baseline](got.value)
	if err != nil {
		return time.Time{}, err
	}
	harmless(&b)
	switch {
	case b.Newest.IsZero():
		return b.Newest, &failure{kind: fault.NotFound, text: "no run has read Commerce yet"}
	case !s.IsTerminal(s.Stdin) || !s.IsTerminal(s.Stderr):
		return b.Newest, wrong("nobody is there to be asked; accept the newest reading with --reading %s", b.Newest.Format(time.RFC3339Nano))
	}
	var p page
	writeBaseline(&p, b)
	fmt.Fprintf(s.Stderr, "%sMeasure later readings by the newest one? [y/N] ", p.String())
	if agreed, err := s.agreed(ctx); err != nil || !agreed {
		return b.Newest, &failure{kind: fault.Canceled, text: "not accepted; nothing was changed", err: err}
	}
	return b.Newest, nil
}

// agreed reads one line from the terminal and reports whether it says yes. A
// read of a terminal cannot be interrupted, so it is left behind when ctx ends;
// the process ends with it.
func (s *seat) agreed(ctx context.Context) (bool, error) {
	said := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.Stdin).ReadString('\n') // what cannot be read is no yes
		said <- line
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case line := <-said:
		line = strings.ToLower(strings.TrimSpace(line))
		return line == "y" || line == "yes", nil
	}
}

func baselineView() view { return viewOf(writeBaseline, baselineRows, nil) }

func acceptedView() view {
	return viewOf(func(p *page, b baseline) {
		p.line("Accepted: later readings are measured by the one of %s.", when(b.Accepted))
		p.table(baselineRows(b))
	}, baselineRows, nil)
}

func writeBaseline(p *page, b baseline) {
	p.line("accepted reading  %s", stamp(b.Accepted))
	p.line("newest reading    %s", stamp(b.Newest))
	p.table(baselineRows(b))
	if b.Short != "" {
		p.line("The newest is short: %s. Nobody goes for want of a row.", strings.TrimSuffix(b.Short, "."))
	}
}

// stamp writes a reading's time as --reading takes it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "none"
	}
	return t.Format(time.RFC3339Nano)
}

func baselineRows(b baseline) [][]string {
	rows := [][]string{{"collection", "accepted", "newest", "percent"}}
	for _, c := range b.Collections {
		percent := "-"
		if c.Accepted > 0 {
			percent = strconv.Itoa(c.Newest * 100 / c.Accepted)
		}
		rows = append(rows, []string{c.Name, strconv.Itoa(c.Accepted), strconv.Itoa(c.Newest), percent})
	}
	return rows
}
