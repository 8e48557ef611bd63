package cli

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// run is the record of one run, as far as it is shown.
type run struct {
	ID         string         `json:"id"`
	Function   string         `json:"function"`
	Invocation string         `json:"invocation"`
	Mode       string         `json:"mode"`
	Started    time.Time      `json:"started"`
	Ended      time.Time      `json:"ended"`
	Outcome    string         `json:"outcome"`
	Error      string         `json:"error"`
	SnapshotAt time.Time      `json:"snapshotAt"`
	Rows       map[string]int `json:"rows"`
	BadRows    int            `json:"badRows"`
	Short      string         `json:"short"`
	Stores     int            `json:"stores"`
	People     int            `json:"people"`
	Planned    map[string]int `json:"planned"`
	Done       map[string]int `json:"done"`
	Failed     map[string]int `json:"failed"`
	Errors     map[string]int `json:"errors"`
	Waiting    int            `json:"waiting"`
	Slowed     bool           `json:"slowed"`
	Held       int            `json:"held"`
	Later      int            `json:"later"`
	Skipped    int            `json:"skipped"`
	Extras     int            `json:"extras"`
	Unmapped   map[string]int `json:"unmapped"`
	Findings   map[string]int `json:"findings"`
	Notes      []struct {
		Kind string `json:"kind"`
		Team string `json:"team"`
		Text string `json:"text"`
	} `json:"notes"`
	GraphCalls    map[string]int `json:"graphCalls"`
	CommerceCalls map[string]int `json:"commerceCalls"`
	Plan          document       `json:"plan"`
}

func (s *seat) runsCommand() *cobra.Command {
	return group("runs", "See what runs did", "See what runs did. The records of the last hundred are kept.",
		"  handler runs list\n  handler runs show last", s.runsListCommand(), s.runsShowCommand())
}

func (s *seat) runsListCommand() *cobra.Command {
	limit := 0
	c := s.command(&cobra.Command{
		Use: "list [--limit N]", Short: "List the latest runs, newest first",
		Long:    "List the latest runs, newest first: when, how they ended, what they changed.",
		Example: "  handler runs list --limit 5",
	}, func(ctx context.Context, _ []string) error {
		if limit < 1 || limit > 100 {
			return wrong("--limit is %d, expected 1 to 100", limit)
		}
		what := get("runs", "runs")
		what.query = url.Values{"limit": {strconv.Itoa(limit)}}
		return s.answer(ctx, what, runsView())
	})
	c.Flags().IntVar(&limit, "limit", 20, "how `many` runs to list, 1 to 100")
	return c
}

// runID is what names a run, or "last".
var runID = regexp.MustCompile(`^[0-9A-Za-z.-]{1,64}$`)

func (s *seat) runsShowCommand() *cobra.Command {
	return s.command(&cobra.Command{
		Use: "show [ID|last]", Short: "Show a run's record and its plan",
		Long:    "Show a run's record and its plan: what it read, planned, did and why not, and its calls. Without an ID it is the last one's.",
		Example: "  handler runs show\n  handler runs show last --output json",
		Args:    cobra.MaximumNArgs(1),
	}, func(ctx context.Context, args []string) error {
		id := "last"
		if len(args) > 0 {
			id = args[0]
		}
		if !runID.MatchString(id) || strings.Trim(id, ".") == "" {
			return wrong("%q is no run, expected an ID as runs list shows it, or last", id)
		}
		return s.answer(ctx, get("runs/"+id, "run"), viewOf(writeRun, nil, nil))
	})
}

func (s *seat) runCommand() *cobra.Command {
	var store string
	c := s.command(&cobra.Command{
		Use:   "run [--store N]",
		Short: "Reconcile now, everything or one store",
		Long: `Reconcile now, everything or one store, and show the run's record. It is a run
like those the app makes by itself: MODE and the rails hold for it.

Exit code 1 says that the run or some of its changes failed, 3 that something is
held.`,
		Example: "  handler run --store 000135",
	}, func(ctx context.Context, _ []string) error {
		body := map[string]string{}
		if store != "" {
			body["store"] = store
		}
		return s.answer(ctx, post("runs", "run", body), runView())
	})
	c.Flags().StringVar(&store, "store", "", "the `number` of the only store to reconcile")
	return c
}

func runsView() view { return viewOf(writeRuns, runRows, nil) }

// runView is the record of a run that was asked for, which has to go well.
func runView() view { return viewOf(writeRun, nil, run.code) }

// code judges a run. Teams put off to the next one are nothing to worry about.
func (r run) code() int {
	switch {
	case r.Outcome == "failed" || r.Outcome == "unfinished" || len(r.Failed) > 0:
		return exitFailed
	case r.Outcome == "held" || r.Held > 0:
		return exitWaiting
	}
	return exitDone
}

func writeRuns(p *page, runs []run) {
	if len(runs) == 0 {
		p.line("There has been no run yet.")
		return
	}
	p.table(runRows(runs))
}

func runRows(runs []run) [][]string {
	rows := [][]string{{"id", "started", "took", "mode", "outcome", "done", "failed", "held"}}
	for _, r := range runs {
		rows = append(rows, []string{
			r.ID, when(r.Started), r.took(), r.Mode, r.Outcome, strconv.Itoa(sum(r.Done)), strconv.Itoa(sum(r.Failed)), strconv.Itoa(r.Held),
		})
	}
	return rows
}

func (r run) took() string {
	if r.Ended.IsZero() {
		return "-"
	}
	return r.Ended.Sub(r.Started).Round(time.Second).String()
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// writeRun writes what a record has to say, and leaves out what is nothing.
func writeRun(p *page, r run) {
	p.line("run %s of %s, MODE=%s: %s", r.ID, r.Function, r.Mode, r.Outcome)
	some := func(name, text string) {
		if text != "" {
			p.line("  %-10s %s", name, text)
		}
	}
	some("error", r.Error)
	some("started", when(r.Started)+r.lasting())
	some("invocation", r.Invocation)
	if !r.SnapshotAt.IsZero() {
		some("commerce", "read "+when(r.SnapshotAt)+r.read())
	}
	some("short", r.Short)
	some("wanted", number(r.People, "membership")+" in "+number(r.Stores, "store"))
	some("planned", tally(r.Planned))
	some("done", tally(r.Done))
	some("failed", r.failures())
	some("stopped", r.stopped())
	if r.Slowed {
		some("quarantine", "too many changes failed; runs are slowed until they succeed again")
	}
	if r.Extras > 0 {
		some("extras", thousands(r.Extras)+" in our teams whom Commerce never wanted there")
	}
	some("unmapped", tally(r.Unmapped))
	some("findings", tally(r.Findings))
	some("graph", calls(r.GraphCalls))
	some("commerce", calls(r.CommerceCalls))
	r.writeNotes(p)
}

func (r run) lasting() string {
	if r.Ended.IsZero() {
		return ", not ended"
	}
	return ", took " + r.took()
}

// read says what this run read itself; none, and the last snapshot served.
func (r run) read() string {
	text := ""
	if len(r.Rows) > 0 {
		text = ", " + number(sum(r.Rows), "row")
	}
	if r.BadRows > 0 {
		text += ", " + thousands(r.BadRows) + " of them bad"
	}
	return text
}

func (r run) failures() string {
	if len(r.Failed) == 0 || len(r.Errors) == 0 {
		return tally(r.Failed)
	}
	return tally(r.Failed) + " (" + tally(r.Errors) + ")"
}

func (r run) stopped() string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{
		{r.Held, "held"}, {r.Later, "later"}, {r.Skipped, "left alone"}, {r.Waiting, "put off to the next run"},
	} {
		if part.n > 0 {
			parts = append(parts, thousands(part.n)+" "+part.what)
		}
	}
	return strings.Join(parts, ", ")
}

func calls(counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	return number(sum(counts), "call") + ": " + tally(counts)
}

func (r run) writeNotes(p *page) {
	if len(r.Notes) > 0 {
		p.line("notes")
	}
	for _, n := range r.Notes {
		of := n.Kind
		if n.Team != "" {
			of += ", " + teamName(n.Team)
		}
		p.line("  %s: %s", of, n.Text)
	}
	if r.Plan != "" {
		p.line("plan")
		for line := range strings.Lines(string(r.Plan)) {
			p.line("  %s", strings.TrimRight(line, "\n"))
		}
	}
}
