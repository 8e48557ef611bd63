package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simhost"
	"github.com/storeteams/storeteams/handler/local/world"
	"github.com/storeteams/storeteams/infra/stage/layout"
)

const (
	maxRounds   = 10  // of OrgSync with -once
	maxSweeps   = 200 // of TaskSweep
	quietRounds = 2   // in a row, with nothing to do: it has settled

	lookInterval = 500 * time.Millisecond // at Operations, while following
	waitInterval = time.Second            // for a run to have what it waits for, with -once
)

// run starts the environment and does what the flags say.
func (o options) run(ctx context.Context, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	w, err := o.load()
	if err != nil {
		return err
	}
	state, forget, err := o.stateFolder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, forget()) }()
	start := environment.Options{
		World: w, Settings: o.settings(getenv, state),
		Port: o.port, GraphPort: o.graph, CommercePort: o.commerce, BusPort: o.bus,
		Graph: simgraph.Options{PollsUntilDone: 1, Seed: 1}, Commerce: simcommerce.Options{Seed: 1},
		Log: func(line simhost.Line) {
			if o.verbose || line.Level > slog.LevelInfo {
				fmt.Fprintf(stderr, "%s: %s\n", line.Source, line.Text)
			}
		},
	}
	if o.host {
		staging := layout.Options{Progress: stderr}.Local()
		if start.Dist, err = layout.Stage(ctx, staging); err != nil {
			return err
		}
	}
	e, err := environment.Start(ctx, start)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	defer func() { err = errors.Join(err, o.keep(e)) }()
	switch {
	case !o.host:
		return simulatorsOnly(ctx, e, stdout)
	case o.once:
		return settle(ctx, e, w, stdout)
	}
	return follow(ctx, e, w, stdout)
}

// settings are what the flags and this process's environment say about the
// handler's settings.
func (o options) settings(getenv func(string) string, state string) map[string]string {
	settings := map[string]string{}
	for _, s := range config.Settings() {
		if value := getenv(s.Name); value != "" {
			settings[s.Name] = value
		}
	}
	// These three say where the simulators are; nobody else's will do.
	delete(settings, "COMMERCE_URL")
	delete(settings, "GRAPH_URL")
	settings["LEDGER"] = "file:" + filepath.Join(state, "ledger.db")
	if o.once {
		// New Year's Day: we say when they run.
		for _, schedule := range []string{"ORG_SYNC_SCHEDULE", "TASK_SWEEP_SCHEDULE", "SUBSCRIPTION_SCHEDULE"} {
			settings[schedule] = "0 0 0 1 1 *"
		}
	}
	if o.host && !o.once {
		settings["NOTIFICATION_URL"] = environment.NotificationURL
		settings["NOTIFICATION_SECRETS"] = "local:" + base64.StdEncoding.EncodeToString([]byte(rand.Text()+rand.Text()))
	}
	if o.tables == "azurite" {
		settings["LEDGER"], settings["TABLES_CONNECTION"] = "tables", "UseDevelopmentStorage=true"
	}
	return settings
}

// stateFolder returns the folder for what is kept, and what to do at the end.
func (o options) stateFolder() (folder string, forget func() error, err error) {
	if o.state != "" {
		folder, err = filepath.Abs(o.state)
		if err != nil {
			return "", nil, err
		}
		return folder, func() error { return nil }, os.MkdirAll(folder, 0o755)
	}
	folder, err = os.MkdirTemp("", "storeteams-")
	return folder, func() error { return os.RemoveAll(folder) }, err
}

func (o options) keptWorld() string { return filepath.Join(o.state, "world.json") }

// keep writes the world for the next start, beside the ledger that knows it.
func (o options) keep(e *environment.Environment) error {
	if o.state == "" {
		return nil
	}
	w, err := e.World()
	if err != nil {
		return err
	}
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return os.WriteFile(o.keptWorld(), text, 0o644)
}

// simulatorsOnly waits, for a handler that somebody else runs.
func simulatorsOnly(ctx context.Context, e *environment.Environment, stdout io.Writer) error {
	fmt.Fprintf(stdout, "Simulated Commerce and Graph are running. Settings for the handler, e.g. in dist/local.settings.json:\n\n")
	text, err := json.MarshalIndent(e.Settings, "  ", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "  %s\n\nCtrl-C ends them.\n", text)
	<-ctx.Done()
	return nil
}

// settle runs OrgSync until there is nothing more to do, and shows the result.
func settle(ctx context.Context, e *environment.Environment, w world.World, stdout io.Writer) error {
	names, err := namesOf(w)
	if err != nil {
		return err
	}
	quiet := 0
	var last environment.Run
	for round := 1; quiet < quietRounds; round++ {
		if round > maxRounds {
			return fmt.Errorf("after %d rounds there is still something to do: %v, and %d waiting", maxRounds, last.Planned, last.Later)
		}
		run, err := e.Sync(ctx)
		if err != nil {
			return err
		}
		last = run
		showRun(stdout, round, run, names)
		switch {
		case run.Outcome == "failed" || run.Outcome == "held":
			return fmt.Errorf("the run is %s: %s", run.Outcome, run.Error)
		case run.Mode == "plan":
			return nil
		case run.Settled():
			quiet++
			continue
		}
		quiet = 0
		if len(run.Planned) == 0 {
			if err := pause(ctx, waitInterval); err != nil {
				return err
			}
		}
	}
	showTeams(stdout, e.Tenant.Teams(), names)
	showReport(stdout, last)
	if e.Settings["TASK_MODE"] == "off" {
		return nil
	}
	return settleTasks(ctx, e, stdout)
}

// settleTasks sweeps tasks until the queue is empty and nothing is found any more,
// and says where they are.
func settleTasks(ctx context.Context, e *environment.Environment, stdout io.Writer) error {
	quiet := 0
	before := -1
	for round := 0; quiet < quietRounds; round++ {
		if round > maxSweeps {
			return fmt.Errorf("after %d sweeps there are still hints about tasks", round)
		}
		if _, err := e.Host.Invoke(ctx, "TaskSweep"); err != nil {
			return fmt.Errorf("run TaskSweep: %w", err)
		}
		if err := pause(ctx, waitInterval/4); err != nil {
			return err
		}
		counts := e.Bus.Counts(environment.TaskQueue)
		tasks := countTasks(e)
		if counts.Active+counts.Locked > 0 || tasks != before {
			quiet, before = 0, tasks
			continue
		}
		quiet++
	}
	fmt.Fprintf(stdout, "Tasks: %d on the boards of the stores' teams, as in Commerce.\n", before)
	return nil
}

// countTasks counts the tasks on all boards.
func countTasks(e *environment.Environment) int {
	n := 0
	for _, team := range e.Tenant.Teams() {
		for _, plan := range e.Planner.Plans(team.ID) {
			n += len(e.Planner.Tasks(plan.ID))
		}
	}
	return n
}

// pause lets some time go by.
func pause(ctx context.Context, d time.Duration) error {
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-over.C:
		return nil
	}
}

// follow shows what the timers' runs do, until ctx ends.
func follow(ctx context.Context, e *environment.Environment, w world.World, stdout io.Writer) error {
	fmt.Fprintf(stdout, "Functions host  %s\nGraph           %s\nCommerce        %s\n", e.Host.URL(), e.GraphURL, e.CommerceURL)
	names, err := namesOf(w)
	if err != nil {
		return err
	}
	look := time.NewTicker(lookInterval)
	defer look.Stop()
	seen, told, first := "", "", true
	for round := 1; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		run, err := e.LastRun(ctx)
		if err != nil || run.ID == seen || run.Outcome == "unfinished" {
			continue // no run yet, nothing new, or not over
		}
		seen = run.ID
		// What is held or waits is in each run's plan until that ends: it is told once.
		if len(run.Planned) > 0 || run.Outcome != "done" || run.Plan != told && run.Held+run.Later > 0 {
			showRun(stdout, round, run, names)
			round++
		}
		told = run.Plan
		if first && run.Outcome == "done" && run.Settled() {
			first = false
			showTeams(stdout, e.Tenant.Teams(), names)
			fmt.Fprint(stdout, inStep)
		}
	}
}

const inStep = `
In step. Commerce is looked at every 5 seconds. Try, in another terminal:
  go run ./handler/local hire -store 000101 -name "Ada Byron"
  go run ./handler/local leave -worker 001008
  go run ./handler/local tick -store 000101 -task "Clear the window"
  go run ./handler/local tasks -store 000101
  go run ./handler/local -help
Ctrl-C ends.

`
