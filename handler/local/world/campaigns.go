package world

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// taskReport is the collection that shows the tasks of all stores.
const taskReport = "RetailTaskManagementReports"

// noDate is how F&O writes a date that is none.
const noDate = "1900-01-01T00:00:00Z"

// The states of a task that people at a screen choose among. No page tells what
// Commerce calls them; the sample has these names.
const (
	NotStarted = "NotStarted"
	InProgress = "InProgress"
	Completed  = "Completed"
	Cancelled  = "Cancelled"
)

// NewTask is a task of a list.
type NewTask struct {
	Name  string
	Notes string
	Days  int // from the campaign's target date to when the task is due; negative: before it
}

// StartCampaign sends a list to stores for a target date: it starts a process,
// whose id it returns, with every task in every store. If it fails half way the
// process is there with some of its tasks, and returned beside the error.
func (h Headquarters) StartCampaign(ctx context.Context, name string, target time.Time, stores []string, tasks []NewTask) (process string, err error) {
	switch {
	case strings.TrimSpace(name) == "" || target.IsZero():
		return "", errors.New("start a campaign: it needs a name and a target date")
	case len(stores) == 0 || len(tasks) == 0:
		return "", fmt.Errorf("start %q: it needs stores and tasks", name)
	case slices.ContainsFunc(tasks, func(t NewTask) bool { return strings.TrimSpace(t.Name) == "" }):
		return "", fmt.Errorf("start %q: a task has no name", name)
	}
	for i, store := range stores {
		if slices.Contains(stores[:i], store) {
			return "", fmt.Errorf("start %q: store %s is named twice", name, store)
		}
		if _, err := h.store(ctx, store); err != nil {
			return "", fmt.Errorf("start %q: %w", name, err)
		}
	}
	process = newGUID()
	for _, store := range stores {
		for _, t := range tasks {
			err := h.startTask(ctx, attributes{
				"Process_ProcessId": process, "Process_Name": name, "Process_TargetDate": day(target),
				"StoreNumber": store, "Name": t.Name, "Notes": t.Notes, "DueDate": day(target.AddDate(0, 0, t.Days)),
			})
			if err != nil {
				return process, fmt.Errorf("start %q in %s: %w", name, store, err)
			}
		}
	}
	return process, nil
}

// startTask adds a task that nobody has begun to a process that is running.
func (h Headquarters) startTask(ctx context.Context, task attributes) error {
	if task["TaskId"] == nil {
		task["TaskId"] = newGUID()
	}
	task["Process_Status"], task["Status"] = InProgress, NotStarted
	return h.within().create(ctx, taskReport, task)
}

// CancelCampaign cancels a process and those of its tasks that are not done.
func (h Headquarters) CancelCampaign(ctx context.Context, process string) error {
	if !guid.MatchString(process) {
		return fmt.Errorf("cancel a campaign: %q is no process", process)
	}
	tasks, err := h.within().all(ctx, taskReport, "Process_ProcessId eq "+process)
	if err != nil {
		return fmt.Errorf("cancel %s: %w", process, err)
	}
	if len(tasks) == 0 {
		return fmt.Errorf("cancel %s: there is no such process", process)
	}
	for _, task := range tasks {
		changes := attributes{"Process_Status": Cancelled}
		if task.text("Status") != Completed {
			changes["Status"] = Cancelled
		}
		if err := h.changeTask(ctx, process, task.text("TaskId"), changes); err != nil {
			return fmt.Errorf("cancel %s: %w", process, err)
		}
	}
	return nil
}

// changeTask changes attributes of a task.
func (h Headquarters) changeTask(ctx context.Context, process, task string, changes attributes) error {
	err := h.within().update(ctx, taskReport, attributes{"Process_ProcessId": process, "TaskId": task}, changes)
	if errors.Is(err, errNoRow) {
		return fmt.Errorf("process %s has no task %s", process, task)
	}
	return err
}

// day writes a calendar date as F&O does where it keeps no time: as noon.
func day(t time.Time) string {
	if t.IsZero() {
		return noDate
	}
	return t.Format(time.DateOnly) + "T12:00:00Z"
}

// newGUID makes a random GUID.
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// guid is what can stand for itself in a filter.
var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
