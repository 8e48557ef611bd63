package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/simhost"
	"github.com/storeteams/storeteams/handler/local/world"
	"github.com/storeteams/storeteams/handler/local/worldgen"
	"github.com/storeteams/storeteams/infra/stage/layout"
)

// instance is the INSTANCE the chain is provisioned for.
const instance = "bench"

// bencher gathers the figures, step by step.
type bencher struct {
	options  options
	folder   string // for everything that is made, gone in the end
	progress io.Writer

	dist     string            // the staged folder
	settings map[string]string // the handler's
	figures  figures
}

// stage lays out the binary that is measured, the one everybody else runs too.
func (b *bencher) stage(ctx context.Context) (err error) {
	b.figures.options = b.options
	if b.dist, err = layout.Stage(ctx, layout.Options{Progress: b.progress}.Local()); err != nil {
		return err
	}
	b.figures.binary, err = sizeOf(b.handler())
	return err
}

func (b *bencher) handler() string { return filepath.Join(b.dist, "handler") }

// run is one run of OrgSync, in a process of its own.
type run struct {
	title  string
	maxAge string // SNAPSHOT_MAX_AGE: how old a reading of Commerce may be

	record environment.Run
	usage  usage // of the process, from its start to the end of the run
}

// runs are the runs to measure, in this order.
func runs() []run {
	const never, always = "24h", "0s"
	return []run{
		{title: "first run", maxAge: never},
		{title: "right after", maxAge: never},
		{title: "nothing to do", maxAge: never},
		{title: "nothing to do, Commerce read", maxAge: always},
	}
}

// measureRuns brings the chain into the tenant, and goes on looking.
func (b *bencher) measureRuns(ctx context.Context) (err error) {
	e, end, err := b.start(ctx, nil)
	if err != nil {
		return err
	}
	defer end(&err)
	b.settings = e.Settings
	for _, r := range runs() {
		fmt.Fprintf(b.progress, "run: %s\n", r.title)
		if err := r.measure(ctx, e); err != nil {
			return fmt.Errorf("%s: %w", r.title, err)
		}
		r.complain(b.progress)
		b.figures.runs = append(b.figures.runs, r)
	}
	b.figures.teams = len(e.Tenant.Teams())
	e.Host.Close() // what is measured next wants the ledger's file
	if b.options.tables == "" {
		b.figures.ledger, err = sizeOf(b.ledgerFile())
	}
	return err
}

// start starts the simulators, the chain in them, and the handler. The function
// it returns ends them.
func (b *bencher) start(ctx context.Context, settings map[string]string) (*environment.Environment, func(*error), error) {
	fmt.Fprintf(b.progress, "making %d stores of %d workers\n", b.options.stores, b.options.workers)
	chain, err := b.chain()
	if err != nil {
		return nil, nil, err
	}
	chosen := b.chosen()
	maps.Copy(chosen, settings)
	e, err := environment.Start(ctx, environment.Options{
		World: chain, Settings: chosen, Dist: b.dist,
		Graph: simgraph.Options{PollsUntilDone: 1, Seed: 1}, Commerce: simcommerce.Options{Seed: 1},
		Log: func(line simhost.Line) {
			if line.Level > slog.LevelInfo {
				fmt.Fprintf(b.progress, "%s: %s\n", line.Source, line.Text)
			}
		},
	})
	if err != nil {
		return nil, nil, err
	}
	return e, func(err *error) { *err = errors.Join(*err, e.Close()) }, nil
}

// chain makes the world, as the simulators take it.
func (b *bencher) chain() (world.World, error) {
	return world.Load(bytes.NewReader(worldgen.WorldJSON(worldgen.Chain(b.options.stores, b.options.workers))))
}

// chosen are the settings that are not as in the local environment: the
// chain's own, and such that nothing waits and no timer fires.
func (b *bencher) chosen() map[string]string {
	s := worldgen.ChainSettings(instance)
	settings := map[string]string{
		"INSTANCE":                 s.Instance,
		"MODE":                     "add",
		"TEAM_NAME":                s.TeamName,
		"COMMUNICATIONS_TEAM_NAME": s.CommunicationsTeamName,
		"COMMUNICATIONS_ROLE":      s.CommunicationsRole,
		"FALLBACK_OWNERS":          strings.Join(s.FallbackOwners, ","),
		"COMMUNICATIONS_OWNERS":    strings.Join(s.CommunicationsOwners, ","),
		"MANAGER_RULE":             s.ManagerRule,
		"MAX_CARETAKER_TEAMS":      strconv.Itoa(s.MaxCaretakerTeams),
		"RUN_BUDGET":               "25m",
		"GRAPH_RATE_PERCENT":       "100000",
		"ORG_SYNC_SCHEDULE":        "0 0 0 29 2 *",
		"TASK_MODE":                "off",
		"LEDGER":                   "file:" + b.ledgerFile(),
	}
	if b.options.tables != "" {
		settings["LEDGER"], settings["TABLES_CONNECTION"] = "tables", "UseDevelopmentStorage=true"
	}
	return settings
}

func (b *bencher) ledgerFile() string { return filepath.Join(b.folder, "ledger.db") }

// measure starts the handler anew and lets it run once.
func (r *run) measure(ctx context.Context, e *environment.Environment) error {
	e.Host.Close()
	e.Settings["SNAPSHOT_MAX_AGE"] = r.maxAge
	if err := e.StartHost(ctx); err != nil {
		return err
	}
	if _, err := e.Host.Invoke(ctx, "OrgSync"); err != nil {
		return err
	}
	// Before anything else is asked of the process.
	used, err := usageOf(e.Host.PID())
	if err != nil {
		return err
	}
	r.usage = used
	r.record, err = e.LastRun(ctx)
	return err
}

// complain says what went wrong in a run: it takes figures with it.
func (r *run) complain(w io.Writer) {
	if r.record.Outcome != "done" {
		fmt.Fprintf(w, "the run is %s: %s\n", r.record.Outcome, r.record.Error)
	}
	for _, n := range r.record.Notes {
		fmt.Fprintf(w, "  %s %s: %s\n", n.Kind, n.Team, n.Text)
	}
}

// wall is how long the run took by the clock.
func (r *run) wall() time.Duration { return r.record.Ended.Sub(r.record.Started) }

func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
