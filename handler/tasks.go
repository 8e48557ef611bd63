package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/storeteams/storeteams/handler/internal/bus"
	"github.com/storeteams/storeteams/handler/internal/commerce"
	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/desk"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/inbox"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/tasklist"
	"github.com/storeteams/storeteams/handler/internal/taskorg"
	"github.com/storeteams/storeteams/handler/internal/tasksweep"
	"github.com/storeteams/storeteams/handler/internal/tasksync"
	"github.com/storeteams/storeteams/handler/internal/telemetry"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

// claimPatience is how long a creation in Planner of which no answer came is
// looked for before it is tried again. Listings lag by minutes at most.
const claimPatience = 5 * time.Minute

// tasks is the part of the program that deals with tasks.
type tasks struct {
	sweep trigger.Runner
	inbox trigger.Receiver
	close func(context.Context) error

	// Nil with TASK_MODE=off.
	org    *taskorg.Source
	stores *tasksync.Settler
	bus    *bus.Bus
}

func wireTasks(settings config.Config, book *ledger.Book, to servers, cred credentials, told *telemetry.Telemetry, logger *slog.Logger) (*tasks, error) {
	if settings.Tasks.Mode == config.TasksOff {
		return &tasks{sweep: idle{}, inbox: idle{}, close: func(context.Context) error { return nil }}, nil
	}
	queue, err := openBus(settings.Tasks.Bus, bus.DefaultQueue, cred)
	if err != nil {
		return nil, err
	}
	source := &taskorg.Source{
		Book: book, Rules: settings.Rules, Zone: commerce.Zone,
		MaxAge: min(taskorg.MaxAge, settings.SnapshotMaxAge),
	}
	home := newHome(settings.Tasks, to.commerce, source, logger)
	stores := tasksync.New(tasksync.Parts{
		Teams: to.planner, Commerce: home, Boards: to.planner, Book: book,
		Directory: source.Directory, Renewed: source.Renewed, Log: logger, Changed: told.TaskChange,
	}, settlerSettings(settings))
	lists := tasklist.New(tasklist.Parts{
		Teams: to.planner, Boards: to.planner, Queue: queue, Book: book, Directory: source.Directory, Log: logger,
	}, tasklist.Settings{
		SendWord: settings.Tasks.SendWord, BoardTitle: settings.Tasks.CampaignBoardTitle,
		SightingInterval: settings.SightingInterval, ClaimPatience: claimPatience,
	})
	return &tasks{
		sweep: tasksweep.New(tasksweep.Parts{
			Boards: to.planner, Stock: home, Queue: queue, Book: book, Directory: source.Directory, Log: logger,
		}, tasksweep.Settings{
			Commerce: settings.Tasks.CommerceInterval, Whole: settings.Tasks.DetailsInterval, Keep: settings.Tasks.BoardKeep,
			MinSource: settings.MinSource,
		}),
		inbox:  inbox.New(inbox.Parts{Stores: stores, Lists: lists, Queue: queue, Grave: queue, Log: logger}),
		close:  queue.Close,
		org:    source,
		stores: stores,
		bus:    queue,
	}, nil
}

// desk is what operators may know and decide of tasks.
func (t *tasks) desk() *desk.Tasks {
	if t.bus == nil {
		return nil
	}
	return &desk.Tasks{Directory: t.org.Directory, Allow: t.stores.Allow}
}

// queue is what doctor looks at.
func (t *tasks) queue() doctor.Queue {
	if t.bus == nil {
		return nil
	}
	return t.bus
}

// newHome is the end of the task list that is in Commerce. Where Commerce's own
// integration is on, nothing is written to it.
func newHome(settings config.Tasks, to *commerce.Client, source *taskorg.Source, logger *slog.Logger) *commerce.Tasks {
	o := commerce.TaskOptions{
		Read: settings.Read,
		People: func(ctx context.Context) (commerce.People, error) {
			return source.Directory(ctx)
		},
		Zone: source.ZoneOf,
		Log:  logger,
	}
	if settings.Mode == config.TasksSync {
		o.Write, o.Inserts, o.Deletes = settings.Write, settings.Inserts, settings.Deletes
	}
	return commerce.NewTasks(to, o)
}

func settlerSettings(settings config.Config) tasksync.Settings {
	return tasksync.Settings{
		Linked:             settings.Tasks.Mode == config.TasksPlanner,
		BoardTitle:         settings.Tasks.BoardTitle,
		SightingInterval:   settings.SightingInterval,
		ClaimPatience:      claimPatience,
		BoardKeep:          settings.Tasks.BoardKeep,
		DetailsInterval:    settings.Tasks.DetailsInterval,
		MaxDeletions:       settings.Tasks.MaxDeletions,
		MaxDeletionPercent: settings.Tasks.MaxDeletionPercent,
	}
}

func openBus(where config.Bus, queue string, cred credentials) (*bus.Bus, error) {
	o := bus.Options{Queue: queue, ConnectionString: where.Connection.Reveal(), Namespace: where.Namespace}
	if where.Namespace != "" {
		credential, err := cred.own()
		if err != nil {
			return nil, err
		}
		o.Credential = credential
	}
	return bus.Open(o)
}

// idle is what the functions for tasks do with TASK_MODE=off: a message that is
// in the queue all the same is done with.
type idle struct{}

func (idle) Run(context.Context, string) error     { return nil }
func (idle) Receive(context.Context, []byte) error { return nil }
