package world

import (
	"context"
	"fmt"
	"strings"
)

// StoreTask is a task as Commerce shows it.
type StoreTask struct {
	Process, ID string
	Name        string
	Status      string
	Due         string // a date; empty: none
}

// Tasks lists a store's tasks.
func (h Headquarters) Tasks(ctx context.Context, storeNumber string) ([]StoreTask, error) {
	rows, err := h.within().all(ctx, taskReport, "StoreNumber eq "+quote(storeNumber))
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	tasks := make([]StoreTask, 0, len(rows))
	for _, row := range rows {
		due, _, _ := strings.Cut(row.text("DueDate"), "T")
		if strings.HasPrefix(noDate, due) {
			due = ""
		}
		tasks = append(tasks, StoreTask{
			Process: row.text("Process_ProcessId"), ID: row.text("TaskId"), Name: row.text("Name"), Status: row.text("Status"), Due: due,
		})
	}
	return tasks, nil
}

// User returns the object id of a worker's account, as RetailStaff records it.
func (h Headquarters) User(ctx context.Context, personnelNumber string) (string, error) {
	row, err := h.first(ctx, "RetailStaff", "PersonnelNumber eq "+quote(personnelNumber))
	if err != nil {
		return "", fmt.Errorf("find the account of worker %s: %w", personnelNumber, err)
	}
	if id := row.text("ExternalSubIdentifier"); id != "" {
		return id, nil
	}
	return "", fmt.Errorf("RetailStaff has no account of worker %s", personnelNumber)
}
