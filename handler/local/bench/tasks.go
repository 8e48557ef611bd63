package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/world"
)

const (
	taskReport   = "RetailTaskManagementReports"
	tasksInList  = 10
	pollInterval = 100 * time.Millisecond
	taskPatience = 20 * time.Minute

	commerceInterval = time.Second
)

// chore is something that happens to tasks in all stores, and what it costs until
// everybody knows.
type chore struct {
	title string
	tasks int // that it is about

	wall            time.Duration
	usage           usage
	graph, commerce int // requests
}

// measureTasks sends a list to all stores from Commerce, looks for changes where
// there are none, and completes one task in each store at the point of sale.
func (b *bencher) measureTasks(ctx context.Context) (err error) {
	e, end, err := b.start(ctx, map[string]string{
		"TASK_MODE": "sync", "TASK_SWEEP_SCHEDULE": "0 0 0 29 2 *", "TASK_SWEEP_RATE": "1000", "COMMERCE_TASK_INTERVAL": commerceInterval.String(),
		"DETAILS_INTERVAL": "24h", "SNAPSHOT_MAX_AGE": "24h", "LEDGER": "file:" + filepath.Join(b.folder, "tasks.db"),
	})
	if err != nil {
		return err
	}
	defer end(&err)
	if _, err := e.Host.Invoke(ctx, "OrgSync"); err != nil {
		return err
	}
	stores := b.options.stores
	for _, c := range []struct {
		chore
		change func() error
		done   func() bool
	}{
		{chore{title: "a list of 10 tasks to all stores", tasks: stores * tasksInList},
			func() error { return setTasks(e) },
			func() bool { all, _ := count(e); return all == stores*tasksInList }},
		{chore{title: "nothing changed"}, func() error { return nil }, func() bool { return true }},
		{chore{title: "one task completed in each store", tasks: stores},
			func() error { return completeOne(ctx, e) },
			func() bool { _, done := count(e); return done == stores }},
	} {
		fmt.Fprintf(b.progress, "tasks: %s\n", c.title)
		if err := quiet(ctx, e); err != nil {
			return err
		}
		if err := c.measure(ctx, e, c.change, c.done); err != nil {
			return fmt.Errorf("%s: %w", c.title, err)
		}
		b.figures.chores = append(b.figures.chores, c.chore)
	}
	return nil
}

// completeOne completes the first task of each store at the point of sale.
func completeOne(ctx context.Context, e *environment.Environment) error {
	till := world.PointOfSale{URL: e.CommerceURL}
	for i, raw := range e.Commerce.Rows(taskReport) {
		var t struct {
			Process string `json:"Process_ProcessId"`
			TaskID  string `json:"TaskId"`
		}
		if err := json.Unmarshal(raw, &t); err != nil {
			return err
		}
		if i%tasksInList != 0 {
			continue
		}
		if err := till.SetStatus(ctx, t.Process, t.TaskID, world.Completed); err != nil {
			return err
		}
	}
	return nil
}

// setTasks makes Commerce show the list.
func setTasks(e *environment.Environment) error {
	var rows []json.RawMessage
	for _, raw := range e.Commerce.Rows("RetailStores") {
		var store struct{ StoreNumber string }
		if err := json.Unmarshal(raw, &store); err != nil {
			return err
		}
		for i := range tasksInList {
			rows = append(rows, json.RawMessage(fmt.Sprintf(
				`{"Process_ProcessId":"63746617-356f-43e9-8b72-2551a56b99c9","TaskId":"00000000-0000-4000-8000-%06d%06x","StoreNumber":%q,`+
					`"Process_Name":"Spring","Process_TargetDate":"2027-05-12T12:00:00Z","Name":"Task %d","DueDate":"2027-05-12T12:00:00Z","Status":"NotStarted"}`,
				i, len(rows), store.StoreNumber, i)))
		}
	}
	return e.Commerce.SetRows(taskReport, rows)
}

// measure makes the change, sweeps, and waits until everybody knows.
func (c *chore) measure(ctx context.Context, e *environment.Environment, change func() error, done func() bool) error {
	if err := change(); err != nil {
		return err
	}
	// Commerce is not read again before its interval is over.
	changed := time.Now()
	if err := until(ctx, func() bool { return time.Since(changed) > commerceInterval }); err != nil {
		return err
	}
	graph, commerce := sum(e.Tenant.Requests()), sum(e.Commerce.Requests())
	before, err := usageOf(e.Host.PID())
	if err != nil {
		return err
	}
	began := time.Now()
	if _, err := e.Host.Invoke(ctx, "TaskSweep"); err != nil {
		return err
	}
	if err := until(ctx, done); err != nil {
		return err
	}
	c.wall = time.Since(began)
	if err := until(ctx, func() bool { return idle(e) }); err != nil {
		return err
	}
	after, err := usageOf(e.Host.PID())
	c.usage = usage{processor: after.processor - before.processor, peak: after.peak}
	c.graph, c.commerce = sum(e.Tenant.Requests())-graph, sum(e.Commerce.Requests())-commerce
	return err
}

// quiet sweeps until no hint is left.
func quiet(ctx context.Context, e *environment.Environment) error {
	for range 3 {
		if _, err := e.Host.Invoke(ctx, "TaskSweep"); err != nil {
			return err
		}
		if err := until(ctx, func() bool { return idle(e) }); err != nil {
			return err
		}
	}
	return nil
}

func idle(e *environment.Environment) bool {
	counts := e.Bus.Counts(environment.TaskQueue)
	return counts.Active+counts.Locked == 0
}

func until(ctx context.Context, holds func() bool) error {
	look := time.NewTicker(pollInterval)
	defer look.Stop()
	for began := time.Now(); !holds(); {
		if time.Since(began) > taskPatience {
			return errors.New("it takes too long")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
	return nil
}

// count counts the tasks on all boards, and those that are completed.
func count(e *environment.Environment) (all, done int) {
	for _, team := range e.Tenant.Teams() {
		for _, plan := range e.Planner.Plans(team.ID) {
			for _, t := range e.Planner.Tasks(plan.ID) {
				all++
				if t.PercentComplete == 100 {
					done++
				}
			}
		}
	}
	return all, done
}
