package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/storeteams/storeteams/handler/local/world"
)

// The sides of the task list that people work on.
const (
	till  = "till"  // the point of sale
	board = "board" // the store's board in Teams
)

// taskChanges lists what people can do to tasks.
func taskChanges() map[string]command {
	about := func(do func(context.Context, place, *chore) (string, error), more ...string) command {
		return command{
			flags:  func(flags *flag.FlagSet) action { return aboutTask(flags, do) },
			values: append([]string{"store", "task"}, more...), need: 2 + len(more),
		}
	}
	return map[string]command{
		"tasks":  {flags: showTasks, values: []string{"store"}, need: 1},
		"tick":   about(tick),
		"untick": about(untick),
		"assign": about(assign, "worker"),
		"add":    about(add),
		"delete": about(remove),
		"start":  {flags: startCampaign, values: []string{"campaign", "store", "task"}, need: 3},
		"cancel": {flags: cancelCampaign, values: []string{"store", "task"}, need: 2},
	}
}

// chore is a task that somebody does something about, and where.
type chore struct{ store, title, worker, at string }

func aboutTask(flags *flag.FlagSet, do func(context.Context, place, *chore) (string, error)) action {
	c := &chore{}
	flags.StringVar(&c.store, "store", "", "`number` of the store")
	flags.StringVar(&c.title, "task", "", "`title` of the task")
	flags.StringVar(&c.worker, "worker", "", "personnel `number` of who is to do it")
	flags.StringVar(&c.at, "at", till, "where: till or board")
	return func(ctx context.Context, at place) (string, error) {
		if c.at != till && c.at != board {
			return "", fmt.Errorf("-at is %q, expected %s or %s", c.at, till, board)
		}
		done, err := do(ctx, at, c)
		return fmt.Sprintf("%s Both sides: go run ./handler/local tasks %s", done, c.store), err
	}
}

func tick(ctx context.Context, at place, c *chore) (string, error) {
	done := fmt.Sprintf("%q is completed at the %s.", c.title, c.at)
	if c.at == till {
		return done, at.setStatus(ctx, c, world.Completed)
	}
	return done, at.onBoard(ctx, c, world.Member.Complete)
}

func untick(ctx context.Context, at place, c *chore) (string, error) {
	done := fmt.Sprintf("%q is reopened at the %s.", c.title, c.at)
	if c.at == till {
		return done, at.setStatus(ctx, c, world.NotStarted)
	}
	return done, at.onBoard(ctx, c, world.Member.Reopen)
}

func assign(ctx context.Context, at place, c *chore) (string, error) {
	done := fmt.Sprintf("%q is worker %s's at the %s.", c.title, c.worker, c.at)
	if c.at == till {
		t, err := at.find(ctx, c)
		if err != nil {
			return "", err
		}
		return done, at.pos().Assign(ctx, t.Process, t.ID, c.worker)
	}
	user, err := at.hq.User(ctx, c.worker)
	if err != nil {
		return "", err
	}
	return done, at.onBoard(ctx, c, func(m world.Member, ctx context.Context, task string) error {
		return m.Reassign(ctx, task, user)
	})
}

func remove(ctx context.Context, at place, c *chore) (string, error) {
	done := fmt.Sprintf("%q is deleted at the %s.", c.title, c.at)
	if c.at == till {
		t, err := at.find(ctx, c)
		if err != nil {
			return "", err
		}
		return done, at.pos().Delete(ctx, t.Process, t.ID)
	}
	return done, at.onBoard(ctx, c, world.Member.Delete)
}

func add(ctx context.Context, at place, c *chore) (string, error) {
	due := time.Now().AddDate(0, 0, 7)
	done := fmt.Sprintf("%q is new at the %s.", c.title, c.at)
	if c.at == till {
		_, _, err := at.pos().Create(ctx, c.store, c.title, due)
		return done, err
	}
	m, plan, err := at.board(ctx, c.store)
	if err != nil {
		return "", err
	}
	_, err = m.Create(ctx, plan, "", c.title, due)
	return done, err
}

func startCampaign(flags *flag.FlagSet) action {
	name := flags.String("campaign", "", "`name` of the campaign")
	stores := flags.String("store", "", "`numbers` of the stores, separated by commas")
	titles := flags.String("task", "", "`titles` of the tasks, separated by semicolons")
	return func(ctx context.Context, at place) (string, error) {
		var tasks []world.NewTask
		for title := range strings.SplitSeq(*titles, ";") {
			tasks = append(tasks, world.NewTask{Name: strings.TrimSpace(title)})
		}
		process, err := at.hq.StartCampaign(ctx, *name, time.Now().AddDate(0, 0, 14), strings.Split(*stores, ","), tasks)
		return fmt.Sprintf("Commerce: process %s, %q, is started with %d tasks in each store.", process, *name, len(tasks)), err
	}
}

func cancelCampaign(flags *flag.FlagSet) action {
	return aboutTask(flags, func(ctx context.Context, at place, c *chore) (string, error) {
		t, err := at.find(ctx, c)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("Commerce: the process of %q is cancelled.", c.title), at.hq.CancelCampaign(ctx, t.Process)
	})
}

// showTasks shows a store's tasks as both sides have them.
func showTasks(flags *flag.FlagSet) action {
	store := storeFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		rows, err := at.hq.Tasks(ctx, *store)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "WHERE\tTASK\tSTATUS\tDUE")
		for _, t := range rows {
			fmt.Fprintf(w, "Commerce\t%s\t%s\t%s\n", t.Name, t.Status, t.Due)
		}
		m, plan, err := at.board(ctx, *store)
		if err != nil {
			fmt.Fprintf(w, "board\t%s\t\t\n", err)
			return strings.TrimSpace(b.String()), w.Flush()
		}
		cards, err := m.Tasks(ctx, plan)
		if err != nil {
			return "", err
		}
		for _, c := range cards {
			due := ""
			if !c.Due.IsZero() {
				due = c.Due.Format(time.DateOnly)
			}
			fmt.Fprintf(w, "board\t%s\t%d %%\t%s\n", c.Title, c.PercentComplete, due)
		}
		if err := w.Flush(); err != nil {
			return "", err
		}
		return strings.TrimSpace(b.String()), nil
	}
}

func (p place) pos() world.PointOfSale { return world.PointOfSale{URL: p.hq.URL, HTTP: p.hq.HTTP} }

func (p place) setStatus(ctx context.Context, c *chore, status string) error {
	t, err := p.find(ctx, c)
	if err != nil {
		return err
	}
	return p.pos().SetStatus(ctx, t.Process, t.ID, status)
}

// find finds a task in Commerce by its title.
func (p place) find(ctx context.Context, c *chore) (world.StoreTask, error) {
	all, err := p.hq.Tasks(ctx, c.store)
	if err != nil {
		return world.StoreTask{}, err
	}
	i := slices.IndexFunc(all, func(t world.StoreTask) bool { return strings.EqualFold(t.Name, c.title) })
	if i < 0 {
		return world.StoreTask{}, fmt.Errorf("store %s has no task %q in Commerce", c.store, c.title)
	}
	return all[i], nil
}

// onBoard lets somebody of the store do something to a task on its board.
func (p place) onBoard(ctx context.Context, c *chore, do func(world.Member, context.Context, string) error) error {
	m, plan, err := p.board(ctx, c.store)
	if err != nil {
		return err
	}
	cards, err := m.Tasks(ctx, plan)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(cards, func(t world.Task) bool { return strings.EqualFold(t.Title, c.title) })
	if i < 0 {
		return fmt.Errorf("store %s has no task %q on its board", c.store, c.title)
	}
	return do(m, ctx, cards[i].ID)
}

// board finds a store's board, and an owner of its team.
func (p place) board(ctx context.Context, store string) (m world.Member, plan string, err error) {
	group, err := p.group(ctx, store)
	if err != nil {
		return m, "", err
	}
	var owners struct{ Value []struct{ ID string } }
	if err := p.graph(ctx, p.teams+"/groups/"+group+"/owners?$select=id", &owners); err != nil {
		return m, "", err
	}
	if len(owners.Value) == 0 {
		return m, "", fmt.Errorf("nobody owns the team of store %s", store)
	}
	m = world.Member{URL: p.teams, ID: owners.Value[0].ID}
	boards, err := m.Boards(ctx, group)
	if err != nil {
		return m, "", err
	}
	if len(boards) == 0 {
		return m, "", fmt.Errorf("the team of store %s has no board yet", store)
	}
	return m, boards[0].ID, nil
}

// group finds a store's group: ours by its marker, an adopted one by its name.
func (p place) group(ctx context.Context, store string) (string, error) {
	next := p.teams + "/groups/delta?$select=id,displayName,uniqueName"
	for next != "" {
		var page struct {
			Value []struct {
				ID, DisplayName, UniqueName string
				Removed                     json.RawMessage `json:"@removed"`
			}
			Next string `json:"@odata.nextLink"`
		}
		if err := p.graph(ctx, next, &page); err != nil {
			return "", err
		}
		for _, g := range page.Value {
			ours := strings.HasSuffix(cmp.Or(g.UniqueName, "-"), "-"+strings.ToLower(store))
			if g.Removed == nil && (ours || strings.Contains(g.DisplayName, "("+store+")")) {
				return g.ID, nil
			}
		}
		next = page.Next
	}
	return "", fmt.Errorf("store %s has no team", store)
}

// graph reads something of the tenant, as the app.
func (p place) graph(ctx context.Context, address string, into any) error {
	if _, err := url.Parse(address); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer local")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("graph answered %d", resp.StatusCode), resp.Body.Close())
	}
	return errors.Join(json.NewDecoder(resp.Body).Decode(into), resp.Body.Close())
}
