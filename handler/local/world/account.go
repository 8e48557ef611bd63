package world

import (
	"cmp"
	"context"
	"fmt"
)

// Account tells which Entra account is a worker's, as Commerce has it: an object
// id where there is one, else a user principal name.
func (h Headquarters) Account(ctx context.Context, personnelNumber string) (string, error) {
	worker, err := h.optional(ctx, row("Workers", "PersonnelNumber", personnelNumber))
	if err != nil {
		return "", fmt.Errorf("account of %s: %w", personnelNumber, err)
	}
	if worker == nil {
		return "", fmt.Errorf("no worker has the number %s", personnelNumber)
	}
	staff, err := h.optional(ctx, row("RetailStaff", "PersonnelNumber", personnelNumber))
	if err != nil {
		return "", fmt.Errorf("account of %s: %w", personnelNumber, err)
	}
	if account := cmp.Or(staff.text("ExternalSubIdentifier"), staff.text("ExternalIdentityAlias")); account != "" {
		return account, nil
	}
	links, err := h.all(ctx, "PersonUsers", "PartyNumber eq "+quote(worker.text("PartyNumber")))
	if err != nil {
		return "", fmt.Errorf("account of %s: %w", personnelNumber, err)
	}
	for _, link := range links {
		if !link.current("ValidFrom", "ValidTo", now()) {
			continue
		}
		user, err := h.optional(ctx, row("SystemUsers", "UserID", link.text("UserId")))
		if err != nil {
			return "", fmt.Errorf("account of %s: %w", personnelNumber, err)
		}
		if account := user.text("Alias"); account != "" {
			return account, nil
		}
	}
	return "", fmt.Errorf("worker %s has no Entra account", personnelNumber)
}
