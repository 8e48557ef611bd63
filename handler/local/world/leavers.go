package world

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Leave ends a worker's employment, every one of them, as of now. Headquarters
// then shows the worker as terminated: their positions have ended too, and no
// store has them as active. Their rows stay, and so does an operating unit that
// names them as its manager, since nobody changes that by the way.
func (h Headquarters) Leave(ctx context.Context, personnelNumber string) error {
	employments, err := h.employments(ctx, personnelNumber)
	if err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	if _, err := h.endPositions(ctx, personnelNumber, every); err != nil {
		return fmt.Errorf("leave %s: %w", personnelNumber, err)
	}
	places, err := h.places(ctx, personnelNumber)
	if err != nil {
		return fmt.Errorf("leave %s: %w", personnelNumber, err)
	}
	for _, place := range places {
		if place.text("IsActive") == "Yes" {
			err = errors.Join(err, h.update(ctx, "RetailChannelWorkers", place, attributes{"IsActive": "No"}))
		}
	}
	for _, employment := range employments {
		err = errors.Join(err, h.update(ctx, "Employees", employment, attributes{"EmploymentEndDate": stamp(now())}))
	}
	if err != nil {
		return fmt.Errorf("leave %s: %w", personnelNumber, err)
	}
	return nil
}

// Transfer moves a worker into a store, and out of all others. They get a plain
// position in its department. Their rows of the other stores say that they are
// not active there any more, their positions in those departments end, and the
// operating units do not name them. Whoever managed the old store does not
// manage the new one, unless by a position that belongs to no store.
func (h Headquarters) Transfer(ctx context.Context, personnelNumber, storeNumber string) error {
	store, err := h.store(ctx, storeNumber)
	if err == nil {
		_, err = h.employments(ctx, personnelNumber)
	}
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	places, err := h.places(ctx, personnelNumber)
	if err != nil {
		return fmt.Errorf("transfer %s: %w", personnelNumber, err)
	}
	var left []attributes
	arrived := false
	for _, place := range places {
		switch {
		case place.text("IsActive") != "Yes":
		case place.text("RetailChannelId") == store.text("RetailChannelId"):
			arrived = true
		default:
			left = append(left, place)
		}
	}
	if arrived && len(left) == 0 {
		return fmt.Errorf("transfer: worker %s works in store %s already", personnelNumber, storeNumber)
	}
	if !arrived {
		if err := h.arrive(ctx, personnelNumber, store); err != nil {
			return fmt.Errorf("transfer %s: %w", personnelNumber, err)
		}
	}
	for _, place := range left {
		if err := h.depart(ctx, personnelNumber, place); err != nil {
			return fmt.Errorf("transfer %s: %w", personnelNumber, err)
		}
	}
	return nil
}

// Unlist deletes the row that puts a worker into a store: what says that they
// work there is gone, and nothing says that they left.
func (h Headquarters) Unlist(ctx context.Context, personnelNumber, storeNumber string) error {
	store, err := h.store(ctx, storeNumber)
	if err != nil {
		return fmt.Errorf("unlist: %w", err)
	}
	err = h.remove(ctx, "RetailChannelWorkers",
		attributes{"PersonnelNumber": personnelNumber, "RetailChannelId": store.text("RetailChannelId")})
	if errors.Is(err, errNoRow) {
		return fmt.Errorf("unlist: no worker %s in store %s", personnelNumber, storeNumber)
	}
	return err
}

// arrive makes a worker active in a store, with a position in its department.
func (h Headquarters) arrive(ctx context.Context, personnelNumber string, store attributes) error {
	err := h.appoint(ctx, personnelNumber, job{
		position: "POS-" + store.text("StoreNumber") + "-" + personnelNumber, titleID: "SALES", title: "Sales associate",
		department: store.text("OperatingUnitNumber"),
	})
	if err != nil {
		return err
	}
	place := attributes{"PersonnelNumber": personnelNumber, "RetailChannelId": store.text("RetailChannelId")}
	before, err := h.exists(ctx, address("RetailChannelWorkers", place))
	switch {
	case err != nil:
		return err
	case before:
		return h.update(ctx, "RetailChannelWorkers", place, attributes{"IsActive": "Yes"})
	}
	place["IsActive"] = "Yes"
	return h.create(ctx, "RetailChannelWorkers", place)
}

// depart ends what a worker is where a row says that they work.
func (h Headquarters) depart(ctx context.Context, personnelNumber string, place attributes) error {
	store, err := h.first(ctx, "RetailStores", "RetailChannelId eq "+quote(place.text("RetailChannelId")))
	switch {
	case errors.Is(err, errNoRow): // a call centre or a web shop; it has no department of its own
	case err != nil:
		return err
	default:
		if _, err := h.endPositions(ctx, personnelNumber, h.inDepartment(store.text("OperatingUnitNumber"))); err != nil {
			return err
		}
		unit, err := h.optional(ctx, address("OperatingUnits", store))
		if err == nil && unit.text("ManagerPersonnelNumber") == personnelNumber {
			err = h.update(ctx, "OperatingUnits", unit, attributes{"ManagerPersonnelNumber": ""})
		}
		if err != nil {
			return err
		}
	}
	return h.update(ctx, "RetailChannelWorkers", place, attributes{"IsActive": "No"})
}

// known fails for a personnel number nobody has.
func (h Headquarters) known(ctx context.Context, personnelNumber string) error {
	switch there, err := h.exists(ctx, row("Workers", "PersonnelNumber", personnelNumber)); {
	case err != nil:
		return err
	case !there:
		return fmt.Errorf("no worker has the number %s", personnelNumber)
	}
	return nil
}

// works reports whether a worker is active in a store.
func (h Headquarters) works(ctx context.Context, personnelNumber string, store attributes) (bool, error) {
	place, err := h.optional(ctx, row("RetailChannelWorkers",
		"PersonnelNumber", personnelNumber, "RetailChannelId", store.text("RetailChannelId")))
	return place.text("IsActive") == "Yes", err
}

// places reads where a worker works and worked.
func (h Headquarters) places(ctx context.Context, personnelNumber string) ([]attributes, error) {
	return h.all(ctx, "RetailChannelWorkers", "PersonnelNumber eq "+quote(personnelNumber))
}

// employments reads those employments of a worker that have not ended, of which
// there is at least one unless there is an error.
func (h Headquarters) employments(ctx context.Context, personnelNumber string) ([]attributes, error) {
	if err := h.known(ctx, personnelNumber); err != nil {
		return nil, err
	}
	rows, err := h.all(ctx, "Employees", "PersonnelNumber eq "+quote(personnelNumber))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("worker %s has no employment", personnelNumber)
	}
	var lasting []attributes
	for _, row := range rows {
		if end, err := time.Parse(time.RFC3339, row.text("EmploymentEndDate")); err == nil && end.After(now()) {
			lasting = append(lasting, row)
		}
	}
	if len(lasting) == 0 {
		return nil, fmt.Errorf("worker %s has left already", personnelNumber)
	}
	return lasting, nil
}
