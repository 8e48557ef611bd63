package world

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// PointOfSale does to tasks what people do at a till, or at the screens of
// headquarters that show the same tasks. A task is named by its process and its
// own id. It is safe for concurrent use.
type PointOfSale struct {
	URL    string       // the environment's address, as Headquarters has it
	HTTP   *http.Client // nil is http.DefaultClient
	Worker string       // personnel number of who is signed in; "" is nobody in particular
}

func (p PointOfSale) headquarters() Headquarters {
	return Headquarters{URL: p.URL, HTTP: p.HTTP}.within()
}

// SetStatus makes a task's status one of the states, or anything else that
// Commerce might know. Completing a task says when and by whom; any other status
// takes that back.
func (p PointOfSale) SetStatus(ctx context.Context, process, task, status string) error {
	changes := attributes{"Status": status, "CompletionDateTime": noDate, "ResolvedBy": ""}
	if status == Completed {
		changes["CompletionDateTime"], changes["ResolvedBy"] = stamp(now()), p.Worker
	}
	return p.change(ctx, "set the status of a task", process, task, changes)
}

// Assign gives a task to a worker; "" takes it from whoever has it.
func (p PointOfSale) Assign(ctx context.Context, process, task, personnelNumber string) error {
	if personnelNumber != "" {
		if err := p.headquarters().known(ctx, personnelNumber); err != nil {
			return fmt.Errorf("assign a task: %w", err)
		}
	}
	return p.change(ctx, "assign a task", process, task, attributes{"AssignedWorker": personnelNumber})
}

// Edit changes attributes of a task, by their names in
// RetailTaskManagementReports or in a customer's task entity.
func (p PointOfSale) Edit(ctx context.Context, process, task string, changes map[string]any) error {
	return p.change(ctx, "edit a task", process, task, maps.Clone(changes))
}

func (p PointOfSale) change(ctx context.Context, doing, process, task string, changes attributes) error {
	if err := p.headquarters().changeTask(ctx, process, task, changes); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Delete deletes a task.
func (p PointOfSale) Delete(ctx context.Context, process, task string) error {
	err := p.headquarters().remove(ctx, taskReport, attributes{"Process_ProcessId": process, "TaskId": task})
	if errors.Is(err, errNoRow) {
		err = fmt.Errorf("process %s has no task %s", process, task)
	}
	if err != nil {
		return fmt.Errorf("delete a task: %w", err)
	}
	return nil
}

// Create adds a task of a store's own, in a process of that name that has no
// other task. A due date of zero is none.
func (p PointOfSale) Create(ctx context.Context, store, title string, due time.Time) (process, task string, err error) {
	if strings.TrimSpace(title) == "" {
		return "", "", errors.New("create a task: it needs a title")
	}
	h := p.headquarters()
	if _, err := h.store(ctx, store); err != nil {
		return "", "", fmt.Errorf("create a task: %w", err)
	}
	process, task = newGUID(), newGUID()
	err = h.startTask(ctx, attributes{
		"Process_ProcessId": process, "TaskId": task, "Process_Name": title, "Process_TargetDate": day(due),
		"StoreNumber": store, "Name": title, "DueDate": day(due),
	})
	if err != nil {
		return "", "", fmt.Errorf("create a task: %w", err)
	}
	return process, task, nil
}
