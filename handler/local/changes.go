package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/storeteams/storeteams/handler/local/world"
)

// changes lists what can happen in Commerce.
func changes() map[string]command {
	return map[string]command{
		"hire":     {flags: hire, values: []string{"store"}, need: 1},
		"leave":    {flags: leave, values: []string{"worker"}, need: 1},
		"transfer": {flags: transfer, values: []string{"worker", "store"}, need: 2},
		"promote":  {flags: promote, values: []string{"worker", "store"}, need: 2},
		"demote":   {flags: demote, values: []string{"worker"}, need: 1},
		"open":     {flags: openStore, values: []string{"store", "name", "region"}, need: 3},
		"close":    {flags: closeStore, values: []string{"store"}, need: 1},
		"reopen":   {flags: reopenStore, values: []string{"store"}, need: 1},
		"rename":   {flags: rename, values: []string{"store", "name"}, need: 2},
		"event":    {flags: event, values: []string{"worker"}, need: 1},
	}
}

func workerFlag(flags *flag.FlagSet) *string {
	return flags.String("worker", "", "personnel `number` of the worker")
}

func storeFlag(flags *flag.FlagSet) *string {
	return flags.String("store", "", "`number` of the store")
}

func hire(flags *flag.FlagSet) action {
	store := storeFlag(flags)
	var who world.Recruit
	flags.StringVar(&who.Name, "name", "", "`name` of the worker")
	flags.StringVar(&who.UPN, "user", "", "`UPN` of their Entra account; without it the first that waits for a worker")
	return func(ctx context.Context, at place) (string, error) {
		hired, err := at.hq.Hire(ctx, *store, who)
		return fmt.Sprintf("Commerce: worker %s (%s, %s) works in store %s.", hired.PersonnelNumber, hired.Name, hired.UPN, *store), err
	}
}

func leave(flags *flag.FlagSet) action {
	worker := workerFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Commerce: worker %s has left; their employment and positions have ended.", *worker),
			at.hq.Leave(ctx, *worker)
	}
}

func transfer(flags *flag.FlagSet) action {
	worker, store := workerFlag(flags), storeFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Commerce: worker %s works in store %s, and in no other.", *worker, *store),
			at.hq.Transfer(ctx, *worker, *store)
	}
}

func promote(flags *flag.FlagSet) action {
	worker, store := workerFlag(flags), storeFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Commerce: worker %s has a manager position in store %s.", *worker, *store),
			at.hq.Promote(ctx, *worker, *store)
	}
}

func demote(flags *flag.FlagSet) action {
	worker := workerFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Commerce: worker %s manages nothing any more.", *worker), at.hq.Demote(ctx, *worker)
	}
}

func openStore(flags *flag.FlagSet) action {
	store := storeFlag(flags)
	name := flags.String("name", "", "`name` of the new store")
	region := flags.String("region", "", "`node` of the hierarchy it belongs to, by name")
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Commerce: store %s, %s, is open.", *store, *name), at.hq.Open(ctx, *store, *name, *region)
	}
}

func closeStore(flags *flag.FlagSet) action {
	store := storeFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Commerce: store %s is closed; its rows are gone until it reopens.", *store),
			at.shutters.CloseStore(ctx, *store)
	}
}

func reopenStore(flags *flag.FlagSet) action {
	store := storeFlag(flags)
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Commerce: store %s is open again, as it was.", *store), at.shutters.ReopenStore(ctx, *store)
	}
}

func rename(flags *flag.FlagSet) action {
	store := storeFlag(flags)
	name := flags.String("name", "", "its new `name`")
	return func(ctx context.Context, at place) (string, error) {
		return fmt.Sprintf("Commerce: store %s is called %s.", *store, *name), at.hq.Rename(ctx, *store, *name)
	}
}
