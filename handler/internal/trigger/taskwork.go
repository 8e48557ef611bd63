package trigger

import (
	"context"
	"regexp"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// The fields of requests about tasks.
const (
	campaignField = "campaign" // a campaign's id or name
	regionField   = "region"   // a region's name
	letterField   = "letter"   // a dead letter's id, or all
)

// letterID is what a dead letter is named by: a sequence number.
var letterID = regexp.MustCompile(`^(all|-?[0-9]{1,19})$`)

func (f *front) taskStatus(c call) (task, error) {
	given, err := c.fields(campaignField, regionField)
	if err != nil {
		return task{}, err
	}
	return task{name: "tasks", do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.TaskStatus(ctx, given[campaignField], given[regionField])
	}}, nil
}

func (f *front) taskProblems(c call) (task, error) {
	given, err := c.fields(storeField)
	if err != nil {
		return task{}, err
	}
	return task{name: "problems", do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.TaskProblems(ctx, given[storeField])
	}}, nil
}

func (f *front) allowTasks(c call) (task, error) {
	given, err := c.fields(storeField)
	if err != nil {
		return task{}, err
	}
	return task{name: "problems", changes: true, do: func(ctx context.Context) (any, error) {
		return f.functions.Operations.AllowTasks(ctx, given[storeField])
	}}, nil
}

func (f *front) deadLetters(c call) (task, error) {
	return c.read("deadLetters", f.functions.Operations.DeadLetters)
}

func (f *front) retryLetter(c call) (task, error) {
	return c.letter(f.functions.Operations.RetryDeadLetter)
}

func (f *front) dropLetter(c call) (task, error) {
	return c.letter(f.functions.Operations.DropDeadLetter)
}

// letter is a task about the dead letter that a call names.
func (c call) letter(do func(context.Context, string) (any, error)) (task, error) {
	given, err := c.fields(letterField)
	if err != nil {
		return task{}, err
	}
	if !letterID.MatchString(given[letterField]) {
		return task{}, fault.Newf(fault.Invalid, "read request", "say which: a dead letter's id in the field %q, or all", letterField)
	}
	return task{name: "deadLetters", changes: true, do: func(ctx context.Context) (any, error) {
		return do(ctx, given[letterField])
	}}, nil
}
