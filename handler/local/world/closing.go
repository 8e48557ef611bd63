package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Closed is a store that closed, with the rows that went, for Reopen.
type Closed struct {
	Number string
	rows   []taken // in the order in which they went
}

// Any reports whether anything went.
func (c Closed) Any() bool { return len(c.rows) > 0 }

type taken struct {
	collection string
	row        attributes
}

// Close closes a store as if it had never been: its row goes first, then those
// of its workers, its places in the hierarchies and its operating unit. Workers,
// positions and what maps the store to a team stay. So do rows that no screen
// could have written, without a personnel number or with an activity that is
// neither Yes nor No. If it fails half way the store is closed, and what went is
// returned beside the error.
func (h Headquarters) Close(ctx context.Context, storeNumber string) (Closed, error) {
	closed := Closed{Number: storeNumber}
	rows, err := h.rowsOf(ctx, storeNumber)
	if err != nil {
		return closed, fmt.Errorf("close: %w", err)
	}
	for _, t := range rows {
		if err := h.remove(ctx, t.collection, t.row); err != nil {
			return closed, fmt.Errorf("close %s: %w", storeNumber, err)
		}
		closed.rows = append(closed.rows, t)
	}
	return closed, nil
}

// Reopen brings a closed store back as it was, its own row last.
func (h Headquarters) Reopen(ctx context.Context, closed Closed) error {
	switch _, err := h.findStore(ctx, closed.Number); {
	case err == nil:
		return fmt.Errorf("reopen: store %s is there already", closed.Number)
	case !errors.Is(err, errNoRow):
		return fmt.Errorf("reopen: %w", err)
	}
	for _, t := range slices.Backward(closed.rows) {
		if err := h.create(ctx, t.collection, t.row); err != nil {
			return fmt.Errorf("reopen %s: %w", closed.Number, err)
		}
	}
	return nil
}

// rowsOf reads what a store consists of, its own row first.
func (h Headquarters) rowsOf(ctx context.Context, storeNumber string) ([]taken, error) {
	store, err := h.store(ctx, storeNumber)
	if err != nil {
		return nil, err
	}
	rows := []taken{{"RetailStores", store}}
	for _, part := range []struct{ collection, attribute, value string }{
		{"RetailChannelWorkers", "RetailChannelId", store.text("RetailChannelId")},
		{"OrganizationHierarchyPublishedV2", "ChildOrganizationPartyNumber", store.text("OperatingUnitPartyNumber")},
		{"OperatingUnits", "OperatingUnitNumber", store.text("OperatingUnitNumber")},
	} {
		found, err := h.all(ctx, part.collection, part.attribute+" eq "+quote(part.value))
		if err != nil {
			return nil, err
		}
		for _, row := range found {
			if part.collection == "RetailChannelWorkers" && !writable(row) {
				continue
			}
			rows = append(rows, taken{part.collection, row})
		}
	}
	return rows, nil
}

// writable reports whether a screen could have written a row of
// RetailChannelWorkers, so that it can be addressed and created again.
func writable(place attributes) bool {
	active := place.text("IsActive")
	return place.text("PersonnelNumber") != "" && (active == "Yes" || active == "No")
}
