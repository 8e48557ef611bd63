package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

const (
	domain = "larkmoor.example"
	tenant = "5a1e0c6e-3f4b-4c1d-9a57-6f1d2b8e7c10"

	// The two legal entities. The user storeteams runs as belongs to the first,
	// so that a reader who forgets cross-company=true misses the second.
	britain = "lkuk"
	ireland = "lkie"

	// What F&O writes for an end that is open.
	open = "2154-12-31T23:59:59Z"
)

// collections is the order of the file.
var collections = [...]string{
	"RetailStores", "OperatingUnits",
	"OrganizationHierarchyPurposes", "OrganizationHierarchyPublishedV2",
	"Workers", "Employees", "RetailChannelWorkers",
	"PositionsV2", "PositionWorkerAssignmentsV2", "RetailPositionPosPermissions", "RetailPosPermissionGroups",
	"RetailStaff", "PersonUsers", "SystemUsers",
	"SecurityUserRoleAssociations", "SecurityUserRoleOrganizations",
	"IntegrationSourceMappings",
	"RetailTaskManagementReports", "ProcessTemplateHeaders", "ProcessTemplateTasks",
}

// row is an object whose attributes keep their order: name, value, name, value…
type row []any

// MarshalJSON implements json.Marshaler.
func (r row) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := 0; i+1 < len(r); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range r[i : i+2] {
			if j == 1 {
				b.WriteByte(':')
			}
			text, err := plainJSON(part)
			if err != nil {
				return nil, fmt.Errorf("%v: %w", r[i], err)
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plainJSON is json.Marshal without escaping & and <, which names may have.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// retailer collects rows while the world is made.
type retailer struct {
	commerce map[string][]row
	users    []row
	groups   []row

	stores []*store
	people int            // how many workers there are, for numbers and names
	upns   map[string]int // how often a UPN was wanted, to keep them apart
}

func newRetailer() *retailer {
	return &retailer{commerce: map[string][]row{}, upns: map[string]int{}}
}

// set changes an attribute the row has.
func (r row) set(attribute string, value any) {
	for i := 0; i+1 < len(r); i += 2 {
		if r[i] == attribute {
			r[i+1] = value
		}
	}
}

// add adds a row to a collection.
func (r *retailer) add(collection string, attributes ...any) {
	r.commerce[collection] = append(r.commerce[collection], row(attributes))
}

// encode writes the world with one row a line.
func (r *retailer) encode() ([]byte, error) {
	var b bytes.Buffer
	list := func(name string, rows []row, last bool) error {
		fmt.Fprintf(&b, "    %q: [", name)
		for i, one := range rows {
			text, err := one.MarshalJSON()
			if err != nil {
				return fmt.Errorf("%s, row %d: %w", name, i+1, err)
			}
			separator := ",\n      "
			if i == 0 {
				separator = "\n      "
			}
			b.WriteString(separator)
			b.Write(text)
		}
		if len(rows) > 0 {
			b.WriteString("\n    ")
		}
		b.WriteByte(']')
		if !last {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		return nil
	}
	b.WriteString("{\n  \"commerce\": {\n")
	for i, name := range collections {
		if err := list(name, r.commerce[name], i == len(collections)-1); err != nil {
			return nil, err
		}
	}
	b.WriteString("  },\n  \"graph\": {\n")
	if err := list("users", r.users, false); err != nil {
		return nil, err
	}
	if err := list("groups", r.groups, true); err != nil {
		return nil, err
	}
	b.WriteString("  }\n}\n")
	return b.Bytes(), nil
}

// guid makes a GUID that depends on the name alone, in the form of a random one.
func guid(name string) string {
	h := sha256.Sum256([]byte("larkmoor " + name))
	h[6] = h[6]&0x0f | 0x40
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
