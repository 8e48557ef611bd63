package cli

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"github.com/spf13/cobra"
)

// change is one line of a plan, or of what a rail stopped.
type change struct {
	Team string `json:"team"`
	Sign string `json:"sign"`
	Text string `json:"text"`
}

// words is the change on one line.
func (c change) words() string { return c.Sign + " " + c.Text }

// halt is what a rail stopped in one team.
type halt struct {
	Team    string   `json:"team"`
	Rail    string   `json:"rail"`
	Why     string   `json:"why"`
	Hash    string   `json:"hash"` // none: there is nothing to allow
	Changes []change `json:"changes"`
}

// planned is what the next run would do.
type planned struct {
	Hold    string `json:"hold"`
	Summary string `json:"summary"`
	Cost    struct {
		Total   int `json:"total"`
		Seconds int `json:"seconds"`
	} `json:"cost"`
	Changes []change `json:"changes"`
	Held    []halt   `json:"held"`
	Later   []halt   `json:"later"`
	Skipped []halt   `json:"skipped"`
}

func (s *seat) planCommand() *cobra.Command {
	var store string
	c := s.command(&cobra.Command{
		Use:   "plan [--store N]",
		Short: "Show what the next run would do, and why; change nothing",
		Long: `Show what the next run would do, store by store: a line a change, with + for
what comes, ~ for what turns into something else and - for what goes, and the
reason behind it; what is held and by which rail; what waits for time to pass or
another reading; and what it will cost in Graph calls and minutes. Nothing is
changed.

Exit code 3 says that there are changes, or that something is held.`,
		Example: "  handler plan\n  handler plan --store 000101",
	}, func(ctx context.Context, _ []string) error {
		what := get("plan", "plan")
		if store != "" {
			what.query = url.Values{"store": {store}}
		}
		return s.answer(ctx, what, planView())
	})
	c.Flags().StringVar(&store, "store", "", "the `number` of the only store to plan for")
	return c
}

func planView() view {
	return viewOf(writePlan, nil, func(p planned) int {
		if p.Hold != "" || len(p.Changes) > 0 || len(p.Held) > 0 {
			return exitWaiting
		}
		return exitDone
	})
}

// writePlan writes a plan a block a team, the communications team first, and
// all of it: who has a long plan has a pager.
func writePlan(p *page, plan planned) {
	if plan.Hold != "" {
		p.line("HELD as a whole: %s", plan.Hold)
		p.line("")
	}
	for _, team := range plan.teams() {
		team.write(p)
		p.line("")
	}
	p.line("%s", cmp.Or(plan.Summary, number(len(plan.Changes), "change")))
	if plan.Cost.Total > 0 {
		p.line("about %s, about %s", number(plan.Cost.Total, "Graph call"), about(seconds(plan.Cost.Seconds)))
	}
	if plan.Hold != "" {
		p.line("Nothing of it is carried out while it is held.")
	}
}

// teamPlan is what a plan says of one team.
type teamPlan struct {
	team                 string
	changes              []change
	held, later, skipped []halt
}

// teams returns the plan team by team. Short keys sort as wanted: "c" is before
// every "s/…".
func (p planned) teams() []*teamPlan {
	teams := map[string]*teamPlan{}
	of := func(key string) *teamPlan {
		if teams[key] == nil {
			teams[key] = &teamPlan{team: key}
		}
		return teams[key]
	}
	for _, c := range p.Changes {
		of(c.Team).changes = append(of(c.Team).changes, c)
	}
	for _, h := range p.Held {
		of(h.Team).held = append(of(h.Team).held, h)
	}
	for _, h := range p.Later {
		of(h.Team).later = append(of(h.Team).later, h)
	}
	for _, h := range p.Skipped {
		of(h.Team).skipped = append(of(h.Team).skipped, h)
	}
	all := make([]*teamPlan, 0, len(teams))
	for _, team := range teams {
		all = append(all, team)
	}
	slices.SortFunc(all, func(a, b *teamPlan) int { return cmp.Compare(a.team, b.team) })
	return all
}

func (t *teamPlan) write(p *page) {
	p.line("%s", teamName(t.team))
	for _, c := range t.changes {
		p.line("  %s", c.words())
	}
	for _, h := range t.held {
		h.write(p, "! held by "+cmp.Or(h.Rail, "a rail"))
		if h.Hash != "" {
			p.line("      to let it happen: %s holds allow %s", program, h.Hash)
		}
	}
	for _, h := range t.later {
		h.write(p, ". later")
	}
	for _, h := range t.skipped {
		h.write(p, "! left alone")
	}
}

func (h halt) write(p *page, title string) {
	p.line("  %s: %s", title, h.Why)
	for _, c := range h.Changes {
		p.line("      %s", c.words())
	}
}
