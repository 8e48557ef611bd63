package world

import (
	"context"
	"fmt"
	"time"
)

// Promote gives a worker of a store a position with manager privileges in the
// store's department: they become an owner of its team. Other managers stay.
func (h Headquarters) Promote(ctx context.Context, personnelNumber, storeNumber string) error {
	store, err := h.store(ctx, storeNumber)
	if err != nil {
		return fmt.Errorf("promote: %w", err)
	}
	works, err := h.works(ctx, personnelNumber, store)
	if err != nil {
		return fmt.Errorf("promote: %w", err)
	}
	if !works {
		return fmt.Errorf("promote: no worker %s in store %s", personnelNumber, storeNumber)
	}
	return h.appoint(ctx, personnelNumber, job{
		position: "MGR-" + storeNumber + "-" + personnelNumber, titleID: "STMGR", title: "Store manager",
		department: store.text("OperatingUnitNumber"), manages: true,
	})
}

// Demote takes from a worker what makes them a manager, in every store: their
// positions with manager privileges end, and no operating unit, whether a
// store's or a region's, names them any more. Where they work they stay.
func (h Headquarters) Demote(ctx context.Context, personnelNumber string) error {
	if err := h.known(ctx, personnelNumber); err != nil {
		return fmt.Errorf("demote: %w", err)
	}
	led, err := h.endPositions(ctx, personnelNumber, h.privileged)
	if err != nil {
		return fmt.Errorf("demote %s: %w", personnelNumber, err)
	}
	units, err := h.all(ctx, "OperatingUnits", "ManagerPersonnelNumber eq "+quote(personnelNumber))
	if err != nil {
		return fmt.Errorf("demote %s: %w", personnelNumber, err)
	}
	for _, unit := range units {
		if err := h.update(ctx, "OperatingUnits", unit, attributes{"ManagerPersonnelNumber": ""}); err != nil {
			return fmt.Errorf("demote %s: %w", personnelNumber, err)
		}
	}
	if led+len(units) == 0 {
		return fmt.Errorf("demote: worker %s manages nothing", personnelNumber)
	}
	return nil
}

// job is a position to give somebody.
type job struct {
	position, titleID, title string
	department               string // number of the store's operating unit
	manages                  bool   // with manager privileges
}

// appoint makes the position, if this is the first time, and gives it to the
// worker. The assignment is what makes it count.
func (h Headquarters) appoint(ctx context.Context, personnelNumber string, j job) error {
	failed := func(err error) error { return fmt.Errorf("give %s position %s: %w", personnelNumber, j.position, err) }
	there, err := h.exists(ctx, row("PositionsV2", "PositionId", j.position))
	if err != nil {
		return failed(err)
	}
	if there {
		return h.reappoint(ctx, personnelNumber, j)
	}
	if err := h.create(ctx, "PositionsV2", attributes{"PositionId": j.position, "TitleId": j.titleID, "Title": j.title,
		"DepartmentNumber": j.department}); err != nil {
		return failed(err)
	}
	if j.manages {
		if err := h.create(ctx, "RetailPositionPosPermissions", attributes{"PositionId": j.position, "ManagerPrivileges": "Yes"}); err != nil {
			return failed(err)
		}
	}
	if err := h.create(ctx, "PositionWorkerAssignmentsV2", attributes{"PositionId": j.position, "PersonnelNumber": personnelNumber,
		"ValidFrom": anyTime, "ValidTo": open}); err != nil {
		return failed(err)
	}
	return nil
}

// reappoint gives the worker a position they had before.
func (h Headquarters) reappoint(ctx context.Context, personnelNumber string, j job) error {
	now := now()
	past, err := h.all(ctx, "PositionWorkerAssignmentsV2", "PositionId eq "+quote(j.position))
	if err != nil {
		return fmt.Errorf("give %s position %s: %w", personnelNumber, j.position, err)
	}
	for _, assignment := range past {
		if assignment.current("ValidFrom", "ValidTo", now) {
			return fmt.Errorf("worker %s has position %s already", personnelNumber, j.position)
		}
	}
	for _, assignment := range past {
		// Ended in the second it began in: what begins now has its key, and is it.
		if begun, err := time.Parse(time.RFC3339, assignment.text("ValidFrom")); err == nil && begun.Equal(now) {
			return h.update(ctx, "PositionWorkerAssignmentsV2", assignment, attributes{"ValidTo": open})
		}
	}
	return h.create(ctx, "PositionWorkerAssignmentsV2", attributes{"PositionId": j.position, "PersonnelNumber": personnelNumber,
		"ValidFrom": stamp(now), "ValidTo": open})
}

// endPositions ends the worker's current assignments to the positions meant, and
// says how many there were.
func (h Headquarters) endPositions(ctx context.Context, personnelNumber string,
	meant func(ctx context.Context, position string) (bool, error),
) (ended int, err error) {
	now := now()
	assignments, err := h.all(ctx, "PositionWorkerAssignmentsV2", "PersonnelNumber eq "+quote(personnelNumber))
	if err != nil {
		return 0, err
	}
	for _, assignment := range assignments {
		if !assignment.current("ValidFrom", "ValidTo", now) {
			continue
		}
		switch end, err := meant(ctx, assignment.text("PositionId")); {
		case err != nil:
			return ended, err
		case !end:
			continue
		}
		if err := h.update(ctx, "PositionWorkerAssignmentsV2", assignment, attributes{"ValidTo": stamp(now)}); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, nil
}

// every position is meant.
func every(context.Context, string) (bool, error) { return true, nil }

// privileged positions have manager privileges, their own or their group's.
func (h Headquarters) privileged(ctx context.Context, position string) (bool, error) {
	permissions, err := h.optional(ctx, row("RetailPositionPosPermissions", "PositionId", position))
	if err != nil || permissions.text("ManagerPrivileges") == "Yes" {
		return err == nil, err
	}
	group := permissions.text("PosPermissionGroupId")
	if group == "" {
		return false, nil
	}
	shared, err := h.optional(ctx, row("RetailPosPermissionGroups", "PosPermissionGroupId", group))
	return shared.text("ManagerPrivileges") == "Yes", err
}

// inDepartment means the positions of a department.
func (h Headquarters) inDepartment(number string) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, position string) (bool, error) {
		found, err := h.optional(ctx, row("PositionsV2", "PositionId", position))
		return found.text("DepartmentNumber") == number, err
	}
}

// current reports whether a row is valid now. One whose dates are none is not.
func (a attributes) current(from, to string, now time.Time) bool {
	begin, err := time.Parse(time.RFC3339, a.text(from))
	if err != nil || begin.After(now) {
		return false
	}
	end, err := time.Parse(time.RFC3339, a.text(to))
	return err == nil && end.After(now)
}

// now is the time as F&O keeps it, in whole seconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

func stamp(t time.Time) string { return t.Format(time.RFC3339) }
