package cli

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (s *seat) tasksCommand() *cobra.Command {
	return group("tasks", "See how far stores are with their tasks, and what keeps tasks from being synced",
		`See how far stores are with their tasks, and what keeps tasks from being synced.
A task is one list seen from both sides, Commerce and Teams; see TASK_MODE.`,
		"  handler tasks status\n  handler tasks problems",
		s.taskStatusCommand(), s.taskProblemsCommand(), s.allowTasksCommand(), s.deadLettersCommand(),
	)
}

// overview is how far campaigns are.
type overview struct {
	At        time.Time  `json:"at"`
	Campaigns []campaign `json:"campaigns"`
}

type campaign struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Origin  string `json:"origin"`
	State   string `json:"state"`
	Target  string `json:"target"`
	Stores  int    `json:"stores"`
	Sent    int    `json:"sent"`
	Regions []struct {
		Region string `json:"region"`
		Stores int    `json:"stores"`
		figures
	} `json:"regions"`
	Standings []struct {
		Region  string    `json:"region"`
		Store   string    `json:"store"`
		Title   string    `json:"title"`
		Status  string    `json:"status"`
		Due     string    `json:"due"`
		Overdue bool      `json:"overdue"`
		At      time.Time `json:"at"`
	} `json:"standings"`
	figures
}

// figures are numbers of tasks, and the age of the oldest of them.
type figures struct {
	Tasks      int       `json:"tasks"`
	NotSent    int       `json:"notSent"`
	NotStarted int       `json:"notStarted"`
	InProgress int       `json:"inProgress"`
	Done       int       `json:"done"`
	Overdue    int       `json:"overdue"`
	Oldest     time.Time `json:"oldest"`
}

func (f figures) cells() []string {
	var cells []string
	for _, n := range []int{f.Tasks, f.Done, f.InProgress, f.NotStarted, f.NotSent, f.Overdue} {
		cells = append(cells, strconv.Itoa(n))
	}
	return append(cells, when(f.Oldest))
}

func (s *seat) taskStatusCommand() *cobra.Command {
	var name, region string
	c := s.command(&cobra.Command{
		Use:   "status [--campaign C] [--region R]",
		Short: "Show how far campaigns are, by region, store and task",
		Long: `Show how far campaigns are: by region and, of one campaign, by store and task.
A figure is as old as the last look at its store's board; the oldest is shown.`,
		Example: "  handler tasks status\n  handler tasks status --campaign Spring --output csv",
	}, func(ctx context.Context, _ []string) error {
		what := get("tasks", "tasks")
		what.query = url.Values{}
		for field, value := range map[string]string{"campaign": name, "region": region} {
			if value != "" {
				what.query.Set(field, value)
			}
		}
		return s.answer(ctx, what, overviewView())
	})
	c.Flags().StringVar(&name, "campaign", "", "only this campaign, by `name` or id, store by store")
	c.Flags().StringVar(&region, "region", "", "only stores of this `region`")
	return c
}

func overviewView() view { return viewOf(writeOverview, overviewRows, nil) }

func writeOverview(p *page, o overview) {
	if len(o.Campaigns) == 0 {
		p.line("No campaign is known.")
		return
	}
	p.table(overviewRows(o))
}

// overviewRows is a line for each campaign and region or, where they are told, for
// each task.
func overviewRows(o overview) [][]string {
	rows := [][]string{{"campaign", "region", "stores", "tasks", "done", "in progress", "not started", "not sent", "overdue", "as of"}}
	var tasks [][]string
	for _, c := range o.Campaigns {
		name := cmp.Or(c.Name, c.ID)
		rows = append(rows, append([]string{name, "all", strconv.Itoa(c.Stores)}, c.cells()...))
		for _, r := range c.Regions {
			rows = append(rows, append([]string{name, cmp.Or(r.Region, "none"), strconv.Itoa(r.Stores)}, r.cells()...))
		}
		for _, s := range c.Standings {
			late := ""
			if s.Overdue {
				late = "overdue"
			}
			tasks = append(tasks, []string{name, cmp.Or(s.Region, "none"), s.Store, s.Title, s.Status, s.Due, late, when(s.At)})
		}
	}
	if len(tasks) > 0 {
		return append([][]string{{"campaign", "region", "store", "task", "status", "due", "", "as of"}}, tasks...)
	}
	return rows
}

// taskProblem is what keeps a store's tasks from being synced, or what lost there.
type taskProblem struct {
	Store   string    `json:"store"`
	Problem string    `json:"problem"`
	Held    []string  `json:"held"`
	At      time.Time `json:"at"`
	Losses  []struct {
		Title string    `json:"title"`
		At    time.Time `json:"at"`
		Field string    `json:"field"`
		Side  string    `json:"side"`
		Value string    `json:"value"`
	} `json:"losses"`
}

func (s *seat) taskProblemsCommand() *cobra.Command {
	var store string
	c := s.command(&cobra.Command{
		Use:   "problems [--store N]",
		Short: "List stores whose tasks are not synced, and why; of one store, what lost as well",
		Long: `List the stores whose tasks are not synced as they should be, and why. With --store
also the values that somebody entered there and that did not win, of 90 days.

Exit code 3 says that something is held until a person allows it.`,
		Example: "  handler tasks problems\n  handler tasks problems --store 000101",
	}, func(ctx context.Context, _ []string) error {
		what := get("tasks/problems", "problems")
		if store != "" {
			what.query = url.Values{"store": {store}}
		}
		return s.answer(ctx, what, problemsView(""))
	})
	c.Flags().StringVar(&store, "store", "", "only the store of this `number`")
	return c
}

func (s *seat) allowTasksCommand() *cobra.Command {
	var store string
	var communications bool
	c := s.command(&cobra.Command{
		Use:   "allow --store N|--communications",
		Short: "Let happen what is held because much was gone at once",
		Long: `Let happen what is held in a store because many tasks, or the board, were gone at
once: they are deleted on the other side too, or a new board is made. It is good
for a day. With --communications it is about the communications board.`,
		Example: "  handler tasks allow --store 000101",
	}, func(ctx context.Context, _ []string) error {
		body := map[string]string{}
		if store != "" {
			body["store"] = store
		}
		return s.answer(ctx, post("tasks/allow", "problems", body), problemsView("Allowed. Still waiting:"))
	})
	c.Flags().StringVar(&store, "store", "", "the `number` of the store")
	c.Flags().BoolVar(&communications, "communications", false, "the communications board")
	c.MarkFlagsMutuallyExclusive("store", "communications")
	c.MarkFlagsOneRequired("store", "communications")
	return c
}

func problemsView(done string) view {
	return viewOf(func(p *page, problems []taskProblem) {
		if done != "" {
			p.line("%s", done)
		}
		if len(problems) == 0 {
			p.line("Nothing.")
			return
		}
		p.table(taskProblemRows(problems))
		for _, one := range problems {
			for _, l := range one.Losses {
				p.line("%s  %q: %s said by %s did not win: %s", when(l.At), l.Title, l.Field, l.Side, l.Value)
			}
		}
	}, taskProblemRows, func(problems []taskProblem) int {
		for _, one := range problems {
			if len(one.Held) > 0 {
				return exitWaiting
			}
		}
		return exitDone
	})
}

func taskProblemRows(problems []taskProblem) [][]string {
	rows := [][]string{{"store", "held", "last read", "problem"}}
	for _, one := range problems {
		held := make([]string, len(one.Held))
		for i, what := range one.Held {
			held[i] = cmp.Or(what, "its own tasks")
		}
		rows = append(rows, []string{cmp.Or(one.Store, "communications"), strings.Join(held, " "), when(one.At), one.Problem})
	}
	return rows
}
