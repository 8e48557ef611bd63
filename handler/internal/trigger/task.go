package trigger

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// How many run records a call asks for.
const (
	fewRuns = 20 // unless it says how many
	maxRuns = 100
)

func (f *front) status(c call) (task, error) { return c.read("status", f.functions.Operations.Status) }

func (f *front) runs(c call) (task, error) {
	given, err := c.fields(limitField)
	if err != nil {
		return task{}, err
	}
	limit := fewRuns
	if text, ok := given[limitField]; ok {
		limit, err = strconv.Atoi(text)
		if err != nil || strconv.Itoa(limit) != text || limit < 1 || limit > maxRuns {
			return task{}, fault.Newf(fault.Invalid, "read query", "the field %q is %q, expected a number from 1 to %d", limitField, text, maxRuns)
		}
	}
	return task{name: "runs", do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.Runs(ctx, limit)
	}}, nil
}

func (f *front) run(c call) (task, error) {
	id, err := c.id()
	if err != nil {
		return task{}, err
	}
	return c.read("run", func(ctx context.Context) (any, error) {
		return f.functions.Operations.Run(ctx, id)
	})
}

func (f *front) reconcile(c call) (task, error) {
	given, err := c.fields(storeField)
	if err != nil {
		return task{}, err
	}
	return task{name: "run", changes: true, do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.Reconcile(ctx, c.invocation, given[storeField])
	}}, nil
}

func (f *front) plan(c call) (task, error) {
	given, err := c.fields(storeField)
	if err != nil {
		return task{}, err
	}
	return task{name: "plan", do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.Plan(ctx, given[storeField])
	}}, nil
}

func (f *front) explain(c call) (task, error) {
	s, err := c.subject(storeField, workerField, userField)
	if err != nil {
		return task{}, err
	}
	if s == (Subject{}) {
		return task{}, fault.Newf(fault.Invalid, "read request", "say what to explain: a store, a worker or a user")
	}
	return task{name: "explanation", do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.Explain(ctx, s)
	}}, nil
}

func (f *front) unmapped(c call) (task, error) {
	return c.read("unmapped", f.functions.Operations.Unmapped)
}

func (f *front) extras(c call) (task, error) { return c.read("extras", f.functions.Operations.Extras) }

func (f *front) hierarchy(c call) (task, error) {
	return c.read("hierarchy", f.functions.Operations.Hierarchy)
}

func (f *front) doctor(c call) (task, error) { return c.read("doctor", f.functions.Operations.Doctor) }

func (f *front) holds(c call) (task, error) { return c.read("holds", f.functions.Operations.Holds) }

func (f *front) hold(c call) (task, error) {
	hash, err := c.hash()
	if err != nil {
		return task{}, err
	}
	return c.read("hold", func(ctx context.Context) (any, error) {
		return f.functions.Operations.Hold(ctx, hash)
	})
}

func (f *front) allow(c call) (task, error) { return f.decide(c, true) }

func (f *front) refuse(c call) (task, error) { return f.decide(c, false) }

func (f *front) decide(c call, allow bool) (task, error) {
	hash, err := c.hash()
	if err != nil {
		return task{}, err
	}
	return c.change("hold", func(ctx context.Context) (any, error) {
		return f.functions.Operations.Decide(ctx, hash, allow)
	})
}

func (f *front) baseline(c call) (task, error) {
	return c.read("baseline", f.functions.Operations.Baseline)
}

func (f *front) acceptBaseline(c call) (task, error) {
	given, err := c.fields(readAtField)
	if err != nil {
		return task{}, err
	}
	readAt, err := time.Parse(time.RFC3339, given[readAtField])
	if err != nil {
		return task{}, fault.Newf(fault.Invalid, "read request",
			"expected in the field %q the time of the newest reading, as 2006-01-02T15:04:05Z", readAtField)
	}
	return task{name: "baseline", changes: true, do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.AcceptBaseline(ctx, readAt)
	}}, nil
}

func (f *front) rebuild(c call) (task, error) {
	return c.change("rebuild", f.functions.Operations.Rebuild)
}

func (f *front) blocks(c call) (task, error) { return c.read("blocks", f.functions.Operations.Blocks) }

func (f *front) block(c call) (task, error) { return f.changeBlocks(c, f.functions.Operations.Block) }

func (f *front) unblock(c call) (task, error) {
	return f.changeBlocks(c, f.functions.Operations.Unblock)
}

// changeBlocks changes the blocks and answers with those there are then.
func (f *front) changeBlocks(c call, change func(context.Context, Subject) error) (task, error) {
	s, err := c.whom(userField, workerField, storeField)
	if err != nil {
		return task{}, err
	}
	return task{name: "blocks", changes: true, do: func(ctx context.Context) (any, error) {
		if err := change(ctx, s); err != nil {
			return nil, err
		}
		blocks, err := f.functions.Operations.Blocks(ctx)
		if err != nil {
			return nil, fmt.Errorf("the change was made, but not shown: %w", err)
		}
		return blocks, nil
	}}, nil
}

func (f *front) revoke(c call) (task, error) {
	s, err := c.whom(userField, workerField)
	if err != nil {
		return task{}, err
	}
	return task{name: "revoked", changes: true, do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.Revoke(ctx, s)
	}}, nil
}

// read is a task that changes nothing and that the call's path says all about.
func (c call) read(name string, do func(context.Context) (any, error)) (task, error) {
	return task{name: name, do: do}, c.noFields()
}

// change is a task that changes something and that the call's path says all
// about.
func (c call) change(name string, do func(context.Context) (any, error)) (task, error) {
	return task{name: name, changes: true, do: do}, c.noFields()
}
