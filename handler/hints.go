package main

import (
	"context"
	"log/slog"

	"github.com/storeteams/storeteams/handler/internal/bus"
	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/desk"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/notify"
	"github.com/storeteams/storeteams/handler/internal/orgchange"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/subscription"
	"github.com/storeteams/storeteams/handler/internal/telemetry"
	"github.com/storeteams/storeteams/handler/internal/trigger"
	"github.com/storeteams/storeteams/handler/internal/webhook"
)

// hints is the part of the program that is told of changes.
type hints struct {
	changed trigger.Receiver
	events  trigger.Receiver
	renew   trigger.Runner
	hook    trigger.Hook

	keeper *subscription.Keeper // nil without a Service Bus
	bus    *bus.Bus             // likewise
}

// wireHints puts together what deals with notifications and events. Without a
// Service Bus there is nothing to keep them in, and the timers find everything.
func wireHints(settings config.Config, book *ledger.Book, to servers, cred credentials, syncer *orgsync.Syncer, work *tasks, told *telemetry.Telemetry, logger *slog.Logger) (*hints, error) {
	if !settings.Tasks.Bus.Given() {
		return &hints{changed: idle{}, events: idle{}, renew: idle{}, hook: &webhook.Hook{}}, nil
	}
	var keys *notify.Keys
	var err error
	address := ""
	if settings.Hints.URL != nil {
		address = settings.Hints.URL.String()
		if keys, err = notify.NewKeys(settings.Rules.Instance, settings.TenantID, settings.Hints.Secrets); err != nil {
			return nil, err
		}
	}
	queue, err := openBus(settings.Tasks.Bus, bus.OrgQueue, cred)
	if err != nil {
		return nil, err
	}
	keeper := subscription.New(subscription.Parts{
		Graph: to.tenant, Queue: queue, Book: book, Keys: keys, Log: logger,
	}, subscription.Settings{
		Instance: settings.Rules.Instance, URL: address,
		Life: settings.Hints.Life, MemberLife: settings.Hints.MemberLife, Members: settings.Hints.Members,
		CanaryInterval: settings.Hints.CanaryInterval,
	})
	events := &orgchange.Events{Org: queue, Log: logger}
	if work.bus != nil {
		events.Tasks = work.bus
	}
	return &hints{
		changed: orgchange.New(orgchange.Parts{Looker: syncer, Subscriptions: keeper, Book: book, Queue: queue, Log: logger}),
		events:  events,
		renew:   keeper,
		hook:    &webhook.Hook{Keys: keys, TenantID: settings.TenantID, Queue: queue, Log: logger, Told: told.Notifications},
		keeper:  keeper,
		bus:     queue,
	}, nil
}

func (h *hints) close(ctx context.Context) error {
	if h.bus == nil {
		return nil
	}
	return h.bus.Close(ctx)
}

// queue is what doctor looks at.
func (h *hints) queue() doctor.Queue {
	if h.bus == nil {
		return nil
	}
	return h.bus
}

// health tells how it stands with notifications.
func (h *hints) health(ctx context.Context) (subscription.Health, error) {
	if h.keeper == nil {
		return subscription.Health{}, nil
	}
	return h.keeper.Health(ctx)
}

// letters are the dead letters that operators can see.
func letters(work *tasks, told *hints) desk.Letters {
	switch {
	case told.bus == nil:
		return nil // and so no queue of tasks
	case work.bus == nil:
		return told.bus
	}
	return desk.BothQueues{Tasks: work.bus, Organization: told.bus}
}
