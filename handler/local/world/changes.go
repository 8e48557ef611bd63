package world

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What F&O writes where there is no start or no end.
const (
	anyTime = "2020-01-01T00:00:00Z"
	open    = "2154-12-31T23:59:59Z"
)

// newHire begins the UPNs of the sample's accounts that wait for a worker.
const newHire = "new.hire."

// Recruit is somebody to hire.
type Recruit struct {
	Name            string // as people write it; may be empty
	PersonnelNumber string // empty: the first free one from 900001
	UPN             string // their Entra account; empty: the sample's first account that waits for a worker
}

// Hire makes a worker of a recruit and puts them into a store, and returns them
// with what was chosen for them. They have no position: they become a member of
// the store's team.
func (h Headquarters) Hire(ctx context.Context, storeNumber string, who Recruit) (Recruit, error) {
	store, err := h.store(ctx, storeNumber)
	if err != nil {
		return who, fmt.Errorf("hire: %w", err)
	}
	if who.PersonnelNumber == "" {
		if who.PersonnelNumber, err = h.freeNumber(ctx); err != nil {
			return who, fmt.Errorf("hire: %w", err)
		}
	}
	if who.UPN == "" {
		if who.UPN, err = h.freeAccount(ctx); err != nil {
			return who, fmt.Errorf("hire: %w", err)
		}
	}
	if who.Name == "" {
		who.Name = "Worker " + who.PersonnelNumber
	}
	company := cmp.Or(store.text("WarehouseLegalEntity"), "dat") // "dat" is F&O's company of nobody in particular
	for _, step := range []struct {
		collection string
		row        attributes
	}{
		{"Workers", attributes{"PersonnelNumber": who.PersonnelNumber, "PartyNumber": "P-" + who.PersonnelNumber, "Name": who.Name}},
		{"Employees", attributes{"PersonnelNumber": who.PersonnelNumber, "EmploymentLegalEntityId": company,
			"EmploymentStartDate": anyTime, "EmploymentEndDate": open}},
		{"RetailStaff", attributes{"PersonnelNumber": who.PersonnelNumber, "ExternalIdentityAlias": who.UPN}},
		{"RetailChannelWorkers", attributes{"PersonnelNumber": who.PersonnelNumber,
			"RetailChannelId": store.text("RetailChannelId"), "IsActive": "Yes"}},
	} {
		if err := h.create(ctx, step.collection, step.row); err != nil {
			return who, fmt.Errorf("hire %s: %w", who.PersonnelNumber, err)
		}
	}
	return who, nil
}

// Open opens a store below a node of the default retail hierarchy, named as in
// the hierarchy ("North Coast"). Nobody works there yet and nobody manages it: a
// caretaker will own its team.
func (h Headquarters) Open(ctx context.Context, storeNumber, name, region string) error {
	if storeNumber == "" || strings.TrimSpace(name) == "" {
		return errors.New("open: a store needs a number and a name")
	}
	switch _, err := h.findStore(ctx, storeNumber); {
	case err == nil:
		return fmt.Errorf("open: store %s is there already", storeNumber)
	case !errors.Is(err, errNoRow):
		return fmt.Errorf("open: %w", err)
	}
	hierarchy, node, err := h.node(ctx, region)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	unit, party := "U-"+storeNumber, "LM-"+storeNumber
	for _, step := range []struct {
		collection string
		row        attributes
	}{
		{"OperatingUnits", attributes{"OperatingUnitNumber": unit, "PartyNumber": party, "Name": name, "OperatingUnitType": "RetailChannel"}},
		{"OrganizationHierarchyPublishedV2", attributes{"HierarchyType": hierarchy,
			"ParentOrganizationPartyNumber": node.text("ChildOrganizationPartyNumber"),
			"ParentOrganizationName":        node.text("ChildOrganizationName"),
			"ChildOrganizationPartyNumber":  party, "ChildOrganizationName": name,
			"validFrom": anyTime, "validTo": open}},
		{"RetailStores", attributes{"RetailChannelId": "C-" + storeNumber, "StoreNumber": storeNumber,
			"OperatingUnitNumber": unit, "OperatingUnitPartyNumber": party}},
	} {
		if err := h.create(ctx, step.collection, step.row); err != nil {
			return fmt.Errorf("open %s: %w", storeNumber, err)
		}
	}
	return nil
}

// Rename changes a store's name, which is that of its operating unit.
func (h Headquarters) Rename(ctx context.Context, storeNumber, name string) error {
	store, err := h.store(ctx, storeNumber)
	if err == nil {
		err = h.do(ctx, http.MethodPatch, row("OperatingUnits", "OperatingUnitNumber", store.text("OperatingUnitNumber")),
			attributes{"Name": name}, nil)
	}
	if err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	return nil
}

// store reads the store with that number.
func (h Headquarters) store(ctx context.Context, number string) (attributes, error) {
	store, err := h.findStore(ctx, number)
	if errors.Is(err, errNoRow) {
		return nil, fmt.Errorf("no store has the number %s", number)
	}
	return store, err
}

// findStore is store, where a number nobody has is errNoRow.
func (h Headquarters) findStore(ctx context.Context, number string) (attributes, error) {
	return h.first(ctx, "RetailStores", "StoreNumber eq "+quote(number))
}

// node finds a node of the default retail hierarchy by its name.
func (h Headquarters) node(ctx context.Context, name string) (hierarchy string, node attributes, err error) {
	purpose, err := h.first(ctx, "OrganizationHierarchyPurposes",
		"HierarchyPurpose eq Microsoft.Dynamics.DataEntities.HierarchyPurpose'RetailReporting' and "+
			"SetAsDefault eq Microsoft.Dynamics.DataEntities.NoYes'Yes'")
	if err != nil {
		return "", nil, fmt.Errorf("default hierarchy for RetailReporting: %w", err)
	}
	hierarchy = purpose.text("HierarchyType")
	node, err = h.first(ctx, "OrganizationHierarchyPublishedV2",
		"HierarchyType eq "+quote(hierarchy)+" and ChildOrganizationName eq "+quote(name))
	if err != nil {
		return "", nil, fmt.Errorf("node %q of %q: %w", name, hierarchy, err)
	}
	return hierarchy, node, nil
}

// freeNumber finds a personnel number nobody has.
func (h Headquarters) freeNumber(ctx context.Context) (string, error) {
	for n := 900001; ; n++ {
		number := fmt.Sprint(n)
		taken, err := h.exists(ctx, row("Workers", "PersonnelNumber", number))
		if err != nil || !taken {
			return number, err
		}
	}
}

// freeAccount finds an account of the sample that waits for a worker.
func (h Headquarters) freeAccount(ctx context.Context) (string, error) {
	w, err := Sample()
	if err != nil {
		return "", err
	}
	for _, raw := range w.Graph.Users {
		var user struct {
			UPN string `json:"userPrincipalName"`
		}
		if err := json.Unmarshal(raw, &user); err != nil {
			return "", err
		}
		if !strings.HasPrefix(user.UPN, newHire) {
			continue
		}
		_, err := h.first(ctx, "RetailStaff", "ExternalIdentityAlias eq "+quote(user.UPN))
		switch {
		case errors.Is(err, errNoRow):
			return user.UPN, nil
		case err != nil:
			return "", err
		}
	}
	return "", errors.New("every account that waited for a worker has one: name the UPN of another user")
}
